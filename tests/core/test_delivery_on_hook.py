"""Callers are brought to agents whose phone is rung for each call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, Join, ReadLeg, Ring
from agentd.core.model import Place, PlaceKind, Role
from tests.core.desk import ROOM, SETTINGS, START, WAIT, Desk, conference, seen

AGENT = "1004"  # phone 504


@pytest.fixture
def rung(desk: Desk) -> Desk:
    """A caller, in-1, has come, and the agent's phone is being rung for him; 1001 is logged in, and paused."""
    desk.log_in("1001", "503")
    desk.ask(c.LogIn(AGENT, ready=True))
    desk.call_in()
    return desk


def ring(desk: Desk) -> Ring:
    """The ringing that was asked for."""
    (asked,) = (effect for effect in desk.effects if isinstance(effect, Ring))
    desk.effects.clear()
    return asked


def missed(desk: Desk, cause: int = 19) -> None:
    """The phone rings in vain."""
    asked = ring(desk)
    desk.hear(c.LegPlaced(asked.leg))
    desk.hear(c.LegGone(asked.leg, cause))


def waits_on(desk: Desk) -> bool:
    """Whether the caller waits where he did, and nobody is called for him."""
    waiting = desk.waits()
    return (waiting.offered, waiting.ringing, waiting.since) == ("", "", START)


# --- all goes well -----------------------------------------------------------------------------------------------


def test_his_phone_is_rung_and_then_the_caller_comes(rung: Desk) -> None:
    room = rung.session(AGENT).conference
    assert rung.stands(AGENT) == "RINGING"
    asked = ring(rung)
    assert asked == Ring(asked.leg, "PJSIP/504", room, Role.AGENT, 2, "", "7275551300", 20)
    assert rung.recorded(r.WaitingOffered) == [r.WaitingOffered("in-1", 1000, AGENT, asked.leg)]
    rung.hear(c.LegPlaced(asked.leg))
    rung.hear(c.LegAnswered(asked.leg))
    assert not rung.effects, "the caller hears his music while it rings"
    rung.hear(c.LegJoined(asked.leg, room))
    assert rung.take(Join) == Join("in-1", room)
    rung.arrive("in-1", conference(room))
    assert rung.stands(AGENT) == "INCALL"
    assert rung.session(AGENT).leg == asked.leg
    assert rung.call(AGENT).agent_leg == ""


def test_when_the_caller_hangs_up_his_phone_is_let_go_and_he_is_ready_after_wrap_up(rung: Desk) -> None:
    rung.obey()
    phone = rung.session(AGENT).leg
    rung.hear(c.LegGone("in-1", 16, far_end=True))
    assert rung.take(HangUpLeg).leg == phone
    rung.hear(c.LegGone(phone, 16))
    assert rung.stands(AGENT) == "WRAPUP"
    assert not rung.session(AGENT).attached
    assert rung.recorded(r.PhoneReleased) == [r.PhoneReleased(AGENT)]
    rung.ask(c.Dispose(AGENT, "A"))
    rung.call_in("in-2")
    assert ring(rung).leg != phone


def test_the_next_caller_is_not_offered_before_the_phone_is_down(rung: Desk) -> None:
    rung.obey()
    phone = rung.session(AGENT).leg
    rung.call_in("in-2")
    rung.hear(c.LegGone("in-1", 16, far_end=True))
    rung.ask(c.Dispose(AGENT, "A"))
    assert rung.stands(AGENT) == "READY"
    assert rung.waits("in-2").offered == ""
    rung.hear(c.LegLeft(phone, rung.session(AGENT).conference))
    rung.hear(c.LegGone(phone, 16))
    assert rung.waits("in-2").offered == AGENT


def test_the_in_group_says_for_how_long_it_rings(rung: Desk) -> None:
    missed(rung)
    rung.change_ingroup("SALESLINE", ring_time=7)
    rung.wait(5)
    asked = ring(rung)
    assert asked.timeout == 7
    rung.hear(c.LegPlaced(asked.leg))
    rung.wait(9)
    assert rung.hung_up() == asked.leg, "Asterisk did not end it by itself"
    assert waits_on(rung)


# --- he does not come --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", [17, 19, 21])
def test_who_does_not_answer_rests_and_the_caller_waits_on(rung: Desk, cause: int) -> None:
    missed(rung, cause)
    assert rung.recorded(r.OfferMissed) == [r.OfferMissed(AGENT, 2, 1000, "SALESLINE", cause)]
    assert rung.stands(AGENT) == "READY"
    assert waits_on(rung)
    rung.wait(4.9)
    assert not rung.effects
    rung.wait(0.1)
    assert ring(rung).resource == "PJSIP/504"


def test_a_phone_that_cannot_be_reached_counts_as_missed(rung: Desk) -> None:
    rung.hear(c.LegRefused(ring(rung).leg, "CHANUNAVAIL", reachable=False, cause=20))
    assert rung.session(AGENT).misses == 1
    assert waits_on(rung)


def test_meanwhile_the_caller_goes_to_somebody_else(rung: Desk) -> None:
    missed(rung)
    rung.ask(c.Resume("1001"))
    rung.obey()
    assert rung.call("1001").leg == "in-1"
    rung.wait(5)
    assert rung.stands(AGENT) == "READY"


def test_after_three_misses_he_is_paused(rung: Desk) -> None:
    for _ in range(2):
        missed(rung)
        rung.wait(5)
    missed(rung)
    assert rung.stands(AGENT) == "PAUSED MISSED"
    assert rung.session(AGENT).misses == 0
    assert waits_on(rung)
    rung.wait(60)
    assert not rung.effects
    rung.ask(c.Resume(AGENT))
    assert ring(rung).resource == "PJSIP/504"


def test_a_call_that_he_takes_makes_the_misses_forgotten(rung: Desk) -> None:
    for _ in range(2):
        missed(rung)
        rung.wait(5)
    rung.obey()
    assert rung.stands(AGENT) == "INCALL"
    assert rung.session(AGENT).misses == 0


def test_he_may_miss_as_many_as_he_likes_where_that_is_not_counted() -> None:
    desk = Desk(replace(SETTINGS, missed_calls=0, rest_after_miss=1))
    desk.ask(c.LogIn(AGENT, ready=True))
    desk.call_in()
    for _ in range(5):
        missed(desk)
        desk.wait(1)
    assert desk.stands(AGENT) == "RINGING"


# --- in the middle of it -----------------------------------------------------------------------------------------


def test_the_caller_hangs_up_while_it_rings_and_nobody_has_missed_anything(rung: Desk) -> None:
    asked = ring(rung)
    rung.hear(c.LegPlaced(asked.leg))
    rung.hear(c.LegGone("in-1", 16, far_end=True))
    assert rung.hung_up() == asked.leg
    assert rung.stands(AGENT) == "READY"
    assert not rung.recorded(r.OfferMissed)


@pytest.mark.parametrize(
    ("command", "stands"), [(c.Pause(AGENT, "BREAK"), "PAUSED BREAK"), (c.LogOut(AGENT), "-")], ids=["pause", "logout"]
)
def test_he_goes_in_the_middle_of_it(rung: Desk, command: c.Command, stands: str) -> None:
    asked = ring(rung)
    rung.hear(c.LegPlaced(asked.leg))
    rung.ask(command)
    assert rung.stands(AGENT) == stands
    assert rung.hung_up() == asked.leg
    assert waits_on(rung)
    assert not rung.recorded(r.OfferMissed)


def test_he_picks_up_after_he_has_paused_and_is_let_go(rung: Desk) -> None:
    asked = ring(rung)
    rung.ask(c.Pause(AGENT))
    rung.effects.clear()
    rung.answer(asked)
    assert [effect.leg for effect in rung.effects if isinstance(effect, HangUpLeg)] == [asked.leg]
    rung.hear(c.LegLeft(asked.leg, asked.room))
    rung.hear(c.LegGone(asked.leg, 16))
    assert rung.stands(AGENT) == "PAUSED PAUSE"
    assert not rung.session(AGENT).attached
    assert waits_on(rung)


def test_he_is_ready_while_the_caller_is_told_his_place(desk: Desk) -> None:
    """The caller can be moved when the announcement has begun: then the phone rings."""
    desk.change_ingroup("SALESLINE", announce_every=15)
    desk.ask(c.LogIn(AGENT))
    desk.call_in()
    desk.wait(15)
    desk.ask(c.Resume(AGENT))
    assert desk.stands(AGENT) == "READY"
    desk.hear(c.LegAt("in-1", WAIT))
    room = desk.session(AGENT).conference
    desk.answer(ring(desk))
    assert desk.take(Join) == Join("in-1", room)


def test_asterisk_refuses_to_bring_the_caller_and_the_phone_is_let_go(rung: Desk) -> None:
    asked = ring(rung)
    rung.answer(asked)
    rung.take(Join)
    rung.hear(c.MoveRefused("in-1", "Redirect failed"))
    assert rung.take(HangUpLeg).leg == asked.leg
    assert waits_on(rung)
    rung.hear(c.LegGone(asked.leg, 16))
    rung.wait(1)
    assert rung.stands(AGENT) == "RINGING"
    assert not rung.recorded(r.OfferMissed)


# --- the link ----------------------------------------------------------------------------------------------------


def test_he_picked_up_while_the_link_was_down(rung: Desk) -> None:
    asked = ring(rung)
    rung.hear(c.LegPlaced(asked.leg))
    others = [seen(rung, rung.session("1001").leg), seen(rung, "in-1", PlaceKind.WAIT)]
    rung.hear(c.LinkDown("connection lost"))
    rung.hear(c.LinkUp((*others, seen(rung, asked.leg))))
    assert Join("in-1", asked.room) in rung.effects


def test_the_pbx_lost_his_channel_which_is_not_his_fault(rung: Desk) -> None:
    asked = ring(rung)
    rung.hear(c.LegPlaced(asked.leg))
    others = [seen(rung, rung.session("1001").leg), seen(rung, "in-1", PlaceKind.WAIT)]
    rung.hear(c.LinkDown("connection lost"))
    rung.hear(c.LinkUp(tuple(others)))
    assert not rung.recorded(r.OfferMissed)
    assert rung.waits().since == START
    assert ring(rung).resource == "PJSIP/504"


def test_his_phone_has_a_conference_of_its_own(rung: Desk) -> None:
    assert rung.session("1001").conference == ROOM
    assert ring(rung).room == rung.session(AGENT).conference != ROOM


# --- other odd moments -------------------------------------------------------------------------------------------


def test_after_a_consultation_his_phone_is_let_go(desk: Desk) -> None:
    desk.log_in()
    desk.talk()
    desk.ask(c.LogIn(AGENT, ready=True))
    desk.ask(c.DialThird("1000", ingroup="SALESLINE"))
    desk.obey()
    phone = desk.session(AGENT).leg
    assert desk.session(AGENT).consulted == desk.call().id
    desk.ask(c.HangUpThird("1000"))
    asked = desk.obey()
    assert HangUpLeg(phone) in asked
    desk.hear(c.LegLeft(phone, desk.session(AGENT).conference))
    assert desk.stands(AGENT) == "READY"
    assert not desk.session(AGENT).attached


def test_a_phone_that_left_the_conference_and_could_not_be_ended_is_found_and_ended(rung: Desk) -> None:
    rung.obey()
    phone, room = rung.session(AGENT).leg, rung.session(AGENT).conference
    rung.hear(c.LegLeft(phone, room))
    rung.hear(c.MoveRefused(phone, "Permission denied"))
    rung.effects.clear()
    rung.wait(5)
    assert ReadLeg(phone) in rung.effects
    rung.effects.clear()
    rung.hear(c.LegRead(phone, Place(PlaceKind.ELSEWHERE)))
    assert HangUpLeg(phone) in rung.effects


def test_nobody_calls_an_on_hook_phone_when_the_link_is_back(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT, ready=True))
    desk.hear(c.LinkDown("connection lost"))
    desk.hear(c.LinkUp())
    desk.wait(60)
    assert not desk.effects
    assert not [record for record in desk.recorded(r.DeadlineSet) if record.what == "recall"]


def test_a_phone_that_appears_late_and_is_not_ended_is_looked_at_again(rung: Desk) -> None:
    """He paused, the link broke, and his phone's channel appears when it is back."""
    asked = ring(rung)
    rung.ask(c.Pause(AGENT))
    others = [seen(rung, rung.session("1001").leg), seen(rung, "in-1", PlaceKind.WAIT)]
    rung.hear(c.LinkDown("connection lost"))
    rung.wait(10)
    rung.hear(c.LinkUp(tuple(others)))
    rung.effects.clear()
    rung.hear(c.LegAnswered(asked.leg))
    assert rung.take(HangUpLeg).leg == asked.leg
    rung.wait(5)
    assert rung.take(ReadLeg) == ReadLeg(asked.leg)
