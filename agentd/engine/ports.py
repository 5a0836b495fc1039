"""What the engine needs of the parts below and beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twisted.internet.defer import Deferred

from agentd.core.effects import Effect
from agentd.core.model import Lead
from agentd.core.records import Record

__all__ = ["Entry", "Journal", "RecordingQuery", "RecordingRow", "Store", "Switch"]


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

    def extension_exists(self, number: str) -> Deferred[bool]:
        """Say whether the PBX has that extension for agents to dial; True when it cannot be asked."""


class Store(Protocol):
    """The database, for what is not in memory. Every read sees what was journalled before it was asked.

    All fail with ``DatabaseAway`` when the database does not answer, or is not up to date within a second.
    """

    def lead(self, lead_id: int) -> Deferred[Lead | None]:
        """Give a lead by its id."""

    def find_lead(self, lists: Sequence[int], number: str) -> Deferred[Lead | None]:
        """Give the newest lead with that main number in those lists (all lists when none are named)."""

    def reserve_ids(self, kind: str, count: int) -> Deferred[tuple[int, int]]:
        """Reserve a block of ids for this daemon; gives the first and the last."""

    def reference(self) -> Deferred[list[Record]]:
        """Give all users, phones, campaigns, in-groups, group aliases, statuses and tokens, as records."""

    def recordings(self, query: RecordingQuery) -> Deferred[list[RecordingRow]]:
        """Give the rows of the recording log that a query finds."""

    def recording(self, recording_id: int) -> Deferred[RecordingRow | None]:
        """Give one row of the recording log."""
