"""Leads, read and looked for. Functions of a Connection."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, RowMapping, or_, select, true

from agentd.core.calls.numbers import CODE_LENGTHS, SHORTEST_REST
from agentd.core.model import Lead
from agentd.engine.ports import LeadQuery, LeadRow
from agentd.storage.columns import epoch
from agentd.storage.reference import lead_of
from agentd.storage.tables import leads, lists

__all__ = ["find_lead", "find_leads", "has_list", "read_lead", "read_lead_row"]

_LAST = "\U0010ffff"  # no text that begins like another one sorts behind it with this at its end


# --- one -----------------------------------------------------------------------------------------------------


def read_lead(connection: Connection, lead_id: int) -> Lead | None:
    """Give a lead by its id."""
    row = connection.execute(select(leads).where(leads.c.id == lead_id)).mappings().one_or_none()
    return lead_of(row) if row is not None else None


def read_lead_row(connection: Connection, lead_id: int) -> LeadRow | None:
    """Give a lead by its id, with what is known besides."""
    row = connection.execute(select(leads).where(leads.c.id == lead_id)).mappings().one_or_none()
    return _lead_row(row) if row is not None else None


def has_list(connection: Connection, list_id: int) -> bool:
    """Say whether there is a list of that id."""
    return connection.execute(select(lists.c.id).where(lists.c.id == list_id)).one_or_none() is not None


def find_lead(connection: Connection, lists: Sequence[int], number: str) -> Lead | None:
    """Give the newest lead with that main number in those lists (all lists when none are named).

    Networks tell a number with its country's code, and with or without a + before that: where no lead has the number as
    it is written, it is that of a lead with this phone code and the rest.
    """
    return (
        _newest(connection, lists, leads.c.phone_number == number)
        or _newest(connection, lists, leads.c.phone_number == number.removeprefix("+"))
        or _newest(connection, lists, _with_code(number))
    )


def _with_code(number: str) -> ColumnElement[bool]:
    """It is the phone code and the main number of a lead; said so that the index of the numbers finds it."""
    digits = number.removeprefix("+")
    rests = [digits[length:] for length in CODE_LENGTHS if len(digits) - length >= SHORTEST_REST]
    return leads.c.phone_number.in_(rests) & (leads.c.phone_code + leads.c.phone_number == digits)


def _newest(connection: Connection, lists: Sequence[int], condition: ColumnElement[bool]) -> Lead | None:
    query = select(leads).where(condition)
    if lists:
        query = query.where(leads.c.list_id.in_(lists))
    newest = query.order_by(leads.c.entry_date.desc(), leads.c.id.desc()).limit(1)
    row = connection.execute(newest).mappings().one_or_none()
    return lead_of(row) if row is not None else None


# --- many ----------------------------------------------------------------------------------------------------


def find_leads(connection: Connection, query: LeadQuery) -> list[LeadRow]:
    """Give the leads that a query finds, in the order of their ids.

    A number is found with or without its phone code and a + before it; a name as it is written, in capitals, in small
    letters, or with a capital first.
    """
    found: dict[int, RowMapping] = {}
    conditions = _conditions(query)
    for way in _ways(query):
        wanted = select(leads).where(*conditions, way).order_by(leads.c.id).limit(query.limit)
        found |= {row["id"]: row for row in connection.execute(wanted).mappings()}
    return [_lead_row(found[lead_id]) for lead_id in sorted(found)[: query.limit]]


def _conditions(query: LeadQuery) -> list[ColumnElement[bool]]:
    conditions = [leads.c.id > query.after]
    if query.list_id is not None:
        conditions.append(leads.c.list_id == query.list_id)
    if query.status:
        conditions.append(leads.c.status == query.status)
    if query.vendor_lead_code:
        conditions.append(leads.c.vendor_lead_code == query.vendor_lead_code)
    if query.name and (query.number or query.vendor_lead_code):
        conditions.append(or_(*_named(query.name)))
    return conditions


def _ways(query: LeadQuery) -> list[ColumnElement[bool]]:
    """Conditions of which one is enough. Each is a query of its own, for which a database takes one index."""
    if query.number:
        written = {query.number, query.number.removeprefix("+")}
        return [
            leads.c.phone_number.in_(written),
            _with_code(query.number),
            leads.c.alt_phone.in_(written),
            leads.c.address3.in_(written),
        ]
    if query.name and not query.vendor_lead_code:
        return _named(query.name)
    return [true()]


def _named(name: str) -> list[ColumnElement[bool]]:
    """Ways to have a name that begins so. LIKE would not do: SQLite has no index for it, and takes A for a."""
    ways = sorted({name, name.upper(), name.lower(), name.capitalize()})
    return [column.between(way, way + _LAST) for column in (leads.c.last_name, leads.c.first_name) for way in ways]


def _lead_row(row: RowMapping) -> LeadRow:
    last = row["last_local_call_time"]
    return LeadRow(
        lead=lead_of(row),
        user=row["user"],
        entered=epoch(row["entry_date"]),
        changed=epoch(row["modify_date"]),
        called=row["called_count"],
        last_call=None if last is None else epoch(last),
    )
