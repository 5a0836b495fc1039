"""BEHAVIOUR: pause and resume."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.model import After, AfterKind
from tests.core.desk import CAMPAIGN, Desk


def dispose_of(desk: Desk, leg: str) -> None:
    desk.hear(c.LegGone(leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "A"))


@pytest.mark.parametrize(
    "command", [c.Pause("1000"), c.Resume("1000"), c.SetPauseCode("1000", "BREAK"), c.HangUp("1000")]
)
def test_whoever_is_not_logged_in_is_told_so(desk: Desk, command: c.Command) -> None:
    desk.refused(command, e.NotLoggedIn)


def test_pause_and_resume(desk: Desk) -> None:
    desk.log_in()
    desk.ask(c.Resume("1000"))
    assert desk.stands() == "READY"
    desk.now += 60
    desk.ask(c.Pause("1000"))
    assert desk.stands() == "PAUSED PAUSE"
    assert desk.session().since == desk.now


def test_pause_while_paused_keeps_code_and_interval(desk: Desk) -> None:
    desk.log_in()
    since, intervals = desk.session().since, len(desk.recorded(r.StateEntered))
    desk.now += 60
    desk.ask(c.Pause("1000"))
    assert desk.stands() == "PAUSED LOGIN"
    assert desk.session().since == since
    assert len(desk.recorded(r.StateEntered)) == intervals


def test_pause_with_a_code(desk: Desk) -> None:
    desk.ready()
    desk.ask(c.Pause("1000", "BREAK"))
    assert desk.stands() == "PAUSED BREAK"
    desk.ask(c.Pause("1000", "LUNCH"))
    assert desk.stands() == "PAUSED LUNCH"
    assert [record.productive for record in desk.recorded(r.StateEntered)[-2:]] == [False, True]
    desk.refused(c.Pause("1000", "NAP"), e.PauseCodeUnknown)


def test_a_mission_is_a_productive_pause_that_a_pause_ends(desk: Desk) -> None:
    desk.ready()
    desk.ask(c.Pause("1000", "MISSN"))
    assert desk.stands() == "PAUSED MISSN"
    assert desk.recorded(r.StateEntered)[-1].productive
    intervals = len(desk.recorded(r.StateEntered))
    desk.ask(c.Pause("1000", "MISSN"))
    assert len(desk.recorded(r.StateEntered)) == intervals, "the second time nothing happens"
    desk.ask(c.Pause("1000"))
    assert desk.stands() == "PAUSED PAUSE"


def test_a_ready_agent_who_resumes_is_told_so_only_where_he_asked_for_it(desk: Desk) -> None:
    desk.ready()
    records = len(desk.journal)
    assert desk.ask(c.Resume("1000")).done
    assert len(desk.journal) == records
    desk.refused(c.Resume("1000", strict=True), e.AlreadyReady)


@pytest.mark.parametrize("state", ["DIALLING", "INCALL", "WRAPUP"])
def test_a_pause_during_a_call_comes_after_it(state: str) -> None:
    desk = Desk(campaign=replace(CAMPAIGN, after_manual="ready"))
    desk.ready()
    ring = desk.dial() if state == "DIALLING" else desk.talk()
    if state == "WRAPUP":
        desk.hear(c.LegGone(ring.leg, 16))
    assert desk.session().after == After(AfterKind.READY)
    desk.ask(c.Pause("1000"))
    assert desk.stands() == state
    assert desk.session().after == After(AfterKind.PAUSED, "PAUSE")
    records = len(desk.journal)
    desk.ask(c.Pause("1000"))
    assert len(desk.journal) == records, "flagged already: nothing"
    if state != "WRAPUP":
        desk.hear(c.LegGone(ring.leg, 17))
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED PAUSE"


def test_a_pause_during_a_call_keeps_the_code_that_comes_anyway(desk: Desk) -> None:
    desk.log_in()
    desk.ask(c.SetPauseCode("1000", "BREAK"))
    ring = desk.talk()
    desk.ask(c.Pause("1000"))
    dispose_of(desk, ring.leg)
    assert desk.stands() == "PAUSED BREAK"


def test_a_mission_asked_for_in_a_call_comes_after_it_unless_a_pause_takes_it_back(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.Pause("1000", "MISSN"))
    dispose_of(desk, ring.leg)
    assert desk.stands() == "PAUSED MISSN"
    ring = desk.talk()
    desk.ask(c.Pause("1000"))
    dispose_of(desk, ring.leg)
    assert desk.stands() == "PAUSED PAUSE"


def test_resume_in_a_call_takes_the_pause_back(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.Pause("1000", "BREAK"))
    desk.ask(c.Resume("1000", strict=True))
    assert desk.stands() == "INCALL"
    dispose_of(desk, ring.leg)
    assert desk.stands() == "READY"


def test_resume_in_wrap_up_completes_the_call_with_the_default_status(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    desk.ask(c.Resume("1000"))
    assert desk.stands() == "READY"
    assert desk.recorded(r.CallDisposed) == [r.CallDisposed(1000, "1000", 402028, "DISPO", "resume")]


def test_resume_in_wrap_up_is_refused_where_a_disposition_is_required() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, disposition_required=True))
    desk.log_in()
    desk.wrap_up()
    desk.refused(c.Resume("1000"), e.DispositionRequired)
    assert desk.stands() == "WRAPUP"
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED LOGIN"


def test_resume_in_wrap_up_does_not_undo_a_logout(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.LogOut("1000"))
    desk.hear(c.LegGone(ring.leg, 16))
    desk.ask(c.Resume("1000"))
    assert desk.stands() == "-"


def test_a_pause_code_begins_a_new_interval(desk: Desk) -> None:
    desk.log_in()
    desk.now += 60
    desk.ask(c.SetPauseCode("1000", "BREAK"))
    assert desk.stands() == "PAUSED BREAK"
    assert desk.session().since == desk.now
    desk.refused(c.SetPauseCode("1000", "NAP"), e.PauseCodeUnknown)


def test_a_pause_code_in_wrap_up_is_for_the_coming_interval(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    desk.ask(c.SetPauseCode("1000", "BREAK"))
    assert desk.stands() == "WRAPUP"
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED BREAK"


def test_a_pause_code_needs_a_pause(desk: Desk) -> None:
    desk.ready()
    desk.refused(c.SetPauseCode("1000", "BREAK"), e.NotPaused)
    desk.ask(c.Pause("1000"))
    desk.dial()
    desk.refused(c.SetPauseCode("1000", "BREAK"), e.NotPaused)
    desk.hear(c.LegJoined("agd-t0-2", "8600051"))
    desk.refused(c.SetPauseCode("1000", "BREAK"), e.NotPaused)


def test_intervals_count_from_one_without_a_gap(desk: Desk) -> None:
    desk.ready()
    desk.ask(c.Pause("1000", "BREAK"))
    desk.wrap_up()
    desk.ask(c.Dispose("1000", "A"))
    entered = desk.recorded(r.StateEntered)
    assert [record.interval for record in entered] == list(range(1, len(entered) + 1))
    assert [f"{record.state} {record.code}".strip() for record in entered] == [
        "PAUSED LOGIN",
        "READY",
        "PAUSED BREAK",
        "DIALLING",
        "INCALL",
        "WRAPUP",
        "PAUSED BREAK",
    ]


def test_a_session_goes_on_when_its_campaign_is_deleted(desk: Desk) -> None:
    desk.ready()
    desk.hear(c.ReferenceChanged((r.CampaignSet("TESTCAMP", None),)))
    desk.refused(c.Pause("1000", "BREAK"), e.PauseCodeUnknown)
    desk.refused(c.Dial("1000", desk.request()), e.NumberNotAllowed)
    desk.ask(c.Pause("1000"))
    desk.ask(c.LogOut("1000"))
    assert desk.stands() == "-"
