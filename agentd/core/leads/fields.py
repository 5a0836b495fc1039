"""What may be written into a lead's fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from agentd.core.calls.numbers import clean_number
from agentd.core.errors import FieldInvalid, NoFields, NumberNotAllowed
from agentd.core.model import FIELDS, OWN_FIELDS, FieldKind, LeadField

__all__ = ["checked"]

_ALL = FIELDS | OWN_FIELDS
_UNWRITABLE = {"Cc", "Cs"}  # control characters, and halves of pairs that no UTF-8 can hold
_CODE = re.compile(r"[A-Za-z0-9_-]+")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_INT = 2**31


def checked(fields: Mapping[str, str]) -> dict[str, str]:
    """Give the fields as they are kept: telephone numbers without punctuation, the rest as it is.

    Raises:
        NoFields: there is none. FieldInvalid: a lead has no such field, or it cannot have that value.
    """
    if not fields:
        raise NoFields("no fields have been given")
    return {name: _checked(name, value) for name, value in fields.items()}


def _checked(name: str, value: str) -> str:
    rule = _ALL.get(name)
    if rule is None:
        raise FieldInvalid(f"a lead has no field {name}", name)
    if value and rule.kind is FieldKind.PHONE:
        value = _phone(name, value)
    if len(value) > rule.length:
        raise FieldInvalid(f"{name} has at most {rule.length} characters", name)
    if any(unicodedata.category(char) in _UNWRITABLE for char in value):
        raise FieldInvalid(f"{name} has control characters", name)
    if not _fits(name, rule, value):
        raise FieldInvalid(f"{name} cannot be {value!r}", name)
    return value


def _phone(name: str, value: str) -> str:
    try:
        return clean_number(value)
    except NumberNotAllowed as error:
        raise FieldInvalid(f"{name}: {error}", name) from error


def _fits(name: str, rule: LeadField, value: str) -> bool:
    if name == "list_id":
        return value.isascii() and value.isdecimal() and int(value) > 0
    if not value:
        return name != "status"
    if rule.kind is FieldKind.DIGITS:
        return value.isascii() and value.isdecimal()
    if rule.kind is FieldKind.CODE:
        return _CODE.fullmatch(value) is not None
    if rule.kind is FieldKind.INTEGER:
        return _INTEGER.fullmatch(value) is not None and -_INT <= int(value) < _INT
    return True
