"""Somebody who imports files, and looks at what stands in the database then."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, select

from agentd.core.model import Campaign
from agentd.importing import files
from agentd.importing.wishes import FileWish, LeadWish, Told
from agentd.storage.management import put_campaign, put_list
from agentd.storage.tables import leads

__all__ = ["NOW", "Desk"]

NOW = 1_795_000_000.0  # 2026-11-18 11:06:40 UTC: no daylight saving time in the north


class Desk:
    """A database with list 101 of campaign SALES, list 102 of it, and list 200 of no campaign; and a folder."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        with engine.begin() as connection:
            put_campaign(connection, Campaign("SALES", 0))
            for list_id, campaign in ((101, "SALES"), (102, "SALES"), (200, "")):
                put_list(connection, list_id, "", campaign)

    def file(self, content: str | bytes, name: str = "leads.csv") -> str:
        """A file; text is UTF-8, as it is."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def leads(
        self,
        content: str | bytes,
        *mapped: str,
        list_id: int = 101,
        country: str = "US",
        tell: Callable[[int], object] = lambda _: None,
        dry: bool = False,
        encoding: str = "",
        **how: Any,
    ) -> Told:
        """Import a file of leads."""
        wish = FileWish(self.file(content), mapped=mapped, dry=dry, encoding=encoding)
        with files.opened_files(wish, tell) as opened:
            return files.import_leads(self.engine, opened, LeadWish(list_id, country, **how), NOW)

    @property
    def rejects(self) -> list[list[str]]:
        """The rows of the rejects' file, its first line among them; none if there is no such file."""
        path = self.folder / "leads.csv.rejects.csv"
        return list(csv.reader(path.read_text().splitlines())) if path.exists() else []

    def reasons(self) -> list[tuple[str, str]]:
        """Line and reason of the rows that were not taken."""
        return [(row[0], row[1]) for row in self.rejects[1:]]

    def rows(self, table: Table, *columns: str) -> list[tuple[Any, ...]]:
        """A table's rows in the order of their keys, those columns alone."""
        with self.engine.connect() as connection:
            query = select(*(table.c[name] for name in columns)).order_by(*table.primary_key.columns)
            return [tuple(row) for row in connection.execute(query)]

    def numbers(self) -> list[str]:
        """The main numbers of all leads, with their codes."""
        return [code + number for code, number in self.rows(leads, "phone_code", "phone_number")]
