"""One connection: numbered actions, deadlines, lists, back-pressure both ways, and the end of the link."""

from __future__ import annotations

import hashlib

import pytest
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred

from agentd.ami.actions import CoreShowChannels, Getvar, Ping, Setvar
from agentd.ami.errors import (
    ActionFailed,
    ActionTimeout,
    AuthenticationFailed,
    FrameTooLong,
    LinkDown,
    LinkLost,
    NotAnAsterisk,
    SwitchBusy,
    UnsafeHeader,
)
from agentd.ami.messages import Event
from tests.wire.ami_kit import Conversation, error, message, result


def waiting(deferred: Deferred) -> bool:
    return not deferred.called


# --- answers -------------------------------------------------------------------------------------------------------


def test_each_answer_goes_to_its_own_action() -> None:
    talk = Conversation()
    first, second = talk.protocol.send(Ping()), talk.protocol.send(Getvar("X"))
    assert [(sent["Action"], sent["ActionID"]) for sent in talk.sent()] == [("Ping", "b-1"), ("Getvar", "b-2")]
    talk.hears("Response: Success", "ActionID: b-2", "Variable: X", "Value: 7")
    assert waiting(first)
    assert result(second)["Value"] == "7"
    talk.hears("Response: Success", "ActionID: b-1", "Ping: Pong")
    assert result(first)["Ping"] == "Pong"
    assert talk.protocol.pending == 0


def test_an_error_is_raised_with_asterisks_words_and_the_action() -> None:
    talk = Conversation()
    asked = talk.protocol.send(Getvar("X", "gone"))
    talk.hears("Response: Error", "ActionID: b-1", "Message: No such channel")
    failed = error(asked, ActionFailed)
    assert failed.message == "No such channel"
    assert failed.action == Getvar("X", "gone")


def test_what_is_unsafe_is_not_sent() -> None:
    talk = Conversation()
    error(talk.protocol.send(Setvar("X", "a\r\n\r\nAction: Originate")), UnsafeHeader)
    assert talk.far.value() == b""
    assert talk.protocol.pending == 0


def test_no_answer_in_time_fails_and_a_late_one_is_counted() -> None:
    talk = Conversation()
    asked = talk.protocol.send(Ping(), timeout=3)
    talk.clock.advance(2.9)
    assert waiting(asked)
    talk.clock.advance(0.2)
    late = error(asked, ActionTimeout)
    assert late.sent
    assert late.seconds == 3
    talk.hears("Response: Success", "ActionID: b-1", "Ping: Pong")
    assert talk.protocol.counters.late == 1
    assert talk.protocol.pending == 0


def test_an_answer_that_is_too_long_fails_its_action_and_nothing_else() -> None:
    talk = Conversation(max_frame=200)
    asked, other = talk.protocol.send(Ping()), talk.protocol.send(Ping())
    talk.hears("Response: Success", "ActionID: b-1", *("Output: a line",) * 50)
    assert error(asked, FrameTooLong).response.output == ["a line"] * 10
    talk.hears("Response: Success", "ActionID: b-2", "Ping: Pong")
    assert result(other).success


def test_a_timer_is_not_left_behind() -> None:
    talk = Conversation()
    asked = talk.protocol.send(Ping())
    talk.hears("Response: Success", "ActionID: b-1")
    result(asked)
    assert talk.clock.getDelayedCalls() == []


# --- the window and the queue --------------------------------------------------------------------------------------


def test_actions_beyond_the_window_wait_and_beyond_the_queue_are_refused() -> None:
    talk = Conversation(window=2, waiting=2)
    asked = [talk.protocol.send(Ping()) for _ in range(5)]
    assert [sent["ActionID"] for sent in talk.sent()] == ["b-1", "b-2"]
    busy = error(asked[4], SwitchBusy)
    assert busy.waiting == 2
    assert talk.protocol.pending == 4
    talk.hears("Response: Success", "ActionID: b-2")
    result(asked[1])
    assert [sent["ActionID"] for sent in talk.sent()] == ["b-3"]
    talk.hears("Response: Success", "ActionID: b-1")
    talk.hears("Response: Success", "ActionID: b-3")
    talk.hears("Response: Success", "ActionID: b-4")
    assert [result(each).success for each in asked[:1] + asked[2:4]] == [True] * 3


def test_an_action_that_waited_too_long_in_the_queue_is_never_sent() -> None:
    talk = Conversation(window=1)
    first, second = talk.protocol.send(Ping(), timeout=10), talk.protocol.send(Getvar("X"), timeout=1)
    talk.clock.advance(1)
    assert not error(second, ActionTimeout).sent
    talk.hears("Response: Success", "ActionID: b-1")
    result(first)
    assert [sent["Action"] for sent in talk.sent()] == ["Ping"]


def test_a_cancelled_action_is_withdrawn_if_it_is_still_here() -> None:
    talk = Conversation(window=1)
    first, second = talk.protocol.send(Ping()), talk.protocol.send(Getvar("X"))
    second.cancel()
    error(second, CancelledError)
    first.cancel()
    error(first, CancelledError)
    assert [sent["Action"] for sent in talk.sent()] == ["Ping"]
    assert talk.clock.getDelayedCalls() == []
    talk.hears("Response: Success", "ActionID: b-1")
    assert talk.protocol.counters.late == 1


# --- the end -------------------------------------------------------------------------------------------------------


def test_everything_pending_fails_when_the_link_is_lost_and_says_if_it_was_sent() -> None:
    talk = Conversation(window=2)
    asked = [talk.protocol.send(Ping()), talk.protocol.collect(CoreShowChannels()), talk.protocol.send(Getvar("X"))]
    talk.far.loseConnection()
    lost = [error(each, LinkLost) for each in asked]
    assert [each.sent for each in lost] == [True, True, False]
    assert [each.action for each in lost] == [Ping(), CoreShowChannels(), Getvar("X")]
    assert len(talk.sent()) == 2
    assert result(talk.protocol.when_lost())
    assert not error(talk.protocol.send(Ping()), LinkLost).sent
    assert talk.clock.getDelayedCalls() == []


def test_a_caller_may_ask_again_from_its_errback_without_harm() -> None:
    talk = Conversation()
    again: list[Deferred] = []
    for _ in range(3):
        talk.protocol.send(Ping()).addErrback(lambda failure: again.append(talk.protocol.send(Ping())))
    talk.far.loseConnection()
    assert [error(each, LinkLost).sent for each in again] == [False] * 3


def test_a_caller_may_cancel_another_from_its_errback_without_harm() -> None:
    talk = Conversation()
    asked = [talk.protocol.send(Ping()), talk.protocol.collect(CoreShowChannels()), talk.protocol.send(Ping())]
    asked[0].addErrback(lambda failure: asked[1].cancel())
    talk.far.loseConnection()
    error(asked[1], CancelledError)
    error(asked[2], LinkLost)
    assert talk.clock.getDelayedCalls() == []
    assert talk.protocol.pending == 0


def test_who_waits_for_the_end_may_make_another_stop_waiting() -> None:
    talk = Conversation()
    first, second = talk.protocol.when_lost(), talk.protocol.when_lost()
    first.addCallback(lambda _: second.cancel())
    talk.far.loseConnection()
    error(second, CancelledError)


def test_what_came_before_the_end_still_counts() -> None:
    talk = Conversation(turn_budget=1)
    first, second = talk.protocol.send(Ping()), talk.protocol.send(Ping())
    talk.protocol.dataReceived(
        message("Event: A", "B: c") + message("Response: Success", "ActionID: b-1") + message("Event: Shutdown")
    )
    assert waiting(first)
    talk.far.loseConnection()
    assert waiting(first), "the turns keep their budget"
    assert not error(talk.protocol.send(Ping()), LinkLost).sent
    talk.clock.turn()
    assert result(first).success
    assert waiting(second)
    assert not talk.protocol.when_lost().called
    talk.clock.turn()
    error(second, LinkLost)
    assert result(talk.protocol.when_lost())
    assert [event.name for event in talk.events] == ["A", "Shutdown"]


def test_a_close_that_takes_too_long_becomes_an_abort() -> None:
    talk = Conversation(close_timeout=2)
    talk.far.hangs = True
    asked = talk.protocol.send(Ping())
    talk.protocol.close("enough")
    assert "enough" in str(error(asked, LinkLost))
    assert talk.far.closing
    assert not talk.far.aborted
    talk.clock.advance(2)
    assert talk.far.aborted
    assert result(talk.protocol.when_lost()) == "enough"


# --- greeting, login -----------------------------------------------------------------------------------------------


def test_a_manager_interface_greets() -> None:
    talk = Conversation(greet=False)
    greeted = [talk.protocol.when_greeted() for _ in range(2)]
    greeted[0].cancel()
    error(greeted[0], CancelledError)
    talk.protocol.dataReceived(b"Asterisk Call Man")
    assert waiting(greeted[1])
    talk.protocol.dataReceived(b"ager/11.0.0\r\n")
    assert result(greeted[1]) == "Asterisk Call Manager/11.0.0"
    assert result(talk.protocol.when_greeted()) == "Asterisk Call Manager/11.0.0"


def test_another_server_is_left_alone() -> None:
    talk = Conversation(greet=False)
    greeted = talk.protocol.when_greeted()
    talk.protocol.dataReceived(b"220 mail.example ESMTP\r\n")
    error(greeted, NotAnAsterisk)
    assert talk.far.aborted
    error(talk.protocol.when_booted(), LinkDown)


def test_a_plain_login_sends_the_secret() -> None:
    talk = Conversation()
    login = ensureDeferred(talk.protocol.login("agentd", "hush", challenge=False, events="system"))
    (sent,) = talk.sent()
    assert sent == {
        "Action": "Login",
        "ActionID": "b-1",
        "Username": "agentd",
        "Secret": "hush",
        "Events": "system",
    }
    talk.hears("Response: Success", "ActionID: b-1", "Message: Authentication accepted")
    assert result(login).success


def test_a_login_by_challenge_does_not_send_the_secret() -> None:
    talk = Conversation()
    login = ensureDeferred(talk.protocol.login("agentd", "hush", challenge=True))
    assert talk.sent() == [{"Action": "Challenge", "ActionID": "b-1", "AuthType": "MD5"}]
    talk.hears("Response: Success", "ActionID: b-1", "Challenge: 840415273")
    (sent,) = talk.sent()
    assert sent["Key"] == hashlib.md5(b"840415273hush").hexdigest()
    assert "Secret" not in sent
    talk.hears("Response: Success", "ActionID: b-2", "Message: Authentication accepted")
    assert result(login).success


def test_a_refused_login_is_an_error_of_its_own_without_the_secret() -> None:
    talk = Conversation()
    login = ensureDeferred(talk.protocol.login("agentd", "hush", challenge=False))
    talk.hears("Response: Error", "ActionID: b-1", "Message: Authentication failed")
    assert "hush" not in str(error(login, AuthenticationFailed))


def test_fully_booted_is_noticed_whatever_is_wanted() -> None:
    talk = Conversation()
    talk.protocol.wanted = frozenset()
    booted = talk.protocol.when_booted()
    talk.hears("Event: FullyBooted", "Uptime: 0", "Status: Fully Booted")
    assert result(booted)["Uptime"] == "0"


# --- back-pressure, keep-alive -------------------------------------------------------------------------------------


def flood(talk: Conversation, count: int) -> None:
    talk.protocol.dataReceived(message("Event: Newexten", "Exten: s") * count)


def test_a_flood_is_handled_in_turns_and_reading_pauses_above_the_mark() -> None:
    talk = Conversation(turn_budget=10, high_water=50, low_water=20)
    flood(talk, 40)
    assert len(talk.events) == 10
    assert talk.far.producerState == "producing"
    talk.clock.rightNow += 0.5
    flood(talk, 40)
    assert len(talk.events) == 10, "the next turn is not due yet"
    assert talk.far.producerState == "paused"
    assert talk.protocol.counters.pauses == 1
    assert talk.protocol.backlog == 70
    assert talk.protocol.lag == 0.5
    for _ in range(4):
        talk.clock.turn()
    assert talk.protocol.backlog == 30
    assert talk.far.producerState == "paused", "reading goes on only below the low mark"
    talk.clock.turn()
    assert talk.far.producerState == "producing"
    for _ in range(2):
        talk.clock.turn()
    assert len(talk.events) == 80
    assert talk.protocol.backlog == 0
    assert talk.protocol.lag == 0
    assert talk.clock.getDelayedCalls() == []


def test_unwanted_events_do_not_count_as_a_flood() -> None:
    talk = Conversation(turn_budget=10, high_water=50, low_water=20)
    talk.protocol.wanted = frozenset({"Hangup"})
    flood(talk, 1000)
    assert talk.protocol.backlog == 0
    assert talk.protocol.counters.skipped == 1000


def test_silence_after_a_ping_ends_the_link() -> None:
    talk = Conversation(ping_interval=10, ping_deadline=4)
    talk.protocol.keep_alive()
    asked = talk.protocol.send(Getvar("X"), timeout=60)
    talk.sent()
    talk.clock.advance(10)
    assert [sent["Action"] for sent in talk.sent()] == ["Ping"]
    talk.clock.advance(3.9)
    assert not talk.far.aborted
    talk.clock.advance(0.2)
    assert talk.far.aborted
    assert "silent" in error(asked, LinkLost).reason


def test_any_byte_after_a_ping_is_a_sign_of_life() -> None:
    talk = Conversation(ping_interval=10, ping_deadline=4, window=1)
    talk.protocol.keep_alive()
    talk.protocol.send(Getvar("X"), timeout=600).addErrback(lambda _: None)
    talk.sent()
    for _ in range(5):
        talk.clock.advance(10)
        assert [sent["Action"] for sent in talk.sent()] == ["Ping"], "a full window does not stop the ping"
        talk.protocol.dataReceived(b"Event: ")
        talk.clock.advance(4)
    assert not talk.far.aborted


def test_our_own_slowness_is_not_taken_for_silence() -> None:
    talk = Conversation(ping_interval=10, ping_deadline=4, turn_budget=1, high_water=5, low_water=1)
    talk.protocol.keep_alive()
    flood(talk, 30)
    assert talk.far.producerState == "paused"
    for now in (10, 14):  # the ping goes out, its deadline comes, and most of the flood is still unread
        talk.clock.rightNow = now
        talk.clock.turn()
        talk.clock.turn()
    assert [sent["Action"] for sent in talk.sent()] == ["Ping"]
    assert talk.protocol.backlog == 27
    assert not talk.far.aborted


@pytest.mark.parametrize("rubbish", [b"rubbish without a colon\r\n\r\n", message("Other: thing")])
def test_frames_that_are_no_message_are_counted(rubbish: bytes) -> None:
    talk = Conversation()
    talk.protocol.dataReceived(rubbish)
    assert talk.protocol.counters.noise == 1
    assert talk.events == []


def test_an_event_sees_the_answer_that_came_before_it() -> None:
    """Order is kept across answers and events of one piece of data."""
    talk = Conversation()
    order: list[str] = []
    talk.protocol.send(Ping()).addCallback(lambda _: order.append("answer"))
    talk.protocol._on_event = lambda event: order.append(event.name)
    talk.protocol.dataReceived(
        message("Event: A", "B: c") + message("Response: Success", "ActionID: b-1") + message("Event: D", "B: c")
    )
    assert order == ["A", "answer", "D"]
    assert all(isinstance(event, Event) for event in talk.events)
