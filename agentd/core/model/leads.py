"""The people outside, as lists have them."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["NEW", "Lead"]

NEW = "NEW"
"""The status of a lead of whom nothing is known yet."""


@dataclass(slots=True)
class Lead:
    """A person in a list. ``fields`` holds the documents' field names that are set, as text."""

    id: int
    list_id: int
    status: str
    phone_code: str
    phone_number: str
    fields: dict[str, str] = field(default_factory=dict)
