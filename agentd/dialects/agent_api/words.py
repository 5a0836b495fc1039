"""What a parameter may consist of.

The characters are those that the newest original lets through. It silently drops the others; here they make the
function ``not valid``, since what is left of a value after dropping is not what its sender meant.
"""

from __future__ import annotations

import re

__all__ = ["CONTROL", "SOURCE_LENGTH", "USER", "Word"]

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What no parameter but the password may have in it: an answer, and a row of the log, is one line."""

SOURCE_LENGTH = 20


class Word:
    """A set of allowed texts: a pattern that the whole text must match, and a greatest length."""

    __slots__ = ("_longest", "_pattern")

    def __init__(self, pattern: str, longest: int = 255) -> None:
        self._pattern = re.compile(pattern)
        self._longest = longest

    def allows(self, text: str) -> bool:
        """Whether the text may be given."""
        return len(text) <= self._longest and self._pattern.fullmatch(text) is not None


USER = Word("[-_0-9A-Za-z]+", 20)
"""The name of a user."""
