"""Which Asterisk is taken, and how it is run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from agentd.sandbox import rootfs
from agentd.sandbox.errors import AsteriskUnavailable
from agentd.sandbox.rootfs import AsteriskFiles, cache_folder, files_in, find_asterisk, installed_files


def installed(base: Path, modules: str = "usr/lib/x86_64-linux-gnu/asterisk/modules") -> Path:
    """A machine with Asterisk; the program."""
    for folder in ("usr/sbin", "etc/asterisk", modules, "usr/share/asterisk/documentation"):
        (base / folder).mkdir(parents=True)
    program = base / "usr/sbin/asterisk"
    program.write_text('#!/bin/sh\necho "$0 $*"\n')
    program.chmod(0o755)
    return program


def test_an_installed_asterisk_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = installed(tmp_path)
    found = installed_files(tmp_path)
    assert found is not None
    assert found.program == program
    assert found.modules == tmp_path / "usr/lib/x86_64-linux-gnu/asterisk/modules"
    assert found.data == tmp_path / "usr/share/asterisk"
    script = tmp_path / "script"
    script.write_text(found.launcher())
    assert subprocess.check_output(["sh", str(script), "-rx", "a b"], text=True) == f"{program} -rx a b\n"
    monkeypatch.setattr(rootfs, "installed_files", lambda: found)
    assert find_asterisk(print, tmp_path / "cache") is found
    assert not (tmp_path / "cache").exists()


def test_an_asterisk_built_from_source_says_where_its_parts_are(tmp_path: Path) -> None:
    installed(tmp_path, modules="opt/modules")
    (tmp_path / "opt/data/documentation").mkdir(parents=True)
    (tmp_path / "etc/asterisk/asterisk.conf").write_text(
        "[directories](!)\n;astmoddir => /no\n"
        f"astmoddir => {tmp_path}/opt/modules ; here\nastdatadir={tmp_path}/opt/data\n"
    )
    found = installed_files(tmp_path)
    assert found is not None
    assert (found.modules, found.data) == (tmp_path / "opt/modules", tmp_path / "opt/data")


def test_a_machine_without_asterisk_has_none(tmp_path: Path) -> None:
    assert installed_files(tmp_path) is None


def test_an_installation_with_parts_missing_is_named(tmp_path: Path) -> None:
    installed(tmp_path)
    shutil.rmtree(tmp_path / "usr/lib")
    with pytest.raises(AsteriskUnavailable, match="usr/sbin/asterisk is installed, but"):
        installed_files(tmp_path)


def test_a_root_in_the_cache_is_used_and_not_fetched_again(
    tmp_path: Path, asterisk_files: AsteriskFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = []

    def fetch(root: Path, say: object) -> None:
        fetched.append(root)
        installed(root)
        (root / "usr/lib64").mkdir()
        (root / "usr/lib64/ld-linux-x86-64.so.2").touch()

    monkeypatch.setattr(rootfs, "installed_files", lambda: None)
    monkeypatch.setattr(rootfs.fetch, "fetch_asterisk", fetch)
    monkeypatch.setenv("AGENTD_CACHE", str(tmp_path))
    first = find_asterisk(print)
    assert fetched == [cache_folder() / "asterisk-root"] == [tmp_path / "asterisk-root"]
    assert find_asterisk(print) == first
    assert len(fetched) == 1
    assert "--argv0" in first.launcher()


def test_a_loader_that_belongs_to_the_machine_is_not_taken(tmp_path: Path) -> None:
    installed(tmp_path / "root")
    (tmp_path / "ld-linux-x86-64.so.2").touch()
    (tmp_path / "root/lib64").mkdir()
    (tmp_path / "root/lib64/ld-linux-x86-64.so.2").symlink_to(tmp_path / "ld-linux-x86-64.so.2")
    with pytest.raises(AsteriskUnavailable, match="remove that folder"):
        files_in(tmp_path / "root")


def test_the_asterisk_of_this_machine_runs(asterisk_files: AsteriskFiles, tmp_path: Path) -> None:
    script = tmp_path / "asterisk"
    script.write_text(asterisk_files.launcher())
    script.chmod(0o755)
    assert subprocess.check_output([str(script), "-V"], text=True).startswith("Asterisk ")
    assert (asterisk_files.data / "documentation").is_dir()
