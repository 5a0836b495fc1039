"""How fast leads are imported, and in how much memory, on SQLite and on MariaDB.

    python -m bench.importing [--rows 100000] [--folder DIR]

Leads with second numbers and all usual columns, a hundredth of them bad, are imported as ``agentd import`` does it, in
a process of its own: from a CSV file, then from a VICIdial's tables (of the same leads, on the same MariaDB).
What SQLite takes for the bare rows, in the same table and the same transactions, is measured beside it. It fails (exit
code 1) when an import takes more than 30 s for each 100,000 rows, a lead is missing, or five times the rows take more
than a tenth more memory.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, insert, select

from agentd.storage.bulk import LEAD_ROW
from agentd.storage.columns import moment
from agentd.storage.database import connect
from agentd.storage.management import put_list
from agentd.storage.migrating import migrate
from agentd.storage.tables import leads
from tests.importing.vicidial import SCHEMA, fill
from tests.storage.mariadb import MariaDB

LIMIT = 30.0 / 100_000
MEMORY = 1.1
NOW = 1_795_000_000.0

FILE = """
import resource, sys, time
from agentd.importing import files
from agentd.importing.wishes import FileWish, LeadWish
from agentd.storage.database import connect
begin = time.perf_counter()
with files.opened_files(FileWish(sys.argv[2]), lambda _: None) as opened:
    told = files.import_leads(connect(sys.argv[1], timeout=60), opened, LeadWish(101, "US"), 1795000000.0)
seconds = time.perf_counter() - begin
used = resource.getrusage(resource.RUSAGE_SELF)
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, told.counts["imported"])
"""
VICIDIAL = """
import resource, sys, time
from agentd.importing.vicidial.moving import Move, MoveWish
from agentd.importing.vicidial.source import Source
from agentd.storage.database import connect
begin = time.perf_counter()
ours, source = connect(sys.argv[1], timeout=60), Source(connect(sys.argv[2], timeout=60))
move = Move(ours, source, MoveWish(kinds=("leads",)), 1795000000.0, lambda _: None)
move.run()
seconds = time.perf_counter() - begin
new = sum(row["new"] for row in move.notes.counts)
used = resource.getrusage(resource.RUSAGE_SELF)
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, new)
"""


def write(path: Path, rows: int) -> int:
    """Write a file of leads; gives how many are good."""
    chance = random.Random(1)
    numbers = chance.sample(range(10_000_000), rows)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        names = "phone,first,last,street,city,state,zip,email,notes,alt phone,vendor code,country,rank"
        writer.writerow(names.split(","))
        for n, number in enumerate(numbers):
            area = chance.choice(("212", "305", "512", "727"))
            main = "unknown" if n % 100 == 0 else f"({area}) {number // 10000:03}-{number % 10000:04}"
            alt = f"+1 {area} 555 {n % 10000:04}" if n % 3 == 0 else ""
            person = (f"First{n}", f"Last{n}", f"{n} Main St", "Clearwater", "FL", "33755", f"a{n}@example.com")
            writer.writerow((main, *person, "likes tea, and coffee", alt, f"V{n}", "US", n % 10))
    return rows - (rows + 99) // 100


def fresh(url: str) -> str:
    """A database with our schema and list 101."""
    migrate(url)
    engine = connect(url)
    with engine.begin() as connection:
        put_list(connection, 101)
    engine.dispose()
    return url


def run(program: str, *words: str) -> tuple[float, float, int, int]:
    """Run an import in a process of its own: seconds, those of a processor, MiB at most, leads."""
    done = subprocess.run([sys.executable, "-c", program, *words], check=True, capture_output=True, text=True)
    seconds, used, memory, count = done.stdout.split()
    return float(seconds), float(used), int(memory), int(count)


def bare(folder: Path, rows: int) -> float:
    """Seconds that the same rows take when they are only inserted."""
    engine = connect(fresh(f"sqlite:///{folder / 'bare.db'}"))
    row = {**LEAD_ROW, "list_id": 101, "phone_code": "1", "entry_date": moment(NOW), "modify_date": moment(NOW)}
    begin = time.perf_counter()
    for first in range(1, rows + 1, 500):
        some = [row | {"id": n, "phone_number": f"727{n:07}"} for n in range(first, min(first + 500, rows + 1))]
        with engine.begin() as connection:
            connection.execute(insert(leads), some)
    seconds = time.perf_counter() - begin
    engine.dispose()
    return seconds


def there(url: str) -> int:
    """How many leads there are."""
    engine = connect(url)
    with engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(leads)).scalar_one()
    engine.dispose()
    return int(count)


def copied(url: str, theirs: str) -> None:
    """A VICIdial's database with the same leads."""
    fill(theirs, SCHEMA)
    columns = "lead_id, list_id, status, phone_code, phone_number, first_name, last_name, entry_date"
    ours = columns.replace("lead_id", "id")
    name = url.rpartition("/")[2]
    fill(theirs, f"insert into vicidial_list ({columns}) select {ours} from {name}.leads")
    fill(theirs, "insert into vicidial_lists values (101, 'All', '', 'Y')")


def measured(name: str, urls: tuple[str, str], program: str, words: tuple[str, str], rows: int, good: int) -> bool:
    """Import a fifth, then all; print and judge. ``urls`` are databases for them, ``words`` where they come from."""
    _, _, little, _ = run(program, urls[0], words[0])
    seconds, used, memory, count = run(program, urls[1], words[1])
    complete = count == good == there(urls[1])
    print(
        f"{name:24} {seconds:6.1f} s, {rows / seconds:7,.0f} rows/s, {used:.1f} s of a processor, {memory} MiB at most "
        f"({little} MiB for a fifth); {'all there' if complete else f'{count} of {good} THERE'}",
        flush=True,
    )
    return complete and seconds <= LIMIT * rows and memory <= MEMORY * little


def main() -> int:
    """Measure all."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--folder", help="where the databases are made, instead of a temporary folder")
    chosen = options.parse_args()
    rows, met = chosen.rows, []
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        folder = Path(made)
        files = (folder / "fifth.csv", folder / "all.csv")
        write(files[0], rows // 5)
        good = write(files[1], rows)
        words = (str(files[0]), str(files[1]))
        size = os.path.getsize(files[1]) / 1e6
        print(f"{rows:,} rows, {size:.1f} MB; the bare rows on SQLite take {bare(folder, rows):.1f} s", flush=True)
        sqlite = (fresh(f"sqlite:///{folder / 'a.db'}"), fresh(f"sqlite:///{folder / 'b.db'}"))
        met.append(measured("CSV to SQLite", sqlite, FILE, words, rows, good))
        with MariaDB(folder / "mariadb", durable=True) as server:
            urls = (fresh(server.new_database("a")), fresh(server.new_database("b")))
            met.append(measured("CSV to MariaDB", urls, FILE, words, rows, good))
            sources = (server.new_database("small"), server.new_database("whole"))
            for url, theirs in zip(urls, sources, strict=True):
                copied(url, theirs)
            target = (fresh(server.new_database("c")), fresh(server.new_database("d")))
            met.append(measured("VICIdial to MariaDB", target, VICIDIAL, sources, good, good))
            target = (fresh(f"sqlite:///{folder / 'c.db'}"), fresh(f"sqlite:///{folder / 'd.db'}"))
            met.append(measured("VICIdial to SQLite", target, VICIDIAL, sources, good, good))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
