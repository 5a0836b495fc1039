"""BEHAVIOUR: blind transfers, messages, and customers who are connected with each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.calls.finding import Transferred
from agentd.core.effects import HangUpLeg, Hold, Join, JoinBoth, PlayMessage, ReadLeg, SendOut
from agentd.core.model import PlaceKind
from tests.core.desk import CAMPAIGN, OUTSIDE, ROOM, WAIT, Desk, conference, seen
from tests.core.steps import CUSTOMER, OTHER, three_way

# --- blind -------------------------------------------------------------------------------------------------------


def test_a_blind_transfer_is_done_when_asterisk_dials_and_the_agent_is_in_wrap_up(talking: Desk) -> None:
    key = talking.call().key
    operation = talking.ask(c.TransferBlind("1000", OTHER))
    out = talking.take(SendOut)
    assert (out.leg, out.resource, out.number) == (CUSTOMER, f"PJSIP/1{OTHER}@carrier", OTHER)
    assert (out.caller_id, out.timeout) == ("7275551211", 30)
    assert talking.stands() == "INCALL"
    talking.hear(c.LegLeft(CUSTOMER, ROOM))
    assert not operation.done
    talking.hear(c.LegAt(CUSTOMER, OUTSIDE))
    assert operation.value == Transferred(1000, key)
    assert talking.stands() == "WRAPUP"
    assert talking.recorded(r.CallTransferred) == [r.CallTransferred(1000, "1000", "blind", OTHER)]
    ended = talking.recorded(r.CallEnded)[0]
    assert (ended.cause, ended.hung_up_by, ended.suggested_status) == (16, "transfer", "")
    assert talking.ask(c.HangUp("1000")).done, "he is no longer the agent's to hang up"
    assert not talking.effects
    assert not talking.state.deadlines


def test_the_customer_goes_on_without_the_agent_until_he_is_gone(talking: Desk) -> None:
    talking.ask(c.TransferBlind("1000", OTHER))
    room = talking.effects[0]
    assert isinstance(room, SendOut)
    talking.obey()
    talking.hear(c.LegJoined(CUSTOMER, room.room))
    assert talking.stands() == "WRAPUP"
    talking.ask(c.Dispose("1000", "A"))
    assert talking.ask(c.LogOut("1000")).error is None
    assert [effect.leg for effect in talking.obey()] == ["agd-t0-1"], "he is not hung up with the agent"
    talking.hear(c.LegGone(CUSTOMER, 16, far_end=True))
    assert not talking.state.legs


def test_a_transfer_goes_exactly_as_given_with_another_caller_id(talking: Desk) -> None:
    talking.ask(c.TransferBlind("1000", "97275550000", exactly=True, group_alias="TESTING"))
    out = talking.take(SendOut)
    assert (out.resource, out.caller_id) == ("PJSIP/97275550000@carrier", "7275551299")


def test_a_transfer_to_an_extension_of_the_pbx(talking: Desk) -> None:
    talking.ask(c.TransferBlind("1000", "8500"))
    assert talking.take(SendOut).resource == "Local/8500@agentd-extensions/n"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (c.TransferBlind("1000", ""), e.NumberMissing),
        (c.TransferBlind("1000", "1234567890123456"), e.NumberNotAllowed),
        (c.TransferBlind("1000", OTHER, group_alias="NOBODY"), e.GroupAliasUnknown),
        (c.LeaveMessage("1000", group_alias="BADALIAS"), e.CallerIdInvalid),
        (c.TransferToInGroup("1000", "FAKE_IN"), e.InGroupUnknown),
        (c.TransferToInGroup("1000", ""), e.InGroupUnknown),
        (c.TransferToInGroup("1000", "AGENTDIRECT", "4496"), e.UserUnknown),
        (c.TransferToInGroup("1000", "SALESLINE", group_alias="OLD"), e.GroupAliasUnknown),
        (c.TransferBlind("1000", OTHER, call_id=999), e.CallNotFound),
    ],
)
def test_what_cannot_be_transferred_is_told_why(talking: Desk, command: c.Command, error: type[e.AgentdError]) -> None:
    talking.refused(command, error)
    assert not talking.effects
    assert talking.stands() == "INCALL"


@pytest.mark.parametrize(
    "command",
    [
        c.TransferBlind("1000", OTHER),
        c.LeaveMessage("1000"),
        c.TransferToInGroup("1000", "SALESLINE"),
        c.LeaveThreeWay("1000"),
        c.HangUpThird("1000"),
    ],
)
def test_without_a_connected_customer_there_is_no_live_call(desk: Desk, command: c.Command) -> None:
    desk.log_in()
    desk.refused(command, e.NoLiveCall)
    ring = desk.dial()
    desk.refused(command, e.NoLiveCall)
    desk.answer(ring)
    desk.hear(c.LinkDown("connection lost"))
    if not isinstance(command, c.LeaveThreeWay | c.HangUpThird):
        desk.refused(command, e.PbxLinkDown)
    desk.hear(c.LinkUp())
    desk.refused(command, e.NoLiveCall)


def test_a_transfer_by_somebody_who_may_not_dial_is_refused(talking: Desk) -> None:
    talking.hear(c.ReferenceChanged((r.UserSet("1000", replace(talking.state.users["1000"], rights=frozenset())),)))
    talking.refused(c.TransferBlind("1000", OTHER), e.ManualDialForbidden)


def test_a_parked_customer_can_be_transferred(talking: Desk) -> None:
    talking.ask(c.HoldCall("1000"))
    talking.obey()
    talking.ask(c.TransferBlind("1000", OTHER))
    talking.obey()
    assert talking.stands() == "WRAPUP"


def test_a_third_party_is_let_go_with_a_transfer(talking: Desk) -> None:
    third = three_way(talking)
    talking.ask(c.TransferBlind("1000", OTHER))
    talking.take(SendOut)
    talking.arrive(CUSTOMER, OUTSIDE)
    assert talking.stands() == "WRAPUP"
    assert talking.hung_up() == third
    assert not talking.effects


def test_a_transfer_that_asterisk_refuses_leaves_all_as_it_was(talking: Desk) -> None:
    operation = talking.ask(c.TransferBlind("1000", OTHER))
    talking.take(SendOut)
    talking.hear(c.MoveRefused(CUSTOMER, "Permission denied"))
    assert isinstance(operation.error, e.PbxRefused)
    assert talking.stands() == "INCALL"
    assert talking.call().state == "connected"


def test_a_transfer_whose_confirmation_was_lost_is_made_good(talking: Desk) -> None:
    operation = talking.ask(c.TransferBlind("1000", OTHER))
    talking.take(SendOut)
    talking.wait(5)
    assert isinstance(operation.error, e.PbxTimeout)
    talking.take(ReadLeg)
    assert talking.stands() == "INCALL"
    talking.hear(c.LegRead(CUSTOMER, OUTSIDE))
    assert talking.stands() == "WRAPUP"
    assert talking.recorded(r.CallTransferred) == [r.CallTransferred(1000, "1000", "blind", OTHER)]


def test_a_customer_outside_is_left_alone_after_a_break_of_the_link(talking: Desk) -> None:
    phone = talking.session().leg
    talking.ask(c.TransferBlind("1000", OTHER))
    talking.obey()
    for kind in (PlaceKind.OUTSIDE, PlaceKind.ELSEWHERE):
        talking.hear(c.LinkDown("connection lost"))
        talking.hear(c.LinkUp((seen(talking, phone), seen(talking, CUSTOMER, kind))))
        talking.wait(60)
        assert not talking.effects


def test_the_conference_for_those_outside_is_theirs_alone(talking: Desk) -> None:
    phone = talking.session().leg
    talking.ask(c.TransferBlind("1000", OTHER))
    room = talking.obey()[0]
    assert isinstance(room, SendOut)
    talking.hear(c.LinkDown("connection lost"))
    talking.hear(c.LinkUp((seen(talking, phone), seen(talking, CUSTOMER, PlaceKind.OUTSIDE))))
    talking.ask(c.Dispose("1000", "A"))
    talking.talk()
    talking.ask(c.TransferBlind("1000", OTHER))
    assert talking.take(SendOut).room not in {"", room.room}


# --- message -----------------------------------------------------------------------------------------------------


def test_a_message_is_played_and_the_agent_is_in_wrap_up(talking: Desk) -> None:
    operation = talking.ask(c.LeaveMessage("1000"))
    assert talking.take(PlayMessage) == PlayMessage(CUSTOMER, "agentd/message")
    assert not operation.done
    talking.arrive(CUSTOMER, OUTSIDE)
    assert operation.error is None
    assert talking.stands() == "WRAPUP"
    assert talking.recorded(r.CallTransferred) == [r.CallTransferred(1000, "1000", "message", "agentd/message")]
    talking.hear(c.LegGone(CUSTOMER, 16))
    assert not talking.effects


def test_a_campaign_without_a_message_says_so() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, leave_message=""))
    desk.log_in()
    desk.talk()
    desk.refused(c.LeaveMessage("1000"), e.NoMessage)


# --- connecting two ----------------------------------------------------------------------------------------------


def two_calls(desk: Desk) -> tuple[str, str]:
    """Call 1000 is held, call 1001 connected; gives the customers' legs."""
    desk.ask(c.HoldCall("1000"))
    desk.obey()
    desk.ask(c.Dial("1000", desk.request(OTHER), beside=True))
    second = desk.effects[0].leg
    desk.obey()
    return CUSTOMER, second


def test_two_customers_are_connected_and_the_agent_is_free_of_both(talking: Desk) -> None:
    first, second = two_calls(talking)
    operation = talking.ask(c.ConnectCalls("1000", 1000, 1001))
    assert talking.take(JoinBoth) == JoinBoth(first, second, "8600900")
    talking.arrive(second, conference("8600900"))
    assert not operation.done
    assert talking.stands() == "INCALL"
    talking.arrive(first, conference("8600900"))
    assert operation.done
    assert operation.error is None
    assert talking.stands() == "WRAPUP"
    assert [call["state"] for call in talking.snapshot()["calls"]] == ["wrapping", "wrapping"]
    assert [(record.call_id, record.how, record.to) for record in talking.recorded(r.CallTransferred)] == [
        (1000, "connect", OTHER),
        (1001, "connect", "7275551212"),
    ]
    talking.hear(c.LegGone(second, 16, far_end=True))
    assert talking.hung_up() == first


def test_only_two_different_calls_of_the_agents_own_are_connected(talking: Desk) -> None:
    talking.refused(c.ConnectCalls("1000", 1000, 1000), e.CallNotFound)
    talking.refused(c.ConnectCalls("1000", 1000, 1001), e.CallNotFound)
    talking.ask(c.HoldCall("1000"))
    talking.obey()
    talking.ask(c.Dial("1000", talking.request(OTHER), beside=True))
    talking.refused(c.ConnectCalls("1000", 1000, 1001), e.NoLiveCall)


def test_third_parties_of_those_who_are_connected_are_let_go(talking: Desk) -> None:
    third = three_way(talking)
    talking.ask(c.HoldCall("1000"))
    talking.obey()
    talking.ask(c.HangUpThird("1000"))
    talking.obey()
    _, second = two_calls(talking)
    talking.ask(c.DialThird("1000", "7275550001", call_id=1001))
    third = talking.effects[0].leg
    talking.obey()
    talking.ask(c.ConnectCalls("1000", 1000, 1001))
    assert HangUpLeg(third) in talking.obey()
    assert set(talking.state.legs) == {"agd-t0-1", CUSTOMER, second}


def test_a_connection_that_fails_brings_the_held_one_back_to_the_music(talking: Desk) -> None:
    first, second = two_calls(talking)
    operation = talking.ask(c.ConnectCalls("1000", 1000, 1001))
    talking.take(JoinBoth)
    talking.hear(c.LegGone(second, 16, far_end=True))
    assert isinstance(operation.error, e.CallGone)
    talking.arrive(first, conference("8600900"))
    assert talking.take(Hold).leg == first
    talking.arrive(first, WAIT)
    assert talking.snapshot()["calls"][0]["state"] == "held"
    assert talking.stands() == "INCALL"


def test_a_connection_that_fails_brings_the_connected_one_back_to_the_agent(talking: Desk) -> None:
    first, second = two_calls(talking)
    talking.ask(c.ConnectCalls("1000", 1000, 1001))
    talking.take(JoinBoth)
    talking.arrive(second, conference("8600900"))
    talking.hear(c.LegGone(first, 16, far_end=True))
    assert talking.take(Join) == Join(second, ROOM)
    talking.arrive(second, conference(ROOM))
    assert talking.snapshot()["calls"][1]["state"] == "connected"
    assert talking.stands() == "INCALL"


def test_a_command_about_two_legs_waits_for_both(talking: Desk) -> None:
    first, second = two_calls(talking)
    talking.ask(c.HoldCall("1000", 1001))
    operation = talking.ask(c.ConnectCalls("1000", 1000, 1001))
    later = talking.ask(c.RetrieveCall("1000", 1000))
    talking.take(Hold)
    talking.hear(c.LegAt(second, WAIT))
    assert talking.take(JoinBoth) == JoinBoth(first, second, "8600900")
    for leg in (first, second):
        talking.hear(c.LegJoined(leg, "8600900"))
    assert operation.error is None
    assert isinstance(later.error, e.NotPossibleNow)
