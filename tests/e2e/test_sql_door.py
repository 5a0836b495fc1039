"""The documents' "Example MySQL query options" on the demo: SQL moves real channels."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from agentd.sandbox.demo import Demo
from tests.e2e.centre import CUSTOMER, Centre

OPEN = "\n[sql_door]\nenabled = true\npoll = 0.05\n"
LOG = (
    "select function, value, result, result_reason from vicidial_api_log where source = 'sql' and api_id > ? "
    "order by api_id"
)
ROW = "select status, callerid, lead_id, external_hangup, external_status from ytel_live_agents where user = ?"

async_test = pytest_twisted.ensureDeferred


async def _start_again(demo: Demo, config: str) -> None:
    await demo.stop_daemon()
    demo.config_file.write_text(config)
    demo.start_daemon()
    await demo.ready()


@pytest.fixture(scope="module")
def open_door(demo: Demo):
    """The demo with its door open, for this module."""
    shut = demo.config_file.read_text()
    pytest_twisted.blockon(Deferred.fromCoroutine(_start_again(demo, shut + OPEN)))
    yield
    pytest_twisted.blockon(Deferred.fromCoroutine(_start_again(demo, shut)))


def write(centre: Centre, statement: str) -> None:
    """Write into the database's file, beside the daemon."""
    file = centre.runtime["database"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, timeout=5)) as connection, connection:
        connection.execute(statement)


async def log_in(centre: Centre) -> None:
    """Log agent 1000 in, and wait for his row."""
    await centre.log_in()
    await centre.until(lambda: centre.rows(ROW, "1000"), "row of agent 1000")


async def last_row(centre: Centre) -> int:
    await centre.until(centre.written, "database that is up to date")
    return centre.rows("select coalesce(max(api_id), 0) as last from api_log")[0]["last"]


def done(function: str, value: str) -> dict[str, Any]:
    return {"function": function, "value": value, "result": "SUCCESS", "result_reason": f"{function} function set"}


@async_test
async def test_the_documents_queries(open_door: None, centre: Centre) -> None:
    await log_in(centre)
    before = await last_row(centre)
    write(centre, f"update vicidial_live_agents set external_dial='{CUSTOMER}!1!YES!NO!NO' where user='1000'")
    await centre.until_state("1000", "INCALL")
    [call] = (await centre.snapshot("1000"))["calls"]  # type: ignore[index]
    idle = {"lead_id": 123456, "external_hangup": "0", "external_status": ""}
    await centre.until_rows([{"status": "INCALL", "callerid": call["key"], **idle}], ROW, "1000")
    channel = (await centre.leg("1000", "customer"))["Uniqueid"]
    write(centre, "update vicidial_live_agents set external_hangup=1 where user='1000'")
    await centre.until_state("1000", "WRAPUP")
    assert channel not in {each["Uniqueid"] for each in await centre.observer.channels()}
    await centre.until_rows([{"status": "PAUSED", "callerid": "", **idle}], ROW, "1000")
    write(centre, "update ytel_live_agents set external_status='A' where user='1000'")
    await centre.until_state("1000", "PAUSED")
    await centre.until_rows([{"status": "A"}], "select status from calls where id = ?", call["id"])
    wanted = [done("external_dial", CUSTOMER), done("external_hangup", "1"), done("external_status", "A")]
    await centre.until_rows(wanted, LOG, before)


@async_test
async def test_an_order_that_is_refused_is_seen(open_door: None, centre: Centre) -> None:
    await log_in(centre)
    before = await last_row(centre)
    write(centre, "update vicidial_live_agents set external_status='A', external_dial='nobody' where user='1000'")
    refused = [
        {"function": name, "value": value, "result": "ERROR", "result_reason": f"{name} not valid"}
        for name, value in (("external_status", "A"), ("external_dial", "nobody"))
    ]
    await centre.until_rows(refused, LOG, before)
    assert (await centre.snapshot("1000"))["state"] == "PAUSED"  # type: ignore[index]


@async_test
async def test_what_was_ordered_while_the_daemon_was_away_is_not_done(open_door: None, centre: Centre) -> None:
    await log_in(centre)
    channel = await centre.talk()
    before = await last_row(centre)
    await centre.until(lambda: centre.rows(ROW, "1000")[0]["status"] == "INCALL", "true row")
    await centre.demo.stop_daemon("KILL")
    write(centre, "update vicidial_live_agents set external_hangup=1, external_status='A' where user='1000'")
    centre.demo.start_daemon()
    await centre.demo.ready()
    await centre.until_state("1000", "INCALL")
    await centre.until(lambda: centre.rows(ROW, "1000")[0]["external_hangup"] == "0", "order that is cleared")
    write(centre, "update vicidial_live_agents set external_pause='PAUSE!1' where user='1000'")
    paused = {"function": "external_pause", "value": "PAUSE", "result": "SUCCESS"}
    await centre.until_rows([{**paused, "result_reason": "external_pause function set"}], LOG, before)
    assert channel in {each["Uniqueid"] for each in await centre.observer.channels()}


@async_test
async def test_rows_end_with_their_sessions(open_door: None, centre: Centre) -> None:
    await log_in(centre)
    write(centre, "update vicidial_live_agents set external_pause='LOGOUT' where user='1000'")
    await centre.until_state("1000", None)
    await centre.until_rows([], ROW, "1000")
