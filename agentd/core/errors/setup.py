"""Refusals of those who change what is set up: users, phones, campaigns and their like.

:mod:`agentd.core.errors` has every class; it is the one to import from.
"""

from __future__ import annotations

from agentd.core.errors.hand import AgentdError

__all__ = ["AlreadyThere", "ChangedMeanwhile", "NotThere", "StillInUse", "ValueRefused"]


class NotThere(AgentdError):
    """There is no such thing."""

    reason = "not_there"


class AlreadyThere(AgentdError):
    """There is one already."""

    reason = "already_there"


class StillInUse(AgentdError):
    """Something that goes on, or that is set up, needs it; ``by`` has kinds and names of what does."""

    reason = "still_in_use"

    def __init__(self, message: str, by: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.by = by

    @property
    def used_by(self) -> list[dict[str, str]]:
        """The same as plain data."""
        return [{"kind": kind, "name": name} for kind, name in self.by]


class ChangedMeanwhile(AgentdError):
    """Somebody else has changed it since it was looked at."""

    reason = "changed_meanwhile"


class ValueRefused(AgentdError):
    """A value cannot be used; the text says which, and what is expected. ``field`` is the name of its field."""

    reason = "value_refused"

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
