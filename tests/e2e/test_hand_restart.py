"""Calls in hand outlive the daemon and its link: nobody is cut off, and whatever was asked works on afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_twisted

from tests.e2e.centre import AGC, CUSTOMER
from tests.e2e.hand import CALLER, COLLEAGUE, HIS_PHONE, MUSIC, OTHER, OWN, THIRD, THIRD_PARTY, Hand

async_test = pytest_twisted.ensureDeferred
without = pytest.mark.parametrize("what", ["daemon", "link"])
"""What is away for a moment: the daemon, killed with -9, or its link to Asterisk."""


@asynccontextmanager
async def unnoticed(hand: Hand, what: str, *legs: str) -> AsyncIterator[None]:
    """What is inside happens without the daemon or its link, and afterwards each channel is where it was."""
    before = await standing(hand, *legs)
    async with hand.without(what):
        yield
    assert await standing(hand, *legs) == before


async def standing(hand: Hand, *legs: str) -> dict[str, tuple[str, str]]:
    """What these channels do, and in which bridge, when they have come to rest."""

    async def look() -> dict[str, tuple[str, str]]:
        channels = {channel["Uniqueid"]: channel for channel in await hand.observer.channels()}
        found = {leg: (channels[leg]["Application"], channels[leg]["BridgeId"]) for leg in legs}
        return found if all(bridge or does == "MusicOnHold" for does, bridge in found.values()) else {}

    return await hand.until(look, "rest")


async def said(hand: Hand, value: str, *fields: str) -> None:
    """A transfer_conference is carried out and gives its line."""
    key = (await hand.call())["key"]
    assert await hand.transfer(value) == hand.transferred(AGC, key, value, *fields)


@without
@async_test
async def test_while_the_customer_is_parked(hand: Hand, what: str) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    await hand.park("PARK_CUSTOMER")
    await hand.until_doing(customer, "MusicOnHold")
    before = await hand.call()
    async with unnoticed(hand, what, agent, customer):
        await hand.all_hear({CUSTOMER: {MUSIC}, "502": set()})
    assert await hand.call() == before
    assert await hand.park("GRAB_CUSTOMER") == "SUCCESS: park_call function set - GRAB_CUSTOMER|1000"
    assert await hand.observer.together(agent, customer)
    assert (await hand.call())["state"] == "connected"


@without
@async_test
async def test_while_the_customer_is_in_the_ivr_which_ends_meanwhile(hand: Hand, what: str) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    conference = f"ConfBridge {await hand.room('1000')}"
    await hand.short_prompt(3)
    try:
        await hand.park("PARK_IVR_CUSTOMER")
        await hand.until_doing(customer, "Playback")
        async with hand.without(what):
            # A daemon that is there and does not answer keeps him at the question whither to go.
            await hand.until_doing(customer, conference if what == "daemon" else "AGI")
        await hand.until_doing(customer, conference)
    finally:
        await hand.long_prompt()
    call = await hand.until_call("connected")
    assert call["third_party"] is None
    await hand.all_hear({"502": {CALLER}, CUSTOMER: {OWN}})
    sql = "select place, retrieved_by, ended is not null as over from park_log where call_id = ?"
    await hand.until_rows([{"place": "ivr", "retrieved_by": "ivr", "over": 1}], sql, call["id"])
    assert await hand.park("PARK_CUSTOMER") == "SUCCESS: park_call function set - PARK_CUSTOMER|1000"
    assert await hand.park("GRAB_CUSTOMER") == "SUCCESS: park_call function set - GRAB_CUSTOMER|1000"
    assert await hand.observer.together(agent, customer)


@without
@async_test
async def test_in_a_three_way_call(hand: Hand, what: str) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    third = await hand.third()
    async with unnoticed(hand, what, agent, customer, third):
        assert await hand.observer.together(agent, customer, third)
    assert (await hand.call())["third_party"]["state"] == "connected"
    await said(hand, "HANGUP_XFER", "", "", "NO")
    assert await hand.observer.channel(third) is None
    third = await hand.third("PARK_CUSTOMER_DIAL")
    await hand.until_doing(customer, "MusicOnHold")
    async with unnoticed(hand, what, agent, customer, third):
        pass
    assert await hand.park("GRAB_CUSTOMER") == "SUCCESS: park_call function set - GRAB_CUSTOMER|1000"
    assert await hand.observer.together(agent, customer, third)
    async with hand.without(what):
        pass
    await said(hand, "LEAVE_3WAY_CALL", "", "", "NO")
    assert await hand.observer.together(customer, third)
    assert (await hand.snapshot("1000"))["state"] == "WRAPUP"
    assert await hand.rig.hang_up(THIRD) == 1
    await hand.until_empty_but("1000")


@without
@async_test
async def test_a_third_party_who_leaves_meanwhile_and_a_customer_who_does(hand: Hand, what: str) -> None:
    await hand.log_in()
    customer = await hand.talk()
    third = await hand.third()
    async with hand.without(what):
        assert await hand.rig.hang_up(THIRD) == 1
        await hand.observer.event("Hangup", Uniqueid=third)
    assert (await hand.call())["third_party"] is None
    assert (await hand.call())["state"] == "connected"
    third = await hand.third()
    async with hand.without(what):
        assert await hand.rig.hang_up(CUSTOMER) == 1
        await hand.observer.event("Hangup", Uniqueid=customer)
    assert (await hand.call())["state"] == "third_party"
    assert (await hand.snapshot("1000"))["state"] == "INCALL"
    await hand.all_hear({"502": {THIRD_PARTY}, THIRD: {OWN}})
    await said(hand, "HANGUP_XFER", "", "", "NO")
    assert (await hand.snapshot("1000"))["state"] == "WRAPUP"
    assert await hand.observer.channel(third) is None


@without
@async_test
async def test_in_a_consultation_that_waits_for_an_agent(hand: Hand, what: str) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    await said_consult(hand, "DIAL_WITH_CUSTOMER")
    third = (await hand.call())["third_party"]["leg"]
    await hand.until_doing(third, "MusicOnHold")
    async with unnoticed(hand, what, agent, customer, third):
        pass
    other = await hand.duty()
    await hand.until_third()
    assert await hand.observer.together(other, third)
    await hand.all_hear({HIS_PHONE: {OWN, CALLER}, CUSTOMER: {OWN, OTHER}})
    await said(hand, "HANGUP_XFER", "", "", "NO")
    assert (await hand.snapshot(COLLEAGUE))["state"] == "READY"
    assert await hand.observer.together(agent, customer)


async def said_consult(hand: Hand, value: str) -> None:
    line = await hand.transfer(value, ingroup_choices="TEST_IN3", consultative="YES")
    assert line.startswith("SUCCESS"), line


@without
@async_test
async def test_in_a_consultation(hand: Hand, what: str) -> None:
    other = await hand.duty()
    agent = await hand.log_in()
    customer = await hand.talk()
    third = await hand.consult("PARK_CUSTOMER_DIAL")
    await hand.until_doing(customer, "MusicOnHold")
    before = [await hand.snapshot(name) for name in ("1000", COLLEAGUE)]
    async with unnoticed(hand, what, agent, customer, third, f"{third}-2", other):
        await hand.all_hear({"502": {OTHER}, HIS_PHONE: {OWN}, CUSTOMER: {MUSIC}})
    after = [await hand.snapshot(name) for name in ("1000", COLLEAGUE)]
    for was, now in zip(before, after, strict=True):
        assert now | {"revision": 0} == was | {"revision": 0}
    assert await hand.park("GRAB_CUSTOMER") == "SUCCESS: park_call function set - GRAB_CUSTOMER|1000"
    await said(hand, "LEAVE_3WAY_CALL", "", "", "NO")
    assert await hand.observer.together(other, customer)
    assert (await hand.snapshot(COLLEAGUE))["state"] == "INCALL"
    assert (await hand.snapshot("1000"))["state"] == "WRAPUP"


@pytest.mark.parametrize("leaves", [CUSTOMER, THIRD])
@without
@async_test
async def test_of_two_who_were_left_one_leaves_meanwhile(hand: Hand, what: str, leaves: str) -> None:
    await hand.log_in()
    customer = await hand.talk()
    third = await hand.third()
    await said(hand, "LEAVE_3WAY_CALL", "", "", "NO")
    hand.observer.forget()
    async with hand.without(what):
        await hand.all_hear({CUSTOMER: {THIRD_PARTY}, THIRD: {CALLER}})
        assert await hand.rig.hang_up(leaves) == 1
        for leg in (customer, third):
            await hand.observer.event("Hangup", Uniqueid=leg)
    await hand.until_empty_but("1000")
    assert await hand.api("external_status", "A") == "SUCCESS: external_status function set - A|1000"
    # And two who have outlived it are known still: with the one the other goes.
    customer = await hand.talk()
    third = await hand.third()
    await said(hand, "LEAVE_3WAY_CALL", "", "", "NO")
    async with hand.without(what):
        pass
    assert await hand.observer.together(customer, third)
    assert await hand.rig.hang_up(leaves) == 1
    await hand.until_empty_but("1000")


@without
@async_test
async def test_while_a_customer_waits_for_an_agent(hand: Hand, what: str) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    await said_closer(hand)
    await hand.until_doing(customer, "MusicOnHold")
    async with unnoticed(hand, what, agent, customer):
        await hand.all_hear({CUSTOMER: {MUSIC}})
    other = await hand.duty()
    taken = await hand.until_state(COLLEAGUE, "INCALL")
    assert await hand.observer.together(other, customer)
    assert taken["calls"][0]["origin"] == (await hand.call())["id"]


@without
@async_test
async def test_a_customer_who_gives_up_waiting_meanwhile(hand: Hand, what: str) -> None:
    await hand.log_in()
    customer = await hand.talk()
    origin = (await hand.call())["id"]
    await said_closer(hand)
    async with hand.without(what):
        assert await hand.rig.hang_up(CUSTOMER) == 1
        await hand.observer.event("Hangup", Uniqueid=customer)
    sql = "select user, status, disposed_by from calls where origin = ?"
    await hand.until_rows([{"user": "", "status": "DROP", "disposed_by": "abandoned"}], sql, origin)
    await hand.duty()
    assert (await hand.snapshot(COLLEAGUE))["state"] == "READY"


async def said_closer(hand: Hand) -> None:
    line = await hand.transfer("LOCAL_CLOSER", ingroup_choices="SALESLINE")
    assert line == "SUCCESS: transfer_conference function set - LOCAL_CLOSER|SALESLINE||NO|1000"


@without
@async_test
async def test_while_recording_and_being_listened_to(hand: Hand, what: str) -> None:
    await hand.log_in()
    await hand.talk()
    recording = (await hand.native("POST", "/sessions/1000/recordings", {})).json()
    assert (await hand.native("POST", "/sessions/1000/monitor", {"phone": "510", "mode": "listen"})).code == 202

    async def listening() -> bool:
        return (await hand.snapshot("1000"))["monitors"][0]["since"] is not None

    await hand.until(listening, "supervisor")
    before = await hand.snapshot("1000")
    async with hand.without(what):
        await hand.all_hear({"510": {OWN, CALLER}, CUSTOMER: {OWN}, "502": {CALLER}})
    after = await hand.snapshot("1000")
    assert (after["recordings"], after["monitors"]) == (before["recordings"], before["monitors"])
    path = f"/sessions/1000/recordings/{recording['id']}"
    assert (await hand.native("PATCH", path, {"muted": True})).code == 200
    assert (await hand.native("DELETE", path)).code == 200
    assert (await hand.native("DELETE", "/sessions/1000/monitor/510")).code == 200
    row = [{"reason": "agent", "failed": ""}]
    await hand.until_rows(row, "select reason, failed from recordings where id = ?", recording["id"])


@async_test
async def test_without_a_link_what_moves_a_leg_is_refused(hand: Hand) -> None:
    await hand.log_in()
    customer = await hand.talk()
    await hand.third()
    refused = {
        "park_call": ("PARK_CUSTOMER", "PARK_IVR_CUSTOMER"),
        "transfer_conference": ("HANGUP_XFER", "HANGUP_BOTH", "LEAVE_VM", "LEAVE_3WAY_CALL"),
        "recording": ("START",),
        "send_dtmf": ("1234",),
    }
    await hand.refuse_the_link()
    try:
        before = await hand.snapshot("1000")
        for function, values in refused.items():
            for value in values:
                line = await hand.api(function, value)
                assert line == f"ERROR: {function} not sent - PBX link down|1000"
        for more in ({"phone_number": "8500"}, {"ingroup_choices": "SALESLINE"}):
            value = "BLIND_TRANSFER" if "phone_number" in more else "LOCAL_CLOSER"
            line = await hand.transfer(value, **more)
            assert line == "ERROR: transfer_conference not sent - PBX link down|1000"
        assert await hand.snapshot("1000") == before
    finally:
        await hand.allow_the_link()
    assert await hand.doing(customer) == f"ConfBridge {await hand.room('1000')}"
    assert await hand.park("PARK_CUSTOMER") == "SUCCESS: park_call function set - PARK_CUSTOMER|1000"
