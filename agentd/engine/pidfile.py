"""The file that tells which process the daemon is.

The process holds a lock on it (``fcntl(2)``), and the kernel says who holds a lock: a daemon that was killed leaves its
file behind, and the number in it may be another process's by then.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path
from typing import IO

__all__ = ["hold", "holder"]

_FLOCK = "hhqqi"  # struct flock of Linux: type, whence, start, length, process


def hold(path: Path) -> IO[str]:
    """Make the file, with this process's id in it, and hold it for as long as the result stays open.

    Raises:
        OSError: it cannot be written.
    """
    path.unlink(missing_ok=True)
    handle = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii")  # noqa: SIM115
    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


def holder(path: Path) -> int | None:
    """Give the id of the process that holds the file; None when there is none, or the file is not ours to read."""
    asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    try:
        with path.open("rb") as handle:
            kind, _whence, _start, _length, pid = struct.unpack(_FLOCK, fcntl.fcntl(handle, fcntl.F_GETLK, asked))
    except OSError:
        return None
    return int(pid) if kind != fcntl.F_UNLCK else None
