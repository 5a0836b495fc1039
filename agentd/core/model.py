"""What the daemon knows: reference data, and the state of sessions, calls and legs.

Times are seconds since the epoch. Everything in :class:`State` can be written to a checkpoint and read back equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agentd.core.setup import (
    Campaign,
    GroupAlias,
    InGroup,
    PauseCode,
    Phone,
    RecordingRule,
    Status,
    Token,
    User,
    UserKind,
)

__all__ = [
    "After",
    "AfterKind",
    "Answer",
    "Call",
    "CallState",
    "Campaign",
    "DialRequest",
    "GroupAlias",
    "IdBlock",
    "InGroup",
    "Lead",
    "Leg",
    "Login",
    "Monitor",
    "MonitorMode",
    "Move",
    "OwnCode",
    "PauseCode",
    "Phone",
    "Place",
    "PlaceKind",
    "Recording",
    "RecordingRule",
    "Role",
    "Session",
    "SessionState",
    "State",
    "Status",
    "Token",
    "User",
    "UserKind",
    "Waiting",
    "Why",
]


@dataclass(slots=True)
class Lead:
    """A person in a list. ``fields`` holds the documents' field names that are set, as text."""

    id: int
    list_id: int
    status: str
    phone_code: str
    phone_number: str
    fields: dict[str, str] = field(default_factory=dict)


# --- sessions ------------------------------------------------------------------------------------------------


class SessionState(StrEnum):
    """What an agent is doing; docs/behaviour.md tells what each means."""

    PAUSED = "PAUSED"
    READY = "READY"
    RINGING = "RINGING"
    DIALLING = "DIALLING"
    INCALL = "INCALL"
    WRAPUP = "WRAPUP"


class OwnCode(StrEnum):
    """The pause codes that every campaign has."""

    PAUSE = "PAUSE"
    LOGIN = "LOGIN"
    MANUAL = "MANUAL"
    MISSION = "MISSN"
    NO_PHONE = "NOPHON"


class AfterKind(StrEnum):
    """What comes after the call."""

    PAUSED = "PAUSED"
    READY = "READY"
    LOGOUT = "LOGOUT"


@dataclass(frozen=True, slots=True)
class After:
    """What a session does when its last call is disposed of. ``code`` is a pause code, or the source of a logout."""

    kind: AfterKind
    code: str = ""


@dataclass(frozen=True, slots=True)
class DialRequest:
    """A manual dial, checked and ready to be carried out now or after the call.

    ``dial_prefix`` of None takes the campaign's. ``lead`` is None for a number that gets a new lead.
    """

    number: str
    phone_code: str
    dial_prefix: str | None = None
    caller_id: str = ""
    lead: Lead | None = None
    focus: bool = False
    vendor_id: str = ""
    source: str = ""


@dataclass(slots=True)
class Login:
    """A login whose phone is still ringing: no session yet, but agent, phone and conference are taken."""

    agent: str
    session_id: int
    phone: str
    campaign: str
    conference: str
    leg: str
    source: str
    started: float


@dataclass(slots=True)
class Session:
    """One login of an agent, from the phone's answer to the logout.

    ``returns`` is what a lost phone interrupted; ``completed`` the call (id, lead id) that was completed without a
    disposition of the agent's own, which he may still give until the time beside it. ``ingroups`` are those whose
    calls he takes; ``consulted`` is the call, another agent's, in which he is the third party (0: none).
    """

    id: int
    agent: str
    phone: str
    campaign: str
    conference: str
    started: float
    state: SessionState
    code: str
    since: float
    source: str = ""
    interval: int = 0
    revision: int = 0
    after: After | None = None
    leg: str = ""
    attached: bool = False
    returns: After | None = None
    recalls: int = 0
    calls: list[int] = field(default_factory=list)
    queue: list[DialRequest] = field(default_factory=list)
    completed: tuple[int, int, float] | None = None
    ingroups: tuple[str, ...] = ()
    consulted: int = 0


# --- calls and legs ------------------------------------------------------------------------------------------


class CallState(StrEnum):
    """How far a call has come.

    WAITING: in the line of an in-group, no agent has it. HELD: the customer hears music. IVR: he hears the campaign's
    prompt. THIRD_PARTY: he has gone, and a third party is left with the agent. A call in WRAPPING is over; its
    disposition is not.
    """

    WAITING = "waiting"
    DIALLING = "dialling"
    RINGING = "ringing"
    CONNECTED = "connected"
    HELD = "held"
    IVR = "ivr"
    THIRD_PARTY = "third_party"
    WRAPPING = "wrapping"


@dataclass(slots=True)
class Call:
    """One conversation with an outside party, from dial or arrival to disposition.

    ``before`` is what the agent was doing when he dialled, and returns if Asterisk makes no channel. ``third`` is the
    leg of the third party, ``third_number`` what was dialled for it or the in-group that was asked; ``held_since`` when
    the customer left the agent for music or the IVR. ``ingroup`` is the line through which the call came, ``origin``
    the call of which it is the continuation with another agent.
    """

    id: int
    key: str
    agent: str
    session_id: int
    campaign: str
    direction: str
    lead_id: int
    number: str
    phone_code: str
    leg: str
    started: float
    before: After
    state: CallState = CallState.DIALLING
    answered: float | None = None
    ended: float | None = None
    cause: int = 0
    hung_up_by: str = ""
    suggested_status: str = ""
    status: str = ""
    third: str = ""
    third_number: str = ""
    third_answered: float | None = None
    held_since: float | None = None
    ingroup: str = ""
    origin: int = 0


@dataclass(slots=True)
class Waiting:
    """Somebody in the line of an in-group: a caller, or (``consult``) an agent's question to another one.

    The leg of a consultation is that of the call's third party. ``wanted`` is the only agent who will do, empty for
    any; ``offered`` the agent to whom it is being delivered.
    """

    leg: str
    call_id: int
    ingroup: str
    since: float
    wanted: str = ""
    consult: bool = False
    offered: str = ""


class Role(StrEnum):
    """What a leg is for."""

    AGENT = "agent"
    CUSTOMER = "customer"
    THIRD = "third"
    MONITOR = "monitor"


class PlaceKind(StrEnum):
    """Where a leg is.

    ASKED: requested, but no channel was seen. DIALLING: a channel that is not answered. WAIT: hears music. IVR: hears
    the campaign's prompt, and comes back by itself. OUTSIDE: talks with somebody, or something, without an agent.
    LISTEN: hears an agent's phone (a supervisor).
    """

    ASKED = "asked"
    DIALLING = "dialling"
    UP = "up"
    CONFERENCE = "conference"
    WAIT = "wait"
    IVR = "ivr"
    OUTSIDE = "outside"
    LISTEN = "listen"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leg is; ``room`` names the conference."""

    kind: PlaceKind
    room: str = ""


class Why(StrEnum):
    """What a move is for: what is true of the call when the move is confirmed."""

    END = "end"
    HOLD = "hold"
    IVR = "ivr"
    RETRIEVE = "retrieve"
    BLIND = "blind"
    MESSAGE = "message"
    LEAVE = "leave"
    CONNECT = "connect"
    CLOSER = "closer"
    DELIVER = "deliver"
    TAKE = "take"
    LINE = "line"
    MODE = "mode"


@dataclass(frozen=True, slots=True)
class Move:
    """What was asked of Asterisk for a leg and is not confirmed yet, and on whose account.

    ``goal`` is None for a hangup. ``about`` is what the confirmation must know besides: the number of a blind transfer,
    the in-group of a closer, the other leg of two that go together. ``wanted`` is the agent whom a closer asked for.
    """

    why: Why = Why.END
    by: str = ""
    goal: Place | None = None
    about: str = ""
    wanted: str = ""


@dataclass(slots=True)
class Leg:
    """One channel with a role in a session. ``id`` is the channel's unique id, chosen by us where we made it.

    ``room`` is the conference that it was made for. A leg that was left behind belongs to no session any more (its
    ``agent`` is empty); ``peer`` is the leg that it goes on talking with, empty when that is none of ours.
    """

    id: str
    role: Role
    session_id: int
    agent: str
    call_id: int | None
    place: Place
    started: float
    room: str = ""
    pending: Move | None = None
    left: bool = False
    peer: str = ""


# --- recordings and supervisors ------------------------------------------------------------------------------


@dataclass(slots=True)
class Recording:
    """A recording that is asked for or running. ``started`` is None until Asterisk has begun it.

    ``name`` is the file's name without its ending, ``file`` with it. ``leg`` is the one that it follows. ``by``: agent,
    or campaign where its rule began it; ``forced``: no agent may stop or silence it, whoever has the call by then.
    """

    id: int
    leg: str
    agent: str
    session_id: int
    call_id: int
    lead_id: int
    name: str
    file: str
    asked: float
    stage: str = ""
    by: str = "agent"
    forced: bool = False
    started: float | None = None
    muted: bool = False
    stopping: bool = False


class MonitorMode(StrEnum):
    """What a supervisor does: hears all, speaks to the agent alone, or speaks to all."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


@dataclass(slots=True)
class Monitor:
    """A supervisor on an agent's conference. ``since`` is None until his phone has answered; ``by`` asked for it."""

    leg: str
    agent: str
    phone: str
    mode: MonitorMode
    by: str
    since: float | None = None


# --- the whole -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class IdBlock:
    """Ids that the database reserved for this daemon: ``next`` up to and including ``last``."""

    next: int
    last: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the native API said to an Idempotency-Key. ``status`` 0: begun, and never finished."""

    fingerprint: str
    at: float
    status: int = 0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """All that a checkpoint holds.

    ``waiting`` is keyed by leg, in the order of arrival; ``recorded`` has the time in each agent's newest file name.
    """

    users: dict[str, User] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    ingroups: dict[str, InGroup] = field(default_factory=dict)
    group_aliases: dict[str, GroupAlias] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    recordings: dict[int, Recording] = field(default_factory=dict)
    recorded: dict[str, float] = field(default_factory=dict)
    monitors: dict[str, Monitor] = field(default_factory=dict)
    leads: dict[int, Lead] = field(default_factory=dict)
    blocks: dict[str, list[IdBlock]] = field(default_factory=dict)
    keys: dict[str, float] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    deadlines: dict[str, float] = field(default_factory=dict)
    link_up: bool = False
