"""The dialler of the demo: whom it calls, for whom, how many at a time, and what becomes of those who answer."""

from __future__ import annotations

import pytest_twisted

from agentd.sandbox.data import DNC
from agentd.sandbox.tones import SORRY_HERTZ, outside_hertz, phone_hertz
from tests.e2e.incoming import LINE, PHONES, SEATED, Floor, once

async_test = pytest_twisted.ensureDeferred
COLLEAGUES = ("101", "6666")
CALLER = "7275559931"


async def in_calls(floor: Floor, *agents: str) -> dict[str, dict]:
    """Wait until each of these agents has a call; the calls."""
    return {agent: (await floor.until_state(agent, "INCALL"))["calls"][-1] for agent in agents}


@async_test
async def test_whoever_is_ready_and_blended_gets_leads_who_have_answered(floor: Floor) -> None:
    agents = (SEATED, *COLLEAGUES)
    for agent in agents:
        await floor.at_work(agent, blended=True)
    await floor.at_work("1001", "TEST_IN3")  # not blended: nobody is dialled for him
    leads = await floor.next_leads(10)
    for lead in leads:
        await floor.behave(lead["phone_number"], "answers", after=0)
    refused = leads[1]["phone_number"]
    await floor.cli("dnc", "add", refused)
    try:
        assert await floor.dialler("on") == "The dialler of TESTCAMP is on.\n"
        for _round in range(2):
            calls = await in_calls(floor, *agents)
            for agent, call in calls.items():
                assert (call["direction"], call["key"][0]) == ("auto", "V")
                assert call["key"].endswith(f"{call['lead_id']:09d}")
                session = await floor.snapshot(agent)
                assert session["lead"]["phone_number"] == call["number"]
                assert session["lead"]["id"] == call["lead_id"]
                legs = await floor.members(agent)
                assert await floor.observer.together(legs["agent"]["Uniqueid"], legs["customer"]["Uniqueid"])
                await floor.dispose(agent)
        await in_calls(floor, *agents)
        assert await floor.dialler("off") == "The dialler of TESTCAMP is off.\n"
    finally:
        await floor.cli("dnc", "remove", refused)
    numbers = floor.dialled()
    assert once(numbers)
    assert floor.most_at_once() <= len(agents), "more calls than agents at level 1"
    wanted = [lead["phone_number"] for lead in leads if lead["phone_number"] != refused]
    assert set(wanted) <= set(numbers), "a lead was passed over"
    assert not {refused, *(number for number, _campaign in DNC)} & set(numbers)
    last = calls[SEATED]["id"]
    row = {"user": SEATED, "direction": "auto", "status": "SALE", "disposed_by": "agent", "campaign": "TESTCAMP"}
    sql = f"select {', '.join(row)} from calls where id = ?"
    await floor.until_rows([row], sql, last)
    offers = "select user, ingroup, outcome from offers where call_id = ?"
    await floor.until_rows([{"user": SEATED, "ingroup": "", "outcome": "delivered"}], offers, last)
    lead = "select status, called_count from leads where id = ?"
    await floor.until_rows([{"status": "SALE", "called_count": 1}], lead, calls[SEATED]["lead_id"])
    number = (await floor.call(SEATED))["number"]
    await floor.all_hear({PHONES[SEATED]: {outside_hertz(number)}, number: {phone_hertz(PHONES[SEATED])}})
    assert (await floor.snapshot("1001"))["state"] == "READY"
    for agent in agents:
        await floor.dispose(agent)
        assert (await floor.snapshot(agent))["state"] == "READY"
    assert (await floor.campaign())["dialling"] == 0


@async_test
async def test_off_stops_at_once(floor: Floor) -> None:
    await floor.at_work(SEATED, blended=True)
    [lead] = await floor.next_leads(1)
    await floor.behave(lead["phone_number"], "silent")
    await floor.dialler("on")
    ringing = await floor.far_ends.event("Newchannel", Context="carrier")
    assert ringing["Exten"].endswith(lead["phone_number"])
    floor.far_ends.forget()
    await floor.dialler("off")
    await floor.far_ends.event("Hangup", Uniqueid=ringing["Uniqueid"])
    await floor.until_empty_but(SEATED)
    assert floor.dialled() == []
    # He was not reached, and is one of those to be called still.
    row = [{"user": "", "status": "CANCEL", "disposed_by": "cancelled"}]
    await floor.until_rows(row, "select user, status, disposed_by from calls where lead_id = ?", lead["id"])
    assert floor.rows("select status from leads where id = ?", lead["id"]) == [{"status": "NEW"}]


@async_test
async def test_who_is_not_reached_has_the_status_of_the_cause_and_the_next_is_dialled(floor: Floor) -> None:
    leads = await floor.next_leads(4)
    for lead, manner in zip(leads, ("busy", "rejects", "unknown"), strict=False):
        await floor.behave(lead["phone_number"], manner)
    await floor.at_work(SEATED, blended=True)
    await floor.dial_level(1)
    call = (await in_calls(floor, SEATED))[SEATED]
    assert call["lead_id"] == leads[3]["id"]
    assert floor.most_at_once() == 1
    for lead, status, cause in zip(leads, ("B", "REJ", "DC"), (17, 21, 1), strict=False):
        row = [{"user": "", "status": status, "disposed_by": "dialler", "cause": cause}]
        await floor.until_rows(row, "select user, status, disposed_by, cause from calls where lead_id = ?", lead["id"])
        await floor.until_rows([{"status": status}], "select status from leads where id = ?", lead["id"])


@async_test
async def test_a_pause_and_no_more_blended_take_an_agent_out_before_the_next_dial(floor: Floor) -> None:
    await floor.at_work(SEATED, LINE, blended=True)
    await floor.dial_level(1)
    await in_calls(floor, SEATED)
    assert (await floor.api("external_pause", "PAUSE")).startswith("SUCCESS: external_pause function set - PAUSE|")
    await floor.dispose(SEATED)
    assert (await floor.snapshot(SEATED))["state"] == "PAUSED"
    dialled = floor.dialled()

    line = await floor.api("change_ingroups", "CHANGE", blended="NO", ingroup_choices=f" {LINE} -")
    assert line.startswith("SUCCESS: change_ingroups function set"), line
    await floor.api("external_pause", "RESUME")
    assert (await floor.snapshot(SEATED))["state"] == "READY"
    campaign = await floor.campaign()
    assert (campaign["ready"], campaign["dialling"], campaign["hopper"] > 0) == (0, 0, True)

    # A caller comes before somebody who would have to be dialled.
    await floor.api("external_pause", "PAUSE")
    caller = await floor.caller(CALLER)
    line = await floor.api("change_ingroups", "CHANGE", blended="YES", ingroup_choices=f" {LINE} -")
    assert line.startswith("SUCCESS: change_ingroups function set"), line
    await floor.api("external_pause", "RESUME")
    taken = (await in_calls(floor, SEATED))[SEATED]
    assert (taken["direction"], taken["number"]) == ("inbound", CALLER)
    assert (await floor.leg(SEATED, "customer"))["Uniqueid"] == caller
    assert floor.dialled() == dialled, "nobody was dialled for an agent who was not to be had"

    # He is blended again: when this one is done with, the next lead is dialled; and a pause cancels that dial.
    [lead] = await floor.next_leads(1)
    await floor.behave(lead["phone_number"], "silent")
    floor.far_ends.forget()
    await floor.dispose(SEATED)
    ringing = await floor.far_ends.event("Newchannel", Context="carrier")
    await floor.api("external_pause", "PAUSE")
    await floor.far_ends.event("Hangup", Uniqueid=ringing["Uniqueid"])
    await floor.until_empty_but(SEATED)
    assert len(floor.dialled()) == 1


@async_test
async def test_who_answers_and_finds_no_agent_is_dropped_within_two_seconds(floor: Floor) -> None:
    one, other = await floor.next_leads(2)
    for lead in (one, other):
        await floor.behave(lead["phone_number"], "answers", after=1)
    await floor.at_work(SEATED, blended=True)
    stream = await floor.stream()
    await floor.dial_level(2)
    talking = (await in_calls(floor, SEATED))[SEATED]
    dropped = other if talking["lead_id"] == one["id"] else one
    treated = await stream.event("call.treated", reason="drop", campaign="TESTCAMP")
    assert (treated["how"], treated["to"]) == ("message", "agentd/sorry")
    [answered] = [
        event
        for event in stream.events
        if event["event"] == "call.lead_answered" and event["call_id"] == treated["call_id"]
    ]
    assert treated["at"] - answered["at"] < 3.5, "2 s, and what the machine takes"
    await floor.all_hear({dropped["phone_number"]: {SORRY_HERTZ}})
    await floor.dial_level(0)
    row = [{"user": "", "status": "DROP", "disposed_by": "treatment", "treated": "drop"}]
    sql = "select user, status, disposed_by, treated from calls where lead_id = ?"
    await floor.until_rows(row, sql, dropped["id"])
    await floor.until_rows([{"status": "DROP"}], "select status from leads where id = ?", dropped["id"])
    await floor.far_ends.event("Hangup", AccountCode=dropped["phone_number"])
    campaign = await floor.campaign()
    assert campaign["drop_rate"] > 3
    # So many were dropped today that from now on one is dialled for each agent, whatever the level says.
    third = await floor.next_leads(2)
    for lead in third:
        await floor.behave(lead["phone_number"], "answers", after=1)
    floor.far_ends.forget()
    await floor.dial_level(2)
    await floor.dispose(SEATED)
    await in_calls(floor, SEATED)
    assert len(floor.dialled()) == 1
