"""The database in memory: leads, callbacks, numbers that must not be called, and what a CRM has planned."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail, succeed

from agentd.core import records as r
from agentd.core.errors import DatabaseAway
from agentd.core.model import CallbackWish, Lead
from agentd.engine.ports import Activity, CallbackQuery, CallbackRow, Entry, LeadQuery, LeadRow

__all__ = ["LeadTables"]

T = TypeVar("T")
OWN = ("status", "phone_code", "phone_number")


class LeadTables:
    """What the store knows of people outside. ``away``: it does not answer.

    ``lead_table`` is keyed by id, ``callback_table`` too; ``not_to_call`` has pairs of campaign (empty: the system) and
    number, ``planned`` the CRM's activities, ``lists`` the ids of those that there are.
    """

    def __init__(self) -> None:
        self.away = False
        self.lead_table: dict[int, Lead] = {}
        self.callback_table: dict[int, CallbackRow] = {}
        self.lists: set[int] = {101, 102}
        self.not_to_call: set[tuple[str, str]] = set()
        self.planned: dict[str, Activity] = {}
        self._stamps: dict[int, tuple[str, float, float]] = {}

    def answer(self, result: T) -> Deferred[Any]:
        """Give it, unless the database is away."""
        return fail(DatabaseAway("the database does not answer")) if self.away else succeed(copy.deepcopy(result))

    # --- what the journal tells --------------------------------------------------------------------------

    def take(self, entry: Entry) -> None:
        """A record has become true."""
        record = entry.record
        if isinstance(record, r.LeadCreated):
            self.lead_table[record.lead.id] = copy.deepcopy(record.lead)
            self._stamps[record.lead.id] = (record.by, entry.at, entry.at)
        elif isinstance(record, r.CallDisposed | r.StatusReplaced):
            if record.lead_id in self.lead_table and not getattr(record, "lead_keeps", False):
                self.lead_table[record.lead_id].status = record.status
        elif isinstance(record, r.LeadUpdated):
            self._change(record, entry.at)
        elif isinstance(record, r.LeadDeleted):
            self.lead_table.pop(record.lead_id, None)
        elif isinstance(record, r.CallbackSet):
            self._promise(record, entry.at)
        elif isinstance(record, r.CallbackEnded):
            self._end(record)
        elif isinstance(record, r.DncListed):
            self.not_to_call.add((record.campaign, record.number))
        elif isinstance(record, r.DncChanged):
            change = self.not_to_call.add if record.listed else self.not_to_call.discard
            change((record.campaign, record.number))

    def _change(self, record: r.LeadUpdated, at: float) -> None:
        lead = self.lead_table[record.lead_id]
        for name, value in record.fields.items():
            if name == "list_id":
                lead.list_id = int(value)
            elif name in OWN:
                setattr(lead, name, value)
            elif value:
                lead.fields[name] = value
            else:
                lead.fields.pop(name, None)
        user, entered, _ = self._stamps.get(lead.id, ("", at, at))
        self._stamps[lead.id] = (user, entered, at)

    def _promise(self, record: r.CallbackSet, at: float) -> None:
        known = self.callback_table.get(record.callback_id)
        self.callback_table[record.callback_id] = CallbackRow(
            id=record.callback_id,
            lead_id=record.lead_id,
            campaign=record.campaign,
            user=record.user,
            due=record.wish.due,
            anyone=record.wish.anyone,
            comments=record.wish.comments,
            status="waiting",
            created=known.created if known else at,
            made_by_call=record.call_id,
        )

    def _end(self, record: r.CallbackEnded) -> None:
        row = self.callback_table.get(record.callback_id)
        if row is not None:
            status = "done" if record.call_id else "dropped"
            self.callback_table[row.id] = replace(row, status=status, call_id=record.call_id)

    # --- what it is asked --------------------------------------------------------------------------------

    def lead(self, lead_id: int) -> Deferred[Lead | None]:
        return self.answer(self.lead_table.get(lead_id))

    def find_lead(self, lists: Sequence[int], number: str) -> Deferred[Lead | None]:
        leads = self.lead_table.values()
        found = [lead for lead in leads if lead.phone_number == number and (not lists or lead.list_id in lists)]
        return self.answer(max(found, key=lambda lead: lead.id, default=None))

    def leads(self, query: LeadQuery) -> Deferred[list[LeadRow]]:
        found = [self._row(lead) for lead in _in_order(self.lead_table) if lead.id > query.after and _fits(lead, query)]
        return self.answer(found[: query.limit])

    def lead_row(self, lead_id: int) -> Deferred[LeadRow | None]:
        lead = self.lead_table.get(lead_id)
        return self.answer(None if lead is None else self._row(lead))

    def has_list(self, list_id: int) -> Deferred[bool]:
        return self.answer(list_id in self.lists)

    def _row(self, lead: Lead) -> LeadRow:
        user, entered, changed = self._stamps.get(lead.id, ("", 0.0, 0.0))
        return LeadRow(lead, user, entered, changed, 0)

    def callbacks(self, query: CallbackQuery) -> Deferred[list[CallbackRow]]:
        found = [row for row in _in_order(self.callback_table) if row.id > query.after and _wanted(row, query)]
        return self.answer(found[: query.limit])

    def callback(self, callback_id: int) -> Deferred[CallbackRow | None]:
        return self.answer(self.callback_table.get(callback_id))

    def callbacks_to_keep(self) -> Deferred[list[r.Record]]:
        mine = [row for row in _in_order(self.callback_table) if row.user and row.status == "waiting"]
        return self.answer([_record(row) for row in mine])

    def dnc(self, number: str, phone_code: str, campaigns: Sequence[str]) -> Deferred[list[str]]:
        spellings = {phone_code[start:] + number for start in range(len(phone_code) + 1)} | {number.removeprefix("+")}
        return self.answer([name for name in campaigns if any((name, each) in self.not_to_call for each in spellings)])

    def dnc_numbers(
        self, campaign: str | None = None, number: str = "", after: tuple[str, str] = ("", ""), limit: int = 100
    ) -> Deferred[list[tuple[str, str]]]:
        found = [
            pair
            for pair in sorted(self.not_to_call)
            if pair > after and campaign in {None, pair[0]} and number in {"", pair[1]}
        ]
        return self.answer(found[:limit])

    def activity(self, activity_id: str) -> Deferred[Activity | None]:
        return self.answer(self.planned.get(activity_id))

    def activities(self, after: str = "", limit: int = 100) -> Deferred[list[Activity]]:
        return self.answer([self.planned[each] for each in sorted(self.planned) if each > after][:limit])

    def put_activity(self, activity: Activity, *, replace: bool) -> Deferred[bool]:
        new = activity.id not in self.planned
        if (new or replace) and not self.away:
            self.planned[activity.id] = activity
        return self.answer(new)

    def delete_activity(self, activity_id: str) -> Deferred[bool]:
        return self.answer(not self.away and self.planned.pop(activity_id, None) is not None)


def _in_order(table: dict[int, T]) -> Iterable[T]:
    return [table[each] for each in sorted(table)]


def _fits(lead: Lead, query: LeadQuery) -> bool:
    numbers = (lead.phone_number, lead.fields.get("alt_phone"), lead.fields.get("address3"))
    names = (lead.fields.get("first_name", ""), lead.fields.get("last_name", ""))
    return (
        query.list_id in {None, lead.list_id}
        and query.status in {"", lead.status}
        and (not query.number or query.number in numbers)
        and query.vendor_lead_code in {"", lead.fields.get("vendor_lead_code")}
        and any(name.lower().startswith(query.name.lower()) for name in names)
    )


def _wanted(row: CallbackRow, query: CallbackQuery) -> bool:
    return (
        query.user in {None, row.user}
        and query.campaign in {"", row.campaign}
        and query.lead_id in {None, row.lead_id}
        and query.waiting in {None, row.status == "waiting"}
        and (query.due_before is None or row.due < query.due_before)
    )


def _record(row: CallbackRow) -> r.CallbackSet:
    wish = CallbackWish(row.due, row.anyone, row.comments)
    return r.CallbackSet(row.id, row.lead_id, row.campaign, wish, row.user, call_id=row.made_by_call)
