"""The manager interface's bytes, without any I/O: bytes go in, frames come out.

A frame is a banner line, or the header lines up to an empty line. Nothing here needs a transport or a reactor, and
however a byte stream is cut into pieces, it gives the same frames. Seen on Asterisk 22.10.1:

* stray CRLFs come between messages; they are skipped;
* an ``OriginateResponse`` *event* carries a ``Response:`` header, so the first header decides what a frame is;
* a header may be repeated (``ChanVariable``, ``Output``), and its value may hold bytes that are not UTF-8.

Asterisk before 14 answers a command with ``Response: Follows``, whose text ends with ``--END COMMAND--`` and may
hold empty lines.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import Enum

__all__ = ["MAX_FRAME", "MAX_HEADERS", "Decoder", "Frame", "Kind"]

MAX_FRAME = 256 * 1024
"""Default bound of one frame, in bytes; what is longer is cut, and says so."""
MAX_HEADERS = 8192
"""Default bound of the header lines of one frame; what has more is cut, and says so."""

_EOL = b"\r\n"
_END = b"\r\n\r\n"
_EVENT = b"Event: "
_ACTION_ID = b"\r\nActionID: "
_END_COMMAND = b"--END COMMAND--"
_MAX_BANNER = 1024
_MAX_NAMES = 4096


class Kind(Enum):
    """What the first line of a frame makes it."""

    BANNER = "banner"
    RESPONSE = "response"
    EVENT = "event"
    NOISE = "noise"


class Frame:
    """One message as it came: ``kind``, ``name`` (an event's name, a response's status, the banner) and ``raw`` bytes.

    ``truncated`` is True when the message was longer than the decoder's bounds: ``raw`` is then its beginning.
    """

    __slots__ = ("kind", "name", "raw", "truncated")

    def __init__(self, kind: Kind, name: str, raw: bytes, truncated: bool = False) -> None:
        self.kind = kind
        self.name = name
        self.raw = raw
        self.truncated = truncated

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frame):
            return NotImplemented
        return (self.kind, self.name, self.raw, self.truncated) == (
            other.kind,
            other.name,
            other.raw,
            other.truncated,
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Frame {self.kind.value} {self.name!r}, {len(self.raw)} bytes{' (cut)' * self.truncated}>"


_ANSWERS = {b"Response: Success\r\n": "Success", b"Response: Error\r\n": "Error"}
_KINDS = {b"event": Kind.EVENT, b"response": Kind.RESPONSE}


class Decoder:
    """Cuts the byte stream into frames. Memory is bounded by one frame, whatever the far end sends.

    ``wanted`` names the events to be reported; None means every event. Others are skipped by their first line, which
    is many times cheaper than reading them, and counted in ``skipped``. While ``keep_answers`` is True, an event that
    carries an ActionID is reported all the same: it may be an item of a list that somebody asked for.
    """

    def __init__(self, max_frame: int = MAX_FRAME, max_headers: int = MAX_HEADERS) -> None:
        self.keep_answers = True
        self.skipped = 0
        self._max_frame = max_frame
        self._max_headers = max_headers
        self._wanted: frozenset[bytes] | None = None  # as first lines of events
        self._unwanted: set[bytes] = set()  # first lines met that are not wanted, up to their CR
        self._greeted = False
        self._tail = bytearray()  # the beginning of a frame whose end has not come
        self._seam = b""  # the last bytes seen, when the tail is full and what follows is thrown away
        self._text: bytearray | None = None  # an old command answer whose --END COMMAND-- has not come

    @property
    def wanted(self) -> frozenset[str] | None:
        """The event names that are reported, or None for all."""
        if self._wanted is None:
            return None
        return frozenset(_decode(line[len(_EVENT) : -len(_EOL)]) for line in self._wanted)

    @wanted.setter
    def wanted(self, names: AbstractSet[str] | None) -> None:
        self._unwanted.clear()
        if names is None:
            self._wanted = None
        else:
            self._wanted = frozenset(_first_line(name.encode("utf-8", "surrogateescape")) for name in names)

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes of the stream and return the frames that they complete, in order. Never raises."""
        frames: list[Frame] = []
        if not self._greeted:
            data = self._greet(data, frames)
        chunks = self._split(data)
        if self._text is None:
            self._sort(chunks, frames)
        else:
            for chunk in chunks:
                self._take(chunk, frames)
        return frames

    def _greet(self, data: bytes, frames: list[Frame]) -> bytes:
        """Take the banner, one line without an empty one behind it; return what follows it."""
        self._tail += data
        end = self._tail.find(_EOL, 0, _MAX_BANNER + len(_EOL))
        if end < 0 and len(self._tail) < _MAX_BANNER + len(_EOL):
            return b""
        line, rest = (
            (self._tail[:end], self._tail[end + 2 :])
            if end >= 0
            else (self._tail[:_MAX_BANNER], self._tail[_MAX_BANNER:])
        )
        self._greeted = True
        self._tail = bytearray()
        frames.append(Frame(Kind.BANNER, _decode(line), bytes(line), end < 0))
        return bytes(rest)

    def _split(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes. Each byte is looked at once, so that tiny pieces cost no more."""
        if not self._greeted:
            return []
        if self._tail:
            seam = self._seam or bytes(self._tail[-3:])
            across = (seam + data[:3]).find(_END)
            if across >= 0:  # the empty line itself was cut in two
                first = bytes(self._tail if self._seam else self._tail[: len(self._tail) - len(seam) + across])
                self._tail.clear()
                self._seam = b""
                return [first, *self._split(data[across - len(seam) + len(_END) :])]
        chunks = data.split(_END)
        rest = chunks.pop()
        if chunks:
            if self._tail:
                chunks[0] = bytes(self._tail) if self._seam else bytes(self._tail) + chunks[0]
            self._tail.clear()
            self._seam = b""
        if self._seam:
            self._seam = (self._seam + rest)[-3:]
        else:
            self._tail += rest if self._tail else rest.lstrip(_EOL)
            self._bound()
        return chunks

    def _bound(self) -> None:
        """Keep one byte more than allowed, which marks the frame as too long, and throw away what follows."""
        if len(self._tail) > self._max_frame + len(_END):
            self._seam = bytes(self._tail[-3:])
            del self._tail[self._max_frame + 1 :]

    def _sort(self, chunks: list[bytes], frames: list[Frame]) -> None:
        """The fast path: events that are known to be unwanted go by their first line, without a further look."""
        unwanted = self._unwanted
        if self.keep_answers:
            left = [c for c in chunks if c[: c.find(b"\r") + 1] not in unwanted or _ACTION_ID in c]
        else:
            left = [c for c in chunks if c[: c.find(b"\r") + 1] not in unwanted]
        self.skipped += len(chunks) - len(left)
        wanted = self._wanted
        longest = min(self._max_frame, self._max_headers)
        for place, chunk in enumerate(left):
            line = chunk[: chunk.find(_EOL) + 2]
            if len(chunk) <= longest and line[:7] == _EVENT and (wanted is None or line in wanted):
                frames.append(Frame(Kind.EVENT, line[7:-2].decode("utf-8", "surrogateescape"), chunk))
            elif len(chunk) <= longest and line in _ANSWERS:
                frames.append(Frame(Kind.RESPONSE, _ANSWERS[line], chunk))
            else:
                self._take(chunk, frames)
                if self._text is not None:  # what follows is text, the unwanted look-alikes, too
                    after = next(number for number, each in enumerate(chunks, 1) if each is chunk)
                    self.skipped -= len(chunks) - after - (len(left) - place - 1)
                    for rest in chunks[after:]:
                        self._take(rest, frames)
                    return

    def _take(self, chunk: bytes, frames: list[Frame]) -> None:
        """The thorough path: stray line ends, unusual spellings, over-long frames, old command answers."""
        chunk = chunk.lstrip(_EOL)[: self._max_frame + 1]
        if not chunk:
            return
        if self._text is not None:
            self._continue_text(chunk, frames)
            return
        key, _, value = chunk.partition(_EOL)[0].partition(b":")
        kind = _KINDS.get(key.strip().lower(), Kind.NOISE)
        name = value.removeprefix(b" ")
        whole = len(chunk) <= self._max_frame
        if kind is Kind.RESPONSE and name.strip().lower() == b"follows" and whole and not _ended(chunk):
            self._text = bytearray(chunk)
        elif kind is Kind.EVENT and self._wanted is not None and _first_line(name) not in self._wanted:
            if len(self._unwanted) < _MAX_NAMES:
                self._unwanted.add(_EVENT + name + b"\r")
            if self.keep_answers and _ACTION_ID in chunk:
                frames.append(self._frame(kind, name, chunk))
            else:
                self.skipped += 1
        else:
            frames.append(self._frame(kind, name, chunk))

    def _continue_text(self, chunk: bytes, frames: list[Frame]) -> None:
        """Another piece of an old command answer; it is over at its end mark, or at the bound of a frame."""
        assert self._text is not None
        self._text += _END + chunk
        if _ended(chunk) or len(self._text) > self._max_frame:
            frames.append(self._frame(Kind.RESPONSE, b"Follows", bytes(self._text)))
            self._text = None

    def _frame(self, kind: Kind, name: bytes, chunk: bytes) -> Frame:
        """A frame within the bounds: what is longer ends with its last whole line."""
        truncated = False
        if len(chunk) > self._max_frame:
            chunk = chunk[: self._max_frame].rpartition(_EOL)[0] or chunk[: self._max_frame]
            truncated = True
        if chunk.count(_EOL) >= self._max_headers:
            chunk = _EOL.join(chunk.split(_EOL, self._max_headers)[: self._max_headers])
            truncated = True
        return Frame(kind, _decode(name), chunk, truncated)


def _first_line(name: bytes) -> bytes:
    return _EVENT + name + _EOL


def _ended(chunk: bytes) -> bool:
    return chunk.rstrip().endswith(_END_COMMAND)


def _decode(raw: bytes | bytearray) -> str:
    return raw.decode("utf-8", "surrogateescape")
