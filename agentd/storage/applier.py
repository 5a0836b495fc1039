"""The follower: brings the journal into the database, in batches, for as long as the daemon lives.

It asks nothing of the start: without a database the journal goes on, and is caught up with later. Only what is on
the disk is applied, so that the database never knows more than the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from agentd.engine.clock import Clock
from agentd.engine.ports import Entry
from agentd.storage.applying import Applied, Batches
from agentd.storage.errors import StorageError
from agentd.storage.journal import FileJournal
from agentd.storage.positions import JournalFacts, check_position
from agentd.storage.reading import SegmentReader
from agentd.storage.schema import check_schema
from agentd.storage.syncing import InThread

__all__ = ["Applier", "ApplierState", "ApplierStatus"]

GATHER = 0.02  # seconds in which records gather before they are brought in, if nobody waits for them
REST = 8.0  # for each second that the reactor was busy during a transaction, seconds until the next one
HURRY = 50_000  # records behind, from which on there is no rest
READ = 1000  # records that are read from the journal at a time
RETRY_FIRST, RETRY_LONGEST = 0.1, 2.0  # seconds between two tries while the database is away
RETRY_REFUSED = 5.0  # the same while only the administrator can help
HOUSEKEEPING = 60.0  # seconds between two looks for segments to remove

_log = Logger(namespace="agentd.storage")


class ApplierState(StrEnum):
    """How the following goes."""

    STARTING = "starting"
    LIVE = "live"
    AWAY = "away"
    REFUSED = "refused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ApplierStatus:
    """For ``/readyz`` and metrics.

    ``position`` is the last record that the database has, ``behind`` how many it has not (both None until it was
    asked), ``since`` when the oldest of these became true (None if there are none); ``rejected`` counts what was set
    aside since the start.
    """

    state: ApplierState
    detail: str
    position: int | None
    behind: int | None
    since: float | None
    rejected: int


class Applier:
    """Follows one journal. For the reactor's thread; the work is done in a thread of its own."""

    def __init__(self, journal: FileJournal, engine: Engine, clock: Clock, in_thread: InThread[Any]) -> None:
        """``in_thread`` must have exactly one thread."""
        self._journal = journal
        self._engine = engine
        self._clock = clock
        self._in_thread = in_thread
        self._reader = SegmentReader(journal.folder)
        self._batches = Batches(engine, journal.daemon, journal.name)
        self._connected = False
        self._position = 0
        self._state, self._detail = ApplierState.STARTING, "not connected yet"
        self._since: float | None = None
        self._rejected = 0
        self._reaching: list[tuple[int, Deferred[None]]] = []
        self._started: Deferred[None] = Deferred()
        self._sleeping: Deferred[None] | None = None
        self._timer: IDelayedCall | None = None
        self._patience: IDelayedCall | None = None
        self._loop: Deferred[None] = succeed(None)
        self._stopping = False
        self._next_housekeeping = clock.now() + HOUSEKEEPING

    # --- what others see -------------------------------------------------------------------------------------

    def status(self) -> ApplierStatus:
        """Say how it goes."""
        position = self._position if self._connected else None
        behind = None if position is None else self._journal.last - position
        return ApplierStatus(self._state, self._detail, position, behind, self._since, self._rejected)

    def start(self, patience: float = 1.0) -> Deferred[None]:
        """Begin. Fires when the database is known to continue where the journal is, or after ``patience`` seconds.

        Fails with PositionRefused or SchemaRefused when it is known not to: the daemon should not start then.
        """
        self._loop = Deferred.fromCoroutine(self._follow())
        self._patience = self._clock.later(patience, self._settle_start, None)
        return self._started

    def noticed(self, entries: list[Entry]) -> None:
        """There is something new in the journal (a listener of the engine)."""
        if self._since is None:
            self._since = entries[0].at
        if self._sleeping is not None and self._timer is None:
            self._timer = self._clock.later(GATHER, self._wake)

    def reached(self, seq: int) -> Deferred[None]:
        """Fire when the database has everything up to ``seq``. A Deferred of the caller's own; he may cancel it."""
        if seq <= self._position:
            return succeed(None)
        waiter: Deferred[None] = Deferred(self._forget)
        self._reaching.append((seq, waiter))
        if self._state is ApplierState.LIVE:
            self._wake()
        return waiter

    def _forget(self, waiter: Deferred[None]) -> None:
        self._reaching = [(seq, other) for seq, other in self._reaching if other is not waiter]

    async def stop(self) -> None:
        """Bring in what is left, if the database is there and it is not much; done when nothing is under way."""
        self._stopping = True
        self._wake()
        await self._loop
        self._settle_start(None)
        self._state, self._detail = ApplierState.STOPPED, ""

    # --- the loop --------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        delay = RETRY_FIRST
        while not self._stopping:
            try:
                await self._take_up()
                delay = RETRY_FIRST
                while await self._catch_up():
                    await self._doze(None)
            except SQLAlchemyError as error:
                self._trouble(ApplierState.AWAY, str(getattr(error, "orig", None) or error))
                await self._doze(delay)
                delay = min(2 * delay, RETRY_LONGEST)
            except (StorageError, OSError) as error:
                self._trouble(ApplierState.REFUSED, str(error))
                self._settle_start(error)
                await self._doze(RETRY_REFUSED)
            except Exception as error:  # noqa: BLE001 - whatever it is, calls go on, and the journal keeps it all
                _log.failure("following the journal failed")
                self._trouble(ApplierState.REFUSED, repr(error))
                await self._doze(RETRY_REFUSED)

    async def _take_up(self) -> None:
        """Learn where the database is."""
        facts = self._facts()

        def look() -> int:
            with self._engine.begin() as connection:
                check_schema(connection)
                return check_position(connection, facts, self._clock.now())

        self._moved(await self._in_thread(look))
        if self._state is not ApplierState.LIVE:
            _log.info("the database has the journal to record {position}", position=self._position)
        self._connected = True
        self._state, self._detail = ApplierState.LIVE, ""
        self._settle_start(None)

    def _facts(self) -> JournalFacts:
        return JournalFacts(self._journal.daemon, self._journal.name, self._journal.first, self._journal.last)

    async def _catch_up(self) -> bool:
        """Bring in all there is; False when it is time to begin anew, or to stop."""
        entries: list[Entry] = []
        while self._position < self._journal.last and not self._gives_up():
            if not entries:
                entries = await self._journal.read(self._position, READ, self._reader)
                await self._journal.synced(entries[-1].seq)
            before = self._clock.busy()
            applied = await self._apply(entries)
            busy = self._clock.busy() - before
            if applied.position < entries[0].seq - 1:
                _log.warn("the database went back to record {position}", position=applied.position)
                return False
            self._report(applied)
            self._since = next((entry.at for entry in entries if entry.seq > applied.position), self._since)
            entries = [entry for entry in entries if entry.seq > applied.position]
            self._moved(applied.position)
            await self._rest(busy)
        await self._keep_house()
        return not self._stopping

    async def _rest(self, busy: float) -> None:
        """Leave the interpreter to the reactor, the longer the busier it was meanwhile.

        But not if somebody waits for the database, or it is far behind.
        """
        if not self._reaching and self._journal.last - self._position < HURRY:
            await self._doze(REST * busy)

    def _apply(self, entries: list[Entry]) -> Deferred[Applied]:
        done: Deferred[Applied] = self._in_thread(lambda: self._batches.apply(entries))
        return done

    def _gives_up(self) -> bool:
        return self._stopping and self._journal.last - self._position > 5 * READ

    def _report(self, applied: Applied) -> None:
        for rejected in applied.rejected:
            self._rejected += 1
            _log.critical(
                "the database refused record {seq} ({kind}), which is in journal_rejects now: {error}",
                seq=rejected.seq,
                kind=rejected.kind,
                error=rejected.error,
            )

    def _moved(self, position: int) -> None:
        self._position = position
        if position >= self._journal.last:
            self._since = None
        there = [waiter for seq, waiter in self._reaching if seq <= position]
        self._reaching = [(seq, waiter) for seq, waiter in self._reaching if seq > position]
        for waiter in there:
            waiter.callback(None)

    async def _keep_house(self) -> None:
        now = self._clock.now()
        if now >= self._next_housekeeping:
            self._next_housekeeping = now + HOUSEKEEPING
            await self._journal.housekeep(self._position)

    # --- waiting ---------------------------------------------------------------------------------------------

    async def _doze(self, seconds: float | None) -> None:
        """Wait so long, or (None) for something to do, but not at all if there is."""
        if self._stopping or (seconds is None and self._reaching and self._position < self._journal.last):
            return
        self._sleeping = Deferred()
        if seconds is not None:
            self._timer = self._clock.later(seconds, self._wake)
        elif self._position < self._journal.last:
            self._timer = self._clock.later(GATHER, self._wake)
        await self._sleeping

    def _wake(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        sleeping, self._sleeping = self._sleeping, None
        if sleeping is not None:
            sleeping.callback(None)

    def _trouble(self, state: ApplierState, detail: str) -> None:
        if (state, detail) != (self._state, self._detail):
            log = _log.critical if state is ApplierState.REFUSED else _log.warn
            log("the database does not follow the journal: {detail}", detail=detail)
        self._state, self._detail = state, detail

    def _settle_start(self, error: Exception | None) -> None:
        if self._patience is not None and self._patience.active():
            self._patience.cancel()
        if self._started.called:
            return
        if error is None:
            self._started.callback(None)
        else:
            self._started.errback(error)
