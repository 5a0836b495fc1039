"""The recording log: what the store gives of it, and that the faces' tests have a store that gives the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import pytest_twisted
from sqlalchemy import Engine

from agentd.core import records as r
from agentd.core.errors import DatabaseAway
from agentd.core.model import After, AfterKind, Lead
from agentd.engine.ports import Entry, RecordingQuery, RecordingRow
from agentd.storage.recordings import find_recordings, read_recording
from tests.faces.recording_log import RecordingLog
from tests.storage.following import Storage
from tests.storage.helpers import NOW
from tests.storage.rows import bring_in, numbered

NAME = "20261120-092400_7275551212_1000_part1"
CALL = r.CallStarted(
    1000, "M1120092425000402028", "1000", 5, "TESTCAMP", "manual", Lead(402028, 101, "NEW", "1", "7275551212"),
    "7275551212", "1", "leg-c", After(AfterKind.PAUSED, "LOGIN"),
)  # fmt: skip


def asked(number: int, agent: str = "1000", call_id: int = 1000, lead_id: int = 402028) -> r.RecordingAsked:
    return r.RecordingAsked(
        number, "leg-c", agent, 5, call_id, lead_id, "7275551212", NAME, f"{NAME}.wav", NOW, "part1"
    )


def ids(engine: Engine, **query: object) -> list[int]:
    with engine.connect() as connection:
        return [row.id for row in find_recordings(connection, RecordingQuery(**query))]


def test_a_recording_from_its_beginning_to_its_removal(engine: Engine) -> None:
    entries = numbered(
        (0, CALL),
        (10, asked(7)),
        (10.25, r.RecordingStarted(7, "1000", 1000)),
        (20, r.RecordingMuted(7, "1000", 1000, muted=True)),
        (25.5, r.RecordingMuted(7, "1000", 1000, muted=False)),
        (30, r.RecordingMuted(7, "1000", 1000, muted=True)),
        (40.25, r.RecordingEnded(7, "1000", 1000, f"{NAME}.wav", "hangup")),
        (5000, r.RecordingRemoved(7, f"{NAME}.wav")),
    )
    new = RecordingRow(
        7, "1000", 1000, "M1120092425000402028", 402028, "7275551212", NAME, f"{NAME}.wav", "part1",
        None, None, None, "",
    )  # fmt: skip
    running = replace(new, started=NOW + 10.25, muted=((NOW + 20, NOW + 25.5), (NOW + 30, None)))
    over = replace(
        running,
        ended=NOW + 40.25,
        length=30.0,
        reason="hangup",
        muted=((NOW + 20, NOW + 25.5), (NOW + 30, NOW + 40.25)),
    )
    for so_far, expected in ((1, None), (2, new), (6, running), (7, over), (8, replace(over, removed=NOW + 5000))):
        bring_in(engine, entries[:so_far])
        with engine.connect() as connection:
            assert read_recording(connection, 7) == expected


def test_a_recording_that_came_to_nothing_says_why_and_does_not_run(engine: Engine) -> None:
    refused = r.RecordingFailed(7, "1000", 0, f"{NAME}.wav", "Could not start the recording")
    bring_in(engine, numbered((10, asked(7, call_id=0, lead_id=0)), (11, refused)))
    with engine.connect() as connection:
        row = read_recording(connection, 7)
    assert row is not None
    assert (row.call_id, row.call_key) == (0, "")
    assert (row.started, row.ended, row.length, row.failed) == (None, NOW + 11, None, "Could not start the recording")


def test_they_are_found_by_whatever_is_asked_the_newest_first(engine: Engine) -> None:
    bring_in(
        engine,
        numbered(
            (0, CALL),
            (10, asked(1)),
            (20, asked(2)),
            (30, asked(3, agent="1001", call_id=1001)),
            (40, asked(4, lead_id=7)),
        ),
    )
    assert ids(engine) == [4, 3, 2, 1]
    assert ids(engine, agent="1000") == [4, 2, 1]
    assert ids(engine, call_id=1001) == [3]
    assert ids(engine, lead_id=7) == [4]
    assert ids(engine, agent="1000", lead_id=402028) == [2, 1]
    assert ids(engine, since=NOW + 20) == [4, 3, 2]
    assert ids(engine, until=NOW + 20) == [1]
    assert ids(engine, limit=2) == [4, 3]
    assert ids(engine, limit=2, before=3) == [2, 1]
    assert ids(engine, agent="nobody") == ids(engine, call_id=0) == []


def some_recordings(random: Random) -> list[Entry]:
    """Recordings that begin, fall silent, end and fail in any order that can happen."""
    records: list[tuple[float, r.Record]] = [(0, CALL)]
    running: list[int] = []
    for number in range(1, 60):
        at = number * 1.25
        if not running or random.random() < 0.3:
            running.append(number)
            call_id = random.choice((0, 1000, 1001))
            records.append((at, asked(number, random.choice(("1000", "1001")), call_id, call_id)))
            if random.random() < 0.8:
                records.append((at + 0.5, r.RecordingStarted(number, "1000", 1000)))
            continue
        one = random.choice(running)
        record = random.choice(
            (
                r.RecordingMuted(one, "1000", 1000, muted=True),
                r.RecordingMuted(one, "1000", 1000, muted=False),
                r.RecordingEnded(one, "1000", 1000, "f.wav", "agent"),
                r.RecordingFailed(one, "1000", 1000, "f.wav", "refused"),
            )
        )
        records.append((at, record))
        if isinstance(record, r.RecordingEnded | r.RecordingFailed):
            running.remove(one)
        if isinstance(record, r.RecordingEnded):
            records.append((at, random.choice((r.RecordingFailed, _removed))(one, "1000", 1000, "f.wav", "no file")))
    return numbered(*records)


def _removed(number: int, *_: object) -> r.RecordingRemoved:
    return r.RecordingRemoved(number, "f.wav")


@pytest.mark.parametrize("seed", range(5))
def test_the_faces_tests_have_a_log_that_gives_the_same(engine: Engine, seed: int) -> None:
    entries = some_recordings(Random(seed))
    log = RecordingLog()
    for entry in entries:
        log.take(entry)
    bring_in(engine, entries)
    queries = (
        RecordingQuery(),
        RecordingQuery(agent="1000", limit=3),
        RecordingQuery(call_id=1000, since=NOW + 10),
        RecordingQuery(lead_id=0, until=NOW + 50),
        RecordingQuery(before=20, limit=5),
    )
    with engine.connect() as connection:
        for query in queries:
            assert find_recordings(connection, query) == log.find(query)
    assert len(log.find(queries[0])) > 5


@pytest_twisted.ensureDeferred
async def test_a_read_sees_what_was_journalled_before_it(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    for number in range(1, 10):
        storage.write(asked(number))
        row = await storage.store.recording(number)
        assert row is not None
        assert row.file == f"{NAME}.wav"
        newest = await storage.store.recordings(RecordingQuery(agent="1000", limit=1))
        assert [row.id for row in newest] == [number]
    assert await storage.store.recording(10) is None
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_a_database_that_is_away_is_named(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "journal", f"sqlite:///{tmp_path / 'nowhere' / 'agentd.db'}")
    await storage.applier.start(patience=0.05)
    storage.write(asked(1))
    with pytest.raises(DatabaseAway):
        await storage.store.recording(1)
    await storage.stop()
