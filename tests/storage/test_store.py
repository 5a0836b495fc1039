"""What faces keep in the database: it is there when the answer is."""

from __future__ import annotations

from pathlib import Path

import pytest_twisted

from agentd.core.model import Campaign, User
from agentd.core.records import CampaignSet, UserSet
from agentd.engine.supply import changes
from agentd.storage import management
from tests.storage.following import Storage


@pytest_twisted.ensureDeferred
async def test_lines_and_levels_are_kept_and_told(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    with storage.engine.begin() as connection:
        storage.write(*management.put_user(connection, User("1000", 0, full_name="Ann", ingroups=("SALESLINE",))))
        storage.write(*management.put_campaign(connection, Campaign("TESTCAMP", 0, title="Test")))
    told = await storage.store.set_agent_lines("1000", ["TEST_IN", "SALESLINE"], blended=True)
    told += await storage.store.set_dial_level("TESTCAMP", 1.5)
    assert told == [
        UserSet("1000", User("1000", 1000, "Ann", ingroups=("TEST_IN", "SALESLINE"), blended=True)),
        CampaignSet("TESTCAMP", Campaign("TESTCAMP", 1, "Test", auto_dial_level=1.5)),
    ]
    storage.write(*told)
    assert changes(storage.state, await storage.store.reference()) == []
    assert await storage.store.set_agent_lines("nobody", [], blended=False) == []
    assert await storage.store.set_dial_level("NOCAMP", 1) == []
    await storage.stop()
