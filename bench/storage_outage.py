"""How the database follows the journal: what a sync costs, how much a second, and what an outage leaves behind.

    python -m bench.storage_outage [--outage 60] [--rate 200] [--records 20000] [--folder DIR]

On SQLite and on a private MariaDB, in one run and in one folder, whose disk is named. For each database: records are
written as fast as they are brought in, which gives the records and rows a second; then commands go on at ``--rate`` a
second while the database does not answer for ``--outage`` seconds (MariaDB is frozen, SQLite's file is locked), and
until it has caught up. It fails (exit code 1) unless every record is there then, once and in order.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import select
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from agentd.core.model import State
from agentd.engine.ports import Entry
from agentd.storage.database import connect
from agentd.storage.journal import JournalLimits
from agentd.storage.migrating import migrate
from agentd.storage.projections import project
from agentd.storage.tables import api_log
from tests.storage.following import Storage
from tests.storage.helpers import api_call
from tests.storage.mariadb import MariaDB
from tests.storage.shift import MemoryJournal, Shift


@dataclass(frozen=True)
class Base:
    """One of the two databases, and how it is made to answer nothing."""

    name: str
    url: str
    freeze: Callable[[], None]
    thaw: Callable[[], None]


class Lock:
    """Somebody who holds an SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def take(self) -> None:
        """Hold it."""
        self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        self._connection.execute("BEGIN IMMEDIATE")

    def give_back(self) -> None:
        """Let it go."""
        assert self._connection is not None
        self._connection.close()


def disk_of(folder: Path) -> str:
    """The device and the file system that a folder is on, and the device's model where there is one."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    number = os.stat(folder).st_dev
    device = f"{os.major(number)}:{os.minor(number)}"
    for mount in mounts:
        if mount[2] == device:
            dash = mount.index("-")
            model = Path(f"/sys/dev/block/{device}/device/model")
            name = f" ({model.read_text().strip()})" if model.exists() else ""
            return f"{mount[dash + 2]}{name}, {mount[dash + 1]}"
    return f"device {device}"


def mixture(count: int) -> list[Entry]:
    """Records as a shift makes them: sessions, states, calls, legs, leads, the API log."""
    journal = MemoryJournal()
    shift = Shift(journal, State(), 1)
    while len(journal.entries) < count:
        shift.step()
    return journal.entries[:count]


def per_cent(values: list[float], part: float) -> float:
    """A percentile."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part / 100))]


async def syncs(storage: Storage) -> None:
    """What it costs to write a record, and to wait for the disk."""
    writing, waiting = [], []
    for number in range(500):
        began = time.perf_counter()
        seq = storage.write(api_call(number))[-1].seq
        written = time.perf_counter()
        await storage.journal.synced(seq)
        writing.append(written - began)
        waiting.append(time.perf_counter() - written)
    print(
        f"journal: write {median(writing) * 1e6:.0f} us, sync {median(waiting) * 1e3:.2f} ms "
        f"(99th percentile {per_cent(waiting, 99) * 1e3:.2f} ms)"
    )


async def throughput(base: Base, folder: Path, entries: list[Entry]) -> None:
    """How many records and rows a second the database takes."""
    storage = Storage(folder / "throughput", base.url, limits=JournalLimits())
    rows = sum(len(project("pbx1", storage.journal.name, entry)) for entry in entries)
    for entry in entries:
        storage.journal.write([entry.record], entry.at)
    await storage.journal.synced(storage.journal.last)
    began, busy = time.perf_counter(), time.process_time()
    await storage.applier.start()
    await storage.applier.reached(storage.journal.last)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    print(
        f"{base.name}: {len(entries) / seconds:,.0f} records/s, {rows / seconds:,.0f} changes/s, "
        f"{busy / len(entries) * 1e6:.0f} us of our CPU a record"
    )
    await storage.stop()


async def outage(base: Base, folder: Path, seconds: float, rate: int) -> bool:
    """Commands go on while the database does not answer. Says whether all is there in the end."""
    migrate(base.url)
    storage = Storage(folder / "outage", base.url, limits=JournalLimits(), timeout=2.0)
    await storage.applier.start()
    await syncs(storage)
    await storage.applier.reached(storage.journal.last)
    slowest, count = 0.0, 500
    base.freeze()
    try:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            began = time.perf_counter()
            storage.write(api_call(count))
            slowest, count = max(slowest, time.perf_counter() - began), count + 1
            await storage.moment(1 / rate)
        behind = storage.journal.last - (storage.applier.status().position or 0)
    finally:
        base.thaw()
    began = time.perf_counter()
    await storage.applier.reached(count)
    caught_up = time.perf_counter() - began
    with storage.engine.connect() as connection:
        order = select(api_log.c.data).where(api_log.c.journal == storage.journal.name).order_by(api_log.c.seq)
        found = list(connection.execute(order).scalars())
    good = found == [str(number) for number in range(count)]
    print(
        f"{base.name}: {seconds:.0f} s away, {behind:,} records behind, slowest write {slowest * 1e3:.1f} ms, "
        f"caught up {caught_up:.1f} s after it was back, every record once and in order: {'yes' if good else 'NO'}"
    )
    await storage.stop()
    return good


async def measure(options: argparse.Namespace, folder: Path) -> bool:
    """Everything, on both databases."""
    good = True
    entries = mixture(options.records)
    path = folder / "agentd.db"
    lock = Lock(path)
    with MariaDB(folder / "mariadb", durable=True) as server:
        bases = (
            Base("SQLite", f"sqlite:///{path}", lock.take, lock.give_back),
            Base("MariaDB", server.new_database("agentd"), server.freeze, server.thaw),
        )
        for base in bases:
            migrate(base.url)
            await throughput(base, folder / base.name, entries)
            forget(base.url)
            good &= await outage(base, folder / base.name, options.outage, options.rate)
    return good


def forget(url: str) -> None:
    """Let the database take up another journal."""
    engine = connect(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM positions")
    engine.dispose()


def main() -> int:
    """Measure, and say whether all went well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outage", type=float, default=60.0, help="seconds")
    parser.add_argument("--rate", type=int, default=200, help="commands a second during the outage")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="where to work (default: the temporary folder)")
    options = parser.parse_args()
    results: list[object] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        print(f"disk: {disk_of(Path(name))}")
        work = Deferred.fromCoroutine
        reactor.callWhenRunning(  # type: ignore[attr-defined]
            lambda: work(measure(options, Path(name))).addBoth(results.append).addBoth(lambda _: reactor.stop())  # type: ignore[attr-defined]
        )
        reactor.run()  # type: ignore[attr-defined]
    if results != [True]:
        print(results, file=sys.stderr)
    return 0 if results == [True] else 1


if __name__ == "__main__":
    sys.exit(main())
