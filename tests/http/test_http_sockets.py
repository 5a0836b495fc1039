"""The limits over real sockets, since half of them are about sockets."""

from __future__ import annotations

import resource as system

import pytest
import pytest_twisted
from klein import Klein
from twisted.internet import reactor  # noqa: TID251 - real sockets
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol
from zope.interface import implementer

from agentd.engine.clock import WallClock
from agentd.http import kit
from agentd.http.policy import MIB, Policy
from agentd.http.site import Site
from agentd.http.sse import StreamLimits, Streams, frame
from tests.http.memory import get


class Face:
    app = Klein()

    def __init__(self):
        self.streams = None
        self.came = Deferred()
        self.operation = Deferred()
        self.finished = Deferred()

    @app.route("/length", methods=["GET", "POST"])
    def length(self, request):
        return kit.plain(request, str(len(request.content.read())))

    @app.route("/operation")
    def work(self, request):
        request.notifyFinish().addErrback(lambda _: self.operation.callback("moved"))
        self.came.callback(None)
        done = kit.shield(self.operation.addCallback(self.finished.callback))
        return done.addCallback(lambda _: kit.plain(request, "done"))

    @app.route("/events")
    def events(self, request):
        stream = self.streams.open(request, "reader")
        self.came.callback(stream)
        return stream.when_closed()


class Client(Protocol):
    """Collects what comes; ``lost`` fires with all of it when the server has closed."""

    def __init__(self):
        self.received = b""
        self.lost = Deferred()
        self.why_lost = None
        self._awaited = []

    def dataReceived(self, data):
        self.received += data
        for wanted, came in tuple(self._awaited):
            if wanted in self.received:
                self._awaited.remove((wanted, came))
                came.callback(None)

    def until(self, wanted):
        came = Deferred()
        self._awaited.append((wanted, came))
        self.dataReceived(b"")
        return came.addTimeout(10, reactor)

    def connectionLost(self, reason):
        self.why_lost = reason
        self.lost.callback(self.received)


class Server:
    def __init__(self, **policy):
        self.face = Face()
        self.clock = WallClock(reactor)
        self.site = Site(self.face.app.resource(), self.clock, Policy(**policy))
        self.port = None

    async def __aenter__(self):
        self.port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(self.site)
        return self

    async def __aexit__(self, *_exc):
        await self.port.stopListening()
        await self.site.drain(grace=2)

    async def connect(self, client=None):
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.port.getHost().port)
        return await connectProtocol(endpoint, client or Client())


class Flood:
    """Sends for ever, as fast as the socket takes it."""

    def __init__(self, client, piece):
        self.client, self.piece = client, piece
        self.sent = 0
        client.transport.registerProducer(self, False)

    def resumeProducing(self):
        self.sent += len(self.piece)
        self.client.transport.write(self.piece)

    def stopProducing(self):
        pass


def memory_peak():
    return system.getrusage(system.RUSAGE_SELF).ru_maxrss * 1024


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("header", "piece"),
    [
        ("Content-Length: 1000000000", b"a" * 65536),
        ("Transfer-Encoding: chunked", b"10000\r\n" + b"a" * 65536 + b"\r\n"),
    ],
)
async def test_a_post_of_a_gigabyte_is_cut_off_with_413_and_not_kept(header, piece):
    async with Server() as server:
        client = await server.connect()
        before = memory_peak()
        client.transport.write(get("/length", header, method="POST"))
        flood = Flood(client, piece)
        received = await client.lost.addTimeout(10, reactor)
        assert received.startswith(b"HTTP/1.1 413 ")
        assert flood.sent < 64 * MIB
        assert memory_peak() - before < 64 * MIB
        after = await server.connect()
        after.transport.write(get("/length", "Connection: close"))
        assert (await after.lost).endswith(b"\r\n\r\n0\n")


@implementer(IHalfCloseableProtocol)
class Stubborn(Client):
    """Goes on sending after the server has said its last word."""

    def readConnectionLost(self):
        self.transport.write(b"a" * 300_000)
        self.transport.loseWriteConnection()

    def writeConnectionLost(self):
        self.transport.loseConnection()


@pytest_twisted.ensureDeferred
async def test_a_refused_client_that_still_sends_is_not_reset_before_it_could_read():
    async with Server() as server:
        client = await server.connect(Stubborn())
        client.transport.write(get("/length", "Content-Length: 1000000000", method="POST") + b"a" * 100_000)
        received = await client.lost.addTimeout(10, reactor)
        assert received.endswith(b"longer than 1048576 bytes.\n")
        assert client.why_lost.check(ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_a_trickling_client_is_told_and_closed():
    async with Server(header_timeout=0.2) as server:
        client = await server.connect()
        client.transport.write(b"GET / HT")
        assert (await client.lost.addTimeout(10, reactor)).startswith(b"HTTP/1.1 408 ")


@pytest_twisted.ensureDeferred
async def test_an_operation_goes_on_when_its_client_is_gone():
    async with Server() as server:
        client = await server.connect()
        client.transport.write(get("/operation"))
        await server.face.came
        client.transport.abortConnection()
        assert await server.face.finished.addTimeout(10, reactor) == "moved"


@pytest_twisted.ensureDeferred
async def test_a_reader_who_does_not_read_is_cut_off_and_the_others_go_on():
    async with Server() as server:
        face = server.face
        face.streams = Streams(server.clock, StreamLimits(buffer=256 * 1024))
        sleeper = await server.connect()
        sleeper.transport.write(get("/events"))
        slow = await face.came
        sleeper.transport.pauseProducing()
        face.came = Deferred()
        reader = await server.connect()
        reader.transport.write(get("/events"))
        quick = await face.came
        gone = slow.when_closed().addTimeout(10, reactor)
        number = 0
        while not slow.closed:
            number += 1
            event = frame("x" * 8000, event_id=str(number))
            slow.send(event)
            quick.send(event)
            if number % 8 == 0:
                await reader.until(b"id: %d\n" % number)
        await gone
        assert not quick.closed
        quick.send(frame("still here"))
        await reader.until(b"still here")
        face.streams.close_all()
        await reader.until(b"\r\n0\r\n\r\n")
        sleeper.transport.resumeProducing()
        await sleeper.lost


@pytest_twisted.ensureDeferred
async def test_connections_beyond_the_limit_are_told_so():
    async with Server(max_connections=1) as server:
        busy = await server.connect()
        busy.transport.write(get("/operation"))
        await server.face.came
        refused = await server.connect()
        assert (await refused.lost.addTimeout(10, reactor)).startswith(b"HTTP/1.1 503 ")
        busy.transport.abortConnection()
        await server.face.finished


@pytest_twisted.ensureDeferred
async def test_a_drain_finishes_the_answer_under_way():
    async with Server() as server:
        busy = await server.connect()
        busy.transport.write(get("/operation"))
        await server.face.came
        drained = server.site.drain(grace=10)
        server.face.operation.callback("moved")
        assert (await busy.lost.addTimeout(10, reactor)).endswith(b"done\n")
        await drained
