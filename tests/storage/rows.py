"""What stands in a database, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Table, select

from agentd.core.records import Record
from agentd.engine.ports import Entry
from agentd.storage.applying import Batches
from agentd.storage.columns import moment
from agentd.storage.positions import JournalFacts, check_position
from agentd.storage.tables import (
    agent_log,
    api_log,
    callbacks,
    calls,
    dnc,
    ingroup_log,
    leads,
    legs,
    line_log,
    offers,
    park_log,
    recording_mutes,
    recordings,
    sessions,
    supervision_log,
    supervision_modes,
    third_log,
    transfer_log,
    treatment_log,
)
from tests.storage.helpers import NOW

HISTORY = (
    sessions,
    agent_log,
    calls,
    legs,
    leads,
    api_log,
    park_log,
    third_log,
    transfer_log,
    recordings,
    recording_mutes,
    supervision_log,
    supervision_modes,
    line_log,
    offers,
    treatment_log,
    ingroup_log,
    callbacks,
    dnc,
)


def numbered(*records: tuple[float, Record]) -> list[Entry]:
    """Entries of a journal, from records and their seconds after NOW."""
    return [Entry(seq, NOW + at, record) for seq, (at, record) in enumerate(records, 1)]


def history(engine: Engine, *, without: frozenset[str] = frozenset({"api_id"})) -> dict[str, list[dict[str, Any]]]:
    """All rows that the journal made, by table, in the order of their keys."""
    found = {}
    with engine.connect() as connection:
        for table in HISTORY:
            columns = [column for column in table.columns if column.name not in without]
            order = [table.c.journal, table.c.seq] if table is api_log else list(table.primary_key.columns)
            rows = connection.execute(select(*columns).order_by(*order)).mappings()
            found[table.name] = [dict(row) for row in rows]
    return found


def take_up(engine: Engine, daemon: str, journal: str, last: int) -> int:
    """Let a database follow a journal that is all kept."""
    with engine.begin() as connection:
        return check_position(connection, JournalFacts(daemon, journal, 1, last), 0.0)


def bring_in(engine: Engine, entries: Sequence[Entry], sizes: Sequence[int] = ()) -> list[Any]:
    """Bring entries in, in pieces of these sizes (the rest at once); gives what was rejected."""
    batches = Batches(engine, "pbx1", "journal1")
    position = take_up(engine, "pbx1", "journal1", entries[-1].seq)
    rejected: list[Any] = []
    pieces = iter(sizes)
    while position < entries[-1].seq:
        size = next(pieces, len(entries))
        applied = batches.apply([entry for entry in entries if entry.seq > position][:size])
        rejected += applied.rejected
        position = applied.position
    return rejected


def rows(engine: Engine, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """A table's rows in the order of their keys, those columns alone; times in seconds after NOW."""
    order = list(table.primary_key.columns)
    with engine.connect() as connection:
        found = connection.execute(select(*(table.c[name] for name in columns)).order_by(*order)).all()
    return [tuple(_after(value) for value in row) for row in found]


def _after(value: Any) -> Any:
    return (value - moment(NOW)).total_seconds() if hasattr(value, "tzinfo") else value
