"""The files of recordings: missed when they are not there, removed when they have reached their age."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import maybeDeferred
from twisted.logger import Logger

from agentd.core import commands as c
from agentd.core import records as r
from agentd.engine.ports import RecordingQuery, RecordingRow
from agentd.engine.recordings import LOOKS, RecordingFiles
from tests.faces.house import START, House

DAY = 86_400.0
KEEP = 30


class Shelf:
    """A house whose recordings are in a folder, and what the log says."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.folder = folder
        self.said: list[str] = []
        self.files = RecordingFiles(house.engine, house.store, maybeDeferred, folder, KEEP)

    def keep(self, event: Any) -> None:
        self.said.append(event["log_format"].format(**event))

    def record(self, content: bytes | None = b"sound") -> str:
        """Record and stop; Asterisk leaves such a file, or none. Its name."""
        house = self.house
        started = house.operations.start_recording("1000")
        asked = house.records(r.RecordingAsked)[-1]
        house.engine.feed(c.RecordingBegun(asked.recording_id))
        house.wait_for(started)
        if content is not None:
            (self.folder / asked.file).write_bytes(content)
        stopped = house.operations.stop_recordings("1000")
        house.engine.feed(c.RecordingOver(asked.recording_id))
        house.wait_for(stopped)
        return asked.file

    def rows(self) -> list[RecordingRow]:
        """The recording log."""
        return self.house.wait_for(self.house.store.recordings(RecordingQuery()))

    def old(self, days: float, name: str = "") -> Path:
        """A file that was written to last so many days ago."""
        when = START - days * DAY
        path = self.folder / (name or f"{datetime.fromtimestamp(when):%Y%m%d-%H%M%S}__1000_.wav")
        path.write_bytes(b"sound")
        os.utime(path, (when, when))
        return path


@pytest.fixture
def shelf(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    house.log_in()
    shelf = Shelf(house, tmp_path)
    monkeypatch.setattr(RecordingFiles, "log", Logger(observer=shelf.keep))
    return shelf


# --- files that should be there ----------------------------------------------------------------------------------


def test_a_file_that_is_there_is_no_news(shelf: Shelf) -> None:
    shelf.record()
    shelf.house.advance(60)
    assert shelf.files.failed == 0
    assert shelf.said == []


@pytest.mark.parametrize("content", [None, b""])
def test_a_file_that_is_missing_or_empty_is_told_everywhere(shelf: Shelf, content: bytes | None) -> None:
    name = shelf.record(content)
    shelf.house.advance(sum(LOOKS))
    (failed,) = shelf.house.records(r.RecordingFailed)
    assert (failed.file, failed.agent) == (name, "1000")
    assert shelf.files.failed == 1
    (said,) = shelf.said
    assert name in said
    (row,) = shelf.rows()
    assert row.failed


def test_a_file_that_comes_late_is_waited_for(shelf: Shelf) -> None:
    name = shelf.record(None)
    shelf.house.advance(LOOKS[0] + LOOKS[1])
    (shelf.folder / name).write_bytes(b"sound")
    shelf.house.advance(60)
    assert shelf.files.failed == 0
    assert shelf.house.records(r.RecordingFailed) == []


def test_what_asterisk_refuses_is_counted_and_logged(shelf: Shelf) -> None:
    shelf.house.engine.feed(c.RecordingFileGone(7, "x.wav", "1000", 0, missing=True))
    assert shelf.files.failed == 1
    assert "x.wav" in shelf.said[0]


def test_a_folder_that_cannot_be_looked_into_is_a_mistake_of_the_installation(shelf: Shelf) -> None:
    """The recording may well be there: its row does not say otherwise."""
    shelf.record(None)
    shelf.folder.rmdir()
    shelf.house.advance(60)
    assert shelf.files.failed == 1
    assert "cannot be read" in shelf.said[0]
    assert shelf.house.records(r.RecordingFailed) == []


def test_stopped_it_looks_no_more(shelf: Shelf) -> None:
    shelf.record(None)
    shelf.files.start()
    shelf.files.stop()
    shelf.house.advance(2 * DAY)
    assert shelf.said == []


# --- files that have reached their age ---------------------------------------------------------------------------


def test_old_files_are_removed_and_their_rows_say_so(shelf: Shelf) -> None:
    name = shelf.record()
    os.utime(shelf.folder / name, (START, START))
    shelf.house.advance((KEEP - 0.5) * DAY)
    shelf.files.start()
    shelf.house.advance(60)
    assert (shelf.folder / name).exists()
    shelf.house.advance(DAY)
    assert not (shelf.folder / name).exists()
    assert [(gone.recording_id, gone.file) for gone in shelf.house.records(r.RecordingRemoved)] == [(1, name)]
    assert shelf.rows()[0].removed is not None
    assert shelf.files.removed == 1


def test_only_what_is_a_recording_is_removed(shelf: Shelf) -> None:
    kept = [
        shelf.old(KEEP + 1, name)
        for name in ("message.wav", "20200101-000000__1000_.mp3", "20200101-000000__1000_.wav.bak", ".hidden")
    ]
    target = shelf.old(KEEP + 1, "precious")
    link = shelf.folder / "20200101-000000_7275551212_1000_A.wav"
    link.symlink_to(target)
    folder = shelf.folder / "20200101-000001_7275551212_1000_A.wav"
    folder.mkdir()
    young = shelf.old(KEEP - 1)
    gone = [shelf.old(KEEP + 1), shelf.old(KEEP + 1, "20200101-250000_7275551212_1000_x-Y_1.gsm")]
    shelf.files.start()
    shelf.house.advance(60)
    assert all(path.exists() for path in (*kept, target, link, folder, young))
    assert not any(path.exists() for path in gone)
    assert shelf.files.removed == 2


def test_without_an_age_nothing_is_removed(shelf: Shelf) -> None:
    files = RecordingFiles(shelf.house.engine, shelf.house.store, maybeDeferred, shelf.folder, 0)
    old = shelf.old(1000)
    files.start()
    shelf.house.advance(2 * DAY)
    assert old.exists()


def test_while_the_database_is_away_nothing_is_removed_and_it_is_tried_again(shelf: Shelf) -> None:
    old = shelf.old(KEEP + 1)
    shelf.house.store.away = True
    shelf.files.start()
    shelf.house.advance(60)
    assert old.exists()
    assert "not removed" in shelf.said[0]
    shelf.house.store.away = False
    shelf.house.advance(3600)
    assert not old.exists()


def test_one_that_cannot_be_removed_does_not_stop_the_others(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, loose = shelf.old(KEEP + 2), shelf.old(KEEP + 1)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    shelf.files.start()
    shelf.house.advance(60)
    assert stuck.exists()
    assert not loose.exists()
    assert shelf.files.removed == 1
    assert any(stuck.name in said and "Permission denied" in said for said in shelf.said)
