"""The recording log, and the recordings themselves, in whole or in part."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.web.iweb import IRequest

from agentd.dialects.native.bodies import Nothing
from agentd.dialects.native.callers import Caller
from agentd.dialects.native.door import Ask
from agentd.dialects.native.queries import id_of, page_of
from agentd.dialects.native.replies import Refused, Reply, problem, reply
from agentd.dialects.native.words import BASE, MOST, PAGE
from agentd.engine.operations import Operations
from agentd.engine.ports import RecordingQuery, RecordingRow
from agentd.http.kit import Files, OutOfRange, Span, asked_span

__all__ = ["FILTERS", "RecordingLog"]

FILTERS = ("agent", "call_id", "lead_id", "since", "until", "limit", "cursor")
"""The parameters of the list."""

_TYPES = {"wav": "audio/wav", "gsm": "audio/x-gsm", "ulaw": "audio/basic", "alaw": "audio/x-alaw-basic"}


class RecordingLog:
    """What was recorded. ``files`` is the folder in which Asterisk leaves it."""

    def __init__(self, operations: Operations, files: Files) -> None:
        self._operations = operations
        self._files = files

    def page(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """A page of the log, the newest first, and the cursor of the next page. Raises Refused."""
        most = ask.query.number("limit", PAGE, MOST)
        found = self._operations.recordings(_wanted(ask, most + 1))
        return found.addCallback(lambda rows: page_of("recordings", rows, most, _told, lambda row: row.id))

    def one(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """One row of the log. Fails with Refused (404) where there is none within reach."""
        return self._row(ask).addCallback(lambda row: reply(200, _told(row)))

    def audio(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """The sound. Fails with Refused: 404, 409 while it is being recorded, 416."""
        return self._row(ask).addCallback(partial(self._sound, ask.request))

    def _row(self, ask: Ask[Nothing]) -> Deferred[RecordingRow]:
        recording_id = id_of(ask.where["recording"])
        if recording_id is None:
            raise _unknown()
        return self._operations.recording(recording_id).addCallback(_within_reach, ask.caller)

    def _sound(self, request: IRequest, row: RecordingRow) -> Deferred[Reply]:
        if row.removed is not None:
            raise Refused(problem(404, "recording_gone", "The file was removed for its age."))
        if row.failed:
            raise Refused(problem(404, "recording_gone", f"There is no file: {row.failed}."))
        if row.ended is None:
            detail = "It is being recorded; the file is complete at its end."
            raise Refused(problem(409, "recording_running", detail))
        return self._files.size(row.file).addCallback(partial(self._opened, request, row))

    def _opened(self, request: IRequest, row: RecordingRow, size: int | None) -> Reply:
        if not size:
            raise Refused(problem(404, "recording_gone", "The file is not there."))
        tag = f'"{row.id}-{size}"'
        headers = {
            "Content-Type": _TYPES.get(row.file.rpartition(".")[2], "application/octet-stream"),
            "Content-Disposition": f'inline; filename="{row.file}"',
            "Accept-Ranges": "bytes",
            "ETag": tag,
        }
        span = _part(request, tag, size)
        if span is not None:
            headers["Content-Range"] = f"bytes {span.first}-{span.first + span.length - 1}/{size}"
        whole = Span(0, size)
        headers["Content-Length"] = str((span or whole).length)
        sending = partial(self._files.send, name=row.file, span=span or whole)
        return Reply(200 if span is None else 206, headers=headers, stream=sending)


def _part(request: IRequest, tag: str, size: int) -> Span | None:
    """The part that is asked for; None: all. If-Range asks for all once the file is another. Raises Refused (416)."""
    header = request.getHeader(b"Range")
    only_of = request.getHeader(b"If-Range")
    if request.method != b"GET" or header is None or only_of not in {None, tag.encode()}:
        return None
    try:
        return asked_span(header.decode("latin-1"), size)
    except OutOfRange as error:
        headers = {"Content-Range": f"bytes */{size}"}
        raise Refused(
            problem(416, "range_not_satisfiable", f"No byte of that range is there: {error}.", headers)
        ) from None


def _wanted(ask: Ask[Nothing], most: int) -> RecordingQuery:
    query, agent = ask.query, ask.query.text("agent")
    if agent:
        ask.caller.require_agent(agent)
    return RecordingQuery(
        agent=agent or ask.caller.only_agent or "",
        call_id=query.id("call_id"),
        lead_id=query.id("lead_id"),
        since=query.time("since"),
        until=query.time("until"),
        before=query.cursor_id(),
        limit=most,
    )


def _within_reach(row: RecordingRow | None, caller: Caller) -> RecordingRow:
    """Another agent's recording is as little there for an agent's token as one that never was."""
    if row is None or not caller.reaches(row.agent):
        raise _unknown()
    return row


def _unknown() -> Refused:
    return Refused(problem(404, "recording_unknown", "There is no such recording."))


def _told(row: RecordingRow) -> dict[str, Any]:
    there = row.ended is not None and not row.failed and row.removed is None
    return {
        "id": row.id,
        "agent": row.agent,
        "call_id": row.call_id or None,
        "call_key": row.call_key or None,
        "lead_id": row.lead_id or None,
        "number": row.number or None,
        "file": row.file,
        "stage": row.stage or None,
        "started": row.started,
        "ended": row.ended,
        "length": row.length,
        "reason": row.reason or None,
        "muted": [{"from": begun, "until": over} for begun, over in row.muted],
        "failed": row.failed or None,
        "removed": row.removed,
        "audio": f"{BASE}/recordings/{row.id}/audio" if there else None,
    }
