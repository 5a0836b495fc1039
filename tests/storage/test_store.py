"""What faces ask of the database, and keep in it: what was written is read, and is there when the answer is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest_twisted
from sqlalchemy import insert

from agentd.core import records as r
from agentd.core.model import CallbackWish, Campaign, Lead, Preset, PreviewRule, User, UserGroup
from agentd.core.records import CampaignSet, UserSet
from agentd.engine.ports import Activity, CallbackQuery, LeadQuery
from agentd.engine.supply import changes
from agentd.storage import management
from agentd.storage.tables import user_groups
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


@pytest_twisted.ensureDeferred
async def test_a_custom_field_is_kept_beside_the_others(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    with storage.engine.begin() as connection:
        storage.write(*management.put_user(connection, User("1000", 0, custom={"three": "876543", "two": "x"})))
    told = await storage.store.set_custom("1000", "five", "new")
    assert told == [UserSet("1000", User("1000", 1000, custom={"three": "876543", "two": "x", "five": "new"}))]
    assert await storage.store.set_custom("1000", "two", "") == [
        UserSet("1000", User("1000", 1000, custom={"three": "876543", "five": "new"}))
    ]
    assert await storage.store.set_custom("nobody", "five", "new") == []
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_groups_presets_and_rules_are_read_as_they_were_set_up(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    campaign = Campaign(
        "TESTPREV",
        1,
        preview=PreviewRule.ONLY,
        alternative_numbers=True,
        refuse_dnc=True,
        webform="https://crm.example/?lead={lead_id}&name={first_name}" + "x" * 300,
        webform2="https://crm.example/2",
        presets={"D1": Preset("D1", "97275551213", "Back office"), "D2": Preset("D2", "500")},
    )
    group = UserGroup("sales", "Sales", ("10.0.0.0/8", "::1"))
    with storage.engine.begin() as connection:
        assert management.put_campaign(connection, campaign) == [CampaignSet("TESTPREV", campaign)]
        row = {"name": group.name, "title": group.title, "addresses": group.addresses}
        connection.execute(insert(user_groups).values(row))
    found = await storage.store.reference()
    assert found == [r.UserGroupSet("sales", group), CampaignSet("TESTPREV", campaign)]
    storage.write(*found)
    assert changes(storage.state, found) == []
    assert changes(storage.state, []) == [r.UserGroupSet("sales", None), CampaignSet("TESTPREV", None)]
    with storage.engine.begin() as connection:
        fewer = replace(campaign, presets={"D2": Preset("D2", "501")})
        assert management.put_campaign(connection, fewer) == [CampaignSet("TESTPREV", fewer)]
        management.delete_campaign(connection, "TESTPREV")
        management.put_campaign(connection, replace(campaign, presets={}))
    assert CampaignSet("TESTPREV", replace(campaign, number=2, presets={})) in await storage.store.reference()
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_what_was_journalled_a_moment_ago_is_read(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    await storage.applier.start()
    store, wish = storage.store, CallbackWish(1_795_000_000.25, anyone=False)
    lead = Lead(7, 101, "NEW", "1", "7275551212")
    storage.write(r.LeadCreated(lead, "1000"))
    assert [row.lead for row in await store.leads(LeadQuery(number="7275551212"))] == [lead]
    storage.write(r.LeadUpdated(7, {"first_name": "Ann"}, "1000"))
    row = await store.lead_row(7)
    assert row is not None
    assert row.lead.fields == {"first_name": "Ann"}
    promised = r.CallbackSet(3, 7, "TESTCAMP", wish, "1000", "1000", by="1000")
    storage.write(promised)
    assert [one.id for one in await store.callbacks(CallbackQuery(user="1000"))] == [3]
    assert await store.callbacks_to_keep() == [replace(promised, by="", stored=True)]
    storage.write(r.CallbackEnded(3, "1000", 7, by="1000"))
    assert await store.callbacks_to_keep() == []
    ended = await store.callback(3)
    assert ended is not None
    assert (ended.status, ended.due) == ("dropped", wish.due)
    storage.write(r.DncChanged("7275551212", "TESTCAMP", listed=True, by="6666"))
    assert await store.dnc("7275551212", "1", ("", "TESTCAMP")) == ["TESTCAMP"]
    assert await store.dnc_numbers() == [("TESTCAMP", "7275551212")]
    storage.write(r.LeadDeleted(7, "6666"))
    assert await store.lead_row(7) is None
    await storage.stop()


@pytest_twisted.ensureDeferred
async def test_activities_are_kept_changed_and_forgotten(tmp_path: Path, url: str) -> None:
    storage = Storage(tmp_path / "journal", url)
    store, one = storage.store, Activity("A-1", "7275551212", "1", "ACME", "Offer")
    assert await store.put_activity(one, replace=False)
    assert not await store.put_activity(replace(one, subject="Other"), replace=False)
    assert await store.activity("A-1") == one
    assert not await store.put_activity(replace(one, subject="Other"), replace=True)
    assert await store.put_activity(Activity("A-0", "7275551213"), replace=True)
    assert await store.activities() == [Activity("A-0", "7275551213"), replace(one, subject="Other")]
    assert await store.activities("A-0", 1) == [replace(one, subject="Other")]
    assert await store.delete_activity("A-1")
    assert not await store.delete_activity("A-1")
    assert await store.activity("A-1") is None
    await storage.stop()
