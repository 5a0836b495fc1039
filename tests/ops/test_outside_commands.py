"""The commands for leads, callbacks and numbers not to call: the same with a daemon that runs and without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest

from tests.ops.daemon import AGENTD, Daemon, configure, free_port
from tests.ops.test_commands import CAMPAIGN, Office
from tests.storage.mariadb import MariaDB

NOON = "2031-11-25 12:00:00"


@pytest.fixture(scope="module", params=["a daemon", "no daemon", "no daemon, MariaDB"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An administrator with lists, a campaign and an agent; a daemon without an Asterisk runs, or none does."""
    folder = tmp_path_factory.mktemp("office")
    with ExitStack() as stack:
        config = configure(folder, f"tcp:{free_port()}:interface=127.0.0.1").read_text()
        if "MariaDB" in request.param:
            server = stack.enter_context(MariaDB(tmp_path_factory.mktemp("mariadb")))
            config += f'\n[database]\nurl = "{server.new_database("agentd")}"\n'
        office = Office(folder)
        office.config.write_text(config)
        office.do("migrate")
        office.do("campaign", "add", office.campaign(CAMPAIGN))
        office.do("user", "add", "ann", "--password", "1234")
        for number in ("101", "102"):
            office.do("list", "add", number)
        if request.param == "a daemon":
            daemon = stack.enter_context(Daemon([*AGENTD, "run", "--config", str(office.config)], folder))
            daemon.wait_for("READY=1")
        yield office


def shown(office: Office, kind: str, one: object) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(office.do(kind, "show", str(one)))
    return row


def refused(office: Office, *words: str) -> str:
    """Run a command that is refused and changes nothing; the reason."""
    before = office.found(words[0])
    said = office.refusal(*words)
    assert office.found(words[0]) == before
    return said


@pytest.fixture
def bob(office: Office) -> str:
    """The id of a lead, with a number that no other has."""
    count = len(office.found("lead"))
    words = ("--list", "101", f"(727) 555-{3000 + count}", "--set", "first_name=Bob", "--set", "rank=5")
    return office.do("lead", "add", *words).strip()


# --- leads ---------------------------------------------------------------------------------------------------


def test_a_lead_is_kept_shown_found_and_forgotten(office: Office) -> None:
    words = ("--set", "last_name=Smith", "--set", "alt_phone=727 555-1213", "--set", "vendor_lead_code=A-1")
    made = office.do("lead", "add", "--list", "101", "727 555-1212", *words).strip()
    found = shown(office, "lead", made)
    told = ("list_id", "status", "phone_code", "phone_number", "last_name", "alt_phone", "called", "last_call")
    assert [found[name] for name in told] == [101, "NEW", "1", "7275551212", "Smith", "7275551213", 0, None]
    ways = (("--number", "7275551213"), ("--vendor-lead-code", "A-1"), ("--name", "Smi"), ("--list", "101"))
    for way in ways:
        assert found in json.loads(office.do("lead", "list", "--json", *way)), way
    assert json.loads(office.do("lead", "search", "--json", "--list", "101", "--status", "SALE")) == []
    assert office.do("lead", "delete", made) == f"Lead {made} is gone.\n"
    assert f"there is no lead {made}" in office.refusal("lead", "show", made)
    assert json.loads(office.do("lead", "list", "--json", "--number", "7275551212")) == []


def test_a_lead_is_changed_in_what_is_said_and_in_nothing_else(office: Office, bob: str) -> None:
    before = shown(office, "lead", bob)
    office.do("lead", "change", bob, "--status", "SALE", "--list", "102", "--set", "first_name=", "--set", "city=Rome")
    after = shown(office, "lead", bob)
    del before["first_name"]
    assert after == before | {"status": "SALE", "list_id": 102, "city": "Rome", "changed": after["changed"]}
    assert after["changed"] > before["changed"]
    office.do("lead", "change", bob, "--number", "+1 (727) 555 1299", "--phone-code", "")
    assert [shown(office, "lead", bob)[name] for name in ("phone_number", "phone_code")] == ["+17275551299", ""]


def test_many_leads_are_listed_a_few_at_a_time(office: Office, bob: str) -> None:
    everyone = [lead["id"] for lead in json.loads(office.do("lead", "list", "--json", "--limit", "0"))]
    assert int(bob) in everyone
    listed: list[int] = []
    while page := json.loads(
        office.do("lead", "list", "--json", "--limit", "1", "--after", str(max(listed, default=0)))
    ):
        assert len(page) == 1
        listed.append(page[0]["id"])
    assert listed == everyone


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--set", "first_name=\x1b[2J"), "first_name has control characters"),
        (("--set", "rank=high"), "rank cannot be"),
        (("--set", "shoe_size=44"), "shoe_size"),
        (("--set", "first_name"), "'first_name' is not NAME=TEXT"),
        (("--status", "no good"), "status cannot be"),
        (("--number", "nobody"), "phone_number"),
        ((), "Nothing was said"),
    ],
)
def test_what_no_lead_can_have_is_refused(office: Office, bob: str, words: tuple[str, ...], reason: str) -> None:
    assert reason in refused(office, "lead", "change", bob, *words)


def test_who_is_not_there_is_neither_shown_nor_changed_nor_called(office: Office) -> None:
    assert "there is no list 999" in refused(office, "lead", "add", "--list", "999", "7275551212")
    for verb in ("show", "change", "delete"):
        assert "there is no lead 999999" in office.refusal("lead", verb, "999999")
        assert "there is no callback 999999" in office.refusal("callback", verb, "999999")
        assert "is not in the range" in office.refusal("lead", verb, str(10**30))
    words = ("callback", "add", "999999", "--campaign", "SALES", "--at", NOON)
    assert "there is no lead 999999" in refused(office, *words)


def test_a_list_goes_with_its_leads_when_that_is_said(office: Office) -> None:
    office.do("list", "add", "103")
    made = [office.do("lead", "add", "--list", "103", f"727555500{n}").strip() for n in range(2)]
    assert "list 103 has 2 leads" in refused(office, "list", "delete", "103")
    assert office.do("list", "delete", "--with-leads", "103").startswith("List 103 is gone, and 2 leads with it.")
    assert [row["id"] for row in office.found("list")] == [101, 102]
    for lead in made:
        assert f"there is no lead {lead}" in office.refusal("lead", "show", lead)


# --- callbacks -----------------------------------------------------------------------------------------------


def test_a_call_is_promised_moved_and_taken_back(office: Office, bob: str) -> None:
    words = ("--campaign", "SALES", "--at", NOON, "--agent", "ann", "--comments", "the offer")
    made = office.do("callback", "add", bob, *words).strip()
    promised = shown(office, "callback", made)
    assert promised == {
        "id": int(made),
        "lead_id": int(bob),
        "campaign": "SALES",
        "agent": "ann",
        "due": datetime.fromisoformat(NOON).timestamp(),
        "comments": "the offer",
        "status": "waiting",
        "created": promised["created"],
        "made_by_call": None,
        "kept_by_call": None,
    }
    [line] = [line for line in office.do("callback", "list", "--lead", bob).splitlines() if "the offer" in line]
    assert NOON in line
    office.do("callback", "change", made, "--at", "2031-11-26T12:00:00+00:00", "--agent", "")
    moved = shown(office, "callback", made)
    due = datetime.fromisoformat("2031-11-26T12:00:00+00:00").timestamp()
    assert moved == promised | {"agent": None, "due": due, "created": moved["created"]}
    assert json.loads(office.do("callback", "list", "--json", "--waiting", "--lead", bob)) == [moved]
    assert json.loads(office.do("callback", "list", "--json", "--agent", "ann", "--lead", bob)) == []
    assert office.do("callback", "delete", made) == f"Callback {made} is taken back.\n"
    assert shown(office, "callback", made)["status"] == "dropped"
    for verb in ("change", "delete"):
        assert f"callback {made} was kept already, or taken back" in refused(office, "callback", verb, made)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--campaign", "SALES", "--at", "tomorrow"), "'tomorrow' is not a time"),
        (("--campaign", "SALES", "--at", "2031-02-30 12:00:00"), "is not a time"),
        (("--campaign", "NOCAMP", "--at", NOON), "there is no campaign NOCAMP"),
        (("--campaign", "SALES", "--at", NOON, "--agent", "bob"), "there is no user bob"),
        (("--campaign", "SALES"), "Missing option '--at'"),
    ],
)
def test_what_cannot_be_promised_is_refused(office: Office, bob: str, words: tuple[str, ...], reason: str) -> None:
    assert reason in refused(office, "callback", "add", bob, *words)
    assert "there is no lead 999999" in refused(
        office, "callback", "add", "999999", "--campaign", "SALES", "--at", NOON
    )
    assert "there is no callback 999999" in refused(office, "callback", "show", "999999")


def test_who_is_forgotten_is_promised_nothing(office: Office, bob: str) -> None:
    made = office.do("callback", "add", bob, "--campaign", "SALES", "--at", NOON).strip()
    office.do("lead", "delete", bob)
    assert shown(office, "callback", made)["status"] == "dropped"


# --- numbers not to call -------------------------------------------------------------------------------------


def test_numbers_are_kept_from_being_called_and_called_again(office: Office) -> None:
    office.do("dnc", "add", "727 555-1290", "(727) 555.1291")
    office.do("dnc", "add", "--campaign", "SALES", "+7275551292")
    everybody = [{"number": f"727555129{n}", "campaign": ""} for n in (0, 1)]
    sales = [{"number": "7275551292", "campaign": "SALES"}]
    assert office.found("dnc") == everybody + sales
    assert json.loads(office.do("dnc", "list", "--json", "--campaign", "SALES")) == sales
    assert json.loads(office.do("dnc", "show", "--json", "727 555-1292")) == sales
    assert json.loads(office.do("dnc", "show", "--json", "7275551299")) == []
    assert json.loads(office.do("dnc", "list", "--json", "--campaign", "")) == everybody
    assert "7275551292 is no number that must not" in refused(office, "dnc", "remove", "7275551291", "7275551292")
    assert office.do("dnc", "remove", "7275551290", "7275551291") == "2 numbers are called again.\n"
    assert office.do("dnc", "remove", "--campaign", "SALES", "7275551292") == "1 number is called again.\n"
    assert office.found("dnc") == []
