"""Under systemd: the port is its, the daemon comes and goes, and no request is refused."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from tests.ops.daemon import AGENTD, Daemon, configure, environment_here, free_port, get, held_port

FROM_SYSTEMD = "systemd:domain=INET:index=0"


def command(config: Path) -> list[str]:
    return [*AGENTD, "run", "--config", str(config)]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that is ready, with a watchdog that wants a sign twice a second."""
    config = configure(tmp_path, "tcp:0:interface=127.0.0.1")
    environment = environment_here() | {"WATCHDOG_USEC": "1000000"}
    with Daemon(command(config), tmp_path, environment=environment) as daemon:
        daemon.wait_for("READY=1")
        yield daemon


def test_systemd_is_told_that_it_is_ready_alive_and_about_to_end(running: Daemon) -> None:
    running.wait_for("WATCHDOG=1")
    running.wait_for("WATCHDOG=1")
    running.process.send_signal(signal.SIGTERM)
    running.wait_for("STOPPING=1")
    assert running.process.wait() == 0


def test_systemd_is_told_of_a_reload(running: Daemon) -> None:
    running.process.send_signal(signal.SIGHUP)
    running.wait_for("RELOADING=1")
    running.wait_for("READY=1")
    assert running.stop() == 0


def test_the_first_request_starts_it_and_is_answered(tmp_path: Path) -> None:
    config = configure(tmp_path, FROM_SYSTEMD)
    port = free_port()
    activate = ["/usr/bin/systemd-socket-activate", f"--listen=127.0.0.1:{port}", "--fdname=agentd.socket"]
    names = [f"--setenv={name}" for name in ("PYTHONPATH", "NOTIFY_SOCKET", "PATH")]
    with Daemon([*activate, *names, *command(config)], tmp_path) as daemon:
        listening(daemon, port)
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        daemon.wait_for("READY=1")
        assert daemon.stop() == 0


def listening(daemon: Daemon, port: int) -> None:
    """Wait until systemd-socket-activate says that it listens, without connecting, which would start the daemon."""
    reader = os.open(daemon.log, os.O_RDONLY)
    try:
        said = b""
        while f"Listening on 127.0.0.1:{port}".encode() not in said:
            assert daemon.process.poll() is None, said
            said += os.read(reader, 4096)
    finally:
        os.close(reader)


def test_no_request_is_refused_while_it_is_restarted(tmp_path: Path) -> None:
    config = configure(tmp_path, FROM_SYSTEMD)
    over = Event()
    with held_port() as (listener, url), ThreadPoolExecutor(4) as clients:

        def ask() -> list[int]:
            statuses = []
            while not over.is_set():
                statuses.append(get(f"{url}/healthz")[0])
            return statuses

        with Daemon(command(config), tmp_path, held=listener) as first:
            first.wait_for("READY=1")
            asking = [clients.submit(ask) for _ in range(4)]
            try:
                answered_by(url)
                assert first.stop() == 0
                with Daemon(command(config), tmp_path, held=listener) as second:
                    second.wait_for("READY=1")
                    answered_by(url)
                    over.set()
                    answers = [client.result() for client in asking]
                    assert second.stop() == 0
            finally:
                over.set()
    assert all(len(statuses) > 2 and set(statuses) == {200} for statuses in answers)


def answered_by(url: str) -> None:
    """Several requests of our own, so that the clients have been served as well."""
    for _ in range(5):
        assert get(f"{url}/healthz")[0] == 200
