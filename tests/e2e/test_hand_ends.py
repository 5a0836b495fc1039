"""Somebody drops in the middle of it: what becomes of the others."""

from __future__ import annotations

import pytest
import pytest_twisted

from tests.e2e.centre import CUSTOMER
from tests.e2e.hand import CALLER, COLLEAGUE, HIS_PHONE, MUSIC, OWN, THIRD, THIRD_PARTY, Hand

async_test = pytest_twisted.ensureDeferred


# --- a consultation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["hangup", "phone", "HANGUP_XFER"])
@async_test
async def test_the_consulted_agent_goes_and_the_first_keeps_the_customer(hand: Hand, how: str) -> None:
    await hand.duty()
    agent = await hand.log_in()
    customer = await hand.talk()
    third = await hand.consult()
    if how == "hangup":
        line = await hand.api("external_hangup", "1", COLLEAGUE)
        assert line == f"SUCCESS: external_hangup function set - 1|{COLLEAGUE}"
    elif how == "phone":
        assert await hand.rig.hang_up(HIS_PHONE) == 1
    else:
        assert (await hand.transfer("HANGUP_XFER")).startswith("SUCCESS")
    await hand.observer.event("Hangup", Uniqueid=third)
    await hand.until_state(COLLEAGUE, "READY")  # without wrap-up, and when his phone is back
    assert await hand.observer.together(agent, customer)
    await hand.all_hear({"502": {CALLER}, CUSTOMER: {OWN}})
    session = await hand.snapshot("1000")
    assert (session["state"], session["calls"][0]["third_party"]) == ("INCALL", None)


@async_test
async def test_the_customer_goes_and_the_consulted_agent_is_free_again(hand: Hand) -> None:
    await hand.duty()
    await hand.log_in()
    await hand.talk()
    third = await hand.consult("PARK_CUSTOMER_DIAL")
    assert await hand.rig.hang_up(CUSTOMER) == 1
    await hand.observer.event("Hangup", Uniqueid=third)
    assert (await hand.until_state("1000", "WRAPUP"))["calls"][0]["hung_up_by"] == "customer"
    await hand.until_state(COLLEAGUE, "READY")
    await hand.all_hear({"502": set(), HIS_PHONE: set()})


@async_test
async def test_a_question_that_nobody_answers_is_withdrawn(hand: Hand) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    await hand.transfer("DIAL_WITH_CUSTOMER", ingroup_choices="TEST_IN3", consultative="YES")
    third = (await hand.call())["third_party"]
    assert (third["state"], third["ingroup"], third["agent"]) == ("asked", "TEST_IN3", None)
    refused = await hand.transfer("LEAVE_3WAY_CALL")
    assert refused == "ERROR: transfer_conference not valid - LEAVE_3WAY_CALL|1000"
    assert (await hand.transfer("HANGUP_XFER")).startswith("SUCCESS")
    assert await hand.observer.channel(third["leg"]) is None
    assert await hand.observer.together(agent, customer)
    await hand.duty()
    assert (await hand.snapshot(COLLEAGUE))["state"] == "READY"


# --- the agent's phone ---------------------------------------------------------------------------------------


@async_test
async def test_the_agents_phone_drops_in_a_three_way_call_and_is_called_again(hand: Hand) -> None:
    await hand.log_in()
    customer = await hand.talk()
    third = await hand.third()
    await hand.rig.behave("502", "answers", after=2)
    try:
        assert await hand.rig.hang_up("502") == 1
        await hand.all_hear({CUSTOMER: {THIRD_PARTY}, THIRD: {CALLER}})
        await hand.until(lambda: _attached(hand), "agent's phone")
    finally:
        await hand.rig.behave("502", "usual")
    agent = (await hand.leg("1000", "agent"))["Uniqueid"]
    assert await hand.observer.together(agent, customer, third)
    assert (await hand.snapshot("1000"))["state"] == "INCALL"


async def _attached(hand: Hand) -> bool:
    return (await hand.snapshot("1000"))["phone"]["attached"]


@async_test
async def test_the_agents_phone_does_not_come_back(hand: Hand) -> None:
    colleague = await hand.duty()
    await hand.log_in()
    customer = await hand.talk()
    # A caller of an in-group goes back to its line, to whoever is ready then.
    await hand.transfer("LOCAL_CLOSER", ingroup_choices="SALESLINE")
    await hand.until_state(COLLEAGUE, "INCALL")
    assert await hand.observer.together(colleague, customer)
    await hand.rig.behave(HIS_PHONE, "rejects")
    try:
        assert await hand.rig.hang_up(HIS_PHONE) == 1
        await hand.all_hear({CUSTOMER: {MUSIC}})
        await hand.until_state(COLLEAGUE, "WRAPUP")
        await hand.until_doing(customer, "MusicOnHold")
        await hand.all_hear({CUSTOMER: {MUSIC}})
    finally:
        await hand.rig.behave(HIS_PHONE, "usual")
    await hand.until_state(COLLEAGUE, None)  # logged out, for he had no phone for so long
    back = await hand.duty()
    await hand.until_state(COLLEAGUE, "INCALL")
    assert await hand.observer.together(back, customer)


# --- the third party -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "cause"), [("7275551200", 17), ("7275551202", 34), ("522", 17)])
@async_test
async def test_a_third_party_who_does_not_come_disturbs_nobody(hand: Hand, number: str, cause: int) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    stream = await hand.stream()
    assert (await hand.transfer("DIAL_WITH_CUSTOMER", phone_number=number)).startswith("SUCCESS")
    await stream.event("call.third_party", state="ended", cause=cause)
    assert (await hand.call())["third_party"] is None
    assert await hand.observer.together(agent, customer)
    refused = await hand.transfer("LEAVE_3WAY_CALL")
    assert refused == "ERROR: transfer_conference not valid - LEAVE_3WAY_CALL|1000"


@async_test
async def test_a_blind_transfer_to_somebody_who_is_busy_ends_with_his_cause(hand: Hand) -> None:
    await hand.log_in()
    customer = await hand.talk()
    assert (await hand.transfer("BLIND_TRANSFER", phone_number="7275551200")).startswith("SUCCESS")
    assert (await hand.snapshot("1000"))["state"] == "WRAPUP"
    assert (await hand.observer.event("Hangup", Uniqueid=customer))["Cause"] == "17"
    await hand.until_empty_but("1000")
