"""Counts of the day: what became of in-groups' callers, and of the calls that campaigns dialled."""

from __future__ import annotations

from datetime import datetime

from agentd.core.model import DialCounts, LineCounts, State

__all__ = ["day_of", "dial_counts", "line_counts"]


def day_of(at: float) -> str:
    """Name the day (the daemon's) to which a time belongs."""
    return datetime.fromtimestamp(at).date().isoformat()


def line_counts(state: State, ingroup: str, at: float) -> LineCounts:
    """Give the counts of an in-group's callers, new ones when the day is another."""
    counts = state.line_counts.get(ingroup)
    if counts is None or counts.day != day_of(at):
        counts = state.line_counts[ingroup] = LineCounts(day_of(at))
    return counts


def dial_counts(state: State, campaign: str, at: float) -> DialCounts:
    """Give the counts of the calls that a campaign dialled, new ones when the day is another."""
    counts = state.dial_counts.get(campaign)
    if counts is None or counts.day != day_of(at):
        counts = state.dial_counts[campaign] = DialCounts(day_of(at))
    return counts
