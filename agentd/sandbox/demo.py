"""``agentd demo``: everything on one machine, touching nothing outside its folder. See the README."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import treq
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived

from agentd.engine.clock import WallClock
from agentd.engine.config import ConfigError, load
from agentd.sandbox.data import ON_DUTY
from agentd.sandbox.duty import begin_duty
from agentd.sandbox.errors import SandboxError
from agentd.sandbox.process import Process
from agentd.sandbox.rig import Rig
from agentd.sandbox.rootfs import AsteriskFiles, find_asterisk
from agentd.sandbox.seed import seed
from agentd.sandbox.tether import tethered
from agentd.storage.errors import StorageError

__all__ = ["Demo", "main"]

_RESTART_SECONDS = 0.2
_READY_SECONDS = 30.0
_LOOK_AGAIN = 0.05
_STOP_SECONDS = 10.0
_COMMAND = str(Path(sys.executable).with_name("agentd"))

_CONFIG = """\
# Written by `agentd demo`; written again at its every start.
[daemon]
name = "demo"
state_dir = {state}

[http]
listen = "tcp:{port}:interface=127.0.0.1"

[crystal]
secure = ["4324221", "42"]

[ami]
endpoint = "tcp:127.0.0.1:{ami}"
secret_file = {secret_file}

[fastagi]
listen = "tcp:{fastagi}:interface=127.0.0.1"

[journal]
segment_bytes = 8388608

[recordings]
folder = {recordings}

[sessions]
{sessions}
[limits]
dials_per_minute = 0
dials_per_number = 0

[defaults]
campaign = "TESTCAMP"
"""

_URLS = """
The demo runs. Try (each answers one line; docs/examples.md has more):

  {http}/cc3/writedialplane/agents_commands/agent_command.php?action=login&agid=1000&agext=502
  {http}/agc/api.php?source=test&user=6666&pass=1234&agent_user=1000&function=external_dial&value=7275551212&phone_code=1&search=YES&preview=NO&focus=YES
  {http}/agc/api.php?source=test&user=6666&pass=1234&agent_user=1000&function=external_pause&value=PAUSE
  {http}/agc/api.php?source=test&user=6666&pass=1234&agent_user=1000&function=external_hangup&value=1
  {http}/agc/api.php?source=test&user=6666&pass=1234&agent_user=1000&function=external_status&value=A
  {http}/cc3/writedialplane/agents_commands/agent_command.php?action=logoff&agid=1000

{duty}

A customer calls in, and his call's key is printed; leads are dialled for blended agents who are ready; a remote agent
(his number is 7275551299) is logged in:

  {command} demo call --dir {folder} SALESLINE
  {command} demo dialler --dir {folder} on
  {command} session login --config {config} 1028
  {command} ingroup status --config {config} SALESLINE

Watch Asterisk:   {cli} 'confbridge list'
The native API:   curl -H "Authorization: Bearer $(jq -r .token {runtime})" {http}/api/v1/sessions
In a browser:     {http}/docs
All addresses:    {runtime}
Stop with Ctrl-C.
"""


def _say(text: str) -> None:
    """Print at once, also where standard output is a file or a pipe."""
    print(text, flush=True)


class Demo:
    """The rig, a daemon that is started again when it dies, and ``runtime.json``, which tells where they are."""

    def __init__(
        self,
        reactor: Any,
        folder: Path,
        port: int,
        asterisk: AsteriskFiles,
        *,
        sessions: str = "",
        on_duty: tuple[str, str] | None = ON_DUTY,
        say: Callable[[str], object] = _say,
    ) -> None:
        """``on_duty`` is the agent who is logged in and ready at the start, and his phone; None: nobody is.

        ``sessions`` is what goes into the section of that name, for tests in a hurry.
        """
        self.folder = folder.absolute()
        self.port = port
        self.rig = Rig(reactor, self.folder, asterisk)
        self.runtime = self.folder / "runtime.json"
        self.http = f"http://127.0.0.1:{port}"
        self._reactor = reactor
        self._sessions = sessions
        self._on_duty = on_duty
        self._say = say
        self._daemon: Process | None = None
        self._stopping = False

    @property
    def config_file(self) -> Path:
        """The daemon's configuration."""
        return self.folder / "agentd.toml"

    @property
    def pid(self) -> int | None:
        """The daemon's process id."""
        return self._daemon.pid if self._daemon is not None and self._daemon.running else None

    async def start(self) -> None:
        """Start everything; done when the daemon is ready. What was started is stopped when something fails."""
        self.rig.prepare()
        try:
            self._configure()
            config = load(self.config_file)
            token = seed(config, WallClock(self._reactor))
            await self.rig.start()
            self._spawn()
            await self.ready()
            duty = await self._begin_duty(token)
        except BaseException:
            await self.stop()
            raise
        self._tell(config.database_url, token, duty)

    async def run(self) -> None:
        """Start, and go on until SIGINT or SIGTERM; then stop."""
        await self.start()
        end: Deferred[None] = Deferred()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._reactor.callFromThread(_once, end))
        try:
            await end
        finally:
            self._say("Stopping ...")
            await self.stop()

    async def stop(self) -> None:
        """Stop the daemon, then both Asterisks."""
        self.runtime.unlink(missing_ok=True)
        await self.stop_daemon()
        await self.rig.stop()

    async def stop_daemon(self, how: str = "TERM") -> None:
        """End the daemon with this signal and leave it off, until ``start_daemon``; done when it is gone."""
        self._stopping = True
        if self._daemon is not None and self._daemon.running:
            force = self._reactor.callLater(_STOP_SECONDS, self._daemon.signal, "KILL")
            self._daemon.signal(how)
            await self._daemon.when_gone()
            if force.active():
                force.cancel()

    def start_daemon(self) -> None:
        """Start the daemon that ``stop_daemon`` has ended; ``ready`` tells when it is."""
        self._stopping = False
        self._spawn()

    async def ready(self) -> None:
        """Wait until the daemon says that it is ready.

        Raises:
            TimeoutError: it did not within half a minute; its log tells why.
        """
        deadline = self._reactor.seconds() + _READY_SECONDS
        while self._reactor.seconds() < deadline:
            try:
                answer = await treq.get(f"{self.http}/readyz", timeout=2, reactor=self._reactor, persistent=False)
                await treq.content(answer)
            except (ConnectError, ResponseNeverReceived, CancelledError):
                pass
            else:
                if answer.code == 200:
                    return
            await deferLater(self._reactor, _LOOK_AGAIN)
        raise TimeoutError(f"the daemon is not ready; see {self.folder / 'agentd.log'}")

    # --- inside ----------------------------------------------------------------------------------------------

    def _configure(self) -> None:
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        secret_file = self.folder / "ami-secret"
        _write_private(secret_file, self.rig.secrets["agentd"])
        text = _CONFIG.format(
            state=json.dumps(str(state)),
            port=self.port,
            ami=self.rig.ports.pbx_ami,
            fastagi=self.rig.ports.fastagi,
            secret_file=json.dumps(str(secret_file)),
            recordings=json.dumps(str(self.rig.recordings)),
            sessions=self._sessions,
        )
        self.config_file.write_text(text, "utf-8")

    def _spawn(self) -> None:
        command = tethered([sys.executable, "-m", "agentd.cli", "run", "--config", str(self.config_file)])
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._daemon = Process()
        with (self.folder / "agentd.log").open("ab") as log, open(os.devnull, "rb") as nothing:
            self._reactor.spawnProcess(
                self._daemon,
                command[0],
                command,
                environment,
                childFDs={0: nothing.fileno(), 1: log.fileno(), 2: log.fileno()},
            )
        self._daemon.when_gone().addCallback(self._died)

    def _died(self, reason: str) -> None:
        """As systemd would: again, within a second."""
        if not self._stopping:
            self._say(f"The daemon ended ({reason}); it is started again.")
            self._reactor.callLater(_RESTART_SECONDS, self._spawn_unless_stopping)

    def _spawn_unless_stopping(self) -> None:
        if not self._stopping:
            self._spawn()

    async def _begin_duty(self, token: str) -> str:
        """Have an agent logged in and ready, whatever he was doing at the demo's end. Gives what to say of it."""
        if self._on_duty is None:
            return "Nobody is logged in."
        agent, phone = self._on_duty
        try:
            await begin_duty(self._reactor, self.http, token, agent, phone)
        except SandboxError as error:
            return f"Agent {agent} should be logged in and is not: {error}"
        return (
            f"Agent {agent} is logged in on phone {phone}, and ready. To log him out:\n"
            f"  {_COMMAND} session logout --config {shlex.quote(str(self.config_file))} {agent}"
        )

    def _tell(self, database: str, token: str, duty: str) -> None:
        facts = {
            "http": self.http,
            "ami": self.rig.administrator,
            "asterisk_cli": self.rig.asterisk_cli,
            "database": database,
            "recordings": str(self.rig.recordings),
            "daemon_pid_file": str(self.folder / "state" / "agentd.pid"),
            "token": token,
            "cli": _COMMAND,
            "config": str(self.config_file),
        }
        _write_private(self.runtime, json.dumps(facts, indent=2) + "\n")
        told = _URLS.format(
            http=self.http,
            cli=self.rig.asterisk_cli,
            runtime=self.runtime,
            duty=duty,
            command=_COMMAND,
            folder=shlex.quote(str(self.folder)),
            config=shlex.quote(str(self.config_file)),
        )
        self._say(told)


def main(folder: Path, port: int, *, on_duty: bool = True) -> int:
    """Run the demo in the foreground, with an agent logged in or nobody. Gives the exit code."""
    from twisted.internet import reactor as _reactor  # noqa: PLC0415, TID251 - importing it installs it

    reactor: Any = _reactor
    codes: list[int] = []

    def ended(code: int) -> None:
        codes.append(code)
        reactor.stop()

    def failed(failure: Failure) -> None:
        known = failure.check(SandboxError, StorageError, ConfigError, TimeoutError, OSError)
        print(f"The demo cannot run: {failure.getErrorMessage() if known else failure.getTraceback()}", file=sys.stderr)
        ended(1)

    def begin(asterisk: AsteriskFiles) -> None:
        demo = Demo(reactor, folder, port, asterisk, on_duty=ON_DUTY if on_duty else None)
        Deferred.fromCoroutine(demo.run()).addCallback(lambda _: ended(0)).addErrback(failed)

    try:
        asterisk = find_asterisk(_say)
    except SandboxError as error:
        print(f"The demo cannot run: {error}", file=sys.stderr)
        return 1
    reactor.callWhenRunning(begin, asterisk)
    reactor.run()  # with its signal handlers, which learn of processes that end
    return codes[-1] if codes else 1


def _once(done: Deferred[None]) -> None:
    if not done.called:
        done.callback(None)


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
