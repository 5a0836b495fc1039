"""The commands for people, phones, campaigns and tokens: what cannot work is refused before it is kept."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agentd.administration.tokens import SCOPES
from agentd.cli import main
from agentd.dialects.native.callers import Scope
from agentd.engine.auth import token_digest

CAMPAIGN = """
name = "SALES"
trunk = "PJSIP/{number}@carrier"
dial_allow = ["\\\\+?[0-9]{7,15}"]
dial_deny = ["1?900[0-9]{7}", "(00|011).*"]
park_music = "jazz"
ivr_prompt = "agentd/ivr-prompt"
recording = "allforce"
[pause_codes.BREAK]
code = "BREAK"
[statuses.SALE]
code = "SALE"
number = 1
"""


class Office:
    """An administrator with a new database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "agentd.toml"
        self.config.write_text(f'[daemon]\nstate_dir = "{folder}/state"\n')
        self.do("migrate")

    def run(self, *words: str, given: str | None = None) -> Result:
        """Run a command; ``given`` is what is typed when it asks."""
        command, *rest = words
        names = [command] if command == "migrate" else [command, rest.pop(0)]
        return CliRunner().invoke(main, [*names, "--config", str(self.config), *rest], input=given)

    def do(self, *words: str) -> str:
        """Run a command that succeeds; what it prints."""
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def refusal(self, *words: str) -> str:
        """Run a command that is refused; the reason."""
        result = self.run(*words)
        assert result.exit_code in {1, 2}, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.output

    def found(self, kind: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.do(kind, "list", "--json"))
        return rows

    def stored(self, name: str, column: str) -> str:
        """What the database has of a user, secrets too."""
        with sqlite3.connect(self.folder / "state/agentd.db") as database:
            [(stored,)] = database.execute(f"select {column} from users where name = ?", (name,))
        database.close()
        return str(stored)

    def campaign(self, text: str, name: str = "campaign") -> str:
        file = self.folder / f"{name}.toml"
        file.write_text(text)
        return str(file)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("user", "add", "a\nb", "--password", "1234"), "name: expected"),
        (("user", "add", "x<y>", "--password", "1234"), "name: expected"),
        (("user", "add", "a" * 21, "--password", "1234"), "name: expected"),
        (("user", "add", "ann", "--password", ""), "password: expected"),
        (("user", "add", "ann", "--password", "1234", "--right", "agent api"), "'agent api' is not"),
        (("user", "add", "ann", "--password", "1234", "--full-name", "\x1b[2J"), "full_name: expected"),
        (("user", "add", "ann", "--password", "1234", "--ingroup", "SALES LINE"), "'SALES LINE' is not"),
        (("ingroup", "add", "SALES LINE"), "name: expected"),
        (("ingroup", "add", "SALESLINE", "--title", "\x1b[2J"), "title: expected"),
        (("ingroup", "add", "SALESLINE", "--music", "jazz)\r\n"), "music: expected"),
        (("ingroup", "add", "SALESLINE", "--transfer-to", "a,b"), "transfer to: expected"),
        (("alias", "add", "TEST ING", "7275551211"), "name: expected"),
        (("alias", "add", "TESTING", ""), "caller id: expected"),
        (("alias", "add", "TESTING", '727"<sip>'), "caller id: expected"),
        (("phone", "add", "5 9;x"), "extension: expected"),
        (("phone", "add", "599", "--dial", "PJSIP/501\r\nAction: Originate"), "dial: expected"),
        (("phone", "add", "599", "--dial", "PJSIP/501&PJSIP/502"), "dial: expected"),
        (("token", "create", "--name", "a\nb", "--role", "admin"), "name: expected"),
        (("token", "create", "--name", "x", "--role", "admin", "--days", "nan"), "days: expected"),
        (("token", "create", "--name", "x", "--role", "admin", "--days", "-1"), "days: expected"),
        (("token", "create", "--name", "x", "--role", "admin", "--days", "1e300"), "days: expected"),
        (("token", "create", "--name", "x", "--role", "admin", "--scope", "nonsense"), "'nonsense' is not one of"),
        (("token", "create", "--name", "x", "--role", "agent"), "needs --user"),
        (("token", "create", "--name", "x", "--role", "agent", "--user", "nobody"), "there is no user nobody"),
    ],
)
def test_what_cannot_work_is_refused_and_not_kept(office: Office, words: tuple[str, ...], reason: str) -> None:
    assert reason in office.refusal(*words)
    assert office.found(words[0]) == []


def test_what_can_work_is_kept(office: Office) -> None:
    office.do("user", "add", "ann", "--password", "1234", "--right", "function:external_dial", "--full-name", "Änn Ö")
    office.do("phone", "add", "000*094")
    office.do("campaign", "add", office.campaign(CAMPAIGN))
    token = office.do("token", "create", "--name", "CRM", "--role", "agent", "--user", "ann", "--days", "30")
    assert [user["full_name"] for user in office.found("user")] == ["Änn Ö"]
    assert [phone["dial"] for phone in office.found("phone")] == ["PJSIP/000*094"]
    assert [campaign["name"] for campaign in office.found("campaign")] == ["SALES"]
    assert [kept["name"] for kept in office.found("token")] == ["CRM"]
    assert token.startswith("agentd_")
    assert token.strip() not in (office.folder / "state/agentd.db").read_bytes().decode("latin-1")


def test_what_show_prints_add_takes(office: Office) -> None:
    office.do("campaign", "add", office.campaign(CAMPAIGN))
    shown = office.do("campaign", "show", "SALES")
    office.do("campaign", "delete", "SALES")
    office.do("campaign", "add", office.campaign(shown))
    again = office.do("campaign", "show", "SALES")
    assert _unnumbered(again) == _unnumbered(shown)
    data = json.loads(office.do("campaign", "show", "SALES", "--json"))
    assert (data["name"], data["trunk"], list(data["statuses"])) == ("SALES", "PJSIP/{number}@carrier", ["SALE"])


def _unnumbered(campaign: str) -> list[str]:
    """A campaign's lines without its numbers, which are never given twice."""
    return [line for line in campaign.splitlines() if not line.startswith("number = ")]


@pytest.mark.parametrize("kind", ["user", "phone", "campaign", "ingroup", "alias"])
def test_what_is_there_is_replaced_only_when_that_is_said(office: Office, kind: str) -> None:
    first, second = {
        "user": [("ann", "--password", "1234", "--full-name", name) for name in ("Ann", "Bea")],
        "phone": [("502", "--dial", dial) for dial in ("PJSIP/502", "SIP/502")],
        "campaign": [
            (office.campaign(text, file),) for file, text in (("1", CAMPAIGN), ("2", f"wrapup = 5\n{CAMPAIGN}"))
        ],
        "ingroup": [("SALESLINE", "--title", title) for title in ("Sales", "Sale")],
        "alias": [("TESTING", number) for number in ("7275551211", "+17275551211")],
    }[kind]
    office.do(kind, "add", *first)
    [kept] = office.found(kind)
    refusal = office.refusal(kind, "add", *second)
    assert "is there already; --replace" in refusal
    assert office.found(kind) == [kept]
    office.do(kind, "add", "--replace", *second)
    [replaced] = office.found(kind)
    assert replaced != kept
    assert replaced.get("number") == kept.get("number")


def test_a_user_is_changed_in_what_is_said_and_in_nothing_else(office: Office) -> None:
    for name in ("SALES", "OTHER"):
        office.do("campaign", "add", office.campaign(CAMPAIGN.replace("SALES", name), name))
    words = ("--full-name", "Ann", "--campaign", "SALES", "--right", "agent_api", "--right", "agentcall_manual")
    office.do("user", "add", "ann", "--password", "1234", "--custom-three", "876543", *words)
    [before] = office.found("user")
    office.do("user", "change", "ann", "--campaign", "OTHER", "--right", "supervise", "--no-right", "agent_api")
    [after] = office.found("user")
    assert sorted(after.pop("rights")) == ["agentcall_manual", "supervise"]
    assert after == {**{key: before[key] for key in after}, "campaign": "OTHER"}
    office.do(
        "user",
        "change",
        "ann",
        "--kind",
        "remote",
        "--outside-number",
        "7275551299",
        "--inactive",
        "--custom-three",
        "",
    )
    [last] = office.found("user")
    assert (last["kind"], last["active"], last["custom"]) == ("remote", False, {})
    assert last["full_name"] == "Ann"
    stored = office.stored("ann", "password_hash")
    office.do("user", "change", "ann", "--active")
    assert office.stored("ann", "password_hash") == stored
    assert "'no right' is not" in office.refusal("user", "change", "ann", "--right", "no right")
    assert "there is no user bob" in office.refusal("user", "change", "bob", "--active")


@pytest.mark.parametrize("kind", ["user", "phone", "campaign", "ingroup", "alias"])
def test_what_is_taken_away_is_gone_and_cannot_be_taken_away_again(office: Office, kind: str) -> None:
    name, *more = {
        "user": ("ann", "--password", "1234"),
        "phone": ("502",),
        "campaign": ("SALES",),
        "ingroup": ("SALESLINE",),
        "alias": ("TESTING", "7275551211"),
    }[kind]
    said = {"ingroup": "in-group", "alias": "group alias"}.get(kind, kind)
    office.do(kind, "add", *([office.campaign(CAMPAIGN)] if kind == "campaign" else [name, *more]))
    assert office.do(kind, "delete", name) == f"{said.capitalize()} {name} is gone.\n"
    assert office.found(kind) == []
    assert f"there is no {said} {name}" in office.refusal(kind, "delete", name)


def test_an_in_group_is_changed_in_what_is_said_and_in_nothing_else(office: Office) -> None:
    office.do("ingroup", "add", "TEST_IN")
    office.do("ingroup", "add", "SALESLINE", "--title", "Sales", "--music", "jazz", "--transfer-to", "TEST_IN")
    [before, other] = office.found("ingroup")
    office.do("ingroup", "change", "SALESLINE", "--inactive", "--music", "")
    [after, _] = office.found("ingroup")
    assert after == {**before, "active": False, "music": ""}
    assert (after["title"], after["transfer_to"]) == ("Sales", "TEST_IN")
    assert "music: expected" in office.refusal("ingroup", "change", "SALESLINE", "--music", "a b")
    assert "there is no in-group OTHER" in office.refusal("ingroup", "change", "OTHER", "--active")
    assert office.found("ingroup") == [after, other]


def test_a_user_is_given_in_groups_and_has_them_taken_away(office: Office) -> None:
    for name in ("SALESLINE", "TEST_IN", "TEST_IN2"):
        office.do("ingroup", "add", name)
    office.do("user", "add", "ann", "--password", "1234", "--ingroup", "SALESLINE", "--ingroup", "TEST_IN")
    assert office.found("user")[0]["ingroups"] == ["SALESLINE", "TEST_IN"]
    office.do("user", "change", "ann", "--ingroup", "TEST_IN2", "--ingroup", "TEST_IN", "--no-ingroup", "SALESLINE")
    assert office.found("user")[0]["ingroups"] == ["TEST_IN", "TEST_IN2"]
    office.do("user", "change", "ann", "--full-name", "Ann")
    assert office.found("user")[0]["ingroups"] == ["TEST_IN", "TEST_IN2"]


def test_a_new_token_can_be_had_as_json(office: Office) -> None:
    made = json.loads(office.do("token", "create", "--json", "--name", "CRM", "--role", "integration"))
    [kept] = office.found("token")
    assert token_digest(made.pop("token")) == made["digest"]
    assert made == kept


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('dial_allow = ["("]', "is not a regular expression"),
        ('dial_allow = ["([0-9]+)+x"]', "repeats a group"),
        ('dial_allow = ["[0-9]*[0-9]*[0-9]*[0-9]*x"]', "has more than 3 repetitions"),
        ('dial_deny = ["' + "9" * 101 + '"]', "is longer than 100 characters"),
        ('trunk = "Local/{number}@x\\r\\nAction: Originate"', "trunk: expected"),
        ('trunk = "PJSIP/carrier"', "trunk: expected"),
        ('caller_id = "x\\r\\nAction: Originate"', "caller_id: expected"),
        ("dial_timeout = -5", "dial_timeout: expected"),
        ("wrapup = -1", "wrapup: expected"),
        ('after_manual = "later"', "after_manual: expected"),
        ('park_music = "a b"', "park_music: expected"),
        ('ivr_context = "ivr,s,1"', "ivr_context: expected"),
        ('ivr_prompt = "../../etc/passwd"', "ivr_prompt: expected"),
        ('ivr_prompt = "/etc/passwd"', "ivr_prompt: expected"),
        ('leave_message = "one&two"', "leave_message: expected"),
        ('leave_message = "' + "a" * 101 + '"', "leave_message: expected"),
        ('default_ingroup = "SALES LINE"', "default_ingroup: expected"),
        ('recording = "sometimes"', "recording"),
        ('recording_format = "mp3"', "recording_format: expected wav or gsm or ulaw or alaw"),
        ('titel = "Sales"', "titel: there is no such key"),
        ('name = "BAD NAME"', "name: expected"),
    ],
)
def test_a_campaign_whose_calls_could_not_be_made_is_refused(office: Office, line: str, reason: str) -> None:
    key = line.partition(" ")[0]
    others = "\n".join(one for one in CAMPAIGN.splitlines() if not one.startswith(f"{key} "))
    assert reason in office.refusal("campaign", "add", office.campaign(f"{line}\n{others}"))
    assert office.found("campaign") == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('[pause_codes.LUNCH]\ncode = "LUNCH"\nproduktive = true', "produktive: there is no such key"),
        ('[pause_codes.LUNCH]\ncode = "BREAK"', "they must be the same"),
        ('[statuses."A B"]\ncode = "A B"\nnumber = 2', "code: expected"),
    ],
)
def test_its_codes_are_looked_at_too(office: Office, line: str, reason: str) -> None:
    assert reason in office.refusal("campaign", "add", office.campaign(f"{CAMPAIGN}\n{line}\n"))


@pytest.mark.parametrize("wrong", ["[daemon]\nnmae = 1\n", '[ami]\nsecret_file = "/nonexistent"\n'])
def test_systemd_does_not_try_a_wrong_configuration_again(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "agentd.toml"
    file.write_text(wrong)
    started = CliRunner().invoke(main, ["run", "--config", str(file)])
    unit = (Path(__file__).parents[2] / "systemd/agentd.service").read_text()
    [codes] = [line.partition("=")[2].split() for line in unit.splitlines() if line.startswith("RestartPrevent")]
    assert str(started.exit_code) in codes


def test_the_scopes_are_those_of_the_native_api() -> None:
    assert set(SCOPES) == {scope.value for scope in Scope}


@pytest.mark.parametrize("words", [("migrate",), ("user", "list"), ("phone", "add", "502")])
def test_files_are_touched_as_their_owner_or_not_at_all(
    office: Office, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    state = office.folder / "state"
    (state / "agentd.db").unlink()

    def refuse(folder: Path) -> None:
        assert folder == state
        raise PermissionError("may not change")

    monkeypatch.setattr("agentd.administration.database.become_owner", refuse)
    monkeypatch.setattr("agentd.administration.schema.become_owner", refuse)
    assert "may not change" in office.refusal(*words)
    assert not (state / "agentd.db").exists()
