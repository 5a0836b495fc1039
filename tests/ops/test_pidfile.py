"""Whom a signal for the daemon reaches: the daemon, or nobody."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentd.administration.console import tell_daemon
from agentd.engine.config import Config, DaemonSection
from agentd.engine.pidfile import hold, holder
from tests.ops.daemon import environment_here

HOLD = """
import os, signal, sys
from pathlib import Path
from agentd.engine.pidfile import hold
signal.signal(signal.SIGHUP, lambda *_: os.write(1, b"told\\n"))
held = hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def daemon(file: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the file and says when it is told something."""
    command = [sys.executable, "-c", HOLD, str(file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment_here()) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def configuration(folder: Path) -> Config:
    return Config(daemon=DaemonSection(state_dir=str(folder)))


def test_the_daemon_is_told(tmp_path: Path) -> None:
    config = configuration(tmp_path)
    with daemon(config.pid_file) as process:
        assert holder(config.pid_file) == process.pid
        assert config.pid_file.read_text() == f"{process.pid}\n"
        assert tell_daemon(config, signal.SIGHUP)
        assert process.stdout is not None
        assert process.stdout.readline() == "told\n"


def test_a_process_that_got_the_number_of_a_dead_daemon_is_left_alone(tmp_path: Path) -> None:
    config = configuration(tmp_path)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        config.pid_file.write_text(f"{stranger.pid}\n")
        told = tell_daemon(config, signal.SIGHUP)
        alive = stranger.poll() is None
        stranger.kill()
    assert not told
    assert alive
    assert stranger.returncode == -signal.SIGKILL


def test_a_file_left_behind_is_nobodys_and_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "agentd.pid"
    with daemon(file) as process:
        process.kill()
        process.wait()
        assert file.exists()
        assert holder(file) is None
    with hold(file):
        assert file.read_text() == f"{os.getpid()}\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_file_is_no_daemon(tmp_path: Path) -> None:
    assert not tell_daemon(configuration(tmp_path), signal.SIGHUP)
