"""Opening the journal: the lock, the State that its records make, and the first segment of a new one."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from agentd.core.model import State
from agentd.engine.clock import Clock
from agentd.storage.codec import Header, encode_header, encode_state
from agentd.storage.errors import JournalForeign, JournalLocked
from agentd.storage.journal import FileJournal, JournalLimits
from agentd.storage.recovery import Recovered, recover
from agentd.storage.segments import pack, segment_path, sync_folder, write_all
from agentd.storage.spare import allocate
from agentd.storage.syncing import InThread

__all__ = ["Opened", "open_journal"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A journal, the State that its records make, and when the last of them became true.

    The World must be built on this very State: checkpoints are taken of it.
    """

    journal: FileJournal
    state: State
    at: float


def open_journal(
    folder: Path,
    daemon: str,
    clock: Clock,
    in_thread: InThread[Any],
    on_fatal: Callable[[OSError], object],
    limits: JournalLimits | None = None,
) -> Opened:
    """Open the journal in a folder, which is made if there is none, for this daemon alone.

    ``in_thread`` should have a thread of its own, so that the database's slowness is not the disk's. ``on_fatal``
    is called when the disk can't be synced any more: the daemon must end.

    Raises:
        JournalLocked: another daemon works in it.
        JournalForeign: it belongs to a daemon of another name.
        JournalDamaged: what was written is not there any more.
        OSError: the folder can't be read or written, or there is no room for a new journal.
    """
    limits = limits or JournalLimits()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock(folder)
    try:
        found = recover(folder) or _begin(folder, daemon, clock.now(), limits)
        _refuse_foreign(folder, found.header.daemon, daemon)
        journal = FileJournal(folder, lock, found, clock, in_thread, on_fatal, limits)
    except BaseException:
        os.close(lock)
        raise
    return Opened(journal, found.state, found.at)


def _lock(folder: Path) -> int:
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise JournalLocked(f"{folder}: another agentd is working with this journal") from error
    return fd


def _refuse_foreign(folder: Path, owner: str, daemon: str) -> None:
    if owner != daemon:
        raise JournalForeign(f"{folder}: this is the journal of the daemon {owner}, not of {daemon}")


def _begin(folder: Path, daemon: str, now: float, limits: JournalLimits) -> Recovered:
    """Make the first segment of a new journal, whole before it has its name."""
    state = State()
    header = Header(1, secrets.token_hex(8), daemon, 1, 0, now, msgspec.Raw(encode_state(state)))
    line = pack(encode_header(header))
    draft = folder / "first"
    allocate(draft, limits.segment)
    fd = os.open(draft, os.O_RDWR)
    try:
        write_all(fd, line, 0)
        os.fsync(fd)
    finally:
        os.close(fd)
    path = segment_path(folder, 1)
    draft.rename(path)
    sync_folder(folder)
    return Recovered(path, header, state, 0, now, len(line), limits.segment, torn=False)
