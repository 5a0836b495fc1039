"""The agent's phone drops: in each state, and comes back; or does not."""

from __future__ import annotations

import pytest
import pytest_twisted

from agentd.sandbox.tones import MUSIC_HERTZ, outside_hertz, phone_hertz
from tests.e2e.centre import CUSTOMER, Centre
from tests.rig.listen import listen


async def phone_hangs_up(centre: Centre, leg: str) -> None:
    centre.observer.forget()
    assert await centre.rig.hang_up("502") == 1
    await centre.observer.event("Hangup", Uniqueid=leg)


async def back(centre: Centre, old: str) -> str:
    """The phone's new channel, when it is in the conference."""

    async def look() -> str:
        agent = (await centre.members("1000")).get("agent", {}).get("Uniqueid", "")
        attached = (await centre.snapshot("1000"))["phone"]["attached"]
        return agent if attached and agent != old else ""

    return await centre.until(look, "phone in its conference")


@pytest.mark.parametrize(("state", "code"), [("PAUSED", "BREAK"), ("READY", None)])
@pytest_twisted.ensureDeferred
async def test_a_free_agent_gets_his_state_back_with_his_phone(centre: Centre, state: str, code: str | None) -> None:
    leg = await centre.log_in()
    session_id = (await centre.snapshot("1000"))["session_id"]
    if code:
        await centre.api("pause_code", code)
    else:
        await centre.api("external_pause", "RESUME")
    await phone_hangs_up(centre, leg)
    assert await back(centre, leg) != leg
    after = await centre.snapshot("1000")
    assert (after["state"], after["code"]) == (state, code)
    await centre.api("logout", "LOGOUT")
    log = await centre.agent_log(session_id)
    assert [(row["state"], row["code"]) for row in log[1:]] == [
        (state, code or ""),
        ("PAUSED", "NOPHON"),
        (state, code or ""),
    ]


@pytest_twisted.ensureDeferred
async def test_in_a_call_the_customer_waits_with_music_and_hears_the_agent_again(centre: Centre) -> None:
    leg = await centre.log_in()
    customer = await centre.talk()
    await centre.rig.behave("502", "answers", after=2)
    try:
        await phone_hangs_up(centre, leg)
        tones = (MUSIC_HERTZ, phone_hertz("502"), outside_hertz(CUSTOMER))
        heard = await listen(centre.observer, customer, centre.rig.recordings, tones)
        assert heard.hears == {MUSIC_HERTZ}
        assert (await centre.snapshot("1000"))["state"] == "INCALL"
        again = await back(centre, leg)
    finally:
        await centre.rig.behave("502", "usual")
    assert await centre.observer.together(again, customer)
    assert (await centre.snapshot("1000"))["state"] == "INCALL"
    assert not centre.observer.seen("Hangup", Uniqueid=customer)
    assert await centre.api("external_hangup", "1") == "SUCCESS: external_hangup function set - 1|1000"


@pytest_twisted.ensureDeferred
async def test_a_customer_whose_agent_does_not_come_back_is_not_kept_for_ever(centre: Centre) -> None:
    leg = await centre.log_in()
    customer = await centre.talk()
    await centre.rig.behave("502", "busy")
    try:
        await phone_hangs_up(centre, leg)
        await centre.observer.event("Hangup", Uniqueid=customer)
        wrapup = await centre.until_state("1000", "WRAPUP")
        assert wrapup["calls"][0]["hung_up_by"] == "system"
        assert await centre.api("external_status", "A") == "SUCCESS: external_status function set - A|1000"
    finally:
        await centre.rig.behave("502", "usual")


@pytest_twisted.ensureDeferred
async def test_while_dialling_the_dial_is_cancelled(centre: Centre) -> None:
    leg = await centre.log_in()
    await centre.dial("7275551205")
    dialled = (await centre.snapshot("1000"))["calls"][0]["legs"][0]["channel"]
    await phone_hangs_up(centre, leg)
    await centre.observer.event("Hangup", Uniqueid=dialled)
    wrapup = await centre.until_state("1000", "WRAPUP")
    assert wrapup["calls"][0]["suggested_status"] == "CANCEL"
    await back(centre, leg)
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP"


@pytest_twisted.ensureDeferred
async def test_in_wrap_up_nothing_changes(centre: Centre) -> None:
    leg = await centre.log_in()
    await centre.talk()
    await centre.api("external_hangup", "1")
    await phone_hangs_up(centre, leg)
    await back(centre, leg)
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP"
    assert await centre.api("external_status", "A") == "SUCCESS: external_status function set - A|1000"


@pytest_twisted.ensureDeferred
async def test_without_a_phone_what_needs_it_is_refused_until_call_agent(centre: Centre) -> None:
    leg = await centre.log_in()
    await centre.rig.behave("502", "busy")
    try:
        await phone_hangs_up(centre, leg)
        lost = await centre.until_state("1000", "PAUSED")
        assert (lost["code"], lost["phone"]["attached"]) == ("NOPHON", False)
        line = await centre.api("external_pause", "RESUME")
        assert line == "ERROR: external_pause not sent - agent phone not connected|1000"
        line = await centre.dial()
        assert line == "ERROR: external_dial not sent - agent phone not connected|1000"
        assert await centre.crystal("online") == "7: extension 502 did not answer"
        # Three tries by itself, each a Newchannel; then it waits for somebody to ask.
        tried = "three tries"
        await centre.until(lambda: len(centre.observer.seen("Newchannel")) == 3, tried)
        await centre.until(lambda: len(centre.observer.seen("Hangup")) == 4, tried)
    finally:
        await centre.rig.behave("502", "usual")
    assert await centre.api("call_agent", "CALL") == "SUCCESS: call_agent function sent - 1000"
    await back(centre, leg)
    assert (await centre.snapshot("1000"))["code"] == "LOGIN"


@pytest_twisted.ensureDeferred
async def test_an_agent_without_a_phone_is_logged_out_in_the_end(centre: Centre) -> None:
    leg = await centre.log_in()
    session_id = (await centre.snapshot("1000"))["session_id"]
    await centre.rig.behave("502", "busy")
    try:
        await phone_hangs_up(centre, leg)
        await centre.until_state("1000", None)
    finally:
        await centre.rig.behave("502", "usual")
    await centre.until_rows([{"reason": "nophone"}], "select reason from sessions where id = ?", session_id)
    log = await centre.agent_log(session_id)
    assert log[-1]["code"] == "NOPHON"
    assert 8 <= log[-1]["length"] < 10
