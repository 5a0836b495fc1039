"""Callers outlive the daemon and its link: nobody is cut off, nobody loses his place, nobody is delivered twice."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred
from twisted.internet.error import ConnectError
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from agentd.sandbox.tones import outside_hertz, phone_hertz
from tests.e2e.hand import MUSIC, OWN
from tests.e2e.incoming import LINE, ON_HOOK, PHONES, REMOTE, REMOTE_NUMBER, SEATED, Floor

async_test = pytest_twisted.ensureDeferred
without = pytest.mark.parametrize("what", ["daemon", "link"])
"""What is away for a moment: the daemon, killed with -9, or its link to Asterisk."""

FIRST, SECOND, THIRD = "7275559931", "7275559932", "7275559933"


@asynccontextmanager
async def uncut(floor: Floor, what: str, *legs: str) -> AsyncIterator[None]:
    """What is inside happens without the daemon or its link, and none of these channels ends, then or afterwards."""
    floor.observer.forget()
    async with floor.without(what):
        yield
    for leg in legs:
        assert not floor.observer.seen("Hangup", Uniqueid=leg), f"{leg} was cut off"
        assert await floor.observer.channel(leg) is not None, f"{leg} is gone"


async def delivered_once(floor: Floor, caller: str, agent: str, number: str) -> dict:
    """Wait until an agent has a caller. Nobody else has, or had, and the two hear each other."""
    call = (await floor.until_state(agent, "INCALL"))["calls"][-1]
    assert call["number"] == number
    assert call["legs"][0]["channel"] == caller
    await floor.observer.caught_up()
    assert floor.joined(caller) == [call["legs"][0]["room"]], "he was brought to a conference more than once"
    assert (await floor.owners())[call["id"]] == [agent]
    sql = "select user, outcome from offers where call_id = ? and outcome = 'delivered'"
    await floor.until_rows([{"user": agent, "outcome": "delivered"}], sql, call["id"])
    return call


@without
@async_test
async def test_those_who_wait_keep_their_places(floor: Floor, what: str) -> None:
    callers = {number: await floor.caller(number) for number in (FIRST, SECOND)}
    callers[THIRD] = await floor.caller(THIRD, priority=5)
    before = await floor.until_line(THIRD, FIRST, SECOND)
    async with uncut(floor, what, *callers.values()):
        await floor.all_hear({SECOND: {MUSIC}})
    assert await floor.line() == before
    assert all(not floor.observer.seen("MusicOnHoldStop", Uniqueid=leg) for leg in callers.values())
    await floor.at_work(SEATED, LINE)
    for number in (THIRD, FIRST, SECOND):
        await delivered_once(floor, callers[number], SEATED, number)
        await floor.dispose(SEATED)
    assert await floor.line() == []


@without
@async_test
async def test_who_gives_up_meanwhile_and_who_comes_meanwhile(floor: Floor, what: str) -> None:
    gone, stays = [await floor.caller(number) for number in (FIRST, SECOND)]
    [call, _] = await floor.until_line(FIRST, SECOND)
    floor.observer.forget()
    async with floor.without(what):
        await floor.rig.hang_up(FIRST)
        await floor.observer.event("Hangup", Uniqueid=gone)
        floor.come(THIRD)
        fresh = (await floor.observer.event("Newchannel", CallerIDNum=THIRD))["Uniqueid"]
        came = floor.reactor.seconds()
        if what == "daemon":
            await floor.until_doing(fresh, "MusicOnHold")
        else:  # a daemon that is there and does not answer keeps him at the question where to go
            await floor.until_doing(fresh, "AGI")
    [_, taken_up] = await floor.until_line(SECOND, THIRD)
    assert -5 < taken_up["since"] - came < 2, "his wait counts from when he came (Asterisk tells it in seconds)"
    assert taken_up["key"][0] == "Y"
    row = [{"status": "DROP", "disposed_by": "abandoned", "user": ""}]
    await floor.until_rows(row, "select status, disposed_by, user from calls where id = ?", call["call_id"])
    await floor.until_rows([{"waited": 1}], "select wait > 0 as waited from calls where id = ?", call["call_id"])
    await floor.at_work(SEATED, LINE)
    for number, leg in ((SECOND, stays), (THIRD, fresh)):
        await floor.until_doing(leg, f"ConfBridge {await floor.room(SEATED)}")
        await delivered_once(floor, leg, SEATED, number)
        await floor.dispose(SEATED)


@async_test
async def test_callers_who_find_no_daemon_are_taken_up_in_the_order_in_which_they_came(floor: Floor) -> None:
    await floor.at_work(SEATED, LINE)
    await floor.demo.stop_daemon("KILL")
    try:
        first = await floor.caller(FIRST)
        began = floor.reactor.seconds()
        # Asterisk tells how long a channel is there in whole seconds: the next one comes in another.
        await floor.until(lambda: floor.reactor.seconds() > began + 1.1, "next second")
        second = await floor.caller(SECOND)
        await floor.all_hear({FIRST: {MUSIC}})
    finally:
        floor.demo.start_daemon()
        await floor.demo.ready()
    call = await delivered_once(floor, first, SEATED, FIRST)
    assert call["did"] == "7275550102"
    assert abs(call["started"] - began) < 60
    [waits] = await floor.until_line(SECOND)
    assert await floor.observer.variable(second, "AGENTD_CALL") == waits["key"]
    await floor.all_hear({FIRST: {OWN}, PHONES[SEATED]: {outside_hertz(FIRST)}, SECOND: {MUSIC}})
    await floor.dispose(SEATED)
    await delivered_once(floor, second, SEATED, SECOND)


@async_test
async def test_without_a_link_callers_wait_agents_become_ready_and_then_they_meet(floor: Floor) -> None:
    assert (await floor.native("POST", "/sessions", {"agent": SEATED, "phone": PHONES[SEATED]})).code == 201
    assert (await floor.choose(SEATED, LINE, blended=False)).code == 200
    first = await floor.caller(FIRST)
    await floor.refuse_the_link()
    try:
        second = await floor.caller(SECOND)
        assert (await floor.ready(SEATED)).code == 200
        assert (await floor.snapshot(SEATED))["state"] == "READY"
        await floor.all_hear({SECOND: {MUSIC}})
    finally:
        await floor.allow_the_link()
    await delivered_once(floor, first, SEATED, FIRST)
    await floor.until_line(SECOND)
    await floor.dispose(SEATED)
    await delivered_once(floor, second, SEATED, SECOND)


@without
@async_test
async def test_while_a_caller_is_being_welcomed(floor: Floor, what: str) -> None:
    floor.come(FIRST, "SALESLINE")
    caller = await floor.channel_of(FIRST, "Playback")
    async with uncut(floor, what, caller):
        await floor.until_doing(caller, "MusicOnHold")
    await floor.at_work(SEATED, "SALESLINE")
    await delivered_once(floor, caller, SEATED, FIRST)
    assert not floor.observer.seen("Newexten", Uniqueid=caller, Application="Playback"), "he was welcomed once"


@without
@async_test
async def test_while_an_on_hook_agent_is_rung(floor: Floor, what: str) -> None:
    await floor.behave(PHONES[ON_HOOK], "answers", after=1.5)
    await floor.at_work(ON_HOOK, LINE)
    caller = await floor.caller(FIRST)
    await floor.until_state(ON_HOOK, "RINGING")
    ringing = await floor.far_ends.event("Newchannel", Context="phones", Exten=PHONES[ON_HOOK])
    async with uncut(floor, what, caller):
        await floor.answers(ringing)
        await floor.all_hear({FIRST: {MUSIC}})
    await delivered_once(floor, caller, ON_HOOK, FIRST)
    await floor.all_hear({FIRST: {phone_hertz(PHONES[ON_HOOK])}, PHONES[ON_HOOK]: {outside_hertz(FIRST)}})
    await floor.dispose(ON_HOOK)
    # His phone is let go, and he waits for the next.
    await floor.until_state(ON_HOOK, "READY")
    await floor.until_gone()


@without
@async_test
async def test_while_a_remote_agent_is_rung(floor: Floor, what: str) -> None:
    await floor.behave(REMOTE_NUMBER, "answers", after=1.5)
    caller = await floor.caller(FIRST)
    await floor.at_work(REMOTE, LINE)
    ringing = await floor.rings(REMOTE_NUMBER)
    async with uncut(floor, what, caller):
        await floor.answers(ringing)
    call = await delivered_once(floor, caller, REMOTE, FIRST)
    assert floor.dialled() == [REMOTE_NUMBER], "he is called once"
    assert await floor.observer.together(caller, call["agent_leg"])
    await floor.all_hear({FIRST: {outside_hertz(REMOTE_NUMBER)}, REMOTE_NUMBER: {outside_hertz(FIRST)}})
    await floor.rig.hang_up(REMOTE_NUMBER)
    await floor.until_gone()
    assert (await floor.until_state(REMOTE, "READY"))["calls"] == []


@pytest.mark.parametrize("moment", ["asked", "offered", "there"])
@async_test
async def test_kill_9_while_a_caller_is_being_brought(floor: Floor, moment: str) -> None:
    caller = await floor.caller(FIRST)
    second = await floor.caller(SECOND)
    await floor.at_work(SEATED)
    stream = await floor.stream()
    floor.observer.forget()
    asked = ensureDeferred(floor.choose(SEATED, LINE, blended=False))
    asked.addErrback(lambda failure: failure.trap(ConnectError, ResponseFailed, ResponseNeverReceived))
    if moment == "offered":
        await stream.event("call.offered", to=SEATED)
    elif moment == "there":
        await floor.observer.event("ConfbridgeJoin", Uniqueid=caller)
    os.kill(floor.demo.pid, signal.SIGKILL)
    await asked
    await floor.soon(floor.link_up, bool)
    await floor.choose(SEATED, LINE, blended=False)
    await delivered_once(floor, caller, SEATED, FIRST)
    await floor.until_line(SECOND)
    assert not floor.observer.seen("Hangup")
    await floor.dispose(SEATED)
    await delivered_once(floor, second, SEATED, SECOND)


@without
@async_test
async def test_in_conversation(floor: Floor, what: str) -> None:
    await floor.at_work(REMOTE, LINE)
    floor.come(FIRST)
    call = (await floor.until_state(REMOTE, "INCALL"))["calls"][0]
    far = call["agent_leg"]
    first = call["legs"][0]["channel"]
    await floor.at_work(SEATED, LINE)
    floor.come(SECOND)
    second = (await floor.until_state(SEATED, "INCALL"))["calls"][0]["legs"][0]["channel"]
    phone = (await floor.leg(SEATED, "agent"))["Uniqueid"]
    before = [await floor.snapshot(agent) for agent in (REMOTE, SEATED)]
    async with uncut(floor, what, first, far, second, phone):
        await floor.all_hear({
            FIRST: {outside_hertz(REMOTE_NUMBER)}, REMOTE_NUMBER: {outside_hertz(FIRST)},
            SECOND: {OWN}, PHONES[SEATED]: {outside_hertz(SECOND)},
        })  # fmt: skip
    after = [await floor.snapshot(agent) for agent in (REMOTE, SEATED)]
    for was, now in zip(before, after, strict=True):
        assert now | {"revision": 0} == was | {"revision": 0}
    await floor.dispose(SEATED)
    await floor.observer.event("Hangup", Uniqueid=second)
    await floor.dispose(REMOTE)
    for leg in (first, far):
        await floor.observer.event("Hangup", Uniqueid=leg)
    await floor.until_empty_but(SEATED)


@without
@async_test
async def test_a_remote_agent_who_hangs_up_meanwhile_takes_the_customer_with_him(floor: Floor, what: str) -> None:
    await floor.at_work(REMOTE, LINE)
    floor.come(FIRST)
    call = (await floor.until_state(REMOTE, "INCALL"))["calls"][0]
    floor.observer.forget()
    async with floor.without(what):
        await floor.rig.hang_up(REMOTE_NUMBER)
        for leg in (call["agent_leg"], call["legs"][0]["channel"]):
            await floor.observer.event("Hangup", Uniqueid=leg)
    assert (await floor.until_state(REMOTE, "READY"))["calls"] == []
    await floor.until_rows([{"user": REMOTE, "over": 1}],
                           "select user, ended is not null as over from calls where id = ?", call["id"])  # fmt: skip


@without
@async_test
async def test_a_lead_who_is_being_dialled_and_answers_meanwhile(floor: Floor, what: str) -> None:
    [lead, after] = await floor.next_leads(2)
    await floor.behave(lead["phone_number"], "answers", after=1)
    await floor.behave(after["phone_number"], "silent")
    await floor.at_work(SEATED, blended=True)
    await floor.dial_level(1)
    ringing = await floor.rings(lead["phone_number"])
    async with floor.without(what):
        await floor.answers(ringing)
    call = (await floor.until_state(SEATED, "INCALL"))["calls"][-1]
    assert call["lead_id"] == lead["id"]
    assert floor.dialled() == [lead["phone_number"]], "one agent, one call"
    legs = await floor.members(SEATED)
    assert await floor.observer.together(legs["agent"]["Uniqueid"], legs["customer"]["Uniqueid"])
    floor.far_ends.forget()
    await floor.dispose(SEATED)
    await floor.far_ends.event("Newchannel", Context="carrier")
    await floor.dial_level(0)


@async_test
async def test_of_twenty_callers_each_is_delivered_once_though_the_daemon_is_killed_again_and_again(
    floor: Floor,
) -> None:
    numbers = [f"72755597{number}" for number in range(21, 41)]
    for number in numbers:
        floor.come(number, "SALESLINE")
    await floor.until(lambda: _all_wait(floor, numbers), "twenty callers")
    floor.observer.forget()
    legs = {each["CallerIDNum"]: each["Uniqueid"] for each in await floor.observer.channels()}
    for agent in (SEATED, "101", "6666", REMOTE):
        await floor.at_work(agent, "SALESLINE")
    served: dict[str, str] = {}
    kill_at = [4, 9, 15]
    while len(served) < len(numbers):
        for session in await floor.sessions():
            calls = [call for call in session["calls"] if call["state"] == "connected"]
            for call in calls:
                assert call["number"] not in served, f"{call['number']} was {served[call['number']]}'s before"
                served[call["number"]] = session["agent"]
                await floor.dispose(session["agent"])
        if kill_at and len(served) >= kill_at[0]:
            kill_at.pop(0)
            await floor.kill()
            await floor.soon(floor.link_up, bool)
    assert set(served.values()) == {SEATED, "101", "6666", REMOTE}
    for number in numbers:
        assert len(floor.joined(legs[number])) == 1, f"{number} was in more than one conference"
        await floor.observer.event("Hangup", Uniqueid=legs[number])
    sql = "select distinct phone_number, outcome from offers join calls on calls.id = offers.call_id where leg in ({})"
    marks = sql.format(", ".join("?" * len(legs)))
    rows = [{"phone_number": number, "outcome": "delivered"} for number in sorted(numbers)]
    await floor.until_rows(rows, f"{marks} and outcome = 'delivered' order by phone_number", *legs.values())


async def _all_wait(floor: Floor, numbers: list[str]) -> bool:
    return {caller["number"] for caller in await floor.line("SALESLINE")} == set(numbers)
