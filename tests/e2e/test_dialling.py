"""Dials: what fails and how, what is cancelled, remembered and refused."""

from __future__ import annotations

import pytest_twisted
from twisted.internet.defer import ensureDeferred, gatherResults

from tests.e2e.centre import CUSTOMER, Centre

SLOW = "7275551205"
"""Answers after 8 seconds."""


@pytest_twisted.ensureDeferred
async def test_each_number_does_what_its_end_says(centre: Centre) -> None:
    await quicker(centre)

    async def fails(agent: str, phone: str, number: str, cause: int, status: str) -> None:
        await centre.log_in(agent, phone)
        line = await centre.dial(number, agent)
        assert line.startswith(f"SUCCESS: external_dial function set - {number}|{agent}|1|YES|NO|YES|"), line
        wrapup = await centre.until_state(agent, "WRAPUP", 8)
        call = wrapup["calls"][0]
        assert (call["cause"], call["suggested_status"], call["answered"]) == (cause, status, None)
        sql = "select cause, suggested_status, status, answered from calls where id = ?"
        row = {"cause": cause, "suggested_status": status, "answered": None}
        await centre.until_rows([{**row, "status": ""}], sql, call["id"])
        line = await centre.api("external_status", status, agent)
        assert line == f"SUCCESS: external_status function set - {status}|{agent}"
        assert (await centre.snapshot(agent))["state"] == "PAUSED"
        await centre.until_rows([{**row, "status": status}], sql, call["id"])
        await centre.until_rows([{"status": status}], "select status from leads where id = ?", call["lead_id"])

    async def hangs_up_after_five_seconds() -> None:
        await centre.log_in("6666", "504")
        customer = await centre.talk("6666", "7275551203")
        answered = centre.reactor.seconds()
        await centre.observer.event("Hangup", Uniqueid=customer)
        assert 4 < centre.reactor.seconds() - answered < 9
        call = (await centre.until_state("6666", "WRAPUP"))["calls"][0]
        assert (call["cause"], call["hung_up_by"], call["suggested_status"]) == (16, "customer", None)

    async def answers_late_in_a_queue_without_wrap_up() -> None:
        await centre.log_in("201", "501")
        dialled = centre.reactor.seconds()
        await centre.dial(SLOW, "201")
        await centre.until_state("201", "INCALL", 12)
        assert centre.reactor.seconds() - dialled > 7
        await centre.api("external_hangup", "1", "201")
        assert (await centre.snapshot("201"))["state"] == "PAUSED"

    scenes = (
        fails("1000", "502", "7275551200", 17, "B"),
        fails("1001", "505", "7275551201", 19, "N"),
        fails("101", "503", "7275551202", 34, "CONG"),
        hangs_up_after_five_seconds(),
        answers_late_in_a_queue_without_wrap_up(),
    )
    await gatherResults([ensureDeferred(scene) for scene in scenes], consumeErrors=True)


async def quicker(centre: Centre) -> None:
    """TESTCAMP with a dial timeout of 3 seconds, as an administrator sets it."""
    campaign = await centre.cli("campaign", "show", "TESTCAMP")
    assert "dial_timeout = 20" in campaign
    file = centre.demo.folder / "testcamp.toml"
    file.write_text(campaign.replace("dial_timeout = 20", "dial_timeout = 3"))
    before = centre.log.count("reloaded:")
    await centre.cli("campaign", "add", "--replace", str(file))
    await centre.cli("reload")
    await centre.until(lambda: centre.log.count("reloaded:") > before, "reload")


@pytest_twisted.ensureDeferred
async def test_a_failed_dial_in_a_queue_completes_with_its_cause(centre: Centre) -> None:
    await centre.log_in("201", "501")
    await centre.dial("7275551200", "201")
    await centre.until_state("201", "PAUSED")
    sql = "select status, cause, disposed_by from calls order by id desc limit 1"
    await centre.until_rows([{"status": "B", "cause": 17, "disposed_by": "none"}], sql)
    assert await centre.api("external_status", "NI", "201") == "SUCCESS: external_status function set - NI|201"
    await centre.until_rows([{"status": "NI", "cause": 17, "disposed_by": "agent"}], sql)


@pytest_twisted.ensureDeferred
async def test_hangup_cancels_a_dial(centre: Centre) -> None:
    await centre.log_in()
    await centre.dial(SLOW)
    dialling = await centre.until_state("1000", "DIALLING")
    leg = dialling["calls"][0]["legs"][0]["channel"]
    assert (await centre.observer.channel(leg))["Channel"].startswith("PJSIP/carrier-")
    assert await centre.api("external_hangup", "1") == "SUCCESS: external_hangup function set - 1|1000"
    assert await centre.observer.channel(leg) is None
    call = (await centre.snapshot("1000"))["calls"][0]
    assert (call["state"], call["suggested_status"], call["hung_up_by"]) == ("wrapping", "CANCEL", "agent")
    assert not await centre.rig.hang_up(SLOW), "the far end still rings"


@pytest_twisted.ensureDeferred
async def test_a_dial_while_ready_pauses_first(centre: Centre) -> None:
    await centre.log_in()
    session_id = (await centre.snapshot("1000"))["session_id"]
    await centre.api("external_pause", "RESUME")
    await centre.talk()
    await centre.api("external_hangup", "1")
    await centre.api("external_status", "A")
    after = await centre.snapshot("1000")
    assert (after["state"], after["code"]) == ("PAUSED", "MANUAL")
    await centre.api("logout", "LOGOUT")
    log = await centre.agent_log(session_id)
    states = [(row["state"], row["code"]) for row in log]
    assert states[:3] == [("PAUSED", "LOGIN"), ("READY", ""), ("PAUSED", "MANUAL")]


@pytest_twisted.ensureDeferred
async def test_dials_in_a_call_wait_in_a_line_where_the_campaign_has_one(centre: Centre) -> None:
    await centre.log_in()
    await centre.talk()
    for number in ("7275551214", "7275551213"):
        assert (await centre.dial(number)).startswith("SUCCESS"), number
    refused = "ERROR: phone_number is already in this agents manual dial queue - 1000|7275551214"
    assert await centre.dial("7275551214") == refused
    assert (await centre.snapshot("1000"))["dial_queue"] == ["7275551214", "7275551213"]
    for number, left in (("7275551214", ["7275551213"]), ("7275551213", [])):
        await centre.api("external_hangup", "1")
        await centre.api("external_status", "A")
        talking = await centre.until_state("1000", "INCALL")
        assert ([call["number"] for call in talking["calls"]], talking["dial_queue"]) == ([number], left)


@pytest_twisted.ensureDeferred
async def test_a_dial_in_a_call_is_remembered_the_newest_replaces_the_older(centre: Centre) -> None:
    await centre.cli("session", "login", "1000", "--phone", "502", "--campaign", "TESTMAN")
    first = await centre.talk()
    for number in ("7275551214", "7275551213"):
        line = await centre.dial(number)
        assert line.startswith(f"SUCCESS: external_dial function set - {number}|1000|"), line
    assert (await centre.snapshot("1000"))["dial_queue"] == ["7275551213"]
    assert len(await centre.observer.channels()) == 2
    await centre.api("external_hangup", "1")
    await centre.observer.event("Hangup", Uniqueid=first)
    assert len(await centre.observer.channels()) == 1, "dialled before the disposition"
    await centre.api("external_status", "A")
    talking = await centre.until_state("1000", "INCALL")
    assert [call["number"] for call in talking["calls"]] == ["7275551213"]
    assert talking["dial_queue"] == []


@pytest_twisted.ensureDeferred
async def test_leads_are_found_made_and_named(centre: Centre) -> None:
    await centre.log_in()
    await centre.dial(SLOW, search="YES")
    made = (await centre.snapshot("1000"))["lead"]
    assert made["phone_number"] == SLOW
    sql = "select list_id, phone_code, phone_number from leads where id = ?"
    await centre.until_rows([{"list_id": 101, "phone_code": "1", "phone_number": SLOW}], sql, made["id"])
    await finish(centre)
    await centre.dial(SLOW, search="YES")
    assert (await centre.snapshot("1000"))["lead"]["id"] == made["id"], "a lead that exists was not found"
    await finish(centre)
    await centre.dial(SLOW, search="NO")
    assert (await centre.snapshot("1000"))["lead"]["id"] not in {made["id"], 123456}
    await finish(centre)
    line = await centre.dial("", lead_id="123456")
    assert line.startswith(f"SUCCESS: external_dial function set - {CUSTOMER}|1000|1|YES|NO|YES|"), line
    assert (await centre.snapshot("1000"))["lead"]["last_name"] == "Williams"
    await finish(centre)
    assert await centre.dial("", lead_id="1234567") == "ERROR: lead_id is not valid - 1000|1234567"


async def finish(centre: Centre) -> None:
    await centre.api("external_hangup", "1")
    assert (await centre.api("external_status", "A")).startswith("SUCCESS")


@pytest_twisted.ensureDeferred
async def test_numbers_that_may_not_be_dialled_make_no_channel(centre: Centre) -> None:
    await centre.log_in()
    refused = {
        "123456789012345678": "18 digits",
        "7275551212@evil": "a host",
        "727555(1212&SIP/x": "a second resource",
        "${SHELL(id)}": "a dialplan function",
        "1": "too short a number",
    }
    for number, what in refused.items():
        line = await centre.dial(number)
        assert line.startswith("ERROR: external_dial not valid - "), (what, line)
    assert (await centre.dial("999999")).startswith("ERROR: external_dial"), "an extension that is not there"
    assert len(await centre.observer.channels()) == 1
    assert (await centre.snapshot("1000"))["state"] == "PAUSED"


@pytest_twisted.ensureDeferred
async def test_extensions_of_the_pbx(centre: Centre) -> None:
    agent = await centre.log_in()
    for number in ("503", "8500"):
        customer = await centre.talk("1000", number)
        assert await centre.observer.together(agent, customer), number
        await finish(centre)


@pytest_twisted.ensureDeferred
async def test_logout_in_every_state(centre: Centre) -> None:
    async def log_out() -> None:
        assert (await centre.api("logout", "LOGOUT")).startswith("SUCCESS: logout function set - LOGOUT|")

    await centre.log_in()
    await centre.api("external_pause", "RESUME")
    await log_out()
    assert await centre.snapshot("1000") is None, "READY"

    await centre.log_in()
    await centre.talk()
    await log_out()
    assert (await centre.snapshot("1000"))["state"] == "INCALL"
    assert (await centre.snapshot("1000"))["after"]["logout"]
    await centre.api("external_pause", "RESUME")
    await centre.api("external_hangup", "1")
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP"
    await centre.api("external_status", "A")
    await centre.until_state("1000", None)

    await centre.log_in()
    await centre.dial(SLOW)
    call = (await centre.snapshot("1000"))["calls"][0]["id"]
    await log_out()
    await centre.until_state("1000", None)
    await centre.until_empty()
    sql = "select status, suggested_status from calls where id = ?"
    await centre.until_rows([{"status": "DISPO", "suggested_status": "CANCEL"}], sql, call)

    await centre.log_in()
    await centre.talk()
    await centre.api("external_hangup", "1")
    await log_out()
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP", "the logout did not wait for the disposition"
    await log_out()
    assert await centre.snapshot("1000") is None, "a second logout waits no longer"
    await centre.until_empty()
