"""A daemon's storage on the real reactor: journal, applier, database and store, with real threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Engine
from twisted.internet import reactor  # noqa: TID251 - the composition root of these tests
from twisted.internet.defer import Deferred

from agentd.core.evolving import evolve
from agentd.core.records import Record
from agentd.engine.clock import WallClock
from agentd.engine.ports import Entry
from agentd.storage.applier import Applier, ApplierState
from agentd.storage.database import Database, Threads, connect
from agentd.storage.journal import JournalLimits
from agentd.storage.opening import open_journal
from agentd.storage.repositories import DatabaseStore

LIMITS = JournalLimits(segment=64 << 10, reserve=16 << 10, memory=100)


class Storage:
    """Everything that is below the engine, in a folder, on a database."""

    running: ClassVar[list[Storage]] = []

    def __init__(self, folder: Path, url: str, *, timeout: float = 5.0, limits: JournalLimits = LIMITS) -> None:
        self.clock = WallClock(reactor)
        self.fatal: list[OSError] = []
        self._threads = [
            Threads(reactor, count, name) for count, name in ((2, "journal"), (1, "applier"), (4, "store"))
        ]
        disk, applying, store = self._threads
        self.opened = open_journal(folder, "pbx1", self.clock, disk, self.fatal.append, limits)
        self.journal, self.state = self.opened.journal, self.opened.state
        self.engine: Engine = connect(url, timeout=timeout)
        self.applier = Applier(self.journal, self.engine, self.clock, applying)
        self.database = Database(self.engine, self.clock, store, patience=timeout)
        self.running.append(self)
        self.store = DatabaseStore(self.database, self.journal, self.applier, self.clock)

    def write(self, *records: Record) -> list[Entry]:
        """Make records true, and let all who listen know."""
        now = self.clock.now()
        for record in records:
            evolve(self.state, record, now)
        entries = self.journal.write(records, now)
        self.applier.noticed(entries)
        return entries

    async def until(self, state: ApplierState) -> None:
        """Wait until the applier is in that state."""
        while self.applier.status().state is not state:
            await self.moment(0.02)

    async def stop(self) -> None:
        """Stop it the clean way."""
        self.running.remove(self)
        await self.applier.stop()
        await self.journal.close()
        for threads in self._threads:
            threads.stop()
        self.engine.dispose()

    @staticmethod
    def moment(seconds: float) -> Deferred[Any]:
        """A Deferred that fires then."""
        done: Deferred[Any] = Deferred()
        reactor.callLater(seconds, done.callback, None)  # type: ignore[attr-defined]
        return done
