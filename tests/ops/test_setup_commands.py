"""The commands for codes, presets, user groups, lists and tokens, and what they leave in the audit log."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from tests.ops.test_commands import CAMPAIGN, Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An administrator with a campaign."""
    office = Office(tmp_path)
    office.do("campaign", "add", office.campaign(CAMPAIGN))
    return office


def shown(office: Office, *words: str) -> dict[str, Any]:
    kind, *which = words
    row: dict[str, Any] = json.loads(office.do(kind, "show", *which))
    return row


def audited(office: Office, *words: str) -> list[dict[str, Any]]:
    """The rows of the audit log, the oldest first."""
    rows: list[dict[str, Any]] = json.loads(office.do("audit", "list", "--json", *words))
    return rows[::-1]


# --- codes ---------------------------------------------------------------------------------------------------


def test_statuses_are_the_systems_or_a_campaigns(office: Office) -> None:
    office.do("disposition", "add", "LATER", "--title", "Later", "--callback", "--human-answered")
    office.do("disposition", "add", "--campaign", "SALES", "LATER", "--dnc", "--not-selectable")
    system, own = (shown(office, "disposition", *words, "LATER") for words in ((), ("--campaign", "SALES")))
    flags = ("campaign", "title", "selectable", "callback", "human_answered", "sale", "dnc")
    assert [system[name] for name in flags] == ["", "Later", True, True, True, False, False]
    assert [own[name] for name in flags] == ["SALES", "", False, False, False, False, True]
    office.do("disposition", "change", "LATER", "--no-callback", "--sale")
    assert shown(office, "disposition", "LATER") == system | {"callback": False, "sale": True}
    assert shown(office, "disposition", "--campaign", "SALES", "LATER") == own
    listed = json.loads(office.do("disposition", "list", "--json", "--campaign", "SALES"))
    assert [status["code"] for status in listed] == ["LATER", "SALE"]
    everything = [(status["campaign"], status["code"]) for status in office.found("disposition")]
    assert everything[-2:] == [("SALES", "LATER"), ("SALES", "SALE")]
    assert {("", "LATER"), ("", "CALLBK"), ("", "DISPO")} <= set(everything)
    assert office.do("disposition", "delete", "--campaign", "SALES", "LATER") == "Status LATER of SALES is gone.\n"
    assert office.do("disposition", "remove", "LATER") == "Status LATER is gone.\n"
    assert "there is no status LATER" in office.refusal("disposition", "change", "LATER", "--sale")


def test_a_campaign_has_its_pause_codes_and_presets(office: Office) -> None:
    office.do("pausecode", "add", "--campaign", "SALES", "COACH", "--title", "Coaching", "--productive")
    office.do("preset", "add", "--campaign", "SALES", "D1", "8500", "--title", "A message")
    office.do("preset", "change", "--campaign", "SALES", "D1", "--number", "7275551212")
    office.do("pausecode", "change", "--campaign", "SALES", "COACH", "--not-productive")
    code = {"campaign": "SALES", "code": "COACH", "title": "Coaching", "productive": False}
    preset = {"campaign": "SALES", "code": "D1", "number": "7275551212", "title": "A message"}
    assert shown(office, "pausecode", "--campaign", "SALES", "COACH") == code
    assert office.found("preset") == [preset]
    whole = json.loads(office.do("campaign", "show", "SALES", "--json"))
    assert sorted(whole["pause_codes"]) == ["BREAK", "COACH"]
    assert whole["presets"] == {"D1": {name: preset[name] for name in ("code", "number", "title")}}
    office.do("campaign", "add", "--replace", office.campaign(office.do("campaign", "show", "SALES")))
    assert json.loads(office.do("campaign", "show", "SALES", "--json")) == whole
    office.do("campaign", "add", "--replace", office.campaign(CAMPAIGN))
    left = json.loads(office.do("campaign", "show", "SALES", "--json"))
    assert (sorted(left["pause_codes"]), sorted(left["presets"])) == (["BREAK"], ["D1"])  # the file names no presets
    office.do("preset", "delete", "--campaign", "SALES", "D1")
    assert office.found("preset") == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("preset", "add", "--campaign", "SALES", "D1", "no number"), "number: expected"),
        (("preset", "add", "--campaign", "SALES", "TOO-LONG", "8500"), "code: expected"),
        (("preset", "add", "--campaign", "NOCAMP", "D1", "8500"), "there is no campaign NOCAMP"),
        (("preset", "add", "D1", "8500"), "Missing option '--campaign'"),
        (("pausecode", "add", "--campaign", "SALES", "A B"), "code: expected"),
        (("pausecode", "add", "--campaign", "SALES", "BREAK"), "BREAK is there already; --replace"),
        (("disposition", "add", "A,B"), "code: expected"),
        (("disposition", "add", "X", "--title", "\x1b[2J"), "title: expected"),
        (("usergroup", "add", "NIGHT", "--address", "10.0.0.1/8"), "addresses: expected"),
        (("usergroup", "add", "NIGHT", "--address", "home"), "addresses: expected"),
        (("usergroup", "change", "NIGHT"), "there is no user group NIGHT"),
        (("list", "add", "x"), "cannot be the id of a list"),
        (("list", "add", "101", "--campaign", "NOCAMP"), "there is no campaign NOCAMP"),
        (("phone", "change", "502", "--inactive"), "there is no phone 502"),
        (("alias", "change", "TESTING", "--caller-id", "1"), "there is no group alias TESTING"),
        (("user", "change", "ann", "--custom", "six=1"), "there is no user ann"),
        (("user", "add", "ann", "--password", "1234", "--custom", "six=1"), "custom fields: expected"),
        (("user", "add", "ann", "--password", "1234", "--group", "NIGHT"), "there is no user group NIGHT"),
        (("campaign", "change", "SALES", "--webform", "javascript:alert(1)"), "webform: expected"),
        (("campaign", "change", "SALES", "--manual-list", "101"), "there is no list 101"),
    ],
)
def test_what_cannot_work_is_refused_and_leaves_no_trace(office: Office, words: tuple[str, ...], reason: str) -> None:
    before = audited(office)
    assert reason in office.refusal(*words)
    assert audited(office) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('name = "X"\nstatuses = 3', "statuses: expected a table for each code"),
        ('name = "X"\npresets = []', "presets: expected a table for each code"),
        ('name = "X"\n[pause_codes]\nA = 3', "pause_codes: expected a table for each code"),
        ('name = "X"\n[presets.D1]\ntitle = "no number"', "number"),
        ('name = "X"\n[presets.D1]\nnumber = "85 00"', "number: expected"),
        ("name = 3", "name"),
        ('title = "X"', "name"),
        ("name = ", "campaign.toml"),
    ],
)
def test_a_file_that_is_no_campaign_is_refused_with_its_reason(office: Office, text: str, reason: str) -> None:
    assert reason in office.refusal("campaign", "add", office.campaign(text))
    assert [campaign["name"] for campaign in office.found("campaign")] == ["SALES"]


# --- the rest ------------------------------------------------------------------------------------------------


def test_users_of_a_group_are_let_in_from_its_addresses(office: Office) -> None:
    office.do("usergroup", "add", "NIGHT", "--title", "Night shift", "--address", "10.1.0.0/16", "--address", "::1")
    assert shown(office, "usergroup", "NIGHT")["addresses"] == ["10.1.0.0/16", "::1"]
    office.do("usergroup", "change", "NIGHT", "--title", "Nights")
    expected = {"name": "NIGHT", "title": "Nights", "addresses": ["10.1.0.0/16", "::1"]}
    assert office.found("usergroup") == [expected]
    office.do("usergroup", "change", "NIGHT", "--from-everywhere")
    assert shown(office, "usergroup", "NIGHT")["addresses"] == []
    office.do("user", "add", "ann", "--password", "1234", "--group", "NIGHT", "--custom", "four=207")
    assert (shown(office, "user", "ann")["group"], shown(office, "user", "ann")["custom"]) == ("NIGHT", {"four": "207"})
    assert "user group NIGHT is needed by user ann" in office.refusal("usergroup", "delete", "NIGHT")
    office.do("user", "change", "ann", "--group", "", "--custom", "four=")
    assert shown(office, "user", "ann")["custom"] == {}
    office.do("usergroup", "delete", "NIGHT")
    assert office.found("usergroup") == []


def test_a_list_tells_how_many_leads_it_has_and_is_kept_while_it_has_any(office: Office) -> None:
    office.do("list", "add", "101", "--title", "Autumn", "--campaign", "SALES")
    made = [office.do("lead", "add", "--list", "101", f"727555121{n}").strip() for n in range(2)]
    row = {"id": 101, "title": "Autumn", "campaign": "SALES", "active": True, "leads": 2}
    assert office.found("list") == [row]
    office.do("list", "change", "101", "--inactive")
    assert shown(office, "list", "101") == row | {"active": False}
    assert "list 101 has 2 leads" in office.refusal("list", "delete", "101")
    assert "list 101" in office.refusal("campaign", "delete", "SALES")
    office.do("lead", "delete", made[0])
    assert office.do("list", "delete", "--with-leads", "101") == "List 101 is gone, and 1 lead with it.\n"
    assert (office.found("list"), office.found("lead")) == ([], [])
    assert "there is no list 101" in office.refusal("list", "delete", "--with-leads", "101")


def test_phones_aliases_and_tokens_are_changed_too(office: Office) -> None:
    office.do("phone", "add", "502")
    office.do("phone", "change", "502", "--webphone-url", "https://phone.example/?e={extension}")
    assert shown(office, "phone", "502") == {
        "extension": "502",
        "dial": "PJSIP/502",
        "active": True,
        "webphone_url": "https://phone.example/?e={extension}",
    }
    office.do("alias", "add", "TESTING", "7275551211")
    office.do("alias", "change", "TESTING", "--caller-id", "7275551299", "--inactive")
    [alias] = office.found("alias")
    assert (alias["caller_id"], alias["active"]) == ("7275551299", False)
    office.do("token", "create", "--name", "CRM", "--role", "integration")
    [token] = office.found("token")
    office.do("token", "change", token["digest"], "--name", "The CRM")
    assert office.found("token") == [token | {"name": "The CRM"}]
    assert shown(office, "token", token["digest"])["name"] == "The CRM"
    office.do("token", "remove", token["digest"][:12])
    assert office.found("token") == []


def test_a_campaign_is_told_how_its_agents_dial(office: Office) -> None:
    office.do("list", "add", "101")
    before = shown(office, "campaign", "SALES", "--json")
    webform = "https://crm.example/?lead={lead_id}"
    office.do(
        *("campaign", "change", "SALES", "--preview", "only", "--alternative-numbers", "--refuse-dnc"),
        *("--manual-queue", "--manual-list", "101", "--search-lists", "101", "--webform", webform),
    )
    assert shown(office, "campaign", "SALES", "--json") == before | {
        "preview": "only",
        "alternative_numbers": True,
        "refuse_dnc": True,
        "manual_queue": True,
        "manual_list": 101,
        "search_lists": [101],
        "webform": webform,
    }


# --- the audit log -------------------------------------------------------------------------------------------


def test_every_change_tells_who_has_made_it_and_no_secret(office: Office) -> None:
    office.do("user", "add", "ann", "--password", "sesame", "--full-name", "Ann", "--pin", "4711")
    office.do("user", "change", "ann", "--full-name", "Anna")
    office.do("user", "change", "ann", "--full-name", "Anna")  # which changes nothing
    office.do("user", "password", "ann", "--password", "mellon")
    office.do("user", "delete", "ann")
    rows = audited(office, "--kind", "user", "--name", "ann")
    assert [row["action"] for row in rows] == ["create", "change", "change", "delete"]
    assert {(row["who"], row["face"]) for row in rows} == {(pwd.getpwuid(os.getuid()).pw_name, "cli")}
    made, renamed, secured, gone = rows
    assert (made["before"], made["after"]["full_name"], gone["after"]) == (None, "Ann", None)
    assert (renamed["before"], renamed["after"]) == ({"full_name": "Ann"}, {"full_name": "Anna"})
    assert (secured["before"], secured["after"]) == ({}, {"password": "changed"})
    everything = json.dumps(audited(office))
    assert not [word for word in ("sesame", "mellon", "4711", "argon2") if word in everything]
    table = office.do("audit", "list", "--kind", "user").splitlines()
    assert table[0].split() == ["id", "time", "who", "face", "kind", "name", "action", "now"]
    assert table[2].split()[-3:] == ["change", '{"password":', '"changed"}']


def test_the_log_is_looked_at_by_what_is_wanted(office: Office) -> None:
    office.do("phone", "add", "502")
    [row] = audited(office, "--kind", "phone")
    assert audited(office, "--name", "502") == [row]
    assert audited(office, "--before", str(row["id"])) == audited(office)[:-1]
    assert audited(office, "--limit", "1") == [row]
    assert audited(office, "--who", "nobody at all") == []
    assert audited(office, "--until", "2020-01-01 00:00:00") == []
    assert row in audited(office, "--since", "2020-01-01 00:00:00")
    assert [one["name"] for one in audited(office, "--kind", "pause code")][-1] == "SALES/BREAK"
