"""The files of recordings: whether Asterisk has left them, and their removal when they have reached their age."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.core import records as r
from agentd.core.commands import RecordingFileGone
from agentd.core.errors import DatabaseAway
from agentd.engine.engine import Engine
from agentd.engine.ports import Entry, RecordingQuery, Store

__all__ = ["FILE_NAME", "LOOKS", "RecordingFiles", "find_old", "look"]

FILE_NAME = re.compile(r"(\d{8}-\d{6})_\d*_[A-Za-z0-9_-]+_[A-Za-z0-9_-]{0,14}\.(?:wav|gsm|ulaw|alaw)")
"""The names that recordings have; a file with another is nobody's business here."""
LOOKS = (1.0, 3.0, 10.0)
"""Seconds after which a file is looked for, and looked for again: Asterisk closes it a moment after the end."""

_DAY = 86_400.0
_FIRST = 60.0  # seconds after the start at which old files are looked for; after that once a day
_AGAIN = 3_600.0  # seconds after which a database that was away is asked again
_PAGE = 1_000  # rows of the recording log that are read at a time
_BATCH = 100  # files that are removed at a time


@dataclass(frozen=True, slots=True)
class _Old:
    """A file that has reached its age. ``moment`` is the one in its name, in epoch seconds."""

    name: str
    moment: float


class RecordingFiles:
    """Looks at the file of each recording that has ended, and removes files that are older than ``keep_days``.

    ``in_thread`` runs a function in a thread, since a disk may take its time. ``failed`` counts recordings that could
    not be made or left no file that can be read, ``removed`` files that were removed for their age; both since the
    start.
    """

    log = Logger()

    def __init__(
        self,
        engine: Engine,
        store: Store,
        in_thread: Callable[[Callable[[], Any]], Deferred[Any]],
        folder: Path,
        keep_days: float = 0,
    ) -> None:
        """``keep_days`` of 0 keeps all files for ever."""
        self._engine = engine
        self._store = store
        self._in_thread = in_thread
        self._folder = folder
        self._keep = keep_days * _DAY
        self._timers: set[IDelayedCall] = set()
        self._stopped = False
        self.failed = 0
        self.removed = 0
        engine.listen(self._noticed)

    def start(self) -> None:
        """Begin to look for old files, if there is an age."""
        if self._keep:
            self._later(_FIRST, self._remove_old)

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _later(self, seconds: float, function: Callable[..., object], *arguments: object) -> None:
        def due() -> None:
            self._timers.discard(timer)
            function(*arguments)

        if not self._stopped:
            timer = self._engine.clock.later(seconds, due)
            self._timers.add(timer)

    # --- a file that should be there -------------------------------------------------------------------------

    def _noticed(self, entries: list[Entry]) -> None:
        for entry in entries:
            if isinstance(entry.record, r.RecordingEnded):
                self._later(LOOKS[0], self._look, entry.record, LOOKS[1:])
            elif isinstance(entry.record, r.RecordingFailed):
                self.failed += 1
                record = entry.record
                self.log.error(
                    "recording {id} of {agent} ({file}) has failed: {why}",
                    id=record.recording_id,
                    agent=record.agent,
                    file=record.file,
                    why=record.reason,
                )

    def _look(self, ended: r.RecordingEnded, looks: Sequence[float]) -> None:
        def seen(problem: str) -> None:
            if not problem:
                return
            if looks:
                self._later(looks[0], self._look, ended, looks[1:])
            else:
                self._missing(ended)

        looking = self._in_thread(partial(look, self._folder / ended.file))
        looking.addCallbacks(seen, lambda why: self._unreadable(ended, why))

    def _missing(self, ended: r.RecordingEnded) -> None:
        gone = RecordingFileGone(ended.recording_id, ended.file, ended.agent, ended.call_id, missing=True)
        self._engine.feed(gone)

    def _unreadable(self, ended: r.RecordingEnded, failure: Failure) -> None:
        """It may well be there, but not for us: the folder's or the file's rights are wrong."""
        self.failed += 1
        why = failure.getErrorMessage()
        self.log.error("recording {id} ({file}) cannot be read: {why}", id=ended.recording_id, file=ended.file, why=why)

    # --- files that have reached their age -------------------------------------------------------------------

    def _remove_old(self) -> None:
        def done(_: object) -> None:
            self._later(_DAY, self._remove_old)

        def failed(failure: Failure) -> None:
            self.log.error("old recordings are not removed: {why}", why=failure.getErrorMessage())
            self._later(_AGAIN if failure.check(DatabaseAway) else _DAY, self._remove_old)

        Deferred.fromCoroutine(self._removal()).addCallbacks(done, failed)

    async def _removal(self) -> None:
        until = self._engine.clock.now() - self._keep
        old: list[_Old] = await self._in_thread(partial(find_old, self._folder, until))
        if not old:
            return
        ids = await self._ids_of(old)
        for start in range(0, len(old), _BATCH):
            if self._stopped:
                return
            names = [file.name for file in old[start : start + _BATCH]]
            problems: dict[str, str] = await self._in_thread(partial(_remove, self._folder, names))
            for name, problem in problems.items():
                self._removed(name, ids.get(name), problem)

    def _removed(self, name: str, recording_id: int | None, problem: str) -> None:
        """A file is gone, or is not for a reason; one that no row of the log knows was no recording of ours."""
        if problem:
            self.log.error("{file} has reached its age and cannot be removed: {why}", file=name, why=problem)
            return
        self.removed += 1
        self.log.info("{file} had reached its age and is removed", file=name)
        if recording_id is not None:
            self._engine.feed(RecordingFileGone(recording_id, name))

    async def _ids_of(self, old: list[_Old]) -> dict[str, int]:
        """The ids of the recordings that these files are of, as the recording log has them."""
        names = {file.name for file in old}
        moments = [file.moment for file in old]
        ids: dict[str, int] = {}
        before: int | None = None
        while len(ids) < len(names):
            query = RecordingQuery(since=min(moments) - _DAY, until=max(moments) + _DAY, before=before, limit=_PAGE)
            rows = await self._store.recordings(query)
            ids |= {row.file: row.id for row in rows if row.file in names}
            if len(rows) < _PAGE:
                break
            before = rows[-1].id
        return ids


# --- on the disk ---------------------------------------------------------------------------------------------


def look(path: Path) -> str:
    """Say what is wrong with a file that should have sound in it; empty when nothing is.

    Raises:
        OSError: it cannot be looked at, or not be read.
    """
    try:
        with path.open("rb") as file:
            return "" if os.fstat(file.fileno()).st_size else "it is empty"
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise
        return "it is not there"


def find_old(folder: Path, until: float) -> list[_Old]:
    """Give the recordings in a folder that were written to last before a time. Links are no recordings."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            named = FILE_NAME.fullmatch(entry.name)
            if named is None or not entry.is_file(follow_symlinks=False):
                continue
            if entry.stat(follow_symlinks=False).st_mtime < until:
                found.append(_Old(entry.name, _moment(named[1], until)))
    return found


def _moment(text: str, otherwise: float) -> float:
    try:
        return datetime.strptime(text, "%Y%m%d-%H%M%S").astimezone().timestamp()
    except ValueError:  # 99 o'clock: none of ours, but it looks like it
        return otherwise


def _remove(folder: Path, names: list[str]) -> dict[str, str]:
    """Remove files; gives for each why it could not be removed, empty when it is gone."""
    problems = {}
    for name in names:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            problems[name] = str(error.strerror)
        else:
            problems[name] = ""
    return problems
