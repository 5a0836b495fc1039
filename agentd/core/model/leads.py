"""The people outside, as lists have them, and what was promised to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "FIELDS",
    "NEW",
    "OWN_FIELDS",
    "Callback",
    "CallbackWish",
    "FieldKind",
    "Lead",
    "LeadField",
    "LeadList",
    "WhichNumber",
]

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


class FieldKind(StrEnum):
    """What a field of a lead may hold: text, a telephone number, digits, a whole number, or a code."""

    TEXT = "text"
    PHONE = "phone"
    DIGITS = "digits"
    INTEGER = "integer"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class LeadField:
    """How long a field may be, in characters, and of what kind."""

    length: int
    kind: FieldKind = FieldKind.TEXT


FIELDS: dict[str, LeadField] = {
    "vendor_lead_code": LeadField(40),
    "source_id": LeadField(50),
    "gmt_offset_now": LeadField(10),
    "title": LeadField(20),
    "first_name": LeadField(50),
    "middle_initial": LeadField(10),
    "last_name": LeadField(50),
    "address1": LeadField(100),
    "address2": LeadField(100),
    "address3": LeadField(100),
    "city": LeadField(50),
    "state": LeadField(50),
    "province": LeadField(50),
    "postal_code": LeadField(20),
    "country_code": LeadField(10),
    "gender": LeadField(10),
    "date_of_birth": LeadField(20),
    "alt_phone": LeadField(24, FieldKind.PHONE),
    "email": LeadField(100),
    "security_phrase": LeadField(100),
    "comments": LeadField(16_000),
    "rank": LeadField(11, FieldKind.INTEGER),
    "owner": LeadField(40),
}
"""The documents' fields of a lead, beside his number, in the order of the database."""

OWN_FIELDS: dict[str, LeadField] = {
    "list_id": LeadField(18, FieldKind.INTEGER),
    "status": LeadField(20, FieldKind.CODE),
    "phone_code": LeadField(12, FieldKind.DIGITS),
    "phone_number": LeadField(24, FieldKind.PHONE),
}
"""What every lead has; :class:`Lead` has it as attributes."""


@dataclass(frozen=True, slots=True)
class LeadList:
    """A list of leads. Its campaign dials it while it is ``active``; ``leads`` is how many it has."""

    id: int
    title: str = ""
    campaign: str = ""
    active: bool = True
    leads: int = 0


class WhichNumber(StrEnum):
    """Which of a lead's three numbers: ``phone_number``, ``alt_phone`` or ``address3``."""

    MAIN = "MAIN"
    ALT = "ALT"
    ADDRESS3 = "ADDR3"

    def of(self, lead: Lead) -> str:
        """Give that number of a lead as it is written there; empty if he has none."""
        if self is WhichNumber.MAIN:
            return lead.phone_number
        return lead.fields.get("alt_phone" if self is WhichNumber.ALT else "address3", "")


@dataclass(frozen=True, slots=True)
class CallbackWish:
    """What an agent promises with his disposition: a call at ``due`` (epoch seconds), by himself or by ``anyone``."""

    due: float
    anyone: bool = True
    comments: str = ""


@dataclass(slots=True)
class Callback:
    """A promise to call a lead again. In memory are those that one agent (``user``) is to keep, and are not kept yet.

    ``is_due``: its time has come, and the world outside was told so.
    """

    id: int
    lead_id: int
    campaign: str
    user: str
    due: float
    anyone: bool = False
    comments: str = ""
    is_due: bool = False
