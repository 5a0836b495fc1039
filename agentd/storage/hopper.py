"""Which leads a campaign dials next.

Due callbacks come first, those that the asking agent has promised himself (wherever the lead is) before those that
anybody may keep; then leads of the campaign's active lists with one of its statuses: who
was never called, then who was called longest ago, the higher rank before the lower. Whose number must not be called is
left out, and where it is not the time to call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, RowMapping, String, case, func, or_, select

from agentd.core.calls.numbers import CODE_LENGTHS
from agentd.core.dialler.leads import is_calling_time
from agentd.core.model import Lead
from agentd.engine.ports import HopperQuery
from agentd.storage.columns import moment
from agentd.storage.reference import lead_of
from agentd.storage.tables import CallbackStatus, callbacks, dnc, leads, lists

__all__ = ["next_leads"]


def next_leads(connection: Connection, query: HopperQuery) -> list[Lead]:
    """Give the leads that a campaign dials next, none twice."""
    list_ids = [
        row.id
        for row in connection.execute(select(lists.c.id).where(lists.c.campaign == query.campaign, lists.c.active))
    ]
    found: dict[int, Lead] = {}
    if query.agent:
        _take(found, _due_callbacks(connection, query, callbacks.c.user == query.agent, ~callbacks.c.anyone), query)
    if list_ids:
        _take(found, _due_callbacks(connection, query, leads.c.list_id.in_(list_ids), callbacks.c.anyone), query)
        if len(found) < query.limit and query.statuses:
            _take(found, _next_in_lists(connection, query, list_ids, len(found)), query)
    return list(found.values())


def _take(found: dict[int, Lead], rows: Iterable[RowMapping], query: HopperQuery) -> None:
    for row in rows:
        if len(found) >= query.limit:
            return
        if row["id"] not in query.without:
            found.setdefault(row["id"], lead_of(row))


def _due_callbacks(connection: Connection, query: HopperQuery, *which: ColumnElement[bool]) -> Iterator[RowMapping]:
    """Those that are due, and ``which``.

    A lead that was called after that, and in vain, waits as long for the next call as any other. One may be due that is
    older than the call in which it was made.
    """
    last = leads.c.last_local_call_time
    wanted = (
        select(leads)
        .join(callbacks, callbacks.c.lead_id == leads.c.id)
        .where(
            callbacks.c.campaign == query.campaign,
            callbacks.c.status == CallbackStatus.WAITING.value,
            callbacks.c.due_at <= moment(query.now),
            *which,
            or_(_not_called_since(query), last < callbacks.c.due_at, last < callbacks.c.created),
            *_may_be_dialled(query),
        )
        .order_by(callbacks.c.due_at, callbacks.c.id)
    )
    for row in connection.execute(wanted).mappings():
        if _is_calling_time(query, row["gmt_offset_now"]):
            yield row


# --- the lists -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """The leads of one list, status and time zone, which the index ``ix_leads_dialling`` has in their order."""

    list_id: int
    status: str
    offset: str | None

    def holds(self) -> tuple[ColumnElement[bool], ...]:
        """Say in SQL that a lead is one of them."""
        offset = leads.c.gmt_offset_now
        return (
            leads.c.list_id == self.list_id,
            leads.c.status == self.status,
            offset.is_(None) if self.offset is None else offset == self.offset,
        )


def _next_in_lists(connection: Connection, query: HopperQuery, list_ids: list[int], already: int) -> list[RowMapping]:
    """The first of all parts, found without a look at those behind them: lists may have a million leads."""
    columns = leads.c.list_id, leads.c.status, leads.c.gmt_offset_now
    there = select(*columns).where(leads.c.list_id.in_(list_ids), leads.c.status.in_(query.statuses)).distinct()
    parts = [_Part(*row) for row in connection.execute(there)]
    count = query.limit + already + len(query.without)  # those to be left out may be among the first
    found: list[_Candidate] = []
    for part in parts:
        if _is_calling_time(query, part.offset):
            found += _first_of(connection, query, part, count)
    ids = [lead_id for _, _, _, lead_id in sorted(found) if lead_id not in query.without][: query.limit + already]
    rows = connection.execute(select(leads).where(leads.c.id.in_(ids))).mappings()
    by_id = {row["id"]: row for row in rows}
    return [by_id[lead_id] for lead_id in ids]


_Candidate = tuple[bool, datetime | None, int, int]
"""Whether he was called before and when, his rank (less is higher), and his id: in this order leads are dialled."""


def _first_of(connection: Connection, query: HopperQuery, part: _Part, count: int) -> list[_Candidate]:
    found = _never_called(connection, query, part, count)
    if len(found) < count:
        last = leads.c.last_local_call_time
        longest_ago = (
            select(last, leads.c.rank, leads.c.id)
            .where(*part.holds(), last < moment(query.called_before), *_may_be_dialled(query))
            .order_by(last)
            .limit(count - len(found))
        )
        found += [(True, when, -(rank or 0), lead_id) for when, rank, lead_id in connection.execute(longest_ago)]
    return found


def _never_called(connection: Connection, query: HopperQuery, part: _Part, count: int) -> list[_Candidate]:
    """Rank by rank, the highest first; no rank is like 0."""
    new = (*part.holds(), leads.c.last_local_call_time.is_(None))
    ranks = connection.execute(select(leads.c.rank).where(*new).distinct()).scalars().all()
    found: list[_Candidate] = []
    for value, alike in groupby(sorted(ranks, key=lambda rank: -(rank or 0)), key=lambda rank: rank or 0):
        for rank in list(alike):
            of_rank = leads.c.rank.is_(None) if rank is None else leads.c.rank == rank
            first = select(leads.c.id).where(*new, of_rank, *_may_be_dialled(query)).order_by(leads.c.id).limit(count)
            found += [(False, None, -value, lead_id) for lead_id in connection.execute(first).scalars()]
        if len(found) >= count:
            break
    return found


# --- conditions ----------------------------------------------------------------------------------------------


def _is_calling_time(query: HopperQuery, offset: str | None) -> bool:
    return is_calling_time(query.call_hours, query.timezone, offset or "", query.now)


def _not_called_since(query: HopperQuery) -> ColumnElement[bool]:
    last = leads.c.last_local_call_time
    return or_(last.is_(None), last < moment(query.called_before))


def _may_be_dialled(query: HopperQuery) -> tuple[ColumnElement[bool], ...]:
    """It has a number, which is on no list of those who do not want to be called, with or without its phone code.

    A number that a caller brought with him may begin with + and his country's code, which need not be the phone code
    that was noted for him; those on the lists are digits.
    """
    number, code = leads.c.phone_number, leads.c.phone_code
    digits = func.replace(number, "+", "", type_=String)
    bare = (func.substr(digits, length + 1, type_=String) for length in CODE_LENGTHS)
    written = digits, code + digits, *(case((number.startswith("+"), each), else_=digits) for each in bare)
    listed = select(dnc.c.number).where(dnc.c.campaign.in_(("", query.campaign)), dnc.c.number.in_(written))
    return number != "", ~listed.exists()
