"""Named transactions in threads: they commit or leave nothing, and nobody waits for them for ever."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_twisted
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError
from twisted.internet import reactor  # noqa: TID251 - the composition root of these tests
from twisted.internet.defer import gatherResults

from agentd.core.errors import DatabaseAway
from agentd.engine.clock import WallClock
from agentd.storage import management
from agentd.storage.blocks import reserve
from agentd.storage.database import Database, Threads, connect, transact
from agentd.storage.tables import id_blocks


@pytest.fixture
def threads() -> Iterator[Threads]:
    """Four threads."""
    threads = Threads(reactor, 4, "test")
    yield threads
    threads.stop()


@pytest.fixture
def database(engine: Engine, threads: Threads) -> Database:
    """A database that is waited for for a second."""
    return Database(engine, WallClock(reactor), threads, patience=1.0)


def add_list(connection: Connection, number: int) -> int:
    management.put_list(connection, number)
    return number


def count_lists(connection: Connection) -> int:
    return int(connection.execute(text("SELECT COUNT(*) FROM lists")).scalar_one())


@pytest_twisted.ensureDeferred
async def test_a_transaction_gives_its_result_when_it_is_committed(database: Database) -> None:
    assert await database.run("add", add_list, 101) == 101
    assert await database.read("count", count_lists) == 1


@pytest_twisted.ensureDeferred
async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    def half(connection: Connection) -> None:
        add_list(connection, 101)
        raise KeyError("half")

    with pytest.raises(KeyError, match="half"):
        await database.run("half", half)
    assert await database.read("count", count_lists) == 0


@pytest_twisted.ensureDeferred
async def test_a_refusal_is_told_as_it_is(database: Database) -> None:
    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(text("INSERT INTO lists VALUES (1, '', '', 1)"))

    with pytest.raises(IntegrityError):
        await database.run("twice", twice)


@pytest_twisted.ensureDeferred
async def test_two_that_wait_for_each_others_lock_both_get_their_ids(database: Database) -> None:
    blocks = await gatherResults([database.run("reserve", reserve, "lead", 10) for _ in range(20)])
    assert sorted(blocks) == [(first, first + 9) for first in range(1, 200, 10)]


def test_blocks_do_not_overlap_between_processes_that_begin_together(engine: Engine, url: str) -> None:
    engines = [connect(url) for _ in range(4)]
    gate = threading.Barrier(4)

    def ask(engine: Engine) -> list[tuple[int, int]]:
        gate.wait()
        return [transact(engine, lambda connection: reserve(connection, "call", 5)) for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:
        found = sorted(block for blocks in pool.map(ask, engines) for block in blocks)
    assert found == [(first, first + 4) for first in range(1000, 1200, 5)]
    with engine.connect() as connection:
        assert connection.execute(id_blocks.select()).one() == ("call", 1200)
    for other in engines:
        other.dispose()


@pytest_twisted.ensureDeferred
async def test_nobody_waits_longer_than_his_patience(database: Database) -> None:
    go_on = threading.Event()
    began = database._clock.monotonic()
    with pytest.raises(DatabaseAway, match="in time"):
        await database.run("slow", lambda _: go_on.wait(10))
    assert 0.9 < database._clock.monotonic() - began < 2
    go_on.set()


@pytest_twisted.ensureDeferred
async def test_not_too_many_wait(engine: Engine, threads: Threads) -> None:
    database = Database(engine, WallClock(reactor), threads, waiting=2)
    go_on = threading.Event()
    waiting = [database.run("slow", lambda _: go_on.wait(10)) for _ in range(2)]
    with pytest.raises(DatabaseAway, match="too many"):
        await database.run("one more", count_lists)
    go_on.set()
    assert await gatherResults(waiting) == [True, True]
    assert await database.run("now", count_lists) == 0


@pytest_twisted.ensureDeferred
async def test_a_database_that_is_not_there_is_away(threads: Threads, tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []
    engine = connect(f"sqlite:///{tmp_path / 'nowhere' / 'agentd.db'}")
    database = Database(
        engine, WallClock(reactor), threads, on_done=lambda name, seconds, good: told.append((name, good))
    )
    with pytest.raises(DatabaseAway):
        await database.run("count", count_lists)
    assert told == [("count", False)]


def test_sqlite_survives_a_power_cut_after_a_commit(tmp_path: Path) -> None:
    """WAL with a full sync: what was committed is on the disk."""
    engine = connect(f"sqlite:///{tmp_path / 'agentd.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
    engine.dispose()


def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "agentd.db"
    engine = connect(f"sqlite:///{path}", timeout=0.1)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with engine.execution_options(agentd_reads=True).begin() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM t")).scalar_one() == 0
    writer.close()
    engine.dispose()
