"""One private Asterisk: a process with a folder of its own, touching nothing outside it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IProcessProtocol
from twisted.internet.utils import getProcessOutputAndValue

from agentd.sandbox.errors import AsteriskGone, SandboxError, StartFailed
from agentd.sandbox.process import Process
from agentd.sandbox.rootfs import AsteriskFiles
from agentd.sandbox.tether import tethered

__all__ = ["PrivateAsterisk", "SandboxReactor", "pause"]

_BOOT_SECONDS = 30.0
_STOP_SECONDS = 5.0
_LOOK_AGAIN = 0.01
_SOCKET_PATH_LIMIT = 107  # sun_path of unix(7), without the closing NUL


class SandboxReactor(Protocol):
    """What the sandbox needs of a Twisted reactor."""

    def spawnProcess(self, processProtocol: IProcessProtocol, executable: str, *args: Any, **more: Any) -> Any: ...

    def callLater(self, delay: float, function: Callable[..., object], /, *args: Any) -> IDelayedCall: ...

    def seconds(self) -> float: ...


def pause(reactor: SandboxReactor, seconds: float) -> Deferred[None]:
    """Fires after that many seconds: the step between two looks at something that tells nobody when it is ready."""
    over: Deferred[None] = Deferred()
    reactor.callLater(seconds, over.callback, None)
    return over


class PrivateAsterisk:
    """An Asterisk in ``folder``, run in the foreground by ``asterisk``'s files; dies with this process.

    Its AMI is up when ``start`` or ``restart`` is done (FullyBooted was reached).
    """

    def __init__(self, reactor: SandboxReactor, asterisk: AsteriskFiles, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "asterisk"
        """A script that is this Asterisk: with ``-rx LINE`` it speaks to the running one."""
        self.command_line = folder / "cli"
        """A script that gives its arguments, as one line, to the running Asterisk and prints the answer."""
        self._reactor = reactor
        self._asterisk = asterisk
        self._socket = folder / "run" / "asterisk.ctl"
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None when it does not run. ``core restart now`` keeps it."""
        return self._process.pid if self._process is not None and self._process.running else None

    def configure(self, files: Mapping[str, str]) -> None:
        """Write the configuration, which may hold secrets: the files are for their owner only.

        Raises SandboxError if the folder's path is too long for Asterisk's control socket.
        """
        if len(os.fsencode(self._socket)) > _SOCKET_PATH_LIMIT:
            raise SandboxError(f"the path {self.folder} is too long for a socket in it: choose a shorter folder")
        for name in ("etc", "run", "lib/keys", "log", "spool/outgoing", "spool/tmp", "data/moh"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        _link(self.folder / "data" / "documentation", self._asterisk.data / "documentation")
        sounds = self._asterisk.sounds()
        if sounds is not None:
            (self.folder / "data" / "sounds").mkdir(exist_ok=True)
            _link(self.folder / "data" / "sounds" / "en", sounds)
        for name, text in files.items():
            _write(self.folder / "etc" / name, text, 0o600)
        _write(self.program, self._asterisk.launcher(), 0o755)
        settings = shlex.quote(str(self.folder / "etc" / "asterisk.conf"))
        _write(self.command_line, f'#!/bin/sh\nexec {shlex.quote(str(self.program))} -C {settings} -rx "$*"\n', 0o755)

    async def start(self) -> None:
        """Start it and wait until it has fully booted.

        Raises StartFailed, with the end of its console and log, if it ends or does not boot within 30 s.
        """
        if self.pid is not None:
            return
        self._socket.unlink(missing_ok=True)  # a killed one leaves it behind
        self._process = Process()
        settings = str(self.folder / "etc" / "asterisk.conf")
        command = tethered([str(self.program), "-f", "-C", settings])
        with (self.folder / "log" / "console.log").open("ab") as console, open(os.devnull, "rb") as nothing:
            self._reactor.spawnProcess(
                self._process,
                command[0],
                command,
                env=_environment(),
                childFDs={0: nothing.fileno(), 1: console.fileno(), 2: console.fileno()},
            )
        await self._booted(before=None)

    async def restart(self) -> None:
        """``core restart now``: all calls end, the process id stays. Done when it has fully booted again."""
        before = self._socket_identity()
        await self.cli("core restart now")
        await self._booted(before)

    async def stop(self) -> None:
        """End it, gently for 5 s, then by force. Done when the process is gone."""
        if self.pid is None or self._process is None:
            return
        force = self._reactor.callLater(_STOP_SECONDS, self._process.signal, "KILL")
        self._process.signal("TERM")
        await self._process.when_gone()
        if force.active():
            force.cancel()

    async def kill(self) -> None:
        """End it as ``kill -9`` does. Done when the process is gone."""
        if self.pid is not None and self._process is not None:
            self._process.signal("KILL")
            await self._process.when_gone()

    def when_gone(self) -> Deferred[str]:
        """Fires with the reason when the process that runs now has ended; at once if none runs."""
        gone: Deferred[str] = Deferred()
        if self._process is None:
            gone.callback("it was not started")
        else:
            self._process.when_gone().chainDeferred(gone)
        return gone

    async def cli(self, line: str) -> str:
        """What Asterisk's command line answers to ``line``. Raises AsteriskGone if it does not run."""
        settings = str(self.folder / "etc" / "asterisk.conf")
        asked: Deferred[tuple[bytes, bytes, int]] = getProcessOutputAndValue(
            str(self.program), ["-C", settings, "-rx", line], env=_environment(), reactor=self._reactor
        )
        out, error, code = await asked
        if code:
            raise AsteriskGone(f"{line}: {(out or error).decode(errors='replace').strip()}")
        return out.decode(errors="replace")

    async def _booted(self, before: tuple[int, int] | None) -> None:
        """Wait for a control socket other than ``before``, then for the end of the boot behind it."""
        deadline = self._reactor.seconds() + _BOOT_SECONDS
        while True:
            if self.pid is None:
                raise StartFailed(f"Asterisk in {self.folder} ended while it started:\n{self._last_words()}")
            if self._reactor.seconds() > deadline:
                raise StartFailed(f"Asterisk in {self.folder} did not boot in time:\n{self._last_words()}")
            identity = self._socket_identity()
            if identity not in (None, before):
                try:
                    answer = await self.cli("core waitfullybooted")
                except AsteriskGone:  # bound, but not yet listening
                    answer = ""
                if "fully booted" in answer:
                    return
            await pause(self._reactor, _LOOK_AGAIN)

    def _socket_identity(self) -> tuple[int, int] | None:
        try:
            status = self._socket.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_ctime_ns

    def _last_words(self) -> str:
        logs = (self.folder / "log" / name for name in ("console.log", "messages.log"))
        return "\n".join("\n".join(log.read_text(errors="replace").splitlines()[-8:]) for log in logs if log.exists())


def _environment() -> dict[str, str]:
    """What Asterisk needs of ours, and messages that nobody translated."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "TERM": "dumb"}


def _link(name: Path, target: Path) -> None:
    """Make a symbolic link, in place of an older one."""
    name.unlink(missing_ok=True)
    name.symlink_to(target)


def _write(file: Path, text: str, mode: int) -> None:
    """Write a file that never has wider permissions than ``mode``."""
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as handle:
        handle.write(text)
