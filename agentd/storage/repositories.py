"""The engine's Store, and the changes of reference data, on the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection
from twisted.internet.defer import Deferred

from agentd.core.errors import DatabaseAway
from agentd.core.model import Lead
from agentd.core.records import Record
from agentd.engine.clock import Clock
from agentd.engine.kinds import LIST, By, Change, Changed, Kind, Named, ThingQuery
from agentd.engine.ports import (
    Activity,
    AuditQuery,
    AuditRow,
    CallbackQuery,
    CallbackRow,
    HopperQuery,
    LeadQuery,
    LeadRow,
    RecordingQuery,
    RecordingRow,
)
from agentd.storage import blocks, management
from agentd.storage.activities import delete_activity, find_activities, put_activity, read_activity
from agentd.storage.applier import Applier
from agentd.storage.database import Database
from agentd.storage.dnc import find_dnc, listed_in
from agentd.storage.hopper import next_leads
from agentd.storage.journal import FileJournal
from agentd.storage.leads import find_lead, find_leads, has_list, read_lead, read_lead_row
from agentd.storage.promises import callbacks_to_keep, find_callbacks, read_callback
from agentd.storage.recordings import find_recordings, read_recording
from agentd.storage.reference import read_reference

__all__ = ["DatabaseStore"]

_T = TypeVar("_T")

CHANGE_TIME = 1.4  # seconds after which a change of what is set up is undone instead of being made
CATCH_UP = 1.0  # seconds that a read waits for the database to know what was journalled before


class DatabaseStore:
    """The Store of :mod:`agentd.engine.ports`. What it reads is as it is after everything journalled so far."""

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
        """Give all that is set up, as records."""
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

    def set_agent_lines(
        self, agent: str, ingroups: Sequence[str], *, blended: bool, by: By | None = None
    ) -> Deferred[list[Record]]:
        """Make these the in-groups that a user takes when he logs in; gives the changes for the World."""
        lines = tuple(ingroups)
        return self._database.run("set agent lines", management.set_agent_lines, agent, lines, blended=blended, by=by)

    def set_dial_level(self, campaign: str, level: float, by: By | None = None) -> Deferred[list[Record]]:
        """Let a campaign dial so many calls for each free agent (0: none); gives the changes for the World.

        None are given when there is no such campaign.
        """
        return self._database.run("set dial level", management.set_dial_level, campaign, level, by)

    def set_custom(self, user: str, key: str, value: str, by: By | None = None) -> Deferred[list[Record]]:
        """Give a user's custom field a value (empty: none); gives the changes for the World, none if unknown."""
        return self._database.run("set custom", management.set_custom, user, key, value, by)

    # --- what is set up --------------------------------------------------------------------------------------

    def things(self, kind: Kind, query: ThingQuery) -> Deferred[list[Any]]:
        """Give the things of a kind that a query finds; campaigns without what is part of them."""
        return self._counted("things", kind, management.find_things, kind, query)

    def thing(self, named: Named) -> Deferred[Any | None]:
        """Give one thing, in the same way."""
        return self._counted("thing", named.kind, management.read_thing, named)

    def carry_out(self, change: Change) -> Deferred[Changed]:
        """Make a change with its row of the audit log, in one transaction; gives what the World must be told.

        Fails with NotThere, AlreadyThere, ChangedMeanwhile, StillInUse, ValueRefused or DatabaseAway: nothing is
        changed then.
        """
        return self._in_time("change", management.carry_out, change)

    def empty_list(self, list_id: int, limit: int, by: By) -> Deferred[list[int]]:
        """Forget up to so many leads of a list, and what was promised to them; gives their ids."""
        return self._in_time("empty list", management.empty_list, list_id, limit, by)

    def audit(self, query: AuditQuery) -> Deferred[list[AuditRow]]:
        """Give the rows of the audit log that a query finds."""
        return self._database.read("audit log", management.find_audit, query)

    def _counted(self, name: str, kind: Kind, function: Callable[..., _T], *values: Any) -> Deferred[_T]:
        """What the journal has no part in needs not wait for it; how many leads a list has, does."""
        read = self._up_to_date if kind is LIST else self._database.read
        return read(name, function, *values)

    def _in_time(self, name: str, function: Callable[..., _T], *values: Any) -> Deferred[_T]:
        """A transaction that is undone when it comes to its end after nobody waits for it any more."""
        until = self._clock.monotonic() + CHANGE_TIME

        def change(connection: Connection) -> _T:
            done = function(connection, *values)
            if self._clock.monotonic() > until:
                raise DatabaseAway("the database took too long")
            return done

        return self._database.run(name, change)

    # --- leads, callbacks, numbers not to call ---------------------------------------------------------------

    def leads(self, query: LeadQuery) -> Deferred[list[LeadRow]]:
        """Give the leads that a query finds."""
        return self._up_to_date("leads", find_leads, query)

    def lead_row(self, lead_id: int) -> Deferred[LeadRow | None]:
        """Give one lead with what is known of him besides."""
        return self._up_to_date("lead row", read_lead_row, lead_id)

    def has_list(self, list_id: int) -> Deferred[bool]:
        """Say whether there is a list of that id."""
        return self._database.read("list", has_list, list_id)

    def callbacks(self, query: CallbackQuery) -> Deferred[list[CallbackRow]]:
        """Give the callbacks that a query finds."""
        return self._up_to_date("callbacks", find_callbacks, query)

    def callback(self, callback_id: int) -> Deferred[CallbackRow | None]:
        """Give one callback."""
        return self._up_to_date("callback", read_callback, callback_id)

    def callbacks_to_keep(self) -> Deferred[list[Record]]:
        """Give all callbacks that one agent is to keep and has not, as records."""
        return self._up_to_date("callbacks to keep", callbacks_to_keep)

    def dnc(self, number: str, phone_code: str, campaigns: Sequence[str]) -> Deferred[list[str]]:
        """Give those of these campaigns (empty: the system) on whose list the number is, with or without its code."""
        return self._up_to_date("dnc", listed_in, number, phone_code, tuple(campaigns))

    def dnc_numbers(
        self, campaign: str | None = None, number: str = "", after: tuple[str, str] = ("", ""), limit: int = 100
    ) -> Deferred[list[tuple[str, str]]]:
        """Give pairs of campaign (empty: the system) and number, in that order, above ``after``."""
        return self._up_to_date("dnc numbers", find_dnc, campaign, number, after, limit)

    def activity(self, activity_id: str) -> Deferred[Activity | None]:
        """Give an activity of the CRM."""
        return self._database.read("activity", read_activity, activity_id)

    def activities(self, after: str = "", limit: int = 100) -> Deferred[list[Activity]]:
        """Give the CRM's activities with ids above ``after``, in the order of their ids."""
        return self._database.read("activities", find_activities, after, limit)

    def put_activity(self, activity: Activity, *, replace: bool) -> Deferred[bool]:
        """Keep an activity of the CRM; says whether its id is new. Without ``replace`` a known one stays as it is."""
        return self._database.run("put activity", put_activity, activity, replace=replace)

    def delete_activity(self, activity_id: str) -> Deferred[bool]:
        """Forget an activity of the CRM; says whether there was one."""
        return self._database.run("delete activity", delete_activity, activity_id)

    # --- changes ---------------------------------------------------------------------------------------------

    def change(self, name: str, function: Callable[..., list[Record]], *values: Any) -> Deferred[list[Record]]:
        """Change reference data in one transaction, with a function of :mod:`agentd.storage.management`.

        Gives the records for ReferenceChanged. Fails with DatabaseAway, or with what the function raised.
        """
        return self._database.run(name, function, *values)

    # --- reads -----------------------------------------------------------------------------------------------

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
