"""Many rows at once, as imports bring them, and how far an import has come. Functions of a Connection.

An import's rows and its progress are written in one transaction, so that one that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from agentd.storage.blocks import reserve
from agentd.storage.columns import epoch, moment
from agentd.storage.management.rows import put_row
from agentd.storage.statements import insert_once
from agentd.storage.tables import LEAD_FIELDS, dnc, id_blocks, import_progress, leads, lists

__all__ = [
    "LEAD_ROW",
    "ListFacts",
    "Progress",
    "WrittenNumber",
    "add_leads",
    "add_missing",
    "forget_progress",
    "free_range",
    "keep_progress",
    "listed_numbers",
    "lists_of_campaign",
    "numbers_there",
    "read_list",
    "read_progress",
    "there",
]

WrittenNumber = tuple[str, str]
"""A country's code, and the number within the country: as leads have them."""

_STEP = 1_000_000  # ids are moved by multiples of this, so that people see what they were

LEAD_ROW: Mapping[str, Any] = {
    "status": "NEW",
    "user": "",
    "called_count": 0,
    "called_since_last_reset": 0,
    "last_local_call_time": None,
    **dict.fromkeys(LEAD_FIELDS),
}
"""A new lead's row, but for his id, list, number and dates."""


# --- progress ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Progress:
    """How far an import has come: the last line and the bytes that were read, and what became of them.

    ``started`` and ``ended`` are in epoch seconds; the latter is None while it is not done.
    """

    line: int = 0
    position: int = 0
    counts: dict[str, Any] = field(default_factory=dict)
    started: float = 0.0
    ended: float | None = None


def read_progress(connection: Connection, source: str) -> Progress | None:
    """Give how far an import has come; None if it has never begun. Others who ask wait for this transaction."""
    query = select(import_progress).where(import_progress.c.source == source).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    ended = None if row["ended"] is None else epoch(row["ended"])
    return Progress(row["line"], row["position"], row["counts"], epoch(row["started"]), ended)


def keep_progress(connection: Connection, source: str, progress: Progress, at: float) -> None:
    """Note how far an import has come."""
    values = {
        "source": source,
        "position": progress.position,
        "line": progress.line,
        "counts": progress.counts,
        "started": moment(progress.started),
        "changed": moment(at),
        "ended": None if progress.ended is None else moment(progress.ended),
    }
    put_row(connection, import_progress, values)


def forget_progress(connection: Connection, source: str) -> None:
    """Have an import begin anew."""
    connection.execute(delete(import_progress).where(import_progress.c.source == source))


# --- leads ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A list of leads."""

    title: str
    campaign: str


def read_list(connection: Connection, list_id: int) -> ListFacts | None:
    """Give a list; None if there is none of that id."""
    row = connection.execute(select(lists).where(lists.c.id == list_id)).one_or_none()
    return None if row is None else ListFacts(row.title, row.campaign)


def lists_of_campaign(connection: Connection, campaign: str) -> list[int]:
    """Give the ids of a campaign's lists."""
    return list(connection.execute(select(lists.c.id).where(lists.c.campaign == campaign)).scalars())


def numbers_there(
    connection: Connection, numbers: Collection[WrittenNumber], list_ids: Sequence[int] | None
) -> dict[WrittenNumber, int]:
    """Give those of the numbers that a lead of these lists (None: of any) has as his main one, with his id.

    Leads that came by themselves may have theirs without a phone code, or with it in the number.
    """
    written: dict[str, set[WrittenNumber]] = {}
    for code, national in numbers:
        for text in (national, code + national, f"+{code}{national}"):
            written.setdefault(text, set()).add((code, national))
    columns = leads.c.phone_code, leads.c.phone_number, leads.c.id
    query = select(*columns).where(leads.c.phone_number.in_(list(written)))
    if list_ids is not None:
        query = query.where(leads.c.list_id.in_(list_ids))
    found: dict[WrittenNumber, int] = {}
    for code, number, lead_id in connection.execute(query):
        for one in written[number]:
            if number != one[1] or code in {"", one[0]}:
                found[one] = lead_id
    return found


def listed_numbers(
    connection: Connection, numbers: Collection[WrittenNumber], campaigns: Sequence[str]
) -> set[WrittenNumber]:
    """Give those of the numbers that the lists of these campaigns (empty: the system's) say not to call."""
    written: dict[str, set[WrittenNumber]] = {}
    for code, national in numbers:
        for text in (national, code + national):
            written.setdefault(text, set()).add((code, national))
    query = select(dnc.c.number).where(dnc.c.campaign.in_(list(campaigns)), dnc.c.number.in_(list(written)))
    found: set[WrittenNumber] = set()
    for number in connection.execute(query).scalars():
        found |= written[number]
    return found


def add_leads(connection: Connection, rows: Sequence[dict[str, Any]], at: float) -> None:
    """Add new leads, in their order; each is given his id, and ``at`` as the time when he came and was changed."""
    if not rows:
        return
    first, _ = reserve(connection, "lead", len(rows))
    now = moment(at)
    for lead_id, row in enumerate(rows, first):
        row |= {"id": lead_id, "entry_date": now, "modify_date": now}
    connection.execute(insert(leads), list(rows))


# --- any table -----------------------------------------------------------------------------------------------


def add_missing(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Add the rows whose keys are not there yet."""
    if rows:
        connection.execute(insert_once(table, connection.dialect.name), list(rows))


def there(
    connection: Connection, table: Table, key: str, values: Iterable[Any], *only: ColumnElement[bool]
) -> set[Any]:
    """Give those of the values that a column has, in the rows for which the conditions hold."""
    query = select(table.c[key]).where(table.c[key].in_(list(values)), *only)
    return set(connection.execute(query).scalars())


def free_range(connection: Connection, kind: str, low: int, high: int) -> int:
    """Reserve the ids from ``low`` to ``high``, or as many in a row; gives by how much they were moved up.

    They are free if nobody has, or was promised, one from ``low`` on: a daemon may use up its block at any time.
    """
    first, _ = reserve(connection, kind, 0)
    moved = 0 if low >= first else -(-(first - low) // _STEP) * _STEP
    connection.execute(update(id_blocks).where(id_blocks.c.kind == kind).values(next=high + moved + 1))
    return moved
