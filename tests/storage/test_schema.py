"""The schema: one for both databases, made and checked by `agentd migrate`."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete, inspect, text, update

from agentd.storage.database import connect
from agentd.storage.errors import SchemaRefused
from agentd.storage.migrating import Migrated, differences, migrate, migration_sql
from agentd.storage.schema import VERSION, check_schema
from agentd.storage.tables import metadata, schema_version
from tests.storage.mariadb import MariaDB


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
