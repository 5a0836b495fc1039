"""The demo's data: what an administrator could have set up, and what the documents' examples speak of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from twisted.internet.task import Clock as Timers

from agentd.core.records import CampaignSet, InGroupSet, TokenSet, UserSet
from agentd.engine import checks
from agentd.engine.clock import WallClock
from agentd.engine.config import Config, load
from agentd.engine.ports import HopperQuery
from agentd.sandbox import data
from agentd.sandbox.seed import seed
from agentd.storage import management
from agentd.storage.database import connect
from agentd.storage.hopper import next_leads
from agentd.storage.reference import read_reference
from agentd.storage.repositories import read_lead
from agentd.storage.tables import leads

NOW = 1_795_000_000.0


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """That of a demo with an empty folder."""
    file = tmp_path / "agentd.toml"
    file.write_text(f'[daemon]\nstate_dir = "{tmp_path}"\n')
    return load(file)


@pytest.fixture
def seeded(config: Config) -> Iterator[Connection]:
    """Its database, filled for the second time."""
    for _ in range(2):
        seed(config, WallClock(Timers()))
    engine = connect(config.database_url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def of_kind(connection: Connection, kind: type[Any]) -> dict[str, Any]:
    """What was set up of a kind, by name."""
    found = [record for record in read_reference(connection) if isinstance(record, kind)]
    return {getattr(record, kind.__slots__[0]): getattr(record, kind.__slots__[1]) for record in found}


def test_an_administrator_could_have_set_it_up() -> None:
    names = {ingroup.name for ingroup in data.ingroups()}
    for ingroup in data.ingroups():
        checks.check_ingroup(ingroup, names)
    for campaign in data.campaigns():
        checks.check_campaign(campaign, names)
    for user in data.users("hash"):
        checks.check_user(user)
        assert set(user.ingroups) | set(user.ranks) <= names
    for number, _ in data.DNC:
        checks.check_dnc(number)


def test_it_is_what_the_documents_speak_of(seeded: Connection) -> None:
    users, campaigns, ingroups = (of_kind(seeded, kind) for kind in (UserSet, CampaignSet, InGroupSet))
    assert set(users) == {"6666", "101", "1000", "1001", "1028", "201", "136"}
    assert {name for name, user in users.items() if user.campaign == "2000"} == {"201", "136"}
    assert all("change_agent_campaign" in users[name].rights for name in ("6666", "101"))
    assert (users["1028"].kind, users["1028"].outside_number) == ("remote", "7275551299")
    assert len({users[name].ranks["SALESLINE"] for name in ("1000", "1001", "101", "6666")}) == 4
    assert {name: (one.inbound, one.dial_method.value) for name, one in campaigns.items()} == {
        "TESTCAMP": (True, "ratio"),
        "TESTPREV": (True, "manual"),
        "TESTMAN": (False, "manual"),
        "2000": (True, "manual"),
    }
    assert campaigns["TESTCAMP"].auto_dial_level == 0
    documented = {"SALESLINE", "TEST_IN", "TEST_IN2", "TEST_IN3", "TEST_IN4", "TRAINING_IN", "AGENTDIRECT"}
    assert set(ingroups) == documented | {"2000"}
    assert len(of_kind(seeded, TokenSet)) == 1


def test_the_dialler_finds_all_leads_but_those_that_must_not_be_called(seeded: Connection) -> None:
    [campaign] = [one for one in data.campaigns() if one.name == data.DIAL_CAMPAIGN]
    query = HopperQuery(campaign.name, campaign.dial_statuses, NOW, NOW, campaign.call_hours, limit=100)
    found = next_leads(seeded, query)
    stored = {row.id: row.phone_number for row in seeded.execute(select(leads.c.id, leads.c.phone_number))}
    assert len(stored) == 50
    assert {lead.phone_number for lead in found} == set(stored.values()) - {"7275551290", "7275551291"}
    assert int(found[0].phone_number[-2:]) > 5  # the first are people who answer and talk
    assert management.read_dnc(seeded) == [("7275551290", ""), ("7275551291", "TESTCAMP")]


def test_filling_it_again_leaves_leads_as_calls_have_made_them(config: Config) -> None:
    seed(config, WallClock(Timers()))
    engine = connect(config.database_url)
    with engine.begin() as connection:
        lead = read_lead(connection, 123456)
        assert lead is not None
        lead.status = "SALE"
        management.put_lead(connection, lead, NOW)
        management.set_dial_level(connection, "TESTCAMP", 3)
    seed(config, WallClock(Timers()))
    with engine.begin() as connection:
        assert read_lead(connection, 123456) == lead
        assert of_kind(connection, CampaignSet)["TESTCAMP"].auto_dial_level == 0
    engine.dispose()
