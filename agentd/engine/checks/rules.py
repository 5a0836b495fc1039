"""The rules that several kinds of things have in common."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from agentd.core.calls.numbers import clean_number
from agentd.core.errors import NumberNotAllowed
from agentd.core.lines import hours
from agentd.core.model import Treatment, TreatmentKind

__all__ = [
    "CODE",
    "DIAL",
    "EXTENSION",
    "MUSIC",
    "NAME",
    "Unusable",
    "check_dnc",
    "check_keys",
    "check_texts",
    "is_number",
    "require",
    "require_code",
    "require_hours",
    "require_ingroup",
    "require_name",
    "require_printable",
    "require_sound",
    "require_treatment",
    "require_web_address",
]

NAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
CODE = re.compile(r"[A-Za-z0-9_-]{1,6}")
EXTENSION = re.compile(r"[A-Za-z0-9_*#-]{1,20}")
DIAL = re.compile(r"[A-Za-z0-9]+/[^\s&,|]+")  # one technology and resource; & would ring several
MUSIC = re.compile(r"[A-Za-z0-9_-]{0,40}")

_SOUND = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")  # in Asterisk's sounds folder: no absolute path, no dots
_SOUND_LENGTH = 100
_MAILBOX = re.compile(r"[A-Za-z0-9_-]{1,40}(@[A-Za-z0-9_-]{1,40})?")
_DNC = re.compile(r"[0-9]{3,24}")
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:_-]+([/?#]([^\s{}<>\"]|\{[a-z0-9_]+\})*)?")
_WEB_LENGTH = 2000


class Unusable(ValueError):
    """A value that cannot be used; the text says which, and what is expected. ``field`` is the name of its field."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def require(good: object, field: str, what: str, *, named: str = "") -> None:
    """Refuse what is not good; ``named`` is how the text speaks of the field, where its name is not how people do."""
    if not good:
        raise Unusable(f"{named or field}: {what}", field)


def require_name(name: str) -> None:
    """A name that goes into URLs, lines of answers and the dialplan."""
    require(NAME.fullmatch(name), "name", "expected 1 to 20 letters, digits, _ or -")


def require_code(code: str) -> None:
    """A code, as statuses and pauses have them."""
    require(CODE.fullmatch(code), "code", "expected 1 to 6 letters, digits, _ or -")


def require_printable(field: str, text: str, *, named: str = "") -> None:
    """Text that moves no cursor and begins no line."""
    require(text.isprintable(), field, "expected printable characters", named=named)


def require_ingroup(field: str, name: str, *, named: str = "") -> None:
    """An in-group's name, or nothing."""
    require(not name or NAME.fullmatch(name), field, "expected the name of an in-group", named=named)


def require_hours(field: str, text: str, timezone: str) -> None:
    """Opening hours, and the zone in which they are meant."""
    try:
        hours.parse(text)
    except ValueError as error:
        raise Unusable(f"{field}: {str(error).removeprefix('hours: ')}", field) from error
    try:
        hours.parse_zone(timezone)
    except ValueError as error:
        raise Unusable(f"{field}: {str(error).removeprefix('hours: ')}", "timezone") from error
    require(len(text) <= 255, field, "expected 255 characters at most")
    require(len(timezone) <= 40, "timezone", "expected 40 characters at most")


def require_sound(field: str, sound: str, *, named: str = "") -> None:
    """A sound of Asterisk's, or nothing."""
    usable = not sound or (_SOUND.fullmatch(sound) and len(sound) <= _SOUND_LENGTH)
    what = "expected the name of a sound, such as agentd/ivr-prompt, without its ending"
    require(usable, field, what, named=named)


def require_treatment(field: str, treatment: Treatment, ingroups: Collection[str]) -> None:
    """What a treatment names must be there, or fit into the dialplan that it goes through."""
    kind, to, named = treatment.kind, treatment.to, field.replace("_", " ")
    if kind is TreatmentKind.INGROUP:
        require(to in ingroups, field, f"there is no in-group {to}", named=named)
    elif kind is TreatmentKind.MESSAGE:
        require(to, field, "a message needs the name of its sound", named=named)
        require_sound(field, to, named=named)
    elif kind is TreatmentKind.EXTENSION:
        require(is_number(to), field, f"expected an extension or a number, got {to!r}", named=named)
    elif kind is TreatmentKind.VOICEMAIL:
        require(_MAILBOX.fullmatch(to), field, "expected a mailbox, such as 500 or 500@default", named=named)
    else:
        require(not to, field, f"{kind.value} takes nothing besides", named=named)


def require_web_address(field: str, address: str, *, named: str = "") -> None:
    """An address that a browser may be sent to, or nothing; ``{first_name}`` and its like after the host alone."""
    usable = not address or (_WEB_ADDRESS.fullmatch(address) and len(address) <= _WEB_LENGTH)
    what = "expected an address such as https://crm.example/lead?id={lead_id}"
    require(usable and address.isprintable(), field, what, named=named)


def is_number(text: str) -> bool:
    """Whether it is an extension or a number, as it is dialled."""
    try:
        return clean_number(text) == text
    except NumberNotAllowed:
        return False


def check_dnc(number: str) -> None:
    """Refuse what no lead has as its number."""
    require(_DNC.fullmatch(number), "number", "expected 3 to 24 digits", named=f"{number!r} is not a number")


def check_texts(thing: Any) -> None:
    """Refuse anything set up that has a text with control characters somewhere."""
    for field in fields(thing):
        for text in _texts(getattr(thing, field.name)):
            require_printable(field.name, text)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Treatment):
        return [value.to]
    if isinstance(value, Mapping):
        return [text for pair in value.items() for each in pair for text in _texts(each)]
    if isinstance(value, tuple | list | frozenset):
        return [text for each in value for text in _texts(each)]
    return []


def check_keys(values: Mapping[str, Any], made: Any) -> None:
    """Refuse keys that the dataclass made of these values does not have, which would do nothing."""
    for key, value in values.items():
        require(hasattr(made, key), key, "there is no such key")
        inner = getattr(made, key)
        if is_dataclass(inner):
            check_keys(value, inner)
        elif isinstance(inner, dict):
            for name, one in value.items():
                check_keys(one, inner[name])
