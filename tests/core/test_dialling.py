"""BEHAVIOUR: dialling, and what comes of a dial."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.calls.dialling import Dialled
from agentd.core.effects import HangUpChannel, ReadLeg, Ring
from agentd.core.model import Lead, Role
from tests.core.desk import CAMPAIGN, NUMBER, START, Desk

OTHER = "7275550000"


def statuses(desk: Desk) -> list[tuple[int, str, str]]:
    return [(record.call_id, record.status, record.by) for record in desk.recorded(r.CallDisposed)]


# --- a dial that succeeds ----------------------------------------------------------------------------------------


def test_a_dial_has_succeeded_when_asterisk_shows_the_channel(desk: Desk) -> None:
    desk.log_in()
    operation = desk.ask(c.Dial("1000", desk.request()))
    ring = desk.take(Ring)
    assert (ring.resource, ring.room, ring.role) == ("PJSIP/17275551212@carrier", "8600051", Role.CUSTOMER)
    assert (ring.caller_id, ring.timeout, ring.session_id) == ("7275551211", 30, 1)
    assert desk.stands() == "DIALLING"
    assert not operation.done
    desk.hear(c.LegPlaced(ring.leg))
    assert operation.value == Dialled(NUMBER, "1", 1000, ring.call_key, 402028)


def test_the_customer_is_connected_when_he_is_in_the_agents_conference(desk: Desk) -> None:
    desk.log_in()
    ring = desk.dial()
    desk.hear(c.LegRinging(ring.leg))
    assert desk.snapshot()["calls"][0]["state"] == "ringing"
    desk.hear(c.LegAnswered(ring.leg))
    assert desk.stands() == "DIALLING"
    assert desk.snapshot()["calls"][0]["legs"][0]["place"] == "up"
    desk.now += 4
    desk.hear(c.LegJoined(ring.leg, "8600051"))
    assert desk.stands() == "INCALL"
    assert desk.snapshot()["calls"][0]["answered"] == START + 4
    assert desk.snapshot()["lead"]["phone_number"] == NUMBER
    assert not desk.state.deadlines


def test_news_may_come_in_another_order(desk: Desk) -> None:
    desk.log_in()
    operation = desk.ask(c.Dial("1000", desk.request()))
    leg = desk.take(Ring).leg
    desk.hear(c.LegJoined(leg, "8600051"))
    assert operation.done
    assert desk.stands() == "INCALL"
    records = len(desk.journal)
    for late in (c.LegPlaced(leg), c.LegRinging(leg), c.LegAnswered(leg), c.LegJoined(leg, "8600051")):
        desk.hear(late)
    assert len(desk.journal) == records
    assert desk.stands() == "INCALL"


def test_after_a_manual_dial_comes_the_pause_that_was_there(desk: Desk) -> None:
    desk.log_in()
    desk.ask(c.SetPauseCode("1000", "LUNCH"))
    desk.wrap_up()
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED LUNCH"


def test_a_ready_agent_is_paused_first_in_the_same_step(desk: Desk) -> None:
    desk.ready()
    desk.wrap_up()
    entered = [f"{record.state} {record.code}".strip() for record in desk.recorded(r.StateEntered)]
    assert entered[-4:] == ["PAUSED MANUAL", "DIALLING", "INCALL", "WRAPUP"]
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED MANUAL"


def test_the_campaign_may_make_the_agent_ready_afterwards() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, after_manual="ready"))
    desk.log_in()
    desk.wrap_up()
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "READY"


def test_keys_differ_even_within_a_second(desk: Desk) -> None:
    lead = Lead(44, 101, "NEW", "1", NUMBER)
    desk.log_in()
    keys = []
    for _ in range(3):
        ring = desk.talk(lead=lead)
        keys.append(ring.call_key)
        desk.hear(c.LegGone(ring.leg, 16))
        desk.ask(c.Dispose("1000", "A"))
    assert len(set(keys)) == 3
    assert all(len(key) == 20 and key.startswith("M") and key.endswith("0000000044") for key in keys)


# --- a dial that fails -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ready", [False, True])
def test_a_refused_dial_is_as_if_it_had_never_been_but_for_its_cause(desk: Desk, ready: bool) -> None:
    if ready:
        desk.ready()
    else:
        desk.log_in()
        desk.ask(c.SetPauseCode("1000", "BREAK"))
    before = desk.stands()
    operation = desk.ask(c.Dial("1000", desk.request()))
    leg = desk.take(Ring).leg
    desk.hear(c.LegRefused(leg, "no such trunk", cause=34))
    assert isinstance(operation.error, e.DialRefused)
    assert operation.error.message == "no such trunk"
    assert desk.stands() == before
    assert desk.recorded(r.CallRefused) == [r.CallRefused(1000, "1000", 34, "no such trunk")]
    assert not desk.recorded(r.CallDisposed)
    assert not desk.state.deadlines


def test_a_dial_that_ends_before_its_channel_was_seen_has_been_accepted(desk: Desk) -> None:
    desk.log_in()
    operation = desk.ask(c.Dial("1000", desk.request()))
    desk.hear(c.LegGone("agd-t0-2", 17))
    assert operation.value.call_id == 1000
    assert desk.stands() == "WRAPUP"


def test_a_refusal_of_what_was_seen_or_is_not_known_is_no_news(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    records = len(desk.journal)
    desk.hear(c.LegRefused(ring.leg, "late"))
    desk.hear(c.LegRefused("agd-t0-99", "unknown"))
    assert len(desk.journal) == records
    assert desk.stands() == "INCALL"


def test_what_was_said_during_a_refused_dial_counts(desk: Desk) -> None:
    desk.log_in()
    desk.ask(c.Dial("1000", desk.request()))
    desk.ask(c.Pause("1000", "LUNCH"))
    desk.hear(c.LegRefused("agd-t0-2", "no such trunk"))
    assert desk.stands() == "PAUSED LUNCH"
    desk.ask(c.Dial("1000", desk.request()))
    desk.ask(c.LogOut("1000"))
    desk.hear(c.LegRefused("agd-t0-3", "no such trunk"))
    assert desk.stands() == "-"


def test_a_channel_that_does_not_appear_in_time_is_read_again(desk: Desk) -> None:
    desk.log_in()
    operation = desk.ask(c.Dial("1000", desk.request()))
    ring = desk.take(Ring)
    desk.wait(5)
    assert isinstance(operation.error, e.PbxTimeout)
    assert desk.take(ReadLeg).leg == ring.leg
    assert desk.stands() == "DIALLING", "what Asterisk has not said is not assumed"
    desk.hear(c.LegRead(ring.leg, None))
    assert desk.stands() == "PAUSED LOGIN"
    for late in (c.LegPlaced(ring.leg), c.LegJoined(ring.leg, ring.room)):
        desk.hear(late)
        assert desk.take(HangUpChannel).leg == ring.leg, "a channel that comes after all is ended: nobody owns it"
    assert desk.stands() == "PAUSED LOGIN"


def test_a_channel_of_somebody_else_is_left_alone(desk: Desk) -> None:
    desk.log_in()
    for leg in ("1700000000.17", "agd-other-1", "agd-t0-99", "agd-t0-"):
        desk.hear(c.LegPlaced(leg))
        desk.hear(c.LegJoined(leg, "8600051"))
    assert not desk.effects


@pytest.mark.parametrize(
    ("cause", "status", "by"),
    [
        (17, "B", "customer"),
        (18, "N", "timeout"),
        (19, "N", "timeout"),
        (20, "N", "pbx"),
        (1, "DC", "pbx"),
        (28, "DC", "pbx"),
        (21, "REJ", "customer"),
        (34, "CONG", "pbx"),
        (38, "CONG", "pbx"),
        (42, "CONG", "pbx"),
        (127, "N", "pbx"),
    ],
)
def test_a_failed_dial_is_wrap_up_with_the_status_of_its_cause(desk: Desk, cause: int, status: str, by: str) -> None:
    desk.log_in()
    desk.hear(c.LegGone(desk.dial().leg, cause))
    assert desk.stands() == "WRAPUP"
    (call,) = desk.snapshot()["calls"]
    assert (call["cause"], call["suggested_status"], call["hung_up_by"]) == (cause, status, by)
    desk.ask(c.Dispose("1000", "A"))
    assert statuses(desk) == [(1000, "A", "agent")]


def test_without_wrap_up_a_failed_dial_is_completed_with_that_status() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=0))
    desk.log_in()
    desk.hear(c.LegGone(desk.dial().leg, 17))
    assert desk.stands() == "PAUSED LOGIN"
    assert statuses(desk) == [(1000, "B", "none")]


def test_a_dial_that_asterisk_does_not_end_is_ended_after_its_time() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, dial_timeout=12))
    desk.log_in()
    ring = desk.dial()
    assert ring.timeout == 12
    desk.wait(17)
    assert desk.hung_up() == ring.leg
    assert desk.call().suggested_status == "N"
    assert desk.call().hung_up_by == "timeout"


def test_a_customer_who_never_reaches_the_conference_is_ended(desk: Desk) -> None:
    desk.log_in()
    ring = desk.dial()
    desk.hear(c.LegAnswered(ring.leg))
    desk.wait(5)
    assert desk.hung_up() == ring.leg
    assert desk.stands() == "WRAPUP"
    desk.ask(c.Dispose("1000", "A"))
    ring = desk.dial()
    desk.hear(c.LegJoined(ring.leg, "8600999"))
    assert desk.stands() == "DIALLING"
    assert desk.hung_up() == ring.leg


# --- a dial that is remembered -----------------------------------------------------------------------------------


def test_a_dial_during_a_call_is_dialled_after_it_and_pauses() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, after_manual="ready"))
    desk.ready()
    ring = desk.talk()
    operation = desk.ask(c.Dial("1000", desk.request(OTHER)))
    assert operation.value == Dialled(OTHER, "1")
    assert not desk.effects
    assert desk.snapshot()["after"]["code"] == "MANUAL"
    assert desk.snapshot()["dial_queue"] == [OTHER]
    desk.hear(c.LegGone(ring.leg, 16))
    assert not desk.effects
    desk.ask(c.Dispose("1000", "A"))
    assert desk.take(Ring).resource == f"PJSIP/1{OTHER}@carrier"
    assert desk.stands() == "DIALLING"
    assert desk.snapshot()["dial_queue"] == []


def test_with_the_queue_off_the_newer_dial_replaces_the_older(desk: Desk) -> None:
    desk.log_in()
    ring = desk.dial()
    desk.ask(c.Dial("1000", desk.request(OTHER)))
    desk.ask(c.Dial("1000", desk.request("7275550001")))
    assert desk.snapshot()["dial_queue"] == ["7275550001"]
    desk.hear(c.LegGone(ring.leg, 17))
    desk.ask(c.Dispose("1000", "B"))
    desk.hear(c.LegGone(desk.take(Ring).leg, 17))
    desk.ask(c.Dispose("1000", "B"))
    assert not desk.effects
    assert desk.stands() == "PAUSED LOGIN"


def test_with_the_queue_on_dials_wait_in_line_each_number_once() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, manual_queue=True, wrapup=0))
    desk.log_in()
    ring = desk.dial()
    desk.ask(c.Dial("1000", desk.request(OTHER)))
    desk.ask(c.Dial("1000", desk.request("7275550001")))
    desk.refused(c.Dial("1000", desk.request(OTHER)), e.AlreadyQueued)
    for number in (OTHER, "7275550001"):
        desk.hear(c.LegGone(ring.leg, 17))
        ring = desk.take(Ring)
        assert ring.resource == f"PJSIP/1{number}@carrier"
    desk.hear(c.LegGone(ring.leg, 17))
    assert desk.stands() == "PAUSED LOGIN"


def test_a_remembered_dial_that_is_no_longer_allowed_is_given_up_with_its_reason(desk: Desk) -> None:
    lead = Lead(77, 101, "NEW", "1", OTHER)
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    ring = desk.talk("1000")
    desk.ask(c.Dial("1000", desk.request(OTHER, lead)))
    desk.talk("1001", lead)
    desk.hear(c.LegGone(ring.leg, 16))
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "PAUSED LOGIN"
    assert desk.recorded(r.DialUnqueued) == [r.DialUnqueued("1000", "lead_on_another_screen")]


def test_a_refused_dial_does_not_hold_up_the_next_one(desk: Desk) -> None:
    desk.log_in()
    desk.ask(c.Dial("1000", desk.request()))
    first = desk.take(Ring)
    desk.ask(c.Dial("1000", desk.request(OTHER)))
    desk.hear(c.LegRefused(first.leg, "no such trunk"))
    assert desk.take(Ring).resource == f"PJSIP/1{OTHER}@carrier"
