"""Calls in hand where two things happen at once, or something is missing: an answer says what has come of it."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import commands as c
from agentd.core import effects as x
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.model import CallState, Lead, MonitorMode, Place, PlaceKind, RecordingRule, Role
from tests.core.desk import CAMPAIGN, NUMBER, SETTINGS, WAIT, Desk, conference, seen

LEAD = Lead(5, 101, "NEW", "1", NUMBER)


def test_the_same_digit_twice_behind_a_move_is_heard_twice(desk: Desk) -> None:
    desk.log_in()
    customer = desk.talk()
    desk.ask(c.HoldCall("1000"))
    desk.take(x.Hold)
    digits = [desk.ask(c.SendDtmf("1000", "1")), desk.ask(c.SendDtmf("1000", "1"))]
    assert not any(each.done for each in digits)
    desk.arrive(customer.leg, WAIT)
    assert all(each.done and each.error is None for each in digits)
    assert desk.effects == [x.SendDigits(customer.leg, "1")] * 2


def test_leaving_fails_when_the_consulted_agent_goes_meanwhile(desk: Desk) -> None:
    desk.log_in()
    desk.ready("1001", "503")
    customer = desk.talk()
    desk.ask(c.DialThird("1000", ingroup="SALESLINE"))
    desk.obey()
    assert desk.snapshot()["calls"][0]["third_party"]["agent"] == "1001"
    third, room = desk.call().third, desk.session("1001").conference
    leaving = desk.ask(c.LeaveThreeWay("1000"))
    desk.take(x.Join)
    desk.lose_phone("1001")
    desk.hear(c.LegGone(third, 16))
    desk.effects.clear()
    desk.arrive(customer.leg, conference(room))
    assert isinstance(leaving.error, e.NoThirdParty)
    desk.obey()
    assert desk.stands() == "INCALL"
    assert desk.call().state is CallState.CONNECTED
    assert desk.state.legs[customer.leg].place == conference(desk.session().conference)


def test_a_transfer_fails_when_no_id_is_left_for_the_new_call(desk: Desk) -> None:
    desk.log_in()
    customer = desk.talk()
    closer = desk.ask(c.TransferToInGroup("1000", "SALESLINE"))
    for state in (desk.state, desk.shadow):
        state.blocks["call"].clear()
    desk.arrive(customer.leg, WAIT)
    assert isinstance(closer.error, e.IdsUsedUp)
    assert desk.call().state is CallState.HELD


def test_resume_while_a_call_is_being_delivered_is_no_error(desk: Desk) -> None:
    desk.log_in()
    desk.ring_through()
    desk.ask(c.Resume("1000", strict=True))
    assert desk.stands() == "RINGING"


def test_who_dials_the_lead_of_a_waiting_caller_is_told_so(desk: Desk) -> None:
    desk.log_in()
    customer = desk.talk(lead=LEAD)
    desk.ask(c.TransferToInGroup("1000", "SALESLINE"))
    desk.take(x.Hold)
    desk.arrive(customer.leg, WAIT)
    desk.ask(c.Dispose("1000", "A"))
    refused = desk.refused(c.Dial("1000", desk.request(lead=LEAD)), e.LeadOnAnotherScreen)
    assert refused.message == "lead 5 is that of a caller who waits in line"
    assert desk.recorded(r.CallWaiting)[0].lead == LEAD


def test_a_forced_recording_stays_forced_when_an_agent_of_another_campaign_has_the_call() -> None:
    desk = Desk(SETTINGS, replace(CAMPAIGN, recording=RecordingRule.FORCED))
    free = replace(CAMPAIGN, name="FREE", number=9)
    desk.hear(c.ReferenceChanged((r.CampaignSet("FREE", free),)))
    desk.log_in()
    login = desk.ask(c.LogIn("1001", "503", "FREE"))
    desk.answer(desk.take(x.Ring))
    assert login.done
    customer = desk.talk()
    desk.hear(c.RecordingBegun(desk.take(x.StartRecording).recording_id))
    desk.ask(c.Resume("1001"))
    desk.ask(c.TransferToInGroup("1000", "AGENTDIRECT", "1001"))
    desk.obey()
    assert desk.call("1001").leg == customer.leg
    desk.refused(c.StopRecordings("1001"), e.RecordingForced)
    desk.refused(c.MuteRecordings("1001", muted=True), e.RecordingForced)


def test_a_supervisor_who_may_still_be_heard_is_let_go_when_the_link_is_back(desk: Desk) -> None:
    phone = desk.log_in()
    desk.ask(c.Supervise("1000", "503", MonitorMode.WHISPER, "boss"))
    ring = desk.take(x.RingMonitor)
    for news in (c.LegPlaced(ring.leg), c.LegAnswered(ring.leg), c.LegAt(ring.leg, Place(PlaceKind.LISTEN))):
        desk.hear(news)
    quieter = desk.ask(c.Supervise("1000", "503", MonitorMode.LISTEN, "boss"))
    desk.take(x.SetMonitor)
    desk.hear(c.LinkDown("lost"))
    assert isinstance(quieter.error, e.PbxLinkDown)
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, ring.leg, PlaceKind.LISTEN))))
    assert desk.snapshot()["monitors"][0]["mode"] == "whisper"
    assert desk.hung_up() == ring.leg
    assert not desk.snapshot()["monitors"]


def three_way(desk: Desk) -> tuple[str, str, str]:
    """Agent 1000 is about to leave a customer and a third party to each other; gives both legs and their conference."""
    desk.log_in()
    customer = desk.talk().leg
    desk.ask(c.DialThird("1000", "7275551213"))
    third = desk.take(x.Ring)
    desk.answer(third)
    desk.ask(c.LeaveThreeWay("1000"))
    return customer, third.leg, desk.take(x.JoinBoth).room


def test_a_restart_between_the_arrivals_of_two_who_are_left_ends_nobody(desk: Desk) -> None:
    customer, third, room = three_way(desk)
    phone = desk.session().leg
    desk.arrive(customer, conference(room))
    desk.restart()
    roles = ((customer, Role.CUSTOMER), (third, Role.THIRD))
    both = [c.ChannelSeen(leg, role, 1, "", conference(room)) for leg, role in roles]
    desk.hear(c.LinkUp((seen(desk, phone), *both)))
    assert not desk.effects
    assert desk.stands() == "WRAPUP"
    assert [desk.state.legs[leg].peer for leg in (customer, third)] == [third, customer]


def test_of_two_who_are_left_one_who_came_alone_is_brought_back_after_a_restart(desk: Desk) -> None:
    customer, third, room = three_way(desk)
    phone = desk.session().leg
    desk.arrive(customer, conference(room))
    desk.restart()
    alone = c.ChannelSeen(customer, Role.CUSTOMER, 1, "", conference(room))
    desk.hear(c.LinkUp((seen(desk, phone), alone, seen(desk, third))))
    assert desk.take(x.Join) == x.Join(customer, desk.session().conference)
    desk.arrive(customer, conference(desk.session().conference))
    assert desk.stands() == "INCALL"
    assert desk.snapshot()["calls"][0]["third_party"]["state"] == "connected"


def test_news_that_come_twice_end_nobody(desk: Desk) -> None:
    customer, third, room = three_way(desk)
    for leg in (customer, customer, third, third):
        desk.hear(c.LegJoined(leg, room))
    assert not desk.effects
    assert desk.stands() == "WRAPUP"


def test_a_caller_who_is_on_the_move_when_the_grace_is_over_gets_back_to_his_line(desk: Desk) -> None:
    desk.log_in()
    desk.ready("1001", "503")
    customer = desk.talk().leg
    desk.ask(c.TransferToInGroup("1000", "SALESLINE"))
    desk.obey()
    desk.lose_phone("1001")
    desk.wait(SETTINGS.phone_grace - 0.1)
    desk.effects.clear()
    desk.ask(c.HoldCall("1001"))
    desk.take(x.Hold)
    desk.wait(0.2)
    desk.effects.clear()
    desk.arrive(customer, WAIT)
    desk.wait(SETTINGS.confirm_time)
    assert x.Hold(customer, "sales") in desk.effects
    assert not [effect for effect in desk.effects if isinstance(effect, x.HangUpLeg)]
    desk.arrive(customer, WAIT)
    assert desk.stands("1001") == "WRAPUP"
    assert [waiting.ingroup for waiting in desk.state.waiting.values()] == ["SALESLINE"]
