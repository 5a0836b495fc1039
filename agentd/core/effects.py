"""What the core asks of Asterisk. Asked, not assumed: only a later command from the switch says what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from agentd.core.model import Role

__all__ = ["Effect", "HangUpChannel", "HangUpLeg", "ReadLeg", "Ring"]


@dataclass(frozen=True, slots=True)
class Effect:
    """The base of all effects. ``leg`` is the unique id of the channel that it is about."""

    leg: str


@dataclass(frozen=True, slots=True)
class Ring(Effect):
    """Make a channel to ``resource`` and put it into conference ``room`` when it answers. ``timeout`` in seconds."""

    resource: str
    room: str
    role: Role
    session_id: int
    call_key: str
    caller_id: str
    timeout: int


@dataclass(frozen=True, slots=True)
class HangUpLeg(Effect):
    """End the leg's channel, with a Q.850 cause."""

    cause: int = 16


@dataclass(frozen=True, slots=True)
class HangUpChannel(Effect):
    """End a channel that belongs to nobody here (``leg`` is its unique id)."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReadLeg(Effect):
    """Tell where the leg's channel is now: a confirmation did not come."""
