"""A site without sockets: connections are string transports, time is a number."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from http.client import HTTPResponse
from io import BytesIO
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock as FakeReactor
from twisted.internet.testing import StringTransport
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure

from agentd.engine.clock import Clock
from agentd.http.policy import Policy
from agentd.http.site import Site


class Transport(StringTransport):
    """Remembers that it was aborted, and plays a full socket."""

    aborted = False

    def abortConnection(self) -> None:
        self.aborted = True
        super().abortConnection()

    def loseConnection(self) -> None:
        # As a socket does: a producer may be registered until then.
        self.disconnecting = True

    def pauseProducing(self) -> None:
        # A socket can be left unread while it closes, too.
        self.producerState = "paused"


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Connection:
    """A client's side."""

    def __init__(self, site: Site, peer: str = "127.0.0.1", host: str = "127.0.0.1") -> None:
        self.channel = site.buildProtocol(IPv4Address("TCP", peer, 40000))
        assert self.channel is not None
        self.transport = Transport(IPv4Address("TCP", host, 8077), IPv4Address("TCP", peer, 40000))
        self.channel.makeConnection(self.transport)

    def send(self, data: bytes) -> None:
        self.channel.dataReceived(data)

    def lose(self) -> None:
        self.channel.connectionLost(Failure(ConnectionDone()))

    @property
    def closed(self) -> bool:
        return bool(self.transport.disconnecting or self.transport.aborted)

    def raw(self) -> bytes:
        return self.transport.value()

    def answers(self, method: str = "GET") -> list[Answer]:
        """All complete answers so far."""
        stream = BytesIO(self.raw())
        found = []
        while stream.tell() < len(self.raw()):
            response = HTTPResponse(_Socket(stream), method=method)
            response.begin()
            found.append(Answer(response.status, response.headers, response.read()))
        return found

    def answer(self, method: str = "GET") -> Answer:
        """The only answer."""
        [only] = self.answers(method)
        return only


class _Socket:
    def __init__(self, stream: BytesIO) -> None:
        self._stream = stream

    def makefile(self, *_args: Any, **_kwargs: Any) -> BytesIO:
        return _Open(self._stream)


class _Open(BytesIO):
    """Reads from another stream and closes nothing."""

    def __init__(self, stream: BytesIO) -> None:
        super().__init__()
        self.read = stream.read
        self.read1 = stream.read
        self.readline = stream.readline
        self.readinto = stream.readinto

    def close(self) -> None:
        pass


class Memory:
    """A site, its clock, and what it logged."""

    def __init__(self, resource: Any, policy: Policy | None = None, **more: Any) -> None:
        self.time = FakeReactor()
        self.time.rightNow = 1_800_000_000.0
        self.clock = Clock(self.time)
        self.site = Site(resource, self.clock, policy, **more)
        self.log: list[dict[str, Any]] = []

    def __enter__(self) -> Memory:
        globalLogPublisher.addObserver(self.log.append)
        return self

    def __exit__(self, *_exc: object) -> None:
        globalLogPublisher.removeObserver(self.log.append)

    def connect(self, peer: str = "127.0.0.1", host: str = "127.0.0.1") -> Connection:
        return Connection(self.site, peer, host)

    def ask(self, request: bytes, peer: str = "127.0.0.1", method: str = "GET") -> Answer:
        connection = self.connect(peer)
        connection.send(request)
        return connection.answer(method)

    def access(self) -> list[dict[str, Any]]:
        return [event for event in self.log if event["log_namespace"] == "agentd.http.access"]

    def logged_text(self) -> str:
        from twisted.logger import formatEvent

        return "\n".join(formatEvent(event) + repr(sorted(map(str, event.values()))) for event in self.log)


def get(target: str, *headers: str, method: str = "GET", host: str = "localhost") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def post(target: str, body: bytes, *headers: str, kind: str = "application/x-www-form-urlencoded") -> bytes:
    return get(target, f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, method="POST") + body
