"""How far the database has followed a journal. Functions of a Connection, for use in a transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy import insert as insert_row

from agentd.storage.columns import moment
from agentd.storage.errors import PositionRefused
from agentd.storage.tables import positions

__all__ = ["JournalFacts", "accept_journal", "check_position", "locked_position", "move_position"]

WHAT_TO_DO = "If it is lost for good, `agentd migrate --accept-journal` goes on with what there is"


@dataclass(frozen=True, slots=True)
class JournalFacts:
    """A journal's daemon and name, and the numbers of the oldest record that is kept and of the newest."""

    daemon: str
    name: str
    first: int
    last: int


def check_position(connection: Connection, journal: JournalFacts, now: float) -> int:
    """Give the last record of the journal that the database has; a new journal is taken up at its start.

    Raises:
        PositionRefused: the database does not continue where this journal is; nothing may be applied.
    """
    mine = positions.c.daemon == journal.daemon
    rows = connection.execute(select(positions).where(mine, positions.c.given_up.is_(None))).all()
    others = [row for row in rows if row.journal != journal.name]
    if others:
        raise PositionRefused(
            f"the database follows the journal {others[0].journal} of {journal.daemon} (to record {others[0].seq}), "
            f"and this is {journal.name}: restore the journal's folder. {WHAT_TO_DO}"
        )
    if not rows:
        _require(journal, 0)
        connection.execute(
            insert_row(positions).values(
                daemon=journal.daemon, journal=journal.name, seq=0, at=moment(now), given_up=None
            )
        )
        return 0
    _require(journal, rows[0].seq)
    return int(rows[0].seq)


def _require(journal: JournalFacts, seq: int) -> None:
    if seq + 1 < journal.first:
        raise PositionRefused(
            f"the database has the journal {journal.name} to record {seq}, and its oldest record that is kept is "
            f"{journal.first}: restore a newer copy of the database, or older segments of the journal. {WHAT_TO_DO}"
        )
    if seq > journal.last:
        raise PositionRefused(
            f"the database has the journal {journal.name} to record {seq}, and the journal ends at {journal.last}: "
            f"restore a newer copy of the journal's folder. {WHAT_TO_DO}"
        )


def locked_position(connection: Connection, daemon: str, journal: str) -> int:
    """Give the position, and keep every other transaction from moving it until this one ends.

    Raises:
        PositionRefused: there is none (any more).
    """
    mine = (positions.c.daemon == daemon, positions.c.journal == journal, positions.c.given_up.is_(None))
    seq = connection.execute(select(positions.c.seq).where(*mine).with_for_update()).scalar_one_or_none()
    if seq is None:
        raise PositionRefused(f"the database does not follow the journal {journal} of {daemon} any more")
    return int(seq)


def move_position(connection: Connection, daemon: str, journal: str, seq: int, at: float) -> None:
    """Everything up to ``seq``, which became true then, is in the database with this transaction."""
    mine = (positions.c.daemon == daemon, positions.c.journal == journal)
    connection.execute(update(positions).where(*mine).values(seq=seq, at=moment(at)))


def accept_journal(connection: Connection, journal: JournalFacts, now: float) -> int:
    """Go on with this journal, whatever was before: other journals of the daemon are given up.

    Records that are not kept any more stay missing from the database. Gives the position from which it goes on.
    """
    mine = positions.c.daemon == journal.daemon
    rows = connection.execute(select(positions).where(mine).with_for_update()).all()
    old = next((row.seq for row in rows if row.journal == journal.name), 0)
    seq = min(max(old, journal.first - 1), journal.last)
    this = positions.c.journal == journal.name
    connection.execute(
        update(positions).where(mine, ~this, positions.c.given_up.is_(None)).values(given_up=moment(now))
    )
    if any(row.journal == journal.name for row in rows):
        connection.execute(update(positions).where(mine, this).values(seq=seq, at=moment(now), given_up=None))
    else:
        connection.execute(
            insert_row(positions).values(
                daemon=journal.daemon, journal=journal.name, seq=seq, at=moment(now), given_up=None
            )
        )
    return seq
