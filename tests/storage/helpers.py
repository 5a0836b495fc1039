"""What the storage tests share: a journal without threads, and records to put into it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock as Timers

from agentd.core.evolving import evolve
from agentd.core.records import ApiCalled, Record
from agentd.engine.clock import Clock
from agentd.engine.ports import Entry
from agentd.storage.journal import JournalLimits
from agentd.storage.opening import Opened, open_journal

NOW = 1_795_000_000.0

SMALL = JournalLimits(segment=16 << 10, reserve=4 << 10, keep=7 * 86400.0, memory=20, resume=1000)


def api_call(number: int, **changed: Any) -> ApiCalled:
    """A record that is one row of the API log, told from others by its number."""
    fields = {
        "user": "6666",
        "function": "external_pause",
        "agent_user": "1000",
        "value": "PAUSE",
        "result": "SUCCESS",
        "result_reason": "",
        "source": "test",
        "data": str(number),
    }
    return ApiCalled(**(fields | changed))


class Desk:
    """A journal in a folder, opened, with the State that it makes."""

    def __init__(self, folder: Path, limits: JournalLimits = SMALL, in_thread: Any = maybeDeferred) -> None:
        self.timers = Timers()
        self.timers.advance(NOW)
        self.fatal: list[OSError] = []
        self.opened: Opened = open_journal(folder, "pbx1", Clock(self.timers), in_thread, self.fatal.append, limits)
        self.journal = self.opened.journal
        self.state = self.opened.state

    def write(self, *records: Record) -> list[Entry]:
        """Make records true and write them, as the engine does."""
        now = self.timers.seconds()
        for record in records:
            evolve(self.state, record, now)
        return self.journal.write(records, now)

    def close(self) -> None:
        """Close it the clean way."""
        self.done(Deferred.fromCoroutine(self.journal.close()))

    def abandon(self) -> None:
        """Leave it as a daemon that is killed leaves it: nothing synced, nothing noted, but the lock is free."""
        os.close(self.journal._fd)
        os.close(self.journal._lock)

    @staticmethod
    def done(deferred: Deferred[Any]) -> Any:
        """The result of a Deferred that has fired."""
        results: list[Any] = []
        deferred.addBoth(results.append)
        assert results, "it has not fired"
        if hasattr(results[0], "raiseException"):
            results[0].raiseException()
        return results[0]
