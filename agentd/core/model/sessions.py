"""Sessions and logins: agents at work."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agentd.core.model.leads import Lead

__all__ = ["After", "AfterKind", "DialRequest", "Login", "OwnCode", "Session", "SessionKind", "SessionState"]


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
    MISSED = "MISSED"


class SessionKind(StrEnum):
    """How the agent is reached.

    SEATED: his phone sits in his conference for the whole shift, and is called again when it is lost. DIALLED_IN: the
    same, but he called us, so that nobody calls him. ON_HOOK: his phone is rung for each call. REMOTE: his outside
    number is; he has no conference, and may have several calls at a time.
    """

    SEATED = "seated"
    DIALLED_IN = "dialled_in"
    ON_HOOK = "on_hook"
    REMOTE = "remote"


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
    """A login whose phone is still ringing: no session yet, but agent, phone and conference are taken.

    ``ready``: he wants to be ready from the start.
    """

    agent: str
    session_id: int
    phone: str
    campaign: str
    conference: str
    leg: str
    source: str
    started: float
    kind: SessionKind = SessionKind.SEATED
    ready: bool = False


@dataclass(slots=True)
class Session:
    """One login of an agent, from the phone's answer to the logout.

    ``returns`` is what a lost phone interrupted; ``completed`` the call (id, lead id) that was completed without a
    disposition of the agent's own, which he may still give until the time beside it. ``ingroups`` are those whose
    calls he takes, ``ranks`` how much he is preferred in which; ``blended``: he takes his campaign's calls, too.
    ``taken`` counts the calls that he had of each in-group, ``misses`` the deliveries in a row that he did not answer.
    ``lines`` is how many calls a remote agent may have; ``consulted`` the call, another agent's, in which he is the
    third party (0: none). A remote agent counts as ``attached``, an on-hook one is so only while his phone is up.
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
    kind: SessionKind = SessionKind.SEATED
    blended: bool = False
    ranks: dict[str, int] = field(default_factory=dict)
    lines: int = 1
    misses: int = 0
    taken: dict[str, int] = field(default_factory=dict)
