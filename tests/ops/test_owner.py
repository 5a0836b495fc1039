"""Whose the files are that the command line makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentd.engine.owner import become_owner

NOBODY = 65534

SCRIPT = """
import os
from pathlib import Path
from agentd.engine.owner import become_owner
become_owner(Path("."))
Path("made").touch()
print(os.getuid(), os.geteuid(), os.getgid(), 0 in os.getgroups())
"""


def privileged() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def become(folder: Path) -> str:
    command = [*privileged(), "env", f"PYTHONPATH={Path(__file__).parents[2]}", sys.executable, "-c", SCRIPT]
    return subprocess.check_output(command, cwd=folder, text=True).strip()


def test_root_becomes_who_owns_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    subprocess.check_call([*privileged(), "chown", f"{NOBODY}:{NOBODY}", str(folder)])
    assert become(folder) == f"{NOBODY} {NOBODY} {NOBODY} False"
    assert (folder / "made").stat().st_uid == NOBODY


def test_root_stays_root_in_a_folder_of_roots(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    subprocess.check_call([*privileged(), "chown", "0:0", str(tmp_path)])
    try:
        assert become(tmp_path).startswith("0 0 0 ")
    finally:
        subprocess.check_call([*privileged(), "chown", f"{os.getuid()}:{os.getgid()}", str(tmp_path)])


def test_who_is_not_root_stays_who_he_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("nobody else may be become")

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "setuid", refuse)
    monkeypatch.setattr(os, "setgid", refuse)
    become_owner(tmp_path)


def test_a_folder_that_is_not_there_has_no_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    become_owner(tmp_path / "none")
