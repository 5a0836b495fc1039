"""Waiting for the disk in groups: one sync at a time serves all who asked before it began."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

__all__ = ["GroupSync", "InThread"]

_T = TypeVar("_T")

InThread = Callable[[Callable[[], _T]], "Deferred[_T]"]
"""Runs a function off the reactor's thread, such as ``partial(deferToThreadPool, reactor, pool)``."""

_log = Logger(namespace="agentd.storage")


class GroupSync:
    """Who waits for which record to be on the disk.

    ``begin`` is called on the reactor's thread: it says up to which record a sync that starts now will reach, and
    gives the function that does it in a thread. A sync that failed is never tried again, since the kernel may have
    dropped what it could not write: ``on_fatal`` is called, and every wait fails.
    """

    def __init__(
        self,
        synced: int,
        begin: Callable[[], tuple[int, Callable[[], None]]],
        in_thread: InThread[Any],
        on_fatal: Callable[[OSError], object],
    ) -> None:
        self.synced = synced
        self._begin = begin
        self._in_thread = in_thread
        self._on_fatal = on_fatal
        self._waiting: list[tuple[int, Deferred[None]]] = []
        self._busy = False
        self._failure: Failure | None = None

    def wait(self, seq: int) -> Deferred[None]:
        """Fire when the record ``seq`` is on the disk. A Deferred of the caller's own; he may cancel it.

        Fails with OSError when the disk can't be written any more.
        """
        if self._failure is not None:
            return fail(self._failure)
        if seq <= self.synced:
            return succeed(None)
        waiter: Deferred[None] = Deferred(self._forget)
        self._waiting.append((seq, waiter))
        if not self._busy:
            self._start()
        return waiter

    def _forget(self, waiter: Deferred[None]) -> None:
        self._waiting = [(seq, other) for seq, other in self._waiting if other is not waiter]

    def _start(self) -> None:
        self._busy = True
        target, work = self._begin()
        self._in_thread(work).addCallbacks(lambda _: self._done(target), self._failed).addErrback(_log_failure)

    def _done(self, target: int) -> None:
        self._busy = False
        self.synced = max(self.synced, target)
        ready = [waiter for seq, waiter in self._waiting if seq <= target]
        self._waiting = [(seq, waiter) for seq, waiter in self._waiting if seq > target]
        if self._waiting:
            self._start()
        for waiter in ready:
            waiter.callback(None)

    def _failed(self, failure: Failure) -> None:
        self._failure = failure
        waiting, self._waiting = self._waiting, []
        error = failure.value if isinstance(failure.value, OSError) else OSError(errno.EIO, str(failure.value))
        _log.critical("the journal cannot be synced: {error}", error=error)
        self._on_fatal(error)
        for _, waiter in waiting:
            waiter.errback(failure)


def _log_failure(failure: Failure) -> None:
    _log.failure("waiting for the disk failed", failure)
