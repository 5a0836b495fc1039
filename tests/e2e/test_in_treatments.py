"""Callers for whom there is no agent: what they hear, where they go, and what is told and kept of it."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from tests.e2e.hand import COLLEAGUE, HIS_PHONE, MESSAGE, OTHER
from tests.e2e.line import NUMBERS, SORRY, Caller, Line

async_test = pytest_twisted.ensureDeferred


async def treated(line: Line, caller: Caller, reason: str, how: str, to: str, status: str) -> None:
    """It is told, logged and in the call's row what became of him."""
    event = await line.news.event("call.treated", call_id=caller.call_id)
    assert (event["reason"], event["how"], event["to"]) == (reason, how, to or None)
    log = "select reason, how, target from treatment_log where call_id = ?"
    await line.until_rows([{"reason": reason, "how": how, "target": to}], log, caller.call_id)
    if status:
        await line.row(caller, {"user": "", "status": status, "disposed_by": "treatment", "answered": None})


async def hears_sorry(line: Line, caller: Caller) -> None:
    """He hears the message, and is hung up on after it."""
    await line.until_doing(caller.leg, "Playback")
    await line.all_hear({caller.number: {SORRY}})
    await line.observer.event("Hangup", Uniqueid=caller.leg)


@async_test
async def test_hung_up_on_after_so_many_seconds(line: Line) -> None:
    before = await line.figures("D_HANGUP")
    caller = await line.caller("D_HANGUP")
    await line.observer.event("Hangup", Uniqueid=caller.leg)
    await treated(line, caller, "drop", "hangup", "", "DROP")
    await line.row(caller, {"wait >= 1": 1, "wait < 4": 1, "hung_up_by": "system"})
    assert (await line.figures("D_HANGUP"))["dropped"] == before["dropped"] + 1


@async_test
async def test_a_message(line: Line) -> None:
    caller = await line.caller("D_MESSAGE")
    await hears_sorry(line, caller)
    await treated(line, caller, "drop", "message", "agentd/sorry", "DROP")


@async_test
async def test_to_an_extension(line: Line) -> None:
    caller = await line.caller("D_EXTENSION")
    await line.until_sent_on(caller.leg)
    await line.all_hear({caller.number: {MESSAGE}})
    await treated(line, caller, "drop", "extension", "8500", "DROP")
    await line.hang_up(caller)
    await line.until_empty()


@async_test
async def test_to_another_line_whose_agent_takes_the_same_call(line: Line) -> None:
    await line.at_work(COLLEAGUE, HIS_PHONE)  # he takes TEST_IN3
    caller = await line.caller("D_INGROUP")
    call = await line.until_with(COLLEAGUE, caller)
    assert (call["key"], call["ingroup"], call["origin"]) == (caller.key, "TEST_IN3", None)
    await treated(line, caller, "drop", "ingroup", "TEST_IN3", "")
    await line.all_hear({caller.number: {OTHER}})
    await line.done_with(COLLEAGUE, "SALE")
    await line.row(caller, {"user": COLLEAGUE, "ingroup": "TEST_IN3", "status": "SALE", "wait >= 1": 1})


@async_test
async def test_to_a_mailbox(line: Line) -> None:
    caller = await line.caller("D_VOICEMAIL")
    await line.until_doing(caller.leg, "VoiceMail")
    await treated(line, caller, "drop", "voicemail", "100", "DROP")
    await line.hang_up(caller)
    await line.observer.event("Hangup", Uniqueid=caller.leg)


@pytest.mark.parametrize(
    ("ingroup", "reason", "status"), [("CLOSED", "after_hours", "AFTHRS"), ("NOBODY", "no_agent", "NANQUE")]
)
@async_test
async def test_who_comes_in_vain(line: Line, ingroup: str, reason: str, status: str) -> None:
    caller = await line.caller(ingroup)
    await hears_sorry(line, caller)
    await treated(line, caller, reason, "message", "agentd/sorry", status)


@async_test
async def test_nobody_is_logged_in_for_the_demos_training_line(line: Line) -> None:
    caller = await line.caller("TRAINING_IN", NUMBERS[0])
    await line.until_sent_on(caller.leg)
    await treated(line, caller, "no_agent", "extension", "8500", "NANQUE")
    await line.hang_up(caller)
    await line.at_work("1000", "502", ready=False)
    await line.takes("1000", "TRAINING_IN")
    second = await line.caller("TRAINING_IN", NUMBERS[1])
    await line.until_waits(second)
    assert await line.in_line("TRAINING_IN") == [second.key], "an agent is logged in, if not ready"
    await line.hang_up(second)


@async_test
async def test_a_line_that_is_full(line: Line) -> None:
    waiting = [await line.caller("TEST_IN4", number) for number in NUMBERS[:2]]
    for caller in waiting:
        await line.until_waits(caller)
    third = await line.caller("TEST_IN4", NUMBERS[2])
    await hears_sorry(line, third)
    await treated(line, third, "full", "message", "agentd/sorry", "QFULL")
    assert await line.in_line("TEST_IN4") == [caller.key for caller in waiting]
    for caller in waiting:
        await line.hang_up(caller)


@async_test
async def test_an_in_group_that_there_is_not(line: Line) -> None:
    line.calls_in("FAKE_IN", NUMBERS[0])
    hung_up: Any = await line.far_ends.event("Hangup", AccountCode=NUMBERS[0], within=20)
    assert hung_up["Cause"] != "16"
    assert not line.rows("select 1 from calls where ingroup = 'FAKE_IN'")
