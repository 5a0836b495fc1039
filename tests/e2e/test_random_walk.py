"""Five agents do anything at any time. Afterwards nothing is left over, and everybody tells the same story."""

from __future__ import annotations

import random
import secrets
import sys
from typing import Any

import pytest_twisted
from twisted.internet.defer import ensureDeferred, gatherResults

from tests.e2e.centre import CUSTOMER, Centre

AGENTS = {"1000": "502", "1001": "505", "101": "503", "6666": "504", "201": "501"}
TALKERS = (CUSTOMER, "7275551213", "7275551214", "7275551231", "7275551232")
NUMBERS = (*TALKERS, "7275551200", "7275551202", "507", "8500")
STEPS = 60


@pytest_twisted.ensureDeferred
async def test_random_operations_by_five_agents(centre: Centre) -> None:
    seed = secrets.randbelow(10**6)
    sys.stdout.write(f"seed {seed}\n")  # pytest shows it when the walk has failed
    chance = random.Random(seed)
    stream = await centre.stream()
    first_call = centre.rows("select coalesce(max(id), 0) as n from calls")[0]["n"]
    first_session = centre.rows("select coalesce(max(id), 0) as n from sessions")[0]["n"]
    centre.observer.forget()
    for number in TALKERS:
        await centre.rig.behave(number, "answers", after=0)

    for _ in range(STEPS):
        # Now and then several at once, so that verbs meet operations that are under way.
        together = [step(centre, chance) for _ in range(chance.choice((1, 1, 3)))]
        for line in await gatherResults([ensureDeferred(one) for one in together]):
            assert line.startswith(("SUCCESS: ", "ERROR: ", "0: OK ", *(f"{n}: " for n in range(1, 11)))), line

    for agent in AGENTS:
        await send_home(centre, agent)
    await centre.until_empty()
    for number in TALKERS:
        await centre.rig.behave(number, "usual")

    # The stream's story, the database's, and Asterisk's.
    calls = {event["call_id"]: event for event in stream.events if event["event"] == "call.started"}
    ended = [event for event in stream.events if event["event"] == "session.ended"]
    await centre.until_rows(
        [{"n": len(ended)}], "select count(*) as n from sessions where id > ? and ended is not null", first_session
    )
    rows = centre.rows("select * from calls where id > ? order by id", first_call)
    assert [row["id"] for row in rows] == sorted(calls)
    statuses: dict[int, str] = {}
    for event in stream.events:
        if event["event"] in {"call.disposed", "call.redisposed"}:
            statuses[event["call_id"]] = event["status"]
    refused = {event["call_id"] for event in stream.events if event["event"] == "call.refused"}
    for row in rows:
        assert row["ended"], row
        assert row["id"] in refused or row["status"] == statuses[row["id"]], row
    for session in centre.rows("select id from sessions where id > ?", first_session):
        await centre.agent_log(session["id"])
    last: dict[int, str] = {}
    for event in stream.events:
        if event["event"] in {"call.disposed", "call.redisposed"}:
            last[event["lead_id"]] = event["status"]
    for lead, status in last.items():
        await centre.until_rows([{"status": status}], "select status from leads where id = ?", lead)
    legs = centre.rows("select id from legs where session_id > ?", first_session)
    made = {event["Uniqueid"] for event in centre.observer.seen("Newchannel") if event["Uniqueid"].startswith("agd-")}
    made -= {uniqueid for uniqueid in made if uniqueid.endswith("-2") and uniqueid[:-2] in made}
    assert made <= {leg["id"] for leg in legs}, "a channel without a row"
    assert not centre.rows("select * from journal_rejects")


async def step(centre: Centre, chance: random.Random) -> str:
    """One operation of one agent: mostly what fits his state, sometimes what does not."""
    agent = chance.choice(list(AGENTS))
    phone = AGENTS[agent]
    session: dict[str, Any] = await centre.snapshot(agent) or {}
    if not session and chance.random() < 0.9:
        return await centre.crystal("login", agent, phone)
    match chance.choice(("dial", "dial", "hangup", "hangup", "status", "status", "pause", "resume", "code", "mission",
                         "phone", "customer", "call_agent", "logout", "logoff")):  # fmt: skip
        case "dial":
            line = await centre.dial(chance.choice(NUMBERS), agent)
            if chance.random() < 0.8:
                await centre.until(lambda: settled(centre, agent), "end of the dial")
            return line
        case "hangup":
            return await centre.api("external_hangup", "1", agent)
        case "status":
            return await centre.api("external_status", chance.choice(("A", "NI", "SALE")), agent)
        case "pause":
            return await centre.api("external_pause", "PAUSE", agent)
        case "resume":
            return await centre.api("external_pause", "RESUME", agent)
        case "code":
            return await centre.api("pause_code", chance.choice(("BREAK", "LUNCH")), agent)
        case "mission":
            return await centre.crystal("mission", agent)
        case "phone":
            await centre.rig.hang_up(phone)
            return await centre.crystal("pause", agent)
        case "customer":
            await centre.rig.hang_up(chance.choice(TALKERS))
            return await centre.crystal("online", agent)
        case "call_agent":
            return await centre.api("call_agent", "CALL", agent)
        case "logout":
            return await centre.api("logout", "LOGOUT", agent)
        case "logoff":
            return await centre.crystal("logoff", agent)
    raise AssertionError


async def settled(centre: Centre, agent: str) -> bool:
    session = await centre.snapshot(agent)
    return session is None or session["state"] != "DIALLING"


async def send_home(centre: Centre, agent: str) -> None:
    """Dispose of everything an agent has, and log him out."""

    async def home() -> bool:
        session = await centre.snapshot(agent)
        if session is None:
            return True
        await centre.api("external_hangup", "1", agent)
        await centre.api("logout", "LOGOUT", agent)
        await centre.api("external_status", "A", agent)
        return False

    await centre.until(home, f"{agent} at home")
