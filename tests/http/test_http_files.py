"""Byte ranges, and files that are no files of ours."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st
from klein import Klein
from twisted.internet import reactor  # noqa: TID251 - real sockets
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock as FakeReactor
from twisted.internet.threads import deferToThread

from agentd.engine.clock import Clock, WallClock
from agentd.http.files import Files, OutOfRange, Span, asked_span
from agentd.http.site import Site
from tests.http.memory import get


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-99", Span(0, 100)),
        ("bytes=10-19", Span(10, 10)),
        ("bytes=10-", Span(10, 90)),
        ("bytes=99-", Span(99, 1)),
        ("bytes=90-500", Span(90, 10)),
        ("bytes=-1", Span(99, 1)),
        ("bytes=-100", Span(0, 100)),
        ("bytes=-500", Span(0, 100)),
        (" bytes=5-6 ", Span(5, 2)),
    ],
)
def test_one_range(header: str, span: Span) -> None:
    assert asked_span(header, 100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999999999-"])
def test_a_range_without_a_byte_cannot_be_had(header: str) -> None:
    with pytest.raises(OutOfRange):
        asked_span(header, 100)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,5-6",
        "bytes=a-b",
        "bytes=1_0-20",
        "bytes=+1-2",
        "bytes=--1",
        "bytes=٣-",
        "lines=0-1",
        "bytes 0-1",
        "bytes=9999999999999999999-",
    ],
)
def test_anything_else_asks_for_all(header: str | None) -> None:
    assert asked_span(header, 100) is None


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 200))
def test_a_range_is_what_a_slice_is(first: int, last: int, size: int) -> None:
    whole = bytes(n % 256 for n in range(size))
    wanted = whole[first : last + 1]
    try:
        span = asked_span(f"bytes={first}-{last}", size)
    except OutOfRange:
        assert first >= size
        return
    if last < first:
        assert span is None
    else:
        assert span is not None
        assert whole[span.first : span.first + span.length] == wanted != b""


# --- names ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "good.wav").write_bytes(b"sound")
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "below").mkdir()
    (folder / "below" / "deep.wav").write_bytes(b"deep")
    (folder / "link.wav").symlink_to(tmp_path / "secret")
    (folder / ".hidden").write_bytes(b"hidden")
    os.mkfifo(folder / "pipe.wav")
    return folder


def size_of(folder: Path, name: str) -> int | None:
    found: list[int | None] = []
    Files(folder, Clock(FakeReactor()), maybeDeferred).size(name).addCallback(found.append)
    [size] = found
    return size


def test_a_plain_file_is_found(folder: Path) -> None:
    assert size_of(folder, "good.wav") == 5


@pytest.mark.parametrize(
    "name",
    [
        "missing.wav",
        "",
        ".",
        "..",
        "../secret",
        "/etc/passwd",
        "below",
        "below/deep.wav",
        "link.wav",
        ".hidden",
        "pipe.wav",
        "good.wav\0",
        "good.wav\n",
        "go%od.wav",
        "x" * 300,
    ],
)
def test_nothing_else_is(folder: Path, name: str) -> None:
    assert size_of(folder, name) is None


# --- over a real socket --------------------------------------------------------------------------------------

SIZE = 20_000_000  # more than all buffers between two sockets hold


class Reader(Protocol):
    """A client that reads only when it is told to."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.lost: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        self.transport.pauseProducing()

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Any) -> None:
        self.lost.callback(bytes(self.received))


@pytest_twisted.ensureDeferred
async def test_a_long_file_arrives_whole_and_no_faster_than_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = os.urandom(SIZE)
    (tmp_path / "long.wav").write_bytes(sound)
    app = Klein()
    sending = Files(tmp_path, WallClock(reactor), deferToThread)
    full: Deferred[int] = Deferred()

    @app.route("/")
    def long(request: Any) -> Any:
        request.setHeader(b"Content-Length", b"%d" % SIZE)
        pause = request.channel.pauseProducing

        def pause_producing() -> None:
            pause()
            if not full.called:
                full.callback(request.sentLength)

        monkeypatch.setattr(request.channel, "pauseProducing", pause_producing)
        return sending.send(request, "long.wav", Span(0, SIZE))

    port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Site(app.resource(), WallClock(reactor)))
    try:
        client = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), Reader())
        client.transport.write(get("/", "Connection: close"))
        assert await full.addTimeout(10, reactor) < SIZE, "it waits for the reader"
        client.transport.resumeProducing()
        answer = await client.lost.addTimeout(30, reactor)
    finally:
        await maybeDeferred(port.stopListening)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert sha256(body).digest() == sha256(sound).digest()
