"""BEHAVIOUR: the lines of the in-groups, and callers who are delivered to agents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.calls.finding import Transferred
from agentd.core.effects import Effect, HangUpLeg, Hold, Join, ReadLeg, Ring, Tag
from agentd.core.model import Lead, Place, PlaceKind, Role
from tests.core.desk import NUMBER, SETTINGS, START, WAIT, Desk, conference, seen

SALES = c.TransferToInGroup("1000", "SALESLINE")


def caller(desk: Desk, command: c.TransferToInGroup = SALES, number: str = NUMBER) -> str:
    """A customer of the agent's stands in the line of an in-group; gives his leg. The agent is free again."""
    ring = desk.dial(command.agent, number)
    desk.answer(ring)
    desk.ask(command)
    desk.take(Hold)
    desk.arrive(ring.leg, WAIT)
    desk.ask(c.Dispose(command.agent, "A"))
    return ring.leg


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """A customer of agent 1000's, agd-t0-2, waits in SALESLINE; nobody is ready."""
    desk.log_in()
    assert caller(desk) == "agd-t0-2"
    desk.effects.clear()
    return desk


def delivery(desk: Desk) -> Join:
    """The one delivery that was asked for; what else was asked is forgotten."""
    (join,) = (effect for effect in desk.effects if isinstance(effect, Join))
    desk.effects.clear()
    return join


def ready(desk: Desk, agent: str, phone: str) -> None:
    """Log an agent in and let him be ready; what is asked of Asterisk then is left to look at."""
    desk.log_in(agent, phone)
    desk.ask(c.Resume(agent))


# --- into the line -----------------------------------------------------------------------------------------------


def test_the_transfer_is_done_when_the_customer_stands_in_the_line(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    operation = desk.ask(SALES)
    assert desk.take(Hold) == Hold(ring.leg, "sales")
    assert desk.stands() == "INCALL"
    desk.now += 1
    desk.hear(c.LegAt(ring.leg, WAIT))
    assert operation.value == Transferred(1000, ring.call_key, "SALESLINE")
    assert desk.stands() == "WRAPUP"
    assert desk.recorded(r.CallTransferred) == [r.CallTransferred(1000, "1000", "closer", "SALESLINE")]
    (call,) = (call for call in desk.state.calls.values() if call.state == "waiting")
    assert (call.agent, call.number, call.direction, call.origin) == ("", NUMBER, "inbound", 1000)
    assert call.key.startswith("Y")
    assert len(call.key) == 20
    assert desk.take(Tag) == Tag(ring.leg, Role.CUSTOMER, 0, call.key)
    assert desk.state.waiting[ring.leg].since == desk.now


def test_defaultingroup_is_the_campaigns_and_for_a_caller_his_in_groups(desk: Desk) -> None:
    desk.log_in("1001", "503")
    desk.talk("1001")
    operation = desk.ask(c.TransferToInGroup("1001", "DEFAULTINGROUP"))
    desk.obey()
    assert operation.value.ingroup == "SALESLINE"
    desk.ask(c.Dispose("1001", "A"))
    desk.ask(c.Resume("1001"))
    desk.obey()
    again = desk.ask(c.TransferToInGroup("1001", "DEFAULTINGROUP"))
    desk.obey()
    assert again.value.ingroup == "SUPPORT"


def test_a_third_party_is_let_go_when_the_customer_goes_into_the_line(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.DialThird("1000", "7275550000"))
    third = desk.effects[0].leg
    desk.obey()
    desk.ask(SALES)
    desk.take(Hold)
    desk.arrive(ring.leg, WAIT)
    assert HangUpLeg(third) in desk.effects


def test_a_caller_who_hangs_up_in_the_line_is_gone_with_a_row_of_his_own(waiting: Desk) -> None:
    waiting.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    assert not waiting.state.waiting
    assert not waiting.state.calls
    assert [record.reason for record in waiting.recorded(r.WaitingEnded)] == ["abandoned"]
    ended, disposed = waiting.recorded(r.CallEnded)[-1], waiting.recorded(r.CallDisposed)[-1]
    assert (ended.call_id, ended.agent, ended.cause, ended.hung_up_by) == (1001, "", 16, "customer")
    assert (disposed.status, disposed.by) == ("DROP", "abandoned")
    ready(waiting, "1001", "503")
    assert not waiting.effects


def test_the_lead_of_a_caller_in_line_cannot_be_dialled(desk: Desk) -> None:
    desk.log_in()
    lead = Lead(77, 101, "NEW", "1", NUMBER)
    ring = desk.talk(lead=lead)
    desk.ask(SALES)
    desk.take(Hold)
    desk.arrive(ring.leg, WAIT)
    desk.effects.clear()
    desk.ask(c.Dispose("1000", "A"))
    desk.refused(c.Dial("1000", desk.request(lead=lead)), e.LeadOnAnotherScreen)


# --- to an agent -------------------------------------------------------------------------------------------------


def test_a_caller_is_delivered_to_a_ready_agent(waiting: Desk) -> None:
    waiting.log_in("1001", "503")
    waiting.now += 9
    waiting.ask(c.Resume("1001"))
    assert waiting.stands("1001") == "RINGING"
    assert waiting.snapshot("1001")["calls"] == [], "the call is not his yet"
    assert waiting.take(Join) == Join("agd-t0-2", "8600052")
    waiting.arrive("agd-t0-2", conference("8600052"))
    assert waiting.stands("1001") == "INCALL"
    (call,) = waiting.snapshot("1001")["calls"]
    assert (call["id"], call["state"], call["ingroup"], call["origin"]) == (1001, "connected", "SALESLINE", 1000)
    assert call["answered"] - call["started"] == 9
    assert waiting.snapshot("1001")["lead"]["phone_number"] == NUMBER
    assert waiting.take(Tag) == Tag("agd-t0-2", Role.CUSTOMER, 2, call["key"])
    assert not waiting.state.waiting
    waiting.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    assert waiting.stands("1001") == "WRAPUP"
    waiting.ask(c.Dispose("1001", "SALE"))
    assert waiting.stands("1001") == "READY"


def test_nobody_else_gets_him(waiting: Desk) -> None:
    waiting.ask(c.Resume("1000"))
    assert waiting.stands("1000") == "READY", "he takes no calls of that in-group"
    waiting.log_in("1001", "503")
    waiting.wait(60)
    assert waiting.stands("1001") == "PAUSED LOGIN", "he is not ready"
    assert not waiting.effects


def test_of_two_ready_agents_the_one_who_has_been_ready_longer_gets_him(desk: Desk) -> None:
    desk.log_in()
    ready(desk, "1002", "504")
    desk.now += 1
    ready(desk, "1001", "503")
    caller(desk)
    assert desk.stands("1002") == "RINGING"
    assert desk.stands("1001") == "READY"
    assert delivery(desk).room == "8600052"


def test_the_longest_wait_comes_first(waiting: Desk) -> None:
    waiting.now += 5
    second = caller(waiting, number="7275550000")
    waiting.effects.clear()
    ready(waiting, "1001", "503")
    assert delivery(waiting).leg == "agd-t0-2"
    ready(waiting, "1002", "504")
    assert delivery(waiting).leg == second
    assert {waiting.stands("1001"), waiting.stands("1002")} == {"RINGING"}


def test_agentdirect_waits_for_one_named_agent(desk: Desk) -> None:
    desk.log_in()
    ready(desk, "1002", "504")
    leg = caller(desk, c.TransferToInGroup("1000", "AGENTDIRECT", "1001"))
    desk.effects.clear()
    desk.wait(60)
    assert desk.stands("1002") == "READY"
    ready(desk, "1001", "503")
    assert delivery(desk).leg == leg
    assert desk.stands("1001") == "RINGING"


def test_who_is_wanted_means_nothing_in_another_in_group(desk: Desk) -> None:
    desk.log_in()
    caller(desk, c.TransferToInGroup("1000", "SALESLINE", "1000"))
    desk.effects.clear()
    ready(desk, "1002", "504")
    assert desk.stands("1002") == "RINGING"


# --- while he is being delivered ---------------------------------------------------------------------------------


def ringing(desk: Desk) -> None:
    ready(desk, "1001", "503")
    assert delivery(desk) == Join("agd-t0-2", "8600052")
    assert desk.stands("1001") == "RINGING"


def test_a_caller_who_hangs_up_on_his_way_frees_the_agent(waiting: Desk) -> None:
    ringing(waiting)
    waiting.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    assert waiting.stands("1001") == "READY"
    assert not waiting.state.calls


@pytest.mark.parametrize("command", [c.Pause("1001", "BREAK"), c.LogOut("1001")])
def test_a_pause_or_a_logout_gives_the_caller_back_to_the_head_of_his_line(waiting: Desk, command: c.Command) -> None:
    ringing(waiting)
    waiting.ask(command)
    assert waiting.stands("1001") == ("PAUSED BREAK" if isinstance(command, c.Pause) else "-")
    assert waiting.state.waiting["agd-t0-2"].offered == ""
    assert waiting.state.waiting["agd-t0-2"].since == START
    waiting.effects.clear()
    waiting.arrive("agd-t0-2", conference("8600052"))
    assert waiting.take(Hold) == Hold("agd-t0-2", "sales"), "he came after all, and goes back to the music"
    waiting.arrive("agd-t0-2", WAIT)
    ready(waiting, "1002", "504")
    assert delivery(waiting).leg == "agd-t0-2"


def test_a_lost_phone_gives_the_caller_back(waiting: Desk) -> None:
    ringing(waiting)
    waiting.lose_phone("1001")
    assert waiting.stands("1001") == "PAUSED NOPHON"
    assert waiting.state.waiting["agd-t0-2"].offered == ""


def test_the_room_is_empty_again_before_the_next_one_comes_in(waiting: Desk) -> None:
    ringing(waiting)
    waiting.ask(c.Pause("1001"))
    waiting.now += 1
    caller(waiting, number="7275550000")
    waiting.effects.clear()
    waiting.ask(c.Resume("1001"))
    assert waiting.stands("1001") == "READY"
    assert not waiting.effects, "the one before may come in at any moment"
    waiting.refused(c.Dial("1001", waiting.request()), e.LegBusy)
    waiting.hear(c.MoveRefused("agd-t0-2", "Permission denied"))
    assert waiting.stands("1001") == "RINGING"


@pytest.mark.parametrize("command", [c.Resume("1001"), c.HangUp("1001")])
def test_resume_and_hangup_do_nothing_meanwhile(waiting: Desk, command: c.Command) -> None:
    ringing(waiting)
    records = len(waiting.journal)
    assert waiting.ask(command).done
    assert len(waiting.journal) == records
    assert waiting.stands("1001") == "RINGING"


def test_a_dial_meanwhile_is_remembered_for_after_the_call(waiting: Desk) -> None:
    ringing(waiting)
    waiting.ask(c.Dial("1001", waiting.request("7275550000")))
    assert waiting.snapshot("1001")["dial_queue"] == ["7275550000"]
    waiting.arrive("agd-t0-2", conference("8600052"))
    waiting.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    waiting.effects.clear()
    waiting.ask(c.Dispose("1001", "A"))
    assert waiting.take(Ring).room == "8600052"


def test_a_delivery_that_asterisk_refuses_frees_the_agent_and_is_tried_again_after_a_second(waiting: Desk) -> None:
    ringing(waiting)
    waiting.hear(c.MoveRefused("agd-t0-2", "Permission denied"))
    assert waiting.stands("1001") == "READY"
    assert not waiting.effects
    waiting.wait(1)
    assert waiting.stands("1001") == "RINGING"
    assert delivery(waiting).leg == "agd-t0-2"


def test_music_that_asterisk_refuses_is_tried_again_after_a_second(waiting: Desk) -> None:
    ringing(waiting)
    waiting.ask(c.Pause("1001"))
    waiting.arrive("agd-t0-2", conference("8600052"))
    waiting.take(Hold)
    waiting.hear(c.MoveRefused("agd-t0-2", "Permission denied"))
    assert not waiting.effects
    waiting.wait(1)
    assert waiting.take(Hold).leg == "agd-t0-2"


def test_a_delivery_that_is_not_confirmed_is_read(waiting: Desk) -> None:
    ringing(waiting)
    waiting.wait(5)
    assert waiting.take(ReadLeg).leg == "agd-t0-2"
    assert waiting.stands("1001") == "RINGING"
    waiting.hear(c.LegRead("agd-t0-2", conference("8600052")))
    assert waiting.stands("1001") == "INCALL"


# --- the agent is lost, the link, the daemon ---------------------------------------------------------------------


def test_a_caller_whose_agent_is_lost_returns_to_the_head_of_his_line() -> None:
    desk = Desk(replace(SETTINGS, recall_phone=False))
    desk.log_in()
    leg = caller(desk)
    desk.effects.clear()
    ready(desk, "1001", "503")
    desk.obey()
    assert desk.stands("1001") == "INCALL"
    desk.lose_phone("1001")
    desk.wait(29)
    assert not desk.effects
    desk.now += 1
    second = caller(desk, number="7275550000")
    desk.effects.clear()
    desk.hear(c.Tick())
    assert desk.take(Hold) == Hold(leg, "sales")
    desk.arrive(leg, WAIT)
    assert desk.stands("1001") == "WRAPUP"
    desk.effects.clear()
    ready(desk, "1002", "504")
    assert delivery(desk).leg == leg, f"he has waited longer than {second}"


def test_a_caller_goes_on_waiting_without_a_link_and_over_a_restart(waiting: Desk) -> None:
    phone = waiting.session().leg
    channels = (seen(waiting, phone), seen(waiting, "agd-t0-2", PlaceKind.WAIT))
    waiting.restart()
    waiting.hear(c.LinkUp(channels))
    assert waiting.state.waiting["agd-t0-2"].since == START
    assert not waiting.effects
    ready(waiting, "1001", "503")
    assert delivery(waiting).leg == "agd-t0-2"


def test_nothing_is_delivered_without_a_link_but_as_soon_as_it_is_back(waiting: Desk) -> None:
    waiting.log_in("1001", "503")
    channels = [seen(waiting, leg.id) for leg in waiting.state.legs.values() if leg.id != "agd-t0-2"]
    waiting.hear(c.LinkDown("connection lost"))
    waiting.ask(c.Resume("1001"))
    assert waiting.stands("1001") == "READY"
    waiting.hear(c.LinkUp((*channels, seen(waiting, "agd-t0-2", PlaceKind.WAIT))))
    assert waiting.stands("1001") == "RINGING"


@pytest.mark.parametrize(
    ("place", "stands"),
    [(conference("8600052"), "INCALL"), (WAIT, "RINGING"), (Place(PlaceKind.ELSEWHERE), "READY")],
)
def test_a_delivery_during_which_the_link_broke_is_made_good(waiting: Desk, place: Place, stands: str) -> None:
    ringing(waiting)
    channels = [seen(waiting, leg.id) for leg in waiting.state.legs.values() if leg.id != "agd-t0-2"]
    waiting.hear(c.LinkDown("connection lost"))
    assert waiting.stands("1001") == "RINGING"
    waiting.hear(c.LinkUp((*channels, replace(seen(waiting, "agd-t0-2"), place=place))))
    assert waiting.stands("1001") == stands


def test_a_caller_who_hung_up_without_a_link_is_gone_when_it_is_back(waiting: Desk) -> None:
    phone = waiting.session().leg
    waiting.hear(c.LinkDown("connection lost"))
    waiting.hear(c.LinkUp((seen(waiting, phone),)))
    assert not waiting.state.waiting
    assert not waiting.state.calls
    effects: list[Effect] = waiting.effects
    assert not effects


def test_a_caller_whose_channel_was_replaced_keeps_his_place(waiting: Desk) -> None:
    phone, caller_there = waiting.session().leg, seen(waiting, "agd-t0-2", PlaceKind.WAIT)
    waiting.hear(c.LinkDown("connection lost"))
    waiting.hear(c.LinkUp((seen(waiting, phone), replace(caller_there, leg="1700000000.7"))))
    assert waiting.state.waiting["1700000000.7"].since == START
    assert list(waiting.state.waiting) == ["1700000000.7"]
    ready(waiting, "1001", "503")
    assert delivery(waiting).leg == "1700000000.7"
