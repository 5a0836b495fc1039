"""What the answers of the native API are made of, as its description tells it.

The answers themselves are made elsewhere (such as :mod:`agentd.core.snapshot`); a test holds every answer that any test
is given against these shapes, so that neither can change alone. Times are seconds since 1970.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType, defstruct, field

from agentd.core.model import (
    FIELDS,
    AfterKind,
    CallState,
    MonitorMode,
    PlaceKind,
    Role,
    SessionKind,
    SessionState,
    TimerKind,
    WhichNumber,
)

__all__ = [
    "CallbackRow",
    "CallbackTold",
    "DialOver",
    "Dialled",
    "DncChanged",
    "DncNumber",
    "LeadTold",
    "LoggedOut",
    "MonitorTold",
    "Problem",
    "RecordingBegun",
    "RecordingRow",
    "RecordingsChanged",
    "Remembered",
    "Running",
    "Session",
    "Transferred",
    "Webphone",
]

# --- leads ---------------------------------------------------------------------------------------------------


class _Person(Struct):
    """A lead, with those of his fields that are set."""

    id: int
    list_id: int
    status: str
    phone_code: str
    phone_number: str


_LEAD_FIELDS: list[Any] = [(name, str | UnsetType, UNSET) for name in FIELDS]
_KNOWN_BESIDES: list[Any] = [
    ("user", str | None),
    ("entered", float),
    ("changed", float),
    ("called", int),
    ("last_call", float | None),
]

Lead = defstruct("Lead", _LEAD_FIELDS, bases=(_Person,), kw_only=True)
Lead.__doc__ = _Person.__doc__

LeadTold = defstruct("LeadRow", [*_KNOWN_BESIDES, *_LEAD_FIELDS], bases=(_Person,), kw_only=True)
LeadTold.__doc__ = "A lead with what the database knows besides: who had him last, when, and how often he was called."


class Promised(Struct):
    """A call that is promised with a status."""

    due: float
    anyone: bool
    comments: str | None


class CallbackTold(Struct):
    """A callback that one agent is to keep. ``is_due``: its time has come."""

    id: int
    lead_id: int
    campaign: str
    due: float
    is_due: bool
    comments: str | None


class CallbackRow(Struct):
    """A callback; ``agent`` is who is to keep it, null: anybody. ``status``: waiting, done or dropped."""

    id: int
    lead_id: int
    campaign: str
    agent: str | None
    due: float
    comments: str | None
    status: str
    created: float
    made_by_call: int | None
    kept_by_call: int | None


class DncNumber(Struct):
    """A number that must not be called; ``campaign`` is whose list it is on, null: the system's."""

    number: str
    campaign: str | None


class DncChanged(DncNumber):
    """The same, and whether it is on that list now."""

    listed: bool


# --- sessions and calls --------------------------------------------------------------------------------------


class After(Struct):
    """What comes after the call."""

    state: AfterKind
    code: str | None
    logout: bool


class PhoneOf(Struct):
    """The agent's phone, and whether it is there."""

    extension: str | None
    attached: bool


class Preview(Struct):
    """The dial that is made when the agent says so."""

    lead_id: int | None
    number: str
    phone_code: str
    which: WhichNumber
    focus: bool
    vendor_id: str | None


class Timer(Struct):
    """What is to happen at a second of the call; ``fired`` is the call in which it has."""

    kind: TimerKind
    seconds: int
    message: str | None
    fired: int | None
    url: str | None


class Leg(Struct):
    """A channel of a call."""

    role: Role
    channel: str
    place: PlaceKind
    room: str | None


class ThirdParty(Struct):
    """The third party; ``ingroup`` where an agent was asked for. ``state``: asked or connected."""

    number: str | None
    ingroup: str | None
    agent: str | None
    state: str
    leg: str


class Call(Struct):
    """A call. ``state``: as docs tell, or ``ended`` where it is over."""

    id: int
    key: str
    direction: str
    lead_id: int
    number: str
    phone_code: str
    which: WhichNumber
    did: str | None
    ingroup: str | None
    origin: int | None
    state: CallState
    started: float
    answered: float | None
    held_since: float | None
    ended: float | None
    cause: int | None
    hung_up_by: str | None
    suggested_status: str | None
    status: str | None
    callback: Promised | None
    third_party: ThirdParty | None
    agent_leg: str | None
    legs: list[Leg]


class Offered(Struct):
    """A call that is being brought to the agent."""

    call_id: int
    key: str
    direction: str
    ingroup: str | None
    number: str
    did: str | None
    since: float
    consult: bool
    lead: Lead | None  # type: ignore[valid-type]


class Consulted(Struct):
    """Another agent's call in which this one is the third party."""

    call_id: int
    key: str
    agent: str
    lead: Lead | None  # type: ignore[valid-type]


class Recording(Struct):
    """A recording that is running."""

    id: int
    call_id: int | None
    file: str
    stage: str | None
    started: float
    muted: bool


class Monitor(Struct):
    """A supervisor's phone; ``since`` is null while it rings."""

    phone: str
    mode: MonitorMode
    by: str
    since: float | None


class Session(Struct):
    """The snapshot of a session."""

    agent: str
    session_id: int
    kind: SessionKind
    state: SessionState
    code: str | None
    since: float
    started: float
    after: After | None
    phone: PhoneOf
    conference: str | None
    campaign: str
    ingroups: list[str]
    ranks: dict[str, int]
    blended: bool
    lines: int
    misses: int
    lead: Lead | None  # type: ignore[valid-type]
    preview: Preview | None
    timer: Timer | None
    callbacks: list[CallbackTold]
    calls: list[Call]
    offered: list[Offered]
    consulted: Consulted | None
    recordings: list[Recording]
    monitors: list[Monitor]
    dial_queue: list[str]
    revision: int


class LoggedOut(Struct):
    """The agent has no session any more."""

    agent: str
    state: None


class Dialled(Call):
    """A call, and the session."""

    session: Session | None


class DialOver(Struct):
    """A dial whose call was over before the answer was on its way. ``state`` is ``ended``."""

    id: int
    key: str
    state: str
    number: str
    phone_code: str
    lead_id: int
    session: Session | None


class Remembered(Struct):
    """A dial that is made later (``state`` is ``remembered``), or whose lead is shown first (``previewed``)."""

    id: None
    key: None
    state: str
    number: str
    phone_code: str
    lead_id: int | None
    session: Session | None


class Transferred(Struct):
    """What came of a call, the in-group that was meant, and the session."""

    call_id: int
    key: str
    ingroup: str | None
    session: Session | None


class Webphone(Struct):
    """Where the web phone is, if there is one."""

    phone: str | None
    url: str | None


# --- recordings and supervisors ------------------------------------------------------------------------------


class Running(Struct):
    """The recordings that are running."""

    recordings: list[Recording]


class RecordingBegun(Struct):
    """A recording that has begun, and the session. One that is over already has its id alone."""

    id: int
    session: Session | None
    call_id: int | UnsetType | None = UNSET
    file: str | UnsetType = UNSET
    stage: str | UnsetType | None = UNSET
    started: float | UnsetType | None = UNSET
    muted: bool | UnsetType = UNSET


class RecordingsChanged(Struct):
    """Which recordings were changed, and the session."""

    ids: list[int]
    session: Session | None


class Silence(Struct):
    """A stretch of silence in a recording; the end of one that goes on is null."""

    begun: float = field(name="from")
    until: float | None


class RecordingRow(Struct):
    """One row of the recording log; ``audio`` is where its sound is."""

    id: int
    agent: str
    call_id: int | None
    call_key: str | None
    lead_id: int | None
    number: str | None
    file: str
    stage: str | None
    started: float | None
    ended: float | None
    length: float | None
    reason: str | None
    muted: list[Silence]
    failed: str | None
    removed: float | None
    audio: str | None


class MonitorTold(Struct):
    """A supervisor's phone, and the session of the agent on whom he listens."""

    phone: str
    since: float | None
    session: Session | None
    mode: MonitorMode | UnsetType = UNSET
    by: str | UnsetType = UNSET


# --- problems ------------------------------------------------------------------------------------------------


class Problem(Struct):
    """Problem details (RFC 9457). ``reason`` is for programs and keeps its meaning; the rest comes where it helps."""

    type: str
    title: str
    status: int
    detail: str
    reason: str
    session: Session | UnsetType | None = UNSET
    present: dict[str, Any] | UnsetType | None = UNSET
    scope: str | UnsetType = UNSET
    parameter: str | UnsetType = UNSET
    field: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    by: str | UnsetType = UNSET
    ingroup: str | UnsetType = UNSET
    campaign: str | UnsetType = UNSET
    group_alias: str | UnsetType = UNSET
    caller_id: str | UnsetType = UNSET
    used_by: list[dict[str, str]] | UnsetType = UNSET
    callback: CallbackRow | UnsetType = UNSET
