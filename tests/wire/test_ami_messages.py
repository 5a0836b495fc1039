"""Headers, responses, typed events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.ami import events, items
from agentd.ami.messages import Event, Headers, Response
from agentd.ami.naming import header_name
from agentd.ami.typed import event_class, event_name, make_event
from agentd.ami.wire import Frame, Kind


def event(name: str, *lines: str) -> Event:
    raw = "\r\n".join([f"Event: {name}", *lines]).encode("utf-8", "surrogateescape")
    return make_event(Frame(Kind.EVENT, name, raw))


def response(status: str, *lines: str) -> Response:
    return Response(Frame(Kind.RESPONSE, status, "\r\n".join([f"Response: {status}", *lines]).encode()))


CHANNEL = (
    "Channel: PJSIP/502-00000001",
    "ChannelState: 6",
    "ChannelStateDesc: Up",
    "CallerIDNum: 7275551212",
    "CallerIDName: René",
    "ConnectedLineNum: <unknown>",
    "ConnectedLineName: <unknown>",
    "Context: agentd-conf",
    "Exten: 8600051",
    "Priority: 2",
    "Uniqueid: agd-1",
    "Linkedid: agd-1",
    "ChanVariable: AGENTD_ROLE=agent",
    "ChanVariable: AGENTD_SESSION=s=1",
)


def test_headers_are_found_in_any_case_and_a_missing_one_is_a_key_error() -> None:
    headers = Headers(b"Event: X\r\nCallerIDNum: 1\r\nEmpty: \r\nBare:\r\nSpaced:  two")
    assert headers["calleridnum"] == headers["CallerIDNum"] == headers["CALLERIDNUM"] == "1"
    assert headers["Empty"] == headers["Bare"] == ""
    assert headers["Spaced"] == " two", "only one blank belongs to the colon"
    assert "EMPTY" in headers
    assert "Nothing" not in headers
    with pytest.raises(KeyError):
        headers["Nothing"]
    assert headers.get("Nothing") is None


def test_a_repeated_header_shows_its_first_value_and_gives_all() -> None:
    headers = Headers(b"Output: first\r\nMessage: m\r\nOutput: second\r\noutput: third")
    assert headers["Output"] == "first"
    assert list(headers)[:2] == ["Output", "Message"]
    assert headers.getlist("OUTPUT") == ["first", "second", "third"]
    assert headers.getlist("Nothing") == []


@given(st.binary(max_size=40).filter(lambda value: b"\r\n" not in value))
def test_any_bytes_of_a_value_come_out_as_they_went_in(value: bytes) -> None:
    text = Headers(b"A: " + value + b"\r\nB: c")["A"]
    assert text.encode("utf-8", "surrogateescape") == value


def test_a_channel_event_has_typed_fields() -> None:
    hangup = event("Hangup", *CHANNEL, "Cause: 17", "Cause-txt: User busy")
    assert isinstance(hangup, events.Hangup)
    assert (hangup.channel, hangup.channel_state, hangup.exten) == ("PJSIP/502-00000001", 6, "8600051")
    assert (hangup.cause, hangup.cause_txt) == (17, "User busy")
    assert (hangup.caller_id_num, hangup.caller_id_name) == ("7275551212", "René")
    assert hangup.variables == {"AGENTD_ROLE": "agent", "AGENTD_SESSION": "s=1"}


def test_a_field_is_the_same_before_and_after_the_headers_are_read() -> None:
    lines = (*CHANNEL, "Context: second", "Cause: 17", "Cause-txt: a: b", "connectedlinename: other")
    fresh, read = event("Hangup", *lines), event("Hangup", *lines)
    assert len(read.headers) == 17
    for field in ("channel", "channel_state", "context", "cause", "cause_txt", "connected_line_name", "uniqueid"):
        assert getattr(fresh, field) == getattr(read, field)
    assert fresh.context == "agentd-conf"
    assert event("Hangup", "cause:3").cause == 3  # type: ignore[attr-defined]


def test_a_required_field_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match="Conference"):
        _ = event("ConfbridgeJoin", *CHANNEL).conference  # type: ignore[attr-defined]


def test_optional_fields_may_be_missing_or_empty() -> None:
    begin = event("DialBegin", "DestChannel: Local/1", "DestChanVariable: AGENTD_ROLE=customer", "DialString: 1")
    assert isinstance(begin, events.DialBegin)
    assert begin.channel is None
    assert begin.dest_variables == {"AGENTD_ROLE": "customer"}
    assert begin.variables == {}
    assert event("FullyBooted", "Uptime: ").uptime is None  # type: ignore[attr-defined]


def test_yes_and_no_are_truth_values() -> None:
    join = event("ConfbridgeJoin", *CHANNEL, "Conference: 8600051", "Admin: No", "Muted: Yes", "BridgeNumChannels: 2")
    assert isinstance(join, events.ConfbridgeJoin)
    assert (join.conference, join.admin, join.muted, join.bridge_num_channels) == ("8600051", False, True, 2)


def test_originate_response_is_an_event_with_a_response() -> None:
    answer = event(
        "OriginateResponse",
        "ActionID: b-1",
        "Response: Success",
        "Reason: 4",
        "Uniqueid: agd-1",
        "ChanVariable(Local/100@sim-00000000;1): AGENTD_ROLE=agent",
    )
    assert isinstance(answer, events.OriginateResponse)
    assert answer.success
    assert answer.reason == 4
    assert answer.variables == {"AGENTD_ROLE": "agent"}


def test_unknown_events_stay_plain() -> None:
    other = event("NeverHeardOf", "A: 1")
    assert type(other) is Event
    assert other["a"] == "1"
    assert event_class("NeverHeardOf") is None


def test_every_typed_event_can_read_each_of_its_fields() -> None:
    """A field is made from its annotation; a typo in a type would only show when it is read."""
    for name in [*events.__all__, *items.__all__]:
        module = events if name in events.__all__ else items
        kind = getattr(module, name)
        assert event_name(kind) == name
        fields = {field for cls in kind.__mro__ for field in getattr(cls, "__annotations__", {})} - {"name", "headers"}
        message = event(name, *(f"{header_name(field)}: 1" for field in fields if not field.startswith("_")))
        for field in fields:
            if not field.startswith("_"):
                assert getattr(message, field) in ("1", 1, True), f"{name}.{field}"


@pytest.mark.parametrize(
    ("field", "header"),
    [
        ("caller_id_num", "CallerIDNum"),
        ("dest_uniqueid", "DestUniqueid"),
        ("cause_txt", "Cause-txt"),
        ("mix_monitor_id", "MixMonitorID"),
        ("bridge_id", "BridgeId"),
        ("channel_id", "ChannelId"),
        ("async_", "Async"),
        ("duration_ms", "DurationMs"),
    ],
)
def test_names_are_spelled_as_asterisk_spells_them(field: str, header: str) -> None:
    assert header_name(field) == header


def test_command_output_is_the_same_from_old_and_new_asterisk() -> None:
    new = response("Success", "Message: Command output follows", "Output: one: 1", "Output: ", "Output:   three")
    assert new.output == ["one: 1", "", "  three"]
    old = response("Follows", "Privilege: Command", "ActionID: 1", "one: 1\n\n  three\n--END COMMAND--")
    assert old.output == new.output
    assert old.action_id == "1"
    assert old.success


def test_an_error_is_no_success() -> None:
    failed = response("Error", "Message: No such channel")
    assert not failed.success
    assert failed.message == "No such channel"
    assert response("Goodbye").success
