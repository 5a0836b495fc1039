"""Remote agents: how their calls come to them, what they hear, and what becomes of callers when they do not answer."""

from __future__ import annotations

import pytest
import pytest_twisted

from agentd.sandbox.tones import outside_hertz
from tests.e2e.centre import CUSTOMER
from tests.e2e.hand import CALLER, COLLEAGUE, HIS_PHONE, MESSAGE, MUSIC, OTHER
from tests.e2e.line import FAR_AWAY, NUMBERS, REMOTE, Line

async_test = pytest_twisted.ensureDeferred

FIRST, SECOND = map(outside_hertz, NUMBERS[:2])


@pytest.mark.parametrize("by", ["native API", "command"])
@async_test
async def test_the_far_end_sees_whose_call_it_is(line: Line, by: str) -> None:
    if by == "command":
        assert await line.cli("session", "login", "1028") == "1028 is logged in: READY.\n"
    else:
        seen = await line.at_work("1028", ready=False)
        assert (seen["kind"], seen["state"], seen["conference"], seen["phone"]["extension"]) == (
            "remote", "READY", None, None,
        )  # fmt: skip
    caller = await line.caller()
    call = await line.until_with("1028", caller)
    [far_end] = await line.far_ends_of(REMOTE)
    assert (far_end["CallerIDName"], far_end["CallerIDNum"]) == (caller.key, "7275551210")
    assert await line.far_ends.variable(far_end["Channel"], "PJSIP_HEADER(read,X-AGENTD-CALL)") == caller.key
    session = await line.snapshot("1028")
    assert (session["state"], session["lead"]["id"]) == ("INCALL", caller.lead_id)
    assert {leg["role"] for leg in call["legs"]} == {"agent", "customer"}
    await line.all_hear({caller.number: {FAR_AWAY}, REMOTE: {FIRST}})
    await line.offers(caller, [("1028", "delivered")])
    # He hangs up: so does his caller, there is no wrap-up, and the next one comes.
    assert await line.rig.hang_up(REMOTE) == 1
    await line.observer.event("Hangup", Uniqueid=caller.leg)
    await line.until_state("1028", "READY")
    await line.row(caller, {"user": "1028", "status": "DISPO", "hung_up_by": "agent"})
    second = await line.caller(number=NUMBERS[1])
    await line.until_with("1028", second)
    await line.hang_up(second)
    await line.until_state("1028", "READY")
    await line.until(line.is_empty, "end of all channels")


@pytest.mark.parametrize("manner", ["busy", "silent"])
@async_test
async def test_who_does_not_answer_loses_the_caller_to_the_next_one(line: Line, manner: str) -> None:
    await line.rig.behave(REMOTE, manner)
    try:
        await line.at_work("1028")
        await line.takes("1028", "RING")  # he is rung for a second
        caller, other = await line.caller("RING", NUMBERS[0]), await line.caller("RING", NUMBERS[1])
        missed = await line.news.event("call.missed", agent="1028", call_id=caller.call_id)
        assert missed["cause"] == (17 if manner == "busy" else 19)
        assert (await line.in_line("RING"))[:2] == [caller.key, other.key]
        await line.all_hear({caller.number: {MUSIC}})
        session = await line.snapshot("1028")
        assert session["state"] in {"READY", "RINGING"}, "a remote agent is not paused for it"
        await line.at_work(COLLEAGUE, HIS_PHONE, ready=False)
        await line.takes(COLLEAGUE, "RING")
        await line.until(lambda: rests(line), "rest of agent 1028")
        await line.becomes(COLLEAGUE, "ready")
        await line.until_with(COLLEAGUE, caller)
        await line.all_hear({caller.number: {OTHER}, HIS_PHONE: {FIRST}})
        first = "select user, outcome from offers where call_id = ? order by seq limit 1"
        await line.until_rows([{"user": "1028", "outcome": "missed"}], first, caller.call_id)
    finally:
        await line.rig.behave(REMOTE, "usual")
        await line.answer_after("0", REMOTE)
    await line.hang_up(other)


async def rests(line: Line) -> bool:
    """Whether agent 1028 is not being called."""
    return (await line.snapshot("1028"))["state"] == "READY"


@async_test
async def test_pulled_out_while_his_phone_rings(line: Line) -> None:
    await line.rig.behave(REMOTE, "silent")
    try:
        await line.at_work("1028")
        caller, other = [await line.caller(number=number) for number in NUMBERS[:2]]
        await line.until_state("1028", "RINGING")
        rings = await line.until(lambda: line.far_ends_of(REMOTE), "call at the far end")
        assert len(rings) == 1
        assert (await line.figures())["callers"][0]["offered"] == "1028"
        await line.becomes("1028", "paused", "LUNCH")
        await line.until_state("1028", "PAUSED")
        assert await line.in_line() == [caller.key, other.key]
        await line.far_ends.event("Hangup", AccountCode=REMOTE)
        await line.at_work(COLLEAGUE, HIS_PHONE)
        await line.until_with(COLLEAGUE, caller)
        await line.offers(caller, [("1028", "back"), (COLLEAGUE, "delivered")])
    finally:
        await line.rig.behave(REMOTE, "usual")
        await line.answer_after("0", REMOTE)
    await line.hang_up(other)


@async_test
async def test_his_caller_goes_on_and_hears_where_he_is(line: Line) -> None:
    await line.at_work("1028")
    for nth, (to, hears) in enumerate({"8500": MESSAGE, CUSTOMER: CALLER}.items()):
        caller = await line.caller(number=NUMBERS[nth])
        await line.until_with("1028", caller)
        far_end = await line.phone_of("1028")
        await line.remote_control(caller.key, "EXTENSIONTRANSFER", phone_number=to)
        await line.until_sent_on(caller.leg)
        await line.observer.event("Hangup", Uniqueid=far_end)
        await line.all_hear(
            {caller.number: {hears}} | ({CUSTOMER: {outside_hertz(caller.number)}} if to == CUSTOMER else {})
        )
        assert (await line.news.event("call.transferred", call_id=caller.call_id))["to"] == to
        await line.hang_up(caller)
    far = await line.far_ends.event("Hangup", AccountCode=CUSTOMER)
    assert far["Cause"] == "16"


@async_test
async def test_several_lines_at_a_time(line: Line) -> None:
    line.administer("user", "change", "1028", "--lines", "2")
    try:
        await line.until(lambda: two_lines(line), "remote agent with two lines")
        callers = [await line.caller(number=number) for number in NUMBERS[:3]]
        for caller in callers[:2]:
            await line.until_with("1028", caller)
        await line.until_waits(callers[2])
        await line.all_hear({callers[0].number: {FAR_AWAY}, callers[1].number: {FAR_AWAY}})
        assert len(await line.far_ends_of(REMOTE)) == 2
        await line.remote_control(callers[0].key, "HANGUP")
        await line.until_with("1028", callers[2])
        assert await line.observer.channel(callers[1].leg) is not None
        for caller in callers[1:]:
            await line.hang_up(caller)
        await line.until_state("1028", "READY")
    finally:
        line.administer("user", "change", "1028", "--lines", "1")


async def two_lines(line: Line) -> bool:
    """Log agent 1028 in, and say whether he has two lines; the daemon takes up what was changed in a moment."""
    if (await line.at_work("1028"))["lines"] == 2:
        return True
    await line.send_home("1028")
    return False
