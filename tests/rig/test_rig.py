"""The rig itself: it starts, stops, restarts, keeps its folder, and leaves nothing behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from agentd.sandbox.asterisk import PrivateAsterisk
from agentd.sandbox.errors import AsteriskGone, FolderInUse, SandboxError, StartFailed
from agentd.sandbox.rig import Rig
from agentd.sandbox.rootfs import AsteriskFiles
from tests.rig.observer import Observer
from tests.rig.test_parties import ROOM, join


def gone(pid: int) -> bool:
    """Wait (5 s) for the end of a process that need not be our child; whether it came."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    ended = bool(poll.poll(5000))
    os.close(handle)
    return ended


@pytest_twisted.ensureDeferred
async def test_the_command_line_for_people_is_the_running_asterisk(rig: Rig, observer: Observer) -> None:
    await join(observer, "agent", "PJSIP/502", "agent")
    for arguments in ("'confbridge list'", "confbridge list"):
        assert ROOM in subprocess.check_output(f"{rig.asterisk_cli} {arguments}", shell=True, text=True)
    assert ROOM in await rig.pbx.cli("confbridge list")
    assert "PJSIP/502" in await rig.pbx.cli(f"confbridge list {ROOM}")


def test_only_the_owner_can_read_secrets(rig: Rig) -> None:
    holding = [
        file
        for file in rig.folder.rglob("*")
        if file.is_file()
        and not file.is_symlink()
        and any(secret in file.read_text("latin-1") for secret in rig.secrets.values())
    ]
    assert {file.name for file in holding} >= {"secrets.json", "manager.conf"}
    assert {file.stat().st_mode & 0o777 for file in holding} == {0o600}


@pytest_twisted.ensureDeferred
async def test_everything_listens_on_loopback_only(rig: Rig, observer: Observer) -> None:
    await join(observer, "agent", "PJSIP/501", "agent")
    inodes = {
        link.split("[")[1].rstrip("]")
        for asterisk in (rig.pbx, rig.world)
        for fd in Path(f"/proc/{asterisk.pid}/fd").iterdir()
        if (link := os.readlink(fd)).startswith("socket:")
    }
    addresses = {
        table: [fields[1].split(":")[0] for fields in map(str.split, lines[1:]) if fields[9] in inodes]
        for table in ("tcp", "tcp6", "udp", "udp6")
        if (lines := Path(f"/proc/net/{table}").read_text().splitlines())
    }
    assert len(addresses["tcp"]) >= 2
    assert len(addresses["udp"]) >= 7
    elsewhere = {
        table: len([address for address in found if len(address) != 8 or not address.endswith("7F")])
        for table, found in addresses.items()
    }
    # PJSIP's own DNS resolver binds these, one per process; nothing can be asked of them (seen in 22.10.1).
    assert elsewhere == {"tcp": 0, "tcp6": 0, "udp": 2, "udp6": 2}


@pytest_twisted.ensureDeferred
async def test_core_restart_now_ends_calls_and_keeps_process_and_phones(rig: Rig, reactor: Any) -> None:
    before = rig.pbx.pid
    observer = await Observer.connect(reactor, **rig.administrator)
    await join(observer, "agent", "PJSIP/501", "agent")
    await rig.pbx.restart()
    assert observer.seen("Shutdown", Restart="True")
    observer = await Observer.connect(reactor, **rig.administrator)
    assert rig.pbx.pid == before
    assert await observer.channels() == []
    assert (await join(observer, "again", "PJSIP/501", "agent"))["Response"] == "Success"
    await observer.hang_up_all()
    await observer.close()


@pytest_twisted.ensureDeferred
async def test_a_folder_serves_one_rig_at_a_time_and_again_after_a_kill(
    tmp_path: Path, asterisk_files: AsteriskFiles, reactor: Any
) -> None:
    first = Rig(reactor, tmp_path, asterisk_files)
    async with first:
        ports, secrets = first.ports, dict(first.secrets)
        with pytest.raises(FolderInUse, match="runs in"):
            Rig(reactor, tmp_path, asterisk_files).prepare()
        pid = first.pbx.pid
        ended = first.pbx.when_gone()
        await first.pbx.kill()
        assert "signal 9" in await ended
        assert first.pbx.pid is None
        with pytest.raises(AsteriskGone):
            await first.pbx.cli("core show uptime")
        await first.pbx.start()
        assert first.pbx.pid not in (None, pid)
        left = (first.pbx.pid, first.world.pid)
    assert all(gone(pid) for pid in left)
    again = Rig(reactor, tmp_path, asterisk_files)
    again.prepare()
    assert (again.ports, dict(again.secrets)) == (ports, secrets)
    await again.stop()


@pytest_twisted.ensureDeferred
async def test_an_asterisk_that_cannot_start_says_why(
    tmp_path: Path, asterisk_files: AsteriskFiles, reactor: Any
) -> None:
    rig = Rig(reactor, tmp_path, asterisk_files)
    rig.prepare()
    (rig.pbx.folder / "etc" / "asterisk.conf").write_text("[directories]\nastetcdir => /nowhere\n")
    with pytest.raises(StartFailed, match="ended while it started"):
        await rig.pbx.start()
    await rig.stop()


def test_a_folder_too_deep_for_a_socket_is_refused(tmp_path: Path, asterisk_files: AsteriskFiles, reactor: Any) -> None:
    deep = PrivateAsterisk(reactor, asterisk_files, tmp_path / ("x" * 90))
    with pytest.raises(SandboxError, match="too long"):
        deep.configure({})


PARENT = """
import os, subprocess, sys
from agentd.sandbox.tether import tethered
child = subprocess.Popen(tethered(["/bin/cat"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(b"up\\n")
child.stdin.flush()
child.stdout.readline()
assert os.getsid(child.pid) == child.pid, "Ctrl-C would reach it"
print(child.pid, os.dup(child.stdin.fileno()), flush=True)
sys.stdin.read()
"""


def test_what_is_started_dies_with_a_killed_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline().split()[0])
        os.kill(child, 0)
        parent.send_signal(signal.SIGKILL)
    assert gone(child)
