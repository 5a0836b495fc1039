"""What the engine needs of the parts below and beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twisted.internet.defer import Deferred

from agentd.core.effects import Effect
from agentd.core.model import Lead, Place
from agentd.core.records import Record

__all__ = ["Caller", "Entry", "HopperQuery", "Journal", "RecordingQuery", "RecordingRow", "Store", "Switch"]


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
    leads that are being dialled, or will be.
    """

    campaign: str
    statuses: tuple[str, ...]
    called_before: float
    now: float
    call_hours: str = ""
    timezone: str = ""
    without: frozenset[int] = frozenset()
    limit: int = 50


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

    def set_agent_lines(self, agent: str, ingroups: Sequence[str], *, blended: bool) -> Deferred[list[Record]]:
        """Make these the in-groups that a user takes when he logs in; gives the changes for the World."""

    def set_dial_level(self, campaign: str, level: float) -> Deferred[list[Record]]:
        """Let a campaign dial so many calls for each free agent (0: none); gives the changes for the World.

        None are given when there is no such campaign.
        """
