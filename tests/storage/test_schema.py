"""The schema: one for both databases, made and checked by `agentd migrate`."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import delete, inspect, select, text, update

from agentd.core.model import CallbackWish, Campaign, InGroup, Lead, User
from agentd.core.records import CallbackSet, CampaignSet, InGroupSet, UserSet
from agentd.storage.blocks import reserve
from agentd.storage.database import connect
from agentd.storage.errors import SchemaRefused
from agentd.storage.leads import read_lead
from agentd.storage.migrating import Migrated, config, differences, migrate, migration_sql
from agentd.storage.promises import callbacks_to_keep
from agentd.storage.reference import read_reference
from agentd.storage.schema import VERSION, check_schema
from agentd.storage.tables import calls, metadata, schema_version, sessions
from tests.storage.mariadb import MariaDB

ROWS_OF_THE_FIRST_SCHEMA = (
    (
        "INSERT INTO users (name, number, full_name, kind, password_hash, active, campaign, user_group, rights, "
        "custom) VALUES ('anna', 1000000000, 'Anna', 'local', '', 1, 'OLD', '', '[\"agent_api\"]', '{}')"
    ),
    (
        "INSERT INTO campaigns (name, number, title, active, default_status, disposition_required, after_manual, "
        "dial_timeout, dial_prefix, trunk, caller_id, dial_allow, dial_deny, manual_queue, manual_list, search_lists) "
        "VALUES ('OLD', 3, 'Old one', 1, 'DISPO', 0, 'paused', 30, '', '', '', '[\"7.*\"]', '[]', 0, 0, '[]')"
    ),
    (
        "INSERT INTO calls (id, call_key, daemon, user, session_id, campaign, direction, list_id, lead_id, phone_code, "
        "phone_number, source, vendor_id, started, hung_up_by, reason, suggested_status, status, disposed_by) "
        "VALUES (1000, 'M1120092425000402028', 'pbx1', 'anna', 5, 'OLD', 'manual', 101, 402028, '1', "
        "'7275551212', '', '', '2026-11-20 09:24:25.250000', '', '', '', '', '')"
    ),
)

ROWS_OF_THE_SECOND_SCHEMA = (
    (
        "INSERT INTO ingroups (name, number, title, active, music, transfer_to) "
        "VALUES ('SALESLINE', 1, 'Sales', 1, 'jazz', 'TEST_IN')"
    ),
    (
        "INSERT INTO sessions (id, daemon, user, phone, campaign, conference, source, started, reason, ended_source) "
        "VALUES (5, 'pbx1', 'anna', '502', 'OLD', '8600051', 'api', '2026-11-20 09:00:00.000000', '', '')"
    ),
    (
        "INSERT INTO calls (id, call_key, daemon, user, session_id, campaign, direction, list_id, lead_id, phone_code, "
        "phone_number, source, vendor_id, started, hung_up_by, reason, suggested_status, status, disposed_by, leg, "
        "ingroup, wanted, origin) VALUES (1001, 'Y1120092425000402028', 'pbx1', 'anna', 5, 'OLD', 'inbound', 101, "
        "402028, '1', '7275551212', '', '', '2026-11-20 09:24:26.000000', '', '', '', '', '', 'leg', 'SALESLINE', '', "
        "1000)"
    ),
)

ROWS_OF_THE_THIRD_SCHEMA = (
    (
        "INSERT INTO leads (id, list_id, status, user, phone_code, phone_number, entry_date, modify_date, "
        "called_count, called_since_last_reset, first_name) VALUES (402028, 101, 'CALLBK', 'anna', '1', '7275551212', "
        "'2026-11-20 09:00:00.000000', '2026-11-20 09:00:00.000000', 1, 1, 'Bob')"
    ),
    (
        "INSERT INTO callbacks (id, lead_id, campaign, user, due_at, anyone, comments, status, created, call_id) "
        "VALUES (7, 402028, 'OLD', 'anna', '2026-11-21 09:00:00.500000', 0, 'after lunch', 'waiting', "
        "'2026-11-20 09:24:26.000000', 0)"
    ),
)

OLD_ROWS = (*ROWS_OF_THE_FIRST_SCHEMA, *ROWS_OF_THE_SECOND_SCHEMA, *ROWS_OF_THE_THIRD_SCHEMA)


def test_the_database_is_what_the_code_knows(url: str) -> None:
    assert differences(url) == ""


def test_a_difference_is_seen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'agentd.db'}"
    migrate(url)
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE leads DROP COLUMN owner"))
    engine.dispose()
    assert "owner" in differences(url)


def test_migrating_again_changes_nothing(url: str) -> None:
    assert migrate(url) == Migrated(VERSION, VERSION, None)


def test_a_new_sqlite_file_is_not_for_other_eyes(tmp_path: Path) -> None:
    path = tmp_path / "agentd.db"
    assert migrate(f"sqlite:///{path}") == Migrated(0, VERSION, None)
    assert path.stat().st_mode & 0o077 == 0


def test_an_older_sqlite_file_is_copied_before_it_is_upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "agentd.db"
    migrate(f"sqlite:///{path}")
    engine = connect(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO lists VALUES (101, 'first', 'TESTCAMP', 1)"))
    engine.dispose()
    monkeypatch.setattr("agentd.storage.migrating.VERSION", VERSION + 1)
    backup = migrate(f"sqlite:///{path}").backup
    assert backup == tmp_path / f"agentd.db.schema-{VERSION}"
    assert backup.stat().st_mode & 0o077 == 0
    copy = connect(f"sqlite:///{backup}")
    with copy.connect() as connection:
        assert connection.execute(text("SELECT title FROM lists")).scalar_one() == "first"
    copy.dispose()


def test_an_upgrade_keeps_what_is_there_and_gives_it_the_defaults(url: str, mariadb: MariaDB, tmp_path: Path) -> None:
    old = mariadb.new_database("first") if "mysql" in url else f"sqlite:///{tmp_path / 'first.db'}"
    engine = connect(old)
    with engine.begin() as connection:
        command.upgrade(config(connection=connection), "0001")
        for statement in ROWS_OF_THE_FIRST_SCHEMA:
            connection.execute(text(statement))
    done = migrate(old)
    assert (done.before, done.after) == (1, VERSION)
    assert differences(old) == ""
    with engine.connect() as connection:
        found = read_reference(connection)
        call = connection.execute(select(calls)).mappings().one()
        assert reserve(connection, "recording", 10) == (1, 10)
    assert found == [
        UserSet("anna", User("anna", 1_000_000_000, "Anna", campaign="OLD", rights=frozenset({"agent_api"}))),
        CampaignSet("OLD", Campaign("OLD", 3, "Old one", dial_allow=("7.*",), dial_deny=())),
    ]
    assert (call["call_key"], call["started"].isoformat()) == ("M1120092425000402028", "2026-11-20T09:24:25.250000")
    assert (call["ingroup"], call["origin"], call["leg"], call["held"]) == ("", 0, "", None)
    assert (call["did"], call["wait"], call["treated"]) == ("", None, "")
    engine.dispose()


def test_so_does_an_upgrade_from_the_second_schema(url: str, mariadb: MariaDB, tmp_path: Path) -> None:
    old = mariadb.new_database("second") if "mysql" in url else f"sqlite:///{tmp_path / 'second.db'}"
    engine = connect(old)
    with engine.begin() as connection:
        command.upgrade(config(connection=connection), "0002")
        for statement in (*ROWS_OF_THE_FIRST_SCHEMA, *ROWS_OF_THE_SECOND_SCHEMA):
            connection.execute(text(statement))
    done = migrate(old)
    assert (done.before, done.after) == (2, VERSION)
    assert differences(old) == ""
    with engine.connect() as connection:
        found = read_reference(connection)
        session = connection.execute(select(sessions)).mappings().one()
        rows = connection.execute(select(calls.c.id, calls.c.ingroup, calls.c.did).order_by(calls.c.id)).all()
    assert InGroupSet("SALESLINE", InGroup("SALESLINE", 1, "Sales", True, "jazz", "TEST_IN")) in found
    assert (session["kind"], session["phone"]) == ("seated", "502")
    assert rows == [(1000, "", ""), (1001, "SALESLINE", "")]
    engine.dispose()


def test_so_does_an_upgrade_from_the_third_schema(url: str, mariadb: MariaDB, tmp_path: Path) -> None:
    old = mariadb.new_database("third") if "mysql" in url else f"sqlite:///{tmp_path / 'third.db'}"
    engine = connect(old)
    with engine.begin() as connection:
        command.upgrade(config(connection=connection), "0003")
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    done = migrate(old)
    assert (done.before, done.after) == (3, VERSION)
    assert differences(old) == ""
    with engine.connect() as connection:
        found = read_reference(connection)
        rows = connection.execute(select(calls.c.id, calls.c.which, calls.c.code, calls.c.preview)).all()
        lead = read_lead(connection, 402028)
        promised = callbacks_to_keep(connection)
    assert CampaignSet("OLD", Campaign("OLD", 3, "Old one", dial_allow=("7.*",), dial_deny=())) in found
    assert sorted(rows) == [(1000, "MAIN", "", False), (1001, "MAIN", "", False)]
    assert lead == Lead(402028, 101, "CALLBK", "1", "7275551212", {"first_name": "Bob"})
    due = datetime(2026, 11, 21, 9, 0, 0, 500_000, UTC).timestamp()
    wish = CallbackWish(due, anyone=False, comments="after lunch")
    assert promised == [CallbackSet(7, 402028, "OLD", wish, "anna", "anna", stored=True)]
    engine.dispose()


def test_an_older_agentd_can_go_on_beside_a_newer_one(url: str) -> None:
    """While several hosts are upgraded one by one: what it writes are rows of an older schema."""
    engine = connect(url)
    with engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement))
        assert connection.execute(select(schema_version.c.compatible)).scalar_one() == 1
    engine.dispose()


def test_somebody_elses_database_is_left_alone(url: str, mariadb: MariaDB, tmp_path: Path) -> None:
    other = mariadb.new_database("other") if "mysql" in url else f"sqlite:///{tmp_path / 'other.db'}"
    engine = connect(other)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (id INTEGER)"))
    with pytest.raises(SchemaRefused, match="name another one"):
        migrate(other)
    assert set(inspect(engine).get_table_names()) <= {"users", "alembic_version"}
    engine.dispose()


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'agentd.db'}"
    migrate(url)
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(update(schema_version).values(version=VERSION + 2, compatible=VERSION + 1))
    with pytest.raises(SchemaRefused, match="newer agentd"):
        migrate(url)
    with engine.begin() as connection:
        connection.execute(delete(schema_version))
    with engine.connect() as connection, pytest.raises(SchemaRefused, match="agentd migrate"):
        check_schema(connection)
    engine.dispose()


@pytest.mark.parametrize("backend", ["sqlite", "mysql"])
def test_an_administrator_can_have_the_statements(backend: str) -> None:
    output = io.StringIO()
    migration_sql(f"{backend}://", output)
    for table in metadata.tables:
        assert f"CREATE TABLE {table} " in output.getvalue()
    assert "INSERT INTO schema_version" in output.getvalue()
    assert ("ENGINE=InnoDB" in output.getvalue()) == (backend == "mysql")


def test_two_migrations_at_once_do_not_meet(url: str, mariadb: MariaDB, tmp_path: Path) -> None:
    fresh = mariadb.new_database("twice") if "mysql" in url else f"sqlite:///{tmp_path / 'twice.db'}"
    program = f"from agentd.storage.migrating import migrate; print(migrate({fresh!r}).before)"
    both = [
        subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert sorted(process.communicate(timeout=60)[0].strip() for process in both) == [b"0", str(VERSION).encode()]
    assert differences(fresh) == ""


def test_an_unknown_database_is_named() -> None:
    with pytest.raises(ValueError, match="postgresql"):
        connect("postgresql://localhost/agentd")
