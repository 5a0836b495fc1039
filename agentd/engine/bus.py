"""The event stream's source: live events in order, and those that a reader has missed.

An event's id is ``<journal>-<seq>-<n>``: the journal's name, the record's number, and its place (from 1) among the
events of that record. An id names a place between events; whoever gives it has seen everything up to it. What was
told lately is in memory, what is older is read from the journal again; both give the same events with the same ids.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from twisted.internet.defer import Deferred, DeferredLock, succeed
from twisted.logger import Logger

from agentd.engine.events import Event, events_of
from agentd.engine.ports import Entry, Journal

__all__ = ["Bus", "Missed", "Place", "Told"]


class Place(NamedTuple):
    """A place in the journal: after event ``n`` of record ``seq`` (0: before its first)."""

    seq: int
    n: int


_BEGINNING = Place(1, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """An event with its id and the time at which it became true, in epoch seconds."""

    id: str
    place: Place
    at: float
    event: Event


@dataclass(frozen=True, slots=True)
class Missed:
    """Events that a reader has missed, in order, and the place up to which these are all."""

    events: list[Told]
    upto: Place


Listener = Callable[[Told], object]


class Bus:
    """Hands every event to whoever follows, and remembers.

    ``last_seq`` is the number of the journal's last record at the start. ``size`` is how many events are kept in
    memory; ``furthest`` how many records back a reader may resume: reading more would take too much of it.
    """

    log = Logger()

    def __init__(self, journal: Journal, last_seq: int, *, size: int = 10_000, furthest: int = 50_000) -> None:
        self._journal = journal
        self._size = size
        self._furthest = furthest
        self._here = self._floor = Place(last_seq + 1, 0)
        self._ring: deque[Told] = deque()
        self._followers: dict[int, tuple[Listener, Callable[[], object]]] = {}
        self._last_follower = 0
        self._reading: DeferredLock = DeferredLock()

    # --- live ------------------------------------------------------------------------------------------------

    def tell(self, entries: Iterable[Entry]) -> None:
        """Hand out the events of new records; to be registered with ``Engine.listen``."""
        for entry in entries:
            for told in self._told(entry):
                self._ring.append(told)
                for number in list(self._followers):
                    self._hand(number, told)
            self._here = Place(entry.seq + 1, 0)
        while len(self._ring) > self._size:
            self._floor = self._ring.popleft().place

    def _hand(self, number: int, told: Told) -> None:
        if number not in self._followers:
            return
        listener, dropped = self._followers[number]
        try:
            listener(told)
        except Exception:  # noqa: BLE001 - one reader's trouble must not reach the others
            self.log.failure("a reader of events failed and is dropped")
            self._followers.pop(number, None)
            dropped()

    def _told(self, entry: Entry) -> list[Told]:
        return [
            Told(self._id(Place(entry.seq, n)), Place(entry.seq, n), entry.at, event)
            for n, event in enumerate(events_of(entry.record), 1)
        ]

    def follow(self, listener: Listener, dropped: Callable[[], object]) -> Callable[[], None]:
        """Call ``listener`` with every event from now on; gives what ends it.

        A listener must be short. One that raises is called no more, and ``dropped`` is called once.
        """
        self._last_follower += 1
        number = self._last_follower
        self._followers[number] = (listener, dropped)

        def leave() -> None:
            self._followers.pop(number, None)

        return leave

    # --- ids -------------------------------------------------------------------------------------------------

    @property
    def here(self) -> Place:
        """The place after everything that was told."""
        return self._here

    @property
    def here_id(self) -> str:
        """The id of :attr:`here`, for a snapshot of what is now."""
        return self._id(self._here)

    def _id(self, place: Place) -> str:
        return f"{self._journal.name}-{place.seq}-{place.n}"

    def place_of(self, event_id: str) -> Place | None:
        """Give the place that an id names; None for one that this journal has not given."""
        journal, _, rest = event_id.rpartition("-")
        journal, _, seq = journal.rpartition("-")
        if journal != self._journal.name or not all(_is_number(text) for text in (seq, rest)):
            return None
        place = Place(int(seq), int(rest))
        return place if _BEGINNING <= place <= self._here else None

    # --- what was missed -------------------------------------------------------------------------------------

    def missed(self, since: Place) -> Deferred[Missed | None]:
        """Give the events after a place, None when they are too far back.

        Empty and ``upto`` :attr:`here`: nothing is missed, and a follower who begins on this turn misses nothing.
        More may have happened when it fires: ask again from ``upto``.
        """
        if since >= self._floor:
            return succeed(self._remembered(since))
        return self._reading.run(self._read, since)

    def _remembered(self, since: Place) -> Missed:
        events: deque[Told] = deque()
        for told in reversed(self._ring):
            if told.place <= since:
                break
            events.appendleft(told)
        return Missed(list(events), self._here)

    def _read(self, since: Place) -> Deferred[Missed | None]:
        """Read the journal again. One reader at a time: the next may find what he wants in memory."""
        if since >= self._floor:
            return succeed(self._remembered(since))
        if self._here.seq - since.seq > self._furthest:
            return succeed(None)
        return self._journal.entries_after(since.seq - 1).addCallback(self._as_missed, since)

    def _as_missed(self, entries: list[Entry] | None, since: Place) -> Missed | None:
        if not entries:
            return None
        told = [told for entry in entries for told in self._told(entry) if told.place > since]
        upto = Place(entries[-1].seq + 1, 0)
        self._remember_older(told, since, upto)
        return Missed(told, upto)

    def _remember_older(self, told: list[Told], since: Place, upto: Place) -> None:
        """Keep what was read as long as there is room: after a restart all readers come back at once."""
        older = [one for one in told if one.place <= self._floor]
        if upto >= self._floor and len(self._ring) + len(older) <= self._size:
            self._ring.extendleft(reversed(older))
            self._floor = since


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
