"""FastAGI's language, bytes in and frames out: no transport, no clock, no waiting.

Facts are from ``res/res_agi.c`` and from experiments with Asterisk 22.10. Text is UTF-8 with ``surrogateescape``,
so that no caller's name can break a session and every byte survives the way through and back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = [
    "MAX_COMMAND",
    "MAX_FRAME",
    "MAX_WORDS",
    "Answer",
    "Decoder",
    "Environment",
    "Frame",
    "HangUp",
    "Malformed",
    "UnsafeCommand",
    "encode_command",
]

MAX_FRAME = 64 * 1024
"""Bytes that one frame (an environment, an answer with all its lines) may have."""

MAX_COMMAND = 2047
"""Bytes of a command with its newline. Asterisk takes what is longer than its buffer (2048 bytes, 8192 in Asterisk 22)
for a second command: a long value could say what Asterisk does next."""

MAX_WORDS = 64
"""Words of a command. Asterisk keeps 128 and does not count quoted ones."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What Asterisk says about the call before the first command."""

    variables: Mapping[str, str]
    """Every ``agi_`` line under its own name. A name that comes twice keeps its first value."""

    @property
    def script(self) -> str:
        """The part of the ``agi://host/script`` address that names the route; empty if there is none."""
        return self.variables.get("agi_network_script", "")

    @property
    def channel(self) -> str:
        """The channel's name, such as ``PJSIP/502-00000001``."""
        return self.variables.get("agi_channel", "")

    @property
    def uniqueid(self) -> str:
        """The channel's Uniqueid."""
        return self.variables.get("agi_uniqueid", "")

    @property
    def context(self) -> str:
        """The dialplan context in which ``AGI()`` was called."""
        return self.variables.get("agi_context", "")

    @property
    def extension(self) -> str:
        """The extension in which ``AGI()`` was called."""
        return self.variables.get("agi_extension", "")

    @property
    def caller_number(self) -> str | None:
        """The caller's number, None if Asterisk does not know it."""
        return self._known("agi_callerid")

    @property
    def caller_name(self) -> str | None:
        """The caller's name, None if Asterisk does not know it."""
        return self._known("agi_calleridname")

    @property
    def dialled_number(self) -> str | None:
        """The number that the caller dialled, None if Asterisk does not know it."""
        return self._known("agi_dnid")

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of ``AGI(address,one,two)``, empty ones included."""
        found: list[str] = []
        while (value := self.variables.get(f"agi_arg_{len(found) + 1}")) is not None:
            found.append(value)
        return tuple(found)

    def _known(self, name: str) -> str | None:
        value = self.variables.get(name)
        return None if value in (None, "", "unknown") else value


@dataclass(frozen=True, slots=True)
class Answer:
    """What Asterisk says to one command."""

    code: int
    """100 (wait for the real answer), 200, 510, 511 or 520."""
    text: str
    """All that follows the code; the lines of a long answer are joined by newlines."""
    result: str | None = None
    """What follows ``result=``. It may be empty (no digit was pressed)."""
    value: str | None = None
    """What stands in parentheses: a variable's value, or a word such as ``timeout``."""
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What follows as ``name=value``, such as ``endpos``."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller hung up or was redirected. Comes out of band, before, after or between answers, perhaps twice."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """The stream can't be read further. Nothing follows."""

    reason: str


Frame = Environment | Answer | HangUp | Malformed

_ANSWER = re.compile(r"(\d{3}) (.*)", re.DOTALL)
_BLOCK = re.compile(r"(\d{3})-(.*)", re.DOTALL)
_RESULT = re.compile(r"result=(\S*)(?: \((.*)\))?(.*)", re.DOTALL)
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|(\S*))')


class Decoder:
    """Takes bytes as they come and gives whole frames; how the bytes were split makes no difference.

    A line that is neither an answer nor part of one is skipped and counted in ``ignored``.
    """

    def __init__(self, max_frame: int = MAX_FRAME) -> None:
        self.ignored = 0
        self._max_frame = max_frame
        self._rest = bytearray()
        self._searched = 0
        self._lines: list[str] = []
        self._size = 0
        self._closing: str | None = None
        self._variables: dict[str, str] | None = {}
        self._broken = False

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that these bytes complete, in order. After :class:`Malformed` there are no more."""
        if self._broken:
            return []
        self._rest += data
        frames: list[Frame] = []
        for line in self._whole_lines():
            frame = self._take(line)
            if frame is not None:
                frames.append(frame)
                self._size = 0
        if self._size + len(self._rest) > self._max_frame:
            self._broken = True
            self._rest.clear()
            frames.append(Malformed(f"a frame of more than {self._max_frame} bytes"))
        return frames

    def _whole_lines(self) -> Iterator[str]:
        """Cut whole lines off the buffer until it has none, or the frame that they make is too large."""
        start = 0
        while (end := self._rest.find(b"\n", max(start, self._searched))) >= 0:
            self._size += end + 1 - start
            if self._size > self._max_frame:
                break
            line = self._rest[start:end]
            start = end + 1
            yield line.decode("utf-8", "surrogateescape").removesuffix("\r")
        del self._rest[:start]
        self._searched = len(self._rest)

    def _take(self, line: str) -> Frame | None:
        if self._variables is not None:
            return self._environment_line(self._variables, line)
        if self._closing is not None:
            return self._further_line(self._closing, line)
        if line == "HANGUP":
            return HangUp()
        if block := _BLOCK.fullmatch(line):
            self._begin(block[2], closing=f"{block[1]} ")
        elif not (answer := _ANSWER.fullmatch(line)):
            self.ignored += 1
            self._size = 0
        elif _opens_value(answer[2]):
            # A variable's value may contain newlines; Asterisk sends them as they are.
            self._begin(line, closing=")")
        else:
            return _answer(int(answer[1]), answer[2])
        return None

    def _environment_line(self, variables: dict[str, str], line: str) -> Environment | None:
        if line:
            name, colon, value = line.partition(":")
            if colon:
                variables.setdefault(name, value.removeprefix(" "))
            else:
                self.ignored += 1
            return None
        self._variables = None
        return Environment(MappingProxyType(variables))

    def _begin(self, line: str, *, closing: str) -> None:
        self._lines = [line]
        self._closing = closing

    def _further_line(self, closing: str, line: str) -> Answer | None:
        self._lines.append(line)
        if closing == ")":
            if not line.endswith(closing):
                return None
            code, _, text = "\n".join(self._lines).partition(" ")
        else:
            if not line.startswith(closing):
                return None
            # The last line says only that the explanation ends.
            code, text = closing, "\n".join(self._lines[:-1])
        self._lines = []
        self._closing = None
        return _answer(int(code), text)


def _opens_value(text: str) -> bool:
    result = re.match(r"result=\S* \(", text)
    return result is not None and ")" not in text


def _answer(code: int, text: str) -> Answer:
    parts = _RESULT.fullmatch(text)
    if parts is None:
        return Answer(code, text)
    fields = {name: quoted or bare for name, quoted, bare in _FIELD.findall(parts[3])}
    return Answer(code, text, result=parts[1], value=parts[2], fields=MappingProxyType(fields))


class UnsafeCommand(ValueError):
    """The command can't be sent so that Asterisk reads exactly this. Nothing was sent."""


_NAME = re.compile(r"[A-Z]+(?: [A-Z]+)*")
_FORBIDDEN = re.compile(r"[\r\n\0]")


def encode_command(name: str, *arguments: str | int) -> bytes:
    """The line that makes Asterisk carry out ``name`` with exactly these arguments: one call, one command.

    Every argument is quoted, quotes and backslashes in it are escaped. Raises :class:`UnsafeCommand` for a name that
    is not upper-case words, for CR, LF or NUL anywhere, and for more words or bytes than Asterisk keeps together.
    """
    if not _NAME.fullmatch(name):
        raise UnsafeCommand("a command's name is upper-case words")
    if len(arguments) + len(name.split()) > MAX_WORDS:
        raise UnsafeCommand(f"{name}: more than {MAX_WORDS} words")
    line = " ".join([name, *(_quote(name, str(argument)) for argument in arguments)])
    try:
        encoded = line.encode("utf-8", "surrogateescape") + b"\n"
    except UnicodeEncodeError:
        raise UnsafeCommand(f"{name}: an argument is not text") from None
    if len(encoded) > MAX_COMMAND:
        raise UnsafeCommand(f"{name}: {len(encoded)} bytes, Asterisk reads {MAX_COMMAND} as one command")
    return encoded


def _quote(name: str, argument: str) -> str:
    if _FORBIDDEN.search(argument):
        raise UnsafeCommand(f"{name}: an argument has a line break or a NUL in it")
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
