"""People call in: who is brought to whom, what they hear, and what is told and kept of it."""

from __future__ import annotations

import re

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred

from agentd.sandbox.callers import DIDS
from agentd.sandbox.tones import outside_hertz, phone_hertz
from tests.e2e.centre import CUSTOMER
from tests.e2e.hand import COLLEAGUE, HIS_PHONE, MUSIC, OTHER, OWN
from tests.e2e.line import FAR_AWAY, NUMBERS, REMOTE, WELCOME, Caller, Line

async_test = pytest_twisted.ensureDeferred

BEST, HIS, SECOND_BEST, HERS = "6666", "504", "101", "503"
"""The agents of the highest ranks in SALESLINE, and phones for them."""


# --- who gets whom -------------------------------------------------------------------------------------------


@async_test
async def test_twenty_callers_three_agents_of_different_ranks_and_a_remote_one(line: Line) -> None:
    for agent, phone in (("1000", "502"), (SECOND_BEST, HERS), (BEST, HIS)):
        await line.at_work(agent, phone)
    await line.at_work("1028")
    callers = []
    for nth, by in enumerate((BEST, SECOND_BEST, "1000", "1028")):
        callers.append(await line.caller(number=NUMBERS[nth]))
        await line.until_with(by, callers[-1])
    phones = (HIS, HERS, "502", REMOTE)
    hears = {phone: {outside_hertz(caller.number)} for phone, caller in zip(phones, callers, strict=True)}
    tones = (phone_hertz(HIS), phone_hertz(HERS), OWN, FAR_AWAY)
    hears |= {caller.number: {tone} for caller, tone in zip(callers, tones, strict=True)}
    await line.all_hear(hears)
    for number in NUMBERS[4:20]:  # they come faster than one is answered
        line.calls_in("SALESLINE", number)
    callers += [await line.came("SALESLINE", number) for number in NUMBERS[4:20]]
    arrived = sorted(callers[4:], key=lambda caller: caller.call_id)
    assert await line.in_line() == [caller.key for caller in arrived]
    for caller in arrived:  # who is being welcomed in that very moment cannot be fetched
        await line.until_waits(caller)
    # Whoever becomes free gets the one who has waited for longest.
    turns = ("1000", BEST, SECOND_BEST, "1000") * 4
    for agent, caller in zip(turns, arrived, strict=True):
        await line.done_with(agent)
        await line.until_with(agent, caller)
    assert await line.in_line() == []
    assert await line.remote_control(callers[3].key, "HANGUP") == (
        f"SUCCESS: ra_call_control hungup - 1028|{callers[3].key}|HANGUP"
    )
    for agent in ("1000", SECOND_BEST, BEST):
        await line.done_with(agent)
    for agent, count in (("1000", 9), (BEST, 5), (SECOND_BEST, 5), ("1028", 1)):
        ids = [caller.call_id for caller in callers]
        sql = f"select user, count(*) as calls from calls where user = ? and id in ({','.join('?' * 20)}) group by 1"
        await line.until_rows([{"user": agent, "calls": count}], sql, agent, *ids)
    await line.until_rows(
        [{"direction": "inbound", "ingroup": "SALESLINE", "calls": 20, "waited": 20}],
        "select direction, ingroup, count(*) as calls, sum(wait >= 0) as waited from calls"
        f" where id in ({','.join('?' * 20)}) group by 1, 2",
        *[caller.call_id for caller in callers],
    )


@async_test
async def test_priority_then_the_longest_wait(line: Line) -> None:
    first = await line.caller(number=NUMBERS[0])
    second = await line.caller(number=NUMBERS[1])
    urgent = await line.caller(number=NUMBERS[2], Priority="5")
    important = await line.caller("TEST_IN2", NUMBERS[3])  # a line that is served before the others
    assert await line.in_line() == [urgent.key, first.key, second.key]
    for caller in (first, second, urgent, important):
        await line.until_waits(caller)
    await line.at_work("1000", "502", ready=False)
    await line.takes("1000", "SALESLINE", "TEST_IN2")
    await line.becomes("1000", "ready")
    for caller in (important, urgent, first, second):
        await line.until_with("1000", caller)
        await line.done_with("1000")


# --- one call, from its arrival on -----------------------------------------------------------------------------


@async_test
async def test_a_caller_who_is_known(line: Line) -> None:
    session = await line.at_work("1000", "502")
    caller = await line.caller(number=CUSTOMER)
    assert re.fullmatch(r"Y\d{10}000123456", caller.key)
    call = await line.until_with("1000", caller)
    seen = await line.snapshot("1000")
    assert seen["state"] == "INCALL"
    assert (seen["lead"]["id"], seen["lead"]["last_name"], seen["lead"]["vendor_lead_code"]) == (
        123456, "Williams", "9987-1234765",
    )  # fmt: skip
    assert (call["direction"], call["ingroup"], call["number"], call["did"]) == (
        "inbound", "SALESLINE", CUSTOMER, next(did for did, name in DIDS.items() if name == "SALESLINE"),
    )  # fmt: skip
    assert call["legs"] == [
        {"role": "customer", "channel": caller.leg, "place": "conference", "room": seen["conference"]}
    ]
    await line.all_hear({CUSTOMER: {OWN}, "502": {outside_hertz(CUSTOMER)}})
    # Whatever can be done with a customer can be done with him.
    assert await line.park("PARK_CUSTOMER") == "SUCCESS: park_call function set - PARK_CUSTOMER|1000"
    await line.until_waits(caller)
    assert await line.park("GRAB_CUSTOMER") == "SUCCESS: park_call function set - GRAB_CUSTOMER|1000"
    await line.hang_up(caller)
    await line.until_state("1000", "WRAPUP")
    await line.api("external_status", "SALE")
    assert (await line.snapshot("1000"))["state"] == "READY", "he took a call from a line, and takes the next"
    await line.row(
        caller,
        {"user": "1000", "lead_id": 123456, "list_id": 101, "ingroup": "SALESLINE", "status": "SALE", "cause": 16,
         "hung_up_by": "customer", "wait < 5": 1, "answered > started": 1, "talk > 0": 1},
    )  # fmt: skip
    await line.offers(caller, [("1000", "delivered")])
    names = ["call.waiting", "call.offered", "call.waiting_ended", "call.delivered", "call.held", "call.retrieved"]
    await line.news.event(names[-1], call_id=caller.call_id)
    told = [event["event"] for event in line.news.events if event.get("call_id") == caller.call_id]
    assert [name for name in told if name in names] == names
    await line.api("logout", "LOGOUT")
    log = await line.agent_log(session["session_id"])
    assert [row["state"] for row in log] == ["PAUSED", "READY", "RINGING", "INCALL", "WRAPUP", "READY"]


@async_test
async def test_a_caller_whom_nobody_knows_becomes_a_lead(line: Line) -> None:
    await line.at_work("1000", "502")
    caller = await line.caller(number=NUMBERS[5])
    await line.until_with("1000", caller)
    lead = (await line.snapshot("1000"))["lead"]
    assert (lead["id"], lead["list_id"], lead["phone_number"]) == (caller.lead_id, 102, NUMBERS[5])
    assert caller.key.endswith(f"{caller.lead_id:09}")
    await line.done_with("1000", "NI")
    await line.until_rows(
        [{"list_id": 102, "phone_number": NUMBERS[5], "status": "NI"}],
        "select list_id, phone_number, status from leads where id = ?",
        caller.lead_id,
    )
    again = await line.caller("TEST_IN", NUMBERS[5])
    assert again.lead_id == caller.lead_id
    await line.hang_up(again)


@async_test
async def test_what_he_hears_while_he_waits_and_when_he_goes(line: Line) -> None:
    before = await line.figures()
    caller = await line.caller(number=NUMBERS[0])
    await line.until_doing(caller.leg, "Playback")
    await line.all_hear({caller.number: {WELCOME}})
    await line.until_waits(caller)
    await line.all_hear({caller.number: {MUSIC}})
    now = await line.figures()
    assert (now["waiting"], now["offered"], now["longest_wait"] > 0) == (1, before["offered"] + 1, True)
    await line.hang_up(caller)
    ended = await line.news.event("call.waiting_ended", call_id=caller.call_id)
    assert ended["reason"] == "abandoned"
    await line.row(
        caller,
        {"user": "", "status": "DROP", "disposed_by": "abandoned", "hung_up_by": "customer", "cause": 16,
         "wait > 1": 1, "answered": None},
    )  # fmt: skip
    after = await line.figures()
    assert (after["waiting"], after["abandoned"]) == (0, before["abandoned"] + 1)
    metrics = (await line.web.ask("GET", "/metrics")).text
    assert re.search(rf"^agentd_\w*abandoned\w*{{.*SALESLINE.*}} {after['abandoned']}(\.0)?$", metrics, re.MULTILINE)


@async_test
async def test_he_is_told_his_place_and_can_be_fetched_from_it(line: Line) -> None:
    first = await line.caller("TOLD", NUMBERS[0])
    second = await line.caller("TOLD", NUMBERS[1])
    await line.at_work("1000", "502", ready=False)
    await line.takes("1000", "TOLD")
    for caller, place in ((first, "1"), (second, "2")):
        await line.until_doing(caller.leg, "Playback", within=20)
        assert await line.observer.variable(caller.leg, "AGENTD_POSITION") == place
    await line.becomes("1000", "ready")
    await line.until_with("1000", first)
    await line.hang_up(second)


# --- who is pulled out in the middle ---------------------------------------------------------------------------


async def to_the_next(line: Line, caller: Caller, other: Caller, agent: str) -> None:
    """The caller, who was on his way to an agent, is the first in line still, and the next one's."""
    assert await line.in_line() == [caller.key, other.key]
    await line.until_waits(caller)
    await line.at_work(COLLEAGUE, HIS_PHONE)
    await line.until_with(COLLEAGUE, caller)
    await line.all_hear({caller.number: {OTHER}, other.number: {MUSIC}})
    await line.offers(caller, [(agent, "back"), (COLLEAGUE, "delivered")])
    await line.hang_up(other)


@pytest.mark.parametrize("how", ["pause", "logout"])
@async_test
async def test_the_chosen_agent_leaves_in_the_middle_of_the_delivery(line: Line, how: str) -> None:
    await line.at_work("1000", "502", ready=False)
    caller, other = [await line.caller(number=number) for number in NUMBERS[:2]]
    for each in (caller, other):
        await line.until_waits(each)
    async with line.frozen():
        await line.becomes("1000", "ready")
        assert (await line.snapshot("1000"))["state"] == "RINGING"
        assert (await line.figures())["callers"][0]["offered"] == "1000"
        if how == "pause":
            said = await line.api("external_pause", "PAUSE")
            assert said.startswith("SUCCESS")
            await line.until_state("1000", "PAUSED")
        else:
            gone = ensureDeferred(line.native("DELETE", "/sessions/1000"))
            await line.until_state("1000", None)
    if how == "logout":
        assert (await gone).code == 200
    await to_the_next(line, caller, other, "1000")


@async_test
async def test_another_agent_who_is_ready_has_him_at_once(line: Line) -> None:
    await line.at_work("1000", "502", ready=False)
    await line.at_work(BEST, HIS, ready=False)
    caller = await line.caller()
    await line.until_waits(caller)
    async with line.frozen():
        await line.becomes(BEST, "ready")
        await line.becomes("1000", "ready")
        assert (await line.figures())["callers"][0]["offered"] == BEST
        await line.becomes(BEST, "paused")
    await line.until_with("1000", caller)
    await line.all_hear({caller.number: {OWN}, HIS: set()})
    assert (await line.snapshot(BEST))["state"] == "PAUSED"
    await line.offers(caller, [(BEST, "back"), ("1000", "delivered")])


@async_test
async def test_the_chosen_agents_phone_drops_in_the_middle_of_the_delivery(line: Line) -> None:
    await line.at_work("1000", "502", ready=False)
    caller, other = [await line.caller(number=number) for number in NUMBERS[:2]]
    for each in (caller, other):
        await line.until_waits(each)
    phone = await line.phone_of("1000")
    await line.rig.behave("502", "silent")  # it is called again, and does not answer
    try:
        async with line.frozen():
            assert await line.rig.hang_up("502") == 1
            await line.becomes("1000", "ready")
            assert (await line.snapshot("1000"))["state"] == "RINGING"
        await line.observer.event("Hangup", Uniqueid=phone)
        # Whether the caller comes before the phone has gone is Asterisk's to say: then he hears music, and goes back.

        async def both_wait() -> bool:
            return [each["number"] for each in (await line.figures())["callers"]] == [caller.number, other.number]

        await line.until(both_wait, "callers in their line")
        assert (await line.snapshot("1000"))["phone"]["attached"] is False
        await line.at_work(COLLEAGUE, HIS_PHONE)
        await line.until_with(COLLEAGUE, caller)
    finally:
        await line.rig.behave("502", "usual")
    await line.hang_up(other)


@async_test
async def test_a_caller_goes_in_the_middle_of_the_delivery(line: Line) -> None:
    await line.at_work("1000", "502", ready=False)
    caller = await line.caller(number=NUMBERS[0])
    await line.until_waits(caller)
    async with line.frozen():
        assert await line.rig.hang_up(caller.number) == 1
        await line.becomes("1000", "ready")
    await line.observer.event("Hangup", Uniqueid=caller.leg)
    await line.until(lambda: line.rows("select 1 from calls where id = ? and ended is not null", caller.call_id), "end")
    session = await line.until_state("1000", "WRAPUP" if (await line.snapshot("1000"))["calls"] else "READY")
    assert session["phone"]["attached"] is True
    if session["state"] == "READY":
        await line.offers(caller, [("1000", "gone")])


@async_test
async def test_a_caller_who_wants_one_agent_waits_for_him(line: Line) -> None:
    await line.at_work("1000", "502")
    caller = await line.caller("AGENTDIRECT", NUMBERS[0], Agent=BEST)
    await line.until_waits(caller)
    assert (await line.snapshot("1000"))["state"] == "READY"
    assert await line.cli("session", "login", "1028") == "1028 is logged in: READY.\n"
    await line.at_work(BEST, HIS)
    await line.until_with(BEST, caller)
    assert not await line.far_ends_of(REMOTE)
