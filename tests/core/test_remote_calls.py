"""Calls that a remote agent has: ended with a status, sent on, and no wrap-up after any of them."""

from __future__ import annotations

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.calls.finding import Transferred, remote_call
from agentd.core.effects import Effect, HangUpLeg, Hold, Part, SendOut, Tag
from agentd.core.model import Place, PlaceKind, Role, Status
from tests.core.desk import OUTSIDE, START, WAIT, Desk, conference

AGENT = "1029"
FAR = "agd-t0-1"  # the agent's own leg
LEFT = "8600900"
OTHER = "7275550000"


@pytest.fixture
def desk() -> Desk:
    """A remote agent has a caller, in-1, since a minute."""
    desk = Desk()
    desk.hear(c.ReferenceChanged((r.StatusSet("RAXFER", Status("RAXFER", 5)),)))
    desk.ask(c.LogIn(AGENT))
    desk.call_in()
    desk.obey()
    desk.now += 60
    assert desk.call(AGENT).agent_leg == FAR
    return desk


def disposed(desk: Desk) -> list[tuple[int, str, str]]:
    """The calls that are complete, with their status and who gave it."""
    return [(record.call_id, record.status, record.by) for record in desk.recorded(r.CallDisposed)]


def end_of(desk: Desk, leg: str) -> list[Effect]:
    """A leg ends, and with it by Asterisk whoever was put together with it; what is asked meanwhile."""
    desk.hear(c.LegGone(leg, 16, far_end=True))
    asked, desk.effects = desk.effects, []
    return asked


# --- the end of a call -------------------------------------------------------------------------------------------


def test_who_hangs_up_gives_the_status_with_it_and_is_ready_for_the_next(desk: Desk) -> None:
    operation = desk.ask(c.HangUp(AGENT, status="SALE"))
    assert desk.hung_up() == "in-1"
    assert operation.done
    assert disposed(desk) == [(1000, "SALE", "agent")]
    assert desk.stands(AGENT) == "READY"
    assert desk.hung_up() == FAR
    assert not desk.state.legs
    assert desk.recorded(r.CallEnded) == [r.CallEnded(1000, AGENT, 16, "agent", "")]


def test_without_a_status_it_gets_the_campaigns(desk: Desk) -> None:
    desk.ask(c.HangUp(AGENT))
    desk.obey()
    assert disposed(desk) == [(1000, "DISPO", "none")]


@pytest.mark.parametrize(("status", "error"), [("XXXX", e.StatusUnknown), ("CALLBK", e.CallbackNeedsDate)])
@pytest.mark.parametrize("what", ["hangup", "blind", "ingroup"])
def test_a_status_that_will_not_do_leaves_the_call_as_it_is(
    desk: Desk, what: str, status: str, error: type[e.AgentdError]
) -> None:
    commands = {
        "hangup": c.HangUp(AGENT, status=status),
        "blind": c.TransferBlind(AGENT, OTHER, status=status),
        "ingroup": c.TransferToInGroup(AGENT, "SUPPORT", status=status),
    }
    desk.refused(commands[what], error)


def test_the_caller_hangs_up(desk: Desk) -> None:
    (asked,) = end_of(desk, "in-1")
    assert asked == HangUpLeg(FAR)
    assert desk.stands(AGENT) == "READY"
    assert disposed(desk) == [(1000, "DISPO", "none")]
    assert desk.recorded(r.CallEnded)[0].hung_up_by == "customer"


def test_the_agent_hangs_up_at_his_own_phone(desk: Desk) -> None:
    """Asterisk ends the caller, who was put together with him; the daemon asks for it all the same."""
    (asked,) = end_of(desk, FAR)
    assert asked == HangUpLeg("in-1")
    desk.hear(c.LegGone("in-1", 16))
    assert desk.stands(AGENT) == "READY"
    assert desk.recorded(r.CallEnded)[0].hung_up_by == "agent"
    assert disposed(desk) == [(1000, "DISPO", "none")]


def test_a_disposition_that_comes_a_moment_late_counts(desk: Desk) -> None:
    end_of(desk, "in-1")
    desk.now += 29
    desk.ask(c.Dispose(AGENT, "SALE"))
    assert desk.recorded(r.StatusReplaced) == [r.StatusReplaced(1000, AGENT, 402028, "SALE")]


def test_his_status_may_come_before_the_end(desk: Desk) -> None:
    desk.ask(c.Dispose(AGENT, "SALE"))
    end_of(desk, "in-1")
    assert disposed(desk) == [(1000, "SALE", "agent")]


def test_he_is_called_for_the_next_one_when_a_line_is_free(desk: Desk) -> None:
    desk.change_user(AGENT, lines=1)
    for number in (2, 3):
        desk.call_in(f"in-{number}")
    desk.obey()
    assert desk.waits("in-3").offered == ""
    end_of(desk, "in-1")
    assert desk.stands(AGENT) == "INCALL"
    assert desk.waits("in-3").offered == AGENT


# --- sent on -----------------------------------------------------------------------------------------------------


def test_the_caller_goes_to_an_extension_and_not_with_him(desk: Desk) -> None:
    operation = desk.ask(c.TransferBlind(AGENT, "8500", status="RAXFER"))
    part, out = desk.effects
    desk.effects.clear()
    assert part == Part(FAR), "first of all his own end must not be the caller's"
    assert isinstance(out, SendOut)
    assert (out.leg, out.resource, out.room) == ("in-1", "Local/8500@agentd-outside/n", "8600901")
    desk.arrive("in-1", OUTSIDE)
    assert operation.value == Transferred(1000, desk.recorded(r.CallWaiting)[0].key)
    assert desk.hung_up() == FAR
    assert desk.stands(AGENT) == "READY"
    assert disposed(desk) == [(1000, "RAXFER", "agent")]
    assert desk.recorded(r.CallTransferred) == [r.CallTransferred(1000, AGENT, "blind", "8500")]
    assert desk.state.legs["in-1"].left


def test_a_number_outside_goes_through_his_campaign(desk: Desk) -> None:
    desk.ask(c.TransferBlind(AGENT, OTHER))
    assert desk.effects[-1].resource == "PJSIP/17275550000@carrier"  # type: ignore[attr-defined]


def test_the_caller_goes_into_the_line_of_an_in_group(desk: Desk) -> None:
    operation = desk.ask(c.TransferToInGroup(AGENT, "SUPPORT", status="RAXFER"))
    assert desk.effects == [Part(FAR), Hold("in-1", "")]
    desk.effects.clear()
    desk.arrive("in-1", WAIT)
    assert operation.value.ingroup == "SUPPORT"
    waiting = desk.waits()
    call = desk.state.calls[waiting.call_id]
    assert (call.origin, call.agent, waiting.since, waiting.ingroup) == (1000, "", START + 60, "SUPPORT")
    assert Tag("in-1", Role.CUSTOMER, 0, call.key) in desk.effects
    assert HangUpLeg(FAR) in desk.effects
    assert disposed(desk) == [(1000, "RAXFER", "agent")]
    desk.hear(c.LegGone(FAR, 16))
    assert waiting.call_id in desk.state.calls, "the caller stays when the agent's leg has gone"
    assert desk.stands(AGENT) == "READY"


def test_defaultingroup_is_that_of_the_calls_in_group(desk: Desk) -> None:
    operation = desk.ask(c.TransferToInGroup(AGENT, "DEFAULTINGROUP"))
    desk.obey()
    assert operation.value.ingroup == "SUPPORT"


def test_he_hangs_up_while_his_caller_is_on_the_way(desk: Desk) -> None:
    desk.ask(c.TransferToInGroup(AGENT, "SUPPORT", status="RAXFER"))
    desk.effects.clear()
    assert not end_of(desk, FAR), "the caller is not ended"
    desk.arrive("in-1", WAIT)
    assert desk.waits().ingroup == "SUPPORT"
    assert disposed(desk) == [(1000, "RAXFER", "agent")]


def test_he_hung_up_and_the_transfer_was_refused(desk: Desk) -> None:
    """Nobody is with the caller any more: he is let go like one whose agent has hung up."""
    operation = desk.ask(c.TransferBlind(AGENT, OTHER, status="RAXFER"))
    desk.effects.clear()
    end_of(desk, FAR)
    desk.hear(c.MoveRefused("in-1", "Redirect failed"))
    assert type(operation.error) is e.PbxRefused
    desk.obey()
    desk.wait(10)
    desk.obey()
    assert desk.stands(AGENT) == "READY"
    assert disposed(desk) == [(1000, "DISPO", "none")]


def test_a_transfer_that_asterisk_refuses_leaves_them_together_and_gives_no_status(desk: Desk) -> None:
    operation = desk.ask(c.TransferToInGroup(AGENT, "SUPPORT", status="RAXFER"))
    desk.effects.clear()
    desk.hear(c.MoveRefused("in-1", "Redirect failed"))
    assert type(operation.error) is e.PbxRefused
    assert desk.stands(AGENT) == "INCALL"
    end_of(desk, "in-1")
    assert disposed(desk) == [(1000, "DISPO", "none")]


# --- several calls -----------------------------------------------------------------------------------------------


@pytest.fixture
def two(desk: Desk) -> Desk:
    """He has a second caller, in-2, on his other line."""
    desk.call_in("in-2")
    desk.obey()
    assert desk.session(AGENT).calls == [1000, 1001]
    return desk


def test_the_call_that_is_meant_is_ended_and_the_other_goes_on(two: Desk) -> None:
    two.ask(c.HangUp(AGENT, 1000, "SALE"))
    two.obey()
    assert two.session(AGENT).calls == [1001]
    assert two.stands(AGENT) == "INCALL"
    assert disposed(two) == [(1000, "SALE", "agent")]
    assert two.state.legs["in-2"].place == conference("8600901")


def test_a_call_is_found_by_its_key_if_it_is_his(two: Desk) -> None:
    session, keys = two.session(AGENT), [record.key for record in two.recorded(r.CallWaiting)]
    assert [remote_call(two.state, session, key).id for key in keys] == [1000, 1001]
    two.ask(c.HangUp(AGENT, 1000))
    two.obey()
    with pytest.raises(e.CallNotFound):
        remote_call(two.state, session, keys[0])


def test_a_call_of_another_agents_is_not_his_to_end(two: Desk) -> None:
    two.log_in()
    two.talk()
    two.refused(c.HangUp(AGENT, two.call().id, "SALE"), e.CallNotFound)


def test_logging_out_waits_for_both_calls(two: Desk) -> None:
    two.ask(c.LogOut(AGENT))
    two.ask(c.HangUp(AGENT, 1000))
    two.obey()
    assert two.stands(AGENT) == "INCALL"
    two.ask(c.HangUp(AGENT, 1001))
    two.obey()
    assert two.stands(AGENT) == "-"
    assert not two.state.legs


def test_he_stays_where_he_is_when_one_leg_is_lost_with_the_link(two: Desk) -> None:
    places = {leg.id: leg.place for leg in two.state.legs.values()}
    two.hear(c.LinkDown("connection lost"))
    there = [leg for leg in places if leg not in {"in-2", "agd-t0-2"}]
    two.hear(c.LinkUp(tuple(c.ChannelSeen(leg, None, 0, "", places[leg]) for leg in there)))
    two.obey()
    assert two.session(AGENT).calls == [1000]
    assert two.call(AGENT).state == "connected"
    assert not [leg for leg in two.state.legs.values() if leg.place.kind is not PlaceKind.CONFERENCE]
    assert two.state.legs[FAR].place == Place(PlaceKind.CONFERENCE, LEFT)


# --- news that come late -----------------------------------------------------------------------------------------


def test_a_transfer_that_asterisk_makes_after_all_is_one(desk: Desk) -> None:
    """It was not confirmed in time; then the caller talks outside."""
    operation = desk.ask(c.TransferBlind(AGENT, OTHER, status="RAXFER"))
    desk.wait(5)
    desk.hear(c.LegRead("in-1", conference(LEFT)))
    assert type(operation.error) is e.PbxTimeout
    assert desk.stands(AGENT) == "INCALL"
    desk.effects.clear()
    desk.arrive("in-1", OUTSIDE)
    assert desk.hung_up() == FAR
    assert desk.state.legs["in-1"].left
    assert desk.stands(AGENT) == "READY"


def test_a_caller_whose_agent_has_hung_up_is_asked_to_go_until_he_has_gone(desk: Desk) -> None:
    desk.hear(c.LegGone(FAR, 16, far_end=True))
    assert desk.take(HangUpLeg).leg == "in-1"
    desk.wait(5)
    desk.effects.clear()
    desk.hear(c.LegRead("in-1", conference(LEFT)))
    assert desk.hung_up() == "in-1"
    assert desk.stands(AGENT) == "READY"
