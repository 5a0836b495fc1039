"""Agents of every kind do anything at any time, people call in, a campaign dials: what must never be is not.

And the story is told whole. ``AGENTD_WALKS=200`` has so many walks in place of a few, ``AGENTD_SEED=n`` begins with
that one (``AGENTD_RANDOM=1`` with any), ``AGENTD_INTERRUPTED=0.2`` ends the daemon or its link at so many of the steps.
A walk that fails prints its number.
"""

from __future__ import annotations

import os
import random
import secrets
import sys
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred, gatherResults

from tests.e2e.incoming import LINE, ON_HOOK, PHONES, REMOTE, REMOTE_NUMBER, Floor
from tests.e2e.steps import AGENTS
from tests.e2e.steps_in import STAFF, FloorWalker
from tests.e2e.watch import LINES, Watch, leg_of
from tests.e2e.web import Stream

WALKS = int(os.environ.get("AGENTD_WALKS", "3"))
SEED = int(os.environ.get("AGENTD_SEED", secrets.randbelow(10**6) if os.environ.get("AGENTD_RANDOM") else "1"))
STEPS = 40
INTERRUPTED = float(os.environ.get("AGENTD_INTERRUPTED", "0.02"))


@pytest.mark.parametrize("number", range(WALKS))
@pytest_twisted.ensureDeferred
async def test_random_operations_by_agents_of_every_kind(floor: Floor, number: int) -> None:
    seed = SEED + number
    sys.stdout.write(f"AGENTD_SEED={seed}\n")  # pytest shows it when the walk has failed
    last = {
        table: floor.rows(f"select coalesce(max(id), 0) as n from {table}")[0]["n"] for table in ("calls", "sessions")
    }
    story = await Story.begin(floor)
    watch = Watch(floor)
    watch.begin()
    walker = FloorWalker(floor, watch)
    parties = (*walker.parties, REMOTE_NUMBER, PHONES[ON_HOOK])
    await floor.answer_after("0", *walker.parties)
    await floor.answer_after(("0", "0.7")[seed // 2 % 2], REMOTE_NUMBER, PHONES[ON_HOOK])
    for agent, phone in AGENTS.items():
        await floor.duty(agent, phone)
    for agent in (ON_HOOK, REMOTE):
        await floor.at_work(agent, LINE)
    if seed % 2:
        await floor.short_prompt(1)
    try:
        for step in range(STEPS):
            await walk(walker, f"{seed}-{step}", story)
            await watch.until_right()
    except AssertionError as error:
        raise AssertionError("\n".join([f"AGENTD_SEED={seed}", str(error), *walker.told[-12:]])) from None
    finally:
        await floor.long_prompt()
        await walker.mend_phones()
        await floor.answer_after("", *parties)
    await floor.dial_level(0)
    for party in walker.parties:
        await floor.rig.hang_up(party)
    for agent in STAFF:
        await floor.send_home(agent)
    for party in {*walker.parties, *await floor.all_who_wait(*LINES)}:
        await floor.rig.hang_up(party)
    await floor.until_empty()
    watch.follow()
    assert not watch.wrong
    await same_story(floor, story, last)


class Story:
    """The event stream, taken up again where it broke off."""

    def __init__(self, floor: Floor, stream: Stream) -> None:
        self.before: dict[int, str] = {row["id"]: row["status"] for row in floor.rows("select id, status from leads")}
        self._floor = floor
        self._streams = [stream]

    @classmethod
    async def begin(cls, floor: Floor) -> Story:
        return cls(floor, await floor.stream())

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for stream in self._streams for event in stream.events]

    async def go_on(self) -> None:
        """After a restart of the daemon, which has ended the stream."""
        self._streams.append(await self._floor.stream(self._streams[-1].last_id))


async def walk(walker: FloorWalker, seed: str, story: Story) -> None:
    """One operation, or several at once, so that verbs meet operations that are under way."""
    chance = random.Random(seed)
    if chance.random() < INTERRUPTED:
        if await walker.interrupted(chance):
            await story.go_on()
        return
    steps = [walker.step(random.Random(f"{seed}-{n}")) for n in range(chance.choice((1, 1, 3)))]
    await gatherResults([ensureDeferred(step) for step in steps])


async def same_story(floor: Floor, story: Story, last: dict[str, int]) -> None:
    """The stream's story is the database's, and both have an end."""
    await floor.until(floor.written, "database that is up to date")
    calls, refused = set(), set()
    statuses: dict[int, str] = {}
    leads: dict[int, set[str]] = {}
    for event in story.events:
        match event["event"]:
            case "call.started" | "call.waiting" | "call.dialled":
                calls.add(event["call_id"])
            case "call.refused":
                refused.add(event["call_id"])
            case "call.disposed" | "call.redisposed":
                statuses[event["call_id"]] = event["status"]
                kept = leads.get(event["lead_id"], {story.before.get(event["lead_id"], "NEW")})
                leads[event["lead_id"]] = {event["status"]} | (kept if event["by"] in NOBODY_TALKED else set())
    await floor.until_rows([{"id": call} for call in sorted(calls)], "select id from calls where id > ? order by id",
                          last["calls"])  # fmt: skip
    for table, keys in OPEN.items():
        sql = f"select {keys} from {table} where ended is null"
        await floor.until_rows([], sql)
    for row in floor.rows("select * from calls where id > ?", last["calls"]):
        assert row["id"] in refused or row["status"] == statuses[row["id"]], row
    for session in floor.rows("select id from sessions where id > ?", last["sessions"]):
        await floor.agent_log(session["id"])
    for lead, possible in leads.items():
        [row] = floor.rows("select status from leads where id = ?", lead)
        assert row["status"] in possible, (lead, possible)
    same_stretches(floor, story, last["calls"])
    legs = {row["id"] for row in floor.rows("select id from legs")}
    made = {leg_of(event["Uniqueid"]) for event in floor.observer.seen("Newchannel")}
    assert {leg for leg in made if leg.startswith("agd-")} <= legs, "a channel without a row"
    assert not floor.rows("select * from journal_rejects")


NOBODY_TALKED = {"abandoned", "treatment", "cancelled"}
"""Who gives a call a status that its lead may not get: of him more is known."""

OPEN = {
    "sessions": "id", "calls": "id", "legs": "id", "park_log": "call_id, seq", "third_log": "call_id, leg",
    "recordings": "id", "recording_mutes": "recording_id, seq", "supervision_log": "leg",
    "supervision_modes": "leg, seq", "line_log": "call_id, seq", "offers": "call_id, seq",
}  # fmt: skip
"""The tables whose rows have an end, when all is over."""


def same_stretches(floor: Floor, story: Story, last_call: int) -> None:
    """Holds, third parties, transfers, offers and treatments are as many in the logs as were told."""
    tables = ("park_log", "third_log", "transfer_log", "offers", "treatment_log")
    told: dict[str, dict[int, int]] = {table: {} for table in tables}
    for event in story.events:
        table = _table_of(event)
        if table is not None:
            told[table][event["call_id"]] = told[table].get(event["call_id"], 0) + 1
    for table, counts in told.items():
        sql = f"select call_id, count(*) as n from {table} where call_id > ? group by call_id"
        assert {row["call_id"]: row["n"] for row in floor.rows(sql, last_call)} == counts, table


def _table_of(event: dict[str, Any]) -> str | None:
    """The table that has a row for such an event."""
    match event["event"]:
        case "call.third_party" if event["state"] == "asked":
            return "third_log"
        case "call.offered" if event["to"] is not None:
            return "offers"
    return {"call.held": "park_log", "call.transferred": "transfer_log", "call.treated": "treatment_log"}.get(
        event["event"]
    )
