"""What a link counts."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Counters"]


@dataclass
class Counters:
    """What happened on a link since its client was made."""

    events: int = 0
    """Events handed on."""
    skipped: int = 0
    """Events that nobody wanted, thrown away by their name."""
    late: int = 0
    """Answers that nobody waited for any more."""
    noise: int = 0
    """Frames that were neither a response nor an event, or too long for an event."""
    pauses: int = 0
    """How often reading stopped because too many frames were waiting."""
    handler_errors: int = 0
    """Event handlers that raised."""
    connects: int = 0
    """Connections made."""
    refusals: int = 0
    """Logins refused for user name or secret."""
