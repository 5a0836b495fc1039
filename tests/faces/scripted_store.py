"""The journal and the database in memory."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

from twisted.internet.defer import Deferred, fail, succeed

from agentd.core.errors import DatabaseAway
from agentd.core.model import Lead, State
from agentd.core.records import CampaignSet, Record, UserSet
from agentd.engine.ports import Entry, HopperQuery, RecordingQuery, RecordingRow
from tests.faces.recording_log import RecordingLog
from tests.faces.scripted_leads import LeadTables

__all__ = ["DictStore", "MemoryJournal"]


class MemoryJournal:
    """A journal in a list. ``held``: syncs wait until :meth:`sync`; ``broken``: writing fails."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.full = False
        self.broken = False
        self.held = False
        self.entries: list[Entry] = []
        self.kept_from = 0
        self._waiting: list[Deferred[None]] = []

    def write(self, records: Sequence[Record], at: float) -> list[Entry]:
        if self.broken:
            raise OSError(5, "Input/output error")
        first = len(self.entries) + 1
        entries = [Entry(first + n, at, record) for n, record in enumerate(records)]
        self.entries += entries
        return entries

    def synced(self, seq: int) -> Deferred[None]:
        if not self.held:
            return succeed(None)
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def sync(self) -> None:
        """The disk has everything."""
        self.held = False
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.callback(None)

    def entries_after(self, seq: int) -> Deferred[list[Entry] | None]:
        return succeed(None if seq < self.kept_from else self.entries[seq:])


class DictStore(LeadTables):
    """The database as dictionaries. ``away``: it does not answer. ``state``: what the administrator set up."""

    def __init__(self, state: State | None = None) -> None:
        super().__init__()
        self.state = state or State()
        self.recording_log = RecordingLog()
        self._next: dict[str, int] = {}

    def listen(self, entries: list[Entry]) -> None:
        """Take up what the journal tells of leads and recordings."""
        for entry in entries:
            self.recording_log.take(entry)
            self.take(entry)

    def reserve_ids(self, kind: str, count: int) -> Deferred[tuple[int, int]]:
        first = self._next.get(kind, 1)
        self._next[kind] = first + count
        return succeed((first, first + count - 1))

    def reference(self) -> Deferred[list[Record]]:
        return succeed([])

    def recordings(self, query: RecordingQuery) -> Deferred[list[RecordingRow]]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        return succeed(self.recording_log.find(query))

    def recording(self, recording_id: int) -> Deferred[RecordingRow | None]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        return succeed(self.recording_log.rows.get(recording_id))

    def next_leads(self, query: HopperQuery) -> Deferred[list[Lead]]:
        """Those of the right status that were not asked for before; nobody has hours, or callbacks, here."""
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        found = [
            lead
            for lead in self.lead_table.values()
            if lead.phone_number and lead.status in query.statuses and lead.id not in query.without
        ]
        return succeed(copy.deepcopy(found[: query.limit]))

    def set_agent_lines(
        self, agent: str, ingroups: Sequence[str], *, blended: bool, by: object = None
    ) -> Deferred[list[Record]]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        user = replace(self.state.users[agent], ingroups=tuple(ingroups), blended=blended)
        return succeed([UserSet(agent, user)])

    def set_dial_level(self, campaign: str, level: float, by: object = None) -> Deferred[list[Record]]:
        if self.away:
            return fail(DatabaseAway("the database does not answer"))
        known = self.state.campaigns.get(campaign)
        return succeed([CampaignSet(campaign, replace(known, auto_dial_level=level))] if known else [])

    def set_custom(self, user: str, key: str, value: str, by: object = None) -> Deferred[list[Record]]:
        known = self.state.users.get(user)
        changed = [] if known is None else [UserSet(user, replace(known, custom={**known.custom, key: value}))]
        return self.answer(changed)
