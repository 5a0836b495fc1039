"""What a parameter may consist of.

The characters are those that the newest original lets through. It silently drops the others; here they make the
function ``not valid``, since what is left of a value after dropping is not what its sender meant.
"""

from __future__ import annotations

import re

from agentd.core.calls.numbers import clean_number
from agentd.core.errors import NumberNotAllowed
from agentd.http.kit import CONTROL

__all__ = [
    "CODE",
    "CONTROL",
    "NAME",
    "NUMBER",
    "PHONE_CODE",
    "SOURCE_LENGTH",
    "TEXT",
    "USER",
    "VENDOR",
    "YES_OR_NO",
    "Word",
    "as_number",
    "as_phone_code",
]

SOURCE_LENGTH = 20


class Word:
    """A set of allowed texts: a pattern that the whole text must match, and a greatest length."""

    __slots__ = ("_longest", "_pattern")

    def __init__(self, pattern: str, longest: int = 255) -> None:
        self._pattern = re.compile(pattern)
        self._longest = longest

    @property
    def pattern(self) -> str:
        """What the whole text must match."""
        return self._pattern.pattern

    @property
    def longest(self) -> int:
        """How many characters it may have."""
        return self._longest

    def allows(self, text: str) -> bool:
        """Whether the text may be given."""
        return len(text) <= self._longest and self._pattern.fullmatch(text) is not None


NAME = "[-_0-9A-Za-z]"
"""A character of a name or code."""

USER = Word(f"{NAME}+", 20)
"""The name of a user."""
YES_OR_NO = Word("(YES|NO)?")
"""A switch that need not be given."""
TEXT = Word(".*", 4096)
"""What people write to people: anything that can be printed."""
CODE = Word("[-._0-9A-Za-z]*", 20)
"""A code of another system's."""
VENDOR = Word("[^;#]*", 20)
"""What another system calls somebody."""
NUMBER = Word("[-+().*#/_ 0-9A-Za-z]*", 40)
"""A phone number as people write it, or the name of an agent."""
PHONE_CODE = Word("[-+(). /0-9]*", 20)
"""The country's code, as people write it."""

_NOT_OF_A_CODE = re.compile("[^0-9]")


def as_number(text: str) -> str:
    """A number as it is dialled, without what people put between its digits; empty where it is none."""
    try:
        return clean_number(text)
    except NumberNotAllowed:
        return ""


def as_phone_code(text: str) -> str:
    """A country's code, with digits alone."""
    return _NOT_OF_A_CODE.sub("", text)
