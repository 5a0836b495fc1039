"""One batch of the journal into the database: a transaction with the rows and the position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy import insert as insert_row

from agentd.engine.ports import Entry
from agentd.storage.codec import encode_record, kind_of
from agentd.storage.columns import fitted, moment
from agentd.storage.database import refused_for_good, transact
from agentd.storage.positions import locked_position, move_position
from agentd.storage.projections import Change, project
from agentd.storage.statements import statements
from agentd.storage.steps import TOGETHER, Step
from agentd.storage.tables import journal_rejects

__all__ = ["BATCH", "Applied", "Batches", "Rejected"]

BATCH = 200  # rows that one transaction changes at most, so that no lock is held and no thread is busy for long


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that the database refused for good, and why."""

    seq: int
    kind: str
    error: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What a transaction has brought: the database's position now, and what it set aside."""

    position: int
    rejected: list[Rejected] = field(default_factory=list)


class _Projected(NamedTuple):
    """A record and the changes that it means."""

    entry: Entry
    changes: list[Change]


_step = attrgetter("step")


def _place(change: Change) -> Step:
    """Where a batch makes the change."""
    return TOGETHER.get(change.step, change.step)


class Batches:
    """Brings the records of one journal into one database. For one thread at a time."""

    def __init__(self, engine: Engine, daemon: str, journal: str) -> None:
        self._engine = engine
        self._daemon = daemon
        self._journal = journal
        self._statements: dict[Step, Executable] = statements(engine.dialect.name)

    def apply(self, entries: Sequence[Entry]) -> Applied:
        """Bring in the first of the entries, as many as one transaction takes, each exactly once.

        What the database has already is left out, so that after a COMMIT whose outcome is not known the same
        entries are simply given again. A record that is refused for good is set aside and the rest goes on.

        Raises:
            PositionRefused: the database follows another journal now.
            SQLAlchemyError: the database can't do it now; nothing has changed, or (COMMIT) all of it.
        """
        try:
            return self._transaction(entries, self._together)
        except Exception as error:
            if not refused_for_good(error):
                raise
        return self._transaction(entries, self._one_by_one)

    def _transaction(
        self, entries: Sequence[Entry], bring: Callable[[Connection, list[_Projected]], list[Rejected]]
    ) -> Applied:
        def work(connection: Connection) -> Applied:
            position = locked_position(connection, self._daemon, self._journal)
            batch = self._first([entry for entry in entries if entry.seq > position])
            if not batch or batch[0].entry.seq != position + 1:
                # Nothing is new; or somebody set the position back, as a restored backup does.
                return Applied(position)
            rejected = bring(connection, batch)
            last = batch[-1].entry
            move_position(connection, self._daemon, self._journal, last.seq, last.at)
            return Applied(last.seq, rejected)

        return transact(self._engine, work)

    def _first(self, entries: Sequence[Entry]) -> list[_Projected]:
        """As many entries as change BATCH rows, one at least."""
        rows = 0
        batch: list[_Projected] = []
        for entry in entries:
            changes = project(self._daemon, self._journal, entry)
            rows += len(changes)
            if rows > BATCH and batch:
                break
            batch.append(_Projected(entry, changes))
        return batch

    def _together(self, connection: Connection, batch: Sequence[_Projected]) -> list[Rejected]:
        changes = sorted((change for one in batch for change in one.changes), key=_place)
        for step, of_step in groupby(changes, key=_step):
            connection.execute(self._statements[step], [change.values for change in of_step])
        return []

    def _one_by_one(self, connection: Connection, batch: Sequence[_Projected]) -> list[Rejected]:
        rejected = []
        for one in batch:
            try:
                with connection.begin_nested():
                    self._together(connection, [one])
            except Exception as error:
                if not refused_for_good(error):
                    raise
                rejected.append(self._set_aside(connection, one.entry, error))
        return rejected

    def _set_aside(self, connection: Connection, entry: Entry, error: Exception) -> Rejected:
        row = Rejected(entry.seq, kind_of(entry.record), str(getattr(error, "orig", None) or error))
        connection.execute(
            insert_row(journal_rejects).values(
                fitted(
                    journal_rejects,
                    {
                        "daemon": self._daemon,
                        "journal": self._journal,
                        "seq": entry.seq,
                        "at": moment(entry.at),
                        "kind": row.kind,
                        "fields": encode_record(entry.record).decode(),
                        "error": row.error,
                    },
                )
            )
        )
        return row
