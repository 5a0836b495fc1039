"""The recording log, read. Functions of a Connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from agentd.engine.ports import RecordingQuery, RecordingRow
from agentd.storage.columns import epoch, moment
from agentd.storage.tables import calls, recording_mutes, recordings

__all__ = ["find_recordings", "read_recording"]

_ROWS = select(recordings, calls.c.call_key).join(calls, calls.c.id == recordings.c.call_id, isouter=True)


def read_recording(connection: Connection, recording_id: int) -> RecordingRow | None:
    """Give one row of the recording log."""
    found = _rows(connection, _ROWS.where(recordings.c.id == recording_id))
    return found[0] if found else None


def find_recordings(connection: Connection, query: RecordingQuery) -> list[RecordingRow]:
    """Give the rows that a query finds, the newest first; ``since`` and ``until`` are about when it was asked for."""
    wanted = {
        recordings.c.user: query.agent or None,
        recordings.c.call_id: query.call_id,
        recordings.c.lead_id: query.lead_id,
    }
    found = _ROWS.where(*(column == value for column, value in wanted.items() if value is not None))
    if query.since is not None:
        found = found.where(recordings.c.asked >= moment(query.since))
    if query.until is not None:
        found = found.where(recordings.c.asked < moment(query.until))
    if query.before is not None:
        found = found.where(recordings.c.id < query.before)
    return _rows(connection, found.order_by(recordings.c.id.desc()).limit(query.limit))


def _rows(connection: Connection, query: Select[Any]) -> list[RecordingRow]:
    rows = connection.execute(query).mappings().all()
    silences = _mutes(connection, [row["id"] for row in rows])
    return [_row(row, tuple(silences.get(row["id"], ()))) for row in rows]


def _mutes(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[float, float | None]]]:
    found: dict[int, list[tuple[float, float | None]]] = {}
    query = select(recording_mutes).where(recording_mutes.c.recording_id.in_(ids)).order_by(recording_mutes.c.seq)
    for row in connection.execute(query) if ids else ():
        found.setdefault(row.recording_id, []).append((epoch(row.started), _epoch(row.ended)))
    return found


def _row(row: RowMapping, muted: tuple[tuple[float, float | None], ...]) -> RecordingRow:
    return RecordingRow(
        id=row["id"],
        agent=row["user"],
        call_id=row["call_id"],
        call_key=row["call_key"] or "",
        lead_id=row["lead_id"],
        number=row["phone_number"],
        name=row["name"],
        file=row["file"],
        stage=row["stage"],
        started=_epoch(row["started"]),
        ended=_epoch(row["ended"]),
        length=row["length"],
        reason=row["reason"],
        muted=muted,
        failed=row["failed"],
        removed=_epoch(row["removed"]),
    )


def _epoch(instant: datetime | None) -> float | None:
    return None if instant is None else epoch(instant)
