"""Callers come into the line of an in-group: found or new, told by the dialplan, or taken up later."""

from __future__ import annotations

import re

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import Hold, PlayMessage, ReadLeg, Tag
from agentd.core.model import CallState, Lead, Place, PlaceKind, Role, Treatment, TreatmentKind
from tests.core.desk import OUTSIDE, SETTINGS, START, WAIT, Desk, conference, seen

NUMBER = "7275551300"
ARRIVAL = c.CallArrived("in-1", "SALESLINE", NUMBER, name="JANE DOE", did="7275551000")
STRAY = c.CallArrived("in-1", "SALESLINE", NUMBER, since=START - 90, place=WAIT)


def delivered_first(desk: Desk) -> str:
    """An agent is ready: the leg of the caller whom he gets."""
    desk.ready("1002", "504")
    (leg,) = (leg for leg, waiting in desk.state.waiting.items() if waiting.offered == "1002")
    return leg


# --- the dialplan says so ----------------------------------------------------------------------------------------


def test_a_caller_becomes_a_call_with_a_new_lead_and_a_key(desk: Desk) -> None:
    before = len(desk.journal)
    operation = desk.ask(ARRIVAL)
    lead = Lead(402028, 0, "NEW", "1", NUMBER)
    assert re.fullmatch(r"Y[0-9]{10}000402028", operation.value)
    assert [record for record, _ in desk.journal[before:]] == [
        r.LeadCreated(lead, ""),
        r.CallWaiting(
            call_id=1000,
            key=operation.value,
            ingroup="SALESLINE",
            campaign="",
            direction="inbound",
            lead=lead,
            number=NUMBER,
            phone_code="1",
            leg="in-1",
            did="7275551000",
            name="JANE DOE",
        ),
        r.LegAdopted("in-1", Role.CUSTOMER, 0, "", 1000),
        r.LegMoved("in-1", Place(PlaceKind.UP)),
        r.WaitingJoined("in-1", 1000, "SALESLINE", START),
        r.DeadlineSet("join", "in-1", START + 5),
    ]
    assert desk.take(Tag) == Tag("in-1", Role.CUSTOMER, 0, operation.value)


def test_a_lead_who_was_found_is_nobody_new(desk: Desk) -> None:
    desk.ask(c.CallArrived("in-1", "SALESLINE", NUMBER, lead=Lead(77, 101, "SALE", "49", NUMBER, {"city": "Ulm"})))
    (call,) = desk.state.calls.values()
    assert (call.lead_id, call.phone_code) == (77, "49")
    assert call.key.endswith("000000077")
    assert desk.state.leads[77].fields == {"city": "Ulm"}
    assert not desk.recorded(r.LeadCreated)


def test_the_new_lead_goes_into_the_list_of_the_in_group(desk: Desk) -> None:
    desk.change_ingroup("SALESLINE", list_id=107)
    desk.call_in()
    assert desk.recorded(r.LeadCreated)[0].lead.list_id == 107


def test_nobody_is_brought_to_him_before_he_hears_the_music(desk: Desk) -> None:
    desk.ready("1001", "503")
    desk.ask(ARRIVAL)
    assert desk.stands("1001") == "READY"
    assert not desk.waits().entered
    desk.hear(c.LegAt("in-1", WAIT))
    assert desk.recorded(r.WaitingEntered) == [r.WaitingEntered("in-1", 1000)]
    assert desk.stands("1001") == "RINGING"


def test_told_twice_he_is_there_once(desk: Desk) -> None:
    key = desk.ask(ARRIVAL).value
    records = len(desk.journal)
    desk.effects.clear()
    assert desk.ask(ARRIVAL).value == key
    assert len(desk.journal) == records
    assert not desk.effects


def test_who_hangs_up_on_his_way_to_the_music_is_an_abandoned_call(desk: Desk) -> None:
    desk.ask(ARRIVAL)
    before = len(desk.journal)
    desk.now += 2
    desk.hear(c.LegGone("in-1", 16, far_end=True))
    assert [record for record, _ in desk.journal[before:]] == [
        r.LegEnded("in-1", 16, far_end=True),
        r.WaitingEnded("in-1", 1000, "SALESLINE", "abandoned"),
        r.CallEnded(1000, "", 16, "customer", ""),
        r.CallDisposed(1000, "", 402028, "DROP", "abandoned"),
    ]
    counts = desk.state.line_counts["SALESLINE"]
    assert (counts.offered, counts.abandoned, counts.answered) == (1, 1, 0)


def test_who_never_comes_to_the_music_is_let_go(desk: Desk) -> None:
    desk.ask(ARRIVAL)
    desk.effects.clear()
    desk.wait(5)
    assert desk.hung_up() == "in-1"
    assert not desk.state.calls
    assert desk.recorded(r.CallEnded)[0].hung_up_by == "pbx"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (c.CallArrived("in-1", "NOGROUP"), e.InGroupUnknown),
        (c.CallArrived("in-1", "CLOSED"), e.InGroupUnknown),
        (c.CallArrived("in-1", "AGENTDIRECT"), e.UserUnknown),
        (c.CallArrived("in-1", "SALESLINE", wanted="9999"), e.UserUnknown),
    ],
)
def test_who_cannot_wait_there_is_told_why(desk: Desk, command: c.CallArrived, error: type[e.AgentdError]) -> None:
    desk.refused(command, error)


def test_more_callers_than_the_pbx_can_carry_are_refused(desk: Desk) -> None:
    for number in range(SETTINGS.max_calls):
        desk.call_in(f"in-{number}")
    desk.refused(c.CallArrived("in-99", "SALESLINE"), e.TooManyCalls)


def test_a_caller_may_want_one_agent_in_any_in_group(desk: Desk) -> None:
    desk.call_in(wanted="1000")
    desk.ready("1001", "503")
    assert desk.waits().offered == ""
    desk.ready("1000", "502")
    assert desk.waits().offered == "1000"


# --- who is first ------------------------------------------------------------------------------------------------


def test_the_higher_priority_comes_first_and_then_the_longer_wait(desk: Desk) -> None:
    for leg, priority in [("in-1", 0), ("in-2", 5), ("in-3", 5), ("in-4", -1)]:
        desk.now += 1
        desk.call_in(leg, priority=priority)
    order = []
    desk.ready("1001", "503")
    for _ in range(4):
        (leg,) = (leg for leg, waiting in desk.state.waiting.items() if waiting.offered)
        order.append(leg)
        desk.hear(c.LegGone(leg, 16, far_end=True))
    assert order == ["in-2", "in-3", "in-1", "in-4"]


def test_the_in_groups_priority_is_above_that_of_the_caller(desk: Desk) -> None:
    desk.change_ingroup("SUPPORT", priority=1)
    desk.call_in("in-1", "SALESLINE", priority=99)
    desk.now += 1
    desk.call_in("in-2", "SUPPORT", priority=-99)
    assert delivered_first(desk) == "in-2"


def test_across_lines_of_the_same_priority_the_longest_wait_comes_first(desk: Desk) -> None:
    desk.call_in("in-1", "SUPPORT")
    desk.now += 1
    desk.call_in("in-2", "SALESLINE")
    assert delivered_first(desk) == "in-1"


# --- who came while the daemon was away --------------------------------------------------------------------------


def test_his_wait_counts_from_the_start_of_his_channel(desk: Desk) -> None:
    desk.call_in("in-2")
    desk.effects.clear()
    desk.now += 1
    key = desk.ask(STRAY).value
    assert desk.effects == [Tag("in-1", Role.CUSTOMER, 0, key), ReadLeg("in-1")]
    assert desk.waits().since == START - 90
    assert desk.waits().entered
    assert delivered_first(desk) == "in-1"


def test_one_who_has_hung_up_before_that_was_known_waits_for_nobody(desk: Desk) -> None:
    desk.ask(STRAY)
    desk.hear(c.LegRead("in-1", None))
    assert not desk.state.waiting
    assert not desk.state.calls
    assert desk.recorded(r.WaitingEnded)[0].reason == "abandoned"


def test_one_whose_channel_does_not_say_yet_that_it_is_ours_is_told_so_again(desk: Desk) -> None:
    key = desk.ask(ARRIVAL).value
    desk.effects.clear()
    assert desk.ask(STRAY).value == key
    assert desk.effects[0] == Tag("in-1", Role.CUSTOMER, 0, key)
    assert desk.waits().entered
    assert desk.waits().since == START
    assert len(desk.state.calls) == 1


def test_one_who_is_with_an_agent_already_is_left_where_he_is(desk: Desk) -> None:
    desk.ready("1001", "503")
    desk.call_in()
    desk.obey()
    before = desk.snapshot("1001")
    desk.ask(STRAY)
    assert desk.snapshot("1001") == before
    assert desk.stands("1001") == "INCALL"


def test_without_a_link_he_is_taken_up_and_found_when_it_is_back(desk: Desk) -> None:
    phone = desk.ready("1001", "503")
    desk.hear(c.LinkDown("connection lost"))
    desk.ask(STRAY)
    assert not desk.effects
    assert not desk.waits().entered
    desk.wait(30)
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, "in-1", PlaceKind.WAIT))))
    assert desk.waits().offered == "1001"
    assert desk.waits().since == START - 90


def test_one_who_hung_up_without_a_link_is_gone_when_it_is_back(desk: Desk) -> None:
    desk.hear(c.LinkDown("connection lost"))
    desk.ask(ARRIVAL)
    desk.hear(c.LinkUp())
    assert not desk.state.legs
    assert not desk.state.calls


# --- the lead ----------------------------------------------------------------------------------------------------


def test_a_lead_who_calls_while_he_is_on_a_screen_does_not_change_it(desk: Desk) -> None:
    desk.log_in()
    desk.talk(lead=Lead(77, 101, "NEW", "1", NUMBER, {"city": "Ulm"}))
    before = desk.snapshot()
    desk.ask(c.CallArrived("in-1", "SALESLINE", NUMBER, lead=Lead(77, 101, "OLD", "1", NUMBER, {"city": "Bonn"})))
    assert desk.snapshot() == before
    desk.hear(c.LegGone("in-1", 16, far_end=True))
    assert desk.state.leads[77].fields == {"city": "Ulm"}


def test_his_picture_is_on_the_screen_from_the_ringing_on(desk: Desk) -> None:
    desk.ready("1001", "503")
    call = desk.call_in(lead=Lead(77, 101, "NEW", "1", NUMBER, {"city": "Ulm"}), did="7275551000")
    (offered,) = desk.snapshot("1001")["offered"]
    assert (offered["key"], offered["ingroup"], offered["did"]) == (call.key, "SALESLINE", "7275551000")
    assert offered["lead"]["city"] == "Ulm"
    desk.arrive("in-1", conference(desk.session("1001").conference))
    picture = desk.snapshot("1001")
    assert picture["offered"] == []
    assert picture["lead"]["city"] == "Ulm"
    assert picture["calls"][0]["state"] == CallState.CONNECTED


@pytest.mark.parametrize(("status", "keeps"), [("SALE", True), ("NEW", False)])
def test_who_hangs_up_in_line_stays_what_is_known_of_him(desk: Desk, status: str, keeps: bool) -> None:
    desk.ask(c.CallArrived("in-1", "SALESLINE", NUMBER, lead=Lead(77, 101, status, "1", NUMBER)))
    desk.hear(c.LegAt("in-1", WAIT))
    desk.hear(c.LegGone("in-1", 16, far_end=True))
    (disposed,) = (record for record, _ in desk.journal if isinstance(record, r.CallDisposed))
    assert (disposed.status, disposed.by, disposed.lead_keeps) == ("DROP", "abandoned", keeps)


# --- sent away too late ------------------------------------------------------------------------------------------


def test_who_is_sent_away_when_that_was_given_up_is_brought_back(desk: Desk) -> None:
    """Asterisk plays the message so late that he was counted among those who wait again."""
    desk.change_ingroup("SALESLINE", drop_after=3, drop=Treatment(TreatmentKind.MESSAGE, "agentd/closed"))
    desk.call_in()
    desk.effects.clear()
    desk.wait(3)
    assert desk.take(PlayMessage) == PlayMessage("in-1", "agentd/closed")
    desk.wait(5)
    desk.hear(c.LegRead("in-1", WAIT))
    desk.effects.clear()
    desk.hear(c.LegAt("in-1", OUTSIDE))
    assert desk.take(Hold) == Hold("in-1", "sales")
    desk.arrive("in-1", WAIT)
    desk.wait(1)
    assert desk.take(PlayMessage) == PlayMessage("in-1", "agentd/closed")
    desk.arrive("in-1", OUTSIDE)
    assert not desk.state.waiting
    assert len(desk.recorded(r.CallTreated)) == 1
