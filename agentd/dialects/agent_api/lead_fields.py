"""The fields of a lead, as requests name them: what each may consist of, and what is kept of it."""

from __future__ import annotations

from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.words import NUMBER, PHONE_CODE, TEXT, Word, as_number, as_phone_code

__all__ = ["FIELDS", "given_fields", "kept", "numbers_are_numbers"]

_CODE = Word(r"[-_. \w]*")
_ID = Word("[^;#]*")
_LETTERS = Word("[A-Za-z]*")

FIELDS: dict[str, Word] = {
    "address1": TEXT,
    "address2": TEXT,
    "address3": TEXT,
    "alt_phone": NUMBER,
    "city": TEXT,
    "comments": TEXT,
    "country_code": _LETTERS,
    "date_of_birth": Word("[-0-9]*"),
    "email": TEXT,
    "first_name": TEXT,
    "gender": _LETTERS,
    "gmt_offset_now": Word("(-?[0-9]+([.][0-9]+)?)?"),
    "last_name": TEXT,
    "middle_initial": TEXT,
    "phone_number": NUMBER,
    "phone_code": PHONE_CODE,
    "postal_code": Word(r"[- \w]*"),
    "province": _CODE,
    "security_phrase": _CODE,
    "source_id": _ID,
    "state": _CODE,
    "title": TEXT,
    "vendor_lead_code": _ID,
    "rank": Word("(-?[0-9]+)?"),
    "owner": Word(r"[-_.:/@' \w]*"),
}
"""By name; how long each may be, the core says."""

_NUMBERS = ("phone_number", "alt_phone")


def given_fields(asked: Asked) -> dict[str, str]:
    """What the request gives, in its order; empty where it is to be cleared."""
    return {name: kept(name, asked.get(name)) for name in asked.params if name in FIELDS}


def kept(name: str, text: str) -> str:
    """What is kept of a field: of numbers, without what people put between the digits."""
    if name in _NUMBERS:
        return as_number(text)
    return as_phone_code(text) if name == "phone_code" else text


def numbers_are_numbers(asked: Asked) -> bool:
    """Whether what is given as a phone number can be dialled."""
    given = (asked.get(name) for name in _NUMBERS)
    return all(not text or as_number(text) for text in given)
