"""The two databases that agentd works with: the same tests run on both, and fail where one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_twisted
from sqlalchemy import Engine, delete

from agentd.storage.database import connect
from agentd.storage.migrating import migrate
from agentd.storage.tables import metadata, schema_version
from tests.storage.following import Storage
from tests.storage.mariadb import MariaDB


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """A MariaDB server of our own, for the whole session."""
    with MariaDB(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_url(mariadb: MariaDB) -> str:
    """A database in it, with our schema."""
    url = mariadb.new_database("agentd")
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with our schema and nothing in it."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'agentd.db'}"
        migrate(address)
        return address
    address = str(request.getfixturevalue("mariadb_url"))
    engine = connect(address)
    with engine.begin() as connection:
        for table in metadata.tables.values():
            if table is not schema_version:
                connection.execute(delete(table))
    engine.dispose()
    return address


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The same, connected to."""
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest_twisted.async_yield_fixture(autouse=True)
async def nothing_goes_on():
    """What a failed test left running is stopped."""
    yield
    for storage in list(Storage.running):
        await storage.stop()
