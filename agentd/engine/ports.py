"""What the engine needs of the parts below and beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from agentd.core.effects import Effect
from agentd.core.model import Lead, Place
from agentd.core.records import Record
from agentd.engine.kinds import By, Change, Changed, Kind, Named, ThingQuery

__all__ = [
    "Activity",
    "AuditQuery",
    "AuditRow",
    "CallbackQuery",
    "CallbackRow",
    "Caller",
    "Entry",
    "HopperQuery",
    "Journal",
    "LeadQuery",
    "LeadRow",
    "RecordingQuery",
    "RecordingRow",
    "Store",
    "Switch",
]


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as the journal keeps it: its number in this journal and when it became true."""

    seq: int
    at: float
    record: Record


@dataclass(frozen=True, slots=True)
class RecordingQuery:
    """Which recordings are wanted: those that fit every field set, ids below ``before``, the newest first."""

    agent: str = ""
    call_id: int | None = None
    lead_id: int | None = None
    since: float | None = None
    until: float | None = None
    before: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One row of the recording log. Times are epoch seconds, ``length`` seconds.

    ``ended`` is None while it runs; ``muted`` has the stretches of silence, the end of one that goes on being None;
    ``failed`` says why there is no file; ``removed`` when the file was removed for its age.
    """

    id: int
    agent: str
    call_id: int
    call_key: str
    lead_id: int
    number: str
    name: str
    file: str
    stage: str
    started: float | None
    ended: float | None
    length: float | None
    reason: str
    muted: tuple[tuple[float, float | None], ...] = ()
    failed: str = ""
    removed: float | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who stands before an in-group: ``leg`` is his channel, ``did`` what he called.

    ``since`` is when he came and ``place`` where he is, if he waits already and nobody has asked for him.
    """

    leg: str
    ingroup: str
    number: str = ""
    name: str = ""
    did: str = ""
    priority: int = 0
    wanted: str = ""
    since: float | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class HopperQuery:
    """Which leads of a campaign are to be dialled next: due callbacks first, then the longest not called.

    ``statuses`` are those that may be dialled, ``called_before`` the latest last call; ``now`` decides which callbacks
    are due and where it is too early or late to call (``call_hours``, ``timezone``: see Campaign). ``without`` are
    leads that are being dialled, or will be. With ``agent`` the callbacks that he is to keep come before all.
    """

    campaign: str
    statuses: tuple[str, ...]
    called_before: float
    now: float
    call_hours: str = ""
    timezone: str = ""
    without: frozenset[int] = frozenset()
    limit: int = 50
    agent: str = ""


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """Which leads are wanted: those that fit every field set, ids above ``after``, in the order of their ids.

    ``number`` is any of a lead's three numbers, ``name`` the beginning of the first or last name.
    """

    list_id: int | None = None
    status: str = ""
    number: str = ""
    vendor_lead_code: str = ""
    name: str = ""
    after: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead with what the database knows besides. Times are epoch seconds; ``user`` had him last."""

    lead: Lead
    user: str
    entered: float
    changed: float
    called: int
    last_call: float | None = None


@dataclass(frozen=True, slots=True)
class CallbackQuery:
    """Which callbacks are wanted: those that fit every field set, ids above ``after``, in the order of their ids.

    ``waiting``: True those that are not kept yet, False those that were kept or taken back.
    """

    user: str | None = None
    campaign: str = ""
    lead_id: int | None = None
    waiting: bool | None = None
    due_before: float | None = None
    after: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """A promise to call again. ``status`` is waiting, done or dropped; ``call_id`` the call that kept it (0: none).

    ``made_by_call`` is the call in which it was made (0: none).
    """

    id: int
    lead_id: int
    campaign: str
    user: str
    due: float
    anyone: bool
    comments: str
    status: str
    created: float
    call_id: int = 0
    made_by_call: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """What a CRM has planned: to call ``number`` of ``account`` about ``subject``. Its id is the CRM's own."""

    id: str
    number: str
    phone_code: str = ""
    account: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which changes of what is set up are wanted: those that fit every field set, ids below ``before``, newest first.

    ``kind`` and ``name`` are of what was changed, ``who`` of who changed it; times are epoch seconds.
    """

    who: str = ""
    kind: str = ""
    name: str = ""
    since: float | None = None
    until: float | None = None
    before: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who changed what through which ``face``: it was ``before`` (None: not there) and is ``after`` (None: gone).

    Of a change these have the fields that differ alone; secrets are in neither.
    """

    id: int
    at: float
    who: str
    face: str
    kind: str
    name: str
    action: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Journal(Protocol):
    """The append-only file of facts."""

    @property
    def name(self) -> str:
        """The journal's own id, which differs between journals for ever."""

    @property
    def full(self) -> bool:
        """Whether only the reserve is left, so that new work from outside must be refused."""

    def write(self, records: Sequence[Record], at: float) -> list[Entry]:
        """Write records, all or none, before it returns (to the operating system; not yet synced).

        Raises:
            OSError: nothing can be relied on any more; the daemon ends.
        """

    def synced(self, seq: int) -> Deferred[None]:
        """Fire when everything up to ``seq`` is on the disk. A Deferred of the caller's own."""

    def entries_after(self, seq: int) -> Deferred[list[Entry] | None]:
        """Give all entries after ``seq``, None when they are no longer kept."""


class Switch(Protocol):
    """Asterisk, as the core speaks of it."""

    def perform(self, effect: Effect) -> None:
        """Ask for it. What becomes of it comes back as a command; it never raises."""

    def extension_exists(self, number: str, *, outside: bool = False) -> Deferred[bool]:
        """Say whether the PBX has that extension for agents to dial; True when it cannot be asked.

        ``outside``: for callers who are sent there without an agent of this PBX.
        """


class Store(Protocol):
    """The database, for what is not in memory. Every read sees what was journalled before it was asked.

    All fail with ``DatabaseAway`` when the database does not answer, or is not up to date within a second.
    """

    def lead(self, lead_id: int) -> Deferred[Lead | None]:
        """Give a lead by its id."""

    def find_lead(self, lists: Sequence[int], number: str) -> Deferred[Lead | None]:
        """Give the newest lead with that main number in those lists (all lists when none are named).

        A number that no lead has as it is written is that of a lead whose phone code and number together are it.
        """

    def reserve_ids(self, kind: str, count: int) -> Deferred[tuple[int, int]]:
        """Reserve a block of ids for this daemon; gives the first and the last."""

    def reference(self) -> Deferred[list[Record]]:
        """Give all users, phones, campaigns, in-groups, group aliases, statuses and tokens, as records."""

    def recordings(self, query: RecordingQuery) -> Deferred[list[RecordingRow]]:
        """Give the rows of the recording log that a query finds."""

    def recording(self, recording_id: int) -> Deferred[RecordingRow | None]:
        """Give one row of the recording log."""

    def next_leads(self, query: HopperQuery) -> Deferred[list[Lead]]:
        """Give the leads that a campaign is to dial next; numbers that must not be called are left out."""

    # Of these three ``by`` is who is in the audit log for it, if anybody.

    def set_agent_lines(
        self, agent: str, ingroups: Sequence[str], *, blended: bool, by: By | None = None
    ) -> Deferred[list[Record]]:
        """Make these the in-groups that a user takes when he logs in; gives the changes for the World."""

    def set_dial_level(self, campaign: str, level: float, by: By | None = None) -> Deferred[list[Record]]:
        """Let a campaign dial so many calls for each free agent (0: none); gives the changes for the World.

        None are given when there is no such campaign.
        """

    def set_custom(self, user: str, key: str, value: str, by: By | None = None) -> Deferred[list[Record]]:
        """Give a user's custom field (one, two, ... five) a value; gives the changes for the World, none if unknown."""

    # --- what is set up --------------------------------------------------------------------------------------

    def things(self, kind: Kind, query: ThingQuery) -> Deferred[list[Any]]:
        """Give the things of a kind that a query finds; campaigns without what is part of them."""

    def thing(self, named: Named) -> Deferred[Any | None]:
        """Give one thing, in the same way."""

    def carry_out(self, change: Change) -> Deferred[Changed]:
        """Make a change with its row of the audit log, in one transaction; gives what the World must be told.

        Fails with NotThere, AlreadyThere, ChangedMeanwhile, StillInUse, ValueRefused or DatabaseAway: nothing is
        changed then.
        """

    def empty_list(self, list_id: int, limit: int, by: By) -> Deferred[list[int]]:
        """Forget up to so many leads of a list, and what was promised to them; gives their ids.

        Fails with StillInUse when a campaign or an in-group needs the list.
        """

    def audit(self, query: AuditQuery) -> Deferred[list[AuditRow]]:
        """Give the rows of the audit log that a query finds."""

    # --- leads, callbacks, numbers not to call ---------------------------------------------------------------

    def leads(self, query: LeadQuery) -> Deferred[list[LeadRow]]:
        """Give the leads that a query finds."""

    def lead_row(self, lead_id: int) -> Deferred[LeadRow | None]:
        """Give one lead with what is known of him besides."""

    def has_list(self, list_id: int) -> Deferred[bool]:
        """Say whether there is a list of that id."""

    def callbacks(self, query: CallbackQuery) -> Deferred[list[CallbackRow]]:
        """Give the callbacks that a query finds."""

    def callback(self, callback_id: int) -> Deferred[CallbackRow | None]:
        """Give one callback."""

    def callbacks_to_keep(self) -> Deferred[list[Record]]:
        """Give all callbacks that one agent is to keep and has not, as records."""

    def dnc(self, number: str, phone_code: str, campaigns: Sequence[str]) -> Deferred[list[str]]:
        """Give those of these campaigns (empty: the system) on whose list the number is, with or without its code."""

    def dnc_numbers(
        self, campaign: str | None = None, number: str = "", after: tuple[str, str] = ("", ""), limit: int = 100
    ) -> Deferred[list[tuple[str, str]]]:
        """Give pairs of campaign (empty: the system) and number, in that order, above ``after``."""

    def activity(self, activity_id: str) -> Deferred[Activity | None]:
        """Give an activity of the CRM."""

    def activities(self, after: str = "", limit: int = 100) -> Deferred[list[Activity]]:
        """Give the CRM's activities with ids above ``after``, in the order of their ids."""

    def put_activity(self, activity: Activity, *, replace: bool) -> Deferred[bool]:
        """Keep an activity of the CRM; says whether its id is new. Without ``replace`` a known one stays as it is."""

    def delete_activity(self, activity_id: str) -> Deferred[bool]:
        """Forget an activity of the CRM; says whether there was one."""
