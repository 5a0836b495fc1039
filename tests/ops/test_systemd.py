"""What systemd is told, and what the units say to it."""

from __future__ import annotations

import configparser
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentd.engine import systemd

PROJECT = Path(__file__).parents[2]
UNITS = PROJECT / "systemd"
SERVICE = UNITS / "agentd.service"
SOCKET = UNITS / "agentd.socket"
EXPOSED_AT_MOST = 1.5
"""systemd-analyze's figure from 0 to 10; the unit had 1.3 in systemd 252."""


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """systemd's end, at a path short enough for a socket's address."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("notify")
        listener.settimeout(5)
        yield listener


def unit(path: Path) -> configparser.RawConfigParser:
    """A unit file; of a key that stands several times the last value counts."""
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#", ";"), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def test_systemd_is_told_at_a_path(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "notify")
    systemd.notify("READY=1", "STATUS=running")
    assert listener.recv(4096) == b"READY=1\nSTATUS=running"


def test_systemd_is_told_at_an_abstract_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("")  # the kernel chooses an abstract address
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + listener.getsockname()[1:].decode())
        systemd.notify("WATCHDOG=1")
        assert listener.recv(4096) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "gone"])
def test_without_systemd_nothing_happens(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    systemd.notify("READY=1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("microseconds", "process", "seconds"),
    [
        ("10000000", None, 5.0),
        pytest.param("10000000", str(os.getpid()), 5.0, id="10000000-own-5.0"),
        ("10000000", "1", None),
        ("0", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_the_watchdog_wants_a_sign_twice_in_its_time(
    microseconds: str, process: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if process is not None:
        monkeypatch.setenv("WATCHDOG_PID", process)
    assert systemd.watchdog_interval() == seconds


def test_the_units_are_sound(tmp_path: Path) -> None:
    program = tmp_path / "agentd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for file in (SERVICE, SOCKET):
        text = file.read_text().replace("/opt/agentd/bin/agentd", str(program))
        (tmp_path / file.name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / SERVICE.name), str(tmp_path / SOCKET.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "agentd" in line]
    assert (done.returncode, ours) == (0, [])


def test_the_service_can_do_little_harm() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(SERVICE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"Overall exposure level for agentd\.service: ([0-9.]+)", done.stdout)
    assert found is not None
    assert float(found[1]) <= EXPOSED_AT_MOST


def test_the_service_is_no_root_tells_when_it_is_ready_and_comes_back() -> None:
    service = unit(SERVICE)["Service"]
    assert (service["Type"], service["User"], service["Restart"]) == ("notify", "agentd", "always")
    assert service["CapabilityBoundingSet"] == ""
    assert service["WatchdogSec"] == "10s"


def test_the_socket_is_the_port_that_the_configuration_names() -> None:
    assert unit(SOCKET)["Socket"]["ListenStream"] == "127.0.0.1:8077"
    assert 'listen = "tcp:8077:interface=127.0.0.1"' in (PROJECT / "etc/agentd.toml").read_text()


def test_the_units_name_what_the_installation_makes() -> None:
    script = (PROJECT / "etc/install.sh").read_text()
    service = unit(SERVICE)["Service"]
    assert f"prefix={service['ExecStart'].partition('/bin/')[0]}\n" in script
    assert service["ExecStart"].rpartition(" ")[2] in script
    assert f"spool={service['ReadWritePaths'].removeprefix('-')}\n" in script
