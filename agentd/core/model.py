"""What the daemon knows: reference data, and the state of sessions, calls and legs.

Times are seconds since the epoch. Everything in :class:`State` can be written to a checkpoint and read back equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "After",
    "AfterKind",
    "Answer",
    "Call",
    "CallState",
    "Campaign",
    "DialRequest",
    "IdBlock",
    "Lead",
    "Leg",
    "Login",
    "Move",
    "OwnCode",
    "PauseCode",
    "Phone",
    "Place",
    "PlaceKind",
    "Role",
    "Session",
    "SessionState",
    "State",
    "Status",
    "Token",
    "User",
    "UserKind",
]


# --- reference data: what the administrator set up -----------------------------------------------------------


class UserKind(StrEnum):
    """How a user takes calls: on a phone of this PBX, at an outside number, or not at all."""

    LOCAL = "local"
    REMOTE = "remote"
    API = "api"


@dataclass(frozen=True, slots=True)
class User:
    """Whoever has credentials. ``rights`` names what he may do, such as ``agent_api`` or ``agentcall_manual``."""

    name: str
    number: int
    full_name: str = ""
    kind: UserKind = UserKind.LOCAL
    password_hash: str = ""
    active: bool = True
    campaign: str = ""
    group: str = ""
    rights: frozenset[str] = frozenset()
    custom: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of this PBX. ``dial`` is what Asterisk rings, such as ``PJSIP/502``."""

    extension: str
    dial: str
    active: bool = True
    webphone_url: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A disposition that an agent or the system may give to a call."""

    code: str
    number: int
    title: str = ""
    selectable: bool = True
    callback: bool = False
    human_answered: bool = False
    sale: bool = False
    dnc: bool = False


@dataclass(frozen=True, slots=True)
class PauseCode:
    """Why an agent is paused; ``productive`` pauses count as work."""

    code: str
    title: str = ""
    productive: bool = False


@dataclass(frozen=True, slots=True)
class Campaign:
    """How the calls of a group of agents are made and wound up.

    ``wrapup`` is in seconds: None has no limit, 0 means none at all. ``dial_allow`` and ``dial_deny`` are regular
    expressions that must, or must not, match a whole trunk number. ``trunk`` is what Asterisk dials for an outside
    number, with ``{number}`` in it.
    """

    name: str
    number: int
    title: str = ""
    active: bool = True
    wrapup: int | None = None
    default_status: str = "DISPO"
    disposition_required: bool = False
    after_manual: str = "paused"
    dial_timeout: int = 30
    dial_prefix: str = ""
    trunk: str = ""
    caller_id: str = ""
    dial_allow: tuple[str, ...] = (r"\+?[0-9]{7,15}",)
    dial_deny: tuple[str, ...] = ()
    manual_queue: bool = False
    manual_list: int = 0
    search_lists: tuple[int, ...] = ()
    pause_codes: dict[str, PauseCode] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token of the native API, known by the SHA-256 digest of its text."""

    digest: str
    name: str
    role: str
    user: str
    scopes: frozenset[str] = frozenset()
    expires: float | None = None


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
    disposition of the agent's own, which he may still give until the time beside it.
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


# --- calls and legs ------------------------------------------------------------------------------------------


class CallState(StrEnum):
    """How far a call has come. A call in WRAPPING is over; its disposition is not."""

    DIALLING = "dialling"
    RINGING = "ringing"
    CONNECTED = "connected"
    WRAPPING = "wrapping"


@dataclass(slots=True)
class Call:
    """One conversation with an outside party, from dial or arrival to disposition.

    ``before`` is what the agent was doing when he dialled, and returns if Asterisk makes no channel.
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


class Role(StrEnum):
    """What a leg is for."""

    AGENT = "agent"
    CUSTOMER = "customer"


class PlaceKind(StrEnum):
    """Where a leg is. ASKED: requested, but no channel was seen; DIALLING: a channel that is not answered."""

    ASKED = "asked"
    DIALLING = "dialling"
    UP = "up"
    CONFERENCE = "conference"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leg is; ``room`` names the conference."""

    kind: PlaceKind
    room: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """What was asked of Asterisk for a leg and is not confirmed yet (``to``: hangup), and on whose account."""

    to: str
    by: str


@dataclass(slots=True)
class Leg:
    """One channel with a role in a session. ``id`` is the channel's unique id, chosen by us where we made it.

    ``room`` is the conference that it was made for.
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
    """All that a checkpoint holds."""

    users: dict[str, User] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)
    leads: dict[int, Lead] = field(default_factory=dict)
    blocks: dict[str, list[IdBlock]] = field(default_factory=dict)
    keys: dict[str, float] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    deadlines: dict[str, float] = field(default_factory=dict)
    link_up: bool = False
