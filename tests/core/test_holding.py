"""BEHAVIOUR: hold and park, and the IVR."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import Hold, Join, Prompt
from agentd.core.model import PlaceKind
from tests.core.desk import CAMPAIGN, IVR, ROOM, WAIT, Desk, seen
from tests.core.steps import parked

# --- hold and park -----------------------------------------------------------------------------------------------


def test_a_park_is_done_when_the_customer_hears_the_campaigns_music(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    operation = desk.ask(c.HoldCall("1000"))
    assert desk.take(Hold) == Hold(leg, "park")
    desk.hear(c.LegLeft(leg, ROOM))
    assert not operation.done
    assert desk.snapshot()["calls"][0]["state"] == "connected", "asked is not done"
    desk.now += 1
    desk.hear(c.LegAt(leg, WAIT))
    assert operation.done
    assert operation.error is None
    assert desk.stands() == "INCALL"
    (call,) = desk.snapshot()["calls"]
    assert (call["state"], call["held_since"]) == ("held", desk.now)
    assert call["legs"] == [{"role": "customer", "channel": leg, "place": "wait", "room": None}]
    assert desk.recorded(r.CallHeld) == [r.CallHeld(1000, "1000", "held")]
    assert not desk.state.deadlines


def test_news_of_the_old_conference_may_come_after_the_confirmation(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    desk.hear(c.LegAt(leg, WAIT))
    desk.hear(c.LegLeft(leg, ROOM))
    assert desk.call().state == "held"
    assert desk.state.legs[leg].place == WAIT


def test_a_grab_is_done_when_the_customer_is_with_the_agent(desk: Desk) -> None:
    leg = parked(desk)
    operation = desk.ask(c.RetrieveCall("1000"))
    assert desk.take(Join) == Join(leg, ROOM)
    assert desk.call().state == "held"
    desk.hear(c.LegJoined(leg, ROOM))
    assert operation.done
    assert operation.error is None
    (call,) = desk.snapshot()["calls"]
    assert (call["state"], call["held_since"]) == ("connected", None)
    assert desk.recorded(r.CallRetrieved) == [r.CallRetrieved(1000, "1000", "agent")]


@pytest.mark.parametrize("ivr", [False, True])
def test_park_when_parked_is_a_success_and_nothing_is_done(desk: Desk, ivr: bool) -> None:
    parked(desk, ivr=ivr)
    records = len(desk.journal)
    assert desk.ask(c.HoldCall("1000", ivr=ivr)).done
    assert len(desk.journal) == records
    assert not desk.effects


def test_grab_when_in_the_conference_is_a_success_and_nothing_is_done(desk: Desk) -> None:
    desk.log_in()
    desk.talk()
    records = len(desk.journal)
    assert desk.ask(c.RetrieveCall("1000")).done
    assert len(desk.journal) == records
    assert not desk.effects


@pytest.mark.parametrize("command", [c.HoldCall("1000"), c.RetrieveCall("1000")])
def test_what_needs_an_answered_customer_is_refused_without_one(desk: Desk, command: c.Command) -> None:
    desk.log_in()
    desk.refused(command, e.NoCallInHand)
    ring = desk.dial()
    desk.refused(command, e.NotPossibleNow)
    desk.answer(ring)
    desk.hear(c.LegGone(ring.leg, 16))
    assert desk.stands() == "WRAPUP"
    desk.refused(command, e.NotPossibleNow)
    desk.refused(c.HoldCall("1000", 999), e.CallNotFound)


@pytest.mark.parametrize("ivr", [False, True])
def test_a_customer_who_hangs_up_while_parked_ends_the_call_like_any_other(desk: Desk, ivr: bool) -> None:
    leg = parked(desk, ivr=ivr)
    desk.now += 60
    desk.hear(c.LegGone(leg, 16, far_end=True))
    assert desk.stands() == "WRAPUP"
    (call,) = desk.snapshot()["calls"]
    assert (call["state"], call["hung_up_by"], call["cause"]) == ("wrapping", "customer", 16)
    assert call["held_since"] is None
    assert call["ended"] - call["answered"] == 60


def test_a_hangup_ends_a_parked_call_too(desk: Desk) -> None:
    leg = parked(desk)
    operation = desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == leg
    assert operation.done
    assert desk.stands() == "WRAPUP"


def test_an_agent_stays_in_call_while_his_customer_is_parked_and_may_dispose(desk: Desk) -> None:
    leg = parked(desk)
    desk.ask(c.Dispose("1000", "SALE"))
    desk.ask(c.Pause("1000", "BREAK"))
    assert desk.stands() == "INCALL"
    desk.hear(c.LegGone(leg, 16, far_end=True))
    assert desk.stands() == "PAUSED BREAK"


# --- the IVR -----------------------------------------------------------------------------------------------------


def test_a_park_in_the_ivr_is_done_when_the_customer_is_there(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    operation = desk.ask(c.HoldCall("1000", ivr=True))
    assert desk.take(Prompt) == Prompt(leg, ROOM, "", "agentd/park-ivr")
    desk.arrive(leg, IVR)
    assert operation.done
    assert desk.snapshot()["calls"][0]["state"] == "ivr"
    assert desk.recorded(r.CallHeld) == [r.CallHeld(1000, "1000", "ivr")]


def test_the_ivr_may_be_a_context_of_the_pbxs_own() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, ivr_context="payments", ivr_prompt=""))
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000", ivr=True))
    assert desk.take(Prompt) == Prompt(leg, ROOM, "payments", "")


def test_a_campaign_without_an_ivr_says_so() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, ivr_prompt=""))
    desk.log_in()
    desk.talk()
    desk.refused(c.HoldCall("1000", ivr=True), e.NoIvr)


def test_the_customer_comes_back_by_himself_when_the_ivr_ends(desk: Desk) -> None:
    leg = parked(desk, ivr=True)
    desk.now += 25
    desk.hear(c.LegJoined(leg, ROOM))
    assert desk.snapshot()["calls"][0]["state"] == "connected"
    assert desk.recorded(r.CallRetrieved) == [r.CallRetrieved(1000, "1000", "ivr")]
    assert not desk.effects


def test_a_customer_can_be_grabbed_out_of_the_ivr_and_taken_from_it_to_the_music(desk: Desk) -> None:
    leg = parked(desk, ivr=True)
    desk.ask(c.HoldCall("1000"))
    assert desk.obey() == [Hold(leg, "park")]
    assert desk.call().state == "held"
    held_since = desk.call().held_since
    desk.now += 5
    desk.ask(c.HoldCall("1000", ivr=True))
    desk.obey()
    assert desk.call().state == "ivr"
    assert desk.call().held_since == held_since, "he has been away from the agent all the time"
    operation = desk.ask(c.RetrieveCall("1000"))
    assert desk.obey() == [Join(leg, ROOM)]
    assert operation.done
    assert desk.recorded(r.CallRetrieved) == [r.CallRetrieved(1000, "1000", "agent")]


def test_back_from_the_ivr_into_an_empty_conference_he_waits_for_the_grace() -> None:
    desk = Desk(replace(Desk().settings, recall_phone=False))
    leg = parked(desk, ivr=True)
    desk.lose_phone()
    desk.hear(c.LegJoined(leg, ROOM))
    assert desk.call().state == "connected"
    desk.wait(29)
    assert not desk.effects
    desk.wait(1)
    assert desk.hung_up() == leg


def test_a_customer_in_a_dialplan_of_the_pbxs_own_is_in_the_ivr_when_the_link_is_back(desk: Desk) -> None:
    leg = parked(desk, ivr=True)
    phone = desk.session().leg
    desk.hear(c.LinkDown("connection lost"))
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, leg, PlaceKind.ELSEWHERE))))
    assert desk.call().state == "ivr"
    desk.wait(60)
    assert not desk.effects
    assert desk.call().state == "ivr"


def test_a_customer_on_his_way_into_the_ivr_when_the_link_broke_is_there(desk: Desk) -> None:
    phone = desk.log_in()
    leg = desk.talk().leg
    operation = desk.ask(c.HoldCall("1000", ivr=True))
    desk.hear(c.LinkDown("connection lost"))
    assert isinstance(operation.error, e.PbxLinkDown)
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, leg, PlaceKind.ELSEWHERE))))
    assert desk.call().state == "ivr"


# --- the phone is away, or the link ------------------------------------------------------------------------------


def test_a_parked_customer_does_not_move_when_the_agents_phone_is_lost_but_cannot_be_grabbed() -> None:
    desk = Desk(replace(Desk().settings, recall_phone=False))
    leg = parked(desk)
    desk.lose_phone()
    assert desk.stands() == "INCALL"
    assert not desk.effects
    assert desk.state.legs[leg].place == WAIT
    desk.refused(c.RetrieveCall("1000"), e.PhoneNotConnected)


def test_without_a_link_nothing_is_moved(desk: Desk) -> None:
    parked(desk)
    desk.hear(c.LinkDown("connection lost"))
    desk.refused(c.RetrieveCall("1000"), e.PbxLinkDown)
    desk.refused(c.HoldCall("1000", ivr=True), e.PbxLinkDown)
    assert desk.call().state == "held"
    assert desk.ask(c.HoldCall("1000")).done, "there is nothing to do"


@pytest.mark.parametrize("happened", [True, False])
def test_a_park_whose_confirmation_was_lost_with_the_link_is_made_good(desk: Desk, happened: bool) -> None:
    phone = desk.log_in()
    leg = desk.talk().leg
    operation = desk.ask(c.HoldCall("1000"))
    desk.take(Hold)
    desk.hear(c.LinkDown("connection lost"))
    assert isinstance(operation.error, e.PbxLinkDown)
    assert desk.call().state == "connected"
    kind = PlaceKind.WAIT if happened else PlaceKind.CONFERENCE
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, leg, kind))))
    assert desk.call().state == ("held" if happened else "connected")
    assert desk.state.legs[leg].pending is None
    assert not desk.effects


def test_a_parked_call_survives_a_restart_and_can_be_grabbed(desk: Desk) -> None:
    leg = parked(desk)
    phone = desk.session().leg
    desk.restart()
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, leg, PlaceKind.WAIT))))
    assert desk.call().state == "held"
    operation = desk.ask(c.RetrieveCall("1000"))
    assert desk.obey() == [Join(leg, ROOM)]
    assert operation.done
    assert desk.call().state == "connected"
