"""What Asterisk can be asked to do, as typed values. A field that is None is not sent.

Values that may be anything (variables, headers of one's own) are not shown by ``repr``, so that errors and logs do not
give them away.

Only :mod:`agentd.ami.encoder` turns them into bytes. The names and the meaning of the fields are Asterisk's
(``manager show command NAME``); all were tried on Asterisk 22.10.1. ``MixMonitor`` has no ``command`` on purpose: it
would run a shell command on the PBX.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar

from agentd.ami.encoder import variable_lines
from agentd.ami.naming import header_name

__all__ = [
    "Action",
    "BridgeInfo",
    "BridgeList",
    "Challenge",
    "Command",
    "ConfbridgeKick",
    "ConfbridgeList",
    "ConfbridgeListRooms",
    "ConfbridgeMute",
    "ConfbridgeUnmute",
    "CoreSettings",
    "CoreShowChannels",
    "CoreStatus",
    "Custom",
    "Events",
    "Filter",
    "Getvar",
    "Hangup",
    "Login",
    "Logoff",
    "MixMonitor",
    "MixMonitorMute",
    "Originate",
    "PJSIPShowContacts",
    "PJSIPShowEndpoint",
    "PJSIPShowEndpoints",
    "Ping",
    "PlayDTMF",
    "QueuePause",
    "Redirect",
    "Setvar",
    "Status",
    "StopMixMonitor",
    "UserEvent",
]

Value = str | int | bool | None


class Action:
    """Base of all actions. Subclasses are frozen dataclasses whose fields are headers."""

    __slots__ = ()
    NAME: ClassVar[str] = ""

    @property
    def action_name(self) -> str:
        """Asterisk's name of the action."""
        return self.NAME or type(self).__name__

    def headers(self) -> Iterator[tuple[str, str]]:
        """The headers behind ``Action`` and ``ActionID``. Raises UnsafeHeader for variables that would be split."""
        for each in fields(self):  # type: ignore[arg-type]
            value = getattr(self, each.name)
            if isinstance(value, Mapping):
                for line in variable_lines(value):
                    yield "Variable", line
            elif value is not None:
                yield header_name(each.name), _text(value)


def _text(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@dataclass(frozen=True, slots=True)
class Custom(Action):
    """Any other action: its name, and headers whose values may be lists (one line each)."""

    name: str
    values: Mapping[str, Value | Sequence[str]] = field(default_factory=dict, repr=False)

    @property
    def action_name(self) -> str:
        """The given name."""
        return self.name

    def headers(self) -> Iterator[tuple[str, str]]:
        """The given headers in their order."""
        for name, value in self.values.items():
            if isinstance(value, str | int):
                yield name, _text(value)
            elif value is not None:
                yield from ((name, item) for item in value)


# --- the session ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Challenge(Action):
    """Ask for a challenge, so that the secret itself need not be sent."""

    auth_type: str = "MD5"


@dataclass(frozen=True, slots=True)
class Login(Action):
    """Authenticate with a secret, or with the MD5 ``key`` of challenge and secret. Neither is ever shown."""

    username: str
    secret: str | None = field(default=None, repr=False)
    auth_type: str | None = None
    key: str | None = field(default=None, repr=False)
    events: str = "on"


@dataclass(frozen=True, slots=True)
class Logoff(Action):
    """End the session; Asterisk closes the connection."""


@dataclass(frozen=True, slots=True)
class Ping(Action):
    """Ask for a sign of life."""


@dataclass(frozen=True, slots=True)
class Events(Action):
    """Choose the classes of events: ``on``, ``off`` or a list such as ``call,system``."""

    event_mask: str


@dataclass(frozen=True, slots=True)
class Filter(Action):
    """Add an event filter to this session (needs write privilege ``system``)."""

    filter: str
    match_criteria: str | None = None
    operation: str = "Add"


@dataclass(frozen=True, slots=True)
class Command(Action):
    """Run a CLI command (needs write privilege ``command``)."""

    command: str


@dataclass(frozen=True, slots=True)
class CoreStatus(Action):
    """When Asterisk started, and how many calls it has."""


@dataclass(frozen=True, slots=True)
class CoreSettings(Action):
    """Asterisk's version and limits."""


# --- channels ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Originate(Action):
    """Make a channel, and send it into the dialplan or an application once it is answered.

    ``timeout`` is in milliseconds. Of a variable's value Asterisk drops the blanks at its end (22.10.1).
    ``async_`` must stay True: a synchronous Originate blocks its whole session until the far end answers (2 s seen).
    """

    channel: str
    context: str | None = None
    exten: str | None = None
    priority: int | None = None
    application: str | None = None
    data: str | None = None
    timeout: int | None = None
    caller_id: str | None = None
    account: str | None = None
    codecs: str | None = None
    channel_id: str | None = None
    other_channel_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    async_: bool = True


@dataclass(frozen=True, slots=True)
class Redirect(Action):
    """Send a channel elsewhere in the dialplan, or two at once."""

    channel: str
    context: str
    exten: str
    priority: int = 1
    extra_channel: str | None = None
    extra_context: str | None = None
    extra_exten: str | None = None
    extra_priority: int | None = None


@dataclass(frozen=True, slots=True)
class Hangup(Action):
    """End a channel; ``cause`` is a Q.850 number."""

    channel: str
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Setvar(Action):
    """Set a channel's variable or function, or a global variable without ``channel``.

    The value is taken literally, but for blanks at its beginning, which Asterisk drops (22.10.1).
    """

    variable: str
    value: str = field(repr=False)
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Getvar(Action):
    """Read a channel's variable or function, or a global variable without ``channel``."""

    variable: str
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class PlayDTMF(Action):
    """Send one digit to a channel. Blocks its session for ``duration`` milliseconds: use a connection of its own."""

    channel: str
    digit: str = field(repr=False)
    duration: int | None = None
    receive: bool | None = None


@dataclass(frozen=True, slots=True)
class Status(Action):
    """List channels, or one of them, with their state."""

    channel: str | None = None
    all_variables: bool | None = None


@dataclass(frozen=True, slots=True)
class CoreShowChannels(Action):
    """List all channels with where they are in the dialplan."""


@dataclass(frozen=True, slots=True)
class BridgeList(Action):
    """List the bridges, or those of one type."""

    bridge_type: str | None = None


@dataclass(frozen=True, slots=True)
class BridgeInfo(Action):
    """List the channels in one bridge."""

    bridge_uniqueid: str


@dataclass(frozen=True, slots=True)
class UserEvent(Action):
    """Send an event of one's own to all manager sessions."""

    user_event: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def headers(self) -> Iterator[tuple[str, str]]:
        """The event's name and the given headers."""
        yield "UserEvent", self.user_event
        yield from self.values.items()


# --- recordings ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MixMonitor(Action):
    """Record a channel into ``file``. With ``options="i(NAME)"`` the answer and the variable NAME hold the id."""

    channel: str
    file: str
    options: str | None = None


@dataclass(frozen=True, slots=True)
class StopMixMonitor(Action):
    """End one recording of a channel."""

    channel: str
    mix_monitor_id: str | None = None


@dataclass(frozen=True, slots=True)
class MixMonitorMute(Action):
    """Make a recording silent (``state=1``) or not (``state=0``); direction: read, write or both."""

    channel: str
    direction: str = "both"
    state: int = 1
    mix_monitor_id: str | None = None


# --- conferences ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConfbridgeList(Action):
    """List the members of one conference."""

    conference: str


@dataclass(frozen=True, slots=True)
class ConfbridgeListRooms(Action):
    """List the conferences."""


@dataclass(frozen=True, slots=True)
class ConfbridgeMute(Action):
    """Mute a member. ``channel`` is the channel's name: its Uniqueid is not found here (22.10.1)."""

    conference: str
    channel: str


@dataclass(frozen=True, slots=True)
class ConfbridgeUnmute(Action):
    """Let a muted member be heard again. ``channel`` is the channel's name."""

    conference: str
    channel: str


@dataclass(frozen=True, slots=True)
class ConfbridgeKick(Action):
    """Put a member out of a conference. ``channel`` is the channel's name."""

    conference: str
    channel: str


# --- endpoints and queues ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PJSIPShowEndpoints(Action):
    """List the PJSIP endpoints with their device state and contacts."""


@dataclass(frozen=True, slots=True)
class PJSIPShowEndpoint(Action):
    """List everything about one PJSIP endpoint."""

    endpoint: str


@dataclass(frozen=True, slots=True)
class PJSIPShowContacts(Action):
    """List the PJSIP contacts with their status."""


@dataclass(frozen=True, slots=True)
class QueuePause(Action):
    """Pause or resume a member of Asterisk's own queues."""

    interface: str
    paused: bool
    queue: str | None = None
    reason: str | None = None
