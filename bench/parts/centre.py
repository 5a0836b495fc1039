"""A whole daemon for a bench: the real program in a process of its own, on SQLite in a temporary folder.

Asterisk is the scripted one, unless the address of another is given.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from agentd.core.model import Campaign, InGroup, Phone, Status, User
from agentd.engine.auth import hash_password
from agentd.sandbox.tether import tethered
from agentd.storage import management
from agentd.storage.database import connect
from agentd.storage.migrating import migrate

__all__ = ["INGROUP", "PASSWORD", "Centre", "Usage", "agent_name", "pause_requests", "real_pbx", "served", "usage"]

PASSWORD = "1234"
INGROUP = "BENCH"
"""The in-group whose calls every agent takes."""
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PATIENCE = 30.0
_ROOT = Path(__file__).parents[2]

_CONFIG = """\
[daemon]
state_dir = "{folder}"
log_format = "{log_format}"

[http]
listen = "tcp:{port}:interface=127.0.0.1"

[ami]
endpoint = "tcp:{ami}"
username = "{user}"
secret = "{secret}"

[fastagi]
enabled = false

[crystal]
secure = ["42"]

[pbx]
max_sessions = 849
max_calls = 2000
calls_per_second = 1000

[defaults]
campaign = "BENCH"
"""


def agent_name(number: int) -> str:
    """The user name of the agent with that number, from 0; his phone is called the same."""
    return str(20000 + number)


@dataclass(frozen=True)
class Usage:
    """What a process has used: processor seconds, and resident and own (proportional) memory in MB."""

    seconds: float
    resident: float
    own: float


def usage(pid: int) -> Usage:
    """Ask the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return Usage((int(fields[11]) + int(fields[12])) / _TICKS, int(fields[21]) * _PAGE / 1e6, own * 1024 / 1e6)


@contextmanager
def served(module: str) -> Iterator[tuple[int, int]]:
    """Run one of the servers of ``bench.parts``; its process id and its port."""
    command = tethered([sys.executable, "-m", f"bench.parts.{module}"])
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


@contextmanager
def real_pbx() -> Iterator[dict[str, Any]]:
    """Run a private Asterisk (see ``bench.parts.pbx``); where its AMI is, and its secrets."""
    command = tethered([sys.executable, "-m", "bench.parts.pbx"])
    process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("Asterisk does not start")
        yield json.loads(line)
    finally:
        process.stdin.close()
        process.wait()


def pause_requests(agent: str) -> list[bytes]:
    """RESUME and PAUSE of one agent, as the agent API takes them: each of them really changes his state."""
    path = f"/agc/api.php?source=bench&user=api&pass={PASSWORD}&agent_user={agent}&function=external_pause&value="
    return [f"GET {path}{value} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for value in ("RESUME", "PAUSE")]


class Centre:
    """A daemon with ``agents`` agents and as many phones; started and stopped as often as wanted."""

    def __init__(
        self,
        agents: int,
        ami: str,
        *,
        user: str = "agentd",
        secret: str = "secret",
        phone: str = "PJSIP/{name}",
        trunk: str = "PJSIP/{number}@carrier",
        log_format: str = "text",
    ) -> None:
        """``ami`` is ``host:port``; ``phone`` and ``trunk`` are what Asterisk dials for a phone and a number."""
        self.agents = [agent_name(number) for number in range(agents)]
        self.port = _free_port()
        self._temporary = tempfile.TemporaryDirectory(prefix="agentd-bench-")
        self.folder = Path(self._temporary.name)
        self._process: subprocess.Popen[bytes] | None = None
        text = _CONFIG.format(
            folder=self.folder, port=self.port, ami=ami, user=user, secret=secret, log_format=log_format
        )
        self._config = self.folder / "agentd.toml"
        self._config.write_text(text)
        self._seed(phone, trunk)

    def _seed(self, phone: str, trunk: str) -> None:
        url = f"sqlite:///{self.folder / 'agentd.db'}"
        migrate(url)
        stored = hash_password(PASSWORD)
        engine = connect(url)
        with engine.begin() as connection:
            management.put_status(connection, Status("A", 1, "Answering machine"))
            management.put_campaign(connection, Campaign("BENCH", 1, trunk=trunk, manual_list=101, search_lists=(101,)))
            management.put_list(connection, 101, "The bench's list", "BENCH")
            management.put_ingroup(connection, InGroup(INGROUP, 1, list_id=101))
            rights = frozenset({"agent_api", "agentcall_manual"})
            management.put_user(connection, User("api", 1, password_hash=stored, campaign="BENCH", rights=rights))
            for number, name in enumerate(self.agents):
                management.put_phone(connection, Phone(name, phone.format(name=name, number=number)))
                agent = User(name, int(name), password_hash=stored, campaign="BENCH", rights=rights)
                agent = replace(agent, ingroups=(INGROUP,))
                management.put_user(connection, agent)
        engine.dispose()

    # --- the process -----------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The daemon's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start the daemon; how many seconds until it said that it is ready, its link to Asterisk included."""
        begin = time.perf_counter()
        command = tethered([sys.executable, "-m", "agentd.cli", "run", "--config", str(self._config)])
        with (self.folder / "agentd.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log)
        while not self._ready():
            if self._process.poll() is not None or time.perf_counter() > begin + _PATIENCE:
                raise RuntimeError(f"the daemon does not start:\n{self.log()[-3000:]}")
            time.sleep(0.005)  # nobody tells when a process begins to listen
        return time.perf_counter() - begin

    def _ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the daemon."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait()

    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "agentd.log").read_text()

    def __enter__(self) -> Centre:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self._temporary.cleanup()

    # --- over HTTP -------------------------------------------------------------------------------------------

    @property
    def bearer(self) -> str:
        """What the Authorization header says for all rights in the native API."""
        return f"Bearer {json.loads((self.folder / 'local.json').read_text())['token']}"

    def get(self, path: str, method: str = "GET", body: Any = None) -> tuple[int, str]:
        """One request of the command line's own; its status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Content-Type": "application/json"}
            if path.startswith("/api/"):
                headers["Authorization"] = self.bearer
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def api(self, agent: str, function: str, value: str, **more: str) -> str:
        """A line of the agent API. Raises AssertionError unless it says SUCCESS."""
        fields = {"source": "bench", "user": "api", "pass": PASSWORD, "agent_user": agent, "function": function}
        query = "&".join(f"{name}={text}" for name, text in (fields | {"value": value} | more).items())
        _, line = self.get(f"/agc/api.php?{query}")
        assert line.startswith("SUCCESS"), line
        return line

    def log_in(self, agents: Sequence[str] | None = None) -> None:
        """Log agents (all) in."""
        path = "/cc3/writedialplane/agents_commands/agent_command.php"
        for agent in self.agents if agents is None else agents:
            _, line = self.get(f"{path}?action=login&agid={agent}&agext={agent}&secure=42")
            assert line.startswith("0:"), line

    def native(self, path: str) -> dict[str, Any]:
        """What the native API shows there."""
        status, text = self.get(f"/api/v1{path}")
        assert status == 200, text
        found: dict[str, Any] = json.loads(text)
        return found

    def session(self, agent: str) -> dict[str, Any]:
        """The snapshot of a session."""
        return self.native(f"/sessions/{agent}")

    def until(self, agent: str, state: str) -> None:
        """Wait until a session is in that state. Raises TimeoutError."""
        end = time.perf_counter() + 10
        while self.session(agent)["state"] != state:
            if time.perf_counter() > end:
                raise TimeoutError(f"{agent} is not in {state}: {self.session(agent)}")
            time.sleep(0.01)

    def sessions(self) -> list[dict[str, Any]]:
        """The snapshots of all sessions."""
        found: list[dict[str, Any]] = []
        path: str | None = "/api/v1/sessions"
        while path:
            status, text = self.get(path)
            assert status == 200, text
            page = json.loads(text)
            found += page["sessions"]
            path = f"/api/v1/sessions?cursor={page['next']}" if page.get("next") else None
        return found


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
