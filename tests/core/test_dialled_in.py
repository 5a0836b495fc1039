"""Agents who call to log in, and who call again when their phone was lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, Ring
from agentd.core.model import Place, PlaceKind, Role, SessionKind, User
from agentd.core.settings import Settings
from tests.core.desk import ROOM, Desk, conference, seen

CHANNEL = "1700000000.17"
AGAIN = "1700000000.18"
ELSEWHERE = Place(PlaceKind.ELSEWHERE)


def call_in(desk: Desk, agent: str = "1000", leg: str = CHANNEL, phone: str = "502", *, ready: bool = False) -> str:
    """Ask for the conference, as the dialplan does; gives its number."""
    operation = desk.ask(c.LogInByPhone(agent, leg, phone, ready=ready))
    assert operation.done
    assert isinstance(operation.value, str)
    return operation.value


def log_in(desk: Desk, agent: str = "1000", leg: str = CHANNEL, phone: str = "502", *, ready: bool = False) -> None:
    """The agent calls, and his channel enters the conference."""
    desk.hear(c.LegJoined(leg, call_in(desk, agent, leg, phone, ready=ready)))


def test_the_session_begins_when_the_channel_is_in_the_conference(desk: Desk) -> None:
    assert call_in(desk) == ROOM
    assert desk.stands() == "-"
    assert desk.state.logins["1000"].kind is SessionKind.DIALLED_IN
    desk.hear(c.LegJoined(CHANNEL, ROOM))
    session = desk.session()
    assert desk.stands() == "PAUSED LOGIN"
    assert (session.kind, session.leg, session.attached) == (SessionKind.DIALLED_IN, CHANNEL, True)
    assert (session.phone, session.conference, session.source) == ("502", ROOM, "phone")
    assert not desk.effects, "nothing is asked of Asterisk: the dialplan does it"
    assert not desk.state.deadlines
    assert not desk.state.logins


def test_he_may_be_ready_from_the_start(desk: Desk) -> None:
    log_in(desk, "1001", phone="503", ready=True)
    assert desk.stands("1001") == "READY"
    assert [entered.code for entered in desk.recorded(r.StateEntered)] == ["LOGIN", ""]
    assert desk.session("1001").ingroups == ("SALESLINE",)


def test_a_phone_that_is_none_of_ours_will_do_for_several(desk: Desk) -> None:
    log_in(desk, phone="")
    log_in(desk, "1001", AGAIN, phone="")
    assert desk.session("1001").conference != desk.session("1000").conference
    assert desk.session().phone == desk.session("1001").phone == ""


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (c.LogInByPhone("4496", CHANNEL, "502"), e.UserUnknown),
        (c.LogInByPhone("6666", CHANNEL, "502"), e.NotAnAgent),
        (c.LogInByPhone("1028", CHANNEL, "502"), e.NotAnAgent),
        (c.LogInByPhone("1000", CHANNEL, "999"), e.PhoneUnknown),
        (c.LogInByPhone("1000", CHANNEL, "598"), e.PhoneUnknown),
        (c.LogInByPhone("1000", CHANNEL, "503"), e.PhoneInUse),
        (c.LogInByPhone("1000", CHANNEL, "502", "NOSUCH"), e.CampaignUnknown),
        (c.LogInByPhone("1001", CHANNEL, "502"), e.AlreadyLoggedIn),
    ],
)
def test_what_cannot_be_logged_in_is_told_why(desk: Desk, command: c.Command, error: type[e.AgentdError]) -> None:
    desk.log_in("1001", "503")
    desk.refused(command, error)
    assert CHANNEL not in desk.state.legs


def test_a_phone_without_a_dial_string_can_call_all_the_same(desk: Desk) -> None:
    log_in(desk, phone="599")
    assert desk.session().phone == "599"


def test_no_login_without_a_link_or_a_conference(desk: Desk) -> None:
    desk.hear(c.LinkDown("connection lost"))
    desk.refused(c.LogInByPhone("1000", CHANNEL), e.PbxLinkDown)
    full = Desk(Settings(max_sessions=1, default_campaign="TESTCAMP"))
    log_in(full)
    full.refused(c.LogInByPhone("1001", AGAIN), e.TooManySessions)


def test_while_he_is_on_his_way_he_counts_as_logged_in(desk: Desk) -> None:
    call_in(desk)
    desk.refused(c.LogInByPhone("1000", CHANNEL, "502"), e.AlreadyLoggedIn)
    desk.refused(c.LogInByPhone("1000", AGAIN, "502"), e.AlreadyLoggedIn)
    desk.refused(c.LogIn("1000", "503"), e.AlreadyLoggedIn)
    desk.refused(c.LogIn("1001", "502"), e.PhoneInUse)


def test_a_channel_that_never_comes_is_given_up(desk: Desk) -> None:
    call_in(desk)
    desk.wait(21)
    assert desk.state.logins
    desk.wait(2)
    assert not desk.state.logins
    assert desk.hung_up() == CHANNEL
    assert not desk.state.legs
    assert desk.recorded(r.LoginEnded)


def test_he_hangs_up_before_he_is_there(desk: Desk) -> None:
    call_in(desk)
    desk.hear(c.LegGone(CHANNEL, 16, far_end=True))
    assert not desk.state.logins
    assert not desk.state.deadlines
    log_in(desk, leg=AGAIN)
    assert desk.stands() == "PAUSED LOGIN"


def test_a_logout_meanwhile_ends_it(desk: Desk) -> None:
    call_in(desk)
    desk.ask(c.LogOut("1000"))
    assert desk.hung_up() == CHANNEL
    assert desk.stands() == "-"


def test_a_conference_is_not_given_again_while_a_late_channel_may_enter_it(desk: Desk) -> None:
    call_in(desk)
    desk.ask(c.LogOut("1000"))
    desk.take(HangUpLeg)
    assert call_in(desk, "1001", AGAIN, "503") != ROOM


# --- the phone is lost, and he calls again ---------------------------------------------------------------------


def test_a_lost_phone_is_not_called_by_us(desk: Desk) -> None:
    log_in(desk, ready=True)
    desk.lose_phone()
    assert desk.stands() == "PAUSED NOPHON"
    desk.wait(120)
    assert not desk.effects
    desk.refused(c.CallPhone("1000"), e.PhoneNotOurs)
    desk.wait(480)
    assert desk.stands() == "-"


@pytest.mark.parametrize("kind", [SessionKind.DIALLED_IN, SessionKind.SEATED])
def test_who_calls_again_is_back_where_he_was(desk: Desk, kind: SessionKind) -> None:
    if kind is SessionKind.SEATED:
        desk.ready()
    else:
        log_in(desk, ready=True)
    desk.lose_phone()
    desk.effects.clear()
    assert call_in(desk, leg=AGAIN) == ROOM
    desk.hear(c.LegJoined(AGAIN, ROOM))
    assert desk.stands() == "READY"
    assert (desk.session().leg, desk.session().kind) == (AGAIN, kind)
    assert len(desk.recorded(r.SessionStarted)) == 1
    assert not desk.state.deadlines


def test_who_calls_again_is_with_his_customer_again(desk: Desk) -> None:
    log_in(desk)
    customer = desk.talk()
    desk.lose_phone()
    assert desk.stands() == "INCALL"
    log_in(desk, leg=AGAIN)
    assert desk.stands() == "INCALL"
    assert desk.session().attached
    desk.wait(60)
    assert desk.state.legs[customer.leg].place == conference(ROOM)
    assert not desk.effects


def test_his_phone_that_is_being_called_meanwhile_is_let_go(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.wait(0)
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    call_in(desk, leg=AGAIN)
    assert desk.hung_up() == ring.leg
    desk.hear(c.LegJoined(AGAIN, ROOM))
    assert desk.session().leg == AGAIN
    desk.wait(60)
    assert not desk.effects


def test_who_calls_again_and_hangs_up_on_the_way_may_call_once_more(desk: Desk) -> None:
    log_in(desk)
    desk.lose_phone()
    call_in(desk, leg=AGAIN)
    desk.hear(c.LegGone(AGAIN, 16, far_end=True))
    assert desk.stands() == "PAUSED NOPHON"
    log_in(desk, leg="1700000000.19")
    assert desk.stands() == "PAUSED LOGIN"


def test_his_phone_is_there_or_it_is_somebody_elses(desk: Desk) -> None:
    log_in(desk)
    desk.refused(c.LogInByPhone("1000", AGAIN, "503"), e.AlreadyLoggedIn)
    desk.log_in("1001", "503")
    desk.lose_phone()
    desk.refused(c.LogInByPhone("1000", AGAIN, "503"), e.PhoneInUse)


def test_agents_who_are_rung_for_each_call_have_no_seat_to_come_back_to(desk: Desk) -> None:
    desk.hear(c.ReferenceChanged((r.UserSet("1000", replace(User("1000", 1000), on_hook=True)),)))
    desk.ask(c.LogIn("1000", "502"))
    desk.refused(c.LogInByPhone("1000", CHANNEL, "502"), e.AlreadyLoggedIn)
    desk.ask(c.LogOut("1000"))
    log_in(desk)
    assert desk.session().kind is SessionKind.DIALLED_IN, "whoever calls sits"


# --- the daemon or the link is away ----------------------------------------------------------------------------


def test_a_break_of_the_link_ends_a_login_that_was_under_way(desk: Desk) -> None:
    call_in(desk)
    desk.hear(c.LinkDown("connection lost"))
    assert not desk.state.logins
    desk.hear(c.LinkUp((c.ChannelSeen(CHANNEL, None, 0, "", ELSEWHERE),)))
    assert desk.hung_up() == CHANNEL


def test_a_restart_finds_him_in_his_conference(desk: Desk) -> None:
    log_in(desk, ready=True)
    channel = seen(desk, CHANNEL)
    assert (channel.role, channel.session_id) == (Role.AGENT, desk.session().id)
    desk.restart()
    desk.hear(c.LinkUp((channel,)))
    assert desk.stands() == "READY"
    assert desk.session().leg == CHANNEL
    assert not desk.effects
    assert desk.replay_from_disk() == desk.shadow
