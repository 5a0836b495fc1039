"""``agentd demo`` as people run it: it tells where to look, and Ctrl-C ends all of it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agentd.sandbox.rootfs import AsteriskFiles
from agentd.sandbox.tether import tethered


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The command with its output in a pipe, as scripts have it."""
    command = [sys.executable, "-m", "agentd.cli", "demo", "--dir", str(folder), "--port", str(port)]
    with subprocess.Popen(tethered(command), stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def processes_of(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdecimal() else []
        except OSError:  # it ended meanwhile
            continue
        if any(str(folder).encode() in word for word in words):
            found.append(entry.name)
    return found


def native(folder: Path, method: str, path: str, body: Any = None) -> Any:
    """What the native API of the demo in that folder answers."""
    runtime = json.loads((folder / "runtime.json").read_text())
    headers = {"Authorization": f"Bearer {runtime['token']}", "Content-Type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"{runtime['http']}/api/v1{path}", sent, headers, method=method)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.loads(answer.read())


def duty(folder: Path) -> dict[str, Any]:
    """What agent 1001 is doing, of whom the demo says that he is on duty."""
    session = native(folder, "GET", "/sessions/1001")
    return {key: session[key] for key in ("agent", "state", "phone")}


def started(process: subprocess.Popen[str]) -> list[str]:
    """What it tells until it runs."""
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if "Ctrl-C" in line:
            break
    return told


def test_it_tells_where_to_look_and_ctrl_c_ends_all_of_it(tmp_path: Path, asterisk_files: AsteriskFiles) -> None:
    folder, port = tmp_path / "demo", free_port()
    with demo(folder, port) as process:
        told = started(process)
        urls = [line.strip() for line in told if line.strip().startswith("http://")]
        assert urls[0] == (
            f"http://127.0.0.1:{port}/cc3/writedialplane/agents_commands/agent_command.php?action=login&agid=1000&agext=502"
        )
        with urllib.request.urlopen(urls[0], timeout=30) as answer:
            assert answer.read() == b"0: OK login,1000,502\n"
        assert json.loads((folder / "runtime.json").read_text())["http"] == f"http://127.0.0.1:{port}"
        assert duty(folder) == {"agent": "1001", "state": "READY", "phone": {"extension": "505", "attached": True}}
        assert any("1001" in line and "505" in line for line in told)
        assert len(processes_of(folder)) >= 3  # the demo, the daemon and two Asterisks
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert processes_of(folder) == []
    assert not (folder / "runtime.json").exists()


def test_who_is_on_duty_is_ready_again_after_the_demo_was_killed(tmp_path: Path, asterisk_files: AsteriskFiles) -> None:
    folder, port = tmp_path / "demo", free_port()
    with demo(folder, port) as process:
        started(process)
        native(folder, "POST", "/sessions/1001/calls", {"number": "7275551212"})
        assert duty(folder)["state"] in {"DIALLING", "INCALL"}
    with demo(folder, port) as process:  # it was killed, and his session and his call are in the journal
        started(process)
        assert duty(folder) == {"agent": "1001", "state": "READY", "phone": {"extension": "505", "attached": True}}
