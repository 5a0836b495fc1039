"""What the running demo can be told: customers call in, the dialler begins and stops, a remote agent is logged in."""

from __future__ import annotations

import json
from typing import Any

import pytest_twisted
from twisted.internet.utils import getProcessOutputAndValue

from tests.e2e.centre import Centre

REMOTE = "7275551299"
"""The number of agent 1028."""


async def order(centre: Centre, *words: str) -> tuple[int, str]:
    """The exit code of an order to the demo, and what it says."""
    command = ["demo", words[0], "--dir", str(centre.demo.folder), *words[1:]]
    out, error, code = await getProcessOutputAndValue(centre.runtime["cli"], command, reactor=centre.reactor)
    return code, (out or error).decode().strip()


async def called_in(centre: Centre, *words: str) -> str:
    """The key of the call of a customer who calls in."""
    code, said = await order(centre, "call", *words)
    assert code == 0, said
    return said


async def line(centre: Centre, ingroup: str = "SALESLINE") -> dict[str, Any]:
    """What the native API tells of an in-group."""
    return (await centre.native("GET", f"/ingroups/{ingroup}")).json()


@pytest_twisted.ensureDeferred
async def test_a_customer_calls_in_and_his_calls_key_is_printed(centre: Centre) -> None:
    key = await called_in(centre, "SALESLINE", "--number", "7275556123", "--priority", "7")
    [caller] = (await line(centre))["callers"]
    assert (caller["key"], caller["number"], caller["priority"]) == (key, "7275556123", 7)
    assert key.startswith("Y")
    status = json.loads(await centre.cli("ingroup", "status", "--json", "SALESLINE"))
    assert [each["key"] for each in status["callers"]] == [key]
    assert await centre.rig.hang_up("7275556123") == 1
    wanted = [{"user": "", "status": "DROP", "did": "7275550100", "disposed_by": "abandoned", "waited": 1}]
    sql = "select user, status, did, disposed_by, wait > 0 as waited from calls where call_key = ?"
    await centre.until_rows(wanted, sql, key)
    assert (await line(centre))["callers"] == []


@pytest_twisted.ensureDeferred
async def test_he_can_want_a_remote_agent_whom_the_command_line_logs_in(centre: Centre) -> None:
    assert await centre.cli("session", "login", "1028") == "1028 is logged in: READY.\n"
    key = await called_in(centre, "TEST_IN2", "--agent", "1028")
    session = await centre.until_state("1028", "INCALL")
    assert [call["key"] for call in session["calls"]] == [key]
    assert (session["kind"], session["conference"]) == ("remote", None)
    assert await centre.rig.hang_up(REMOTE) == 1
    await centre.until_state("1028", "READY")
    assert await centre.cli("session", "pause", "1028", "--code", "LUNCH") == "1028: PAUSED LUNCH.\n"
    assert await centre.cli("session", "ready", "1028") == "1028: READY.\n"


@pytest_twisted.ensureDeferred
async def test_a_line_that_is_not_there_is_named(centre: Centre) -> None:
    assert await order(centre, "call", "FAKE_IN") == (1, "agentd: There is no in-group FAKE_IN.")
    assert (await order(centre, "call", "SALES LINE"))[0] == 1


@pytest_twisted.ensureDeferred
async def test_the_dialler_calls_leads_for_who_is_ready_and_stops(centre: Centre) -> None:
    await centre.log_in("1000", "502")
    await centre.crystal("online")
    assert await order(centre, "dialler", "on") == (0, "The dialler of TESTCAMP is on.")
    session = await centre.until_state("1000", "INCALL")
    [call] = session["calls"]
    assert (call["direction"], call["key"][0]) == ("auto", "V")
    assert await order(centre, "dialler", "off") == (0, "The dialler of TESTCAMP is off.")
    campaign = (await centre.native("GET", "/campaigns/TESTCAMP")).json()
    assert (campaign["auto_dial_level"], campaign["dialling"], campaign["hopper"]) == (0, 0, 0)
    not_called = "select count(*) as n from calls where phone_number in ('7275551290', '7275551291')"
    assert centre.rows(not_called) == [{"n": 0}]
