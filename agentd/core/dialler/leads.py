"""Whether a lead may be called now, by the clocks where he lives."""

from __future__ import annotations

from math import isfinite

from agentd.core.lines.hours import is_open, is_open_at_offset
from agentd.core.model import Campaign, Lead

__all__ = ["is_calling_time", "may_be_called", "offset_of"]

_FARTHEST = 15.0  # hours from UTC; no clock is farther


def may_be_called(campaign: Campaign, lead: Lead, now: float) -> bool:
    """Say whether it is within the campaign's call hours where the lead lives."""
    return is_calling_time(campaign.call_hours, campaign.timezone, lead.fields.get("gmt_offset_now", ""), now)


def is_calling_time(hours: str, timezone: str, offset: str, now: float) -> bool:
    """Say whether these are calling hours at an offset from UTC, as leads have it (such as ``-5.00``).

    Where none can be read from it the time zone counts. Hours or a zone that cannot be read are never.
    """
    known = offset_of(offset)
    try:
        return is_open(hours, timezone, now) if known is None else is_open_at_offset(hours, known, now)
    except ValueError:
        return False


def offset_of(text: str) -> float | None:
    """Give the hours from UTC that a lead's field says; None when it says nothing of the kind."""
    try:
        offset = float(text)
    except ValueError:
        return None
    return offset if isfinite(offset) and abs(offset) < _FARTHEST else None
