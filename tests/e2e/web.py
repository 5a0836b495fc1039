"""The demo's HTTP as a client's program meets it: requests byte for byte as written here, and event streams."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import treq
from twisted.internet import defer
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool
from twisted.web.http_headers import Headers

_LONGEST = 40.0  # seconds: no answer may take longer, not even that of a login


@dataclass(frozen=True)
class Answer:
    """One answer."""

    code: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        values = self.headers.getRawHeaders(name)
        return values[0] if values else None


class Web:
    """Requests to one server; each on a connection of its own."""

    def __init__(self, reactor: Any, base: str) -> None:
        self._reactor = reactor
        self.base = base
        self._agent = Agent(reactor, connectTimeout=5, pool=HTTPConnectionPool(reactor, persistent=False))

    async def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """One request; ``path`` goes out as it is. Raises what Twisted raises when there is no answer."""
        response = await self._send(method, path, body, headers or {})
        content = await treq.content(response).addTimeout(_LONGEST, self._reactor)
        return Answer(response.code, response.headers, content)

    async def stream(self, path: str, headers: dict[str, str] | None = None) -> Stream:
        """Open a stream of server-sent events."""
        response = await self._send("GET", path, b"", headers or {})
        assert response.code == 200, await treq.content(response)
        stream = Stream(self._reactor)
        response.deliverBody(stream)
        return stream

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> defer.Deferred[Any]:
        raw = Headers({name: [value] for name, value in headers.items()})
        producer = FileBodyProducer(BytesIO(body)) if body else None
        asked = self._agent.request(method.encode(), (self.base + path).encode(), raw, producer)
        return asked.addTimeout(_LONGEST, self._reactor)


class Stream(Protocol):
    """A reader of server-sent events. ``events`` holds what has come so far: each one's ``id``, ``event``, its data."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._rest = b""
        self._watchers: list[tuple[str, dict[str, Any], defer.Deferred[dict[str, Any]]]] = []
        self._over: defer.Deferred[None] = defer.Deferred()
        self.events: list[dict[str, Any]] = []
        self.last_id = ""

    def dataReceived(self, data: bytes) -> None:
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line and line[:1] != b":")
            self.last_id = fields.get(b"id", self.last_id.encode()).decode()
            if b"data" in fields:
                self._take({**json.loads(fields[b"data"]), "id": self.last_id, "event": fields[b"event"].decode()})

    def _take(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        due = [watcher for watcher in self._watchers if _fits(event, watcher[0], watcher[1])]
        self._watchers = [watcher for watcher in self._watchers if watcher not in due]
        for _, _, found in due:
            found.callback(event)

    def event(self, name: str, within: float = 10.0, **fields: Any) -> defer.Deferred[dict[str, Any]]:
        """The first event of that name with these fields, if it has come or comes in time (seconds)."""
        for event in self.events:
            if _fits(event, name, fields):
                return defer.succeed(event)
        found: defer.Deferred[dict[str, Any]] = defer.Deferred()
        self._watchers.append((name, fields, found))
        seen = [event["event"] for event in self.events]
        found.addTimeout(within, self._reactor, onTimeoutCancel=lambda *_: _late(name, fields, seen))
        return found

    def connectionLost(self, reason: Failure | None = None) -> None:
        self._over.callback(None)

    async def over(self, within: float = 10.0) -> None:
        """Done when the server has ended it, or the connection is gone."""
        if not self._over.called:
            await self._over.addTimeout(within, self._reactor)

    async def close(self) -> None:
        if not self._over.called:
            self.transport.loseConnection()
            await self.over()


def _fits(event: dict[str, Any], name: str, fields: dict[str, Any]) -> bool:
    return event["event"] == name and all(event.get(key) == value for key, value in fields.items())


def _late(name: str, fields: dict[str, Any], seen: list[str]) -> None:
    raise AssertionError(f"no {name} with {fields} came in time; before there were {', '.join(seen[-20:]) or 'none'}")
