"""The commands for lines, remote agents, diallers and numbers not to call: what could not work is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.ops.test_commands import CAMPAIGN, Office

TREATED = ("--after-hours", "--no-agent", "--full", "--drop")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An administrator with an in-group and a campaign."""
    office = Office(tmp_path)
    office.do("ingroup", "add", "SALESLINE", "--title", "Sales")
    office.do("campaign", "add", office.campaign(CAMPAIGN))
    return office


def refused(office: Office, *words: str) -> str:
    """Run a command that is refused and changes nothing; the reason."""
    before = [office.found(kind) for kind in ("ingroup", "campaign", "user", "dnc")]
    said = office.refusal(*words)
    assert [office.found(kind) for kind in ("ingroup", "campaign", "user", "dnc")] == before
    return said


# --- in-groups -----------------------------------------------------------------------------------------------


def test_everything_of_an_in_group_can_be_said_and_changed(office: Office) -> None:
    for number in ("101", "102"):
        office.do("list", "add", number)
    office.do(
        *("ingroup", "add", "TEST_IN", "--pick", "rank", "--priority", "-5", "--inactive"),
        *("--list", "102", "--search-lists", "101,102"),
        *("--welcome", "agentd/welcome", "--announce-every", "30", "--no-announce-position", "--announce-wait"),
        *("--ring-time", "12", "--service-level", "15"),
        *("--hours", "mon-fri 08:00-18:00", "--timezone", "Europe/Berlin"),
        *("--after-hours", "voicemail:500@default", "--no-agent", "ingroup:SALESLINE", "--max-waiting", "7"),
        *("--full", "extension:8500", "--drop-after", "90", "--drop", "message:agentd/sorry"),
    )
    expected = {
        "name": "TEST_IN",
        "number": 2,
        "title": "",
        "active": False,
        "music": "",
        "transfer_to": "",
        "pick": "rank",
        "priority": -5,
        "list_id": 102,
        "search_lists": [101, 102],
        "welcome": "agentd/welcome",
        "announce_every": 30,
        "announce_position": False,
        "announce_wait": True,
        "ring_time": 12,
        "service_level": 15,
        "hours": "mon-fri 08:00-18:00",
        "timezone": "Europe/Berlin",
        "after_hours": {"kind": "voicemail", "to": "500@default"},
        "no_agent": {"kind": "ingroup", "to": "SALESLINE"},
        "max_waiting": 7,
        "full": {"kind": "extension", "to": "8500"},
        "drop_after": 90,
        "drop": {"kind": "message", "to": "agentd/sorry"},
    }
    assert json.loads(office.do("ingroup", "show", "TEST_IN")) == expected
    office.do("ingroup", "change", "TEST_IN", "--search-lists", "", "--drop", "hangup", "--hours", "", "--active")
    changed = {"search_lists": [], "drop": {"kind": "hangup", "to": ""}, "hours": "", "active": True}
    assert json.loads(office.do("ingroup", "show", "TEST_IN")) == expected | changed
    listed = office.do("ingroup", "list").splitlines()[-1].split()
    assert listed == ["TEST_IN", "True", "rank", "-5", "90", "hangup"]


def test_what_is_not_said_is_the_default(office: Office) -> None:
    office.do("ingroup", "change", "SALESLINE", "--priority", "9", "--drop-after", "60", "--welcome", "agentd/welcome")
    office.do("ingroup", "add", "--replace", "SALESLINE", "--title", "Sales")
    [found] = office.found("ingroup")
    told = ("priority", "drop_after", "welcome", "pick", "announce_position", "ring_time", "no_agent")
    assert [found[name] for name in told] == [0, 0, "", "longest", True, 20, {"kind": "wait", "to": ""}]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--pick", "youngest"), "'youngest' is not one of longest, rank, fewest, random"),
        (("--priority", "100"), "priority: expected -99 to 99"),
        (("--priority", "-100"), "priority: expected -99 to 99"),
        (("--search-lists", "101;102"), "'101;102' is not a list of ids"),
        (("--search-lists", "0"), "lists: expected their ids"),
        (("--list", "-1"), "lists: expected their ids"),
        (("--welcome", "/etc/passwd"), "welcome: expected the name of a sound"),
        (("--welcome", "a&b"), "welcome: expected the name of a sound"),
        (("--announce-every", "9"), "announce every: expected 10 to 3600 seconds, or 0"),
        (("--ring-time", "0"), "ring time: expected 1 to 120 seconds"),
        (("--service-level", "0"), "service level: expected"),
        (("--max-waiting", "-1"), "max waiting: expected"),
        (("--drop-after", "-1"), "drop after: expected"),
        (("--hours", "mon-fry 08:00-18:00"), "hours: 'fry' is none of the days"),
        (("--hours", "08:00-25:00"), "hours: '25:00' is not a time"),
        (("--timezone", "Europe/Atlantis"), "'Europe/Atlantis' is no time zone"),
        (("--drop", "sing"), "'sing' is none of wait, hangup, message:SOUND"),
        (("--drop", "hangup:now"), "drop: hangup takes nothing besides"),
        (("--drop", "message"), "drop: a message needs the name of its sound"),
        (("--drop", "message:../x"), "drop: expected the name of a sound"),
        (("--drop", "extension:8500,1"), "drop: expected an extension or a number"),
        (("--drop", "extension:"), "drop: expected an extension or a number"),
        (("--drop", "voicemail:5,00"), "drop: expected a mailbox"),
        (("--drop", "ingroup:NOWHERE"), "drop: there is no in-group NOWHERE"),
        (("--drop", "ingroup:SALESLINE"), "drop: it would send its callers to itself"),
    ],
)
def test_an_in_group_whose_callers_would_be_lost_is_refused(
    office: Office, words: tuple[str, ...], reason: str
) -> None:
    assert reason in refused(office, "ingroup", "change", "SALESLINE", *words)


@pytest.mark.parametrize("option", TREATED)
def test_every_treatment_is_looked_at(office: Office, option: str) -> None:
    what = option.strip("-").replace("-", " ")
    assert f"{what}: there is no in-group X" in refused(office, "ingroup", "change", "SALESLINE", option, "ingroup:X")


# --- users ---------------------------------------------------------------------------------------------------


def test_a_remote_agent_needs_a_number(office: Office) -> None:
    words = ("user", "add", "1028", "--password", "1234", "--kind", "remote")
    assert "outside number: a remote agent needs one" in refused(office, *words)
    assert "outside number: expected digits" in refused(office, *words, "--outside-number", "555-1299")
    office.do(*words, "--outside-number", "+17275551299", "--lines", "3")
    [user] = office.found("user")
    assert (user["kind"], user["outside_number"], user["lines"]) == ("remote", "+17275551299", 3)
    assert "on hook: a remote agent has no phone" in refused(office, "user", "change", "1028", "--on-hook")
    for lines in ("0", "51"):
        assert "lines: expected 1 to 50" in refused(office, "user", "change", "1028", "--lines", lines)


def test_ranks_are_given_with_in_groups_and_taken_with_them(office: Office) -> None:
    for name in ("TEST_IN", "TEST_IN2"):
        office.do("ingroup", "add", name)
    ingroups = ("--ingroup", "SALESLINE:5", "--ingroup", "TEST_IN", "--ingroup", "TEST_IN2:-9")
    office.do("user", "add", "ann", "--password", "1234", *ingroups)
    [user] = office.found("user")
    assert (user["ingroups"], user["ranks"]) == (["SALESLINE", "TEST_IN", "TEST_IN2"], {"SALESLINE": 5, "TEST_IN2": -9})
    office.do("user", "change", "ann", "--ingroup", "SALESLINE", "--ingroup", "TEST_IN:1", "--no-ingroup", "TEST_IN2")
    [user] = office.found("user")
    assert (user["ingroups"], user["ranks"]) == (["SALESLINE", "TEST_IN"], {"SALESLINE": 5, "TEST_IN": 1})
    office.do("user", "change", "ann", "--ingroup", "SALESLINE:0")
    assert office.found("user")[0]["ranks"] == {"TEST_IN": 1}
    said = "in-groups: expected a rank from -9 to 9 in SALESLINE, got 10"
    assert said in refused(office, "user", "change", "ann", "--ingroup", "SALESLINE:10")
    assert "'x' is not a rank" in refused(office, "user", "change", "ann", "--ingroup", "SALESLINE:x")


def test_how_an_agent_is_reached_is_said_and_taken_back(office: Office) -> None:
    office.do("phone", "add", "502")
    office.do("user", "add", "ann", "--password", "1234", "--on-hook", "--phone", "502", "--blended")
    [user] = office.found("user")
    assert (user["on_hook"], user["phone"], user["blended"], user["lines"]) == (True, "502", True, 1)
    office.do("user", "change", "ann", "--in-conference", "--phone", "", "--not-blended")
    [user] = office.found("user")
    assert (user["on_hook"], user["phone"], user["blended"]) == (False, "", False)
    assert "phone: expected the extension of a phone" in refused(office, "user", "change", "ann", "--phone", "5,02")


def test_a_pin_is_kept_as_a_hash_and_can_be_asked_for(office: Office) -> None:
    office.do("user", "add", "ann", "--password", "1234", "--pin", "4711")
    stored = office.stored("ann", "pin_hash")
    assert PasswordHasher().verify(stored, "4711")
    assert "pin_hash" not in office.found("user")[0]
    office.do("user", "change", "ann", "--full-name", "Ann")
    assert office.stored("ann", "pin_hash") == stored
    assert office.run("user", "change", "ann", "--pin", given="0815\n0815\n").exit_code == 0
    assert PasswordHasher().verify(office.stored("ann", "pin_hash"), "0815")
    for pin in ("471", "47x1", "1" * 21):
        assert "PIN: expected 4 to 20 digits" in office.refusal("user", "change", "ann", "--pin", pin)
    office.do("user", "change", "ann", "--pin", "")
    assert office.stored("ann", "pin_hash") == ""


# --- campaigns -----------------------------------------------------------------------------------------------


def test_how_a_campaign_dials_is_changed_and_nothing_else(office: Office) -> None:
    [before] = office.found("campaign")
    office.do(
        *("campaign", "change", "SALES", "--no-inbound", "--dial-method", "inbound_manual", "--auto-dial-level", "2.5"),
        *("--max-drop-rate", "1", "--drop-seconds", "1.5", "--drop", "ingroup:SALESLINE", "--dial-status", "NEW"),
        *("--dial-status", "N", "--redial-after", "60", "--call-hours", "mon-sat 09:00-20:00"),
        *("--timezone", "America/New_York", "--hopper", "10"),
    )
    [after] = office.found("campaign")
    assert after == before | {
        "inbound": False,
        "dial_method": "inbound_manual",
        "auto_dial_level": 2.5,
        "max_drop_rate": 1.0,
        "drop_seconds": 1.5,
        "drop": {"kind": "ingroup", "to": "SALESLINE"},
        "dial_statuses": ["NEW", "N"],
        "redial_after": 60,
        "call_hours": "mon-sat 09:00-20:00",
        "timezone": "America/New_York",
        "hopper": 10,
    }
    office.do("campaign", "change", "SALES", "--inactive")
    assert office.found("campaign") == [after | {"active": False}]
    assert "there is no campaign NOCAMP" in refused(office, "campaign", "change", "NOCAMP", "--active")


def test_what_show_prints_of_it_add_takes(office: Office) -> None:
    office.do("campaign", "change", "SALES", "--drop", "message:agentd/sorry", "--auto-dial-level", "1.5")
    [before] = office.found("campaign")
    office.do("campaign", "add", "--replace", office.campaign(office.do("campaign", "show", "SALES")))
    assert office.found("campaign") == [before]
    office.do("campaign", "add", "--replace", office.campaign(CAMPAIGN), "--auto-dial-level", "3", "--hopper", "5")
    [replaced] = office.found("campaign")
    assert (replaced["auto_dial_level"], replaced["hopper"], replaced["drop"]["kind"]) == (3, 5, "hangup")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--dial-method", "predictive"), "'predictive' is not one of manual, inbound_manual, ratio"),
        (("--auto-dial-level", "-1"), "auto_dial_level: expected"),
        (("--auto-dial-level", "21"), "auto_dial_level: expected"),
        (("--auto-dial-level", "nan"), "auto_dial_level: expected"),
        (("--max-drop-rate", "101"), "max_drop_rate: expected"),
        (("--drop-seconds", "2.5"), "drop_seconds: expected more than 0, and 2 at most"),
        (("--drop-seconds", "0"), "drop_seconds: expected"),
        (("--drop", "ingroup:NOWHERE"), "drop: there is no in-group NOWHERE"),
        (("--dial-status", "NO SUCH"), "dial_statuses: expected"),
        (("--redial-after", "-1"), "redial_after: expected"),
        (("--call-hours", "always"), "call_hours: expected"),
        (("--timezone", "Mars"), "'Mars' is no time zone"),
        (("--hopper", "0"), "hopper: expected"),
    ],
)
def test_a_campaign_that_could_not_dial_is_refused(office: Office, words: tuple[str, ...], reason: str) -> None:
    assert reason in refused(office, "campaign", "change", "SALES", *words)


def test_a_treatment_in_a_file_is_looked_at_too(office: Office) -> None:
    wrong = office.campaign(f'{CAMPAIGN}\n[drop]\nkind = "message"\ntoo = "agentd/sorry"\n')
    assert "too: there is no such key" in refused(office, "campaign", "add", "--replace", wrong)


# --- numbers not to call -------------------------------------------------------------------------------------


def test_numbers_are_kept_from_being_called_and_called_again(office: Office) -> None:
    office.do("dnc", "add", "727 555-1290", "(727) 555.1291")
    office.do("dnc", "add", "--campaign", "SALES", "+7275551292")
    everybody = [{"number": f"727555129{n}", "campaign": ""} for n in (0, 1)]
    sales = [{"number": "7275551292", "campaign": "SALES"}]
    assert office.found("dnc") == everybody + sales
    assert json.loads(office.do("dnc", "list", "--json", "--campaign", "SALES")) == sales
    assert json.loads(office.do("dnc", "list", "--json", "--campaign", "")) == everybody
    assert office.do("dnc", "remove", "7275551290") == "1 number is called again.\n"
    assert office.found("dnc") == everybody[1:] + sales
    said = refused(office, "dnc", "remove", "7275551291", "7275551292")
    assert "7275551292 is no number that must not be called" in said


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "12"), "'12' is not a number"),
        (("add", "*43"), "'*43' is not a number"),
        (("add", "7275551290", "nobody"), "'nobody' is not a phone number"),
        (("add", "--campaign", "NOCAMP", "7275551290"), "there is no campaign NOCAMP"),
        (("add",), "Missing argument"),
    ],
)
def test_what_is_no_number_is_refused(office: Office, words: tuple[str, ...], reason: str) -> None:
    assert reason in refused(office, "dnc", *words)
