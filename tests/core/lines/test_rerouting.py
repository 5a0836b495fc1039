"""BEHAVIOUR, In-groups: callers who are sent on to another line, were sent by an agent, or dialled by a campaign.

And what becomes of treatments that Asterisk refuses, or during which the link or the daemon is lost.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, Hold, Join, PlayMessage, RingToWait
from agentd.core.lines.figures import line_figures
from agentd.core.model import Lead, Place, PlaceKind
from tests.core.desk import CAMPAIGN, OUTSIDE, SETTINGS, START, WAIT, Desk, seen
from tests.core.lines.hall import CLOSED, HANGUP, MESSAGE, comes, set_up, statuses, to_ingroup


@pytest.fixture
def paused(desk: Desk) -> Desk:
    """Agent 1001, who takes SALESLINE, is paused."""
    desk.log_in("1001", "503")
    return desk


# --- transferred -------------------------------------------------------------------------------------------------


def test_a_caller_whom_an_agent_sends_is_let_in_at_any_time(desk: Desk) -> None:
    set_up(desk, "SUPPORT", hours=CLOSED, timezone="UTC", no_agent=HANGUP, max_waiting=1, drop_after=60, drop=HANGUP)
    desk.log_in()
    leg = desk.talk().leg
    desk.wait(100)
    desk.ask(c.TransferToInGroup("1000", "SUPPORT"))
    desk.take(Hold)
    desk.arrive(leg, WAIT)
    desk.effects.clear()
    desk.wait(59)
    assert not desk.effects
    desk.wait(1)
    desk.take(HangUpLeg)


def test_one_who_lost_his_agent_is_not_dropped_for_the_time_that_they_talked() -> None:
    desk = Desk(replace(SETTINGS, recall_phone=False))
    set_up(desk, drop_after=60, drop=HANGUP)
    desk.ready("1001", "503")
    comes(desk)
    desk.obey()
    assert desk.stands("1001") == "INCALL"
    desk.wait(500)
    desk.lose_phone("1001")
    desk.wait(30)
    desk.take(Hold)
    desk.arrive("pbx-1", WAIT)
    desk.effects.clear()
    assert desk.state.waiting["pbx-1"].since == START, "his place is that of one who has waited since he came"
    desk.wait(59)
    assert not desk.effects
    desk.wait(1)
    desk.take(HangUpLeg)


def test_a_question_to_another_agent_is_never_treated(desk: Desk) -> None:
    set_up(
        desk, hours=CLOSED, timezone="UTC", no_agent=HANGUP, drop_after=1, drop=HANGUP, welcome="x", announce_every=1
    )
    desk.log_in()
    desk.talk()
    desk.ask(c.DialThird("1000", ingroup="SALESLINE"))
    desk.obey()
    (waiting,) = desk.state.waiting.values()
    assert waiting.entered
    desk.wait(3600)
    assert not desk.effects
    assert waiting.leg in desk.state.waiting


# --- refused, and away -------------------------------------------------------------------------------------------


def test_what_asterisk_refuses_is_tried_again_after_a_second(desk: Desk) -> None:
    set_up(desk, no_agent=MESSAGE)
    comes(desk)
    desk.take(PlayMessage)
    desk.hear(c.MoveRefused("pbx-1", "Permission denied"))
    assert "pbx-1" in desk.state.waiting
    desk.wait(0.9)
    assert not desk.effects
    desk.wait(0.1)
    assert desk.take(PlayMessage).leg == "pbx-1"


def test_an_agent_who_logs_in_meanwhile_gets_him(desk: Desk) -> None:
    set_up(desk, no_agent=MESSAGE)
    comes(desk)
    desk.take(PlayMessage)
    desk.hear(c.MoveRefused("pbx-1", "Permission denied"))
    desk.ready("1001", "503")
    assert desk.take(Join).leg == "pbx-1"
    assert not desk.recorded(r.CallTreated)


def test_nobody_is_dropped_without_a_link_but_soon_after(paused: Desk) -> None:
    set_up(paused, drop_after=60, drop=HANGUP)
    comes(paused)
    channels = tuple(seen(paused, leg.id, leg.place.kind) for leg in paused.state.legs.values())
    paused.hear(c.LinkDown("connection lost"))
    paused.wait(100)
    assert not paused.effects
    assert not paused.recorded(r.CallTreated)
    paused.hear(c.LinkUp(channels))
    paused.wait(5)
    assert paused.take(HangUpLeg).leg == "pbx-1"


@pytest.mark.parametrize("there", [True, False])
def test_a_treatment_during_which_the_daemon_dies_is_made_good(desk: Desk, there: bool) -> None:
    set_up(desk, no_agent=MESSAGE)
    leg = comes(desk)
    desk.take(PlayMessage)
    channel = replace(seen(desk, leg, PlaceKind.WAIT), place=OUTSIDE if there else WAIT)
    desk.restart()
    desk.hear(c.LinkUp((channel,)))
    if there:
        assert statuses(desk) == ["NANQUE"]
        desk.wait(3600)
        assert not desk.effects
    else:
        assert not statuses(desk)
        desk.wait(1)
        desk.take(PlayMessage)
    assert desk.replay_from_disk() == desk.state


# --- to another line ---------------------------------------------------------------------------------------------


def test_he_waits_anew_in_another_line_with_its_music(desk: Desk) -> None:
    set_up(desk, drop_after=60, drop=to_ingroup("SUPPORT"))
    set_up(desk, "SUPPORT", music="help", drop_after=30, drop=MESSAGE)
    comes(desk, priority=7)
    desk.wait(60)
    assert desk.take(Hold) == Hold("pbx-1", "help")
    waiting = desk.state.waiting["pbx-1"]
    assert (waiting.ingroup, waiting.since, waiting.priority) == ("SUPPORT", START + 60, 7)
    assert desk.state.calls[waiting.call_id].ingroup == "SUPPORT"
    desk.hear(c.LegAt("pbx-1", WAIT))
    sales, support = (line_figures(desk.state, name, desk.now) for name in ("SALESLINE", "SUPPORT"))
    assert (sales.offered, sales.dropped, sales.waiting) == (1, 1, 0)
    assert (support.offered, support.dropped, support.waiting) == (1, 0, 1)
    desk.wait(30)
    desk.take(PlayMessage)
    desk.hear(c.LegAt("pbx-1", OUTSIDE))
    assert [(record.ingroup, record.how) for record in desk.recorded(r.CallTreated)] == [
        ("SALESLINE", "ingroup"),
        ("SUPPORT", "message"),
    ]
    assert statuses(desk) == ["DROP"], "it was one call all the time"
    assert desk.replay_from_disk() == desk.state


def test_an_agent_of_the_other_line_gets_him(desk: Desk) -> None:
    set_up(desk, no_agent=to_ingroup("SUPPORT"))
    set_up(desk, "SUPPORT", music="sales")
    desk.hear(c.ReferenceChanged((r.UserSet("1002", replace(desk.state.users["1002"], ingroups=("SUPPORT",))),)))
    desk.ready("1002", "504")
    comes(desk)
    assert desk.take(Join).leg == "pbx-1"
    desk.arrive("pbx-1", Place(PlaceKind.CONFERENCE, "8600051"))
    assert desk.snapshot("1002")["calls"][0]["ingroup"] == "SUPPORT"


def test_the_other_line_may_have_no_use_for_him_either(desk: Desk) -> None:
    set_up(desk, no_agent=to_ingroup("SUPPORT"))
    set_up(desk, "SUPPORT", hours=CLOSED, timezone="UTC", after_hours=MESSAGE)
    comes(desk)
    desk.take(PlayMessage)
    desk.hear(c.LegAt("pbx-1", OUTSIDE))
    assert statuses(desk) == ["AFTHRS"]


def test_lines_that_send_him_round_in_a_circle_let_him_go_in_the_end(desk: Desk) -> None:
    set_up(desk, no_agent=to_ingroup("SUPPORT"))
    set_up(desk, "SUPPORT", no_agent=to_ingroup("SALESLINE"))
    comes(desk)
    assert desk.take(HangUpLeg).leg == "pbx-1"
    ways = [(record.how, record.to) for record in desk.recorded(r.CallTreated)]
    there, back = ("ingroup", "SUPPORT"), ("ingroup", "SALESLINE")
    assert ways == [there, back, there, back, there, ("hangup", "SALESLINE")]
    assert statuses(desk) == ["NANQUE"]


def test_one_whom_an_agent_sent_is_let_in_but_not_sent_on_like_that(desk: Desk) -> None:
    set_up(desk, "SUPPORT", drop_after=10, drop=to_ingroup("SALESLINE"))
    set_up(desk, no_agent=MESSAGE)
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.TransferToInGroup("1000", "SUPPORT"))
    desk.take(Hold)
    desk.arrive(leg, WAIT)
    desk.effects.clear()
    desk.wait(10)
    desk.take(PlayMessage)


# --- whom a campaign dialled -------------------------------------------------------------------------------------


def auto_dialled(desk: Desk) -> str:
    """The campaign's lead is rung for its only agent, 1001; gives the lead's leg."""
    user = replace(desk.state.users["1001"], blended=True)
    desk.hear(c.ReferenceChanged((r.UserSet("1001", user),)))
    desk.ready("1001", "503")
    desk.hear(c.HopperFilled("TESTCAMP", (Lead(77, 101, "NEW", "1", "7275550077"),)))
    leg = desk.take(RingToWait).leg
    for news in (c.LegPlaced(leg), c.LegRinging(leg)):
        desk.hear(news)
    desk.effects.clear()
    return leg


@pytest.mark.parametrize(("seconds", "expected"), [(1.5, 1.5), (10.0, 2.0)])
def test_whom_a_campaign_dialled_waits_two_seconds_at_most(seconds: float, expected: float) -> None:
    campaign = replace(CAMPAIGN, auto_dial_level=1.0, call_hours="", drop_seconds=seconds, drop=MESSAGE)
    desk = Desk(campaign=campaign)
    leg = auto_dialled(desk)
    desk.now += 5
    desk.hear(c.LegAnswered(leg))
    desk.hear(c.LegAt(leg, WAIT))
    assert desk.take(Join).leg == leg
    desk.ask(c.Pause("1001"))
    desk.hear(c.MoveRefused(leg, "Permission denied"))
    desk.wait(expected - 0.1)
    assert not desk.effects
    desk.wait(0.1)
    assert desk.take(PlayMessage).leg == leg
    desk.hear(c.LegAt(leg, OUTSIDE))
    assert statuses(desk) == ["DROP"]
    assert [record.campaign for record in desk.recorded(r.CallTreated)] == ["TESTCAMP"]
    assert desk.state.dial_counts["TESTCAMP"].dropped == 1
