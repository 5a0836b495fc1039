"""Every example of both documents for a call in hand: the line that it gives, and what Asterisk has then."""

from __future__ import annotations

import re

import pytest
import pytest_twisted

from tests.e2e.centre import AGC, CUSTOMER, X5
from tests.e2e.hand import COLLEAGUE, DOCUMENTS_THIRD, HIS_PHONE, THIRD, Hand

async_test = pytest_twisted.ensureDeferred
both_paths = pytest.mark.parametrize("path", [AGC, X5])
OTHERS = {AGC: ("6666", "504"), X5: ("101", "503")}
"""The agent whom the document's AGENTDIRECT example names, and a phone for him."""


async def in_wrap_up(hand: Hand, how: str, to: str) -> None:
    """The agent is in wrap-up, alone in his conference; the call went on without him."""
    session = await hand.snapshot("1000")
    assert (session["state"], session["calls"][-1]["hung_up_by"]) == ("WRAPUP", "transfer")
    await hand.until_members("1000", "agent")
    sql = "select how, target from transfer_log where call_id = ?"
    await hand.until_rows([{"how": how, "target": to}], sql, session["calls"][-1]["id"])


# --- park_call -----------------------------------------------------------------------------------------------


@both_paths
@async_test
async def test_park_and_grab(hand: Hand, path: str) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    conference = f"ConfBridge {await hand.room('1000')}"
    for park, grab, place, state in (
        ("PARK_CUSTOMER", "GRAB_CUSTOMER", "MusicOnHold", "held"),
        ("PARK_IVR_CUSTOMER", "GRAB_IVR_CUSTOMER", "Playback", "ivr"),
    ):
        for value in (park, park):
            assert await hand.park(value, path) == f"SUCCESS: park_call function set - {value}|1000"
        assert (await hand.call())["state"] == state
        await hand.until_members("1000", "agent")
        await hand.until_doing(customer, place)
        for value in (grab, grab):
            assert await hand.park(value, path) == f"SUCCESS: park_call function set - {value}|1000"
        assert (await hand.call())["state"] == "connected"
        assert await hand.doing(customer) == conference
        await hand.until_members("1000", "agent", "customer")
        assert await hand.observer.together(agent, customer)
        assert (await hand.snapshot("1000"))["state"] == "INCALL"


@both_paths
@async_test
async def test_park_errors(hand: Hand, path: str) -> None:
    async def parked(value: str, agent: str = "1000") -> str:
        return await hand.api("park_call", value, agent, path=path)

    assert await parked("PARK_CUSTOMER") == "ERROR: agent_user is not logged in - 1000"
    line = await hand.api("park_call", "PARK_CUSTOMER", "", path=path, alt_user="999999")
    assert line == "ERROR: no user found - 999999"
    await hand.log_in()
    for value in ("PARK_CUSTOMER", "GRAB_CUSTOMER", "PARK_IVR_CUSTOMER", "GRAB_IVR_CUSTOMER"):
        assert await parked(value) == "ERROR: agent_user does not have a lead on their screen - 1000"
    assert await parked("PARK") == "ERROR: park_call not valid - PARK|1000"
    customer = await hand.talk()
    assert await hand.rig.hang_up(CUSTOMER) == 1
    await hand.until_state("1000", "WRAPUP")
    assert await parked("PARK_CUSTOMER") == "ERROR: park_call not valid - PARK_CUSTOMER|1000"
    assert await hand.observer.channel(customer) is None


# --- transfer_conference -------------------------------------------------------------------------------------


@both_paths
@async_test
async def test_a_third_party_comes_and_is_hung_up_alone_and_with_the_customer(hand: Hand, path: str) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    key = (await hand.call())["key"]
    # With nobody there, there is nothing to do.
    line = await hand.transfer("HANGUP_XFER", path)
    assert line == hand.transferred(path, key, "HANGUP_XFER", "", "", "NO")
    for number, more in (("8500", {}), (DOCUMENTS_THIRD, {"dial_override": "YES"})):
        line = await hand.transfer("DIAL_WITH_CUSTOMER", path, phone_number=number, **more)
        assert line == hand.transferred(path, key, "DIAL_WITH_CUSTOMER", "", number, "NO")
        third = (await hand.until_third())["leg"]
        await hand.until_members("1000", "agent", "customer", "third")
        assert await hand.observer.together(agent, customer, third)
        value = "HANGUP_XFER" if number == "8500" else "HANGUP_BOTH"
        line = await hand.transfer(value, path)
        assert line == hand.transferred(path, key, value, "", "", "NO")
        assert await hand.observer.channel(third) is None
        if value == "HANGUP_XFER":
            assert await hand.observer.together(agent, customer)
    assert await hand.observer.channel(customer) is None
    session = await hand.snapshot("1000")
    assert (session["state"], session["calls"][0]["hung_up_by"]) == ("WRAPUP", "agent")
    await hand.until_members("1000", "agent")


@async_test
async def test_dial_override_dials_exactly_what_is_given(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    for more, dialled in (({"dial_override": "YES"}, THIRD), ({}, f"91{THIRD}")):
        hand.far_ends.forget()
        await hand.transfer("DIAL_WITH_CUSTOMER", phone_number=THIRD, **more)
        await hand.until_third()
        came = await hand.far_ends.event("Newchannel", Context="carrier")
        assert came["Exten"] == dialled
        await hand.transfer("HANGUP_XFER")


@both_paths
@async_test
async def test_a_blind_transfer(hand: Hand, path: str) -> None:
    await hand.log_in()
    customer = await hand.talk()
    key = (await hand.call())["key"]
    line = await hand.transfer("BLIND_TRANSFER", path, phone_number="8500")
    assert line == hand.transferred(path, key, "BLIND_TRANSFER", "", "8500", "NO")
    await in_wrap_up(hand, "blind", "8500")
    await hand.until_sent_on(customer)
    assert await hand.rig.hang_up(CUSTOMER) == 1
    await hand.until_empty_but("1000")


@both_paths
@async_test
async def test_leaving_a_message(hand: Hand, path: str) -> None:
    await hand.log_in()
    customer = await hand.talk()
    key = (await hand.call())["key"]
    line = await hand.transfer("LEAVE_VM", path)
    assert line == hand.transferred(path, key, "LEAVE_VM", "", "", "NO")
    await in_wrap_up(hand, "message", "agentd/leave-message")
    await hand.until_doing(customer, "Playback")
    await hand.observer.event("Hangup", Uniqueid=customer)


@pytest.mark.parametrize("wanted", ["DEFAULTINGROUP", "SALESLINE", "AGENTDIRECT"])
@both_paths
@async_test
async def test_a_closer_goes_to_the_agent_who_is_ready(hand: Hand, path: str, wanted: str) -> None:
    agent, phone = OTHERS[path] if wanted == "AGENTDIRECT" else (COLLEAGUE, HIS_PHONE)
    other = await hand.duty(agent, phone)
    await hand.log_in()
    customer = await hand.talk()
    key = (await hand.call())["key"]
    more = {"phone_number": agent} if wanted == "AGENTDIRECT" else {}
    line = await hand.transfer("LOCAL_CLOSER", path, ingroup_choices=wanted, **more)
    meant = "SALESLINE" if wanted == "DEFAULTINGROUP" else wanted
    number = agent if wanted == "AGENTDIRECT" else ""
    assert line == hand.transferred(path, key, "LOCAL_CLOSER", meant, number, "NO")
    await in_wrap_up(hand, "closer", meant)
    taken = await hand.until_state(agent, "INCALL")
    assert await hand.observer.together(other, customer)
    assert (taken["lead"]["id"], taken["calls"][0]["ingroup"]) == (123456, meant)
    assert taken["calls"][0]["origin"] == (await hand.call())["id"]
    assert re.fullmatch(r"Y\d{10}000123456", taken["calls"][0]["key"])


@async_test
async def test_an_agent_who_is_wanted_is_waited_for(hand: Hand) -> None:
    colleague = await hand.duty()
    await hand.log_in()
    customer = await hand.talk()
    await hand.transfer("LOCAL_CLOSER", ingroup_choices="AGENTDIRECT", phone_number="6666")
    await hand.until_doing(customer, "MusicOnHold")
    late = await hand.duty("6666", "504")
    await hand.until_state("6666", "INCALL")
    assert await hand.observer.together(late, customer)
    assert (await hand.snapshot(COLLEAGUE))["state"] == "READY"
    assert await hand.observer.apart(colleague, customer)


@pytest.mark.parametrize("value", ["DIAL_WITH_CUSTOMER", "PARK_CUSTOMER_DIAL"])
@both_paths
@async_test
async def test_a_consultation(hand: Hand, path: str, value: str) -> None:
    other = await hand.duty()
    agent = await hand.log_in()
    customer = await hand.talk()
    key = (await hand.call())["key"]
    line = await hand.transfer(value, path, ingroup_choices="TEST_IN3", consultative="YES")
    assert line == hand.transferred(path, key, value, "TEST_IN3", "", "YES")
    third = await hand.until_third()
    assert third["agent"] == COLLEAGUE
    assert await hand.observer.together(other, third["leg"])
    assert await hand.observer.together(agent, f"{third['leg']}-2")
    seen = await hand.snapshot(COLLEAGUE)
    assert (seen["state"], seen["lead"]["id"], seen["consulted"]["agent"]) == ("INCALL", 123456, "1000")
    if value == "PARK_CUSTOMER_DIAL":
        await hand.until_members("1000", "agent", "third")
        await hand.until_doing(customer, "MusicOnHold")
        line = await hand.park("GRAB_CUSTOMER", path)
        assert line == "SUCCESS: park_call function set - GRAB_CUSTOMER|1000"
    assert await hand.observer.together(agent, customer, f"{third['leg']}-2")
    line = await hand.transfer("LEAVE_3WAY_CALL", path)
    assert line == hand.transferred(path, key, "LEAVE_3WAY_CALL", "", "", "NO")
    await in_wrap_up(hand, "consult", COLLEAGUE)
    assert await hand.observer.together(other, customer)
    await hand.until_members(COLLEAGUE, "agent", "customer")
    assert await hand.observer.channel(third["leg"]) is None


@both_paths
@async_test
async def test_leaving_a_three_way_call(hand: Hand, path: str) -> None:
    agent = await hand.log_in()
    customer = await hand.talk()
    key = (await hand.call())["key"]
    third = await hand.third("PARK_CUSTOMER_DIAL")
    await hand.until_members("1000", "agent", "third")
    # The customer on hold, or in the conference: both go on.
    line = await hand.transfer("LEAVE_3WAY_CALL", path)
    assert line == hand.transferred(path, key, "LEAVE_3WAY_CALL", "", "", "NO")
    await in_wrap_up(hand, "leave", THIRD)
    assert await hand.observer.together(customer, third)
    assert await hand.observer.apart(agent, customer)
    assert re.fullmatch(r"ConfBridge 86009\d\d", await hand.doing(customer))
    assert await hand.rig.hang_up(THIRD) == 1
    await hand.observer.event("Hangup", Uniqueid=customer)


@both_paths
@async_test
async def test_transfer_errors(hand: Hand, path: str) -> None:
    user = "6666" if path == AGC else "101"
    error = "ERROR: transfer_conference"

    async def refused(value: str, line: str, **more: str) -> None:
        before = await hand.snapshot("1000")
        assert await hand.transfer(value, path, **more) == line, (value, more)
        assert await hand.snapshot("1000") == before, (value, more)

    await refused("HANGUP_BOTH", "ERROR: agent_user is not logged in - 1000")
    line = await hand.api("transfer_conference", "HANGUP_BOTH", "", path=path, alt_user="999999")
    assert line == "ERROR: no user found - 999999"
    await hand.log_in()
    await refused("HANGUP_BOTH", "ERROR: agent_user does not have a live call - 1000")
    await hand.talk()
    await refused("QQ", f"{error} not valid - QQ|1000")
    await refused("XYZFUNCTION", f"ERROR: value is not valid - XYZFUNCTION|{user}")
    await refused("LOCAL_CLOSER", "ERROR: ingroup is not valid - XYZINGROUP", ingroup_choices="XYZINGROUP")
    await refused("LOCAL_CLOSER", "ERROR: ingroup is not valid - ")
    await refused("DIAL_WITH_CUSTOMER", "ERROR: ingroup is not valid - ", consultative="YES")
    for value in ("BLIND_TRANSFER", "DIAL_WITH_CUSTOMER", "PARK_CUSTOMER_DIAL"):
        await refused(value, f"{error} not valid - {value}|1000")
        bad = "ERROR: caller_id_number from group_alias is not valid - 1000|BADALIAS|123"
        await refused(value, bad, phone_number="8500", group_alias="BADALIAS")
        unknown = "ERROR: group_alias is not valid - 1000|TESTED"
        await refused(value, unknown, phone_number="8500", group_alias="TESTED")
    await refused("LEAVE_3WAY_CALL", f"{error} not valid - LEAVE_3WAY_CALL|1000")


@async_test
async def test_the_group_alias_is_what_the_third_party_sees(hand: Hand) -> None:
    await hand.log_in()
    await hand.talk()
    await hand.transfer("DIAL_WITH_CUSTOMER", phone_number=THIRD, group_alias="TESTING")
    third = (await hand.until_third())["leg"]
    far_ends = [each for each in await hand.far_ends.channels() if each["AccountCode"] == THIRD[-10:]]
    assert {each["CallerIDNum"] for each in far_ends} == {"7275551211"}
    assert await hand.observer.channel(third)


# --- send_dtmf -----------------------------------------------------------------------------------------------


@both_paths
@async_test
async def test_digits_reach_the_customer_and_not_the_agent(hand: Hand, path: str) -> None:
    async def send(value: str) -> str:
        return await hand.api("send_dtmf", value, path=path)

    assert await send("QQQQ1234SQQQQQ6654P") == "ERROR: agent_user is not logged in - 1000"
    await hand.log_in()
    assert await send("1234") == "ERROR: send_dtmf not valid - 1234|1000"
    await hand.talk()
    for value in ("QQ", "", "12x", "p"):
        assert await send(value) == f"ERROR: send_dtmf not valid - {value}|1000"
    hand.far_ends.forget()
    assert await send("QQQQ1234SQQQQQ6654P") == "SUCCESS: send_dtmf function set - QQQQ1234SQQQQQ6654P|1000"
    await hand.far_ends.event("DTMFEnd", within=25, AccountCode=CUSTOMER, Digit="#")
    assert hand.typed(CUSTOMER) == "1234*6654#"
    assert hand.typed("502") == ""
    ends = [float(event["Timestamp"]) for event in hand.far_ends.seen("DTMFEnd", AccountCode=CUSTOMER)]
    assert ends[5] - ends[4] > 5, "five Q are five seconds"
    assert not re.search(r"QQQQ1234|1234\*6654", hand.log), "digits may be a card's number"


# --- recording -----------------------------------------------------------------------------------------------


@both_paths
@async_test
async def test_recording(hand: Hand, path: str) -> None:
    async def ask(value: str, **more: str) -> str:
        return await hand.api("recording", value, path=path, **more)

    assert await ask("START") == "ERROR: agent_user is not logged in - 1000"
    await hand.log_in()
    place = f"127.0.0.1|{await hand.room('1000')}"
    assert await ask("STOP") == f"ERROR: stop recording error - 1000|||||{place}|PAUSED"
    assert await ask("STATUS") == f"NOTICE: not recording - 1000|||||{place}|PAUSED"
    await hand.talk()
    assert await ask("START") == f"SUCCESS: recording function sent - 1000|START||||{place}|INCALL"
    long = await ask("START", stage="_MIDCALLTOOLONGBYFAR")
    assert long == f"SUCCESS: recording function sent - 1000|START_MIDCALLTOOLON||||{place}|INCALL"
    line = await ask("START", stage="_MIDCALL")
    assert line == f"SUCCESS: recording function sent - 1000|START_MIDCALL||||{place}|INCALL"
    shape = (
        rf"NOTICE: recording active - 1000\|(\d+)\|(\d{{8}}-\d{{6}}_{CUSTOMER}_1000__MIDCALL)\|127\.0\.0\.1\|"
        rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\|{re.escape(place)}\|INCALL"
    )
    status = await ask("STATUS")
    found = re.fullmatch(shape, status)
    assert found, status
    assert (hand.rig.recordings / f"{found[2]}.wav").exists()
    assert len((await hand.snapshot("1000"))["recordings"]) == 3
    assert await ask("STOP") == f"SUCCESS: recording function sent - 1000|STOP||||{place}|INCALL"
    assert await ask("STATUS") == f"NOTICE: not recording - 1000|||||{place}|INCALL"
    assert await ask("STOP") == f"ERROR: stop recording error - 1000|||||{place}|INCALL"
