"""BEHAVIOUR: LEAVE_3WAY: customer and third party go on without the agent, or the consulted agent owns the call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.calls.finding import Transferred
from agentd.core.effects import HangUpLeg, Join, JoinBoth, Ring, Tag
from agentd.core.model import PlaceKind, Role
from tests.core.desk import CAMPAIGN, NUMBER, ROOM, Desk, conference, seen
from tests.core.steps import OTHER, ROOM_2, consult, three_way

# --- leave three-way ---------------------------------------------------------------------------------------------


def test_leaving_three_way_lets_customer_and_third_party_talk_on(talking: Desk) -> None:
    third = three_way(talking)
    operation = talking.ask(c.LeaveThreeWay("1000"))
    key = talking.call().key
    assert talking.take(JoinBoth) == JoinBoth("agd-t0-2", third, "8600900")
    talking.arrive("agd-t0-2", conference("8600900"))
    assert not operation.done
    assert talking.stands() == "INCALL"
    talking.arrive(third, conference("8600900"))
    assert operation.value == Transferred(1000, key)
    assert talking.stands() == "WRAPUP"
    assert talking.recorded(r.CallTransferred) == [r.CallTransferred(1000, "1000", "leave", OTHER)]
    assert talking.recorded(r.CallEnded)[0].hung_up_by == "transfer"
    assert talking.snapshot()["calls"][0]["legs"] == []
    talking.ask(c.Dispose("1000", "A"))
    talking.dial()
    assert not talking.effects


@pytest.mark.parametrize("first", ["customer", "third"])
def test_when_one_of_those_who_were_left_goes_the_other_is_hung_up(talking: Desk, first: str) -> None:
    third = three_way(talking)
    talking.ask(c.LeaveThreeWay("1000"))
    talking.obey()
    goes, stays = ("agd-t0-2", third) if first == "customer" else (third, "agd-t0-2")
    talking.hear(c.LegGone(goes, 16, far_end=True))
    assert talking.hung_up() == stays
    assert list(talking.state.legs) == [talking.session().leg]


def test_each_pair_has_a_conference_of_its_own(talking: Desk) -> None:
    three_way(talking)
    talking.ask(c.LeaveThreeWay("1000"))
    talking.obey()
    talking.ask(c.Dispose("1000", "A"))
    talking.talk()
    three_way(talking)
    talking.ask(c.LeaveThreeWay("1000"))
    assert talking.take(JoinBoth).room == "8600901"


def test_a_held_customer_can_be_left_with_the_third_party(talking: Desk) -> None:
    third = three_way(talking)
    talking.ask(c.HoldCall("1000"))
    talking.obey()
    talking.ask(c.LeaveThreeWay("1000"))
    assert talking.obey() == [JoinBoth("agd-t0-2", third, "8600900")]
    assert talking.stands() == "WRAPUP"


def test_leaving_three_way_needs_a_third_party_who_has_answered(talking: Desk) -> None:
    talking.refused(c.LeaveThreeWay("1000"), e.NoThirdParty)
    talking.ask(c.DialThird("1000", OTHER))
    talking.hear(c.LegPlaced(talking.take(Ring).leg))
    talking.refused(c.LeaveThreeWay("1000"), e.NoThirdParty)


def test_when_asterisk_refuses_to_move_them_all_stay_together(talking: Desk) -> None:
    third = three_way(talking)
    operation = talking.ask(c.LeaveThreeWay("1000"))
    talking.take(JoinBoth)
    for leg in ("agd-t0-2", third):
        talking.hear(c.MoveRefused(leg, "Permission denied"))
    assert isinstance(operation.error, e.PbxRefused)
    assert talking.stands() == "INCALL"
    assert talking.call().third == third
    assert not talking.effects


@pytest.mark.parametrize("goes", ["customer", "third"])
def test_of_two_of_whom_one_hangs_up_on_the_way_the_other_stays_the_agents(talking: Desk, goes: str) -> None:
    third = three_way(talking)
    operation = talking.ask(c.LeaveThreeWay("1000"))
    talking.take(JoinBoth)
    gone, stays = ("agd-t0-2", third) if goes == "customer" else (third, "agd-t0-2")
    talking.arrive(stays, conference("8600900"))
    talking.hear(c.LegGone(gone, 16, far_end=True))
    assert isinstance(operation.error, e.CallGone)
    if goes == "third":
        assert talking.obey() == [Join("agd-t0-2", ROOM)]
        assert talking.call().state == "connected"
        assert talking.stands() == "INCALL"
    else:
        assert talking.hung_up() == third, "he was not with the agent, so the call is over"
        assert talking.stands() == "WRAPUP"


def test_a_third_party_who_is_hung_up_on_the_way_brings_the_customer_back(talking: Desk) -> None:
    third = three_way(talking)
    talking.ask(c.LeaveThreeWay("1000"))
    talking.ask(c.HangUpThird("1000"))
    talking.effects.clear()
    talking.arrive("agd-t0-2", conference("8600900"))
    assert talking.take(Join) == Join("agd-t0-2", ROOM)
    talking.hear(c.LegGone(third, 16))
    talking.arrive("agd-t0-2", conference(ROOM))
    assert talking.call().state == "connected"
    assert talking.stands() == "INCALL"


def test_what_waits_for_one_of_the_two_waits_for_both(talking: Desk) -> None:
    third = three_way(talking)
    talking.ask(c.LeaveThreeWay("1000"))
    park = talking.ask(c.HoldCall("1000"))
    talking.take(JoinBoth)
    talking.arrive("agd-t0-2", conference("8600900"))
    assert not talking.effects
    assert not park.done
    talking.arrive(third, conference("8600900"))
    assert isinstance(park.error, e.NotPossibleNow)
    assert not talking.effects


def test_a_call_with_two_left_survives_a_restart(talking: Desk) -> None:
    third = three_way(talking)
    talking.ask(c.LeaveThreeWay("1000"))
    talking.obey()
    left = [
        replace(seen(talking, leg, PlaceKind.CONFERENCE), place=conference("8600900")) for leg in ("agd-t0-2", third)
    ]
    phone = seen(talking, talking.session().leg)
    talking.restart()
    talking.hear(c.LinkUp((phone, *left)))
    assert not talking.effects
    talking.restart()
    talking.hear(c.LinkUp((phone, left[1])))
    assert talking.hung_up() == third, "his peer is gone"


def test_leaving_a_consultation_makes_the_second_agent_the_owner(talking: Desk) -> None:
    leg = consult(talking)
    operation = talking.ask(c.LeaveThreeWay("1000"))
    key = talking.call().key
    assert talking.take(Join) == Join("agd-t0-2", ROOM_2)
    talking.arrive("agd-t0-2", conference(ROOM_2))
    assert operation.value == Transferred(1000, key)
    assert talking.stands("1000") == "WRAPUP"
    assert talking.stands("1001") == "INCALL"
    (call,) = talking.snapshot("1001")["calls"]
    assert (call["state"], call["direction"], call["ingroup"], call["origin"]) == (
        "connected",
        "inbound",
        "SALESLINE",
        1000,
    )
    assert call["key"].startswith("Y")
    assert talking.snapshot("1001")["lead"]["phone_number"] == NUMBER
    assert Tag("agd-t0-2", Role.CUSTOMER, 2, call["key"]) in talking.effects
    assert talking.effects[-1] == HangUpLeg(leg), "the leg between the agents has no business any more"
    assert [record.how for record in talking.recorded(r.CallTransferred)] == ["consult"]
    talking.obey()
    talking.ask(c.HangUp("1001"))
    assert talking.hung_up() == "agd-t0-2"
    assert talking.stands("1001") == "WRAPUP"


def test_a_consulted_agent_who_drops_while_he_is_given_the_call_gives_it_back(talking: Desk) -> None:
    leg = consult(talking)
    talking.ask(c.LeaveThreeWay("1000"))
    talking.take(Join)
    talking.hear(c.LegGone(leg, 16))
    assert talking.stands("1001") == "READY"
    talking.hear(c.LegJoined("agd-t0-2", ROOM_2))
    assert talking.take(Join) == Join("agd-t0-2", ROOM)
    talking.arrive("agd-t0-2", conference(ROOM))
    assert talking.stands("1000") == "INCALL"
    assert talking.call("1000").state == "connected"
    assert talking.stands("1001") == "READY"


@pytest.mark.parametrize("wrapup", [None, 0])
def test_the_campaigns_wrap_up_holds_for_those_who_leave(wrapup: int | None) -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=wrapup))
    desk.log_in()
    desk.talk()
    three_way(desk)
    desk.ask(c.LeaveThreeWay("1000"))
    desk.obey()
    assert desk.stands() == ("WRAPUP" if wrapup is None else "PAUSED LOGIN")
