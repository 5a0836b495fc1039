"""The encoder: one call is one frame, or nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.ami import actions
from agentd.ami.actions import Custom, Login, Originate, Setvar
from agentd.ami.encoder import MAX_LINE, MAX_LINES, encode
from agentd.ami.errors import MessageTooLong, UnsafeHeader

ANY_TEXT = st.text(alphabet=st.characters(), max_size=30) | st.sampled_from(
    ["\r\n\r\nAction: Originate", "\n", "\r", "\0", "a\nb", "x: y", "Action: Hangup", "é", "\udcff", "\ud800", " "]
)


def as_asterisk_reads(data: bytes) -> list[dict[str, str]]:
    """Messages as Asterisk 22.10.1 finds them: LF ends a line, CR before it or not; an empty line ends a message."""
    messages: list[dict[str, str]] = [{}]
    for line in data.split(b"\n")[:-1]:
        name, _, value = line.removesuffix(b"\r").partition(b":")
        if name:
            assert name.decode() not in messages[-1], "no header came twice"
            messages[-1][name.decode()] = value.strip(b" ").decode("utf-8", "surrogateescape")
        else:
            messages.append({})
    assert messages.pop() == {}, "the data ends with a message's end"
    return messages


@given(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=4), ANY_TEXT)
def test_whatever_is_sent_is_one_message_with_these_headers(values: dict[str, str], name: str) -> None:
    try:
        data = encode(Custom(name, values), "b-1")
    except UnsafeHeader:
        return
    expected = {"Action": name, "ActionID": "b-1", **values}
    assert as_asterisk_reads(data) == [{key: value.strip(" ") for key, value in expected.items()}]


@given(ANY_TEXT, ANY_TEXT)
def test_no_variable_can_bring_another_one_in(name: str, value: str) -> None:
    action = Originate("Local/1@x", context="x", exten="1", priority=1, variables={name: value})
    try:
        data = encode(action, "b-1")
    except UnsafeHeader:
        return
    (message,) = as_asterisk_reads(data)
    assert message["Variable"] == f"{name}={value}".strip(" ")
    function = re.match(r"\w+\([^()]*\)=", message["Variable"])
    outside = message["Variable"][function.end() if function else 0 :]
    assert not set(',"\\') & set(outside), "Asterisk leaves a comma alone between parentheses only"


@pytest.mark.parametrize("value", ["x\r\n\r\nAction: Originate", "a\nb", "a\rb", "a\0b"])
@pytest.mark.parametrize(
    "make",
    [
        lambda value: Setvar("X", value, "chan"),
        lambda value: Setvar(value, "x", "chan"),
        actions.Hangup,
        lambda value: actions.Redirect("c", value, "1"),
        actions.Command,
        lambda value: Login(value, secret="s"),
        lambda value: Originate("c", caller_id=value),
        lambda value: Originate("c", variables={"A": value}),
        lambda value: Originate("c", variables={value: "a"}),
        lambda value: actions.UserEvent("n", {"A": value}),
        lambda value: actions.UserEvent("n", {value: "a"}),
        Custom,
    ],
)
def test_line_ends_and_nul_are_refused_wherever_they_stand(make: object, value: str) -> None:
    with pytest.raises(UnsafeHeader) as refusal:
        encode(make(value), "b-1")  # type: ignore[operator]
    assert value not in str(refusal.value), "what is hostile or secret is not repeated in logs"


@pytest.mark.parametrize("name", ["", "A B", "A:", "Á", "A_B"])
def test_header_names_are_plain(name: str) -> None:
    with pytest.raises(UnsafeHeader):
        encode(Custom("Ping", {name: "x"}), "b-1")


@pytest.mark.parametrize("name", ["Action", "action", "ActionID", "ACTIONID"])
def test_nobody_brings_a_second_action_or_id(name: str) -> None:
    with pytest.raises(UnsafeHeader):
        encode(Custom("Ping", {name: "x"}), "b-1")


@pytest.mark.parametrize("value", ["a,B=c", 'a"b', "a\\b"])
def test_what_asterisk_would_split_or_eat_in_a_variable_is_refused(value: str) -> None:
    with pytest.raises(UnsafeHeader, match="A holds"):
        encode(Originate("c", variables={"A": value}), "b-1")


@pytest.mark.parametrize(
    "name", ["AGENTD_ROLE", "__AGENTD_SESSION", "_X", "CALLERID(name)", "CHANNEL(musicclass)", "PJSIP_HEADER(add,X-A)"]
)
def test_variables_and_functions_are_written_one_to_a_line(name: str) -> None:
    data = encode(Originate("c", variables={name: "a=b c", "Z": ""}), "b-1")
    assert data == (
        b"Action: Originate\r\nActionID: b-1\r\nChannel: c\r\n"
        + f"Variable: {name}=a=b c\r\nVariable: Z=\r\nAsync: true\r\n\r\n".encode()
    )


def test_lines_and_messages_have_asterisks_limits() -> None:
    longest = "é" * ((MAX_LINE - len("Value: ")) // 2)
    encode(Setvar("X", longest), "b-1")
    with pytest.raises(MessageTooLong):
        encode(Setvar("X", longest + "éé"), "b-1")
    most = {f"H{number}": "x" for number in range(MAX_LINES - 2)}
    encode(Custom("Ping", most), "b-1")
    with pytest.raises(MessageTooLong):
        encode(Custom("Ping", {**most, "One": "more"}), "b-1")


def test_headers_are_spelled_and_none_is_left_out() -> None:
    action = Originate(
        "PJSIP/502", context="agentd-conf", exten="8600051", priority=1, timeout=30000, channel_id="agd-1"
    )
    assert encode(action, "b-7").decode().split("\r\n") == [
        "Action: Originate",
        "ActionID: b-7",
        "Channel: PJSIP/502",
        "Context: agentd-conf",
        "Exten: 8600051",
        "Priority: 1",
        "Timeout: 30000",
        "ChannelId: agd-1",
        "Async: true",
        "",
        "",
    ]


def test_a_header_may_be_repeated_on_purpose() -> None:
    assert encode(Custom("X", {"Variable": ["A=1", "B=2"], "N": None, "T": True, "I": 3}), "b-1") == (
        b"Action: X\r\nActionID: b-1\r\nVariable: A=1\r\nVariable: B=2\r\nT: true\r\nI: 3\r\n\r\n"
    )


def test_bytes_that_are_no_text_go_back_as_they_came() -> None:
    assert b"Value: Ren\xe9\r\n" in encode(Setvar("CALLERID(name)", "Ren\udce9"), "b-1")


def test_no_secret_is_ever_shown() -> None:
    assert "hush" not in repr(Login("agentd", secret="hush", key="hush"))
    assert "hush" not in repr(Custom("Login", {"Secret": "hush"}))
    assert "hush" not in repr(Setvar("PIN", "hush"))
    assert "hush" not in repr(Originate("c", variables={"PIN": "hush"}))
    assert "hush" not in repr(actions.UserEvent("x", {"PIN": "hush"}))


def test_every_action_can_be_encoded_and_carries_its_own_name() -> None:
    for name in set(actions.__all__) - {"Action", "Custom"}:
        kind = getattr(actions, name)
        required = [field for field in kind.__dataclass_fields__.values() if field.default is field.default_factory]
        data = encode(kind(*("x" for _ in required)), "b-1")
        assert data.startswith(f"Action: {name}\r\nActionID: b-1\r\n".encode())
