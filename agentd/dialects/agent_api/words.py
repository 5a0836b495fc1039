"""What a parameter may consist of.

The characters are those that the newest original lets through. It silently drops the others; here they make the
function ``not valid``, since what is left of a value after dropping is not what its sender meant.
"""

from __future__ import annotations

import re

from agentd.http.kit import CONTROL

__all__ = ["CONTROL", "SOURCE_LENGTH", "USER", "Word"]

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
