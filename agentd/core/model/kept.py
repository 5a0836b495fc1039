"""Recordings, supervisors, and what is kept for later: ids, answers and counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Answer", "DialCounts", "IdBlock", "LineCounts", "Monitor", "MonitorMode", "Recording"]


@dataclass(slots=True)
class Recording:
    """A recording that is asked for or running. ``started`` is None until Asterisk has begun it.

    ``name`` is the file's name without its ending, ``file`` with it. ``leg`` is the one that it follows. ``by``: agent,
    or campaign where its rule began it; ``forced``: no agent may stop or silence it, whoever has the call by then.
    """

    id: int
    leg: str
    agent: str
    session_id: int
    call_id: int
    lead_id: int
    name: str
    file: str
    asked: float
    stage: str = ""
    by: str = "agent"
    forced: bool = False
    started: float | None = None
    muted: bool = False
    stopping: bool = False


class MonitorMode(StrEnum):
    """What a supervisor does: hears all, speaks to the agent alone, or speaks to all."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


@dataclass(slots=True)
class Monitor:
    """A supervisor on an agent's conference. ``since`` is None until his phone has answered; ``by`` asked for it."""

    leg: str
    agent: str
    phone: str
    mode: MonitorMode
    by: str
    since: float | None = None


@dataclass(slots=True)
class IdBlock:
    """Ids that the database reserved for this daemon: ``next`` up to and including ``last``."""

    next: int
    last: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the native API said to an Idempotency-Key. ``status`` 0: begun, and never finished."""

    fingerprint: str
    at: float
    status: int = 0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class LineCounts:
    """What became of an in-group's callers since midnight (the daemon's local time).

    ``offered`` is who came, also from another line or agent; ``in_time`` of those ``answered`` who waited no longer
    than the in-group's service level says; ``abandoned`` who hung up in the line; ``dropped`` who was sent elsewhere
    (no agent, out of hours, full, waited too long). ``waited`` is in seconds, of those answered; ``talked`` of
    ``ended`` calls.
    """

    day: str
    offered: int = 0
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    dropped: int = 0
    waited: float = 0.0
    ended: int = 0
    talked: float = 0.0


@dataclass(slots=True)
class DialCounts:
    """What became of the calls that a campaign dialled by itself since midnight. ``dropped`` are of those answered."""

    day: str
    dialled: int = 0
    answered: int = 0
    dropped: int = 0
