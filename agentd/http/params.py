"""What a request asks: parameters from its query and its form, as PHP reads them, and its body."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from twisted.web.iweb import IRequest

__all__ = ["MAX_PARAMETERS", "MAX_VALUE", "BadParameter", "Params", "whole_body"]

MAX_VALUE = 4096
"""Bytes of a decoded value."""
MAX_NAME = 128
"""Bytes of a decoded name."""
MAX_PARAMETERS = 500
"""How many the query and the form may each have."""

_FORM = b"application/x-www-form-urlencoded"


class BadParameter(ValueError):
    """A parameter that no face can use; each dialect phrases it in its own way.

    ``name`` is empty where the name itself is at fault. ``why`` is one of ``too long``, ``NUL``,
    ``not UTF-8`` and ``too many``; neither repeats the value.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name or 'a parameter'}: {why}")
        self.name = name
        self.why = why


class Params:
    """Parameters of a request by name. The query wins over the form; the last of several wins within each.

    A bad one makes :attr:`bad` and is raised when it is asked for, so that a dialect can still read the
    parameters that its error line names.
    """

    def __init__(self, query: bytes, form: bytes = b"") -> None:
        self._values: dict[str, str | BadParameter] = {}
        self.bad: BadParameter | None = None
        """The first bad one, form before query; None if all are good."""
        for text in (form, query):
            if text:
                self._read(text)

    @classmethod
    def of(cls, request: IRequest) -> Params:
        """The parameters of a request: its query, and its body if that is a urlencoded form."""
        query = request.uri.partition(b"?")[2]
        kind = request.getHeader(b"Content-Type")
        if not kind or request.method in (b"GET", b"HEAD"):
            return cls(query)
        if kind.partition(b";")[0].strip().lower() != _FORM:
            return cls(query)
        return cls(query, whole_body(request))

    def get(self, name: str, default: str = "") -> str:
        """The value, or ``default`` where there is none. Raises the :class:`BadParameter`."""
        value = self._values.get(name, default)
        if isinstance(value, BadParameter):
            raise value
        return value

    def check(self) -> None:
        """Raises the first :class:`BadParameter`, whether anybody asks for it or not."""
        if self.bad is not None:
            raise self.bad

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        """The names, in the order in which they came, the form's first."""
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        """The names alone: values may be secret."""
        return f"<Params {' '.join(self._values)}>"

    def _read(self, text: bytes) -> None:
        pieces = text.split(b"&", MAX_PARAMETERS)
        if len(pieces) > MAX_PARAMETERS:
            self._note(BadParameter("", "too many"))
            pieces.pop()
        for piece in pieces:
            if not piece:
                continue
            raw_name, _, raw_value = piece.partition(b"=")
            try:
                name = _decode("", raw_name, MAX_NAME)
            except BadParameter as bad:
                self._note(bad)
                continue
            try:
                self._values[name] = _decode(name, raw_value, MAX_VALUE)
            except BadParameter as bad:
                self._note(bad)
                self._values[name] = bad

    def _note(self, bad: BadParameter) -> None:
        if self.bad is None:
            self.bad = bad


def whole_body(request: IRequest) -> bytes:
    """The body of a request, wherever it was read to before; empty where there is none."""
    content = request.content
    if content is None:
        return b""
    content.seek(0)
    body: bytes = content.read()
    return body


def _decode(name: str, raw: bytes, limit: int) -> str:
    if raw.isalnum() and len(raw) <= limit:  # most are, and letters and digits stand for themselves
        return raw.decode("ascii")
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        raw = unquote_to_bytes(raw)
    if len(raw) > limit:
        raise BadParameter(name, "too long")
    if b"\0" in raw:
        raise BadParameter(name, "NUL")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadParameter(name, "not UTF-8") from None
