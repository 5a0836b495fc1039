"""Texts of a file, as leads may have them, and back as a spreadsheet may open them."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["BadText", "clean", "harmless", "tidy"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUANTITY = re.compile(r"[+-]?[0-9][0-9 ().,/-]*")
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class BadText(ValueError):
    """A text that a lead must not have; the text of the error says why."""


def clean(text: str) -> str:
    """Give a text without spaces around it; line ends, tabs and other spaces within it are one space.

    Characters that show nothing (such as marks of the direction of writing) are left out.

    Raises:
        BadText: it has a control character, or bytes that could not be read.
    """
    text = text.strip()
    if text.isprintable() and _UNREADABLE not in text:
        return text
    return "".join(map(_shown, " ".join(text.split())))


def _shown(char: str) -> str:
    if char == _UNREADABLE:
        raise BadText("has a character that could not be read")
    if char.isprintable():
        return char
    kind = unicodedata.category(char)
    if kind == "Cf":
        return ""
    if kind == "Cs":
        raise BadText(f"has the byte 0x{ord(char) & 0xFF:02X}, which is not of the file's encoding")
    raise BadText(f"has the character U+{ord(char):04X}, which cannot be shown")


def tidy(text: str) -> str:
    """Give a text as :func:`clean` does, without whatever that would refuse."""
    try:
        return clean(text)
    except BadText:
        return clean("".join(char if char.isprintable() or char.isspace() else " " for char in text))


def harmless(cell: str) -> str:
    """Give a cell of a file that somebody will open with a spreadsheet: what it would reckon gets a ' before it.

    (OWASP: CSV injection.) Numbers stay as they are.
    """
    text = cell.encode("utf-8", "replace").decode("utf-8")
    return f"'{text}" if text.startswith(_FORMULA) and not _QUANTITY.fullmatch(text) else text
