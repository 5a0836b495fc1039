"""What was seen before in a file of any size, without the memory that it would take."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

__all__ = ["Seen"]

_AT_ONCE = 500


class Seen:
    """Pairs of texts, kept in a temporary file that is gone with this object."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (text TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Remember them."""
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((f"{a} {b}",) for a, b in pairs))
        self._database.execute("COMMIT")

    def of(self, pairs: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
        """Give those that were seen before."""
        asked = {f"{a} {b}": (a, b) for a, b in pairs}
        texts = list(asked)
        found = []
        for begin in range(0, len(texts), _AT_ONCE):
            some = texts[begin : begin + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._database.execute(f"SELECT text FROM seen WHERE text IN ({marks})", some)  # noqa: S608 - marks
            found += [asked[text] for (text,) in rows]
        return found
