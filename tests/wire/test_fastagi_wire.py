"""FastAGI's bytes: any split gives the same frames, one call is one command, nothing hostile gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.fastagi.wire import (
    MAX_COMMAND,
    Answer,
    Decoder,
    Environment,
    HangUp,
    Malformed,
    UnsafeCommand,
    encode_command,
)

ENVIRONMENT = (
    b"agi_network: yes\nagi_network_script: login\nagi_request: agi://127.0.0.1:4573/login\n"
    b"agi_channel: PJSIP/502-00000001\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: pbx-1795166569.1\n"
    b"agi_version: 22.10.1\nagi_callerid: 7275551212\nagi_calleridname: unknown\nagi_callingpres: 67\n"
    b"agi_dnid: unknown\nagi_context: agentd\nagi_extension: 8500\nagi_priority: 3\nagi_accountcode: \n"
    b"agi_arg_1: one\nagi_arg_2: \nagi_arg_3: three: 3\n\n"
)

SESSION = (
    ENVIRONMENT
    + b"100 result=0 Trying...\n200 result=1\n200 result=1 (a value)\n200 result=0 endpos=16000\nHANGUP\n"
    + "200 result=1 (Ren\u00e9)\n".encode()
    + b"200 result=1 (Ren\xe9)\n200 result= (timeout)\n510 Invalid or unknown command\n"
    + b"520-Invalid command syntax.  Proper usage follows:\nSay 200 result=1 twice.\nHANGUP\n520 End of proper usage.\n"
    + b"520 Invalid command syntax.  Proper usage not available.\n"
    + b"511 Command Not Permitted on a dead channel or intercept routine\n"
    + b"200 result=1 (two\nlines)\nstray\n200 result=35 (dtmf) endpos=8000\nHANGUP\n"
)


def decode(*pieces: bytes, max_frame: int = 65536) -> list[object]:
    decoder = Decoder(max_frame)
    return [frame for piece in pieces for frame in decoder.feed(piece)]


def answers(data: bytes) -> list[Answer]:
    frames = decode(b"\n", data)[1:]
    assert all(isinstance(frame, Answer) for frame in frames)
    return frames  # type: ignore[return-value]


@st.composite
def split(draw: st.DrawFn, data: bytes) -> list[bytes]:
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=40)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@given(split(SESSION))
def test_any_split_of_a_session_gives_the_same_frames(pieces: list[bytes]) -> None:
    assert decode(*pieces) == decode(SESSION)


def test_byte_by_byte_is_the_same_session() -> None:
    assert decode(*(SESSION[i : i + 1] for i in range(len(SESSION)))) == decode(SESSION)


@given(
    st.lists(st.sampled_from([b"200 result=1 (", b"520-", b"520 ", b"HANGUP\n", b")", b"\n", b"\xff", b"x" * 30])),
    st.data(),
)
def test_any_split_of_hostile_bytes_gives_the_same_frames_and_never_raises(
    parts: list[bytes], data: st.DataObject
) -> None:
    stream = b"agi_network_script: x\n\n" + b"".join(parts)
    pieces = data.draw(split(stream))
    assert decode(*pieces, max_frame=64) == decode(stream, max_frame=64)


def test_the_environment_as_a_handler_reads_it() -> None:
    (environment,) = decode(ENVIRONMENT)
    assert isinstance(environment, Environment)
    assert environment.script == "login"
    assert environment.channel == "PJSIP/502-00000001"
    assert environment.uniqueid == "pbx-1795166569.1"
    assert (environment.context, environment.extension) == ("agentd", "8500")
    assert (environment.caller_number, environment.caller_name, environment.dialled_number) == (
        "7275551212",
        None,
        None,
    )
    assert environment.arguments == ("one", "", "three: 3")
    assert environment.variables["agi_accountcode"] == ""


def test_a_caller_cannot_rename_the_route() -> None:
    (environment,) = decode(b"agi_network_script: login\nagi_calleridname: x\nagi_network_script: other\nno colon\n\n")
    assert isinstance(environment, Environment)
    assert environment.script == "login"


def test_an_environment_without_a_script_has_an_empty_one() -> None:
    assert [frame.script for frame in decode(b"agi_network: yes\n\n") if isinstance(frame, Environment)] == [""]


def test_the_parts_of_an_answer() -> None:
    (answer,) = answers(b"200 result=35 (dtmf) endpos=8000\n")
    assert (answer.code, answer.result, answer.value, dict(answer.fields)) == (200, "35", "dtmf", {"endpos": "8000"})
    (answer,) = answers(b'200 result=1 (speech) endpos=9 results=1 score0=7 text0="call bob" grammar0=names\n')
    assert answer.fields["text0"] == "call bob"
    assert answer.fields["grammar0"] == "names"


@pytest.mark.parametrize(
    ("line", "result", "value"),
    [
        (b"200 result=1 ()", "1", ""),
        (b"200 result=1 (a) (b)", "1", "a) (b"),
        (b"200 result=1 (x) endpos=3)", "1", "x) endpos=3"),
        (b"200 result=1 (result=0)", "1", "result=0"),
        (b"200 result=1 (caf\xc3\xa9)", "1", "caf\u00e9"),
        (b"200 result=1 (caf\xe9)", "1", "caf\udce9"),
        (b"200 result= (timeout)", "", "timeout"),
        (b"200 result=", "", None),
        (b"200 result=-1 Gosub label not found", "-1", None),
        (b"200 result=1*2#", "1*2#", None),
        (b"200 result=1\r", "1", None),
        (b"503 result=-2 Memory allocation failure", "-2", None),
        (b"200 OK", None, None),
    ],
)
def test_results_and_values(line: bytes, result: str | None, value: str | None) -> None:
    (answer,) = answers(line + b"\n")
    assert (answer.result, answer.value) == (result, value)


def test_a_long_520_is_one_answer_with_its_explanation() -> None:
    first, second = answers(
        b"520-Invalid command syntax.\nUse 200 result=1\nHANGUP\n520 End of proper usage.\n200 result=0\n"
    )
    assert first.code == 520
    assert first.text == "Invalid command syntax.\nUse 200 result=1\nHANGUP"
    assert second == Answer(200, "result=0", result="0")


def test_a_short_520_is_one_answer() -> None:
    first, second = answers(b"520 Invalid command syntax.  Proper usage not available.\n200 result=0\n")
    assert (first.code, second.code) == (520, 200)


def test_hangup_is_out_of_band() -> None:
    assert decode(b"\nHANGUP\n200 result=0\nHANGUP\n")[1:] == [HangUp(), Answer(200, "result=0", result="0"), HangUp()]


def test_a_value_with_newlines_is_one_answer() -> None:
    first, second = answers(b"200 result=1 (one\n200 result=1\nthree)\n200 result=0\n")
    assert first.value == "one\n200 result=1\nthree"
    assert second.result == "0"


def test_stray_lines_are_skipped_and_counted() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\n\nhello\n20 result=1\n200\n200 result=1\n")[1:] == [Answer(200, "result=1", result="1")]
    assert decoder.ignored == 4


@pytest.mark.parametrize(
    "flood",
    [
        b"agi_arg_1: " + b"x" * 200,
        b"agi_x: y\n" * 30,
        b"\n200 result=1 (" + b"x" * 200,
        b"\n520-x\n" + b"y\n" * 200,
        b"\n200 result=1 (\n" + b"y\n" * 200,
        b"\n" + b"z" * 200,
    ],
)
def test_what_grows_without_end_is_malformed_and_nothing_follows(flood: bytes) -> None:
    decoder = Decoder(max_frame=100)
    frames = [frame for byte in flood for frame in decoder.feed(bytes([byte]))]
    assert isinstance(frames[-1], Malformed)
    assert decoder.feed(b"\n\n200 result=1\n)\n520 end\n") == []


def test_many_small_frames_are_not_one_large_one() -> None:
    assert len(decode(b"\n" + b"200 result=1\n" * 100 + b"junk\n" * 100, max_frame=40)) == 101


def asterisk_words(line: bytes) -> list[str]:
    """How Asterisk takes a command apart (quotes, backslash escapes, blanks), written down anew from its behaviour."""
    words: list[str] = []
    quoted = escaped = inside = False
    for char in line.decode("utf-8", "surrogateescape"):
        if char == "\\" and not escaped:
            escaped = True
        elif char == '"' and not escaped:
            quoted = not quoted
            if quoted and not inside:
                words.append("")
                inside = True
        elif char in " \t" and not quoted and not escaped:
            inside = False
        else:
            if not inside:
                words.append("")
                inside = True
            words[-1] += char
            escaped = False
    return words


sendable = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=100)


@given(st.lists(sendable, max_size=8))
def test_one_call_is_one_command_with_exactly_these_arguments(arguments: list[str]) -> None:
    line = encode_command("SET VARIABLE", *arguments)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert asterisk_words(line[:-1]) == ["SET", "VARIABLE", *arguments]


@given(sendable, st.sampled_from("\r\n\0"), sendable)
def test_line_breaks_and_nul_are_refused(before: str, evil: str, after: str) -> None:
    with pytest.raises(UnsafeCommand):
        encode_command("NOOP", before + evil + after)


def test_the_very_line() -> None:
    assert encode_command("SET VARIABLE", "X", 'a "b" \\ ${c}') == b'SET VARIABLE "X" "a \\"b\\" \\\\ ${c}"\n'
    assert encode_command("WAIT FOR DIGIT", 5000) == b'WAIT FOR DIGIT "5000"\n'
    assert encode_command("ANSWER") == b"ANSWER\n"


def test_bytes_that_are_not_utf8_go_back_as_they_came() -> None:
    (answer,) = answers(b"200 result=1 (Ren\xe9)\n")
    assert answer.value is not None
    assert encode_command("NOOP", answer.value) == b'NOOP "Ren\xe9"\n'


def test_text_that_is_no_bytes_at_all_is_refused() -> None:
    with pytest.raises(UnsafeCommand):
        encode_command("NOOP", "\ud800")


@pytest.mark.parametrize("name", ["", "noop", "NOOP\nHANGUP", "NOOP ", 'EXEC "x"', "NOOP  X", "SET-X", "A\0"])
def test_a_name_is_upper_case_words(name: str) -> None:
    with pytest.raises(UnsafeCommand):
        encode_command(name)


def test_the_longest_command() -> None:
    room = MAX_COMMAND - len(b'NOOP ""\n')
    assert len(encode_command("NOOP", "x" * room)) == MAX_COMMAND
    with pytest.raises(UnsafeCommand):
        encode_command("NOOP", "x" * (room + 1))
    with pytest.raises(UnsafeCommand, match=f"{MAX_COMMAND + 1} bytes"):
        encode_command("NOOP", "x" * (room - 1) + "\u00e9")
    with pytest.raises(UnsafeCommand):
        encode_command("NOOP", '"' * room)


def test_more_words_than_asterisk_counts_are_refused() -> None:
    encode_command("NOOP", *["x"] * 63)
    with pytest.raises(UnsafeCommand):
        encode_command("NOOP", *["x"] * 64)


def test_no_refusal_repeats_what_may_be_a_secret() -> None:
    with pytest.raises(UnsafeCommand) as refused:
        encode_command("SET VARIABLE", "PIN", "4711\n")
    assert "4711" not in str(refused.value)
