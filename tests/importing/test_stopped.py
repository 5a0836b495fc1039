"""An import that was stopped, in whatever way, goes on where it was: no lead twice, none lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from agentd.importing.wishes import ImportRefused
from agentd.storage.tables import import_progress, leads
from tests.importing.office import Desk

CONTENT = "phone,first\n" + "".join(f"727{n:07},x{n}\n{n},bad\n" for n in range(2_000_000, 2_000_900))
"""900 leads, and as many bad rows between them."""

KILLED = """
import os, signal, sys
from agentd.importing import files, rejects
from agentd.importing.wishes import Duplicates, FileWish, LeadWish
from agentd.storage.database import connect

url, path, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
flush = rejects.Rejects.flush

def last(self):  # in a transaction, after the rows were written to it
    global times
    flush(self)
    times -= 1
    if times == 0:
        os.kill(os.getpid(), signal.SIGKILL)

rejects.Rejects.flush = last
with files.opened_files(FileWish(path), lambda _: None) as opened:
    files.import_leads(connect(url), opened, LeadWish(101, "US", duplicates=Duplicates.NONE), 1795000000.0)
"""


def killed(url: str, path: str, times: int) -> int:
    """Import a file in a process that is killed in its so manieth transaction; how it ended."""
    command = [sys.executable, "-c", KILLED, url, path, str(times)]
    return subprocess.run(command, check=False, timeout=60, cwd=Path(__file__).parents[2]).returncode


def whole(desk: Desk) -> None:
    """Every lead is there once, in the order of the file; every bad row is told once."""
    assert desk.rows(leads, "phone_number") == [(f"727{n}",) for n in range(2_000_000, 2_000_900)]
    assert [int(row[0]) for row in desk.rejects[1:]] == list(range(3, 1802, 2))
    assert desk.rejects[0] == ["line", "reason", "phone", "first"]


def test_one_that_was_killed_goes_on_where_it_was(desk: Desk, url: str) -> None:
    path = desk.file(CONTENT)
    assert killed(url, path, 1) == -signal.SIGKILL
    assert desk.numbers() == []
    assert killed(url, path, 3) == -signal.SIGKILL
    assert len(desk.numbers()) == 500
    assert killed(url, path, 0) == 0
    whole(desk)


def stopped(desk: Desk, **how: object) -> None:
    """Begin an import and stop it after its first transactions."""

    def stop(_position: int) -> None:
        if len(desk.numbers()) >= 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.leads(CONTENT, tell=stop, **how)  # type: ignore[arg-type]


def test_what_it_tells_is_of_the_whole_file(desk: Desk) -> None:
    stopped(desk)
    told = desk.leads(CONTENT)
    whole(desk)
    assert told.begun == 1001
    assert told.counts == {
        "rows": 1800, "imported": 900, "bad": 900, "duplicates": 0, "dnc": 0, "numbers_unread": 0
    }  # fmt: skip


def test_it_goes_on_in_the_way_in_which_it_began_or_anew(desk: Desk) -> None:
    stopped(desk)
    with pytest.raises(ImportRefused, match="was stopped at line 1001, and was begun with other options"):
        desk.leads(CONTENT, "first=last_name")
    told = desk.leads(CONTENT, "first=last_name", restart=True)
    assert (told.begun, told.counts["imported"], told.counts["duplicates"]) == (0, 400, 500)
    assert len(desk.rejects) == 1 + 900 + 500


def test_what_is_done_is_not_done_again_unless_it_is_asked_for(desk: Desk) -> None:
    desk.leads("phone\n7275551212\n")
    with pytest.raises(ImportRefused, match="imported already: --restart imports it once more"):
        desk.leads("phone\n7275551212\n")
    assert desk.leads("phone\n7275551212\n", list_id=102).counts["imported"] == 1
    assert desk.leads("phone\n7275551213\n").counts["imported"] == 1  # another content is another file
    assert desk.leads("phone\n7275551213\n", restart=True).counts["duplicates"] == 1


def test_two_at_a_time_do_not_import_the_same_rows(desk: Desk) -> None:
    def another(_position: int) -> None:
        desk.leads(CONTENT)

    with pytest.raises(ImportRefused, match="another import of the same file is under way"):
        desk.leads(CONTENT, tell=another)
    assert desk.rows(leads, "phone_number") == [(f"727{n}",) for n in range(2_000_000, 2_000_900)]


def test_how_far_it_came_can_be_seen(desk: Desk, engine: Engine) -> None:
    stopped(desk)
    with engine.connect() as connection:
        [row] = connection.execute(select(import_progress)).mappings()
    assert (row["line"], row["ended"]) == (1001, None)
    assert 0 < row["position"] <= os.path.getsize(desk.folder / "leads.csv")
    assert row["counts"]["imported"] == 500
    assert row["source"].startswith("leads 101 ")
    desk.leads(CONTENT)
    with engine.connect() as connection:
        assert connection.execute(select(import_progress.c.ended)).scalar_one() is not None
