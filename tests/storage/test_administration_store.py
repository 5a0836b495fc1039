"""What is set up, as the daemon reads and changes it: in threads, in time, and never by halves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_twisted
from sqlalchemy import select

from agentd.core import records as r
from agentd.core.errors import DatabaseAway, NotThere, ValueRefused
from agentd.core.model import Campaign, Lead, LeadList, User
from agentd.engine.kinds import CAMPAIGN, LIST, PHONE, Action, By, Change, Named, ThingQuery
from agentd.engine.ports import AuditQuery
from agentd.storage import management, repositories
from agentd.storage.tables import audit_log
from tests.storage.following import Storage
from tests.storage.helpers import NOW

BY = By("boss", "native", NOW)
PHONE_502 = Named(PHONE, "502")


@pytest_twisted.async_yield_fixture
async def storage(tmp_path: Path, url: str) -> AsyncIterator[Storage]:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    yield storage
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_what_is_changed_is_read_and_logged(storage: Storage) -> None:
    store = storage.store
    made = await store.carry_out(Change(Action.CREATE, PHONE_502, BY, {"dial": "PJSIP/502"}))
    assert made.records == (r.PhoneSet("502", made.thing),)
    assert await store.thing(PHONE_502) == made.thing
    assert await store.things(PHONE, ThingQuery()) == [made.thing]
    [row] = await store.audit(AuditQuery())
    assert (row.who, row.face, row.at, row.name, row.action) == ("boss", "native", NOW, "502", "create")


@pytest_twisted.ensureDeferred
async def test_refusals_are_what_they_are(storage: Storage) -> None:
    with pytest.raises(NotThere):
        await storage.store.carry_out(Change(Action.DELETE, PHONE_502, BY))
    with pytest.raises(ValueRefused):
        await storage.store.carry_out(Change(Action.CREATE, PHONE_502, BY, {"dial": "x"}))


@pytest_twisted.ensureDeferred
async def test_a_change_for_which_nobody_waits_any_more_is_undone(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repositories, "CHANGE_TIME", -1.0)
    with pytest.raises(DatabaseAway):
        await storage.store.carry_out(Change(Action.CREATE, PHONE_502, BY, {"dial": "PJSIP/502"}))
    assert await storage.store.thing(PHONE_502) is None
    with storage.engine.connect() as connection:
        assert connection.execute(select(audit_log.c.id)).all() == []


@pytest_twisted.ensureDeferred
async def test_a_list_has_the_leads_that_were_journalled_before(storage: Storage) -> None:
    await storage.store.carry_out(Change(Action.CREATE, Named(LIST, "101"), BY))
    storage.write(r.LeadCreated(Lead(7, 101, "NEW", "1", "7275551212"), "boss"))
    assert await storage.store.thing(Named(LIST, "101")) == LeadList(101, leads=1)
    storage.write(r.LeadCreated(Lead(8, 101, "NEW", "1", "7275551212"), "boss"))
    assert [one.leads for one in await storage.store.things(LIST, ThingQuery())] == [2]
    assert await storage.store.empty_list(101, 10, BY) == [7, 8]


@pytest_twisted.ensureDeferred
async def test_changes_of_other_operations_are_logged_for_who_is_named(storage: Storage) -> None:
    with storage.engine.begin() as connection:
        management.put_user(connection, User("1000", 0))
        management.put_campaign(connection, Campaign("TESTCAMP", 0))
    store = storage.store
    await store.set_dial_level("TESTCAMP", 1.5, BY)
    await store.set_dial_level("TESTCAMP", 1.5, BY)
    await store.set_dial_level("TESTCAMP", 2.5)
    await store.set_agent_lines("1000", ["SALESLINE"], blended=True, by=BY)
    await store.set_custom("1000", "five", "x", BY)
    rows = await store.audit(AuditQuery(who="boss"))
    assert [(row.kind, row.name, row.action, row.before, row.after) for row in rows] == [
        ("user", "1000", "change", {"custom": {}}, {"custom": {"five": "x"}}),
        (
            "user",
            "1000",
            "change",
            {"ingroups": [], "blended": False},
            {"ingroups": ["SALESLINE"], "blended": True},
        ),
        ("campaign", "TESTCAMP", "change", {"auto_dial_level": 0.0}, {"auto_dial_level": 1.5}),
    ]
    assert (await store.thing(Named(CAMPAIGN, "TESTCAMP"))).auto_dial_level == 2.5
