"""The parameters in the query of a URL: only those that a route knows, each checked."""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn, TypeVar

from twisted.web.iweb import IRequest

from agentd.core.calls.numbers import clean_number
from agentd.core.errors import NumberNotAllowed
from agentd.dialects.native.replies import Refused, Reply, problem, reply
from agentd.http.kit import BadParameter, Params

__all__ = ["Query", "cursor_of", "id_of", "page_of", "refuse", "text_of"]

Row = TypeVar("Row")

_ID = re.compile(r"[0-9]{1,18}")
_SECONDS = re.compile(r"[0-9]{1,11}(\.[0-9]{1,6})?")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class Query:
    """The query of one request. ``texts`` are those of the ``known`` parameters that are never flags."""

    def __init__(self, request: IRequest, known: Collection[str], texts: Collection[str] = ()) -> None:
        """Read it. Raises Refused (400) for a parameter that is not known, or that nobody can use."""
        self._texts = texts
        self._params = Params(request.uri.partition(b"?")[2])
        try:
            self._params.check()
        except BadParameter as bad:
            refuse(bad.name, f"It is {bad.why}.")
        for name in self._params:
            if name not in known:
                refuse(name, f"It is not known here; known are: {', '.join(sorted(known)) or 'none'}.")

    def __str__(self) -> str:
        """The same text for the same parameters, in whatever order they came."""
        return "&".join(f"{name}={self.text(name)!r}" for name in sorted(self._params))

    def text(self, name: str) -> str:
        """A text; empty where there is none."""
        return self._params.get(name)

    def words(self, name: str) -> frozenset[str]:
        """Words with commas between them."""
        return frozenset(word for word in self.text(name).split(",") if word)

    def flag(self, name: str) -> bool:
        """true or false (also 1 and 0); false where there is none. Raises Refused."""
        value = self.text(name)
        if value and value.lower() not in _TRUTH:
            refuse(name, "It must be true or false.")
        return _TRUTH.get(value.lower(), False)

    def check_flags(self) -> None:
        """Refuse flags that are neither true nor false; for routes that have flags and texts alone. Raises Refused."""
        for name in self._params:
            if name not in self._texts:
                self.flag(name)

    def number(self, name: str, default: int, most: int) -> int:
        """A number from 1 to ``most``. Raises Refused."""
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and len(value) <= 9 and 1 <= int(value) <= most):
            refuse(name, f"It must be a number from 1 to {most}.")
        return int(value)

    def id(self, name: str) -> int | None:
        """An integer id; None where there is none. Raises Refused."""
        value = self.text(name)
        found = id_of(value)
        if value and found is None:
            refuse(name, "It must be a whole number.")
        return found

    def phone_number(self, name: str) -> str:
        """A phone number, without the punctuation that people use; empty where there is none. Raises Refused."""
        try:
            return clean_number(self.text(name)) if self.text(name) else ""
        except NumberNotAllowed:
            refuse(name, "It is not a phone number.")

    def cursor_id(self) -> int | None:
        """The integer id that the parameter ``cursor`` stands for; None where there is none. Raises Refused."""
        found = id_of(text_of(self.text("cursor")))
        if self.text("cursor") and found is None:
            refuse("cursor", "It is not one that was given here.")
        return found

    def time(self, name: str) -> float | None:
        """A time in seconds since 1970; None where there is none. Raises Refused."""
        value = self.text(name)
        if value and not _SECONDS.fullmatch(value):
            refuse(name, "It must be in seconds since 1970, such as 1795159465.5.")
        return float(value) if value else None


def page_of(
    name: str, rows: Sequence[Row], most: int, tell: Callable[[Row], Any], place: Callable[[Row], object]
) -> Reply:
    """Give a page of a list, of whose rows one more than ``most`` was looked for, and the cursor of the next page.

    ``tell`` says what is told of a row, ``place`` what the cursor is to stand for when it is the last of the page.
    """
    page = rows[:most]
    following = cursor_of(str(place(page[-1]))) if len(rows) > most else None
    return reply(200, {name: [tell(row) for row in page], "next": following})


def cursor_of(text: str) -> str:
    """Give the cursor that stands for a place in a list."""
    return urlsafe_b64encode(text.encode("utf-8")).decode("ascii")


def text_of(cursor: str) -> str:
    """Give what a cursor stands for; empty for none. Raises Refused."""
    try:
        return b64decode(cursor.encode("ascii"), b"-_", validate=True).decode("utf-8")
    except (BadBase64, UnicodeError):
        refuse("cursor", "It is not one that was given here.")


def id_of(text: str) -> int | None:
    """Give the integer id that a text names, None where it names none."""
    return int(text) if _ID.fullmatch(text) else None


def refuse(name: str, why: str) -> NoReturn:
    """Refuse (400) a parameter. Raises Refused."""
    raise Refused(problem(400, "invalid_parameter", why, parameter=name[:200]))
