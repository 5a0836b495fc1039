"""The demo's data: what an administrator could have set up, and what the documents' examples speak of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from twisted.internet.task import Clock as Timers

from agentd.core.model import WhichNumber
from agentd.core.records import CampaignSet, GroupAliasSet, InGroupSet, PhoneSet, StatusSet, TokenSet, UserSet
from agentd.engine import checks
from agentd.engine.clock import WallClock
from agentd.engine.config import Config, load
from agentd.engine.ports import HopperQuery
from agentd.sandbox import data
from agentd.sandbox.seed import seed
from agentd.storage import management
from agentd.storage.database import connect
from agentd.storage.hopper import next_leads
from agentd.storage.leads import read_lead
from agentd.storage.reference import read_reference
from agentd.storage.tables import crm_activities, leads

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
    assert set(users) == {"6666", "101", "1000", "1001", "1028", "201", "136", "1234"}
    assert {name for name, user in users.items() if user.campaign == "2000"} == {"201", "136"}
    every = {"agent_api", "agentcall_manual", "modify_leads", "modify_campaigns", "change_agent_campaign"}
    assert [users[name].rights for name in ("6666", "101", "1234")] == [every, every, {"agent_api"}]
    assert users["1000"].custom == {"three": "876543"}
    assert (users["1028"].kind, users["1028"].outside_number) == ("remote", "7275551299")
    assert len({users[name].ranks["SALESLINE"] for name in ("1000", "1001", "101", "6666")}) == 4
    assert {name: (one.inbound, one.dial_method.value) for name, one in campaigns.items()} == {
        "TESTCAMP": (True, "ratio"),
        "TESTPREV": (True, "manual"),
        "TESTMAN": (False, "manual"),
        "2000": (True, "manual"),
    }
    assert {name: (one.preview.value, one.alternative_numbers, one.manual_list) for name, one in campaigns.items()} == {
        "TESTCAMP": ("enabled", True, 101),
        "TESTPREV": ("only", False, 101),
        "TESTMAN": ("disabled", False, 0),
        "2000": ("enabled", False, 101),
    }
    testcamp = campaigns["TESTCAMP"]
    assert (testcamp.auto_dial_level, testcamp.manual_queue, testcamp.refuse_dnc) == (0, True, True)
    assert sorted(testcamp.presets) == ["D1", "D2", "D3", "D4", "D5"]
    assert all("{lead_id}" in template for template in (testcamp.webform, testcamp.webform2))
    documented = {"SALESLINE", "TEST_IN", "TEST_IN2", "TEST_IN3", "TEST_IN4", "TRAINING_IN", "AGENTDIRECT"}
    assert set(ingroups) == documented | {"2000"}
    assert len(of_kind(seeded, TokenSet)) == 1
    webphones = {name: phone.webphone_url for name, phone in of_kind(seeded, PhoneSet).items() if phone.webphone_url}
    assert list(webphones) == ["502"]
    aliases = {name: alias.caller_id for name, alias in of_kind(seeded, GroupAliasSet).items()}
    assert aliases == {"DEFAULT": "7275551211", "TESTING": "7275551211", "BADALIAS": "123"}


def test_its_statuses_have_their_flags(seeded: Connection) -> None:
    flags = ("callback", "dnc", "sale")
    statuses = of_kind(seeded, StatusSet)
    flagged = {flag: {code for code, status in statuses.items() if getattr(status, flag)} for flag in flags}
    assert flagged == {"callback": {"CALLBK"}, "dnc": {"DNC"}, "sale": {"SALE"}}
    assert {"A", "B", "N", "NI", "NEW", "DISPO", "RAXFER", "CANCEL"} <= set(statuses)
    assert of_kind(seeded, CampaignSet)["TESTCAMP"].statuses["DNCC"].dnc


def test_its_leads_and_activities_are_those_of_the_documents(seeded: Connection) -> None:
    lead = read_lead(seeded, 123456)
    assert lead is not None
    assert [which.of(lead) for which in WhichNumber] == ["7275551212", "7275551213", "7275551214"]
    told = ("vendor_lead_code", "province", "security_phrase", "source_id")
    assert [lead.fields[name] for name in told] == ["9987-1234765", "SK", "WILLIAMS", "JUH764AJJJ9"]
    other = read_lead(seeded, 402028)
    assert other is not None
    assert [which.of(other) for which in WhichNumber] == ["7275551228", "", ""]
    assert read_lead(seeded, 1234567) is None
    [activity] = seeded.execute(select(crm_activities).where(crm_activities.c.id == "54321"))
    assert (activity.number, activity.phone_code, activity.account) == ("7275551212", "1", "9987-1234765")
    assert seeded.execute(select(crm_activities).where(crm_activities.c.id == "12345")).one_or_none() is None


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
