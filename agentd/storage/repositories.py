"""The engine's Store, and the changes of reference data, on the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, select
from twisted.internet.defer import Deferred

from agentd.core.errors import DatabaseAway
from agentd.core.model import Lead
from agentd.core.records import Record
from agentd.engine.clock import Clock
from agentd.engine.ports import HopperQuery, RecordingQuery, RecordingRow
from agentd.storage import blocks, management
from agentd.storage.applier import Applier
from agentd.storage.database import Database
from agentd.storage.hopper import next_leads
from agentd.storage.journal import FileJournal
from agentd.storage.recordings import find_recordings, read_recording
from agentd.storage.reference import lead_of, read_reference
from agentd.storage.tables import leads

__all__ = ["DatabaseStore", "find_lead", "read_lead"]

_T = TypeVar("_T")

_CODE_LENGTHS = range(1, 4)  # of countries' codes
_SHORTEST_REST = 6  # digits of a number without its country's code
CATCH_UP = 1.0  # seconds that a read waits for the database to know what was journalled before


def read_lead(connection: Connection, lead_id: int) -> Lead | None:
    """Give a lead by its id."""
    row = connection.execute(select(leads).where(leads.c.id == lead_id)).mappings().one_or_none()
    return lead_of(row) if row is not None else None


def find_lead(connection: Connection, lists: Sequence[int], number: str) -> Lead | None:
    """Give the newest lead with that main number in those lists (all lists when none are named).

    Networks tell a number with its country's code, and with or without a + before that: where no lead has the number as
    it is written, it is that of a lead with this phone code and the rest.
    """
    digits = number.removeprefix("+")
    rests = [digits[length:] for length in _CODE_LENGTHS if len(digits) - length >= _SHORTEST_REST]
    with_code = leads.c.phone_number.in_(rests) & (leads.c.phone_code + leads.c.phone_number == digits)
    return (
        _newest(connection, lists, leads.c.phone_number == number)
        or _newest(connection, lists, leads.c.phone_number == digits)
        or _newest(connection, lists, with_code)
    )


def _newest(connection: Connection, lists: Sequence[int], condition: ColumnElement[bool]) -> Lead | None:
    query = select(leads).where(condition)
    if lists:
        query = query.where(leads.c.list_id.in_(lists))
    newest = query.order_by(leads.c.entry_date.desc(), leads.c.id.desc()).limit(1)
    row = connection.execute(newest).mappings().one_or_none()
    return lead_of(row) if row is not None else None


class DatabaseStore:
    """The Store of :mod:`agentd.engine.ports`."""

    def __init__(self, database: Database, journal: FileJournal, applier: Applier, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._applier = applier
        self._clock = clock

    def lead(self, lead_id: int) -> Deferred[Lead | None]:
        """Give a lead by its id, as it is after everything that was journalled so far."""
        return self._up_to_date("lead", read_lead, lead_id)

    def find_lead(self, lists: Sequence[int], number: str) -> Deferred[Lead | None]:
        """Give the newest lead with that main number, with or without its phone code, in those lists (none: in all)."""
        return self._up_to_date("find lead", find_lead, tuple(lists), number)

    def reserve_ids(self, kind: str, count: int) -> Deferred[tuple[int, int]]:
        """Reserve a block of ids for this daemon; gives the first and the last."""
        return self._database.run("reserve ids", blocks.reserve, kind, count)

    def reference(self) -> Deferred[list[Record]]:
        """Give all users, phones, campaigns, in-groups, group aliases, statuses and tokens, as records."""
        return self._database.read("reference data", read_reference)

    def recordings(self, query: RecordingQuery) -> Deferred[list[RecordingRow]]:
        """Give the rows of the recording log that a query finds, as they are after everything journalled so far."""
        return self._up_to_date("recordings", find_recordings, query)

    def recording(self, recording_id: int) -> Deferred[RecordingRow | None]:
        """Give one row of the recording log, as it is after everything that was journalled so far."""
        return self._up_to_date("recording", read_recording, recording_id)

    def next_leads(self, query: HopperQuery) -> Deferred[list[Lead]]:
        """Give the leads that a campaign is to dial next, as they are after everything journalled so far."""
        return self._up_to_date("next leads", next_leads, query)

    def set_agent_lines(self, agent: str, ingroups: Sequence[str], *, blended: bool) -> Deferred[list[Record]]:
        """Make these the in-groups that a user takes when he logs in; gives the changes for the World."""
        lines = tuple(ingroups)
        return self._database.run("set agent lines", management.set_agent_lines, agent, lines, blended=blended)

    def set_dial_level(self, campaign: str, level: float) -> Deferred[list[Record]]:
        """Let a campaign dial so many calls for each free agent (0: none); gives the changes for the World.

        None are given when there is no such campaign.
        """
        return self._database.run("set dial level", management.set_dial_level, campaign, level)

    def change(self, name: str, function: Callable[..., list[Record]], *values: Any) -> Deferred[list[Record]]:
        """Change reference data in one transaction, with a function of :mod:`agentd.storage.management`.

        Gives the records for ReferenceChanged. Fails with DatabaseAway, or with what the function raised.
        """
        return self._database.run(name, function, *values)

    def _up_to_date(self, name: str, function: Callable[..., _T], *values: Any) -> Deferred[_T]:
        return self._caught_up().addCallback(lambda _: self._database.read(name, function, *values))

    def _caught_up(self) -> Deferred[None]:
        """Reads see one's own writes: the database has everything that the journal has now."""
        reached = self._applier.reached(self._journal.last)
        if reached.called:
            return reached
        timer = self._clock.later(CATCH_UP, reached.cancel)
        answer: Deferred[None] = Deferred()

        def done(result: Any) -> None:
            if timer.active():
                timer.cancel()
                answer.callback(result)
            else:
                answer.errback(DatabaseAway("the database is not up to date"))

        reached.addBoth(done)
        return answer
