"""A list is dialled through, from the database over the journal and back into the database."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted
from sqlalchemy import insert, select

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.model import Campaign, Phone, SessionState, User
from agentd.core.settings import Settings
from agentd.core.world import World
from agentd.engine.engine import Engine
from agentd.engine.hopper import Hoppers
from agentd.storage.applier import ApplierState
from agentd.storage.management import put_dnc
from agentd.storage.tables import calls, leads, lists
from tests.faces.scripted import ScriptedSwitch
from tests.storage.following import Storage
from tests.storage.test_hopper import add

CAMPAIGN = Campaign(
    "TESTCAMP", 1, trunk="PJSIP/{number}@carrier", auto_dial_level=1.0, call_hours="", dial_statuses=("NEW",), hopper=4
)
AGENT = User("1000", 1000, campaign="TESTCAMP", blended=True)
BUSY = "72755510{:02d}00"  # who is called there is busy
TALKS = "7275551099"


def reference() -> tuple[r.Record, ...]:
    """An agent and his campaign."""
    ids = [r.IdsGranted(kind, 1, 1000) for kind in ("session", "call", "lead", "recording")]
    return (
        r.UserSet("1000", AGENT),
        r.PhoneSet("502", Phone("502", "PJSIP/502")),
        r.CampaignSet("TESTCAMP", CAMPAIGN),
        *ids,
    )


@pytest_twisted.ensureDeferred
async def test_a_list_is_dialled_through_and_nobody_twice(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    with storage.engine.begin() as connection:
        connection.execute(insert(lists).values(id=101, title="", campaign="TESTCAMP", active=True))
        put_dnc(connection, BUSY.format(3))
    for number in range(10):
        add(storage.engine, number, phone_number=BUSY.format(number), rank=5)
    add(storage.engine, 10, phone_number=TALKS)
    switch = ScriptedSwitch(storage.clock)
    engine = Engine(
        World(Settings(), "t0", storage.state), storage.journal, switch, storage.clock, storage.fatal.append
    )
    switch.engine = engine
    engine.listen(storage.applier.noticed)
    storage.applier.start()
    await storage.until(ApplierState.LIVE)
    hoppers = Hoppers(engine, storage.store)
    engine.feed(c.ReferenceChanged(reference()))
    engine.feed(c.LinkUp())
    hoppers.start()
    await engine.submit(c.LogIn("1000", "502"))
    await engine.submit(c.Resume("1000"))
    while engine.world.state.sessions["1000"].state is not SessionState.INCALL:
        await storage.moment(0.02)
    await storage.store.lead(10)  # the database has all of it
    with storage.engine.connect() as connection:
        status = {row.id: row.status for row in connection.execute(select(leads.c.id, leads.c.status))}
        dialled = connection.execute(select(calls.c.lead_id).where(calls.c.direction == "auto")).scalars().all()
    assert dialled == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]
    assert [status[number] for number in range(11)] == ["B"] * 3 + ["NEW"] + ["B"] * 6 + ["NEW"]
    hoppers.stop()
    engine.stop()
    await storage.stop()
