"""Leads, promises and dials where things happen at once, or are written in another way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core.calls.rates import Rates
from agentd.core.effects import Ring
from agentd.core.model import Campaign, Lead, Status
from agentd.core.records import CallStarted, CampaignSet, DialUnqueued
from tests.core.desk import CAMPAIGN, NUMBER, SETTINGS, Desk
from tests.core.test_dial_rates import dial_and_give_up

# --- rates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [("+1" + NUMBER, "44"), ("1" + NUMBER, "1"), (NUMBER[1:], "17")])
def test_a_number_is_the_same_however_its_code_is_told(number: str, code: str) -> None:
    desk = Desk(replace(SETTINGS, dials_per_number=1))
    desk.log_in()
    dial_and_give_up(desk)
    desk.refused(c.Dial("1000", replace(desk.request(number), phone_code=code)), e.NumberCalledOften)
    dial_and_give_up(desk, number="7275550000")


def test_what_is_dialled_all_day_is_not_remembered_all_day() -> None:
    rates = Rates()
    desk = Desk()
    desk.log_in()
    for number in ("504", NUMBER):
        dial_and_give_up(desk, number=number)
    starts = desk.recorded(CallStarted)
    for second in range(0, 20_000, 10):
        for start in starts:
            rates.noticed(start, second)
    kept = [times for table in (rates._by_agent, rates._of_number) for times in table.values()]
    assert sum(map(len, kept)) <= 12 + 360


# --- numbers that must not be called any more ------------------------------------------------------------------


@pytest.fixture(name="queueing")
def desk_with_a_queue() -> Desk:
    """An agent in a call, for whom three dials wait; the campaign calls nobody who does not want it."""
    never = {"NEVER": Status("NEVER", 90, dnc=True)}
    desk = Desk(campaign=replace(CAMPAIGN, manual_queue=True, refuse_dnc=True, statuses=never))
    desk.hear(c.ReferenceChanged((CampaignSet("OTHER", Campaign("OTHER", 90)),)))
    desk.log_in()
    desk.talk()
    for number, code in (("7275550001", "1"), ("75550002", "172"), ("7275550003", "1")):
        desk.ask(c.Dial("1000", replace(desk.request(number), phone_code=code)))
    return desk


@pytest.mark.parametrize(
    ("number", "campaign", "left"),
    [
        ("7275550001", "", ["75550002", "7275550003"]),
        ("+17275550003", "TESTCAMP", ["7275550001", "75550002"]),
        ("7275550002", "", ["7275550001", "7275550003"]),
        ("7275550001", "OTHER", ["7275550001", "75550002", "7275550003"]),
        ("7275550009", "", ["7275550001", "75550002", "7275550003"]),
    ],
)
def test_what_waits_to_be_dialled_is_given_up_when_the_number_is_listed(
    queueing: Desk, number: str, campaign: str, left: list[str]
) -> None:
    queueing.ask(c.ChangeDnc(number, campaign, True, "admin"))
    assert queueing.snapshot()["dial_queue"] == left
    assert all(one.reason == "dnc" for one in queueing.recorded(DialUnqueued))
    assert queueing.replay_from_disk() == queueing.state


def test_who_asks_not_to_be_called_is_not_called_again_from_the_queue(queueing: Desk) -> None:
    queueing.ask(c.Dial("1000", queueing.request()))
    queueing.hear(c.LegGone(queueing.call().leg, 16, far_end=True))
    queueing.ask(c.Dispose("1000", "NEVER"))
    assert queueing.take(Ring).resource == "PJSIP/17275550001@carrier"
    assert queueing.snapshot()["dial_queue"] == ["75550002", "7275550003"]


def test_where_such_numbers_are_called_nothing_is_given_up(queueing: Desk) -> None:
    queueing.change_campaign(refuse_dnc=False)
    queueing.ask(c.ChangeDnc("7275550001", "", True, "admin"))
    queueing.ask(c.ChangeDnc("7275550003", "", False, "admin"))
    assert queueing.recorded(DialUnqueued) == []


# --- what is remembered, and changed meanwhile -----------------------------------------------------------------


def test_a_queue_does_not_grow_for_ever(queueing: Desk) -> None:
    for number in range(97):
        queueing.ask(c.Dial("1000", queueing.request(f"72755600{number:02}")))
    queueing.refused(c.Dial("1000", queueing.request("7275570000")), e.NotPossibleNow)
    assert len(queueing.snapshot()["dial_queue"]) == 100


@pytest.mark.parametrize(("said", "dialled"), [("1", "44"), ("49", "49")])
def test_a_previewed_lead_is_dialled_with_his_new_phone_code_unless_another_was_said(said: str, dialled: str) -> None:
    desk = Desk()
    desk.log_in()
    shown = desk.request(lead=Lead(77, 101, "NEW", "1", NUMBER))
    desk.ask(c.Dial("1000", replace(shown, phone_code=said, preview=True)))
    desk.ask(c.UpdateLead({"phone_code": "44"}, "crm", agent="1000"))
    desk.ask(c.ActOnPreview("1000", c.PreviewAction.DIAL_ONLY))
    assert desk.take(Ring).resource == f"PJSIP/{dialled}{NUMBER}@carrier"
