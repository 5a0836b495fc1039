"""Agents whose phone is rung for each call: they log in without it, and hang up to end a call."""

from __future__ import annotations

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import Effect, HangUpLeg, Join, Ring, Tag
from agentd.core.model import CallState, SessionKind, User
from tests.core.desk import NUMBER, ROOM, WAIT, Desk, conference, seen

AGENT = "1000"
CALLER = "1700000000.1"
ON_HOOK = User(
    AGENT, 1000, on_hook=True, phone="502", ingroups=("SALESLINE", "SUPPORT"), rights=frozenset({"agentcall_manual"})
)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.hear(c.ReferenceChanged((r.UserSet(AGENT, ON_HOOK),)))
    return desk


def caller(desk: Desk) -> None:
    """Somebody calls SALESLINE, and hears the music."""
    desk.ask(c.CallArrived(CALLER, "SALESLINE", NUMBER))
    desk.take(Tag)
    desk.hear(c.LegAt(CALLER, WAIT))


def pick_up(desk: Desk) -> str:
    """The agent's phone rings, and he takes it; gives its leg."""
    ring = desk.take(Ring)
    assert (ring.resource, ring.room, ring.role.value) == ("PJSIP/502", ROOM, "agent")
    desk.answer(ring)
    return ring.leg


def talk(desk: Desk) -> str:
    """The agent, who is ready, has a call; gives his phone's leg."""
    desk.ask(c.LogIn(AGENT, ready=True))
    caller(desk)
    leg = pick_up(desk)
    desk.take(Join)
    desk.arrive(CALLER, conference(ROOM))
    desk.effects.clear()
    assert desk.stands() == "INCALL"
    return leg


def hang_up(desk: Desk, leg: str) -> list[Effect]:
    """He hangs up; gives what was asked of Asterisk while his channel was going."""
    desk.hear(c.LegLeft(leg, ROOM))
    asked, desk.effects = list(desk.effects), []
    desk.hear(c.LegGone(leg, 16, far_end=True))
    return asked


def ended(effects: list[Effect]) -> set[str]:
    return {effect.leg for effect in effects if isinstance(effect, HangUpLeg)}


# --- login -----------------------------------------------------------------------------------------------------


def test_nothing_rings_at_the_login(desk: Desk) -> None:
    operation = desk.ask(c.LogIn(AGENT))
    assert operation.done
    assert not desk.effects
    session = desk.session()
    assert desk.stands() == "PAUSED LOGIN"
    assert (session.kind, session.phone, session.conference) == (SessionKind.ON_HOOK, "502", ROOM)
    assert (session.attached, session.leg) == (False, "")
    assert not desk.state.deadlines


def test_he_may_be_ready_from_the_start_and_name_another_phone(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT, "504", ready=True))
    assert desk.stands() == "READY"
    assert desk.session().phone == "504"
    desk.refused(c.LogIn("1001", "504"), e.PhoneInUse)


@pytest.mark.parametrize(
    ("phone", "error"),
    [("999", e.PhoneUnknown), ("599", e.PhoneHasNoDialString), ("503", e.PhoneInUse)],
)
def test_his_phone_is_looked_at_all_the_same(desk: Desk, phone: str, error: type[e.AgentdError]) -> None:
    desk.log_in("1001", "503")
    desk.refused(c.LogIn(AGENT, phone), error)


def test_whoever_names_no_phone_and_has_none_is_told_so(desk: Desk) -> None:
    desk.refused(c.LogIn("1001"), e.PhoneUnknown)
    desk.ask(c.LogIn(AGENT))
    assert desk.session().phone == "502"


def test_the_phone_of_a_seated_agent_may_be_his_own_too(desk: Desk) -> None:
    desk.hear(c.ReferenceChanged((r.UserSet("1001", User("1001", 1001, phone="503")),)))
    operation = desk.ask(c.LogIn("1001", ready=True))
    assert not operation.done
    desk.answer(desk.take(Ring))
    assert operation.done
    assert desk.session("1001").phone == "503"
    assert desk.stands("1001") == "READY"


def test_his_conference_is_his_own(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT))
    desk.log_in("1001", "503")
    assert desk.session("1001").conference != ROOM


# --- without a phone that is there -------------------------------------------------------------------------------


def test_no_phone_is_no_reason_to_be_paused(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT))
    desk.ask(c.Resume(AGENT))
    assert desk.stands() == "READY"
    desk.ask(c.Pause(AGENT, "BREAK"))
    assert desk.stands() == "PAUSED BREAK"
    desk.ask(c.SetPauseCode(AGENT, "LUNCH"))
    assert desk.stands() == "PAUSED LUNCH"
    desk.hear(c.LinkDown("connection lost"))
    desk.hear(c.LinkUp())
    desk.wait(700)
    assert desk.stands() == "PAUSED LUNCH"
    assert not desk.effects, "nobody calls his phone"
    desk.refused(c.CallPhone(AGENT), e.PhoneNotOurs)


def test_what_he_would_have_to_hear_needs_his_phone(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT))
    desk.refused(c.Dial(AGENT, desk.request()), e.PhoneNotConnected)
    desk.refused(c.BeginRecording(AGENT), e.PhoneNotConnected)


# --- in a call -----------------------------------------------------------------------------------------------


def test_while_he_talks_his_phone_is_there(desk: Desk) -> None:
    leg = talk(desk)
    assert (desk.session().attached, desk.session().leg) == (True, leg)
    desk.ask(c.HoldCall(AGENT))
    desk.obey()
    desk.ask(c.RetrieveCall(AGENT))
    desk.obey()
    assert desk.call().state is CallState.CONNECTED


def test_to_hang_up_is_to_end_the_call(desk: Desk) -> None:
    leg = talk(desk)
    asked = hang_up(desk, leg)
    assert CALLER in ended(asked)
    desk.hear(c.LegGone(CALLER, 16))
    assert desk.stands() == "WRAPUP"
    assert desk.call().hung_up_by == "agent"
    assert not desk.session().attached
    desk.ask(c.Dispose(AGENT, "SALE"))
    assert desk.stands() == "READY"
    assert not desk.recorded(r.PhoneLost)
    assert not desk.state.legs


def test_a_customer_who_is_held_is_not_left_behind(desk: Desk) -> None:
    leg = talk(desk)
    desk.ask(c.HoldCall(AGENT))
    desk.obey()
    assert CALLER in ended(hang_up(desk, leg))


def test_a_third_party_is_ended_too(desk: Desk) -> None:
    leg = talk(desk)
    desk.ask(c.DialThird(AGENT, "7275550000"))
    third = desk.effects[0].leg
    desk.obey()
    assert {CALLER, third} <= ended(hang_up(desk, leg))
    desk.obey()
    desk.hear(c.LegGone(CALLER, 16))
    desk.hear(c.LegGone(third, 16))
    assert desk.stands() == "WRAPUP"


def test_a_channel_that_is_lost_with_the_link_ends_the_call(desk: Desk) -> None:
    talk(desk)
    customer = seen(desk, CALLER)
    desk.hear(c.LinkDown("connection lost"))
    desk.hear(c.LinkUp((customer,)))
    assert desk.hung_up() == CALLER
    assert desk.stands() == "WRAPUP"


def test_when_the_call_is_over_his_phone_is_let_go(desk: Desk) -> None:
    leg = talk(desk)
    desk.hear(c.LegLeft(CALLER, ROOM))
    desk.hear(c.LegGone(CALLER, 16, far_end=True))
    assert desk.stands() == "WRAPUP"
    assert desk.take(HangUpLeg).leg == leg
    hang_up(desk, leg)
    assert desk.stands() == "WRAPUP"
    assert not desk.session().attached
    desk.ask(c.Resume(AGENT))
    assert desk.stands() == "READY"
    assert not desk.effects


# --- he does not come to it ------------------------------------------------------------------------------------


def test_who_picks_up_and_hangs_up_has_missed_the_call(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT, ready=True))
    caller(desk)
    leg = pick_up(desk)
    desk.take(Join)
    hang_up(desk, leg)
    assert desk.stands() == "READY"
    assert desk.session().misses == 1
    assert desk.state.waiting[CALLER].offered == ""
    assert not [effect for effect in desk.effects if isinstance(effect, Ring)], "he rests before he is rung again"
    desk.hear(c.LegJoined(CALLER, ROOM))
    desk.obey()
    assert desk.state.legs[CALLER].place == WAIT, "who came in vain hears music again"


def test_a_pause_while_it_rings_lets_the_phone_go(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT, ready=True))
    caller(desk)
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    desk.ask(c.Pause(AGENT, "BREAK"))
    assert desk.hung_up() == ring.leg
    assert desk.stands() == "PAUSED BREAK"
    assert desk.state.waiting[CALLER].offered == ""
    assert desk.session().misses == 0


def test_a_restart_in_the_middle_of_a_call_changes_nothing(desk: Desk) -> None:
    leg = talk(desk)
    channels = (seen(desk, leg), seen(desk, CALLER))
    desk.restart()
    desk.hear(c.LinkUp(channels))
    assert desk.stands() == "INCALL"
    assert desk.session().attached
    assert not desk.effects
    assert desk.replay_from_disk() == desk.shadow
