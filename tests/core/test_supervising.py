"""Supervisors: rung, there, doing something else, and gone."""

from __future__ import annotations

from typing import Any

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, ReadLeg, RingMonitor, SetMonitor
from agentd.core.model import MonitorMode, Place, PlaceKind
from tests.core.desk import ROOM, Desk, Operation, conference, seen

LISTEN, WHISPER, BARGE = MonitorMode
HEARS = Place(PlaceKind.LISTEN)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.log_in()
    return desk


def ring(desk: Desk, mode: MonitorMode = LISTEN, phone: str = "503") -> RingMonitor:
    """Have a supervisor's phone rung; it rings."""
    operation = desk.ask(c.Supervise("1000", phone, mode, "boss"))
    asked = desk.take(RingMonitor)
    assert not operation.done
    desk.hear(c.LegPlaced(asked.leg))
    assert operation.done
    assert operation.error is None
    return asked


def come(desk: Desk, mode: MonitorMode = LISTEN, phone: str = "503") -> str:
    """Have a supervisor there; his leg."""
    leg = ring(desk, mode, phone).leg
    desk.hear(c.LegAnswered(leg))
    desk.arrive(leg, conference(ROOM) if mode is BARGE else HEARS)
    return leg


def monitors(desk: Desk) -> list[dict[str, Any]]:
    return desk.snapshot()["monitors"]


def change(desk: Desk, mode: MonitorMode) -> Operation:
    return desk.ask(c.Supervise("1000", "503", mode, "deputy"))


# --- coming ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(MonitorMode))
def test_the_phone_is_rung_and_the_supervisor_is_there_when_it_has_answered(desk: Desk, mode: MonitorMode) -> None:
    asked = ring(desk, mode)
    assert (asked.resource, asked.target, asked.room) == ("PJSIP/503", desk.session().leg, ROOM)
    assert (asked.mode, asked.session_id, asked.caller_id, asked.timeout) == (mode, 1, "1000", 20)
    assert monitors(desk) == [{"phone": "503", "mode": mode.value, "by": "boss", "since": None}]
    assert not desk.recorded(r.MonitorStarted)
    desk.hear(c.LegAnswered(asked.leg))
    desk.arrive(asked.leg, conference(ROOM) if mode is BARGE else HEARS)
    (started,) = desk.recorded(r.MonitorStarted)
    assert (started.phone, started.mode, started.by, started.agent) == ("503", mode, "boss", "1000")
    assert monitors(desk)[0]["since"] == desk.now
    assert not desk.state.deadlines


def test_several_may_listen_to_one_agent(desk: Desk) -> None:
    come(desk, LISTEN, "503")
    come(desk, BARGE, "504")
    assert [(monitor["phone"], monitor["mode"]) for monitor in monitors(desk)] == [("503", "listen"), ("504", "barge")]


def test_supervising_can_be_refused(desk: Desk) -> None:
    desk.log_in("1001", "505")
    desk.refused(c.Supervise("1002", "503", LISTEN, "boss"), e.NotLoggedIn)
    desk.refused(c.Supervise("1000", "777", LISTEN, "boss"), e.PhoneUnknown)
    desk.refused(c.Supervise("1000", "598", LISTEN, "boss"), e.PhoneUnknown)
    desk.refused(c.Supervise("1000", "599", LISTEN, "boss"), e.PhoneHasNoDialString)
    desk.refused(c.Supervise("1000", "502", LISTEN, "boss"), e.PhoneInUse)
    desk.refused(c.Supervise("1000", "505", LISTEN, "boss"), e.PhoneInUse)
    come(desk, LISTEN, "503")
    desk.refused(c.Supervise("1001", "503", LISTEN, "boss"), e.PhoneInUse)
    desk.refused(c.LogIn("1002", "503"), e.PhoneInUse)
    desk.lose_phone()
    desk.effects.clear()
    desk.refused(c.Supervise("1000", "504", LISTEN, "boss"), e.PhoneNotConnected)
    desk.hear(c.LinkDown("lost"))
    desk.refused(c.Supervise("1001", "504", LISTEN, "boss"), e.PbxLinkDown)


def test_a_phone_that_is_not_registered_says_so(desk: Desk) -> None:
    operation = desk.ask(c.Supervise("1000", "503", LISTEN, "boss"))
    leg = desk.take(RingMonitor).leg
    desk.hear(c.LegRefused(leg, "not reachable", reachable=False, cause=20))
    assert isinstance(operation.error, e.PhoneUnregistered)
    assert monitors(desk) == []
    assert not desk.state.legs.keys() - {desk.session().leg}
    assert not desk.state.deadlines


def test_asterisk_may_refuse_to_ring(desk: Desk) -> None:
    operation = desk.ask(c.Supervise("1000", "503", LISTEN, "boss"))
    desk.hear(c.LegRefused(desk.take(RingMonitor).leg, "Permission denied"))
    assert isinstance(operation.error, e.DialRefused)


def test_a_phone_of_which_asterisk_says_nothing_has_failed(desk: Desk) -> None:
    operation = desk.ask(c.Supervise("1000", "503", LISTEN, "boss"))
    leg = desk.take(RingMonitor).leg
    desk.wait(5)
    assert isinstance(operation.error, e.PbxTimeout)
    assert desk.take(ReadLeg).leg == leg
    desk.hear(c.LegRead(leg, None))
    assert monitors(desk) == []


def test_a_phone_that_nobody_picks_up_is_let_go_after_the_ring_time(desk: Desk) -> None:
    leg = ring(desk).leg
    desk.wait(22)
    assert desk.hung_up() == leg
    (ended,) = desk.recorded(r.MonitorEnded)
    assert (ended.phone, ended.agent) == ("503", "1000")
    assert not desk.recorded(r.MonitorStarted)


def test_one_who_comes_to_another_conference_is_let_go(desk: Desk) -> None:
    asked = ring(desk, BARGE)
    desk.hear(c.LegAnswered(asked.leg))
    desk.hear(c.LegJoined(asked.leg, "8600077"))
    assert desk.hung_up() == asked.leg
    assert not desk.recorded(r.MonitorStarted)


def test_a_listener_who_finds_himself_in_the_conference_is_let_go(desk: Desk) -> None:
    """He would be heard, and seen as one who is not."""
    leg = come(desk, LISTEN)
    desk.hear(c.LegJoined(leg, ROOM))
    assert desk.hung_up() == leg


# --- doing something else ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "then"), [(one, two) for one in MonitorMode for two in MonitorMode if one != two])
def test_the_mode_is_changed_when_asterisk_has_confirmed_it(desk: Desk, first: MonitorMode, then: MonitorMode) -> None:
    leg = come(desk, first)
    operation = change(desk, then)
    assert desk.take(SetMonitor) == SetMonitor(leg, desk.session().leg, ROOM, then)
    assert monitors(desk)[0]["mode"] == first.value
    assert not operation.done
    desk.arrive(leg, conference(ROOM) if then is BARGE else HEARS)
    assert operation.done
    assert operation.error is None
    assert monitors(desk)[0]["mode"] == then.value
    assert [(changed.mode, changed.by) for changed in desk.recorded(r.MonitorChanged)] == [(then, "deputy")]
    assert not desk.state.deadlines


def test_the_mode_that_it_is_needs_nothing(desk: Desk) -> None:
    come(desk, WHISPER)
    assert change(desk, WHISPER).done
    assert not desk.effects


def test_a_phone_that_still_rings_cannot_change_its_mode(desk: Desk) -> None:
    ring(desk)
    desk.refused(c.Supervise("1000", "503", BARGE, "boss"), e.NotPossibleNow)


def test_two_changes_are_made_one_after_the_other(desk: Desk) -> None:
    leg = come(desk)
    first, second = change(desk, WHISPER), change(desk, BARGE)
    assert desk.take(SetMonitor).mode is WHISPER
    desk.hear(c.LegAt(leg, HEARS))
    assert first.done
    assert not second.done
    assert desk.take(SetMonitor).mode is BARGE
    desk.arrive(leg, conference(ROOM))
    assert second.done
    assert monitors(desk)[0]["mode"] == "barge"


def test_a_change_that_asterisk_refuses_leaves_the_mode(desk: Desk) -> None:
    leg = come(desk)
    operation = change(desk, BARGE)
    desk.take(SetMonitor)
    desk.hear(c.MoveRefused(leg, "Permission denied"))
    assert isinstance(operation.error, e.PbxRefused)
    assert monitors(desk)[0]["mode"] == "listen"


def test_a_supervisor_who_hangs_up_while_his_mode_is_changed(desk: Desk) -> None:
    leg = come(desk)
    operation = change(desk, BARGE)
    desk.effects.clear()
    desk.hear(c.LegGone(leg, 16, far_end=True))
    assert isinstance(operation.error, e.CallGone)
    assert monitors(desk) == []


def test_without_a_link_the_mode_stays(desk: Desk) -> None:
    come(desk)
    desk.hear(c.LinkDown("lost"))
    desk.refused(c.Supervise("1000", "503", BARGE, "boss"), e.PbxLinkDown)


# --- going -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [False, True])
def test_a_supervisor_is_let_go_when_that_is_asked(desk: Desk, there: bool) -> None:
    leg = come(desk) if there else ring(desk).leg
    operation = desk.ask(c.EndSupervision("1000", "503"))
    assert not operation.done
    assert desk.hung_up() == leg
    assert operation.done
    assert operation.error is None
    assert monitors(desk) == []
    (ended,) = desk.recorded(r.MonitorEnded)
    assert (ended.phone, ended.agent, ended.session_id, ended.cause) == ("503", "1000", 1, 16)
    desk.refused(c.EndSupervision("1000", "503"), e.NotMonitoring)


def test_letting_go_can_be_refused(desk: Desk) -> None:
    desk.log_in("1001", "505")
    come(desk)
    desk.refused(c.EndSupervision("1002", "503"), e.NotLoggedIn)
    desk.refused(c.EndSupervision("1001", "503"), e.NotMonitoring)
    desk.refused(c.EndSupervision("1000", "504"), e.NotMonitoring)
    desk.hear(c.LinkDown("lost"))
    desk.refused(c.EndSupervision("1000", "503"), e.PbxLinkDown)


@pytest.mark.parametrize("mode", list(MonitorMode))
def test_no_supervisor_is_left_alone_with_a_customer(desk: Desk, mode: MonitorMode) -> None:
    leg = come(desk, mode)
    desk.talk()
    desk.lose_phone()
    assert leg in {effect.leg for effect in desk.effects if isinstance(effect, HangUpLeg)}


def test_one_whose_mode_is_being_changed_goes_too(desk: Desk) -> None:
    leg = come(desk)
    change(desk, BARGE)
    desk.take(SetMonitor)
    desk.lose_phone()
    assert leg in {effect.leg for effect in desk.effects if isinstance(effect, HangUpLeg)}
    desk.effects.clear()
    desk.arrive(leg, conference(ROOM))
    desk.hear(c.LegGone(leg, 16))
    assert monitors(desk) == []
    assert not desk.recorded(r.MonitorChanged)


def test_one_whose_phone_still_rings_goes_too(desk: Desk) -> None:
    leg = ring(desk).leg
    desk.lose_phone()
    assert leg in {effect.leg for effect in desk.effects if isinstance(effect, HangUpLeg)}


def test_the_end_of_the_session_lets_supervisors_go(desk: Desk) -> None:
    leg = come(desk)
    desk.ask(c.LogOut("1000"))
    assert leg in {effect.leg for effect in desk.obey() if isinstance(effect, HangUpLeg)}
    assert desk.state.monitors == {}
    assert not desk.state.legs


def test_the_agents_call_does_not_mind_supervisors(desk: Desk) -> None:
    leg = come(desk, BARGE)
    desk.talk()
    desk.hear(c.LegGone(leg, 16, far_end=True))
    assert desk.stands() == "INCALL"
    assert desk.recorded(r.MonitorEnded)


# --- restarts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(MonitorMode))
def test_a_restart_finds_supervisors_where_they_are(desk: Desk, mode: MonitorMode) -> None:
    leg = come(desk, mode)
    desk.restart()
    kind = PlaceKind.CONFERENCE if mode is BARGE else PlaceKind.LISTEN
    desk.hear(c.LinkUp((seen(desk, desk.session().leg), seen(desk, leg, kind))))
    assert [(monitor["phone"], monitor["mode"]) for monitor in monitors(desk)] == [("503", mode.value)]
    assert not desk.effects


def test_a_restart_finds_that_a_supervisor_has_gone(desk: Desk) -> None:
    come(desk)
    desk.restart()
    desk.hear(c.LinkUp((seen(desk, desk.session().leg),)))
    assert monitors(desk) == []
    assert desk.recorded(r.MonitorEnded)


def test_a_change_that_the_link_did_not_live_to_see_is_what_asterisk_shows(desk: Desk) -> None:
    leg = come(desk)
    change(desk, BARGE)
    desk.take(SetMonitor)
    desk.hear(c.LinkDown("lost"))
    desk.hear(c.LinkUp((seen(desk, desk.session().leg), seen(desk, leg))))
    assert monitors(desk)[0]["mode"] == "barge"


def test_the_journal_gives_the_same_again(desk: Desk) -> None:
    leg = come(desk)
    change(desk, WHISPER)
    desk.hear(c.LegAt(leg, HEARS))
    assert desk.replay_from_disk() == desk.state
