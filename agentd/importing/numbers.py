"""Telephone numbers as people write them, as agentd keeps them: a country's code, and the number within the country.

The library ``phonenumbers`` (Google's libphonenumber) knows the numbering plans. North America's numbers, whose plan is
simple, take a short cut that gives the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

__all__ = ["BadNumber", "Number", "Numbers", "code_of_region", "region_of_code"]

_NANP = re.compile(r"(?:\+?1)?([2-9][0-9]{9})")
_PUNCTUATION = str.maketrans("", "", " ().-/")
_LONGEST = 60  # characters of what can be a number
_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_FRACTION = re.compile(r"(\+?[0-9]+)\.0")
_NON_GEOGRAPHICAL = "001"  # the library's region of codes that are no country's, such as 800

_OBJECTIONS = {
    ValidationResult.INVALID_COUNTRY_CODE: "has a country code that there is not",
    ValidationResult.TOO_SHORT: "is too short",
    ValidationResult.TOO_LONG: "is too long",
    ValidationResult.INVALID_LENGTH: "has a length that no number there has",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks its area code",
}


class BadNumber(ValueError):
    """What is no telephone number; the text says why."""


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number: digits alone. ``code`` is its country's, ``national`` the rest, without a trunk prefix."""

    code: str
    national: str

    @property
    def digits(self) -> str:
        """All of it, as the world dials it."""
        return self.code + self.national


def code_of_region(region: str) -> str:
    """Give a country's code by its two letters (ISO 3166), such as 1 for US; empty if there is no such country."""
    code: int = phonenumbers.country_code_for_region(region.upper())
    return str(code) if code else ""


class Numbers:
    """Reads numbers that are written without a country's code as those of one country."""

    def __init__(self, region: str = "", code: str = "") -> None:
        """``region`` is two letters, such as US; or ``code`` is a country's, such as 1. With neither a number must
        say its own, behind a +, or come with one.
        """
        self._region = region.upper() or region_of_code(code)
        self._code = code or code_of_region(region)

    def read(self, text: str, code: str = "") -> Number:
        """Give the number that a text means; ``code`` is the country's that comes with it, digits alone.

        Raises:
            BadNumber: it means none; or no country is known.
        """
        code = code or self._code
        found = _north_american(text) if code == "1" else None
        return found or self.read_by_plan(text, code)

    def read_by_plan(self, text: str, code: str) -> Number:
        """The same, with the numbering plans of all the world."""
        written = _without_a_spreadsheets_marks(text)
        if not code and not written.startswith(("+", "\N{FULLWIDTH PLUS SIGN}")):
            raise BadNumber("has no country code, and no country is said")
        region = self._region if code == self._code else region_of_code(code)
        try:
            found = _parse(written, region, code)
        except NumberParseException as error:
            raise BadNumber("is no telephone number") from error
        if found.extension:
            raise BadNumber("has an extension, which cannot be dialled")
        objection = _OBJECTIONS.get(phonenumbers.is_possible_number_with_reason(found))
        if objection:
            raise BadNumber(objection)
        return Number(str(found.country_code), phonenumbers.national_significant_number(found))


def _parse(text: str, region: str, code: str) -> PhoneNumber:
    if code and region in {"", _NON_GEOGRAPHICAL} and not text.startswith("+"):
        return phonenumbers.parse(f"+{code}{text}", None)
    return phonenumbers.parse(text, region or None)


def _north_american(text: str) -> Number | None:
    """Ten digits, with or without a 1 before them, and no more than punctuation between."""
    if len(text) > _LONGEST:
        return None
    found = _NANP.fullmatch(text.translate(_PUNCTUATION))
    return Number("1", found[1]) if found else None


def _without_a_spreadsheets_marks(text: str) -> str:
    """A spreadsheet may have taken a number for a quantity: 7.28E+09 has lost digits, 7275551212.0 has not."""
    if len(text) > _LONGEST:
        raise BadNumber("is no telephone number")
    if _ROUNDED.fullmatch(text):
        raise BadNumber("was rounded by a spreadsheet")
    fraction = _FRACTION.fullmatch(text)
    return fraction[1] if fraction else text


@lru_cache(maxsize=1024)
def region_of_code(code: str) -> str:
    """Give the main region of a country's code, as the library names it; empty where there is none."""
    if not code.isdecimal() or len(code) > 4:
        return ""
    region: str = phonenumbers.region_code_for_country_code(int(code))
    return "" if region == phonenumbers.UNKNOWN_REGION else region
