"""The recording log in memory: the rows that the database would have, made of the same records."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import records as r
from agentd.engine.ports import Entry, RecordingQuery, RecordingRow


class RecordingLog:
    """Rows by their ids. tests/storage/test_recordings.py holds it to what the database does."""

    def __init__(self) -> None:
        self.rows: dict[int, RecordingRow] = {}
        self._asked: dict[int, float] = {}
        self._keys: dict[int, str] = {}

    def take(self, entry: Entry) -> None:
        """Take up what a record says of recordings."""
        record, at = entry.record, entry.at
        if isinstance(record, r.CallStarted | r.CallWaiting):
            self._keys[record.call_id] = record.key
        elif isinstance(record, r.RecordingAsked):
            self._asked[record.recording_id] = at
            self.rows[record.recording_id] = self._new(record)
        elif isinstance(record, r.RecordingStarted):
            self._change(record.recording_id, started=at)
        elif isinstance(record, r.RecordingMuted):
            self._mute(record, at)
        elif isinstance(record, r.RecordingEnded):
            self._end(record.recording_id, at, reason=record.reason)
        elif isinstance(record, r.RecordingFailed):
            self._fail(record.recording_id, at, record.reason)
        elif isinstance(record, r.RecordingRemoved):
            self._change(record.recording_id, removed=at)

    def find(self, query: RecordingQuery) -> list[RecordingRow]:
        """Give what a query finds."""
        newest_first = sorted(self.rows.values(), key=lambda row: -row.id)
        return [row for row in newest_first if self._fits(row, query)][: query.limit]

    def _fits(self, row: RecordingRow, query: RecordingQuery) -> bool:
        asked = self._asked[row.id]
        return (
            query.agent in {"", row.agent}
            and query.call_id in {None, row.call_id}
            and query.lead_id in {None, row.lead_id}
            and (query.since is None or asked >= query.since)
            and (query.until is None or asked < query.until)
            and (query.before is None or row.id < query.before)
        )

    def _new(self, record: r.RecordingAsked) -> RecordingRow:
        return RecordingRow(
            id=record.recording_id,
            agent=record.agent,
            call_id=record.call_id,
            call_key=self._keys.get(record.call_id, ""),
            lead_id=record.lead_id,
            number=record.number,
            name=record.name,
            file=record.file,
            stage=record.stage,
            started=None,
            ended=None,
            length=None,
            reason="",
        )

    def _change(self, recording_id: int, **changed: object) -> None:
        self.rows[recording_id] = replace(self.rows[recording_id], **changed)

    def _mute(self, record: r.RecordingMuted, at: float) -> None:
        muted = _closed(self.rows[record.recording_id].muted, at)
        self._change(record.recording_id, muted=(*muted, (at, None)) if record.muted else muted)

    def _end(self, recording_id: int, at: float, reason: str) -> None:
        row = self.rows[recording_id]
        length = None if row.started is None else at - row.started
        self._change(recording_id, ended=at, length=length, reason=reason, muted=_closed(row.muted, at))

    def _fail(self, recording_id: int, at: float, reason: str) -> None:
        row = self.rows[recording_id]
        ended = at if row.ended is None else row.ended
        self._change(recording_id, ended=ended, failed=reason, muted=_closed(row.muted, at))


def _closed(stretches: tuple[tuple[float, float | None], ...], at: float) -> tuple[tuple[float, float | None], ...]:
    return tuple((began, at if ended is None else ended) for began, ended in stretches)
