"""What a handler can ask of Asterisk: one thin method for each AGI command, with starpy's spelling in its docstring.

Times are seconds, positions in a file are samples. A method's Deferred fails with
:class:`~agentd.fastagi.errors.CommandFailed` when Asterisk could not do it, with ``ChannelHungUp`` when the caller has
gone, and with the other errors of that module; its value is what Asterisk answered, in Python's types.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from twisted.internet.defer import Deferred

from agentd.fastagi.errors import ChannelHungUp, CommandError, CommandFailed
from agentd.fastagi.protocol import Limits
from agentd.fastagi.wire import Answer, Environment

__all__ = ["AGI", "Digits", "Played", "Recorded", "Session"]

T = TypeVar("T")


class Session(Protocol):
    """What the commands need of a connection (:class:`~agentd.fastagi.protocol.FastAGIProtocol` is one)."""

    environment: Environment
    limits: Limits
    hung_up: bool

    def send(self, name: str, *arguments: str | int, timeout: float | None = None) -> Deferred[Answer]:
        """Send one command and give its answer."""

    def when_hung_up(self) -> Deferred[None]:
        """Fires when the channel has hung up."""

    def close(self, why: str = "finished") -> None:
        """End the session."""


@dataclass(frozen=True, slots=True)
class Played:
    """How playing a file ended."""

    digit: str | None
    """The key that ended it; None if it was played to its end."""
    position: int
    """Where it ended."""


@dataclass(frozen=True, slots=True)
class Digits:
    """The keys that the caller pressed."""

    digits: str
    timed_out: bool
    """The caller stopped pressing before ``max_digits`` or ``#``."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """How recording a file ended."""

    reason: str
    """``dtmf``, ``timeout`` (also for silence) or what else Asterisk said."""
    digit: str | None
    position: int


class AGI:
    """A session as a handler sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def environment(self) -> Environment:
        """What Asterisk said about the call. starpy: ``variables``."""
        return self._session.environment

    @property
    def hung_up(self) -> bool:
        """True when the channel is known to have hung up, or to have been redirected. Variables can still be read."""
        return self._session.hung_up

    def when_hung_up(self) -> Deferred[None]:
        """A Deferred of the caller's own that fires when the channel hangs up, is redirected, or the session ends."""
        return self._session.when_hung_up()

    def finish(self) -> None:
        """Close the connection now: the dialplan goes on. starpy: ``finish``."""
        self._session.close()

    def send(self, name: str, *arguments: str | int, timeout: float | None = None) -> Deferred[Answer]:
        """Send any command; its 200 answer as it came, whatever its result. starpy: ``sendCommand``."""
        return self._session.send(name, *arguments, timeout=timeout)

    # The call

    def answer(self) -> Deferred[None]:
        """Answer the channel, if it is not. starpy: ``answer``."""
        return self._ask(_nothing, "ANSWER")

    def hangup(self, channel: str | None = None) -> Deferred[None]:
        """Hang up this channel, or the one with this name. starpy: ``hangup``."""
        return self._ask(_nothing, "HANGUP", *([] if channel is None else [channel]))

    def channel_status(self, channel: str | None = None) -> Deferred[int]:
        """The channel's state (6 is up); fails if no channel has this name. starpy: ``channelStatus``."""
        return self._ask(_number, "CHANNEL STATUS", *([] if channel is None else [channel]))

    def set_auto_hangup(self, seconds: float) -> Deferred[None]:
        """Hang up after this time; 0 takes that back. starpy: ``setAutoHangup``."""
        return self._ask(_nothing, "SET AUTOHANGUP", f"{seconds:.3f}")

    def set_caller_id(self, caller: str) -> Deferred[None]:
        """Set the caller's ``"name" <number>``. starpy: ``setCallerID``."""
        return self._ask(_nothing, "SET CALLERID", caller)

    def set_music(self, on: bool, music_class: str = "default") -> Deferred[None]:
        """Start or stop music on hold; Asterisk does not say whether the class exists. starpy: ``setMusic``."""
        return self._ask(_nothing, "SET MUSIC", "on" if on else "off", music_class)

    # Where the dialplan goes on

    def set_context(self, context: str) -> Deferred[None]:
        """The context in which the dialplan goes on. Asterisk does not check it: a call sent to none is hung up.

        starpy: ``setContext``.
        """
        return self._ask(_nothing, "SET CONTEXT", context)

    def set_extension(self, extension: str) -> Deferred[None]:
        """The extension at which the dialplan goes on, unchecked like the context. starpy: ``setExtension``."""
        return self._ask(_nothing, "SET EXTENSION", extension)

    def set_priority(self, priority: int | str) -> Deferred[None]:
        """The priority, or the label of one, at which the dialplan goes on. starpy: ``setPriority``."""
        return self._ask(_nothing, "SET PRIORITY", priority)

    def go_to(self, context: str, extension: str, priority: int | str = 1) -> Deferred[None]:
        """Let the dialplan go on there when the session ends; unchecked. starpy: ``setContext`` and so on."""
        return Deferred.fromCoroutine(self._go_to(context, extension, priority))

    async def _go_to(self, context: str, extension: str, priority: int | str) -> None:
        await self.set_context(context)
        await self.set_extension(extension)
        await self.set_priority(priority)

    def execute(self, application: str, arguments: str = "", *, timeout: float | None = None) -> Deferred[str]:
        """Run a dialplan application; its result, usually ``0``. Fails if there is no such application or it failed.

        ``timeout`` defaults to ``limits.media``. starpy: ``execute``.
        """
        return self._ask(_text, "EXEC", application, arguments, timeout=timeout or self._media(), failures=("-1", "-2"))

    # Variables and the database

    def get_variable(self, name: str) -> Deferred[str | None]:
        """A channel variable, or a function such as ``CHANNEL(state)``; None if not set. starpy: ``getVariable``."""
        return self._ask(_value, "GET VARIABLE", name)

    def get_full_variable(self, expression: str, channel: str | None = None) -> Deferred[str | None]:
        """An expression such as ``${X}-${Y}``, of another channel if one is named; None if that is gone."""
        return self._ask(_value, "GET FULL VARIABLE", expression, *([] if channel is None else [channel]))

    def set_variable(self, name: str, value: str | int) -> Deferred[None]:
        """Set a channel variable. starpy: ``setVariable``."""
        return self._ask(_nothing, "SET VARIABLE", name, value)

    def database_get(self, family: str, key: str) -> Deferred[str | None]:
        """A value of Asterisk's own database; None if it has none. starpy: ``databaseGet``."""
        return self._ask(_value, "DATABASE GET", family, key)

    def database_put(self, family: str, key: str, value: str | int) -> Deferred[None]:
        """Write a value into Asterisk's own database. starpy: ``databasePut``."""
        return self._ask(_nothing, "DATABASE PUT", family, key, value, failures=("0",))

    def database_delete(self, family: str, key: str) -> Deferred[None]:
        """Delete a key; fails if Asterisk says that it did not. starpy: ``databaseDel``."""
        return self._ask(_nothing, "DATABASE DEL", family, key, failures=("0",))

    def database_delete_tree(self, family: str, key_tree: str | None = None) -> Deferred[None]:
        """Delete a family, or the keys below ``key_tree`` in it. starpy: ``databaseDeltree``.

        Whether there was anything to delete is not known: Asterisk 22.10 answers 0 when it has deleted something.
        """
        return self._ask(_nothing, "DATABASE DELTREE", family, *([] if key_tree is None else [key_tree]))

    # What the caller hears and presses

    def stream_file(
        self, file: str, escape_digits: str = "", start: int = 0, *, timeout: float | None = None
    ) -> Deferred[Played]:
        """Play a sound file (no extension in its name) until its end or one of the keys. starpy: ``streamFile``."""
        return self._ask(_played, "STREAM FILE", file, escape_digits, start, timeout=timeout or self._media())

    def get_option(self, file: str, escape_digits: str, wait: float = 5.0) -> Deferred[Played]:
        """Like :meth:`stream_file`, and wait so long for a key after its end. starpy: ``getOption``."""
        return self._ask(_played, "GET OPTION", file, escape_digits, _ms(wait), timeout=self._media() + wait)

    def get_data(self, file: str, *, wait: float = 5.0, max_digits: int = 64) -> Deferred[Digits]:
        """Play a file and collect keys until ``max_digits``, ``#``, or ``wait`` without one. starpy: ``getData``."""
        deadline = self._media() + wait * (max_digits + 1)
        return self._ask(_digits, "GET DATA", file, _ms(wait), max_digits, timeout=deadline)

    def wait_for_digit(self, wait: float) -> Deferred[str | None]:
        """The next key, None if none was pressed within ``wait``. starpy: ``waitForDigit``."""
        return self._ask(_key, "WAIT FOR DIGIT", _ms(wait), timeout=wait + self._session.limits.command)

    def record_file(
        self,
        file: str,
        audio_format: str,
        escape_digits: str,
        longest: float,
        *,
        beep: bool = False,
        silence: int | None = None,
    ) -> Deferred[Recorded]:
        """Record the caller until a key, ``longest``, or ``silence`` whole seconds. starpy: ``recordFile``."""
        options = [*(["beep"] if beep else []), *([] if silence is None else [f"s={silence}"])]
        return self._ask(
            _recorded,
            "RECORD FILE",
            file,
            audio_format,
            escape_digits,
            _ms(longest),
            0,
            *options,
            timeout=longest + self._session.limits.command,
        )

    def say_digits(self, digits: str | int, escape_digits: str = "") -> Deferred[str | None]:
        """Say digit by digit; the key that ended it. Asterisk wants a number first in it. starpy: ``sayDigits``."""
        return self._say("DIGITS", digits, escape_digits)

    def say_number(self, number: int, escape_digits: str = "") -> Deferred[str | None]:
        """Say a number; the key that ended it, if any. starpy: ``sayNumber``."""
        return self._say("NUMBER", number, escape_digits)

    def say_alpha(self, text: str, escape_digits: str = "") -> Deferred[str | None]:
        """Spell a text; the key that ended it, if any. starpy: ``sayAlpha``."""
        return self._say("ALPHA", text, escape_digits)

    def say_phonetic(self, text: str, escape_digits: str = "") -> Deferred[str | None]:
        """Spell a text as alpha, bravo, charlie; the key that ended it, if any. starpy: ``sayPhonetic``."""
        return self._say("PHONETIC", text, escape_digits)

    def say_date(self, when: int, escape_digits: str = "") -> Deferred[str | None]:
        """Say the date of an instant (seconds since the epoch). starpy: ``sayDate``."""
        return self._say("DATE", when, escape_digits)

    def say_time(self, when: int, escape_digits: str = "") -> Deferred[str | None]:
        """Say the time of day of an instant (seconds since the epoch). starpy: ``sayTime``."""
        return self._say("TIME", when, escape_digits)

    def say_date_time(
        self, when: int, escape_digits: str = "", style: str | None = None, zone: str | None = None
    ) -> Deferred[str | None]:
        """Say an instant in Asterisk's ``style`` letters and a time zone. starpy: ``sayDateTime``."""
        extra = [] if style is None else [style] if zone is None else [style, zone]
        return self._say("DATETIME", when, escape_digits, *extra)

    # The log

    def verbose(self, message: str, level: int = 1) -> Deferred[None]:
        """Write a line to Asterisk's console and log. starpy: ``verbose``."""
        return self._ask(_nothing, "VERBOSE", message, level)

    def noop(self, message: str = "") -> Deferred[None]:
        """Do nothing (Asterisk shows it in its AGI debug); answered in step. starpy: ``noop``."""
        return self._ask(_nothing, "NOOP", message)

    # How a command is asked and its answer read

    def _say(self, kind: str, *arguments: str | int) -> Deferred[str | None]:
        return self._ask(_key, f"SAY {kind}", *arguments, timeout=self._media())

    def _media(self) -> float:
        return self._session.limits.media

    def _ask(
        self,
        read: Callable[[Answer], T],
        name: str,
        *arguments: str | int,
        timeout: float | None = None,
        failures: tuple[str, ...] = ("-1",),
    ) -> Deferred[T]:
        return Deferred.fromCoroutine(self._asked(read, name, arguments, timeout, failures))

    async def _asked(
        self,
        read: Callable[[Answer], T],
        name: str,
        arguments: tuple[str | int, ...],
        timeout: float | None,
        failures: tuple[str, ...],
    ) -> T:
        answer = await self._session.send(name, *arguments, timeout=timeout)
        if answer.result not in failures:
            try:
                return read(answer)
            except ValueError:
                raise CommandFailed(name, answer) from None
        if answer.result == "-1" and await self._has_hung_up():
            raise ChannelHungUp(name, "the channel hung up")
        raise CommandFailed(name, answer)

    async def _has_hung_up(self) -> bool:
        """Why a command answered -1: a missing file and a caller who hung up give the same answer.

        In the second case Asterisk (seen in 22.10) sends HANGUP after the answer and before it reads another command,
        so it is known when a command that does nothing has been answered.
        """
        if not self._session.hung_up:
            with suppress(CommandError):
                await self._session.send("NOOP")
        return self._session.hung_up


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _nothing(_answer: Answer) -> None:
    """The command has nothing to say beyond that it was done."""


def _text(answer: Answer) -> str:
    if answer.result is None:
        raise ValueError(answer.text)
    return answer.result


def _number(answer: Answer) -> int:
    return int(_text(answer))


def _value(answer: Answer) -> str | None:
    return None if answer.result == "0" else answer.value or ""


def _key(answer: Answer) -> str | None:
    code = _number(answer)
    return chr(code) if code else None


def _position(answer: Answer) -> int:
    return int(answer.fields.get("endpos", "0"))


def _played(answer: Answer) -> Played:
    return Played(_key(answer), _position(answer))


def _digits(answer: Answer) -> Digits:
    return Digits(_text(answer), timed_out=answer.value == "timeout")


def _recorded(answer: Answer) -> Recorded:
    return Recorded(answer.value or "", _key(answer), _position(answer))
