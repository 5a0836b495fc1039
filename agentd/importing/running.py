"""The import of a file of leads: in pieces, each of which is a transaction with the place to go on from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine

from agentd.importing.leads import BadRow, LeadRows
from agentd.importing.rejects import Rejects
from agentd.importing.seen import Seen
from agentd.importing.sheets import Row, Sheet
from agentd.importing.wishes import Counts, DncCheck, Duplicates, ImportRefused, LeadImport
from agentd.storage import bulk
from agentd.storage.database import READS, transact

__all__ = ["BATCH", "DryRun", "Run", "source_of"]

BATCH = 500
"""Rows of a file in one transaction, at most."""

MARKED = "DNC"
"""The status of leads whose number must not be called, where such are imported at all."""


def source_of(kind: str, path: str, size: int, digest: str) -> str:
    """Name what an import brings in, so that it is known again: the file where it stands, and as it was."""
    told = hashlib.sha256(f"{path}\0{size}\0{digest}".encode("utf-8", "surrogateescape")).hexdigest()
    return f"{kind} {told}"


class Run:
    """One run of an import, from its beginning or from where the last one was stopped."""

    def __init__(self, engine: Engine, sheet: Sheet, rejects: Rejects, rows: LeadRows, wish: LeadImport) -> None:
        self._engine = engine
        self._sheet = sheet
        self._rejects = rejects
        self._rows = rows
        self._wish = wish
        self._progress = bulk.Progress(started=wish.now)
        self._rejected = 0  # bytes of the rejects' file
        self.counts = Counts()

    def begin(self, *, restart: bool = False) -> int:
        """Find out where to go on; gives the line that was read last, 0 for the beginning.

        Raises:
            ImportRefused: it is done already, or was begun in another way.
        """
        found = transact(self._engine, lambda connection: self._known(connection, restart=restart))
        if found is not None:
            self._progress = found
            counts = dict(found.counts)
            said, self._rejected = counts.pop("said"), counts.pop("rejected")
            if said != self._wish.said:
                raise ImportRefused(
                    f"this import was stopped at line {found.line}, and was begun with other options: use the same to "
                    "go on, or --restart to begin anew"
                )
            self.counts = Counts(**counts)
        self._rejects.begin(self._sheet.header, self._rejected)
        return self._progress.line

    def _known(self, connection: Connection, *, restart: bool) -> bulk.Progress | None:
        if restart:
            bulk.forget_progress(connection, self._wish.source)
            return None
        found = bulk.read_progress(connection, self._wish.source)
        if found is not None and found.ended is not None:
            raise ImportRefused("this file is imported already: --restart imports it once more")
        return found

    def run(self, tell: Callable[[int], object]) -> Counts:
        """Do it; ``tell`` is told the bytes that have been read.

        Raises:
            ImportRefused: another import of the same file is under way.
            Unreadable, SQLAlchemyError, OSError: it stops there, and goes on with the next run.
        """
        rows = self._left()
        while batch := list(islice(rows, BATCH)):
            self._bring(batch)
            tell(self._sheet.position)
        transact(self._engine, self._end)
        return self.counts

    def _left(self) -> Iterator[Row]:
        """The rows behind the first line, and behind those that were read before."""
        rows = self._sheet.rows()
        next(rows)
        done = self._progress.line
        return (row for row in rows if row.last_line > done)

    def _bring(self, batch: Sequence[Row]) -> None:
        good, bad = [], []
        unread = self._rows.unread
        for row in batch:
            try:
                good.append((row, self._read(row)))
            except BadRow as error:
                bad.append((row, str(error)))
        read = self._rows.unread - unread
        done = transact(self._engine, lambda connection: self._write(connection, batch, good, bad, read))
        self.counts, self._progress = done
        self._rejected = self._rejects.size

    def _read(self, row: Row) -> dict[str, Any]:
        if row.problem:
            raise BadRow(row.problem)
        return self._rows.read(row.cells, len(self._sheet.header))

    def _write(
        self,
        connection: Connection,
        batch: Sequence[Row],
        good: Sequence[tuple[Row, dict[str, Any]]],
        bad: Sequence[tuple[Row, str]],
        unread: int,
    ) -> tuple[Counts, bulk.Progress]:
        """One transaction; it may be run again if the database gives it up, and leaves nothing behind then."""
        self._rejects.go_back(self._rejected)
        self._require_alone(connection)
        taken, refused, dnc = self._sorted(connection, good)
        self._add(connection, taken)
        before = self.counts
        counts = Counts(
            rows=before.rows + len(batch),
            imported=before.imported + len(taken),
            bad=before.bad + len(bad),
            duplicates=before.duplicates + len(refused) - (dnc if self._wish.dnc is DncCheck.REFUSE else 0),
            dnc=before.dnc + dnc,
            numbers_unread=before.numbers_unread + unread,
        )
        for row, reason in sorted((*bad, *refused), key=lambda one: one[0].line):
            self._rejects.write(row.line, reason, row.cells)
        self._rejects.flush()
        return counts, self._keep(connection, batch[-1].last_line, counts)

    def _require_alone(self, connection: Connection) -> None:
        known = bulk.read_progress(connection, self._wish.source)
        if known is not None and known.line != self._progress.line:
            raise ImportRefused("another import of the same file is under way")

    def _add(self, connection: Connection, taken: Sequence[dict[str, Any]]) -> None:
        bulk.add_leads(connection, [dict(row) for row in taken], self._wish.now)

    def _keep(self, connection: Connection, line: int, counts: Counts, ended: float | None = None) -> bulk.Progress:
        kept = {**asdict(counts), "said": self._wish.said, "rejected": self._rejects.size}
        progress = replace(self._progress, line=line, position=self._sheet.position, counts=kept, ended=ended)
        bulk.keep_progress(connection, self._wish.source, progress, self._wish.now)
        return progress

    def _end(self, connection: Connection) -> None:
        self._keep(connection, self._progress.line, self.counts, ended=self._wish.now)

    # --- whom another one keeps out --------------------------------------------------------------------------

    def _sorted(
        self, connection: Connection, good: Sequence[tuple[Row, dict[str, Any]]]
    ) -> tuple[list[dict[str, Any]], list[tuple[Row, str]], int]:
        """Who is taken; who is not, and why; and how many must not be called."""
        numbers = {_number(values) for _, values in good}
        known = self._there(connection, numbers)
        listed = self._listed(connection, numbers)
        taken, refused, dnc = [], [], 0
        for row, values in good:
            number = _number(values)
            if number in known:
                refused.append((row, f"duplicate: {known[number]} has this number"))
                continue
            if number in listed:
                dnc += 1
                if self._wish.dnc is DncCheck.REFUSE:
                    refused.append((row, "DNC: this number must not be called"))
                    continue
            taken.append({**values, "status": MARKED} if number in listed else values)
            if self._wish.duplicates is not Duplicates.NONE:
                known[number] = f"line {row.line}"
        return taken, refused, dnc

    def _there(self, connection: Connection, numbers: set[bulk.WrittenNumber]) -> dict[bulk.WrittenNumber, str]:
        where = self._wish.duplicates
        if where is Duplicates.NONE:
            return {}
        list_ids: list[int] | None = [self._wish.list_id]
        if where is Duplicates.CAMPAIGN and self._wish.campaign:
            list_ids = bulk.lists_of_campaign(connection, self._wish.campaign)
        elif where is Duplicates.SYSTEM:
            list_ids = None
        found = bulk.numbers_there(connection, numbers, list_ids)
        return {number: f"lead {lead_id}" for number, lead_id in found.items()}

    def _listed(self, connection: Connection, numbers: set[bulk.WrittenNumber]) -> set[bulk.WrittenNumber]:
        if self._wish.dnc is DncCheck.NONE:
            return set()
        return bulk.listed_numbers(connection, numbers, ["", self._wish.campaign])


def _number(values: dict[str, Any]) -> bulk.WrittenNumber:
    return values["phone_code"], values["phone_number"]


class DryRun(Run):
    """The same from the beginning, but that nothing is written to the database; the rejects are."""

    def __init__(self, engine: Engine, sheet: Sheet, rejects: Rejects, rows: LeadRows, wish: LeadImport) -> None:
        super().__init__(engine.execution_options(**{READS: True}), sheet, rejects, rows, wish)
        self._seen = Seen()

    def begin(self, *, restart: bool = False) -> int:  # noqa: ARG002 - there is nothing to go on from
        """Begin; gives 0."""
        self._rejects.begin(self._sheet.header, 0)
        return 0

    def _require_alone(self, connection: Connection) -> None:
        """There may be others."""

    def _add(self, connection: Connection, taken: Sequence[dict[str, Any]]) -> None:  # noqa: ARG002
        self._seen.add(_number(values) for values in taken)

    def _keep(self, connection: Connection, line: int, counts: Counts, ended: float | None = None) -> bulk.Progress:  # noqa: ARG002
        return self._progress

    def _there(self, connection: Connection, numbers: set[bulk.WrittenNumber]) -> dict[bulk.WrittenNumber, str]:
        found = super()._there(connection, numbers)
        if self._wish.duplicates is not Duplicates.NONE:
            found |= dict.fromkeys(self._seen.of(numbers), "a line before")
        return found
