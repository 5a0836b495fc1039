"""kill -9 between any two steps: no record is lost, and none is doubled. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from agentd.core.evolving import evolve
from agentd.core.model import State
from agentd.engine.ports import Entry
from agentd.storage.database import connect
from agentd.storage.migrating import migrate
from agentd.storage.reading import SegmentReader
from agentd.storage.recovery import recover
from agentd.storage.tables import api_log, journal_rejects, positions
from tests.storage.lives import FAILPOINTS, Nursery, Order, Report
from tests.storage.rows import bring_in, history

KILLED = -9


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Lives, for the whole module."""
    with Nursery() as nursery:
        yield nursery


def entries_of(folder: Path, last: int) -> list[Entry]:
    return SegmentReader(folder).read(0, last, last + 1)


def check_nothing_lost(folder: Path, report: Report) -> int:
    """What was said to be written is there, once and in order, and makes the State. Gives the last record."""
    recovered = recover(folder)
    assert recovered is not None
    assert recovered.last >= report.written >= report.synced >= report.applied
    entries = entries_of(folder, recovered.last)
    assert [entry.seq for entry in entries] == list(range(1, recovered.last + 1))
    state = State()
    for entry in entries:
        evolve(state, entry.record, entry.at)
    assert state == recovered.state
    return recovered.last


def check_database(folder: Path, url: str, last: int, spare: Path) -> None:
    """The database has exactly what the journal says: the same rows as one that was never disturbed."""
    reference_url = f"sqlite:///{spare}"
    migrate(reference_url)
    reference, engine = connect(reference_url), connect(url)
    bring_in(reference, entries_of(folder, last))
    leave_out = frozenset({"api_id", "journal"})
    assert history(engine, without=leave_out) == history(reference, without=leave_out)
    with engine.connect() as connection:
        assert connection.execute(select(positions.c.seq)).scalars().all() == [last]
        assert connection.execute(select(func.count()).select_from(journal_rejects)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(api_log)).scalar_one() > 0
    engine.dispose()
    reference.dispose()


def test_a_kill_at_every_step(nursery: Nursery, tmp_path: Path, url: str) -> None:
    """One journal and one database go through all failpoints, each at an early and a later passing."""
    folder, seed = tmp_path / "journal", 0
    for failpoint in FAILPOINTS:
        for nth in (1, 4):
            seed += 1
            report = nursery.life(Order(str(folder), url, seed, 400, failpoint, nth))
            assert report.status == KILLED, failpoint
            check_nothing_lost(folder, report)
    report = nursery.life(Order(str(folder), url, seed + 1, 0))
    assert report.status == 0
    last = check_nothing_lost(folder, report)
    check_database(folder, url, last, tmp_path / "reference.db")


def test_kills_at_any_time(nursery: Nursery, tmp_path: Path, url: str) -> None:
    folder, random = tmp_path / "journal", Random(5)
    killed = 0
    for seed in range(1, 9):
        report = nursery.life(Order(str(folder), url, seed, 10_000, seconds=random.uniform(0.3, 1.2)))
        killed += report.status == KILLED
        check_nothing_lost(folder, report)
    assert killed == 8
    report = nursery.life(Order(str(folder), url, 9, 1))
    assert report.status == 0
    last = check_nothing_lost(folder, report)
    assert last > 500
    check_database(folder, url, last, tmp_path / "reference.db")
