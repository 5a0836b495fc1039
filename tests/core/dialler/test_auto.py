"""Calls that a campaign makes by itself: for whom, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import effects as x
from agentd.core import records as r
from agentd.core.model import CallState, Role
from tests.core.desk import SETTINGS, WAIT
from tests.core.dialler.conftest import Opened
from tests.core.dialler.floor import FIRST


def test_the_next_lead_is_dialled_as_soon_as_an_agent_is_ready(floor: Opened) -> None:
    desk = floor()
    assert not desk.dials()
    desk.blend("1000")
    (dial,) = desk.dials()
    (call,) = desk.state.calls.values()
    assert dial == x.RingToWait(
        leg=call.leg,
        resource="PJSIP/17275552000@carrier",
        role=Role.CUSTOMER,
        session_id=0,
        call_key=call.key,
        caller_id="7275551211",
        timeout=30,
        music="park",
    )
    assert call.key[0] == "V"
    assert call.key.endswith(f"{FIRST:09d}")
    assert (call.direction, call.agent, call.campaign) == ("auto", "", "TESTCAMP")
    assert desk.stands() == "READY"


def test_who_answers_is_with_the_agent_at_once(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.answer_to_wait(dial)
    (join,) = desk.effects
    assert isinstance(join, x.Join)
    assert (join.leg, join.room) == (dial.leg, desk.session().conference)
    desk.obey()
    assert desk.stands() == "INCALL"
    assert desk.call().key == dial.call_key
    desk.hear(c.LegGone(dial.leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "A"))
    (call,) = desk.recorded(r.CallDisposed)
    assert (call.lead_id, call.status, call.by) == (FIRST, "A", "agent")
    assert desk.state.dial_counts["TESTCAMP"].dropped == 0
    (second,) = desk.dials()  # he is ready again
    assert second.resource == "PJSIP/17275552001@carrier"


@pytest.mark.parametrize("agents", [1, 2, 3])
def test_level_one_makes_one_call_for_each_free_agent(floor: Opened, agents: int) -> None:
    desk = floor()
    desk.blend(*("1000", "1001", "1002")[:agents])
    assert len(desk.dials()) == agents
    desk.wait(20)
    assert not desk.dials()


def test_a_higher_level_makes_more(floor: Opened) -> None:
    desk = floor(auto_dial_level=2.5)
    desk.blend("1000")
    assert len(desk.dials()) == 2
    desk.blend("1001")
    assert len(desk.dials()) == 3


def test_agents_who_are_not_blended_or_of_another_campaign_get_none(floor: Opened) -> None:
    desk = floor()
    desk.ready("1000", "502")
    desk.hear(c.ReferenceChanged((r.CampaignSet("OTHER", replace(desk.campaign, name="OTHER", auto_dial_level=0)),)))
    desk.change_user("1001", blended=True)
    operation = desk.ask(c.LogIn("1001", "503", campaign="OTHER"))
    desk.obey()
    assert operation.done
    desk.ask(c.Resume("1001"))
    assert not desk.dials()


@pytest.mark.parametrize(
    "change",
    [
        {"auto_dial_level": 0.0},
        {"dial_method": "manual"},
        {"dial_method": "inbound_manual"},
        {"trunk": ""},
    ],
)
def test_a_campaign_that_does_not_dial(floor: Opened, change: dict[str, object]) -> None:
    desk = floor(**change)
    desk.fill()
    assert desk.held() == []
    desk.blend("1000")
    assert not desk.dials()


# --- agents who are no longer free ---------------------------------------------------------------------------


def test_a_pause_cancels_the_call_that_was_made_for_the_agent_and_there_is_no_other(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000", "1001")
    first, second = desk.dials()
    desk.ring_up(first)
    desk.ask(c.Pause("1000"))
    assert desk.cancelled() == [second.leg]  # which does not ring yet
    desk.ask(c.Pause("1001"))
    assert desk.cancelled() == [first.leg]
    desk.wait(60)
    assert not desk.dials()
    assert not desk.state.calls


def test_blended_no_takes_the_agent_out_before_the_next_call(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ask(c.ChangeInGroups("1000", c.Choice.CHANGE, (), blended=False))
    assert desk.cancelled() == [dial.leg]
    assert desk.stands() == "READY"
    assert not desk.dials()
    desk.ask(c.ChangeInGroups("1000", c.Choice.CHANGE, (), blended=True))
    assert len(desk.dials()) == 1


def test_a_caller_for_the_agent_cancels_the_call_that_was_made_for_him(floor: Opened) -> None:
    desk = floor()
    desk.change_user("1001", blended=True)
    desk.ready("1001", "503")
    (dial,) = desk.dials()
    desk.call_in()
    assert desk.stands("1001") == "RINGING"
    assert desk.cancelled() == [dial.leg]


def test_what_is_cancelled_keeps_its_status_so_that_it_is_dialled_another_time(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ring_up(dial)
    desk.ask(c.Pause("1000"))
    assert desk.cancelled() == [dial.leg]
    (ended,), (disposed,) = desk.recorded(r.CallEnded), desk.recorded(r.CallDisposed)
    assert (ended.hung_up_by, ended.suggested_status) == ("system", "CANCEL")
    assert (disposed.lead_id, disposed.lead_keeps, disposed.by) == (FIRST, True, "cancelled")


def test_above_level_one_calls_ring_on_for_agents_who_talk_but_not_for_those_who_have_gone(floor: Opened) -> None:
    desk = floor(auto_dial_level=2.0)
    desk.blend("1000", "1001")
    dials = desk.dials()
    assert len(dials) == 4
    desk.answer_to_wait(dials[0])
    desk.obey()
    assert not desk.dials()
    assert not desk.cancelled()
    desk.ask(c.Pause("1001" if desk.stands("1001") == "READY" else "1000"))
    assert len(desk.cancelled()) == 1  # two at most for the one who is left


# --- what becomes of them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "status"), [(17, "B"), (19, "N"), (1, "DC"), (28, "DC"), (21, "REJ"), (34, "CONG"), (42, "CONG")]
)
def test_a_call_that_nobody_answers_is_complete_with_the_status_of_its_cause(
    floor: Opened, cause: int, status: str
) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ring_up(dial)
    desk.hear(c.LegGone(dial.leg, cause, far_end=True))
    (disposed,) = desk.recorded(r.CallDisposed)
    assert (disposed.lead_id, disposed.status, disposed.agent, disposed.by) == (FIRST, status, "", "dialler")
    assert desk.stands() == "READY"
    (second,) = desk.dials()
    assert second.resource == "PJSIP/17275552001@carrier"


def test_a_lead_who_does_not_answer_in_time_is_given_up(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ring_up(dial)
    desk.wait(34.9)
    assert not desk.effects
    desk.wait(0.2)
    assert desk.cancelled() == [dial.leg]
    (disposed,) = desk.recorded(r.CallDisposed)
    assert (disposed.status, disposed.by) == ("N", "dialler")


def test_when_asterisk_makes_no_channel_the_campaign_rests(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.hear(c.LegRefused(dial.leg, "no such endpoint"))
    (refused,) = desk.recorded(r.CallRefused)
    assert (refused.agent, refused.reason) == ("", "no such endpoint")
    assert not desk.recorded(r.CallDisposed)
    desk.wait(4.9)
    assert not desk.dials()
    desk.wait(0.2)
    (second,) = desk.dials()
    assert second.resource == "PJSIP/17275552001@carrier"


def test_a_lead_who_finds_no_agent_is_dropped_within_two_seconds(floor: Opened) -> None:
    desk = floor(auto_dial_level=2.0, drop_seconds=30.0)
    desk.blend("1000")
    first, second = desk.dials()
    desk.answer_to_wait(first)
    desk.obey()
    assert desk.stands() == "INCALL"
    desk.answer_to_wait(second)
    assert not desk.effects
    desk.wait(1.9)
    assert not desk.effects
    desk.wait(0.1)
    assert desk.cancelled() == [second.leg]
    (disposed,) = desk.recorded(r.CallDisposed)
    assert (disposed.lead_id, disposed.status) == (FIRST + 1, "DROP")
    counts = desk.state.dial_counts["TESTCAMP"]
    assert (counts.dialled, counts.answered, counts.dropped) == (2, 2, 1)
    assert desk.call().state is CallState.CONNECTED


def test_after_too_many_drops_the_level_is_one(floor: Opened) -> None:
    desk = floor(auto_dial_level=3.0)
    desk.blend("1000")
    first, second, third = desk.dials()
    for dial in (first, second):
        desk.answer_to_wait(dial)
    desk.hear(c.LegGone(third.leg, 17))
    desk.obey()
    desk.wait(3)
    assert desk.cancelled() == [second.leg]  # one of two answered is dropped
    desk.dials()
    desk.hear(c.LegGone(first.leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "A"))
    assert len(desk.dials()) == 1


def test_the_drops_of_another_day_do_not_count(floor: Opened) -> None:
    desk = floor(auto_dial_level=2.0)
    desk.blend("1000")
    first, second = desk.dials()
    for dial in (first, second):
        desk.answer_to_wait(dial)
    desk.obey()
    desk.wait(3)
    assert desk.cancelled() == [second.leg]
    desk.hear(c.LegGone(first.leg, 16, far_end=True))
    desk.wait(86_400)
    desk.ask(c.Dispose("1000", "A"))
    assert len(desk.dials()) == 2


def test_a_lead_who_answered_and_went_astray_is_let_go(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.hear(c.LegPlaced(dial.leg))
    desk.hear(c.LegAnswered(dial.leg))
    desk.hear(c.LegJoined(dial.leg, "8600077"))
    assert desk.cancelled() == [dial.leg]
    assert not desk.recorded(r.LeadAnswered)


def test_who_answers_while_his_call_is_being_cancelled_was_dropped(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ring_up(dial)
    desk.ask(c.Pause("1000"))
    desk.hear(c.LegAnswered(dial.leg))
    desk.hear(c.LegAt(dial.leg, WAIT))
    assert desk.cancelled() == [dial.leg]
    counts = desk.state.dial_counts["TESTCAMP"]
    assert (counts.answered, counts.dropped) == (1, 1)


# --- limits --------------------------------------------------------------------------------------------------


def test_the_limits_of_the_pbx_hold_for_campaigns_too(floor: Opened) -> None:
    desk = floor(auto_dial_level=20.0, settings=replace(SETTINGS, max_calls=7, calls_per_second=5))
    desk.blend("1000")
    assert len(desk.dials()) == 5
    desk.wait(0.9)
    assert not desk.dials()
    desk.wait(0.2)
    assert len(desk.dials()) == 2
    desk.wait(5)
    assert not desk.dials()


def test_without_ids_no_call_is_made(floor: Opened) -> None:
    desk = floor()
    desk.state.blocks["call"].clear()
    desk.shadow.blocks["call"].clear()
    desk.blend("1000")
    assert not desk.dials()
    desk.hear(c.GrantIds("call", 5000, 5001))
    assert len(desk.dials()) == 1
