"""The native API in the house: tokens, JSON, and readers of the event stream."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from twisted.internet.defer import maybeDeferred

from agentd.core.model import Session, State, Token
from agentd.core.records import TokenSet
from agentd.dialects.native.api import NativeApi
from agentd.dialects.native.door import Limits
from agentd.engine.auth import new_token
from agentd.engine.bus import Bus
from agentd.http.files import Files
from agentd.http.metrics import VerbMetrics
from agentd.http.sse import StreamLimits, Streams
from tests.faces.conformance import native as described
from tests.faces.house import Exchange, House
from tests.http.memory import Answer

BASE = "/api/v1"


@dataclass(frozen=True)
class Frame:
    """One event as a reader got it."""

    id: str
    name: str
    data: dict[str, Any]


class Native:
    """A house with the native API. ``plain`` is the token that is sent unless a test says otherwise."""

    def __init__(
        self,
        house: House | None = None,
        *,
        limits: Limits | None = None,
        streams: StreamLimits | None = None,
        metrics: VerbMetrics | None = None,
        role: str = "integration",
        folder: Path = Path("/no/such/folder"),
        **bus: int,
    ) -> None:
        self.house = house or House()
        self.bus = Bus(self.house.journal, len(self.house.journal.entries), **bus)
        self.house.engine.listen(self.bus.tell)
        self.streams = Streams(self.house.clock, streams)
        self.api = NativeApi(
            self.house.operations,
            self.house.engine,
            self.bus,
            self.streams,
            self.house.access.token,
            Files(folder, self.house.clock, maybeDeferred),
            limits,
            metrics,
        )
        self.house.mount("api/v1", self.api.resource())
        self.plain = "" if house else self.token(role)

    def token(self, role: str, user: str = "", scopes: Iterable[str] = (), expires: float | None = None) -> str:
        """Make a token; gives its text."""
        plain, digest = new_token()
        self.house.change(TokenSet(digest, Token(digest, f"{role} token", role, user, frozenset(scopes), expires)))
        return plain

    def restart(self, **bus: int) -> Native:
        """A new daemon that finds this one's journal, and nothing else."""
        house = House()
        house.time.rightNow = self.house.now
        house.journal.entries[:] = self.house.journal.entries
        blank = State()
        for field in fields(State):
            setattr(house.state, field.name, getattr(blank, field.name))
        for entry in house.journal.entries:
            house.world.remember(entry.record, entry.at)
        house.switch.channels = dict(self.house.switch.channels)
        house.link_up()
        again = Native(house, **bus)
        again.plain = self.plain
        return again

    # --- requests ----------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, obj: Any = None, token: str | None = None, **headers: str) -> Answer:
        """Ask and let time pass until the answer is there; it is one that the OpenAPI document tells of."""
        answer = self.house.json(method, BASE + path, obj, self.plain if token is None else token, **headers)
        described().check(method, BASE + path, answer)
        return answer

    def send(self, method: str, path: str, obj: Any = None, **headers: str) -> Exchange:
        """Ask and let no time pass."""
        named = {"Authorization": f"Bearer {self.plain}", "Content-Type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.send(BASE + path, method, None if obj is None else json.dumps(obj).encode(), named)

    def snapshot(self, agent: str = "1000") -> Any:
        """The session as the API shows it."""
        answer = self.ask("GET", f"/sessions/{agent}")
        assert answer.status == 200
        return body(answer)

    def read(self, query: str = "", last: str = "", token: str | None = None) -> Exchange:
        """Open the event stream."""
        headers = {"Authorization": f"Bearer {self.plain if token is None else token}"}
        if last:
            headers["Last-Event-ID"] = last
        return self.house.send(f"{BASE}/events{query}", headers=headers)


def body(answer: Answer) -> Any:
    """An answer's JSON."""
    return json.loads(answer.body)


def check_problem(answer: Answer, status: int, reason: str) -> dict[str, Any]:
    """Problem details of that status and reason, and nothing else; gives them."""
    details = body(answer)
    assert (answer.status, details["reason"]) == (status, reason), details
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert details["type"] == f"urn:agentd:problem:{reason}"
    assert details["status"] == status
    assert details["title"]
    assert details["detail"]
    return details


def frames(exchange: Exchange) -> list[Frame]:
    """All events so far, with the ids that a reader has after each."""
    found, last = [], ""
    for block in _unchunked(exchange.stream).decode().split("\n\n"):
        lines = [line.partition(": ") for line in block.split("\n") if line and not line.startswith(":")]
        named: dict[str, list[str]] = {}
        for name, _, value in lines:
            named.setdefault(name, []).append(value)
        last = named.get("id", [last])[0]
        if "data" in named:
            found.append(Frame(last, named["event"][0], json.loads("\n".join(named["data"]))))
    return found


def _unchunked(raw: bytes) -> bytes:
    head, _, rest = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), raw
    text = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        text, rest = text + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return text


# --- calls in hand -------------------------------------------------------------------------------------------

CALL = "/sessions/1000/calls/current"
THIRD = "7275551213"


def talking() -> Native:
    """Agent 1000 is connected with the customer of a lead."""
    native = Native()
    native.house.log_in()
    native.house.talk(lead_id=123456)
    return native


def do(native: Native, verb: str, wanted: Any = None, *, status: int = 200, **headers: str) -> Any:
    """Do something with agent 1000's current call; gives the answer's JSON."""
    answer = native.ask("POST", f"{CALL}/{verb}", wanted, **headers)
    assert answer.status == status, answer.text
    return body(answer)


def only_call(native: Native, agent: str = "1000") -> Any:
    """The agent's only call, as the API shows it."""
    [call] = native.snapshot(agent)["calls"]
    return call


def another_agent(native: Native, agent: str = "1001", phone: str = "503") -> Session:
    """Another agent is ready; 1001 takes the calls of SALESLINE."""
    session = native.house.log_in(agent, phone)
    native.house.wait_for(native.house.operations.resume(agent))
    return session
