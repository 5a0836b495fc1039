"""A FastAGI session in memory: one command in flight, everything in step, every end with its own error."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from agentd.fastagi.commands import AGI, Digits, Played, Recorded
from agentd.fastagi.errors import (
    BadUsage,
    ChannelHungUp,
    CommandFailed,
    CommandTimeout,
    DeadChannel,
    OutOfStep,
    SessionClosed,
    SessionExpired,
    TooManyCommands,
    UnknownCommand,
)
from agentd.fastagi.protocol import Counters, FastAGIProtocol, Limits
from agentd.fastagi.wire import Answer, UnsafeCommand

LIMITS = Limits(command=5, media=100, idle=20, total=1000, waiting=3)


class Transport(StringTransport):
    aborting = False

    def abortConnection(self) -> None:
        self.aborting = True


class Peer:
    """Asterisk's side of a session, without Asterisk."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.clock = Clock()
        self.counters = Counters()
        self.started: list[FastAGIProtocol] = []
        self.ended: list[FastAGIProtocol] = []
        self.transport = Transport()
        self.session = FastAGIProtocol(
            self.clock, self.started.append, self.ended.append, limits=limits, counters=self.counters
        )
        self.session.makeConnection(self.transport)
        self.agi = AGI(self.session)

    def opened(self) -> Peer:
        self.says(b"agi_network_script: login\nagi_channel: Local/1;2\n\n")
        return self

    def says(self, data: bytes) -> None:
        self.session.dataReceived(data)

    def heard(self) -> bytes:
        data = self.transport.value()
        self.transport.clear()
        return data

    def lost(self) -> None:
        self.session.connectionLost(Failure(ConnectionResetError()))


@pytest.fixture
def peer() -> Peer:
    return Peer().opened()


def outcome(deferred: Deferred[object]) -> object:
    """What a Deferred has come to: its value, its error (once), or None if it is still waiting."""
    found: list[object] = []

    def look(result: object) -> object:
        found.append(result.value if isinstance(result, Failure) else result)
        return None if isinstance(result, Failure) and seen else result

    seen = True
    deferred.addBoth(look)
    seen = False
    return found[0] if found else None


def test_a_session_starts_with_its_environment() -> None:
    peer = Peer()
    peer.says(b"agi_network_script: log")
    assert peer.started == []
    peer.says(b"in\nagi_arg_1: x\n\n")
    assert peer.started == [peer.session]
    assert peer.agi.environment.script == "login"
    assert peer.agi.environment.arguments == ("x",)


def test_one_command_is_in_flight_and_the_others_wait_their_turn(peer: Peer) -> None:
    first, second = peer.session.send("ANSWER"), peer.session.send("NOOP", "a b")
    assert peer.heard() == b"ANSWER\n"
    peer.says(b"200 result=0\n")
    assert outcome(first) == Answer(200, "result=0", result="0")
    assert peer.heard() == b'NOOP "a b"\n'
    assert outcome(second) is None
    peer.says(b"200 result=0\n")
    assert isinstance(outcome(second), Answer)


def test_trying_is_not_the_answer(peer: Peer) -> None:
    command = peer.session.send("GOSUB", "a", "s", 1)
    peer.says(b"100 result=0 Trying...\n")
    assert outcome(command) is None
    peer.says(b"200 result=0 Gosub complete\n")
    assert isinstance(outcome(command), Answer)


@pytest.mark.parametrize(
    ("line", "error", "code"),
    [
        (b"510 Invalid or unknown command\n", UnknownCommand, 510),
        (b"520-Invalid command syntax.\nSay so.\n520 End of proper usage.\n", BadUsage, 520),
        (b"520 Invalid command syntax.  Proper usage not available.\n", BadUsage, 520),
        (b"503 result=-2 Memory allocation failure\n", CommandFailed, 503),
    ],
)
def test_refusals_have_a_class_each_and_the_next_command_is_in_step(
    peer: Peer, line: bytes, error: type[CommandFailed], code: int
) -> None:
    refused, following = peer.session.send("FOO"), peer.session.send("NOOP")
    peer.says(line)
    result = outcome(refused)
    assert type(result) is error
    assert result.answer.code == code
    assert result.command == "FOO"
    peer.says(b"200 result=0\n")
    assert isinstance(outcome(following), Answer)


def test_a_dead_channel_is_a_hung_up_one(peer: Peer) -> None:
    hung_up = peer.session.when_hung_up()
    refused = peer.session.send("STREAM FILE", "x", "")
    peer.says(b"511 Command Not Permitted on a dead channel or intercept routine\n")
    result = outcome(refused)
    assert isinstance(result, DeadChannel)
    assert isinstance(result, ChannelHungUp)
    assert peer.agi.hung_up
    assert hung_up.called


def test_hangup_fails_the_waiting_command_and_later_ones_stay_in_step(peer: Peer) -> None:
    waiting, later = peer.session.send("WAIT FOR DIGIT", 5000), peer.session.send("GET VARIABLE", "X")
    peer.heard()
    peer.says(b"HANGUP\n")
    assert isinstance(outcome(waiting), ChannelHungUp)
    assert outcome(later) is None
    assert peer.heard() == b"", "the next command must not go before the old answer came"
    peer.says(b"200 result=-1\n")
    assert peer.heard() == b'GET VARIABLE "X"\n'
    peer.says(b"200 result=1 (kept)\n")
    assert outcome(later).value == "kept"
    assert peer.counters.late_answers == 1


def test_hangup_between_commands_is_told_and_variables_can_still_be_read(peer: Peer) -> None:
    first, second = peer.agi.when_hung_up(), peer.agi.when_hung_up()
    first.cancel()
    assert isinstance(outcome(first), CancelledError)
    assert not peer.agi.hung_up
    peer.says(b"HANGUP\nHANGUP\n")
    assert peer.agi.hung_up
    assert second.called
    assert peer.agi.when_hung_up().called
    value = peer.agi.get_variable("X")
    peer.says(b"200 result=1 (here)\n")
    assert outcome(value) == "here"


def test_a_watcher_may_cancel_another(peer: Peer) -> None:
    first, second = peer.agi.when_hung_up(), peer.agi.when_hung_up()
    first.addCallback(lambda _: second.cancel())
    outcome(second)
    peer.says(b"HANGUP\n")
    assert peer.agi.hung_up


def test_a_deadline_fails_one_command_and_its_late_answer_is_not_the_next_ones(peer: Peer) -> None:
    slow = peer.session.send("EXEC", "Wait", "60", timeout=7)
    following = peer.session.send("GET VARIABLE", "X")
    peer.heard()
    peer.clock.advance(6.9)
    assert outcome(slow) is None
    peer.clock.advance(0.2)
    result = outcome(slow)
    assert isinstance(result, CommandTimeout)
    assert (result.command, result.seconds) == ("EXEC", 7)
    assert peer.heard() == b""
    peer.says(b"200 result=0\n")
    peer.says(b"200 result=1 (mine)\n")
    assert outcome(following).value == "mine"
    assert peer.counters.late_answers == 1


def test_a_deadline_runs_from_the_moment_of_sending(peer: Peer) -> None:
    first = peer.session.send("EXEC", "Wait", "6", timeout=10)
    second = peer.session.send("NOOP")
    peer.clock.advance(6)
    peer.says(b"200 result=0\n")
    assert isinstance(outcome(first), Answer)
    peer.clock.advance(4.9)
    assert outcome(second) is None
    peer.clock.advance(0.2)
    assert isinstance(outcome(second), CommandTimeout)


def test_an_idle_session_is_closed_and_says_why(peer: Peer) -> None:
    hung_up = peer.agi.when_hung_up()
    peer.clock.advance(19.9)
    assert not peer.transport.disconnecting
    peer.clock.advance(0.2)
    assert peer.transport.aborting
    assert hung_up.called
    assert peer.counters.expired == 1
    result = outcome(peer.session.send("NOOP"))
    assert isinstance(result, SessionExpired)
    assert "idle" in str(result)


def test_a_command_in_flight_is_not_idleness(peer: Peer) -> None:
    prompt = peer.agi.stream_file("long")
    peer.clock.advance(99)
    assert not peer.transport.aborting
    peer.says(b"200 result=0 endpos=9\n")
    assert outcome(prompt) == Played(None, 9)


def test_after_a_missed_deadline_the_session_may_only_idle_so_long(peer: Peer) -> None:
    lost, queued = peer.session.send("NOOP"), peer.session.send("NOOP")
    peer.clock.advance(5)
    assert isinstance(outcome(lost), CommandTimeout)
    peer.clock.advance(20)
    assert isinstance(outcome(queued), SessionExpired)
    assert peer.transport.aborting


def test_a_client_that_never_says_anything_is_closed() -> None:
    peer = Peer()
    peer.clock.advance(20)
    assert peer.transport.aborting


def test_a_client_that_only_drips_bytes_is_closed() -> None:
    peer = Peer()
    for _ in range(21):
        peer.says(b"x")
        peer.clock.advance(1)
    assert peer.transport.aborting


def test_the_total_deadline_ends_even_a_busy_session(peer: Peer) -> None:
    for _ in range(111):
        peer.session.send("NOOP").addErrback(lambda _: None)
        peer.clock.advance(9 if peer.session.closed else 4)
        peer.says(b"200 result=0\n")
        peer.clock.advance(5)
    last = peer.session.send("NOOP", timeout=50)
    peer.clock.advance(2)
    assert isinstance(outcome(last), SessionExpired)
    assert peer.transport.aborting


def test_a_lost_connection_fails_everything_with_the_commands_names(peer: Peer) -> None:
    names = ["EXEC", "GET DATA", "NOOP"]
    commands = [peer.session.send(name) for name in names]
    late: list[object] = []
    commands[0].addErrback(lambda failure: late.append(outcome(peer.session.send("VERBOSE"))) or failure)
    peer.lost()
    errors = [outcome(command) for command in commands]
    assert all(type(error) is SessionClosed for error in errors)
    assert [error.command for error in errors] == names
    assert isinstance(late[0], SessionClosed)
    assert peer.ended == [peer.session]
    assert peer.clock.getDelayedCalls() == []


def test_closing_lets_the_dialplan_go_on_and_leaves_no_timer(peer: Peer) -> None:
    command = peer.session.send("EXEC", "Wait", "5")
    peer.agi.finish()
    assert peer.transport.disconnecting
    assert isinstance(outcome(command), SessionClosed)
    peer.says(b"200 result=0\nHANGUP\n")
    peer.lost()
    assert peer.clock.getDelayedCalls() == []
    assert (peer.counters.out_of_step, peer.counters.expired) == (0, 0)


def test_an_answer_nobody_asked_for_ends_the_session(peer: Peer) -> None:
    peer.says(b"200 result=1\n")
    assert peer.transport.aborting
    assert peer.counters.out_of_step == 1
    assert isinstance(outcome(peer.session.send("NOOP")), OutOfStep)


def test_a_value_that_looks_like_an_answer_cannot_answer_the_next_command(peer: Peer) -> None:
    """Asterisk sends a variable's newlines as they are (seen in 22.10), and a variable may be a caller's text."""
    name, allowed = peer.agi.get_variable("NAME"), peer.agi.get_variable("ALLOWED")
    peer.heard()
    peer.says(b"200 result=1 (x)\n200 result=1 (yes))\n")
    assert outcome(name) == "x"
    assert isinstance(outcome(allowed), OutOfStep)
    assert peer.heard() == b""
    assert peer.transport.aborting


def test_nor_the_command_that_is_sent_upon_it(peer: Peer) -> None:
    asked: list[Deferred[str | None]] = []
    peer.agi.get_variable("NAME").addCallback(lambda _: asked.append(peer.agi.get_variable("ALLOWED")))
    peer.heard()
    peer.says(b"200 result=1 (x)\n200 result=1 (yes))\n")
    assert isinstance(outcome(asked[0]), OutOfStep)
    assert peer.heard() == b""


def test_too_long_a_line_ends_the_session(peer: Peer) -> None:
    command = peer.session.send("GET VARIABLE", "X")
    peer.says(b"200 result=1 (" + b"x" * 70000)
    assert isinstance(outcome(command), OutOfStep)
    assert peer.transport.aborting


def test_stray_lines_are_counted(peer: Peer) -> None:
    command = peer.session.send("NOOP")
    peer.says(b"what\nis this\n200 result=0\n")
    assert isinstance(outcome(command), Answer)
    assert peer.counters.stray_lines == 2


def test_the_line_of_commands_is_bounded(peer: Peer) -> None:
    taken = [peer.session.send("NOOP") for _ in range(4)]
    refused = peer.session.send("VERBOSE")
    assert isinstance(outcome(refused), TooManyCommands)
    for command in taken:
        peer.says(b"200 result=0\n")
        assert isinstance(outcome(command), Answer)


def test_cancelling_a_waiting_command_means_it_is_never_sent(peer: Peer) -> None:
    first, second, third = (peer.session.send(name) for name in ("NOOP", "HANGUP", "VERBOSE"))
    second.cancel()
    assert isinstance(outcome(second), CancelledError)
    peer.heard()
    peer.says(b"200 result=0\n")
    assert peer.heard() == b"VERBOSE\n"
    peer.says(b"200 result=1\n")
    assert isinstance(outcome(third), Answer)
    assert isinstance(outcome(first), Answer)


def test_cancelling_the_command_in_flight_keeps_the_others_in_step(peer: Peer) -> None:
    first, second = peer.session.send("GET VARIABLE", "A"), peer.session.send("GET VARIABLE", "B")
    first.cancel()
    assert isinstance(outcome(first), CancelledError)
    peer.says(b"200 result=1 (a)\n")
    peer.says(b"200 result=1 (b)\n")
    assert outcome(second).value == "b"


def test_an_unsafe_argument_sends_nothing_and_leaves_the_session_usable(peer: Peer) -> None:
    with pytest.raises(UnsafeCommand):
        peer.session.send("SET VARIABLE", "X", "a\nHANGUP")
    assert isinstance(outcome(peer.agi.set_variable("X", "a\nHANGUP")), UnsafeCommand)
    assert peer.heard() == b""
    command = peer.session.send("NOOP")
    peer.says(b"200 result=0\n")
    assert isinstance(outcome(command), Answer)


def test_errors_never_carry_arguments(peer: Peer) -> None:
    command = peer.session.send("SET VARIABLE", "PIN", "4711")
    peer.lost()
    assert "4711" not in str(outcome(command))


@pytest.mark.parametrize(
    ("call", "sent", "answer", "value"),
    [
        (lambda agi: agi.answer(), b"ANSWER\n", b"200 result=0", None),
        (lambda agi: agi.hangup(), b"HANGUP\n", b"200 result=1", None),
        (lambda agi: agi.hangup("PJSIP/1"), b'HANGUP "PJSIP/1"\n', b"200 result=1", None),
        (lambda agi: agi.channel_status(), b"CHANNEL STATUS\n", b"200 result=6", 6),
        (lambda agi: agi.set_auto_hangup(1.5), b'SET AUTOHANGUP "1.500"\n', b"200 result=0", None),
        (lambda agi: agi.set_caller_id('"A" <1>'), b'SET CALLERID "\\"A\\" <1>"\n', b"200 result=1", None),
        (lambda agi: agi.set_music(False), b'SET MUSIC "off" "default"\n', b"200 result=0", None),
        (lambda agi: agi.set_context("c"), b'SET CONTEXT "c"\n', b"200 result=0", None),
        (lambda agi: agi.set_extension("s"), b'SET EXTENSION "s"\n', b"200 result=0", None),
        (lambda agi: agi.set_priority("label"), b'SET PRIORITY "label"\n', b"200 result=0", None),
        (lambda agi: agi.execute("Playback", "a,b"), b'EXEC "Playback" "a,b"\n', b"200 result=0", "0"),
        (lambda agi: agi.get_variable("X"), b'GET VARIABLE "X"\n', b"200 result=0", None),
        (lambda agi: agi.get_variable("X"), b'GET VARIABLE "X"\n', b"200 result=1 ()", ""),
        (lambda agi: agi.get_full_variable("${X}", "c"), b'GET FULL VARIABLE "${X}" "c"\n', b"200 result=1 (v)", "v"),
        (lambda agi: agi.set_variable("X", 5), b'SET VARIABLE "X" "5"\n', b"200 result=1", None),
        (lambda agi: agi.database_get("f", "k"), b'DATABASE GET "f" "k"\n', b"200 result=1 (v)", "v"),
        (lambda agi: agi.database_get("f", "k"), b'DATABASE GET "f" "k"\n', b"200 result=0", None),
        (lambda agi: agi.database_put("f", "k", "v"), b'DATABASE PUT "f" "k" "v"\n', b"200 result=1", None),
        (lambda agi: agi.database_delete("f", "k"), b'DATABASE DEL "f" "k"\n', b"200 result=1", None),
        (lambda agi: agi.database_delete_tree("f"), b'DATABASE DELTREE "f"\n', b"200 result=0", None),
        (
            lambda agi: agi.stream_file("hi", "12"),
            b'STREAM FILE "hi" "12" "0"\n',
            b"200 result=49 endpos=800",
            Played("1", 800),
        ),
        (
            lambda agi: agi.get_option("hi", "12", 2),
            b'GET OPTION "hi" "12" "2000"\n',
            b"200 result=0 endpos=9",
            Played(None, 9),
        ),
        (
            lambda agi: agi.get_data("hi", wait=2.5, max_digits=4),
            b'GET DATA "hi" "2500" "4"\n',
            b"200 result=1001",
            Digits("1001", timed_out=False),
        ),
        (
            lambda agi: agi.get_data("hi"),
            b'GET DATA "hi" "5000" "64"\n',
            b"200 result= (timeout)",
            Digits("", timed_out=True),
        ),
        (lambda agi: agi.wait_for_digit(2), b'WAIT FOR DIGIT "2000"\n', b"200 result=0", None),
        (lambda agi: agi.wait_for_digit(2), b'WAIT FOR DIGIT "2000"\n', b"200 result=35", "#"),
        (
            lambda agi: agi.record_file("f", "wav", "#", 3, beep=True, silence=2),
            b'RECORD FILE "f" "wav" "#" "3000" "0" "beep" "s=2"\n',
            b"200 result=35 (dtmf) endpos=8",
            Recorded("dtmf", "#", 8),
        ),
        (lambda agi: agi.say_digits("12", "#"), b'SAY DIGITS "12" "#"\n', b"200 result=0", None),
        (lambda agi: agi.say_number(12), b'SAY NUMBER "12" ""\n', b"200 result=50", "2"),
        (lambda agi: agi.say_alpha("ab"), b'SAY ALPHA "ab" ""\n', b"200 result=0", None),
        (lambda agi: agi.say_phonetic("ab"), b'SAY PHONETIC "ab" ""\n', b"200 result=0", None),
        (lambda agi: agi.say_date(9), b'SAY DATE "9" ""\n', b"200 result=0", None),
        (lambda agi: agi.say_time(9), b'SAY TIME "9" ""\n', b"200 result=0", None),
        (
            lambda agi: agi.say_date_time(9, "", "HM", "UTC"),
            b'SAY DATETIME "9" "" "HM" "UTC"\n',
            b"200 result=0",
            None,
        ),
        (lambda agi: agi.verbose("hi", 3), b'VERBOSE "hi" "3"\n', b"200 result=1", None),
        (lambda agi: agi.noop(), b'NOOP ""\n', b"200 result=0", None),
        (lambda agi: agi.send("TDD MODE", "on"), b'TDD MODE "on"\n', b"200 result=0", Answer(200, "result=0", "0")),
    ],
)
def test_every_command_says_its_line_and_reads_its_answer(
    peer: Peer, call: object, sent: bytes, answer: bytes, value: object
) -> None:
    result = call(peer.agi)  # type: ignore[operator]
    assert peer.heard() == sent
    peer.says(answer + b"\n")
    assert result.called
    assert outcome(result) == value


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda agi: agi.database_put("f", "k", "v"), b"200 result=0"),
        (lambda agi: agi.database_delete("f", "k"), b"200 result=0"),
        (lambda agi: agi.execute("Nope"), b"200 result=-2"),
        (lambda agi: agi.channel_status("c"), b"200 strange"),
        (lambda agi: agi.wait_for_digit(1), b"200 result=x"),
    ],
)
def test_a_result_that_says_no_or_nothing_is_a_failure(peer: Peer, call: object, answer: bytes) -> None:
    result = call(peer.agi)  # type: ignore[operator]
    peer.heard()
    peer.says(answer + b"\n")
    assert type(outcome(result)) is CommandFailed
    assert peer.heard() == b""


def test_minus_one_without_a_hangup_is_a_failure(peer: Peer) -> None:
    prompt = peer.agi.stream_file("missing")
    peer.heard()
    peer.says(b"200 result=-1 endpos=0\n")
    assert peer.heard() == b"NOOP\n"
    peer.says(b"200 result=0\n")
    result = outcome(prompt)
    assert type(result) is CommandFailed
    assert result.command == "STREAM FILE"


@pytest.mark.parametrize("pieces", [[b"200 result=-1 endpos=0\nHANGUP\n"], [b"200 result=-1 endpos=0\n", b"HANGUP\n"]])
def test_minus_one_with_a_hangup_is_a_hangup(peer: Peer, pieces: list[bytes]) -> None:
    prompt = peer.agi.stream_file("prompt")
    for piece in pieces:
        peer.says(piece)
    peer.says(b"200 result=0\n")
    result = outcome(prompt)
    assert isinstance(result, ChannelHungUp)
    assert result.command == "STREAM FILE"
    assert peer.agi.hung_up


def test_going_somewhere_is_three_commands_in_order(peer: Peer) -> None:
    gone = peer.agi.go_to("agentd-conf", "8600051", 2)
    lines = []
    while line := peer.heard():
        lines.append(line)
        peer.says(b"200 result=0\n")
    assert lines == [b'SET CONTEXT "agentd-conf"\n', b'SET EXTENSION "8600051"\n', b'SET PRIORITY "2"\n']
    assert gone.called


def test_a_command_error_is_one_line(peer: Peer) -> None:
    refused = peer.session.send("GET VARIABLE")
    peer.says(b"520-Invalid command syntax.  Proper usage follows:\nlong\ntext\n520 End of proper usage.\n")
    assert str(outcome(refused)) == "GET VARIABLE: answered 520 Invalid command syntax.  Proper usage follows:"
