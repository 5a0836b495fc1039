"""What may be dialled: numbers as people write them, and the campaign's dial rules."""

from __future__ import annotations

import re

from agentd.core.errors import ExtensionUnknown, NumberNotAllowed
from agentd.core.model import Campaign, State

__all__ = [
    "CODE_LENGTHS",
    "EXTENSION_DIGITS",
    "SHORTEST_REST",
    "Resource",
    "clean_number",
    "context_resource",
    "dialable",
    "digits_of",
    "extension_resource",
    "is_extension",
    "trunk_resource",
    "ways_to_write",
]

EXTENSION_DIGITS = 6  # up to so many digits a number is an extension of this PBX; it may have * and # beside them
CODE_LENGTHS = range(1, 4)  # digits of countries' codes
SHORTEST_REST = 6  # digits of a number without its country's code

_PUNCTUATION = str.maketrans("", "", " ().-/")
_NUMBER = re.compile(r"\+?[0-9]{1,24}")
_EXTENSION = re.compile(r"(?=.{1,12}$)[*#]*(?:[0-9][*#]*){0,6}")
_PREFIX = re.compile(r"[0-9]{0,12}")

Resource = str


def clean_number(text: str) -> str:
    """Drop the punctuation that people put into numbers.

    Raises:
        NumberNotAllowed: what is left is not a number, with an optional leading +.
    """
    number = text.translate(_PUNCTUATION)
    if not _NUMBER.fullmatch(number) and not _EXTENSION.fullmatch(number):
        raise NumberNotAllowed(f"{number!r} is not a phone number")
    return number


def dialable(text: str) -> str:
    """Give the clean number, empty where the text is none."""
    try:
        return clean_number(text)
    except NumberNotAllowed:
        return ""


def digits_of(text: str) -> str:
    """Drop the punctuation and the leading +: by these digits numbers are compared."""
    return text.translate(_PUNCTUATION).removeprefix("+")


def ways_to_write(number: str, phone_code: str) -> set[str]:
    """Give the number in digits as a list of numbers may have it, with or without its phone code.

    What is called a phone code may be one with the first digits of the number behind it, or an exchange's prefix before
    it: so with each end of it. Behind a + there is some country's code, whatever phone code was told.
    """
    digits = digits_of(number)
    written = {phone_code[start:] + digits for start in range(len(phone_code) + 1)}
    if number.startswith("+"):
        written |= {digits[length:] for length in CODE_LENGTHS if len(digits) - length >= SHORTEST_REST}
    return written


def is_extension(number: str) -> bool:
    """Say whether a clean number is an extension of this PBX."""
    return sum(char.isdigit() for char in number) <= EXTENSION_DIGITS and not number.startswith("+")


def extension_resource(state: State, number: str, extensions: str) -> Resource:
    """Give what Asterisk dials for an extension: a phone's dial string first, then the extensions context.

    Raises:
        ExtensionUnknown: the number has characters that no extension has.
    """
    phone = state.phones.get(number)
    if phone is not None and phone.active and phone.dial:
        return phone.dial
    return context_resource(number, extensions)


def context_resource(number: str, extensions: str) -> Resource:
    """Give what Asterisk dials for an extension of the dialplan; ``extensions`` has ``{number}`` in it.

    Raises:
        ExtensionUnknown: the number has characters that no extension has.
    """
    if not _EXTENSION.fullmatch(number):
        raise ExtensionUnknown(f"{number!r} is not an extension")
    return extensions.replace("{number}", number)


def trunk_resource(campaign: Campaign, prefix: str | None, phone_code: str, number: str) -> Resource:
    """Give what Asterisk dials for an outside number: the campaign's trunk with prefix, phone code and number.

    Raises:
        NumberNotAllowed: the campaign's dial rules refuse it, or it has no trunk.
    """
    prefix = campaign.dial_prefix if prefix is None else prefix
    if not _PREFIX.fullmatch(prefix) or not _PREFIX.fullmatch(phone_code):
        raise NumberNotAllowed("dial prefix and phone code are digits only")
    if not campaign.trunk:
        raise NumberNotAllowed(f"campaign {campaign.name} has no trunk")
    if not _NUMBER.fullmatch(number):
        raise NumberNotAllowed(f"{number!r} is not a phone number")
    if not number.startswith("+"):
        number = phone_code + number
    _require_allowed(campaign, number)
    if prefix:  # behind a prefix the sign means nothing
        number = number.removeprefix("+")
    return campaign.trunk.replace("{number}", prefix + number)


def _require_allowed(campaign: Campaign, number: str) -> None:
    """The campaign's rules see the number with its country code, and without the prefix."""
    try:
        allowed = any(re.fullmatch(rule, number) for rule in campaign.dial_allow)
        denied = any(re.fullmatch(rule, number) for rule in campaign.dial_deny)
    except re.error as error:
        raise NumberNotAllowed(f"a dial rule of campaign {campaign.name} is no regular expression: {error}") from error
    if denied or not allowed:
        raise NumberNotAllowed(f"campaign {campaign.name} may not dial {number}")
