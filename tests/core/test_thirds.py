"""BEHAVIOUR: third parties."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.calls.finding import Transferred
from agentd.core.effects import HangUpLeg, Hold, Join, Ring
from agentd.core.model import Role
from tests.core.desk import ROOM, SETTINGS, WAIT, Desk, conference, seen
from tests.core.steps import CUSTOMER, OTHER, three_way

# --- a third party -----------------------------------------------------------------------------------------------


def test_a_third_party_is_called_into_the_agents_conference(talking: Desk) -> None:
    operation = talking.ask(c.DialThird("1000", OTHER))
    ring = talking.take(Ring)
    assert (ring.resource, ring.room, ring.role) == (f"PJSIP/1{OTHER}@carrier", ROOM, Role.THIRD)
    assert (ring.caller_id, ring.session_id, ring.timeout) == ("7275551211", 1, 30)
    assert ring.call_key == talking.call().key
    assert not operation.done
    talking.hear(c.LegPlaced(ring.leg))
    assert operation.value == Transferred(1000, talking.call().key)
    assert talking.snapshot()["calls"][0]["third_party"] == {
        "number": OTHER,
        "ingroup": None,
        "agent": None,
        "state": "asked",
        "leg": ring.leg,
    }
    talking.now += 3
    talking.hear(c.LegAnswered(ring.leg))
    talking.hear(c.LegJoined(ring.leg, ROOM))
    assert talking.snapshot()["calls"][0]["third_party"]["state"] == "connected"
    assert talking.recorded(r.ThirdAnswered) == [r.ThirdAnswered(1000, "1000", ring.leg)]
    assert talking.call().state == "connected"
    assert not talking.state.deadlines


def test_the_customer_is_held_first_where_that_is_wanted(talking: Desk) -> None:
    operation = talking.ask(c.DialThird("1000", OTHER, hold=True))
    ring, hold = talking.effects
    talking.effects.clear()
    assert isinstance(ring, Ring)
    assert hold == Hold("agd-t0-2", "park")
    talking.hear(c.LegPlaced(ring.leg))
    assert not operation.done, "the customer still hears the agent"
    talking.arrive("agd-t0-2", WAIT)
    assert operation.done
    assert operation.error is None
    assert talking.call().state == "held"


def test_a_third_party_is_not_left_ringing_when_the_customer_cannot_be_held(talking: Desk) -> None:
    operation = talking.ask(c.DialThird("1000", OTHER, hold=True))
    ring = talking.effects[0]
    talking.effects.clear()
    talking.hear(c.LegPlaced(ring.leg))
    talking.hear(c.MoveRefused("agd-t0-2", "Permission denied"))
    assert isinstance(operation.error, e.PbxRefused)
    assert talking.hung_up() == ring.leg
    assert talking.snapshot()["calls"][0]["third_party"] is None
    assert talking.call().state == "connected"


def test_a_number_is_dialled_as_a_manual_dial_is_or_exactly_as_given(talking: Desk) -> None:
    talking.ask(c.DialThird("1000", "97275550000", exactly=True, group_alias="TESTING"))
    ring = talking.take(Ring)
    assert (ring.resource, ring.caller_id) == ("PJSIP/97275550000@carrier", "7275551299")


def test_an_extension_is_dialled_bare(talking: Desk) -> None:
    talking.ask(c.DialThird("1000", "503"))
    assert talking.take(Ring).resource == "PJSIP/503"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (c.DialThird("1000"), e.NumberMissing),
        (c.DialThird("1000", "1234567890123456"), e.NumberNotAllowed),
        (c.DialThird("1000", "911x"), e.ExtensionUnknown),
        (c.DialThird("1000", OTHER, ingroup="FAKE_IN"), e.InGroupUnknown),
        (c.DialThird("1000", OTHER, ingroup="CLOSED"), e.InGroupUnknown),
        (c.DialThird("1000", "4496", ingroup="AGENTDIRECT"), e.UserUnknown),
        (c.DialThird("1000", OTHER, group_alias="NOBODY"), e.GroupAliasUnknown),
        (c.DialThird("1000", OTHER, group_alias="OLD"), e.GroupAliasUnknown),
        (c.DialThird("1000", OTHER, group_alias="BADALIAS"), e.CallerIdInvalid),
        (c.DialThird("1000", OTHER, call_id=999), e.CallNotFound),
    ],
)
def test_what_cannot_be_called_is_told_why(talking: Desk, command: c.Command, error: type[e.AgentdError]) -> None:
    talking.refused(command, error)
    assert not talking.effects


def test_without_a_live_customer_there_is_no_third_party(desk: Desk) -> None:
    desk.log_in()
    desk.refused(c.DialThird("1000", OTHER), e.NoLiveCall)
    ring = desk.dial()
    desk.refused(c.DialThird("1000", OTHER), e.NoLiveCall)
    desk.answer(ring)
    desk.hear(c.LegGone(ring.leg, 16))
    desk.refused(c.DialThird("1000", OTHER), e.NoLiveCall)


def test_a_call_has_one_third_party_at_a_time(talking: Desk) -> None:
    third = three_way(talking)
    talking.refused(c.DialThird("1000", "7275550001"), e.ThirdPartyPresent)
    talking.hear(c.LegGone(third, 16, far_end=True))
    assert talking.ask(c.DialThird("1000", "7275550001")).error is None


def test_a_third_party_needs_the_agents_phone_and_the_link() -> None:
    desk = Desk(replace(SETTINGS, recall_phone=False))
    desk.log_in()
    desk.talk()
    desk.lose_phone()
    desk.refused(c.DialThird("1000", OTHER), e.PhoneNotConnected)
    desk.hear(c.LinkDown("connection lost"))
    desk.refused(c.HangUpThird("1000", both=True), e.PbxLinkDown)


@pytest.mark.parametrize(("cause", "by"), [(17, "third"), (19, "timeout"), (34, "pbx")])
def test_a_third_party_who_does_not_come_leaves_agent_and_customer_as_they_were(
    talking: Desk, cause: int, by: str
) -> None:
    talking.ask(c.DialThird("1000", OTHER))
    ring = talking.take(Ring)
    talking.hear(c.LegPlaced(ring.leg))
    talking.hear(c.LegGone(ring.leg, cause))
    assert talking.recorded(r.ThirdEnded) == [r.ThirdEnded(1000, "1000", ring.leg, cause, by)]
    assert talking.stands() == "INCALL"
    assert talking.call().state == "connected"
    assert not talking.effects


def test_a_third_party_whom_asterisk_does_not_even_dial_fails_the_operation(talking: Desk) -> None:
    operation = talking.ask(c.DialThird("1000", OTHER))
    ring = talking.take(Ring)
    talking.hear(c.LegRefused(ring.leg, "no such trunk", cause=34))
    assert isinstance(operation.error, e.DialRefused)
    assert talking.snapshot()["calls"][0]["third_party"] is None
    assert talking.stands() == "INCALL"


def test_a_third_party_who_rings_too_long_is_ended(talking: Desk) -> None:
    talking.ask(c.DialThird("1000", OTHER))
    ring = talking.take(Ring)
    talking.hear(c.LegPlaced(ring.leg))
    talking.wait(35)
    assert talking.hung_up() == ring.leg
    assert talking.recorded(r.ThirdEnded)[0].hung_up_by == "timeout"


# --- who hangs up whom -------------------------------------------------------------------------------------------


def test_hanging_up_the_third_party_leaves_the_customer(talking: Desk) -> None:
    third = three_way(talking)
    operation = talking.ask(c.HangUpThird("1000"))
    assert not operation.done
    assert talking.hung_up() == third
    assert operation.value == Transferred(1000, talking.call().key)
    assert talking.recorded(r.ThirdEnded) == [r.ThirdEnded(1000, "1000", third, 16, "agent")]
    assert talking.call().state == "connected"


def test_hanging_up_a_third_party_that_is_not_there_is_a_success(talking: Desk) -> None:
    records = len(talking.journal)
    assert talking.ask(c.HangUpThird("1000")).done
    assert len(talking.journal) == records


def test_hanging_up_both_ends_the_call(talking: Desk) -> None:
    third = three_way(talking)
    operation = talking.ask(c.HangUpThird("1000", both=True))
    assert talking.effects == [HangUpLeg(third), HangUpLeg("agd-t0-2")]
    talking.hear(c.LegGone("agd-t0-2", 16))
    assert not operation.done
    talking.hear(c.LegGone(third, 16))
    assert operation.done
    assert talking.stands() == "WRAPUP"


def test_hanging_up_both_of_a_call_without_a_third_party_hangs_up_the_customer(talking: Desk) -> None:
    operation = talking.ask(c.HangUpThird("1000", both=True))
    assert talking.hung_up() == "agd-t0-2"
    assert operation.done
    assert talking.stands() == "WRAPUP"


@pytest.mark.parametrize("by_agent", [False, True])
def test_while_a_third_party_is_left_with_the_agent_he_stays_in_call(talking: Desk, by_agent: bool) -> None:
    third = three_way(talking)
    if by_agent:
        talking.ask(c.HangUp("1000"))
        talking.obey()
    else:
        talking.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    assert talking.stands() == "INCALL"
    assert talking.snapshot()["calls"][0]["state"] == "third_party"
    talking.ask(c.Dispose("1000", "SALE"))
    assert talking.stands() == "INCALL"
    assert talking.ask(c.HangUp("1000")).done, "the customer is gone"
    talking.refused(c.DialThird("1000", OTHER), e.NoLiveCall)
    operation = talking.ask(c.HangUpThird("1000"))
    assert talking.hung_up() == third
    assert operation.done
    assert talking.stands() == "PAUSED LOGIN", "the disposition was kept"
    ended = talking.recorded(r.CallEnded)[0]
    assert (ended.cause, ended.hung_up_by) == (16, "agent" if by_agent else "customer")


def test_hanging_up_both_ends_a_third_party_who_was_left_with_the_agent(talking: Desk) -> None:
    third = three_way(talking)
    talking.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    talking.ask(c.HangUpThird("1000", both=True))
    assert talking.hung_up() == third
    assert talking.stands() == "WRAPUP"


def test_a_third_party_who_still_rings_is_ended_with_the_call(talking: Desk) -> None:
    talking.ask(c.DialThird("1000", OTHER))
    ring = talking.take(Ring)
    talking.hear(c.LegPlaced(ring.leg))
    talking.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    assert talking.stands() == "WRAPUP"
    assert talking.hung_up() == ring.leg
    assert list(talking.state.legs) == [talking.session().leg]


def test_the_customer_can_be_parked_and_grabbed_while_the_third_party_stays(talking: Desk) -> None:
    third = three_way(talking)
    talking.ask(c.HoldCall("1000"))
    talking.obey()
    assert talking.state.legs[third].place == conference(ROOM)
    talking.ask(c.RetrieveCall("1000"))
    assert talking.obey() == [Join("agd-t0-2", ROOM)]
    assert talking.call().state == "connected"
    assert talking.call().third == third


def test_another_customer_does_not_hear_a_third_party(talking: Desk) -> None:
    three_way(talking)
    talking.ask(c.HoldCall("1000"))
    talking.obey()
    talking.refused(c.Dial("1000", talking.request("7275550001"), beside=True), e.AnotherCallConnected)
    talking.ask(c.HangUpThird("1000"))
    talking.obey()
    talking.ask(c.Dial("1000", talking.request("7275550001"), beside=True))
    talking.obey()
    talking.refused(c.DialThird("1000", OTHER, call_id=1000), e.AnotherCallConnected)


def test_a_third_party_stays_with_the_customer_when_the_agents_phone_is_lost() -> None:
    desk = Desk(replace(SETTINGS, recall_phone=False))
    desk.log_in()
    customer = desk.talk().leg
    third = three_way(desk)
    desk.lose_phone()
    assert desk.stands() == "INCALL"
    assert not desk.effects
    desk.wait(30)
    assert desk.hung_up() == customer
    assert desk.stands() == "INCALL"
    desk.wait(30)
    assert desk.hung_up() == third, "nor is he left alone for ever"
    assert desk.stands() == "WRAPUP"


def test_logging_out_in_wrap_up_at_once_leaves_no_third_party(talking: Desk) -> None:
    third = three_way(talking)
    talking.ask(c.LogOut("1000"))
    talking.ask(c.HangUpThird("1000", both=True))
    talking.obey()
    talking.ask(c.Dispose("1000", "A"))
    talking.obey()
    assert talking.stands() == "-"
    assert third not in talking.state.legs
    assert not talking.state.legs


def test_a_third_party_who_is_missing_when_the_link_is_back_takes_nobody_with_him(talking: Desk) -> None:
    three_way(talking)
    phone, customer = seen(talking, talking.session().leg), seen(talking, CUSTOMER)
    third = seen(talking, talking.call().third)
    replaced = replace(customer, leg="1700000000.7")
    talking.hear(c.LinkDown("connection lost"))
    talking.hear(c.LinkUp((phone, replaced, third)))
    assert talking.call().leg == "1700000000.7"
    talking.hear(c.LinkDown("connection lost"))
    talking.hear(c.LinkUp((phone, replaced)))
    assert talking.call().state == "connected"
    assert talking.recorded(r.ThirdEnded)[0].cause == 27
    assert len(talking.recorded(r.LegAdopted)) == 1
    assert not talking.effects
