"""A daemon as systemd starts it: told where to say that it is ready, and given the sockets that it listens on."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from agentd.sandbox.tether import tethered

PROJECT = Path(__file__).parents[2]
AGENTD = (sys.executable, "-m", "agentd.cli")
PATIENCE = 30.0

# Become a program with the file descriptor as number 3, as sd_listen_fds(3) has it.
_PASS = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="agentd.socket", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


class Daemon:
    """One run of a command. As a context it is killed at the end if it still runs."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        *,
        notify: Path | None = None,
        held: socket.socket | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        """``notify`` is where its messages go, for a command that says so itself; ``held`` a socket to listen on."""
        self.log = folder / "daemon.log"
        self._path = notify or folder / "notify"
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._listener.bind(str(self._path))
        self._path.chmod(0o777)
        environment = (environment or environment_here()) | {"NOTIFY_SOCKET": str(self._path)}
        fds: tuple[int, ...] = ()
        if held is not None:
            fds = (held.fileno(),)
            command = [sys.executable, "-c", _PASS, str(held.fileno()), *command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                tethered(list(command)), env=environment, stderr=log, stdout=log, pass_fds=fds
            )

    def __enter__(self) -> Daemon:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def wait_for(self, word: str) -> None:
        """Wait until systemd is told this; fails with the daemon's log when it ends before, or says nothing."""
        ended = os.pidfd_open(self.process.pid)
        try:
            while True:
                readable, _, _ = select.select([self._listener, ended], [], [], PATIENCE)
                if self._listener in readable:
                    if word in self._listener.recv(4096).decode().splitlines():
                        return
                    continue
                what = "ended" if readable else "said nothing"
                raise AssertionError(f"the daemon {what} before {word}:\n{self.log.read_text()}")
        finally:
            os.close(ended)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def get(url: str) -> tuple[int, str]:
    """The status and the body that a GET gets."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def held_port() -> Iterator[tuple[socket.socket, str]]:
    """A listening socket as systemd holds one, and the URL of its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def configure(folder: Path, http: str) -> Path:
    """A configuration of a daemon with a database and without an Asterisk; its file."""
    file = folder / "agentd.toml"
    file.write_text(
        f"""
        [daemon]
        state_dir = "{folder}/state"
        [http]
        listen = "{http}"
        [ami]
        endpoint = "tcp:127.0.0.1:{free_port()}"
        secret = "none"
        [fastagi]
        listen = "tcp:0:interface=127.0.0.1"
        [journal]
        segment_bytes = 1048576
        """
    )
    subprocess.run([*AGENTD, "migrate", "--config", str(file)], check=True, capture_output=True, env=environment_here())
    return file


def environment_here() -> dict[str, str]:
    """This environment, with the project's modules."""
    return {**os.environ, "PYTHONPATH": str(PROJECT)}
