"""``GET /api/v1/events``: a snapshot, then everything, once and in order, whoever leaves and comes again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, fail

from agentd.engine.ports import Entry
from agentd.http.sse import StreamLimits
from tests.faces.house import Exchange
from tests.faces.native import Frame, Native, body, check_problem, frames
from tests.faces.people import campaign


def names(exchange: Exchange) -> list[str]:
    return [frame.name for frame in frames(exchange)]


def a_working_day(native: Native) -> None:
    """Login, a call with all that belongs to it, logout."""
    native.house.log_in()
    native.house.talk()
    native.ask("DELETE", "/sessions/1000/calls/current")
    native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "SALE"})
    native.ask("DELETE", "/sessions/1000")


# --- a new reader --------------------------------------------------------------------------------------------


def test_the_snapshot_comes_first_then_what_happens() -> None:
    native = Native()
    native.house.log_in("1001", "503")
    stream = native.read()
    [first] = frames(stream)
    assert (first.name, first.data["pbx_link"]) == ("snapshot", True)
    assert first.data["sessions"] == [native.snapshot("1001")]

    a_working_day(native)
    assert names(stream)[1:] == [
        "login.started",
        "session.started",
        "session.state",
        "call.started",
        "session.state",
        "session.after",
        "call.ringing",
        "call.answered",
        "session.state",
        "call.ended",
        "session.state",
        "call.disposed",
        "session.state",
        "session.ended",
    ]
    told = frames(stream)[4]
    assert (told.data["event"], told.data["agent"], told.data["number"]) == ("call.started", "1000", "7275551212")
    assert told.data["at"] > native.house.state.sessions["1001"].started
    ids = [tuple(int(part) for part in frame.id.split("-")[1:]) for frame in frames(stream)]
    assert ids == sorted(set(ids))


def test_the_answers_headers() -> None:
    head = Native().read().stream.partition(b"\r\n\r\n")[0].decode().lower().splitlines()
    assert head[0].startswith("http/1.1 200")
    assert "content-type: text/event-stream; charset=utf-8" in head
    assert "cache-control: no-store" in head
    assert any(line.startswith("ratelimit-remaining: ") for line in head)


def test_the_link_is_everybodys_news() -> None:
    native = Native()
    own, filtered = native.read(token=native.token("agent", "1000")), native.read("?agent=1001")
    native.house.link_down()
    for stream in (own, filtered):
        assert frames(stream)[-1].data == {
            "event": "pbx.link",
            "at": native.house.now,
            "agent": None,
            "up": False,
            "reason": "connection lost",
        }
    assert frames(native.read())[0].data["pbx_link"] is False


def test_filters_by_agent_and_type() -> None:
    native = Native()
    native.house.log_in("1001", "503")
    one = native.read("?agent=1000")
    calls = native.read("?types=call,session.ended")
    own = native.read(token=native.token("agent", "1000"))
    assert frames(one)[0].data["sessions"] == frames(own)[0].data["sessions"] == []
    assert [session["agent"] for session in frames(calls)[0].data["sessions"]] == ["1001"]

    native.ask("PATCH", "/sessions/1001", {"state": "ready"})
    a_working_day(native)
    native.ask("DELETE", "/sessions/1001")
    for stream in (one, own):
        assert {frame.data["agent"] for frame in frames(stream)[1:]} == {"1000"}
        assert len(frames(stream)) == 15
    assert names(calls)[1:] == [
        "call.started",
        "call.ringing",
        "call.answered",
        "call.ended",
        "call.disposed",
        "session.ended",
        "session.ended",
    ]


@pytest.mark.parametrize(("query", "parameter"), [("?types=call.rang", "types"), ("?type=call", "type")])
def test_a_filter_that_can_match_nothing_is_refused(query: str, parameter: str) -> None:
    assert check_problem(Native().ask("GET", f"/events{query}"), 400, "invalid_parameter")["parameter"] == parameter


def test_no_secret_is_told() -> None:
    native = Native()
    stream = native.read()
    a_working_day(native)
    native.token("admin")
    native.ask("POST", "/sessions", {"agent": "1000", "phone": "502"}, Idempotency_Key="a-key")
    for secret in ("argon2", native.plain, "a-key"):
        assert secret.encode() not in stream.stream


# --- coming again --------------------------------------------------------------------------------------------


def test_who_comes_again_gets_what_he_missed_and_no_snapshot() -> None:
    native = Native()
    whole = native.read()
    native.house.log_in()
    last = frames(whole)[-1].id
    native.house.talk()
    for again in (native.read(last=last), native.read(f"?last_event_id={last}")):
        assert frames(again) == frames(whole)[4:]
    native.ask("DELETE", "/sessions/1000/calls/current")
    assert frames(again) == frames(whole)[4:]


def test_the_header_is_newer_than_the_parameter() -> None:
    native = Native()
    whole = native.read()
    a_working_day(native)
    ids = [frame.id for frame in frames(whole)]
    again = native.read(f"?last_event_id={ids[0]}", last=ids[-2])
    assert frames(again) == frames(whole)[-1:]


@pytest.mark.parametrize("last", ["memory-999999-1", "other-3-1", "nonsense", "ä"])
def test_an_unknown_id_is_a_reset_and_a_snapshot(last: str) -> None:
    native = Native()
    native.house.log_in()
    stream = native.read(last=last)
    assert [(frame.name, frame.data.get("reason")) for frame in frames(stream)] == [
        ("reset", "unknown"),
        ("snapshot", None),
    ]
    assert frames(stream)[1].data["sessions"] == [native.snapshot()]
    native.ask("PATCH", "/sessions/1000", {"state": "ready"})
    assert names(stream)[2:] == ["session.state"]


def test_an_id_from_too_long_ago_is_a_reset_and_a_snapshot() -> None:
    native = Native(size=2)
    last = frames(native.read())[0].id
    a_working_day(native)
    native.house.journal.kept_from = len(native.house.journal.entries) - 3
    stream = native.read(last=last)
    assert [(frame.name, frame.data.get("reason")) for frame in frames(stream)] == [
        ("reset", "too_old"),
        ("snapshot", None),
    ]


def test_a_reader_of_rare_events_keeps_an_id_that_is_recent() -> None:
    native = Native(size=10)
    native.house.log_in()
    rare = native.read("?types=pbx.link")
    first = frames(rare)[0].id
    for n in range(1200):
        native.house.wait_for(native.house.operations.pause("1000", ("LUNCH", "BREAK")[n % 2]))
    assert names(rare) == ["snapshot"]
    native.house.link_down()
    blocks = [line for line in rare.stream.decode().splitlines() if line.startswith("id: ")]
    assert len(blocks) == 3, "the snapshot, an id alone, the link"
    assert blocks[1] != f"id: {first}"


def test_a_journal_that_cannot_be_read_ends_the_stream() -> None:
    native = Native(size=1)
    last = frames(native.read())[0].id
    a_working_day(native)
    native.house.journal.entries_after = lambda _seq: fail(OSError(5, "Input/output error"))
    stream = native.read(last=last)
    assert stream.connection.closed or stream.stream.endswith(b"0\r\n\r\n")
    assert frames(stream) == []


class SlowJournal:
    """Reading takes until the test says so."""

    def __init__(self, native: Native) -> None:
        self._read: Callable[[int], Deferred[list[Entry] | None]] = native.house.journal.entries_after
        self._held: list[tuple[Deferred[None], int]] = []
        native.house.journal.entries_after = self.entries_after

    def entries_after(self, seq: int) -> Deferred[list[Entry] | None]:
        waiting: Deferred[list[Entry] | None] = Deferred()
        # What is in the file by now is what will be read of it.
        self._read(seq).addCallback(lambda entries: self._held.append((waiting, list(entries or []))))
        return waiting

    @property
    def waiting(self) -> bool:
        return bool(self._held)

    def go_on(self) -> None:
        waiting, entries = self._held.pop(0)
        waiting.callback(entries)


def test_what_happens_while_the_journal_is_read_is_neither_lost_nor_told_twice() -> None:
    native = Native(size=3)
    whole = native.read()
    a_working_day(native)
    last = frames(whole)[2].id
    slow = SlowJournal(native)
    again = native.read(last=last)
    assert (frames(again), slow.waiting) == ([], True)
    a_working_day(native)
    while slow.waiting:
        slow.go_on()
        native.house.log_in() if "1000" not in native.house.state.sessions else None
    assert frames(again) == frames(whole)[3:]
    native.ask("DELETE", "/sessions/1000")
    assert frames(again) == frames(whole)[3:]


def test_a_reader_who_leaves_while_the_journal_is_read_costs_nothing_more() -> None:
    native = Native(size=1)
    last = frames(native.read())[0].id
    a_working_day(native)
    slow = SlowJournal(native)
    again = native.read(last=last)
    again.leave()
    slow.go_on()
    assert not slow.waiting
    assert len(native.streams) == 1


def test_after_a_restart_of_the_daemon_nothing_is_missing() -> None:
    native = Native()
    before = native.read()
    native.house.log_in()
    native.house.talk()
    seen = frames(before)[3]
    again = native.restart()
    fresh = again.read(last=seen.id)
    again.ask("DELETE", "/sessions/1000/calls/current")
    told = frames(fresh)
    assert told[: len(frames(before)) - 4] == frames(before)[4:]
    assert "call.ended" in [frame.name for frame in told]
    ids = [frame.id for frame in told]
    assert len(set(ids)) == len(ids)


WORK: list[Callable[[Native], object]] = [
    lambda native: native.ask("POST", "/sessions", {"agent": "1000", "phone": "502"}),
    lambda native: native.ask("POST", "/sessions", {"agent": "1001", "phone": "521"}),
    lambda native: native.ask("PATCH", "/sessions/1000", {"state": "ready"}),
    lambda native: native.ask("PATCH", "/sessions/1000", {"state": "paused", "code": "LUNCH"}),
    lambda native: native.ask("POST", "/sessions/1000/calls", {"number": "7275551212"}),
    lambda native: native.ask("POST", "/sessions/1000/calls", {"number": "7275551200"}),
    lambda native: native.house.advance(1.5),
    lambda native: native.ask("DELETE", "/sessions/1000/calls/current"),
    lambda native: native.ask("PUT", "/sessions/1000/calls/current/disposition", {"status": "A"}),
    lambda native: native.ask("DELETE", "/sessions/1000?at_once=true"),
    lambda native: native.house.link_down(),
    lambda native: native.house.link_up(),
    lambda native: native.house.change_campaign(campaign()),
]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(WORK), max_size=12),
    st.lists(st.sampled_from(WORK), max_size=12),
    st.lists(st.sampled_from(WORK), max_size=4),
    st.integers(1, 6),
    st.data(),
)
def test_wherever_a_reader_was_cut_off_there_is_no_gap_and_no_double(
    before: list[Callable[[Native], object]],
    between: list[Callable[[Native], object]],
    during: list[Callable[[Native], object]],
    size: int,
    data: st.DataObject,
) -> None:
    native = Native(size=size)
    whole = native.read()
    for work in (*before, *between):
        work(native)
    cut = data.draw(st.integers(0, len(frames(whole)) - 1))
    slow = SlowJournal(native)
    again = native.read(last=frames(whole)[cut].id)
    for work in during:
        work(native)
        if slow.waiting and data.draw(st.booleans()):
            slow.go_on()
    while slow.waiting:
        slow.go_on()
    assert frames(again) == frames(whole)[cut + 1 :]
    native.house.link_down()
    native.house.link_up()
    assert frames(again) == frames(whole)[cut + 1 :]


class NarrowSocket:
    """A reader's socket that is full after every write, until it is emptied."""

    def __init__(self, exchange: Exchange) -> None:
        self._transport = exchange.connection.transport
        self._write = self._transport.write
        self._transport.write = self.write
        self._transport.writeSequence = lambda pieces: self.write(b"".join(pieces))

    def write(self, data: bytes) -> None:
        self._write(data)
        self._transport.producer.pauseProducing()

    def empty(self) -> None:
        self._transport.producer.resumeProducing()


def test_what_was_missed_is_sent_as_fast_as_it_is_taken() -> None:
    """It may be more than is ever kept for a slow reader; he is not cut off for that."""
    native = Native(size=5, streams=StreamLimits(buffer=1000))
    native.house.log_in()
    whole = native.read()
    for n in range(100):
        native.house.wait_for(native.house.operations.pause("1000", ("LUNCH", "BREAK")[n % 2]))
    journal = SlowJournal(native)
    again = native.read(last=frames(whole)[0].id)
    socket = NarrowSocket(again)
    journal.go_on()
    told = [len(frames(again))]
    assert told == [1]
    while told[-1] < 100:
        socket.empty()
        told.append(len(frames(again)))
        assert told[-1] - told[-2] <= 2, "one at a time, and the one that was waiting"
    native.house.wait_for(native.house.operations.pause("1000", "LUNCH"))
    socket.empty()
    assert frames(again) == frames(whole)[1:]
    assert len(frames(again)) == 101


def test_a_reader_who_takes_nothing_of_what_he_missed_is_cut_off_in_time() -> None:
    native = Native(size=5)
    whole = native.read()
    a_working_day(native)
    journal = SlowJournal(native)
    again = native.read(last=frames(whole)[0].id)
    NarrowSocket(again)
    journal.go_on()
    native.house.advance(75)
    assert again.connection.transport.aborted
    assert len(native.streams) == 1


# --- readers that do not read --------------------------------------------------------------------------------


def test_a_slow_reader_is_cut_off_and_the_others_go_on() -> None:
    native = Native(streams=StreamLimits(buffer=2000))
    native.house.log_in()
    slow, quick = native.read(), native.read()
    kept = frames(slow)[-1].id
    slow.connection.transport.producer.pauseProducing()
    for n in range(20):
        native.house.wait_for(native.house.operations.pause("1000", ("LUNCH", "BREAK")[n % 2]))
    assert slow.connection.transport.aborted
    slow.leave()
    assert len(native.streams) == 1
    assert len(frames(quick)) == 21
    assert frames(native.read(last=kept)) == frames(quick)[1:], "he comes again and has lost nothing"


def test_there_is_room_for_so_many_readers() -> None:
    native = Native(streams=StreamLimits(streams=3, per_owner=2))
    for _ in range(2):
        assert names(native.read()) == ["snapshot"]
    exchange = native.read()
    check_problem(exchange.answer, 503, "too_many_streams")
    assert exchange.answer.headers["Retry-After"] == "5"
    assert names(native.read(token=native.token("admin"))) == ["snapshot"]
    check_problem(native.read(token=native.token("supervisor")).answer, 503, "too_many_streams")


def test_a_reader_who_leaves_frees_his_place() -> None:
    native = Native(streams=StreamLimits(streams=1))
    native.read().leave()
    stream = native.read()
    native.house.log_in()
    assert len(frames(stream)) == 4
    native.streams.close_all()
    assert stream.stream.endswith(b"0\r\n\r\n"), "an orderly end"


def test_frames_are_whole_for_every_reader() -> None:
    native = Native()
    streams = [native.read() for _ in range(5)]
    a_working_day(native)
    assert all(frames(stream) == frames(streams[0]) for stream in streams)
    assert all(isinstance(frame, Frame) and frame.data["event"] == frame.name for frame in frames(streams[0]))
    assert body(native.ask("GET", "/sessions"))["sessions"] == []
