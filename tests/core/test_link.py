"""BEHAVIOUR: the PBX link is down, and back; the daemon dies, and starts again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import HangUpChannel, HangUpLeg, ReadLeg, Ring
from agentd.core.model import Place, PlaceKind, Role
from tests.core.desk import CAMPAIGN, SETTINGS, Desk, seen

DOWN = c.LinkDown("connection lost")


# --- down --------------------------------------------------------------------------------------------------------


def test_without_a_link_what_needs_no_asterisk_works(desk: Desk) -> None:
    desk.ready()
    desk.hear(DOWN)
    desk.ask(c.Pause("1000"))
    desk.ask(c.SetPauseCode("1000", "BREAK"))
    assert desk.stands() == "PAUSED BREAK"
    desk.ask(c.Resume("1000"))
    assert desk.stands() == "READY"
    assert desk.ask(c.LogOut("1000")).done
    assert desk.stands() == "-"
    assert not desk.effects


def test_without_a_link_a_call_can_be_disposed_of(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    desk.hear(DOWN)
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED LOGIN"


def test_without_a_link_what_moves_a_leg_fails_at_once_and_calls_stay_as_they_are(desk: Desk) -> None:
    desk.log_in()
    desk.talk()
    desk.hear(DOWN)
    desk.refused(c.HangUp("1000"), e.PbxLinkDown)
    assert desk.stands() == "INCALL"
    desk.ask(c.Dispose("1000", "SALE"))
    assert desk.call().status == "SALE"


def test_what_waits_for_asterisk_fails_when_the_link_is_lost(desk: Desk) -> None:
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    desk.talk("1000")
    hangup = desk.ask(c.HangUp("1000"))
    dial = desk.ask(c.Dial("1001", desk.request()))
    login = desk.ask(c.LogIn("1002", "504"))
    desk.hear(DOWN)
    for operation in (hangup, dial, login):
        assert isinstance(operation.error, e.PbxLinkDown)
    assert desk.stands("1000") == "INCALL"
    assert desk.stands("1002") == "-"
    assert not desk.world.waits


def test_a_logout_under_way_is_done_even_so(desk: Desk) -> None:
    desk.log_in()
    operation = desk.ask(c.LogOut("1000"))
    desk.hear(DOWN)
    assert operation.done
    assert operation.error is None


# --- back --------------------------------------------------------------------------------------------------------


def test_calls_that_are_still_there_go_on(desk: Desk) -> None:
    phone = desk.log_in()
    ring = desk.talk()
    desk.hear(DOWN)
    picture = desk.snapshot()
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, ring.leg))))
    assert desk.snapshot() == picture
    assert not desk.effects
    desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == ring.leg


def test_a_customer_who_is_missing_ended_with_cause_27(desk: Desk) -> None:
    phone = desk.log_in()
    desk.talk()
    desk.hear(DOWN)
    desk.hear(c.LinkUp((seen(desk, phone),)))
    assert desk.stands() == "WRAPUP"
    (call,) = desk.snapshot()["calls"]
    assert (call["cause"], call["hung_up_by"]) == (27, "pbx")


def test_an_agent_without_his_phone_is_paused_and_called_again(desk: Desk) -> None:
    desk.ready()
    desk.hear(DOWN)
    desk.hear(c.LinkUp())
    assert desk.stands() == "PAUSED NOPHON"
    desk.wait(0)
    desk.answer(desk.take(Ring))
    assert desk.stands() == "READY"


def test_a_phone_that_was_lost_before_the_link_is_called_when_it_is_back(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.hear(DOWN)
    desk.wait(60)
    assert not desk.effects
    desk.hear(c.LinkUp())
    desk.wait(0)
    assert desk.take(Ring).resource == "PJSIP/502"


def test_when_asterisk_restarted_nobody_is_stuck_in_a_call_that_is_gone(desk: Desk) -> None:
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    desk.log_in("1002", "504")
    desk.talk("1000")
    desk.dial("1001")
    desk.hear(DOWN)
    desk.hear(c.LinkUp())
    assert [desk.stands(agent) for agent in ("1000", "1001", "1002")] == ["WRAPUP", "WRAPUP", "PAUSED NOPHON"]
    desk.effects.clear()
    desk.wait(0)
    for ring in desk.effects:
        assert isinstance(ring, Ring)
        desk.answer(ring)
    assert desk.stands("1002") == "PAUSED LOGIN"
    for agent in ("1000", "1001"):
        desk.ask(c.Dispose(agent, "A"))
        assert desk.stands(agent) == "PAUSED LOGIN"


def test_what_happened_meanwhile_is_made_good(desk: Desk) -> None:
    phone = desk.log_in()
    ring = desk.dial()
    desk.hear(DOWN)
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, ring.leg))))
    assert desk.stands() == "INCALL"


def test_a_dial_that_may_have_been_lost_with_the_link_is_read_after_its_time(desk: Desk) -> None:
    phone = desk.log_in()
    desk.ask(c.Dial("1000", desk.request()))
    leg = desk.take(Ring).leg
    desk.now += 3
    desk.hear(DOWN)
    desk.hear(c.LinkUp((seen(desk, phone),)))
    assert desk.stands() == "DIALLING"
    desk.wait(2)
    assert desk.take(ReadLeg).leg == leg
    desk.hear(c.LegRead(leg, None))
    assert desk.stands() == "PAUSED LOGIN"
    assert desk.recorded(r.CallRefused)[0].cause == 27


def test_a_dial_whose_confirmation_fell_due_without_a_link_is_read_when_it_is_back(desk: Desk) -> None:
    phone = desk.log_in()
    desk.ask(c.Dial("1000", desk.request()))
    leg = desk.take(Ring).leg
    desk.hear(DOWN)
    desk.wait(60)
    assert not desk.effects
    desk.hear(c.LinkUp((seen(desk, phone),)))
    desk.wait(0)
    assert desk.take(ReadLeg).leg == leg


def test_a_dial_whose_time_ran_out_without_a_link_is_ended_when_it_is_back(desk: Desk) -> None:
    phone = desk.log_in()
    ring = desk.dial()
    desk.hear(DOWN)
    desk.wait(60)
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, ring.leg, PlaceKind.DIALLING))))
    desk.wait(0)
    assert desk.hung_up() == ring.leg
    assert desk.stands() == "WRAPUP"


def test_a_phone_that_left_its_conference_meanwhile_is_lost(desk: Desk) -> None:
    phone = desk.ready()
    desk.hear(DOWN)
    desk.hear(c.LinkUp((seen(desk, phone, PlaceKind.ELSEWHERE),)))
    assert desk.stands() == "PAUSED NOPHON"


def test_a_dial_whose_channel_appeared_meanwhile_goes_on(desk: Desk) -> None:
    phone = desk.log_in()
    desk.ask(c.Dial("1000", desk.request()))
    leg = desk.take(Ring).leg
    desk.hear(DOWN)
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, leg, PlaceKind.DIALLING))))
    assert desk.snapshot()["calls"][0]["legs"][0]["place"] == "dialling"
    desk.wait(34)
    assert not desk.effects
    desk.wait(1)
    assert desk.hung_up() == leg


@pytest.mark.parametrize("place", [PlaceKind.UP, PlaceKind.ELSEWHERE])
@pytest.mark.parametrize("answered", [False, True])
def test_a_customer_who_is_up_but_nowhere_has_his_time_to_come_in(desk: Desk, place: PlaceKind, answered: bool) -> None:
    phone = desk.log_in()
    ring = desk.dial()
    if answered:
        desk.hear(c.LegAnswered(ring.leg))
    desk.hear(DOWN)
    desk.wait(20)
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, ring.leg, place))))
    desk.wait(4)
    assert not desk.effects
    desk.wait(1)
    assert desk.hung_up() == ring.leg


def test_a_phone_that_still_rings_when_the_link_is_back_is_ended_after_the_ring_time(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.wait(0)
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    desk.hear(DOWN)
    desk.wait(60)
    desk.hear(c.LinkUp((seen(desk, ring.leg, PlaceKind.DIALLING),)))
    desk.wait(0)
    assert desk.hung_up() == ring.leg


def test_a_customer_alone_since_before_the_link_was_lost_is_not_forgotten() -> None:
    desk = Desk(replace(SETTINGS, recall_phone=False))
    desk.log_in()
    ring = desk.talk()
    desk.lose_phone()
    desk.hear(DOWN)
    desk.wait(60)
    assert not desk.effects
    desk.hear(c.LinkUp((seen(desk, ring.leg),)))
    desk.wait(30)
    assert desk.hung_up() == ring.leg


def test_legs_of_sessions_that_ended_meanwhile_are_cleaned_up(desk: Desk) -> None:
    phone = desk.log_in()
    ring = desk.talk()
    desk.hear(DOWN)
    desk.ask(c.Dispose("1000", "A"))
    channels = (seen(desk, phone), seen(desk, ring.leg))
    desk.wait(0)
    desk.ask(c.LogOut("1000"))
    assert desk.stands() == "INCALL", "the conversation goes on"
    desk.hear(c.LinkUp(channels))
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert desk.stands() == "-"
    assert desk.hung_up() == phone


def test_a_phone_logged_out_without_a_link_is_hung_up_when_it_is_back(desk: Desk) -> None:
    phone = desk.log_in()
    channel = seen(desk, phone)
    desk.hear(DOWN)
    desk.ask(c.LogOut("1000"))
    desk.hear(c.LinkUp((channel,)))
    assert desk.hung_up() == phone
    assert not desk.state.legs
    desk.log_in()


def test_a_login_that_was_under_way_leaves_nothing_behind(desk: Desk) -> None:
    desk.ask(c.LogIn("1000", "502"))
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    channel = seen(desk, ring.leg, PlaceKind.DIALLING)
    desk.hear(DOWN)
    desk.hear(c.LinkUp((channel,)))
    assert desk.hung_up() == ring.leg
    assert not desk.state.legs


@pytest.mark.parametrize("role", [Role.AGENT, Role.CUSTOMER])
def test_a_channel_with_our_variables_that_belongs_to_nothing_is_hung_up(desk: Desk, role: Role) -> None:
    phone = desk.log_in()
    channels = [seen(desk, phone)]
    desk.hear(DOWN)
    channels.append(c.ChannelSeen("x.1", role, 77, "M2141842580000000044", Place(PlaceKind.CONFERENCE, "8600055")))
    channels.append(c.ChannelSeen("x.2", None, 0, "", Place(PlaceKind.ELSEWHERE)))
    desk.hear(c.LinkUp(tuple(channels)))
    assert desk.take(HangUpChannel).leg == "x.1"


def test_a_channel_that_carries_an_open_call_is_adopted(desk: Desk) -> None:
    phone = desk.log_in()
    ring = desk.talk()
    there = seen(desk, phone)
    desk.hear(DOWN)
    other = c.ChannelSeen("x.0", Role.CUSTOMER, 1, "M2141842580000000044", Place(PlaceKind.CONFERENCE, "8600051"))
    stranger = c.ChannelSeen("x.1", Role.CUSTOMER, 1, ring.call_key, Place(PlaceKind.CONFERENCE, "8600051"))
    desk.hear(c.LinkUp((there, other, stranger)))
    assert desk.stands() == "INCALL"
    assert desk.take(HangUpChannel).leg == "x.0"
    desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == "x.1"
    assert desk.stands() == "WRAPUP"


def test_a_phone_that_carries_the_session_is_adopted(desk: Desk) -> None:
    desk.ready()
    desk.hear(DOWN)
    stranger = c.ChannelSeen("x.1", Role.AGENT, 1, "", Place(PlaceKind.CONFERENCE, "8600051"))
    desk.hear(c.LinkUp((stranger,)))
    assert desk.stands() == "READY"
    assert desk.session().leg == "x.1"
    desk.wait(60)
    assert not desk.effects


def test_a_remembered_dial_is_not_rung_for_an_agent_whose_phone_is_gone_too() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=0))
    desk.log_in()
    desk.talk()
    desk.ask(c.Dial("1000", desk.request("7275550000")))
    desk.hear(DOWN)
    desk.hear(c.LinkUp())
    assert desk.stands() == "PAUSED NOPHON"
    assert not desk.effects


# --- the daemon --------------------------------------------------------------------------------------------------


def test_a_call_survives_a_restart_of_the_daemon(desk: Desk) -> None:
    phone = desk.log_in()
    ring = desk.talk()
    desk.ask(c.Pause("1000", "LUNCH"))
    picture = desk.snapshot()
    desk.restart()
    assert desk.snapshot() == picture
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, ring.leg))))
    assert desk.snapshot() == picture
    operation = desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == ring.leg
    assert operation.done
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED LUNCH"


def test_a_hangup_that_the_daemon_did_not_live_to_see_confirmed(desk: Desk) -> None:
    phone = desk.log_in()
    ring = desk.talk()
    desk.ask(c.HangUp("1000"))
    desk.take(HangUpLeg)
    there = seen(desk, phone)
    desk.restart()
    desk.hear(c.LinkUp((there,)))
    assert desk.stands() == "WRAPUP"
    assert ring.leg not in desk.state.legs


def test_deadlines_survive_a_restart() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=10))
    phone = desk.log_in()
    desk.wrap_up()
    desk.now += 4
    desk.restart()
    desk.hear(c.LinkUp((seen(desk, phone),)))
    desk.wait(5.9)
    assert desk.stands() == "WRAPUP"
    desk.wait(0.1)
    assert desk.stands() == "PAUSED LOGIN"


def test_a_login_does_not_survive_a_restart_its_phone_is_hung_up(desk: Desk) -> None:
    desk.ask(c.LogIn("1000", "502"))
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    channel = seen(desk, ring.leg, PlaceKind.DIALLING)
    desk.restart()
    assert not desk.state.logins
    desk.hear(c.LinkUp((channel,)))
    assert desk.hung_up() == ring.leg
    desk.log_in()


def test_ids_are_new_after_a_restart(desk: Desk) -> None:
    phone = desk.log_in()
    ring = desk.talk()
    desk.restart()
    desk.hear(c.LinkUp((seen(desk, phone),)))
    desk.ask(c.Dispose("1000", "A"))
    again = desk.dial()
    assert again.leg not in {phone, ring.leg}
    assert list(desk.state.calls) == [1001]
