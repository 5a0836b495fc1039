"""Responses and events as Python objects. Headers are read when first asked for, not before."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping

from agentd.ami.wire import Frame

__all__ = ["Event", "Headers", "Response"]

_FOLLOWS_HEADERS = (b"response:", b"privilege:", b"actionid:", b"message:")
_END_COMMAND = "--END COMMAND--"
_ACTION_ID = b"\r\nActionID: "


class Headers(dict[str, str]):
    """The headers of one message: names in any case, values as text. To be read, not changed.

    ``headers[name]`` is the first value of a repeated header and raises KeyError if there is none;
    :meth:`getlist` gives all values. Bytes that are not UTF-8 become lone surrogates, so that nothing fails and
    everything can be written back as it came.
    """

    __slots__ = ("_folded", "_raw")

    def __init__(self, raw: bytes) -> None:
        first: dict[str, str] = {}
        for line in raw.decode("utf-8", "surrogateescape").split("\r\n"):
            name, colon, value = line.partition(": ")
            if not colon:
                name, colon, value = line.partition(":")
            if colon and name not in first:
                first[name] = value
        super().__init__(first)
        self._raw = raw
        self._folded: dict[str, str] | None = None

    def __missing__(self, name: str) -> str:
        """Asked in another spelling than Asterisk's."""
        try:
            return self._fold()[name.lower()]
        except KeyError:
            raise KeyError(name) from None

    def _fold(self) -> dict[str, str]:
        if self._folded is None:
            self._folded = {}
            for name, value in self.items():
                self._folded.setdefault(name.lower(), value)
        return self._folded

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and name.lower() in self._fold())

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The first value of a header, or ``default``."""
        try:
            return self[name]
        except KeyError:
            return default

    def getlist(self, name: str) -> list[str]:
        """All values of a header in their order; an empty list if there is none."""
        folded = name.lower()
        return [value for key, value in self.pairs() if key.lower() == folded]

    def pairs(self) -> list[tuple[str, str]]:
        """Every header line as (name, value), in its order, repeated ones too."""
        lines = self._raw.decode("utf-8", "surrogateescape").split("\r\n")
        parts = [line.partition(": " if ": " in line else ":") for line in lines]
        return [(name, value) for name, colon, value in parts if colon]


class Message:
    """What responses and events share: ``headers``, and the ActionID that ties them to an action."""

    __slots__ = ("_headers", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._headers: Headers | None = None

    @property
    def headers(self) -> Headers:
        """The headers, read from the bytes at the first call."""
        if self._headers is None:
            self._headers = Headers(self._raw)
        return self._headers

    @property
    def action_id(self) -> str | None:
        """The ActionID of the action that this belongs to, or None."""
        return self.look_up("ActionID", _ACTION_ID)

    def look_up(self, name: str, line_start: bytes) -> str | None:
        """The first value of a header, or None; for those who know how its line starts (``\\r\\nName: ``).

        As long as nobody has asked for the headers, the value is found in the bytes: for a few fields that is quicker.
        """
        if self._headers is None:
            begin = self._raw.find(line_start)
            if begin >= 0:
                begin += len(line_start)
                end = self._raw.find(b"\r\n", begin)
                return self._raw[begin : end if end >= 0 else None].decode("utf-8", "surrogateescape")
        return self.headers.get(name)

    def __getitem__(self, name: str) -> str:
        """The first value of a header; KeyError if there is none."""
        return (self._headers or self.headers)[name]

    def __contains__(self, name: object) -> bool:
        return name in self.headers

    def __iter__(self) -> Iterator[str]:
        return iter(self.headers)

    def items(self) -> ItemsView[str, str]:
        """Names and first values."""
        return self.headers.items()

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a header, or ``default``."""
        return self.headers.get(name, default)


class Response(Message):
    """The answer to one action. ``status`` is Asterisk's word (Success, Error, Goodbye, Follows …)."""

    __slots__ = ("_text", "status", "truncated")

    def __init__(self, frame: Frame) -> None:
        self.status = frame.name
        self.truncated = frame.truncated
        self._text: list[str] | None = None
        raw = frame.raw
        if frame.name.strip().lower() == "follows":
            raw, self._text = _split_follows(raw)
        super().__init__(raw)

    @property
    def success(self) -> bool:
        """True unless Asterisk says that the action failed."""
        return self.status.lower() not in ("error", "failure", "fail")

    @property
    def message(self) -> str:
        """Asterisk's prose, or an empty string."""
        return self.headers.get("Message") or ""

    @property
    def output(self) -> list[str]:
        """The lines that a command printed: ``Output:`` headers, or the text that Asterisk before 14 sends instead."""
        return self.headers.getlist("Output") if self._text is None else self._text

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.message!r}>"


def _split_follows(raw: bytes) -> tuple[bytes, list[str]]:
    """The headers and the text of an old command answer; the text may look like headers and hold any line end."""
    lines = raw.split(b"\r\n")
    count = 0
    while count < len(lines) and lines[count].lower().startswith(_FOLLOWS_HEADERS):
        count += 1
    text = b"\r\n".join(lines[count:]).decode("utf-8", "surrogateescape")
    printed = text.rstrip().removesuffix(_END_COMMAND).splitlines()
    return b"\r\n".join(lines[:count]), printed


class Event(Message):
    """Something that happened, or an item of a list. ``name`` is Asterisk's name for it.

    Events that agentd.ami knows come as subclasses with typed fields (:mod:`agentd.ami.events`); all others as this.
    """

    __slots__ = ("name",)

    def __init__(self, frame: Frame) -> None:
        self.name = frame.name
        super().__init__(frame.raw)

    @property
    def variables(self) -> Mapping[str, str]:
        """The channel variables that manager.conf's ``channelvars`` adds, by name."""
        return self.channel_variables()

    def channel_variables(self, prefix: str = "") -> Mapping[str, str]:
        """The channel variables of one of the channels that the event speaks of, such as ``Dest`` of a dial.

        Asterisk 22.10.1 writes ``ChanVariable: NAME=value``, but ``ChanVariable(CHANNEL): NAME=value`` in
        OriginateResponse; both are read.
        """
        found: dict[str, str] = {}
        header = f"{prefix}ChanVariable"
        for key, value in self.headers.pairs():
            if key == header or key.startswith(header + "("):
                name, _, content = value.partition("=")
                found.setdefault(name, content)
        return found

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {dict(self.headers)!r}>"
