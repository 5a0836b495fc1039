"""The decoder: whatever way the bytes are cut, the same frames come out, and memory stays bounded."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.ami.messages import Event, Response
from agentd.ami.wire import Decoder, Frame, Kind

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
CONVERSATION = (
    BANNER
    + b"Response: Success\r\nActionID: b-1\r\nMessage: Authentication accepted\r\n\r\n"
    + b"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 19\r\nStatus: Fully Booted\r\n\r\n"
    + b"\r\n\r\n\r\n"
    + b"Event: Newchannel\r\nCallerIDName: Ren\xc3\xa9 \xff\r\nChanVariable: A=1\r\nChanVariable: B=2\r\n\r\n"
    + b"Response: Follows\r\nPrivilege: Command\r\nActionID: b-2\r\nfirst: line\n\nthird\r\n\r\nafter a gap\n"
    + b"--END COMMAND--\r\n\r\n"
    + b"\r\nEvent: OriginateResponse\r\nActionID: b-3\r\nResponse: Failure\r\nReason: 0\r\n\r\n"
    + b"Event:Odd\r\nKey:value\r\nno colon here\r\n\r\n"
    + b"Something: else\r\n\r\n"
    + b"Event: Hangup\r\nCause: 16\r\n\r\nEvent: Unfinis"
)


def decode(pieces: list[bytes], wanted: set[str] | None = None, **bounds: int) -> tuple[list[Frame], int]:
    decoder = Decoder(**bounds)
    decoder.wanted = wanted
    frames = [frame for piece in pieces for frame in decoder.feed(piece)]
    return frames, decoder.skipped


@st.composite
def cut(draw: st.DrawFn, stream: bytes) -> list[bytes]:
    """The stream in pieces, empty ones among them."""
    places = draw(st.lists(st.integers(0, len(stream)), max_size=30))
    return [stream[start:end] for start, end in pairwise([0, *sorted(places), len(stream)])]


def test_a_conversation_becomes_its_frames() -> None:
    frames, skipped = decode([CONVERSATION])
    assert [(frame.kind, frame.name) for frame in frames] == [
        (Kind.BANNER, "Asterisk Call Manager/11.0.0"),
        (Kind.RESPONSE, "Success"),
        (Kind.EVENT, "FullyBooted"),
        (Kind.EVENT, "Newchannel"),
        (Kind.RESPONSE, "Follows"),
        (Kind.EVENT, "OriginateResponse"),
        (Kind.EVENT, "Odd"),
        (Kind.NOISE, "else"),
        (Kind.EVENT, "Hangup"),
    ]
    assert skipped == 0
    newchannel = Event(frames[3])
    assert newchannel["calleridname"] == "René \udcff"
    assert newchannel.headers.getlist("chanvariable") == ["A=1", "B=2"]
    follows = Response(frames[4])
    assert follows.action_id == "b-2"
    assert [line for line in follows.output if line] == ["first: line", "third", "after a gap"]
    assert dict(Event(frames[6]).headers) == {"Event": "Odd", "Key": "value"}


@given(cut(CONVERSATION))
def test_any_cut_of_the_bytes_gives_the_same_frames(pieces: list[bytes]) -> None:
    assert decode(pieces) == decode([CONVERSATION])


def test_byte_by_byte_gives_the_same_frames() -> None:
    assert decode([bytes([byte]) for byte in CONVERSATION]) == decode([CONVERSATION])


@given(cut(CONVERSATION), st.sets(st.sampled_from(["Newchannel", "Odd", "Hangup"])))
def test_any_cut_skips_the_same_events(pieces: list[bytes], wanted: set[str]) -> None:
    frames, skipped = decode(pieces, wanted)
    assert (frames, skipped) == decode([CONVERSATION], wanted)
    events = [frame.name for frame in frames if frame.kind is Kind.EVENT]
    assert set(events) == wanted | {"OriginateResponse"}, "an event with an ActionID is always reported"
    assert skipped == 4 - len(wanted)


LINE_ENDS = st.lists(
    st.sampled_from([b"\r\n", b"\r", b"\n", b"\r\n\r\n", b"Event: A", b"Event: A \r\nB: c\r\n\r\n",
                     b"Response: Follows", b"x", b": ", b"\0",
                     b"--END COMMAND--", b"ActionID: 1", b"Event: B\r\nActionID: 2\r\n\r\n",
                     b"Event: C\r\nD: e\r\n\r\n", b"Response: Follows\r\n\r\n", b"--END COMMAND--\r\n\r\n"]),
    max_size=40,
).map(b"".join)  # fmt: skip


@given(st.data(), LINE_ENDS, st.sampled_from([None, {"A"}, set()]))
def test_any_cut_of_any_rubbish_gives_the_same_frames(
    data: st.DataObject, rubbish: bytes, wanted: set[str] | None
) -> None:
    stream = BANNER + rubbish
    pieces = data.draw(cut(stream))
    assert decode(pieces, wanted, max_frame=60, max_headers=4) == decode([stream], wanted, max_frame=60, max_headers=4)


LONG = b"\r\nEvent: Long\r\nA: 1\r\nB: " + b"b" * 30 + b"\r\nActionID: 7"
FOLLOWS = b"Response: Follows\r\nActionID: 1\r\n" + b"x" * 20 + b"\n--END COMMAND--"


@pytest.mark.parametrize("long", [LONG, FOLLOWS])
@pytest.mark.parametrize("bound", range(20, 70))
@pytest.mark.parametrize("wanted", [None, {"Next"}])
def test_a_frame_that_is_too_long_is_cut_and_says_so_however_it_comes(
    long: bytes, bound: int, wanted: set[str] | None
) -> None:
    stream = BANNER + long + b"\r\n\r\nEvent: Next\r\nA: 1\r\n\r\n"
    frames, skipped = decode([stream], wanted, max_frame=bound)
    assert frames[-1].name == "Next"
    assert len(frames) + skipped == 3
    if not skipped:
        assert frames[1].truncated == (len(long.lstrip()) > bound)
        assert len(frames[1].raw) <= bound
    for size in (1, 2, 3, 5, 40):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert decode(pieces, wanted, max_frame=bound) == (frames, skipped)


def test_memory_is_bounded_by_one_frame_when_no_end_ever_comes() -> None:
    decoder = Decoder(max_frame=1000)
    decoder.feed(BANNER)
    for _ in range(10_000):
        assert decoder.feed(b"Key: value without an end\r\n") == []
    assert len(decoder._tail) <= 1100
    (frame,) = decoder.feed(b"\r\n")
    assert frame.truncated
    assert len(frame.raw) <= 1000


def test_a_command_answer_that_never_ends_does_not_swallow_the_stream() -> None:
    stream = BANNER + b"Response: Follows\r\nActionID: 1\r\n\r\n" + b"Event: A\r\nB: c\r\n\r\n" * 20
    frames, _ = decode([stream], max_frame=100)
    assert frames[1].kind is Kind.RESPONSE
    assert frames[1].truncated
    assert [frame.name for frame in frames[-3:]] == ["A", "A", "A"]


def test_what_looks_like_an_unwanted_event_inside_an_old_command_answer_is_text() -> None:
    unwanted = b"Event: C\r\nD: e\r\n\r\n"
    answer = b"Response: Follows\r\nActionID: 1\r\none\r\n\r\n" + unwanted * 2 + b"--END COMMAND--\r\n\r\n"
    stream = BANNER + unwanted + answer + unwanted * 3
    frames, skipped = decode([stream], {"A"})
    assert decode([bytes([byte]) for byte in stream], {"A"}) == (frames, skipped)
    assert decode([stream[:60], stream[60:]], {"A"}) == (frames, skipped)
    assert Response(frames[1]).output.count("Event: C") == 2
    assert skipped == 4


def test_more_header_lines_than_allowed_are_cut() -> None:
    event = b"Event: Many\r\n" + b"".join(b"H%d: x\r\n" % number for number in range(20)) + b"\r\n"
    frames, _ = decode([BANNER + event], max_headers=10)
    assert frames[1].truncated
    assert len(Event(frames[1]).headers) == 10


@pytest.mark.parametrize("wanted", [None, {"A"}, {"A "}])
def test_blanks_around_a_name_belong_to_it_however_it_comes(wanted: set[str] | None) -> None:
    stream = BANNER + b"\r\nEvent: A \r\nK: v\r\n\r\n"
    frames, skipped = decode([stream], wanted)
    assert decode([bytes([byte]) for byte in stream], wanted) == (frames, skipped)
    assert [frame.name for frame in frames[1:]] == ([] if wanted == {"A"} else ["A "])


def test_a_banner_without_end_is_no_reason_to_wait_for_ever() -> None:
    frames, _ = decode([b"x" * 3000])
    assert frames[0].kind is Kind.BANNER
    assert frames[0].truncated


def test_an_unwanted_event_is_reported_again_once_it_is_wanted() -> None:
    decoder = Decoder()
    decoder.feed(BANNER)
    decoder.wanted = set()
    event = b"Event: A\r\nB: c\r\n\r\n"
    assert decoder.feed(event * 3) == []
    assert decoder.skipped == 3
    decoder.wanted = {"A"}
    assert [frame.name for frame in decoder.feed(event)] == ["A"]
    assert decoder.wanted == {"A"}


@pytest.mark.parametrize("name", ["Hang", "Hangu", "angup", "hangup"])
def test_only_the_whole_name_counts(name: str) -> None:
    frames, skipped = decode([BANNER + b"Event: Hangup\r\nCause: 16\r\n\r\n"], {name})
    assert len(frames) == 1
    assert skipped == 1


def test_without_lists_under_way_an_action_id_does_not_keep_an_event() -> None:
    decoder = Decoder()
    decoder.keep_answers = False
    decoder.wanted = set()
    assert len(decoder.feed(BANNER + b"Event: Item\r\nActionID: 1\r\n\r\n" * 2)) == 1
    assert decoder.skipped == 2
