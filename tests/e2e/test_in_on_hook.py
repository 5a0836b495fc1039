"""Agents whose phone is rung for each call."""

from __future__ import annotations

import pytest
import pytest_twisted

from agentd.sandbox.tones import outside_hertz, phone_hertz
from tests.e2e.hand import COLLEAGUE, HIS_PHONE
from tests.e2e.line import NUMBERS, ON_HOOK, ON_HOOK_PHONE, REMOTE, Line

async_test = pytest_twisted.ensureDeferred

HIS, FIRST = phone_hertz(ON_HOOK_PHONE), outside_hertz(NUMBERS[0])


@async_test
async def test_rung_talks_and_is_let_go(line: Line) -> None:
    seen = await line.at_work(ON_HOOK)
    assert (seen["kind"], seen["state"], seen["phone"]) == (
        "on_hook", "READY", {"extension": ON_HOOK_PHONE, "attached": False},
    )  # fmt: skip
    assert not await line.observer.channels(), "nothing rings before somebody calls"
    caller = await line.caller()
    await line.until_with(ON_HOOK, caller)
    assert (await line.snapshot(ON_HOOK))["phone"]["attached"] is True
    await line.all_hear({caller.number: {HIS}, ON_HOOK_PHONE: {FIRST}})
    phone = await line.phone_of(ON_HOOK)
    await line.hang_up(caller)
    await line.until_state(ON_HOOK, "WRAPUP")
    await line.observer.event("Hangup", Uniqueid=phone)
    await line.api("external_status", "SALE", ON_HOOK)
    after = await line.until_state(ON_HOOK, "READY")
    assert after["phone"]["attached"] is False
    await line.row(caller, {"user": ON_HOOK, "status": "SALE", "hung_up_by": "customer"})
    # He ends the next one by hanging up himself.
    second = await line.caller(number=NUMBERS[1])
    await line.until_with(ON_HOOK, second)
    assert await line.rig.hang_up(ON_HOOK_PHONE) == 1
    await line.observer.event("Hangup", Uniqueid=second.leg)
    await line.until_state(ON_HOOK, "WRAPUP")
    await line.api("external_status", "A", ON_HOOK)
    await line.row(second, {"user": ON_HOOK, "status": "A", "hung_up_by": "agent"})


@async_test
async def test_who_does_not_answer_is_paused_at_last_and_the_next_one_has_the_caller(line: Line) -> None:
    await line.rig.behave(ON_HOOK_PHONE, "silent")
    try:
        session = await line.at_work(ON_HOOK)
        caller, other = await line.caller("RING", NUMBERS[0]), await line.caller("RING", NUMBERS[1])
        paused = await line.until_state(ON_HOOK, "PAUSED", within=15)
        assert paused["code"] == "MISSED"
        assert await line.in_line("RING") == [caller.key, other.key], "they have their places still"
        await line.until_waits(caller)
        await line.news.event("session.state", agent=ON_HOOK, state="PAUSED", code="MISSED")
        missed = [event for event in line.news.events if event["event"] == "call.missed"]
        assert [(event["agent"], event["call_id"]) for event in missed] == [(ON_HOOK, caller.call_id)] * 2
        await line.at_work(COLLEAGUE, HIS_PHONE, ready=False)
        await line.takes(COLLEAGUE, "RING")
        await line.becomes(COLLEAGUE, "ready")
        await line.until_with(COLLEAGUE, caller)
        await line.offers(caller, [(ON_HOOK, "missed"), (ON_HOOK, "missed"), (COLLEAGUE, "delivered")])
    finally:
        await line.rig.behave(ON_HOOK_PHONE, "usual")
    await line.becomes(ON_HOOK, "ready")
    await line.until_with(ON_HOOK, other)
    assert (await line.snapshot(ON_HOOK))["misses"] == 0
    await line.done_with(ON_HOOK)
    await line.send_home(ON_HOOK)
    log = await line.agent_log(session["session_id"])
    states = [(row["state"], row["code"]) for row in log]
    assert states == [
        ("PAUSED", "LOGIN"), ("READY", ""), ("RINGING", ""), ("READY", ""), ("RINGING", ""), ("PAUSED", "MISSED"),
        ("READY", ""), ("RINGING", ""), ("INCALL", ""), ("WRAPUP", ""), ("READY", ""),
    ]  # fmt: skip


@async_test
async def test_who_declines_loses_the_caller_to_an_agent_who_is_there(line: Line) -> None:
    await line.rig.behave(ON_HOOK_PHONE, "rejects")
    try:
        await line.at_work(ON_HOOK)
        caller = await line.caller()
        missed = await line.news.event("call.missed", agent=ON_HOOK)
        assert missed["cause"] == 21
        await line.at_work("1000", "502")
        await line.until_with("1000", caller)
    finally:
        await line.rig.behave(ON_HOOK_PHONE, "usual")


@async_test
async def test_pulled_out_while_his_phone_rings(line: Line) -> None:
    await line.rig.behave(ON_HOOK_PHONE, "silent")
    try:
        await line.at_work(ON_HOOK)
        caller, other = [await line.caller(number=number) for number in NUMBERS[:2]]
        await line.until(lambda: line.far_ends_of(ON_HOOK_PHONE), "phone that rings")
        assert (await line.snapshot(ON_HOOK))["state"] == "RINGING"
        assert (await line.snapshot(ON_HOOK))["offered"][0]["key"] == caller.key
        assert (await line.api("external_pause", "PAUSE", ON_HOOK)).startswith("SUCCESS")
        await line.until_state(ON_HOOK, "PAUSED")
        await line.far_ends.event("Hangup", AccountCode=ON_HOOK_PHONE)
        assert await line.in_line() == [caller.key, other.key]
        await line.at_work(COLLEAGUE, HIS_PHONE)
        await line.until_with(COLLEAGUE, caller)
        await line.offers(caller, [(ON_HOOK, "back"), (COLLEAGUE, "delivered")])
    finally:
        await line.rig.behave(ON_HOOK_PHONE, "usual")
    await line.hang_up(other)


@pytest.mark.parametrize(("agent", "number"), [(ON_HOOK, ON_HOOK_PHONE), ("1028", REMOTE)])
@async_test
async def test_a_caller_goes_while_the_agent_is_being_called(line: Line, agent: str, number: str) -> None:
    await line.rig.behave(number, "silent")
    try:
        await line.at_work(agent)
        caller = await line.caller()
        await line.until(lambda: line.far_ends_of(number), "call of the agent")
        await line.hang_up(caller)
        await line.until_state(agent, "READY")
        await line.until(line.is_empty, "end of all channels")
        await line.offers(caller, [(agent, "gone")])
        await line.row(caller, {"user": "", "status": "DROP", "disposed_by": "abandoned"})
        assert (await line.snapshot(agent))["misses"] == 0
    finally:
        await line.rig.behave(number, "usual")
