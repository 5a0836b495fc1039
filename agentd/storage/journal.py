"""The journal: the append-only file of facts that World and database derive from.

Its folder holds segments (see :mod:`agentd.storage.segments`), the spare that becomes the next one, and a lock.
``write`` hands a turn's records to the operating system before it returns, so that they outlive the daemon;
``synced`` tells when they outlive the machine.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from agentd.core.records import Record
from agentd.engine.clock import Clock
from agentd.engine.ports import Entry
from agentd.storage.codec import Header, encode_batch, encode_header, encode_state
from agentd.storage.errors import JournalDamaged
from agentd.storage.reading import SegmentReader
from agentd.storage.recovery import Recovered
from agentd.storage.retention import prune
from agentd.storage.segments import pack, segment_path, segments, sync_folder, write_all
from agentd.storage.spare import Spare
from agentd.storage.syncing import GroupSync, InThread

__all__ = ["FileJournal", "JournalLimits"]

SYNC_AFTER = 0.5  # seconds after which a record is synced though nobody waits for it

_log = Logger(namespace="agentd.storage")


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """Sizes of a segment and its reserve in bytes; ``keep`` in seconds; ``memory`` and ``resume`` in records.

    A segment stays ``keep`` seconds after the database had all of it. The last ``memory`` records are kept in
    memory; a reader who is more than ``resume`` records behind must begin anew.
    """

    segment: int = 8 << 20
    reserve: int = 2 << 20
    keep: float = 7 * 86400.0
    memory: int = 10_000
    resume: int = 50_000


class FileJournal:
    """The journal of one daemon, opened by :func:`agentd.storage.opening.open_journal`. For the reactor's thread."""

    def __init__(
        self,
        folder: Path,
        lock: int,
        found: Recovered,
        clock: Clock,
        in_thread: InThread[Any],
        on_fatal: Callable[[OSError], object],
        limits: JournalLimits,
    ) -> None:
        self.folder = folder
        self.name = found.header.journal
        self.daemon = found.header.daemon
        self.first = segments(folder)[0][0]
        self.last = found.last
        self._state = found.state
        self._limits = limits
        self._lock = lock
        self._clock = clock
        self._timer: IDelayedCall | None = None
        self._in_thread = in_thread
        self._memory: deque[Entry] = deque(found.entries, limits.memory)
        self._spare = Spare(folder, clock, in_thread)
        self._fd = os.open(found.path, os.O_RDWR)
        self._end, self._size = found.end, found.size
        self._left: list[tuple[int, int]] = []
        if found.torn:
            self._wipe()
        os.fsync(self._fd)
        self._sync = GroupSync(found.last, self._begin_sync, in_thread, on_fatal)
        self._first_spare()

    def _wipe(self) -> None:
        """Remove what a crash has left behind the last whole line."""
        _log.warn("the last line of the journal was not whole; it was never answered, and is dropped")
        write_all(self._fd, bytes(self._size - self._end), self._end)

    def _first_spare(self) -> None:
        size = self._next_size()
        try:
            self._spare.make(size)
        except OSError:
            self._spare.prepare(size)

    def _next_size(self) -> int:
        """A segment has room for four checkpoints at least, so that they stay a small part of it."""
        return max(self._limits.segment, 4 * len(encode_state(self._state)))

    # --- writing ---------------------------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        """Whether the disk is full and only the reserve is left, so that new work from outside must be refused."""
        reserve = min(self._limits.reserve, self._size // 4)
        return bool(self._spare.error) and self._size - self._end < reserve

    @property
    def free(self) -> int:
        """Bytes that can be written without asking the disk for room: the rest of this segment, and the next one."""
        return self._size - self._end + self._spare.size

    def write(self, records: Sequence[Record], at: float) -> list[Entry]:
        """Write a turn's records, all or none, before it returns (to the operating system; not yet synced).

        Raises:
            OSError: the disk failed, the reserve is used up, or a record is not what its class says; the daemon
                must end, since memory knows more than the journal now.
        """
        entries = [Entry(self.last + number, at, record) for number, record in enumerate(records, 1)]
        if not entries:
            return entries
        self._append(entries, at)
        self.last = entries[-1].seq
        self._memory.extend(entries)
        self._sync_soon()
        return entries

    def _append(self, entries: Sequence[Entry], at: float) -> None:
        try:
            line = pack(encode_batch(self.daemon, entries, self._sync.synced))
        except ValueError as error:
            raise OSError(errno.EINVAL, str(error)) from error
        if self._end + len(line) <= self._size:
            write_all(self._fd, line, self._end)
            self._end += len(line)
        else:
            self._turn_over(line, entries, at)

    def _turn_over(self, line: bytes, entries: Sequence[Entry], at: float) -> None:
        """Go on in a new segment, which begins with a checkpoint and then the line that did not fit.

        The checkpoint holds what the line's records have made true, since memory has changed already.
        """
        state = msgspec.Raw(encode_state(self._state))
        first, last = entries[0].seq, entries[-1].seq
        begin = pack(encode_header(Header(1, self.name, self.daemon, first, last, at, state))) + line
        path, size = self._spare.take(len(begin), self._limits.segment)
        fd = os.open(path, os.O_RDWR)
        write_all(fd, begin, 0)
        path.rename(segment_path(self.folder, first))
        self._left.append((self._fd, self._end))
        self._fd, self._end, self._size = fd, len(begin), size
        self._spare.prepare(self._next_size())

    # --- syncing ---------------------------------------------------------------------------------------------

    def synced(self, seq: int) -> Deferred[None]:
        """Fire when everything up to ``seq`` is on the disk. A Deferred of the caller's own.

        Fails with OSError when the disk can't be written any more.
        """
        return self._sync.wait(seq)

    def _sync_soon(self) -> None:
        """Nothing stays unsynced for long, even if nobody waits for it."""
        if self._left:
            self._sync_now()
        elif self._timer is None:
            self._timer = self._clock.later(SYNC_AFTER, self._sync_now)

    def _sync_now(self) -> None:
        self._timer = None
        self._sync.wait(self.last).addErrback(lambda _: None)  # on_fatal has been told

    def _begin_sync(self) -> tuple[int, Callable[[], None]]:
        left, self._left = self._left, []
        fd = self._fd

        def work() -> None:
            for old, end in left:
                os.ftruncate(old, end)
                os.fsync(old)
                os.close(old)
            os.fdatasync(fd)
            if left:
                sync_folder(self.folder)

        return self.last, work

    # --- reading ---------------------------------------------------------------------------------------------

    def entries_after(self, seq: int) -> Deferred[list[Entry] | None]:
        """Give all entries after ``seq``, None when they are no longer kept, never were, or are too many."""
        if not self.first - 1 <= seq <= self.last or self.last - seq > self._limits.resume:
            return succeed(None)
        return Deferred.fromCoroutine(_or_none(self.read(seq, self._limits.resume)))

    def read(self, after: int, limit: int, reader: SegmentReader | None = None) -> Deferred[list[Entry]]:
        """Give about ``limit`` entries after ``after``, from memory or, in a thread, by ``reader``.

        Fails with JournalDamaged when they are not kept any more or not whole.
        """
        if after >= self.last:
            return succeed([])
        oldest = self._memory[0].seq if self._memory else self.last + 1
        if after + 1 >= oldest:
            start = after + 1 - oldest
            return succeed(list(islice(self._memory, start, start + limit)))
        until = min(self.last, oldest - 1)
        reader = reader or SegmentReader(self.folder)
        found: Deferred[list[Entry]] = self._in_thread(lambda: reader.read(after, until, limit))
        return found.addCallback(self._with_memory, limit)

    def _with_memory(self, found: list[Entry], limit: int) -> Deferred[list[Entry]] | list[Entry]:
        """What came from the segments, and what follows it in memory by now."""
        missing = limit - len(found)
        if missing <= 0 or not found:
            return found
        return self.read(found[-1].seq, missing).addCallback(lambda rest: found + rest)

    # --- housekeeping ----------------------------------------------------------------------------------------

    def housekeep(self, position: int) -> Deferred[None]:
        """Remove the segments that the database has had long enough; it has everything up to ``position``."""
        now, keep = self._clock.now(), self._limits.keep
        done: Deferred[int] = self._in_thread(lambda: prune(self.folder, position, now, keep))
        return done.addCallback(self._pruned)

    def _pruned(self, first: int) -> None:
        self.first = first

    async def close(self) -> None:
        """Sync everything, note that it is, and leave the folder to the next daemon."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await self._spare.stop()
        try:
            await self._sync.wait(self.last)
            mark = pack(encode_batch(self.daemon, [], self.last))
            if self._end + len(mark) <= self._size:
                write_all(self._fd, mark, self._end)
                os.fdatasync(self._fd)
        finally:
            os.close(self._fd)
            os.close(self._lock)


async def _or_none(entries: Deferred[list[Entry]]) -> list[Entry] | None:
    try:
        return await entries
    except JournalDamaged:
        return None
