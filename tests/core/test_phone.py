"""BEHAVIOUR: the agent's phone drops, and is called again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, ReadLeg, Ring
from agentd.core.model import Phone, Place, PlaceKind
from tests.core.desk import CAMPAIGN, SETTINGS, Desk

NO_RECALL = replace(SETTINGS, recall_phone=False)


@pytest.fixture
def quiet() -> Desk:
    """A desk where lost phones are not called again."""
    return Desk(NO_RECALL)


@pytest.mark.parametrize(("code", "before"), [("", "READY"), ("BREAK", "PAUSED BREAK"), ("MISSN", "PAUSED MISSN")])
def test_a_lost_phone_pauses_at_once_and_its_return_restores_what_was(desk: Desk, code: str, before: str) -> None:
    desk.ready()
    if code:
        desk.ask(c.Pause("1000", code))
    desk.lose_phone()
    assert desk.stands() == "PAUSED NOPHON"
    assert desk.snapshot()["phone"]["attached"] is False
    desk.wait(0)
    desk.answer(desk.take(Ring))
    assert desk.stands() == before
    assert not desk.state.deadlines


def test_the_phone_is_called_again_as_soon_as_its_channel_is_gone(desk: Desk) -> None:
    leg = desk.log_in()
    desk.hear(c.LegLeft(leg, "8600051"))
    desk.wait(1)
    assert not desk.effects, "the phone would be busy"
    desk.hear(c.LegGone(leg, 16, far_end=True))
    desk.wait(0)
    ring = desk.take(Ring)
    assert (ring.resource, ring.room, ring.session_id) == ("PJSIP/502", "8600051", 1)
    assert ring.leg != leg


def test_a_phone_whose_channel_stays_elsewhere_is_hung_up_and_then_called(desk: Desk) -> None:
    leg = desk.log_in()
    desk.hear(c.LegLeft(leg, "8600051"))
    desk.wait(10)
    assert desk.hung_up() == leg
    desk.wait(0)
    assert desk.take(Ring).resource == "PJSIP/502"


def test_a_phone_that_somebody_moved_to_another_conference_is_lost(desk: Desk) -> None:
    leg = desk.ready()
    desk.hear(c.LegJoined(leg, "8600999"))
    assert desk.stands() == "PAUSED NOPHON"
    desk.hear(c.LegLeft(leg, "8600051"))
    desk.hear(c.LegLeft(leg, "8600999"))
    desk.hear(c.LegJoined(leg, "8600051"))
    assert desk.stands() == "READY"


def test_it_is_called_three_times_ten_seconds_apart(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    times = []
    for _ in range(60):
        desk.wait(0)
        for effect in desk.effects:
            assert isinstance(effect, Ring)
            desk.hear(c.LegRefused(effect.leg, "CHANUNAVAIL", reachable=False))
            times.append(desk.now)
        desk.effects.clear()
        desk.now += 1
    assert [moment - times[0] for moment in times] == [0, 10, 20]
    assert desk.stands() == "PAUSED NOPHON"


def test_the_tries_start_anew_when_the_phone_is_lost_again(desk: Desk) -> None:
    desk.log_in()
    for _ in range(5):
        desk.lose_phone()
        desk.wait(0)
        desk.answer(desk.take(Ring))
    assert desk.stands() == "PAUSED LOGIN"


def test_a_phone_that_rings_in_vain_is_ended_after_the_ring_time_and_called_again(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.wait(0)
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    desk.wait(22)
    assert desk.hung_up() == ring.leg
    desk.wait(10)
    assert desk.take(Ring).leg != ring.leg


def test_a_phone_that_was_deleted_is_not_called(desk: Desk) -> None:
    desk.log_in()
    desk.hear(c.ReferenceChanged((r.PhoneSet("502", None),)))
    desk.lose_phone()
    desk.wait(60)
    assert not desk.effects
    assert desk.stands() == "PAUSED NOPHON"


def test_a_phone_that_answers_while_it_is_hung_up_is_not_taken_for_back(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.wait(0)
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    desk.wait(22)
    desk.answer(ring)
    assert desk.stands() == "PAUSED NOPHON"
    assert desk.hung_up() == ring.leg


def test_it_is_not_called_where_that_is_switched_off(quiet: Desk) -> None:
    quiet.log_in()
    quiet.lose_phone()
    quiet.wait(120)
    assert not quiet.effects


def test_without_a_phone_what_needs_it_is_refused(quiet: Desk) -> None:
    quiet.ready()
    quiet.lose_phone()
    quiet.refused(c.Resume("1000"), e.PhoneNotConnected)
    quiet.refused(c.Dial("1000", quiet.request()), e.PhoneNotConnected)
    assert quiet.stands() == "PAUSED NOPHON"


def test_a_pause_while_the_phone_is_away_is_what_its_return_brings(desk: Desk) -> None:
    desk.ready()
    desk.lose_phone()
    desk.ask(c.Pause("1000", "LUNCH"))
    assert desk.stands() == "PAUSED NOPHON"
    desk.ask(c.Pause("1000"))
    desk.wait(0)
    desk.answer(desk.take(Ring))
    assert desk.stands() == "PAUSED LUNCH"


def test_a_pause_code_while_the_phone_is_away_is_what_its_return_brings(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.ask(c.SetPauseCode("1000", "BREAK"))
    desk.wait(0)
    desk.answer(desk.take(Ring))
    assert desk.stands() == "PAUSED BREAK"


def test_logout_without_a_phone(quiet: Desk) -> None:
    quiet.log_in()
    quiet.lose_phone()
    assert quiet.ask(c.LogOut("1000")).done
    assert quiet.stands() == "-"
    assert not quiet.state.deadlines


def test_logout_while_the_phone_is_being_called_again(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.wait(0)
    ring = desk.take(Ring)
    desk.ask(c.LogOut("1000"))
    assert desk.hung_up() == ring.leg
    assert not desk.state.legs


def test_a_phone_that_stays_away_logs_out_after_ten_minutes(quiet: Desk) -> None:
    quiet.log_in()
    quiet.lose_phone()
    quiet.wait(599)
    assert quiet.stands() == "PAUSED NOPHON"
    quiet.wait(1)
    assert quiet.stands() == "-"
    assert quiet.recorded(r.SessionEnded)[0].reason == "nophone"


# --- during a call -----------------------------------------------------------------------------------------------


def test_a_phone_lost_while_dialling_cancels_the_dial(quiet: Desk) -> None:
    quiet.log_in()
    ring = quiet.dial()
    quiet.lose_phone()
    assert quiet.hung_up() == ring.leg
    assert quiet.stands() == "WRAPUP"
    quiet.ask(c.Dispose("1000", "N"))
    assert quiet.stands() == "PAUSED NOPHON"


def test_a_phone_lost_in_a_call_keeps_the_customer_for_the_grace(quiet: Desk) -> None:
    quiet.log_in()
    ring = quiet.talk()
    quiet.lose_phone()
    assert quiet.stands() == "INCALL"
    quiet.wait(29.9)
    assert not quiet.effects
    quiet.wait(0.1)
    assert quiet.hung_up() == ring.leg
    assert quiet.stands() == "WRAPUP"
    assert quiet.call().hung_up_by == "system"
    quiet.ask(c.Dispose("1000", "A"))
    assert quiet.stands() == "PAUSED NOPHON"


def test_a_phone_that_is_back_in_time_goes_on_with_the_call(desk: Desk) -> None:
    desk.log_in()
    desk.talk()
    desk.lose_phone()
    desk.wait(0)
    ring = desk.take(Ring)
    desk.hear(c.LegPlaced(ring.leg))
    desk.wait(15)
    desk.answer(ring)
    desk.wait(600)
    assert desk.stands() == "INCALL"
    assert not desk.effects
    assert not desk.state.deadlines


def test_a_grace_whose_hangup_asterisk_refuses_is_tried_again(quiet: Desk) -> None:
    quiet.log_in()
    ring = quiet.talk()
    quiet.lose_phone()
    quiet.wait(30)
    quiet.take(HangUpLeg)
    quiet.hear(c.MoveRefused(ring.leg, "Permission denied"))
    quiet.wait(5)
    quiet.take(ReadLeg)
    quiet.hear(c.LegRead(ring.leg, quiet.state.legs[ring.leg].place))
    quiet.wait(30)
    assert quiet.hung_up() == ring.leg
    assert quiet.stands() == "WRAPUP"


def test_wrap_up_goes_on_without_a_phone_and_its_return_changes_nothing(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    desk.lose_phone()
    assert desk.stands() == "WRAPUP"
    desk.wait(0)
    desk.answer(desk.take(Ring))
    assert desk.stands() == "WRAPUP"
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED LOGIN"


def test_after_a_wrap_up_without_a_phone_the_return_brings_what_was_to_come(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.Resume("1000"))
    desk.hear(c.LegGone(ring.leg, 16))
    desk.lose_phone()
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED NOPHON"
    desk.wait(0)
    desk.answer(desk.take(Ring))
    assert desk.stands() == "READY"


# --- call_agent --------------------------------------------------------------------------------------------------


def test_calling_an_agent_whose_phone_is_there_is_a_success_at_once(desk: Desk) -> None:
    desk.log_in()
    assert desk.ask(c.CallPhone("1000")).done
    assert not desk.effects


def test_calling_an_agent_is_done_when_asterisk_shows_the_channel(quiet: Desk) -> None:
    quiet.log_in()
    quiet.lose_phone()
    first = quiet.ask(c.CallPhone("1000"))
    second = quiet.ask(c.CallPhone("1000"))
    ring = quiet.take(Ring)
    assert not first.done
    assert not second.done
    quiet.hear(c.LegPlaced(ring.leg))
    assert first.done
    assert second.done
    assert quiet.ask(c.CallPhone("1000")).done, "it rings already"
    assert not quiet.effects
    quiet.answer(ring)
    assert quiet.stands() == "PAUSED LOGIN"


def test_calling_an_agent_whose_phone_is_not_registered_says_so(quiet: Desk) -> None:
    quiet.log_in()
    quiet.lose_phone()
    operation = quiet.ask(c.CallPhone("1000"))
    quiet.hear(c.LegRefused(quiet.take(Ring).leg, "CHANUNAVAIL", reachable=False))
    assert isinstance(operation.error, e.PhoneUnregistered)
    assert quiet.stands() == "PAUSED NOPHON"


def test_calling_an_agent_fails_when_asterisk_shows_no_channel_in_time(quiet: Desk) -> None:
    quiet.log_in()
    quiet.lose_phone()
    operation = quiet.ask(c.CallPhone("1000"))
    leg = quiet.take(Ring).leg
    quiet.wait(5)
    assert isinstance(operation.error, e.PbxTimeout)
    assert quiet.take(ReadLeg).leg == leg
    quiet.hear(c.LegRead(leg, None))
    assert not quiet.state.legs


def test_calling_an_agent_can_be_refused(quiet: Desk) -> None:
    quiet.refused(c.CallPhone("1000"), e.NotLoggedIn)
    quiet.log_in()
    quiet.lose_phone()
    quiet.hear(c.ReferenceChanged((r.PhoneSet("502", Phone("502", "")),)))
    quiet.refused(c.CallPhone("1000"), e.PhoneHasNoDialString)
    quiet.hear(c.ReferenceChanged((r.PhoneSet("502", None),)))
    quiet.refused(c.CallPhone("1000"), e.PhoneUnknown)
    quiet.hear(c.ReferenceChanged((r.PhoneSet("502", Phone("502", "PJSIP/502")),)))
    quiet.hear(c.LinkDown("connection lost"))
    quiet.refused(c.CallPhone("1000"), e.PbxLinkDown)


def test_calling_an_agent_whose_phone_went_astray_hangs_that_up(quiet: Desk) -> None:
    leg = quiet.log_in()
    quiet.hear(c.LegLeft(leg, "8600051"))
    quiet.ask(c.CallPhone("1000"))
    hangup, ring = quiet.effects
    assert isinstance(hangup, HangUpLeg)
    assert isinstance(ring, Ring)
    assert hangup.leg == leg


def test_a_phone_too_many_is_hung_up(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.wait(0)
    slow = desk.take(Ring)
    desk.hear(c.LegPlaced(slow.leg))
    desk.wait(22)
    desk.take(HangUpLeg)
    desk.hear(c.MoveRefused(slow.leg, "Permission denied"))
    desk.ask(c.CallPhone("1000"))
    desk.hear(c.LegJoined(slow.leg, "8600051"))
    assert desk.session().leg == slow.leg
    assert desk.stands() == "PAUSED LOGIN"


def test_a_phone_that_answers_twice_keeps_the_first(quiet: Desk) -> None:
    quiet.log_in()
    quiet.lose_phone()
    quiet.ask(c.CallPhone("1000"))
    slow = quiet.take(Ring)
    quiet.hear(c.LegPlaced(slow.leg))
    quiet.wait(22)
    quiet.take(HangUpLeg)
    quiet.ask(c.CallPhone("1000"))
    quick = quiet.take(Ring)
    quiet.answer(quick)
    quiet.hear(c.MoveRefused(slow.leg, "Permission denied"))
    quiet.answer(slow)
    assert quiet.session().leg == quick.leg
    assert quiet.hung_up() == slow.leg
    assert quiet.stands() == "PAUSED LOGIN"


def test_a_customer_who_answers_an_agent_without_a_phone_waits_only_for_the_grace(quiet: Desk) -> None:
    quiet.log_in()
    ring = quiet.dial()
    quiet.lose_phone()
    quiet.take(HangUpLeg)
    quiet.answer(ring)
    quiet.hear(c.MoveRefused(ring.leg, "Permission denied"))
    assert quiet.stands() == "INCALL"
    quiet.wait(5)
    quiet.take(ReadLeg)
    quiet.hear(c.LegRead(ring.leg, Place(PlaceKind.CONFERENCE, "8600051")))
    quiet.wait(24)
    assert not quiet.effects
    quiet.wait(1)
    assert quiet.hung_up() == ring.leg


def test_campaigns_without_wrap_up_leave_no_dial_behind_a_lost_phone() -> None:
    desk = Desk(NO_RECALL, replace(CAMPAIGN, wrapup=0))
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.Dial("1000", desk.request("7275550000")))
    desk.lose_phone()
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert desk.stands() == "PAUSED NOPHON"
    assert desk.recorded(r.DialUnqueued) == [r.DialUnqueued("1000", "phone_not_connected")]
    assert not desk.effects
