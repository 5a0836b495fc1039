"""``agentd import``, as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from agentd.administration.importing import import_group
from agentd.administration.moving import import_vicidial
from agentd.core.model import Campaign
from agentd.storage.database import connect
from agentd.storage.management import put_campaign, put_list
from agentd.storage.migrating import migrate
from agentd.storage.tables import audit_log, crm_activities, dnc, leads, users
from tests.importing.vicidial import fill
from tests.storage.mariadb import MariaDB

PROJECT = Path(__file__).parents[2]


class Office:
    """An administrator with a database, list 101 and campaign SALES."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "state").mkdir()
        (folder / "agentd.toml").write_text(f'[daemon]\nstate_dir = "{folder}/state"\n')
        url = f"sqlite:///{folder}/state/agentd.db"
        migrate(url)
        self.engine: Engine = connect(url)
        with self.engine.begin() as connection:
            put_campaign(connection, Campaign("SALES", 0))
            put_list(connection, 101, "", "SALES")

    def run(self, kind: str, *words: str) -> Result:
        return CliRunner().invoke(import_group, [kind, "--config", str(self.folder / "agentd.toml"), *words])

    def do(self, kind: str, *words: str) -> str:
        result = self.run(kind, *words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refusal(self, kind: str, *words: str) -> str:
        result = self.run(kind, *words)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit)
        return result.stderr

    def file(self, name: str, content: str) -> str:
        (self.folder / name).write_text(content)
        return str(self.folder / name)

    def count(self, table: object) -> int:
        with self.engine.connect() as connection:
            return len(connection.execute(select(table)).all())  # type: ignore[call-overload]


@pytest.fixture
def office(tmp_path: Path):
    office = Office(tmp_path)
    yield office
    office.engine.dispose()


LEADS = "fone,first,colour\n7275551212,Ann,red\n7275551212,Bob,blue\n12,Cid,green\n"


def test_leads_are_imported_and_it_is_told_what_became_of_them(office: Office) -> None:
    file = office.file("my leads.csv", LEADS)
    words = ("--list", "101", "--country", "US", "--map", "fone=phone_number", file)
    assert office.do("leads", "--dry-run", *words).splitlines() == [
        "Not imported were the columns 'colour'.",
        "         3  rows were read",
        "         1  would be imported",
        "         1  were bad",
        "         1  had a number that is there already",
        f"Rows that were not taken are in {file}.rejects.csv, with their reasons.",
    ]
    assert office.count(leads) == 0
    assert json.loads(office.do("leads", "--json", *words)) == {
        "rows": 3,
        "imported": 1,
        "bad": 1,
        "duplicates": 1,
        "dnc": 0,
        "numbers_unread": 0,
        "ignored": ["colour"],
        "rejects": f"{file}.rejects.csv",
        "dry": False,
    }
    assert office.count(leads) == 1
    with office.engine.connect() as connection:
        [row] = connection.execute(select(audit_log)).mappings()
    assert (row["kind"], row["action"], row["name"]) == ("import", "leads", file)
    assert row["value_after"]["imported"] == 1
    assert (office.folder / "my leads.csv.rejects.csv").stat().st_mode & 0o777 == 0o600


def test_every_option_does_what_it_says(office: Office) -> None:
    file = office.file("l.txt", "phone;first\n7275551212;Ann\n7275551212;Bob\n12;Cid\n")
    words = ["--list", "101", "--phone-code", "1", "--duplicates", "none", "--dnc-check", "none", "--delimiter", ";"]
    rejects = str(office.folder / "bad.csv")
    told = office.do("leads", *words, "--encoding", "latin-1", "--rejects", rejects, file)
    assert "2  were imported" in told
    assert rejects in told
    assert "imported already" in office.refusal("leads", *words, "--encoding", "latin-1", file)
    assert office.do("leads", *words, "--encoding", "latin-1", "--restart", file)
    assert office.count(leads) == 4


def test_numbers_without_a_code_are_of_the_configurations_country(office: Office) -> None:
    config = office.folder / "agentd.toml"
    config.write_text(config.read_text() + '[defaults]\nphone_code = "44"\n')
    office.do("leads", "--list", "101", office.file("leads.csv", "phone\n020 7946 0958\n+1 727 555 1212\n"))
    office.do("leads", "--list", "101", "--country", "US", office.file("more.csv", "phone\n7275551213\n"))
    with office.engine.connect() as connection:
        found = connection.execute(select(leads.c.phone_code, leads.c.phone_number).order_by(leads.c.id)).all()
    assert found == [("44", "2079460958"), ("1", "7275551212"), ("1", "7275551213")]


def test_what_cannot_be_done_is_refused_with_the_reason(office: Office) -> None:
    file = office.file("leads.csv", LEADS)
    assert "no column is the phone_number" in office.refusal("leads", "--list", "101", file)
    assert "there is no list 9" in office.refusal("leads", "--list", "9", "--map", "fone=phone_number", file)
    assert "'Mars' is no country" in office.refusal("leads", "--list", "101", "--country", "Mars", file)
    assert "there is no campaign X" in office.refusal("dnc", "--campaign", "X", file)
    assert office.run("leads", "--list", "101", "--duplicates", "some", file).exit_code == 2
    assert office.run("leads", "--list", "101", str(office.folder / "none.csv")).exit_code == 2
    assert not list(office.folder.glob("*.rejects.csv"))


def test_a_database_that_is_not_there_is_told(office: Office) -> None:
    (office.folder / "agentd.toml").write_text(f'[daemon]\nstate_dir = "{office.folder}/nowhere"\n')
    said = office.refusal("dnc", office.file("n.txt", "7275551290\n"))
    assert "unable to open database file" in said


def test_numbers_and_activities(office: Office) -> None:
    numbers = office.file("dnc.txt", "7275551290\n7275551291\n")
    assert office.do("dnc", "--campaign", "SALES", numbers).splitlines() == [
        "         2  rows were read",
        "         2  were imported",
    ]
    assert "2  were there already" in office.do("dnc", "--campaign", "SALES", numbers)
    planned = office.file("crm.csv", "id,number\n8,7275551212\n")
    assert json.loads(office.do("activities", "--country", "US", "--json", planned))["imported"] == 1
    assert (office.count(dnc), office.count(crm_activities)) == (2, 1)


def test_a_vicidial_is_taken_over(office: Office, mariadb: MariaDB) -> None:
    url = mariadb.new_database("vicidial")
    fill(url)
    told = office.do("vicidial", "--what", "users,aliases", url)
    assert told.splitlines()[:3] == [
        "kind     found  new  known  left_out",
        "users    6      4    0      2",
        "aliases  2      1    0      1",
    ]
    assert "users: 1001: his password cannot be known: `agentd user password` gives him one" in told.splitlines()
    assert office.count(users) == 4
    again = json.loads(office.do("vicidial", "--json", "--what", "users", url))
    assert again["counts"] == [{"kind": "users", "found": 6, "new": 0, "known": 4, "left_out": 2}]


def test_the_password_of_a_vicidials_database_may_be_in_a_file(office: Office, mariadb: MariaDB) -> None:
    url = mariadb.new_database("vicidial")
    fill(url)
    theirs = connect(url)
    with theirs.begin() as connection:
        connection.exec_driver_sql("create or replace user mover@127.0.0.1 identified by 'p@ss/word'")
        connection.exec_driver_sql("grant select on vicidial.* to mover@127.0.0.1")
    theirs.dispose()
    reader = url.replace("root@", "mover@")
    secret = office.file("secret", "p@ss/word\n")
    assert "Access denied" in office.refusal("vicidial", reader)
    assert "users  6" in office.do("vicidial", "--what", "users,leads", "--password-file", secret, reader)
    wrong = office.refusal("vicidial", "--password-file", office.file("wrong", "hunter2"), reader)
    assert "Access denied" in wrong
    assert "hunter2" not in wrong


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("nonsense",), "the DSN cannot be read"),
        (("sqlite:///x.db",), "the DSN is not one of MariaDB or MySQL"),
        (("--what", "users,cars", "mysql://x@127.0.0.1/x"), "--what: cars is none of user_groups, phones"),
    ],
)
def test_what_is_no_vicidial_is_refused(office: Office, words: tuple[str, ...], reason: str) -> None:
    assert import_vicidial.name == "vicidial"
    assert reason in office.refusal("vicidial", *words)


ROOTS_OWN = """
import sys
from agentd.administration.importing import import_group
import_group(["leads", "--config", sys.argv[1], "--list", "101", "--country", "US", sys.argv[2]])
"""


def test_root_imports_his_own_file_into_the_daemons_database() -> None:
    privileged = [] if os.geteuid() == 0 else ["sudo", "-n"]
    with tempfile.TemporaryDirectory() as made:  # pytest's folders let nobody else in
        office = Office(Path(made))
        file = office.file("leads.csv", "phone\n7275551212\n")
        office.folder.chmod(0o755)
        subprocess.check_call([*privileged, "chown", "-R", "65534", str(office.folder / "state")])
        subprocess.check_call([*privileged, "chown", "0", file])
        subprocess.check_call([*privileged, "chmod", "600", file])
        try:
            run = [*privileged, "env", f"PYTHONPATH={PROJECT}", sys.executable, "-c", ROOTS_OWN]
            said = subprocess.check_output([*run, str(office.folder / "agentd.toml"), file], text=True)
        finally:
            subprocess.check_call([*privileged, "chown", "-R", str(os.getuid()), str(office.folder)])
        assert said.splitlines() == ["         1  rows were read", "         1  were imported"]
        assert office.count(leads) == 1
        office.engine.dispose()
