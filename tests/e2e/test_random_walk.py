"""Five agents do anything at any time: whatever comes of it, what must never be is not, and the story is told whole.

``AGENTD_WALKS=200`` has so many walks in place of a few; ``AGENTD_SEED=n`` begins with that one. A walk that fails
prints its number.
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

from tests.e2e.hand import Hand
from tests.e2e.steps import AGENTS, PARTIES, Walker
from tests.e2e.watch import Watch, leg_of
from tests.e2e.web import Stream

WALKS = int(os.environ.get("AGENTD_WALKS", "3"))
STEPS = 40
INTERRUPTED = 0.02


@pytest.mark.parametrize("number", range(WALKS))
@pytest_twisted.ensureDeferred
async def test_random_operations_by_five_agents(hand: Hand, number: int) -> None:
    seed = int(os.environ.get("AGENTD_SEED", secrets.randbelow(10**6))) + number
    sys.stdout.write(f"AGENTD_SEED={seed}\n")  # pytest shows it when the walk has failed
    last = {
        table: hand.rows(f"select coalesce(max(id), 0) as n from {table}")[0]["n"] for table in ("calls", "sessions")
    }
    story = await Story.begin(hand)
    watch = Watch(hand)
    watch.begin()
    walker = Walker(hand, watch)
    await hand.answer_after("0", *PARTIES)
    for agent, phone in AGENTS.items():
        await hand.duty(agent, phone)
    if seed % 2:
        await hand.short_prompt(1)
    try:
        for step in range(STEPS):
            await walk(walker, f"{seed}-{step}", story)
            await watch.until_right()
    except AssertionError as error:
        raise AssertionError("\n".join([f"AGENTD_SEED={seed}", str(error), *walker.told[-12:]])) from None
    finally:
        await hand.long_prompt()
        await walker.mend_phones()
        await hand.answer_after("", *PARTIES)
    for agent in AGENTS:
        await hand.send_home(agent)
    for party in PARTIES:
        await hand.rig.hang_up(party)
    await hand.until_empty()
    watch.follow()
    assert not watch.wrong
    await same_story(hand, story, last)


class Story:
    """The event stream, taken up again where it broke off."""

    def __init__(self, hand: Hand, stream: Stream) -> None:
        self._hand = hand
        self._streams = [stream]

    @classmethod
    async def begin(cls, hand: Hand) -> Story:
        return cls(hand, await hand.stream())

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for stream in self._streams for event in stream.events]

    async def go_on(self) -> None:
        """After a restart of the daemon, which has ended the stream."""
        self._streams.append(await self._hand.stream(self._streams[-1].last_id))


async def walk(walker: Walker, seed: str, story: Story) -> None:
    """One operation, or several at once, so that verbs meet operations that are under way."""
    chance = random.Random(seed)
    if chance.random() < INTERRUPTED:
        if await walker.interrupted(chance):
            await story.go_on()
        return
    steps = [walker.step(random.Random(f"{seed}-{n}")) for n in range(chance.choice((1, 1, 3)))]
    await gatherResults([ensureDeferred(step) for step in steps])


async def same_story(hand: Hand, story: Story, last: dict[str, int]) -> None:
    """The stream's story is the database's, and both have an end."""
    calls, statuses, leads, refused = set(), {}, {}, set()
    for event in story.events:
        match event["event"]:
            case "call.started" | "call.waiting":
                calls.add(event["call_id"])
            case "call.refused":
                refused.add(event["call_id"])
            case "call.disposed" | "call.redisposed":
                statuses[event["call_id"]] = event["status"]
                leads[event["lead_id"]] = event["status"]
    await hand.until_rows([{"id": call} for call in sorted(calls)], "select id from calls where id > ? order by id",
                          last["calls"])  # fmt: skip
    for table, keys in OPEN.items():
        sql = f"select {keys} from {table} where ended is null"
        await hand.until_rows([], sql)
    for row in hand.rows("select * from calls where id > ?", last["calls"]):
        assert row["id"] in refused or row["status"] == statuses[row["id"]], row
    for session in hand.rows("select id from sessions where id > ?", last["sessions"]):
        await hand.agent_log(session["id"])
    for lead, status in leads.items():
        await hand.until_rows([{"status": status}], "select status from leads where id = ?", lead)
    same_stretches(hand, story, last["calls"])
    legs = {row["id"] for row in hand.rows("select id from legs")}
    made = {leg_of(event["Uniqueid"]) for event in hand.observer.seen("Newchannel")}
    assert {leg for leg in made if leg.startswith("agd-")} <= legs, "a channel without a row"
    assert not hand.rows("select * from journal_rejects")


OPEN = {
    "sessions": "id", "calls": "id", "legs": "id", "park_log": "call_id, seq", "third_log": "call_id, leg",
    "recordings": "id", "recording_mutes": "recording_id, seq", "supervision_log": "leg",
    "supervision_modes": "leg, seq",
}  # fmt: skip
"""The tables whose rows have an end, when all is over."""


def same_stretches(hand: Hand, story: Story, last_call: int) -> None:
    """Holds, third parties and transfers are as many in the logs as were told."""
    told: dict[str, dict[int, int]] = {"park_log": {}, "third_log": {}, "transfer_log": {}}
    names = {"call.held": "park_log", "call.transferred": "transfer_log"}
    for event in story.events:
        asked = event["event"] == "call.third_party" and event["state"] == "asked"
        table = "third_log" if asked else names.get(event["event"])
        if table is not None:
            told[table][event["call_id"]] = told[table].get(event["call_id"], 0) + 1
    for table, counts in told.items():
        sql = f"select call_id, count(*) as n from {table} where call_id > ? group by call_id"
        assert {row["call_id"]: row["n"] for row in hand.rows(sql, last_call)} == counts, table
