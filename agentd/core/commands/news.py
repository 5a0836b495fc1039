"""What the switch says to the World: news of channels and of the link. :mod:`agentd.core.commands` has them all."""

from __future__ import annotations

from dataclasses import dataclass

from agentd.core.model import Place, Role

__all__ = [
    "ChannelSeen",
    "Command",
    "LegAnswered",
    "LegAt",
    "LegGone",
    "LegJoined",
    "LegLeft",
    "LegPlaced",
    "LegRead",
    "LegRefused",
    "LegRinging",
    "LinkDown",
    "LinkUp",
    "MoveRefused",
    "RecordingBegun",
    "RecordingOver",
    "RecordingRefused",
    "RecordingSilenced",
]


@dataclass(frozen=True, slots=True)
class Command:
    """The base of all commands."""


@dataclass(frozen=True, slots=True)
class LegPlaced(Command):
    """Asterisk shows the leg's channel."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegRinging(Command):
    """The leg's far end rings."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegAnswered(Command):
    """The leg's channel is up."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegJoined(Command):
    """The leg is in a conference."""

    leg: str
    room: str


@dataclass(frozen=True, slots=True)
class LegLeft(Command):
    """The leg left a conference (and may go somewhere else, or be gone)."""

    leg: str
    room: str


@dataclass(frozen=True, slots=True)
class LegAt(Command):
    """The leg hears music (WAIT), a prompt (IVR), an agent's phone (LISTEN), or talks outside (OUTSIDE)."""

    leg: str
    place: Place


@dataclass(frozen=True, slots=True)
class RecordingBegun(Command):
    """Asterisk records."""

    recording_id: int


@dataclass(frozen=True, slots=True)
class RecordingSilenced(Command):
    """A recording goes on in silence, or with sound again."""

    recording_id: int
    muted: bool


@dataclass(frozen=True, slots=True)
class RecordingOver(Command):
    """A recording has ended as it was asked to."""

    recording_id: int


@dataclass(frozen=True, slots=True)
class RecordingRefused(Command):
    """Asterisk refused to start, mute or end a recording."""

    recording_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class LegRefused(Command):
    """No channel came of a Ring. ``reachable``: False when the far end is not registered or cannot be reached."""

    leg: str
    reason: str
    reachable: bool = True
    cause: int = 0


@dataclass(frozen=True, slots=True)
class LegGone(Command):
    """The leg's channel has ended. ``far_end``: its own side hung up, not we."""

    leg: str
    cause: int
    far_end: bool = False


@dataclass(frozen=True, slots=True)
class MoveRefused(Command):
    """Asterisk refused a hangup or a move for a reason other than the channel being gone."""

    leg: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkDown(Command):
    """The link to Asterisk is lost."""

    reason: str


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """A channel with our variables, as Asterisk lists it."""

    leg: str
    role: Role | None
    session_id: int
    call_key: str
    place: Place


@dataclass(frozen=True, slots=True)
class LinkUp(Command):
    """The link is live again, and these are all the channels that carry our variables or are our legs."""

    channels: tuple[ChannelSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class LegRead(Command):
    """The answer to ReadLeg: where the leg's channel is, None when there is none."""

    leg: str
    place: Place | None
