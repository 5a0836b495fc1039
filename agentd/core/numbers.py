"""What may be dialled: numbers as people write them, and the campaign's dial rules."""

from __future__ import annotations

import re

from agentd.core.errors import ExtensionUnknown, NumberNotAllowed
from agentd.core.model import Campaign, State

__all__ = ["EXTENSION_DIGITS", "Resource", "clean_number", "extension_resource", "is_extension", "trunk_resource"]

EXTENSION_DIGITS = 6  # up to so many digits a number is an extension of this PBX

_PUNCTUATION = str.maketrans("", "", " ().-/")
_NUMBER = re.compile(r"\+?[0-9]{1,24}")
_EXTENSION = re.compile(r"[0-9*#]{1,6}")
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


def is_extension(number: str) -> bool:
    """Say whether a clean number is an extension of this PBX."""
    return len(number) <= EXTENSION_DIGITS and not number.startswith("+")


def extension_resource(state: State, number: str, extensions: str) -> Resource:
    """Give what Asterisk dials for an extension: a phone's dial string first, then the extensions context.

    Raises:
        ExtensionUnknown: the number has characters that no extension has.
    """
    if not _EXTENSION.fullmatch(number):
        raise ExtensionUnknown(f"{number!r} is not an extension")
    phone = state.phones.get(number)
    if phone is not None and phone.active and phone.dial:
        return phone.dial
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
    allowed = any(re.fullmatch(rule, number) for rule in campaign.dial_allow)
    if not allowed or any(re.fullmatch(rule, number) for rule in campaign.dial_deny):
        raise NumberNotAllowed(f"campaign {campaign.name} may not dial {number}")
    if not number.startswith("+"):
        number = phone_code + number
    elif prefix:  # the country code is in it, and behind a prefix the sign means nothing
        number = number[1:]
    return campaign.trunk.replace("{number}", prefix + number)
