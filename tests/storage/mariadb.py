"""A MariaDB server of our own, in a folder, for tests and benches."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType

import pymysql

from agentd.sandbox.tether import tethered

__all__ = ["MariaDB", "free_port"]


def free_port() -> int:
    """A TCP port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _program(name: str) -> str:
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert path is not None, f"{name} is not installed; it is part of the distribution's mariadb-server"
    return path


class MariaDB:
    """A private server: started here, stopped by its process id, gone with its folder.

    What is committed outlives the server's end, of whatever kind; that of the machine only if it is ``durable``.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._data = folder / "data"
        self._user = ["--user=root"] if os.geteuid() == 0 else []
        self._sync = [] if durable else ["--innodb-flush-log-at-trx-commit=2", "--skip-innodb-doublewrite"]

    def install(self) -> None:
        """Make its system tables."""
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                _program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={self._data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *self._user,
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self.process = subprocess.Popen(
            tethered(
                [
                    _program("mariadbd"),
                    "--no-defaults",
                    f"--datadir={self._data}",
                    f"--socket={self.folder / 's'}",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    f"--pid-file={self.folder / 'pid'}",
                    "--skip-log-bin",
                    "--innodb-buffer-pool-size=64M",
                    "--innodb-log-file-size=32M",
                    "--performance-schema=off",
                    *self._sync,
                    *self._user,
                ]
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._await_ready()

    def _await_ready(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        seen = b""
        for line in self.process.stdout:
            seen += line
            if b"ready for connections" in line:
                return
        raise AssertionError(f"MariaDB did not start: {seen[-2000:].decode(errors='replace')}")

    def stop(self) -> None:
        """Stop it the clean way."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop it by force, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.communicate(timeout=60)
            self.process = None

    def freeze(self) -> None:
        """Let it answer nothing, with every connection open."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def new_database(self, name: str) -> str:
        """Make an empty database, in place of one of that name; gives its URL."""
        connection = pymysql.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True)
        with connection, connection.cursor() as cursor:
            cursor.execute("SHOW DATABASES LIKE %s", (name,))
            if cursor.fetchall():
                cursor.execute(f"DROP DATABASE `{name}`")
            cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{name}"

    def __enter__(self) -> MariaDB:
        self.install()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
