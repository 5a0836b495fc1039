"""BEHAVIOUR: several calls of one agent, of which one is connected."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import Hold, Join
from tests.core.desk import CAMPAIGN, ROOM, WAIT, Desk
from tests.core.steps import parked

# --- several calls -----------------------------------------------------------------------------------------------


def two_calls(desk: Desk) -> tuple[str, str]:
    """Agent 1000 has call 1000, which is held, and call 1001, connected; gives the customers' legs."""
    first = parked(desk)
    desk.ask(c.Dial("1000", desk.request("7275550000"), beside=True))
    second = desk.effects[0].leg
    desk.obey()
    assert [call["state"] for call in desk.snapshot()["calls"]] == ["held", "connected"]
    return first, second


def test_a_second_call_is_dialled_beside_a_held_one_at_once(desk: Desk) -> None:
    first, second = two_calls(desk)
    assert desk.stands() == "INCALL"
    assert desk.recorded(r.CallAnswered)[-1].call_id == 1001
    desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == second, "the connected one is the current one"
    assert desk.stands() == "INCALL", "the other one is live"
    desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == first
    assert desk.stands() == "WRAPUP"
    desk.ask(c.Dispose("1000", "A", 1000))
    assert desk.stands() == "WRAPUP"
    desk.ask(c.Dispose("1000", "B"))
    assert desk.stands() == "PAUSED LOGIN"


def test_a_second_call_is_refused_while_a_customer_is_or_may_come_into_the_conference(desk: Desk) -> None:
    desk.log_in()
    desk.talk()
    second = c.Dial("1000", desk.request("7275550000"), beside=True)
    desk.refused(second, e.AnotherCallConnected)
    desk.ask(c.HoldCall("1000", ivr=True))
    desk.obey()
    desk.refused(second, e.AnotherCallConnected)
    desk.ask(c.HoldCall("1000"))
    desk.obey()
    desk.ask(c.RetrieveCall("1000"))
    desk.refused(second, e.AnotherCallConnected)


def test_calls_are_held_and_retrieved_by_their_id_one_at_a_time(desk: Desk) -> None:
    first, second = two_calls(desk)
    desk.refused(c.RetrieveCall("1000", 1000), e.AnotherCallConnected)
    desk.ask(c.HoldCall("1000", 1001))
    desk.obey()
    desk.ask(c.RetrieveCall("1000", 1000))
    desk.refused(c.RetrieveCall("1000", 1001), e.AnotherCallConnected)
    assert desk.obey() == [Join(first, ROOM)]
    assert [call["state"] for call in desk.snapshot()["calls"]] == ["connected", "held"]
    desk.refused(c.HoldCall("1000", 1001, ivr=True), e.AnotherCallConnected)
    desk.hear(c.LegGone(second, 16, far_end=True))
    assert desk.stands() == "INCALL"
    assert [call["state"] for call in desk.snapshot()["calls"]] == ["connected", "wrapping"]


def test_a_second_dial_that_fails_leaves_the_first_call_alone(desk: Desk) -> None:
    parked(desk)
    operation = desk.ask(c.Dial("1000", desk.request("7275550000"), beside=True))
    leg = desk.effects.pop().leg
    desk.hear(c.LegRefused(leg, "no such trunk", cause=34))
    assert isinstance(operation.error, e.DialRefused)
    assert desk.stands() == "INCALL"
    assert [call["id"] for call in desk.snapshot()["calls"]] == [1000]
    desk.ask(c.Dial("1000", desk.request("7275550000"), beside=True))
    busy = desk.effects.pop().leg
    desk.hear(c.LegPlaced(busy))
    assert desk.stands() == "INCALL", "while another call is dialled"
    desk.hear(c.LegGone(busy, 17, far_end=True))
    assert desk.stands() == "INCALL"
    assert desk.snapshot()["calls"][1]["suggested_status"] == "B"


def test_a_remembered_dial_is_dialled_as_a_call_of_its_own_after_the_call() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=0))
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.Dial("1000", desk.request("7275550000")))
    desk.hear(c.LegGone(leg, 16, far_end=True))
    assert desk.stands() == "DIALLING"


def test_all_customers_of_an_agent_whose_phone_stays_away_are_let_go() -> None:
    desk = Desk(replace(Desk().settings, recall_phone=False))
    first, second = two_calls(desk)
    desk.lose_phone()
    desk.wait(30)
    assert {effect.leg for effect in desk.obey()} == {first, second}
    assert desk.stands() == "WRAPUP"


def test_a_held_customer_who_comes_back_unasked_goes_back_to_the_music(desk: Desk) -> None:
    first, _ = two_calls(desk)
    desk.hear(c.LegJoined(first, ROOM))
    assert [call["state"] for call in desk.snapshot()["calls"]] == ["held", "connected"]
    assert desk.take(Hold) == Hold(first, "park")
    desk.arrive(first, WAIT)
    assert not desk.state.deadlines
