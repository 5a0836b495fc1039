"""The records of the link, of sessions, calls and legs, and of what the faces leave behind.

They belong to :mod:`agentd.core.records`, which names them for the journal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agentd.core.model import (
    After,
    Answer,
    CallbackWish,
    DialRequest,
    Lead,
    Move,
    Place,
    Role,
    SessionKind,
    SessionState,
    WhichNumber,
)
from agentd.core.reference import Record

__all__ = [
    "AfterSet",
    "AnswerKept",
    "ApiCalled",
    "CallAnswered",
    "CallDisposed",
    "CallEnded",
    "CallRefused",
    "CallRinging",
    "CallStarted",
    "DeadlineSet",
    "DialQueued",
    "DialUnqueued",
    "InGroupsChanged",
    "LeadCreated",
    "LegAdopted",
    "LegAsked",
    "LegEnded",
    "LegMoved",
    "LegPending",
    "LinkChanged",
    "LoginEnded",
    "LoginStarted",
    "PhoneAttached",
    "PhoneLost",
    "PhoneRecalled",
    "PhoneReleased",
    "SessionEnded",
    "SessionStarted",
    "StateEntered",
    "StatusKept",
    "StatusReplaced",
]


# --- the link ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkChanged(Record):
    """The link to Asterisk is live, or is not."""

    up: bool
    reason: str = ""


# --- sessions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LoginStarted(Record):
    """An agent's phone is being rung for a login, or he calls himself and is on his way into the conference."""

    agent: str
    session_id: int
    phone: str
    campaign: str
    conference: str
    leg: str
    source: str
    kind: SessionKind = SessionKind.SEATED
    ready: bool = False


@dataclass(frozen=True, slots=True)
class LoginEnded(Record):
    """A login came to nothing."""

    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionStarted(Record):
    """The agent is logged in: his phone has answered, where it is to sit in a conference."""

    agent: str
    session_id: int
    phone: str
    campaign: str
    conference: str
    leg: str
    source: str
    ingroups: tuple[str, ...] = ()
    kind: SessionKind = SessionKind.SEATED
    blended: bool = False
    ranks: dict[str, int] = field(default_factory=dict)
    lines: int = 1


@dataclass(frozen=True, slots=True)
class StateEntered(Record):
    """A session entered a state, or an interval with another pause code. ``interval`` counts from 1 in a session."""

    agent: str
    session_id: int
    interval: int
    state: SessionState
    code: str = ""
    productive: bool = False
    call_id: int = 0
    lead_id: int = 0


@dataclass(frozen=True, slots=True)
class AfterSet(Record):
    """What comes after the call is now this."""

    agent: str
    after: After | None


@dataclass(frozen=True, slots=True)
class PhoneLost(Record):
    """The agent's phone left the conference. ``returns`` is what its coming back restores."""

    agent: str
    returns: After | None


@dataclass(frozen=True, slots=True)
class PhoneAttached(Record):
    """The agent's phone is in the conference."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True)
class PhoneRecalled(Record):
    """The agent's lost phone is being called again, by agentd itself."""

    agent: str


@dataclass(frozen=True, slots=True)
class PhoneReleased(Record):
    """An on-hook agent's phone is no longer in his conference: the call is over, or he has hung up."""

    agent: str


@dataclass(frozen=True, slots=True)
class InGroupsChanged(Record):
    """Which in-groups' calls the agent takes, and whether his campaign's besides."""

    agent: str
    session_id: int
    ingroups: tuple[str, ...]
    blended: bool


@dataclass(frozen=True, slots=True)
class SessionEnded(Record):
    """The agent is logged out. Everything remembered for him is gone with it."""

    agent: str
    session_id: int
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class DialQueued(Record):
    """A manual dial waits for the end of the call. ``replaces`` says that it took the place of the one before."""

    agent: str
    request: DialRequest
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class DialUnqueued(Record):
    """The oldest waiting dial, or another ``place``, left the queue, to be carried out or (with a reason) given up."""

    agent: str
    reason: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class DeadlineSet(Record):
    """Something will be due at a time (None: no longer). ``what`` is its kind, ``of`` whose it is."""

    what: str
    of: str
    when: float | None


# --- leads, calls, legs --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeadCreated(Record):
    """A new lead, made for a number that was dialled."""

    lead: Lead
    by: str


@dataclass(frozen=True, slots=True)
class CallStarted(Record):
    """A call is being made. ``lead`` is on the agent's screen from now."""

    call_id: int
    key: str
    agent: str
    session_id: int
    campaign: str
    direction: str
    lead: Lead
    number: str
    phone_code: str
    leg: str
    before: After
    source: str = ""
    focus: bool = False
    vendor_id: str = ""
    which: WhichNumber = WhichNumber.MAIN
    previewed: DialRequest | None = None


@dataclass(frozen=True, slots=True)
class CallRinging(Record):
    """The far end rings."""

    call_id: int
    agent: str


@dataclass(frozen=True, slots=True)
class CallAnswered(Record):
    """The customer is connected with the agent."""

    call_id: int
    agent: str


@dataclass(frozen=True, slots=True)
class CallRefused(Record):
    """Asterisk made no channel for the call: as if it had never been, but for its row in the call log."""

    call_id: int
    agent: str
    cause: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallEnded(Record):
    """The customer's leg is gone. ``hung_up_by``: agent, customer, timeout, system or pbx."""

    call_id: int
    agent: str
    cause: int
    hung_up_by: str
    suggested_status: str


@dataclass(frozen=True, slots=True)
class StatusKept(Record):
    """The agent's disposition is known before the call has ended, with what he promised, and another system's code."""

    call_id: int
    agent: str
    status: str
    callback: CallbackWish | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class CallDisposed(Record):
    """The call is complete. ``by``: agent, or what gave the status in his place (wrapup, resume, logout, ...).

    ``lead_keeps``: nobody talked with the lead, and what is known of him is not changed by it. ``code`` is that of
    another system.
    """

    call_id: int
    agent: str
    lead_id: int
    status: str
    by: str
    lead_keeps: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class StatusReplaced(Record):
    """The agent's disposition came shortly after an automatic one, and replaces it."""

    call_id: int
    agent: str
    lead_id: int
    status: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class LegAsked(Record):
    """A channel was asked for."""

    leg: str
    role: Role
    session_id: int
    agent: str
    call_id: int | None
    room: str


@dataclass(frozen=True, slots=True)
class LegAdopted(Record):
    """A channel that carries a live session or an open call was found, or has come, and is its leg from now.

    ``room`` is the conference to which it is on its way.
    """

    leg: str
    role: Role
    session_id: int
    agent: str
    call_id: int | None
    room: str = ""


@dataclass(frozen=True, slots=True)
class LegMoved(Record):
    """A leg is now there, as Asterisk said."""

    leg: str
    place: Place


@dataclass(frozen=True, slots=True)
class LegPending(Record):
    """Something was asked for a leg and is not confirmed yet (None: nothing any more)."""

    leg: str
    move: Move | None


@dataclass(frozen=True, slots=True)
class LegEnded(Record):
    """A leg's channel is gone, or was never there. ``cause`` is a Q.850 cause."""

    leg: str
    cause: int
    far_end: bool


# --- what the faces leave behind -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerKept(Record):
    """What was said to an Idempotency-Key, or (status 0) that it has begun."""

    key: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class ApiCalled(Record):
    """One answer line of the agent API, as its log shows it (secrets never in it)."""

    user: str
    function: str
    agent_user: str
    value: str
    result: str
    result_reason: str
    source: str
    data: str
    script: str = "agent"
    fields: dict[str, str] = field(default_factory=dict)
