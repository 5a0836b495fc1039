"""Everything that can be said to the World: by faces, by the switch, by timers, by management."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentd.core.model import Answer, DialRequest, Place, Role
from agentd.core.records import ApiCalled, Record

__all__ = [
    "CallPhone",
    "ChannelSeen",
    "Command",
    "Dial",
    "Dispose",
    "GrantIds",
    "HangUp",
    "KeepAnswer",
    "LegAnswered",
    "LegGone",
    "LegJoined",
    "LegLeft",
    "LegPlaced",
    "LegRead",
    "LegRefused",
    "LegRinging",
    "LinkDown",
    "LinkUp",
    "LogApiCall",
    "LogIn",
    "LogOut",
    "MoveRefused",
    "Pause",
    "ReferenceChanged",
    "Resume",
    "SetPauseCode",
    "Tick",
]


@dataclass(frozen=True, slots=True)
class Command:
    """The base of all commands."""


# --- from the faces ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogIn(Command):
    """Log an agent in: ring his phone and give him a conference. Done when the phone has answered."""

    agent: str
    phone: str
    campaign: str = ""
    source: str = "api"


@dataclass(frozen=True, slots=True)
class LogOut(Command):
    """Log an agent out, now or after the call. ``at_once`` does not wait for a disposition in wrap-up."""

    agent: str
    at_once: bool = False
    source: str = "api"


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Take no more calls, now or after the call. Without a code a paused agent keeps the one he has."""

    agent: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Resume(Command):
    """Be ready for calls. ``strict``: a ready agent is told so by the error AlreadyReady."""

    agent: str
    strict: bool = False


@dataclass(frozen=True, slots=True)
class SetPauseCode(Command):
    """Give the pause a code: this one, or in wrap-up the coming one."""

    agent: str
    code: str


@dataclass(frozen=True, slots=True)
class Dial(Command):
    """Dial a number by hand, now or after the call. Done when Asterisk shows the channel, or it is remembered."""

    agent: str
    request: DialRequest


@dataclass(frozen=True, slots=True)
class HangUp(Command):
    """End the customer's leg of the current call, or of the named one. Done when it is gone."""

    agent: str
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class Dispose(Command):
    """Give the current (or named) call its status: at once in wrap-up, else when it ends."""

    agent: str
    status: str
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class CallPhone(Command):
    """Bring the agent's phone back into his conference. Done when the phone is there or the dial is accepted."""

    agent: str


@dataclass(frozen=True, slots=True)
class LogApiCall(Command):
    """Keep one line of the API log."""

    record: ApiCalled


@dataclass(frozen=True, slots=True)
class KeepAnswer(Command):
    """Remember what was said to an Idempotency-Key."""

    key: str
    answer: Answer


# --- from the switch -----------------------------------------------------------------------------------------


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


# --- from timers and management ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick(Command):
    """Time has passed: whatever is due is done."""


@dataclass(frozen=True, slots=True)
class ReferenceChanged(Command):
    """Reference data is now this (records UserSet, PhoneSet, CampaignSet, StatusSet, TokenSet)."""

    changes: tuple[Record, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class GrantIds(Command):
    """A block of ids, reserved in the database."""

    kind: str
    first: int
    last: int
