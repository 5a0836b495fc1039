"""The main job: dial, talk, hang up, dispose; what Asterisk has, and what the database has afterwards."""

from __future__ import annotations

import re

import pytest
import pytest_twisted

from agentd.sandbox.tones import MUSIC_HERTZ, outside_hertz, phone_hertz
from tests.e2e.centre import AGC, CUSTOMER, X5, Centre
from tests.rig.listen import listen

AGENT_TONE, CUSTOMER_TONE = phone_hertz("502"), outside_hertz(CUSTOMER)


@pytest.mark.parametrize("path", [AGC, X5])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest_twisted.ensureDeferred
async def test_the_main_job_by_the_documents_lines(centre: Centre, path: str, method: str) -> None:
    agent = await centre.log_in()

    async def ask(function: str, value: str, **more: str) -> str:
        return await centre.api(function, value, path=path, method=method, **more)

    line = await ask("external_dial", CUSTOMER, phone_code="1", search="YES", preview="NO", focus="YES", vendor_id="99")
    shape = rf"SUCCESS: external_dial function set - {CUSTOMER}\|1000\|1\|YES\|NO\|YES\|99\|\d{{10}}\|\|\|\|"
    assert re.fullmatch(shape, line), line
    session = await centre.until_state("1000", "INCALL")
    customer = (await centre.leg("1000", "customer"))["Uniqueid"]
    assert await centre.observer.together(agent, customer)
    assert session["calls"][0]["lead_id"] == session["lead"]["id"] == 123456
    assert re.fullmatch(
        r"SUCCESS: external_pause function set - PAUSE\|\d{10}\|1000", await ask("external_pause", "PAUSE")
    )
    assert (await centre.snapshot("1000"))["state"] == "INCALL"
    assert await ask("external_hangup", "1") == "SUCCESS: external_hangup function set - 1|1000"
    hangup = await centre.observer.event("Hangup", Uniqueid=customer)
    assert hangup["Cause"] == "16"
    assert await centre.observer.channel(customer) is None
    assert await centre.observer.channel(agent)
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP"
    assert await ask("external_status", "XXXX") == "ERROR: external_status not valid - XXXX|1000"
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP"
    assert await ask("external_status", "A") == "SUCCESS: external_status function set - A|1000"
    assert (await centre.snapshot("1000"))["state"] == "PAUSED"
    assert await ask("external_status", "A") == "ERROR: external_status not valid - A|1000"


@pytest_twisted.ensureDeferred
async def test_agent_and_customer_hear_each_other(centre: Centre) -> None:
    agent = await centre.log_in()
    customer = await centre.talk()
    tones = (AGENT_TONE, CUSTOMER_TONE, MUSIC_HERTZ)
    assert (await listen(centre.observer, agent, centre.rig.recordings, tones)).hears == {CUSTOMER_TONE}
    assert (await listen(centre.observer, customer, centre.rig.recordings, tones)).hears == {AGENT_TONE}


@pytest_twisted.ensureDeferred
async def test_the_database_has_the_call_the_intervals_and_the_status(centre: Centre) -> None:
    sql = "select status, user, called_count from leads where id = 123456"
    [lead] = centre.rows(sql)
    await centre.log_in()
    session_id = (await centre.snapshot("1000"))["session_id"]
    await centre.talk()
    call = (await centre.snapshot("1000"))["calls"][0]
    await centre.api("external_hangup", "1")
    assert await centre.api("external_status", "NI") == "SUCCESS: external_status function set - NI|1000"
    await centre.api("external_pause", "RESUME")
    await centre.api("logout", "LOGOUT")
    log = await centre.agent_log(session_id)
    assert [(row["state"], row["code"], row["call_id"], row["lead_id"]) for row in log] == [
        ("PAUSED", "LOGIN", 0, 0),
        ("DIALLING", "", call["id"], 123456),
        ("INCALL", "", call["id"], 123456),
        ("WRAPUP", "", call["id"], 123456),
        ("PAUSED", "LOGIN", 0, 0),
        ("READY", "", 0, 0),
    ]
    await centre.until_rows([{"status": "NI", "user": "1000", "called_count": lead["called_count"] + 1}], sql)
    [row] = centre.rows("select * from calls where call_key = ?", call["key"])
    assert {
        name: row[name] for name in ("id", "user", "session_id", "campaign", "direction", "list_id", "lead_id")
    } == {
        "id": call["id"],
        "user": "1000",
        "session_id": session_id,
        "campaign": "TESTCAMP",
        "direction": "manual",
        "list_id": 101,
        "lead_id": 123456,
    }
    assert (row["phone_code"], row["phone_number"], row["source"]) == ("1", CUSTOMER, "test")
    assert (row["cause"], row["hung_up_by"], row["status"], row["disposed_by"]) == (16, "agent", "NI", "agent")
    assert row["started"] < row["answered"] < row["ended"] <= row["disposed"]
    assert row["length"] > row["talk"] > 0
    legs = [{"role": "agent", "cause": 16}, {"role": "customer", "cause": 16}]
    await centre.until_rows(legs, "select role, cause from legs where session_id = ? order by started", session_id)


@pytest_twisted.ensureDeferred
async def test_the_customer_hangs_up_first(centre: Centre) -> None:
    agent = await centre.log_in()
    customer = await centre.talk()
    assert await centre.rig.hang_up(CUSTOMER) == 1
    wrapup = await centre.until_state("1000", "WRAPUP")
    await centre.observer.event("HangupRequest", Uniqueid=customer)
    call = wrapup["calls"][0]
    assert (call["state"], call["cause"], call["hung_up_by"]) == ("wrapping", 16, "customer")
    assert call["suggested_status"] is None
    assert await centre.observer.channel(agent)
    assert await centre.api("external_hangup", "1") == "SUCCESS: external_hangup function set - 1|1000"
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP"
    assert await centre.api("external_status", "SALE") == "SUCCESS: external_status function set - SALE|1000"
    sql = "select status, cause, hung_up_by from calls where id = ?"
    await centre.until_rows([{"status": "SALE", "cause": 16, "hung_up_by": "customer"}], sql, call["id"])


@pytest_twisted.ensureDeferred
async def test_a_status_before_the_hangup_is_kept_and_the_last_one_wins(centre: Centre) -> None:
    await centre.log_in()
    await centre.talk()
    call = (await centre.snapshot("1000"))["calls"][0]["id"]
    for status in ("NI", "A"):
        line = await centre.api("external_status", status)
        assert line == f"SUCCESS: external_status function set - {status}|1000"
    assert (await centre.snapshot("1000"))["state"] == "INCALL"
    await centre.api("external_hangup", "1")
    assert (await centre.snapshot("1000"))["state"] == "PAUSED"
    await centre.until_rows([{"status": "A"}], "select status from calls where id = ?", call)


@pytest_twisted.ensureDeferred
async def test_a_pause_in_the_call_comes_after_it(centre: Centre) -> None:
    await centre.log_in()
    await centre.talk()
    await centre.api("external_pause", "RESUME")
    await centre.api("external_pause", "PAUSE")
    await centre.api("external_hangup", "1")
    assert (await centre.snapshot("1000"))["state"] == "WRAPUP"
    assert await centre.api("pause_code", "LUNCH") == "SUCCESS: pause_code function sent - 1000"
    await centre.api("external_status", "A")
    after = await centre.snapshot("1000")
    assert (after["state"], after["code"]) == ("PAUSED", "LUNCH")


@pytest_twisted.ensureDeferred
async def test_resume_in_the_call_makes_ready_after_it_and_in_wrap_up_completes_it(centre: Centre) -> None:
    await centre.log_in()
    for kept in ("in the call", "in wrap-up"):
        await centre.talk()
        call = (await centre.snapshot("1000"))["calls"][0]["id"]
        if kept == "in the call":
            await centre.api("external_pause", "RESUME")
        await centre.api("external_hangup", "1")
        assert (await centre.snapshot("1000"))["state"] == "WRAPUP"
        if kept == "in the call":
            await centre.api("external_status", "A")
        else:
            await centre.api("external_pause", "RESUME")
        assert (await centre.snapshot("1000"))["state"] == "READY"
        status = "A" if kept == "in the call" else "DISPO"
        await centre.until_rows([{"status": status}], "select status from calls where id = ?", call)
    late = await centre.api("external_status", "SALE")
    assert late == "SUCCESS: external_status function set - SALE|1000"
    await centre.until_rows([{"status": "SALE"}], "select status from calls where id = ?", call)
    await centre.until_rows([{"status": "SALE"}], "select status from leads where id = 123456")


@pytest_twisted.ensureDeferred
async def test_a_queue_has_no_wrap_up(centre: Centre) -> None:
    await centre.log_in("201", "501")
    customer = await centre.talk("201")
    call = (await centre.snapshot("201"))["calls"][0]["id"]
    assert await centre.rig.hang_up(CUSTOMER) == 1
    await centre.observer.event("Hangup", Uniqueid=customer)
    await centre.until_state("201", "PAUSED")
    await centre.until_rows([{"status": "DISPO"}], "select status from calls where id = ?", call)
    assert await centre.api("external_status", "NI", "201") == "SUCCESS: external_status function set - NI|201"
    await centre.until_rows([{"status": "NI"}], "select status from calls where id = ?", call)


@pytest_twisted.ensureDeferred
async def test_two_agents_do_not_hear_of_each_other(centre: Centre) -> None:
    agents = {"1000": await centre.log_in("1000", "502"), "1001": await centre.log_in("1001", "505")}
    customers = {"1000": await centre.talk("1000"), "1001": await centre.talk("1001", "7275551213")}
    assert await centre.room("1000") != await centre.room("1001")
    for agent, leg in agents.items():
        assert await centre.observer.together(leg, customers[agent])
    assert await centre.observer.apart(*agents.values())
    await centre.api("external_hangup", "1", "1000")
    assert (await centre.snapshot("1001"))["state"] == "INCALL"
    assert await centre.observer.together(agents["1001"], customers["1001"])


@pytest_twisted.ensureDeferred
async def test_a_lead_is_on_one_screen_only(centre: Centre) -> None:
    await centre.log_in("1000", "502")
    await centre.log_in("1001", "505")
    await centre.talk("1000")
    before = await centre.observer.channels()
    line = await centre.dial("", "1001", lead_id="123456")
    assert line.startswith("ERROR: external_dial not sent - "), line
    assert line.endswith("|1001"), line
    assert len(await centre.observer.channels()) == len(before)
    assert (await centre.snapshot("1001"))["state"] == "PAUSED"


@pytest_twisted.ensureDeferred
async def test_the_api_log_has_every_line(centre: Centre) -> None:
    last = centre.rows("select coalesce(max(api_id), 0) as n from api_log")[0]["n"]
    await centre.log_in()
    line = await centre.api("external_pause", "RESUME")
    epoch = line.split("|")[1]
    await centre.api("external_hangup", "2")
    await centre.api("external_status", "A", "4496")
    sql = (
        "select user, api_script, function, agent_user, value, result, result_reason, source, data"
        " from api_log where api_id > ? order by api_id"
    )
    common = {"user": "6666", "api_script": "agent", "source": "test"}
    await centre.until_rows(
        [
            {**common, "function": "external_pause", "agent_user": "1000", "value": "RESUME", "result": "SUCCESS",
             "result_reason": "external_pause function set", "data": epoch},
            {**common, "function": "external_hangup", "agent_user": "1000", "value": "2", "result": "ERROR",
             "result_reason": "external_hangup not valid", "data": ""},
            {**common, "function": "external_status", "agent_user": "4496", "value": "A", "result": "ERROR",
             "result_reason": "agent_user is not logged in", "data": ""},
        ],
        sql,
        last,
    )  # fmt: skip
