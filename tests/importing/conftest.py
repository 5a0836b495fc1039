"""The two databases, each with a list to import into; and offices that import files into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.importing.office import Desk
from tests.storage.conftest import engine, mariadb, mariadb_url, url

__all__ = ["desk", "engine", "mariadb", "mariadb_url", "url"]


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    """Somebody who imports files into a list of a campaign."""
    return Desk(engine, tmp_path)
