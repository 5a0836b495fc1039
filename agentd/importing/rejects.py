"""The rows that were not taken, in a file beside the one that they come from: line, reason, and the row as it was."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from agentd.importing.texts import harmless

__all__ = ["Rejects"]


class Rejects:
    """Such a file, for its owner's eyes alone; what was in it before goes, unless an import goes on."""

    def __init__(self, path: Path) -> None:
        """Open it, and leave it as it is.

        Raises:
            OSError
        """
        self.path = path
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
        self._header: Sequence[str] = ()

    def begin(self, header: Sequence[str], size: int) -> None:
        """Go on behind so many bytes, 0 for anew."""
        self._header = ("line", "reason", *header)
        self.go_back(min(size, self._file.seek(0, os.SEEK_END)))

    def go_back(self, size: int) -> None:
        """Forget what stands behind so many bytes."""
        self._file.truncate(size)
        self._file.seek(size)

    @property
    def size(self) -> int:
        """How many bytes stand in it."""
        return self._file.tell()

    def write(self, line: int, reason: str, cells: Sequence[str]) -> None:
        """Add a row."""
        rows = [[str(line), reason, *cells]]
        if self.size == 0:
            rows.insert(0, list(self._header))
        text = io.StringIO()
        csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
        self._file.write(text.getvalue().encode())

    def flush(self) -> None:
        """Bring what was written to the file."""
        self._file.flush()

    def close(self) -> bool:
        """Close it; False, and it is gone if that may be, if nothing is in it."""
        empty = self._file.seek(0, os.SEEK_END) == 0
        self._file.close()
        if empty:
            with contextlib.suppress(OSError):  # root, who made it, may be another user by now
                self.path.unlink()
        return not empty
