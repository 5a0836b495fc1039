"""The journal's next segment, made before it is needed, so that a full disk is known in time."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.engine.clock import Clock
from agentd.storage.segments import write_all
from agentd.storage.syncing import InThread

__all__ = ["Spare", "allocate"]

RETRY = 5.0  # seconds between two tries to get the room for a segment
_PIECE = bytes(1 << 20)

_log = Logger(namespace="agentd.storage")


def allocate(path: Path, size: int) -> None:
    """Make a file of zeros whose room on the disk is taken, as a whole or not at all.

    The zeros are written, not only reserved: later writes then change no allocation, and syncs are cheaper.

    Raises:
        OSError: such as ENOSPC; there is no file then.
    """
    draft = path.with_suffix(".draft")
    try:
        fd = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.posix_fallocate(fd, 0, size)
            for offset in range(0, size, len(_PIECE)):
                write_all(fd, _PIECE[: size - offset], offset)
            os.fsync(fd)
        finally:
            os.close(fd)
        draft.rename(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


class Spare:
    """The file that becomes the next segment. ``size`` is 0 as long as there is none."""

    def __init__(self, folder: Path, clock: Clock, in_thread: InThread[Any]) -> None:
        self.path = folder / "spare"
        self.size = 0
        self.error = ""
        self._clock = clock
        self._in_thread = in_thread
        self._timer: IDelayedCall | None = None
        self._stopped = False
        self._work: Deferred[None] = succeed(None)

    def make(self, size: int) -> None:
        """Make it now.

        Raises:
            OSError: there is no room.
        """
        self.size = 0
        allocate(self.path, size)
        self.size = size

    def prepare(self, size: int) -> None:
        """Make it in a thread, and try again until there is room for it. Nothing if that is under way already."""
        if self._stopped or not self._work.called:
            return
        self.size = 0
        self._forget_timer()
        work = self._in_thread(lambda: allocate(self.path, size))
        work.addCallbacks(lambda _: self._made(size), lambda failure: self._missed(size, failure))
        work.addErrback(lambda failure: _log.failure("the next segment cannot be made", failure))
        self._work = work

    def _made(self, size: int) -> None:
        self.size = size
        if self.error:
            self.error = ""
            _log.info("there is room for the journal's next segment again")

    def _missed(self, size: int, failure: Failure) -> None:
        if not self.error:
            _log.critical("no room for the journal's next segment: {error}", error=failure.value)
        self.error = str(failure.value)
        if not self._stopped:
            self._timer = self._clock.later(RETRY, self.prepare, size)

    def take(self, length: int, size: int) -> tuple[Path, int]:
        """Give a file with room for twice this length, and its size: the spare, else one of ``size`` made now.

        It is not ready when the segment before was filled faster than the disk could make it, or is too small for
        a checkpoint that has grown. The file must be renamed at once.

        Raises:
            OSError: there is none, and no room for one.
        """
        if self.size >= 2 * length:
            size, self.size = self.size, 0
            return self.path, size
        urgent, size = self.path.with_name("urgent"), max(size, 4 * length)
        try:
            allocate(urgent, size)
        except OSError as error:
            raise OSError(error.errno, f"the journal's reserve is used up: {error.strerror}") from error
        return urgent, size

    def _forget_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    async def stop(self) -> None:
        """Try no more; done when no thread works at it."""
        self._stopped = True
        self._forget_timer()
        await self._work
