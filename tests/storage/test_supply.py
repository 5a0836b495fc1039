"""What agents have promised, in memory as in the database: at the start, after changes by hand, and in between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from sqlalchemy import text
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock as Timers

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.errors import DatabaseAway
from agentd.core.ids import ids_left
from agentd.core.model import Callback, CallbackWish
from agentd.core.settings import Settings
from agentd.core.world import World
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from agentd.engine.supply import BLOCK, KINDS, Supply
from agentd.storage import management
from tests.faces.scripted import ScriptedSwitch
from tests.faces.scripted_store import DictStore, MemoryJournal
from tests.storage.following import Storage

NOW = 4_000_000_000.0  # nothing falls due in these tests
MINE = Callback(3, 402028, "TESTCAMP", "1000", NOW + 60.25)


def said(callback: Callback, **changed: Any) -> r.CallbackSet:
    """What is recorded when it is promised."""
    wish = CallbackWish(callback.due, anyone=False, comments=callback.comments)
    record = r.CallbackSet(callback.id, callback.lead_id, callback.campaign, wish, callback.user, callback.user)
    return replace(record, **changed)


class Daemon:
    """An engine on a real database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.storage = Storage(folder, url)
        storage, switch = self.storage, ScriptedSwitch(self.storage.clock)
        world = World(Settings(), "t0", storage.state)
        self.engine = Engine(world, storage.journal, switch, storage.clock, storage.fatal.append)
        self.engine.listen(storage.applier.noticed)
        self.supply = Supply(self.engine, storage.store)

    @property
    def promises(self) -> dict[int, Callback]:
        """What memory has."""
        return self.engine.world.state.callbacks

    def sql(self, statement: str) -> None:
        """Somebody changes the database by hand."""
        with self.storage.engine.begin() as connection:
            connection.execute(text(statement))

    async def stop(self) -> None:
        """Stop it."""
        self.supply.stop()
        self.engine.stop()
        await self.storage.stop()


@pytest_twisted.ensureDeferred
async def test_memory_learns_of_promises_that_the_database_had_and_of_changes_by_hand(tmp_path: Path, url: str) -> None:
    daemon = Daemon(tmp_path / "journal", url)
    with daemon.storage.engine.begin() as connection:
        for user, anyone in (("1000", False), ("1001", False), ("1000", True)):
            promise = management.Callback(7, "TESTCAMP", NOW + 60.25, user=user, anyone=anyone, comments="é")
            management.put_callback(connection, promise, NOW)
    await daemon.storage.applier.start()
    await daemon.supply.start()
    one, two = (
        Callback(number, 7, "TESTCAMP", user, NOW + 60.25, comments="é") for number, user in ((1, "1000"), (2, "1001"))
    )
    assert daemon.promises == {1: one, 2: two}
    assert all(ids_left(daemon.engine.world.state, kind) == BLOCK for kind in KINDS)
    assert await daemon.supply.reload() == 0
    daemon.sql("UPDATE callbacks SET comments = 'soon' WHERE id = 1")
    daemon.sql("UPDATE callbacks SET status = 'done', call_id = 5 WHERE id = 2")
    assert await daemon.supply.reload() == 2
    assert daemon.promises == {1: replace(one, comments="soon")}
    kept = await daemon.storage.store.callback(2)
    assert kept is not None
    assert (kept.status, kept.call_id) == ("done", 5)
    await daemon.stop()


@pytest_twisted.ensureDeferred
async def test_a_promise_of_a_moment_ago_is_not_taken_for_one_that_is_gone(tmp_path: Path, url: str) -> None:
    daemon = Daemon(tmp_path / "journal", url)
    await daemon.storage.applier.start()
    await daemon.supply.start()
    daemon.engine.feed(c.ReferenceChanged((said(MINE),)))
    assert await daemon.supply.reload() == 0
    assert daemon.promises == {3: MINE}
    daemon.engine.feed(c.ReferenceChanged((r.CallbackEnded(3, "1000", 402028, 1000),)))
    assert await daemon.supply.reload() == 0
    assert daemon.promises == {}
    await daemon.stop()


# --- while the database is asked ------------------------------------------------------------------------------


class SlowStore(DictStore):
    """A database that answers about promises when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Deferred[list[r.Record]]] = []

    def callbacks_to_keep(self) -> Deferred[list[r.Record]]:
        self.asked.append(Deferred())
        return self.asked[-1]


@pytest.mark.parametrize(
    ("before", "meanwhile", "found", "after"),
    [
        ((), (), (MINE,), (MINE,)),
        ((MINE,), (), (), ()),
        ((MINE,), (), (MINE,), (MINE,)),
        ((), (said(MINE),), (), (MINE,)),  # promised since
        ((MINE,), (r.CallbackEnded(3, "1000", 402028, 9),), (MINE,), ()),  # kept since
        ((MINE,), (said(replace(MINE, due=NOW)),), (MINE,), (replace(MINE, due=NOW),)),  # put off since
        ((MINE,), (r.CallbackEnded(3, "1000", 402028), said(MINE)), (), (MINE,)),
        ((MINE,), (), (replace(MINE, user="1001"),), (replace(MINE, user="1001"),)),
        ((replace(MINE, due=NOW + 0.123456789),), (), (replace(MINE, due=NOW + 0.123457),), None),
    ],
)
def test_what_changes_while_the_database_is_asked_is_as_memory_has_it(
    before: tuple[Callback, ...], meanwhile: tuple[r.Record, ...], found: tuple[Callback, ...], after: Any
) -> None:
    store, journal = SlowStore(), MemoryJournal()
    engine, supply = desk(store, journal)
    engine.feed(c.ReferenceChanged(tuple(said(callback) for callback in before)))
    reload = supply.reload()
    if meanwhile:
        engine.feed(c.ReferenceChanged(meanwhile))
    written = len(journal.entries)
    store.asked[0].callback([said(callback, stored=True) for callback in found])
    assert reload.called
    assert tuple(engine.world.state.callbacks.values()) == (before if after is None else after)
    told = [entry.record for entry in journal.entries[written:]]
    assert all(record.stored for record in told if isinstance(record, r.CallbackSet))
    assert (after is not None) or told == []
    supply.stop()


def desk(store: DictStore, journal: MemoryJournal, timers: Timers | None = None) -> tuple[Engine, Supply]:
    """An engine in memory."""
    clock = Clock(timers or Timers())
    world, switch = World(Settings(), "t0"), ScriptedSwitch(clock)
    engine = Engine(world, journal, switch, clock, lambda error: pytest.fail(str(error)))
    return engine, Supply(engine, store)


def test_a_database_that_is_away_changes_nothing_and_is_asked_again() -> None:
    store, timers = SlowStore(), Timers()
    engine, supply = desk(store, MemoryJournal(), timers)
    engine.feed(c.ReferenceChanged((said(MINE),)))
    supply.start()
    store.asked[0].errback(DatabaseAway("not up to date"))
    assert engine.world.state.callbacks == {3: MINE}
    timers.advance(5.0)
    store.asked[1].callback([])
    assert engine.world.state.callbacks == {}
    supply.stop()
