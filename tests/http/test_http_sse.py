"""Event streams: frames, heartbeats, readers that are slow or gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from klein import Klein
from prometheus_client import CollectorRegistry

from agentd.http import kit
from agentd.http.metrics import HttpMetrics
from agentd.http.sse import StreamLimits, Streams, TooManyStreams, frame
from tests.http.memory import Memory, get

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
names = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20)


def read_frames(raw):
    """The events of a stream, as the HTML standard says they are to be read (for LF line ends)."""
    events = []
    for block in raw.decode().split("\n\n")[:-1]:
        fields = {"data": []}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                fields["data"].append(value)
            elif name:
                fields[name] = value
        if len(fields) > 1 or fields["data"]:
            events.append({**fields, "data": "\n".join(fields["data"])})
    return events


@given(text, names, names)
def test_a_frame_is_read_as_what_was_put_in(data, event, event_id):
    [read] = read_frames(frame(data, event=event, event_id=event_id))
    assert read["data"] == data.replace("\r\n", "\n").replace("\r", "\n")
    assert read.get("event", "") == event
    assert read.get("id", "") == event_id


@pytest.mark.parametrize("bad", ["a\nb", "a\rb", "a\0b"])
def test_names_and_ids_have_one_line(bad):
    with pytest.raises(ValueError, match="line end"):
        frame("x", event=bad)
    with pytest.raises(ValueError, match="line end"):
        frame("x", event_id=bad)


def test_retry_is_a_field_of_its_own():
    assert frame("x", retry=2000) == b"retry: 2000\ndata: x\n\n"


class Face:
    app = Klein()

    def __init__(self):
        self.streams = None
        self.opened = []
        self.ended = []

    @app.route("/events")
    def events(self, request):
        try:
            stream = self.streams.open(request, request.client_address.address)
        except TooManyStreams as why:
            return kit.plain(request, str(why), 503)
        self.opened.append(stream)
        stream.when_closed().addCallback(lambda _: self.ended.append(stream))
        return stream.when_closed()


class Surroundings:
    def __init__(self, memory, face, registry):
        self.memory, self.face, self.registry = memory, face, registry
        self.streams = face.streams

    def open(self, peer="127.0.0.1"):
        connection = self.memory.connect(peer)
        connection.send(get("/events"))
        return connection, self.face.opened[-1]

    def events(self, connection):
        return connection.raw().partition(b"\r\n\r\n")[2]

    def sample(self, name):
        return self.registry.get_sample_value(name)


@pytest.fixture
def around(request):
    registry = CollectorRegistry()
    metrics = HttpMetrics(registry)
    face = Face()
    with Memory(face.app.resource(), metrics=metrics) as memory:
        limits = getattr(request, "param", None) or StreamLimits(streams=3, per_owner=2, buffer=1000)
        face.streams = Streams(memory.clock, limits, metrics)
        yield Surroundings(memory, face, registry)
        assert not [event for event in memory.log if event.get("log_failure")]


def test_events_come_as_they_are_sent(around):
    connection, stream = around.open()
    head = connection.raw().decode()
    assert head.startswith("HTTP/1.1 200 ")
    assert "Content-Type: text/event-stream; charset=utf-8\r\n" in head
    assert "Cache-Control: no-store\r\n" in head
    stream.send(frame("one", event_id="1"))
    stream.send(frame("two", event_id="2"))
    stream.close()
    assert [event["id"] for event in read_frames(connection.answer().body)] == ["1", "2"]
    assert around.face.ended == [stream]
    assert not connection.closed


def test_nothing_happens_after_the_end(around):
    connection, stream = around.open()
    stream.close()
    before = connection.raw()
    stream.send(frame("late"))
    stream.close()
    around.memory.time.advance(14)
    assert connection.raw() == before
    late = []
    stream.when_closed().addCallback(late.append)
    assert late == [None]


def test_a_quiet_stream_has_a_heartbeat_every_15_seconds(around):
    connection, stream = around.open()
    begun = around.events(connection)
    around.memory.time.advance(14.9)
    assert around.events(connection) == begun
    around.memory.time.advance(0.2)
    assert around.events(connection)[len(begun) :] == b"3\r\n:\n\n\r\n"
    around.memory.time.advance(10)
    stream.send(frame("x"))
    sent = around.events(connection)
    around.memory.time.advance(14.8)
    assert around.events(connection) == sent
    around.memory.time.advance(0.3)
    assert around.events(connection) != sent


def test_a_paused_reader_gets_all_in_order_when_he_takes_more(around):
    connection, stream = around.open()
    connection.channel.pauseProducing()
    before = connection.raw()
    for n in range(10):
        stream.send(frame("x", event_id=str(n)))
    assert connection.raw() == before
    connection.channel.resumeProducing()
    stream.send(frame("x", event_id="10"))
    stream.close()
    assert [event["id"] for event in read_frames(connection.answer().body)] == [str(n) for n in range(11)]


def test_an_end_sends_what_was_kept(around):
    connection, stream = around.open()
    connection.channel.pauseProducing()
    stream.send(frame("x", event_id="last"))
    stream.close()
    assert [event["id"] for event in read_frames(connection.answer().body)] == ["last"]


def test_a_reader_who_is_too_slow_is_cut_off_logged_and_counted(around):
    connection, stream = around.open("192.0.2.1")
    connection.channel.pauseProducing()
    for _ in range(100):
        stream.send(frame("x" * 80))
        if stream.closed:
            break
    assert connection.transport.aborted
    assert around.sample("agentd_http_streams_cut_off_total") == 1
    assert around.sample("agentd_http_streams") == 0
    [warning] = [event for event in around.memory.log if event["log_level"].name == "warn"]
    assert warning["address"] == "192.0.2.1"
    connection.lose()
    assert around.face.ended == [stream]
    assert around.memory.time.getDelayedCalls() == []


def test_a_reader_who_takes_nothing_for_a_minute_is_cut_off(around):
    connection, stream = around.open()
    connection.channel.pauseProducing()
    around.memory.time.pump([1.0] * 59)
    assert not connection.transport.aborted
    around.memory.time.pump([1.0] * 2)
    assert connection.transport.aborted
    assert stream.closed


def test_a_reader_who_goes_is_noticed(around):
    connection, stream = around.open()
    connection.lose()
    assert stream.closed
    assert around.face.ended == [stream]
    assert len(around.streams) == 0
    assert around.memory.time.getDelayedCalls() == []
    stream.send(frame("late"))


def test_streams_are_limited_in_all_and_by_owner(around):
    first, _ = around.open()
    around.open()
    third = around.memory.ask(get("/events"))
    assert (third.status, "127.0.0.1" in third.text) == (503, True)
    around.open("192.0.2.1")
    assert around.memory.ask(get("/events"), peer="192.0.2.2").status == 503
    assert around.sample("agentd_http_streams") == 3
    first.lose()
    around.open("192.0.2.2")


def test_a_stop_ends_all_and_begins_none(around):
    connections = [around.open()[0], around.open()[0]]
    around.streams.close_all()
    drained = []
    around.memory.site.drain().addCallback(drained.append)
    assert all(connection.answer().status == 200 for connection in connections)
    late = around.memory.connect()
    assert late.answer().status == 503
    around.memory.time.advance(0.3)
    assert all(connection.closed for connection in connections)
    for connection in connections:
        connection.lose()
    assert drained == [None]
