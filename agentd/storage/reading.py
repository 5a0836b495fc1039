"""Reading the journal's segments, from any record on, while the daemon goes on writing."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from agentd.engine.ports import Entry
from agentd.storage.codec import decode_batch
from agentd.storage.errors import JournalDamaged
from agentd.storage.segments import segment_path, segments, unpack

__all__ = ["SegmentReader"]


class SegmentReader:
    """Gives entries in order. It remembers its place, so that going on is cheap. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder
        self._offset = 0
        self._next = 0

    def read(self, after: int, until: int, limit: int) -> list[Entry]:
        """Give the entries after ``after``, about ``limit`` of them, up to ``until`` (which must be written).

        Raises:
            JournalDamaged: they are not there any more, or not whole.
            OSError
        """
        found: list[Entry] = []
        if self._next != after + 1:
            self._seek(after + 1)
        while self._next <= until and len(found) < limit:
            if not self._take(found, after, until, limit):
                self._enter(segment_path(self._folder, self._next))
        return found

    def _seek(self, seq: int) -> None:
        known = segments(self._folder)
        place = bisect_right([first for first, _ in known], seq) - 1
        if place < 0:
            raise JournalDamaged(f"{self._folder}: record {seq} is not kept any more")
        self._next = known[place][0]
        self._enter(known[place][1])

    def _enter(self, path: Path) -> None:
        """Stand behind the header of a segment."""
        try:
            with path.open("rb") as file:
                self._offset = len(file.readline())
        except FileNotFoundError:
            missing, self._next = self._next, 0
            raise JournalDamaged(f"{self._folder}: record {missing} is missing") from None
        self._path = path

    def _take(self, found: list[Entry], after: int, until: int, limit: int) -> bool:
        """Take whole lines from here on; False at the end of the segment."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            while self._next <= until and len(found) < limit:
                if file.peek(1)[:1] in {b"", b"\0"}:
                    return False
                line = file.readline()
                payload = unpack(line[:-1])
                if payload is None:
                    raise JournalDamaged(f"{self._path}: byte {self._offset} is damaged")
                for entry in decode_batch(payload).entries:
                    if entry.seq != self._next:
                        raise JournalDamaged(f"{self._path}: record {self._next} is missing, {entry.seq} follows")
                    self._next += 1
                    if entry.seq > after:
                        found.append(entry)
                self._offset += len(line)
        return True
