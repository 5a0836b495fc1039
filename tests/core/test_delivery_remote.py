"""Callers are brought to remote agents: their number is dialled, and the two are put together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, JoinBoth, RingToWait, Tag
from agentd.core.model import CallState, Place, PlaceKind, Role
from tests.core.desk import START, WAIT, Desk, conference, seen

AGENT = "1029"  # at 7275551029, two lines
LEFT = "8600900"


@pytest.fixture
def rung(desk: Desk) -> Desk:
    """A caller, in-1, has come, and the agent's number is being dialled for him."""
    desk.ask(c.LogIn(AGENT))
    desk.call_in()
    return desk


def ring(desk: Desk) -> RingToWait:
    """The call to the agent that was asked for."""
    (asked,) = (effect for effect in desk.effects if isinstance(effect, RingToWait))
    desk.effects.clear()
    return asked


def missed(desk: Desk, cause: int = 19) -> None:
    """The agent's number rings in vain."""
    asked = ring(desk)
    desk.hear(c.LegPlaced(asked.leg))
    desk.hear(c.LegGone(asked.leg, cause))


def talk(desk: Desk) -> str:
    """He answers and has the caller; gives his leg."""
    asked = ring(desk)
    desk.answer_to_wait(asked)
    desk.obey()
    desk.effects.clear()
    return asked.leg


def waits_on(desk: Desk, leg: str = "in-1") -> bool:
    """Whether the caller waits where he did, and nobody is called for him."""
    waiting = desk.waits(leg)
    return (waiting.offered, waiting.ringing, waiting.since) == ("", "", START)


# --- all goes well -----------------------------------------------------------------------------------------------


def test_a_delivery_step_by_step(rung: Desk) -> None:
    call = rung.state.calls[1000]
    asked = ring(rung)
    assert asked == RingToWait(
        leg=asked.leg,
        resource="PJSIP/7275551029@carrier",
        role=Role.AGENT,
        session_id=1,
        call_key=call.key,
        caller_id="7275551211",
        timeout=20,
        names_call=True,
    )
    assert rung.stands(AGENT) == "RINGING"
    assert rung.recorded(r.WaitingOffered) == [r.WaitingOffered("in-1", 1000, AGENT, asked.leg)]
    assert rung.recorded(r.LegAsked)[-1] == r.LegAsked(asked.leg, Role.AGENT, 1, AGENT, 1000, "")
    rung.hear(c.LegPlaced(asked.leg))
    rung.hear(c.LegAnswered(asked.leg))
    assert not rung.effects
    rung.hear(c.LegAt(asked.leg, WAIT))
    assert rung.take(JoinBoth) == JoinBoth("in-1", asked.leg, LEFT)
    before = len(rung.journal)
    rung.hear(c.LegJoined("in-1", LEFT))
    assert rung.stands(AGENT) == "RINGING", "he is there, the agent is not"
    rung.hear(c.LegJoined(asked.leg, LEFT))
    assert [type(record) for record, _ in rung.journal[before:]] == [
        r.LegMoved,
        r.LegPending,
        r.LegMoved,
        r.LegPending,
        r.WaitingEnded,
        r.LegGiven,
        r.CallDelivered,
        r.StateEntered,
    ]
    assert rung.recorded(r.CallDelivered) == [r.CallDelivered(1000, AGENT, 1, "TESTCAMP", asked.leg)]
    assert rung.take(Tag) == Tag("in-1", Role.CUSTOMER, 1, call.key)
    assert rung.stands(AGENT) == "INCALL"
    assert (call.state, call.agent_leg) == (CallState.CONNECTED, asked.leg)


def test_either_may_be_the_first_to_be_there(rung: Desk) -> None:
    asked = ring(rung)
    rung.answer_to_wait(asked)
    rung.hear(c.LegJoined(asked.leg, LEFT))
    assert not rung.recorded(r.CallDelivered)
    rung.hear(c.LegJoined("in-1", LEFT))
    assert rung.call(AGENT).leg == "in-1"


def test_without_a_caller_id_of_the_campaign_the_callers_number_is_shown(rung: Desk) -> None:
    missed(rung)
    rung.change_campaign(caller_id="")
    rung.wait(5)
    assert ring(rung).caller_id == "7275551300"


def test_an_extension_of_this_pbx_will_do(desk: Desk) -> None:
    desk.change_user(AGENT, outside_number="502")
    desk.ask(c.LogIn(AGENT))
    desk.call_in()
    assert ring(desk).resource == "PJSIP/502"


# --- several lines -----------------------------------------------------------------------------------------------


def test_he_is_called_on_all_his_lines_and_not_on_one_more(rung: Desk) -> None:
    rung.call_in("in-2")
    rung.call_in("in-3")
    assert [waiting.offered for waiting in rung.state.waiting.values()] == [AGENT, AGENT, ""]
    assert len(rung.snapshot(AGENT)["offered"]) == 2
    rung.obey()
    assert len(rung.session(AGENT).calls) == 2
    assert {call.agent_leg for call in rung.state.calls.values() if call.agent} == {"agd-t0-1", "agd-t0-2"}
    assert waits_on(rung, "in-3")


def test_who_has_a_line_left_is_called_while_he_talks(rung: Desk) -> None:
    talk(rung)
    rung.call_in("in-2")
    assert rung.stands(AGENT) == "INCALL"
    assert rung.waits("in-2").offered == AGENT
    rung.effects = [effect for effect in rung.effects if isinstance(effect, RingToWait)]
    missed(rung)
    assert rung.stands(AGENT) == "INCALL"
    assert waits_on(rung, "in-2")


def test_each_pair_has_a_conference_of_its_own(rung: Desk) -> None:
    rung.call_in("in-2")
    rung.obey()
    rooms = {rung.state.legs[leg].place.room for leg in ("in-1", "in-2")}
    assert rooms == {"8600900", "8600901"}


# --- he does not come --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", [17, 19, 21, 1])
def test_who_does_not_answer_rests_and_the_caller_waits_on_at_the_head_of_his_line(rung: Desk, cause: int) -> None:
    rung.now += 1
    rung.call_in("in-2", wanted="1002")
    missed(rung, cause)
    assert rung.recorded(r.OfferMissed) == [r.OfferMissed(AGENT, 1, 1000, "SALESLINE", cause)]
    assert rung.stands(AGENT) == "READY"
    assert waits_on(rung)
    rung.wait(4.9)
    assert not rung.effects
    rung.wait(0.1)
    assert ring(rung).call_key == rung.state.calls[1000].key


def test_he_is_never_paused_for_that(rung: Desk) -> None:
    for _ in range(5):
        missed(rung)
        rung.wait(5)
    assert rung.stands(AGENT) == "RINGING"


def test_a_number_that_the_campaign_may_not_dial_any_more_is_not_dialled(rung: Desk) -> None:
    missed(rung)
    rung.change_campaign(dial_deny=("727555.*",))
    rung.wait(5)
    assert not rung.effects
    assert rung.recorded(r.OfferMissed)[-1].cause == 1
    assert rung.stands(AGENT) == "READY"
    assert waits_on(rung)


# --- in the middle of it -----------------------------------------------------------------------------------------


def test_the_caller_hangs_up_while_the_number_rings(rung: Desk) -> None:
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


def test_a_pause_while_he_talks_stops_the_ringing_of_the_other_line_and_comes_after_the_call(rung: Desk) -> None:
    talk(rung)
    rung.call_in("in-2")
    asked = next(effect for effect in rung.effects if isinstance(effect, RingToWait))
    rung.effects.clear()
    rung.ask(c.Pause(AGENT, "BREAK"))
    assert rung.take(HangUpLeg).leg == asked.leg
    assert rung.stands(AGENT) == "INCALL"
    assert waits_on(rung, "in-2")
    rung.ask(c.HangUp(AGENT))
    rung.obey()
    assert rung.stands(AGENT) == "PAUSED BREAK"
    assert waits_on(rung, "in-2")


def test_he_answers_when_the_caller_has_just_gone(rung: Desk) -> None:
    asked = ring(rung)
    rung.hear(c.LegGone("in-1", 16, far_end=True))
    rung.effects.clear()
    rung.answer_to_wait(asked)
    assert [effect.leg for effect in rung.effects if isinstance(effect, HangUpLeg)] == [asked.leg]
    rung.hear(c.LegGone(asked.leg, 16))
    assert rung.stands(AGENT) == "READY"
    assert not rung.state.legs


def test_the_caller_hangs_up_when_they_are_being_put_together(rung: Desk) -> None:
    asked = ring(rung)
    rung.answer_to_wait(asked)
    rung.take(JoinBoth)
    rung.hear(c.LegGone("in-1", 16, far_end=True))
    assert rung.hung_up() == asked.leg
    assert rung.stands(AGENT) == "READY"
    assert rung.recorded(r.WaitingEnded) == [r.WaitingEnded("in-1", 1000, "SALESLINE", "abandoned")]


def test_he_hangs_up_when_they_are_being_put_together(rung: Desk) -> None:
    asked = ring(rung)
    rung.answer_to_wait(asked)
    rung.take(JoinBoth)
    rung.hear(c.LegGone(asked.leg, 16, far_end=True))
    rung.hear(c.MoveRefused("in-1", "the other leg has gone"))
    assert waits_on(rung)
    rung.wait(5)
    assert ring(rung).call_key == rung.state.calls[1000].key


def test_asterisk_refuses_to_put_them_together(rung: Desk) -> None:
    asked = ring(rung)
    rung.answer_to_wait(asked)
    rung.take(JoinBoth)
    for leg in ("in-1", asked.leg):
        rung.hear(c.MoveRefused(leg, "Redirect failed"))
    assert rung.hung_up() == asked.leg
    assert waits_on(rung)
    rung.wait(1)
    assert rung.waits().offered == AGENT


# --- the link ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("both", [True, False])
def test_he_answered_while_the_link_was_down(rung: Desk, both: bool) -> None:
    """Asterisk has put the two together meanwhile, or they are still to be."""
    asked = ring(rung)
    rung.answer_to_wait(asked)
    rung.take(JoinBoth)
    place = conference(LEFT) if both else WAIT
    channels = tuple(replace(seen(rung, leg), place=place) for leg in ("in-1", asked.leg))
    rung.hear(c.LinkDown("connection lost"))
    rung.hear(c.LinkUp(channels))
    rung.obey()
    if not both:
        rung.wait(1)
        rung.obey()
    assert rung.call(AGENT).leg == "in-1"
    assert len(rung.recorded(r.CallDelivered)) == 1


def test_his_channel_is_looked_for_when_it_goes_astray(rung: Desk) -> None:
    far = talk(rung)
    rung.hear(c.LegLeft(far, LEFT))
    rung.wait(5)
    rung.effects.clear()
    rung.hear(c.LegRead(far, Place(PlaceKind.ELSEWHERE)))
    rung.wait(5)
    assert [effect.leg for effect in rung.effects if isinstance(effect, HangUpLeg)] == [far]


def test_his_leg_which_ends_late_is_in_nobody_elses_picture(rung: Desk) -> None:
    asked = ring(rung)
    rung.hear(c.LegPlaced(asked.leg))
    rung.ask(c.Pause(AGENT))
    rung.effects.clear()
    rung.ready("1001", "503")
    rung.obey()
    before = rung.snapshot("1001")
    assert [leg["channel"] for leg in before["calls"][0]["legs"]] == ["in-1"]
    rung.hear(c.LegGone(asked.leg, 16))
    assert rung.snapshot("1001") == before
