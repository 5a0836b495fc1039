"""BEHAVIOUR, In-groups: what becomes of callers for whom there is no agent."""

from __future__ import annotations

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import Effect, HangUpLeg, Join, PlayMessage, SendOut, Voicemail
from agentd.core.errors import NoFreeConference
from agentd.core.lines import treatments
from agentd.core.lines.figures import line_figures
from agentd.core.model import WAIT_ON, Treatment, TreatmentKind
from tests.core.desk import OUTSIDE, START, WAIT, Desk
from tests.core.lines.hall import (
    CLOSED,
    EXTENSION,
    HANGUP,
    MESSAGE,
    VOICEMAIL,
    asked,
    comes,
    gone,
    set_up,
    statuses,
)


def dropped(desk: Desk, ingroup: str = "SALESLINE") -> int:
    return line_figures(desk.state, ingroup, desk.now).dropped


@pytest.fixture
def paused(desk: Desk) -> Desk:
    """Agent 1001, who takes SALESLINE, is paused."""
    desk.log_in("1001", "503")
    return desk


# --- what is done ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("treatment", "effect"),
    [
        (MESSAGE, PlayMessage("pbx-1", "agentd/sorry")),
        (VOICEMAIL, Voicemail("pbx-1", "100@default")),
        (EXTENSION, SendOut("pbx-1", "Local/8500@agentd-outside/n", "8500", "7275551212", 30, "8600900")),
    ],
)
def test_who_comes_after_hours_is_out_once_asterisk_says_so(desk: Desk, treatment: Treatment, effect: Effect) -> None:
    set_up(desk, hours=CLOSED, timezone="UTC", after_hours=treatment)
    leg = comes(desk)
    assert asked(desk) == [effect]
    assert leg in desk.state.waiting, "until Asterisk has him there he keeps his place"
    desk.now += 1
    desk.hear(c.LegAt(leg, OUTSIDE))
    assert not desk.state.waiting
    assert not desk.state.calls
    assert desk.recorded(r.CallTreated) == [
        r.CallTreated(1000, leg, "SALESLINE", "", "after_hours", treatment.kind.value, treatment.to)
    ]
    ended = desk.recorded(r.CallEnded)[0]
    assert (ended.call_id, ended.hung_up_by) == (1000, "system")
    assert statuses(desk) == ["AFTHRS"]
    assert dropped(desk) == 1
    gone(desk)
    assert not desk.state.legs
    desk.wait(3600)
    assert not desk.effects
    assert statuses(desk) == ["AFTHRS"]


def test_a_hangup_is_no_abandoned_call(desk: Desk) -> None:
    set_up(desk, hours=CLOSED, timezone="UTC", after_hours=HANGUP)
    leg = comes(desk)
    assert asked(desk) == [HangUpLeg(leg)]
    desk.hear(c.LegGone(leg, 16))
    assert statuses(desk) == ["AFTHRS"]
    assert [record.reason for record in desk.recorded(r.WaitingEnded)] == ["treated"]
    figures = line_figures(desk.state, "SALESLINE", desk.now)
    assert (figures.offered, figures.answered, figures.abandoned, figures.dropped) == (1, 0, 0, 1)
    assert not desk.state.legs


def test_a_hangup_that_asterisk_refuses_is_asked_again(desk: Desk) -> None:
    set_up(desk, no_agent=HANGUP)
    leg = comes(desk)
    desk.take(HangUpLeg)
    desk.hear(c.MoveRefused(leg, "Permission denied"))
    desk.wait(5)
    desk.effects.clear()
    desk.hear(c.LegRead(leg, WAIT))
    desk.take(HangUpLeg)


@pytest.mark.parametrize(
    "treatment",
    [
        Treatment(TreatmentKind.MESSAGE, "../secret"),
        Treatment(TreatmentKind.MESSAGE, ""),
        Treatment(TreatmentKind.VOICEMAIL, "100,u"),
        Treatment(TreatmentKind.EXTENSION, "8500@inside"),
        Treatment(TreatmentKind.EXTENSION, ""),
        Treatment(TreatmentKind.INGROUP, "NOWHERE"),
        Treatment(TreatmentKind.INGROUP, "CLOSED"),
        Treatment(TreatmentKind.INGROUP, "AGENTDIRECT"),
    ],
)
def test_what_cannot_be_done_is_a_hangup_and_the_record_says_what_was_wanted(desk: Desk, treatment: Treatment) -> None:
    set_up(desk, no_agent=treatment)
    desk.take(HangUpLeg) if comes(desk) else None
    (record,) = desk.recorded(r.CallTreated)
    assert (record.reason, record.how, record.to) == ("no_agent", "hangup", treatment.to)
    assert statuses(desk) == ["NANQUE"]


def test_an_anonymous_caller_shows_no_number(desk: Desk) -> None:
    set_up(desk, no_agent=EXTENSION)
    comes(desk, number="anonymous")
    assert desk.take(SendOut).caller_id == ""


def test_a_caller_who_hangs_up_before_asterisk_has_played_anything_has_abandoned(desk: Desk) -> None:
    set_up(desk, no_agent=MESSAGE)
    comes(desk)
    desk.take(PlayMessage)
    gone(desk)
    assert statuses(desk) == ["DROP"]
    assert (dropped(desk), line_figures(desk.state, "SALESLINE", desk.now).abandoned) == (0, 1)


def test_with_all_rooms_taken_he_waits_on_and_it_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(desk, no_agent=EXTENSION)
    with monkeypatch.context() as patch:

        def none_free(_state: object) -> str:
            raise NoFreeConference("all taken")

        patch.setattr(treatments, "free_left_room", none_free)
        comes(desk)
        desk.wait(3)
        assert not desk.effects
    desk.wait(1)
    assert desk.take(SendOut).room == "8600900"


# --- why ---------------------------------------------------------------------------------------------------------


def test_nobody_logged_in_is_not_the_same_as_nobody_ready(paused: Desk) -> None:
    set_up(paused, no_agent=HANGUP)
    set_up(paused, "SUPPORT", no_agent=HANGUP)
    comes(paused)
    assert not paused.effects, "agent 1001 takes the in-group, if he is paused"
    comes(paused, "SUPPORT", "pbx-2")
    assert paused.take(HangUpLeg).leg == "pbx-2"
    assert statuses(paused) == ["NANQUE"]


def test_who_wants_one_agent_does_not_wait_for_him_when_he_is_not_there(paused: Desk) -> None:
    set_up(paused, "AGENTDIRECT", no_agent=HANGUP)
    comes(paused, "AGENTDIRECT", "pbx-1", wanted="1001")
    assert not paused.effects
    comes(paused, "AGENTDIRECT", "pbx-2", wanted="1002")
    assert paused.take(HangUpLeg).leg == "pbx-2"


def test_a_full_line_takes_nobody_more(paused: Desk) -> None:
    set_up(paused, max_waiting=2, full=HANGUP)
    for number in (1, 2):
        comes(paused, leg=f"pbx-{number}")
    assert not paused.effects
    comes(paused, leg="pbx-3")
    assert paused.take(HangUpLeg).leg == "pbx-3"
    assert statuses(paused) == ["QFULL"]
    paused.hear(c.LegGone("pbx-3", 16))
    gone(paused, "pbx-1")
    comes(paused, leg="pbx-4")
    assert not paused.effects, "there is a place again"


def test_those_who_are_on_their_way_to_the_music_do_not_keep_each_other_out(paused: Desk) -> None:
    set_up(paused, max_waiting=2, full=HANGUP)
    for number in (1, 2, 3):
        paused.ask(c.CallArrived(f"pbx-{number}", "SALESLINE"))
    paused.effects.clear()
    for number in (1, 2, 3):
        paused.hear(c.LegAt(f"pbx-{number}", WAIT))
    assert paused.take(HangUpLeg).leg == "pbx-3"


def test_the_line_of_another_in_group_does_not_count(paused: Desk) -> None:
    set_up(paused, max_waiting=1, full=HANGUP)
    comes(paused, "SUPPORT", "pbx-1")
    comes(paused, "SALESLINE", "pbx-2")
    assert not paused.effects


def test_when_several_reasons_hold_the_first_that_has_a_treatment_counts(desk: Desk) -> None:
    set_up(desk, hours=CLOSED, timezone="UTC", after_hours=WAIT_ON, no_agent=MESSAGE, max_waiting=1, full=HANGUP)
    comes(desk)
    desk.take(PlayMessage)
    assert [move.reason for move in desk.recorded(r.CallTreated)] == []
    desk.hear(c.LegAt("pbx-1", OUTSIDE))
    assert statuses(desk) == ["NANQUE"]


def test_hours_that_cannot_be_read_keep_nobody_out(paused: Desk) -> None:
    set_up(paused, hours=CLOSED, timezone="Mars/Olympus")
    comes(paused)
    assert not paused.effects


def test_within_the_hours_he_waits(paused: Desk) -> None:
    set_up(paused, hours="tue 22:00-23:00", timezone="UTC")
    comes(paused)
    paused.wait(7200)
    assert not paused.effects, "who is in when it closes is served"


# --- too long ----------------------------------------------------------------------------------------------------


def test_who_waits_for_too_long_is_dropped(paused: Desk) -> None:
    set_up(paused, drop_after=60, drop=MESSAGE)
    paused.hear(c.CallArrived("pbx-1", "SALESLINE"))
    paused.wait(2)  # a slow dialplan is part of his wait
    paused.effects.clear()
    paused.hear(c.LegAt("pbx-1", WAIT))
    paused.wait(57.9)
    assert not paused.effects
    paused.wait(0.1)
    assert paused.take(PlayMessage).leg == "pbx-1"
    paused.hear(c.LegAt("pbx-1", OUTSIDE))
    assert statuses(paused) == ["DROP"]
    assert paused.now == START + 60


@pytest.mark.parametrize("changes", [{"drop_after": 0}, {"drop_after": 60, "drop": WAIT_ON}])
def test_without_a_drop_he_waits_for_ever(paused: Desk, changes: dict[str, object]) -> None:
    set_up(paused, **changes)
    comes(paused)
    paused.wait(86_400)
    assert not paused.effects
    assert list(paused.state.waiting) == ["pbx-1"]


def test_nobody_is_taken_from_the_agent_to_whom_he_is_being_brought(paused: Desk) -> None:
    set_up(paused, drop_after=60, drop=HANGUP)
    comes(paused)
    paused.wait(59.5)
    paused.ask(c.Resume("1001"))
    paused.take(Join)
    paused.wait(2)
    assert not paused.effects
    paused.ask(c.Pause("1001"))
    paused.hear(c.MoveRefused("pbx-1", "Permission denied"))
    paused.wait(1)
    assert paused.take(HangUpLeg).leg == "pbx-1"
    assert statuses(paused) == ["DROP"]


def test_an_agent_who_is_ready_at_that_moment_gets_him(paused: Desk) -> None:
    """A caller who came while the daemon was away has waited for too long already."""
    set_up(paused, drop_after=60, drop=HANGUP)
    paused.ask(c.Resume("1001"))
    paused.ask(c.CallArrived("pbx-1", "SALESLINE", since=START - 90, place=WAIT))
    assert [type(effect) for effect in asked(paused)][-1] is Join
    paused.wait(0)
    paused.hear(c.LegJoined("pbx-1", "8600051"))
    assert paused.stands("1001") == "INCALL"


def test_without_one_he_is_dropped_at_once(paused: Desk) -> None:
    set_up(paused, drop_after=60, drop=HANGUP)
    paused.ask(c.CallArrived("pbx-1", "SALESLINE", since=START - 90, place=WAIT))
    paused.effects.clear()
    paused.wait(0)
    paused.take(HangUpLeg)


def test_a_longer_limit_that_is_set_meanwhile_holds(paused: Desk) -> None:
    set_up(paused, drop_after=60, drop=HANGUP, welcome="agentd/hello")
    comes(paused)
    paused.wait(1)
    paused.hear(c.LegAt("pbx-1", WAIT))
    paused.effects.clear()
    set_up(paused, drop_after=120)
    paused.wait(118)
    assert not paused.effects
    paused.wait(1)
    paused.take(HangUpLeg)
