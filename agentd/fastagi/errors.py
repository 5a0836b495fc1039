"""What can go wrong in a FastAGI session, one class per fact.

Errors of a command carry its name (such as ``GET DATA``) and never its arguments: those may be somebody's PIN.
"""

from __future__ import annotations

from agentd.fastagi.wire import Answer

__all__ = [
    "BadUsage",
    "ChannelHungUp",
    "CommandError",
    "CommandFailed",
    "CommandTimeout",
    "DeadChannel",
    "FastAGIError",
    "OutOfStep",
    "SessionClosed",
    "SessionExpired",
    "TooManyCommands",
    "UnknownCommand",
]


class FastAGIError(Exception):
    """Root of everything that a FastAGI session raises, except :class:`~agentd.fastagi.wire.UnsafeCommand`."""


class CommandError(FastAGIError):
    """A command did not end well. ``command`` is its name."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(f"{command}: {reason}")
        self.command = command
        self.reason = reason


class CommandFailed(CommandError):
    """Asterisk answered that it did not do it; ``answer`` is what it said."""

    def __init__(self, command: str, answer: Answer) -> None:
        super().__init__(
            command, f"answered {answer.code} {answer.text.splitlines()[0] if answer.text else ''}".rstrip()
        )
        self.answer = answer


class UnknownCommand(CommandFailed):
    """510: this Asterisk has no such command (perhaps a module is not loaded)."""


class BadUsage(CommandFailed):
    """520: the arguments do not suit the command; the answer's text is Asterisk's own explanation."""


class CommandTimeout(CommandError):
    """No answer within ``seconds``. The command may still be carried out; its late answer will be dropped."""

    def __init__(self, command: str, seconds: float) -> None:
        super().__init__(command, f"no answer in {seconds:g} s")
        self.seconds = seconds


class TooManyCommands(CommandError):
    """The session's line of waiting commands is full; this one was not taken."""


class ChannelHungUp(CommandError):
    """The caller hung up, or the channel was redirected away. The command may have been carried out or not."""


class DeadChannel(ChannelHungUp):
    """511: the command needs a living channel, and this one has hung up. It was not carried out."""


class SessionClosed(CommandError):
    """The connection is gone (``reason`` says how), so the command has no answer. It may have been carried out."""


class SessionExpired(SessionClosed):
    """The session was closed because its idle or its total deadline passed."""


class OutOfStep(SessionClosed):
    """The session was closed because what came from Asterisk could no longer be matched with the commands."""
