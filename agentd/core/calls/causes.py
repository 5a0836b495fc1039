"""Q.850 causes, and the status that each suggests for a dial that failed."""

from __future__ import annotations

__all__ = ["BY_REMOTE", "CANCELLED", "NORMAL", "OUT_OF_ORDER", "suggested_status"]

NORMAL = 16
OUT_OF_ORDER = 27  # what a leg ended with that was missing after the link was back

CANCELLED = "CANCEL"
BY_REMOTE = "RAXFER"  # of a remote agent's call whose system says no other; it need not be set up
_STATUSES = {17: "B", 1: "DC", 28: "DC", 21: "REJ", 34: "CONG", 38: "CONG", 42: "CONG"}


def suggested_status(cause: int) -> str:
    """Give the system status for a dial that ended unanswered with that cause."""
    return _STATUSES.get(cause, "N")
