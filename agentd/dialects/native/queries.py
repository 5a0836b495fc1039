"""The parameters in the query of a URL: only those that a route knows, each checked."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

from twisted.web.iweb import IRequest

from agentd.dialects.native.replies import Refused, problem
from agentd.http.kit import BadParameter, Params

__all__ = ["Query"]

_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class Query:
    """The query of one request."""

    def __init__(self, request: IRequest, known: Collection[str]) -> None:
        """Read it. Raises Refused (400) for a parameter that is not known, or that nobody can use."""
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
        """Refuse what is neither true nor false; for routes whose parameters are all flags. Raises Refused."""
        for name in self._params:
            self.flag(name)

    def number(self, name: str, default: int, most: int) -> int:
        """A number from 1 to ``most``. Raises Refused."""
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and len(value) <= 9 and 1 <= int(value) <= most):
            refuse(name, f"It must be a number from 1 to {most}.")
        return int(value)


def refuse(name: str, why: str) -> NoReturn:
    """Refuse (400) a parameter. Raises Refused."""
    raise Refused(problem(400, "invalid_parameter", why, parameter=name[:200]))
