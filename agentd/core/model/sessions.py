"""Sessions and logins: agents at work."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agentd.core.model.leads import Lead, WhichNumber

__all__ = [
    "After",
    "AfterKind",
    "DialRequest",
    "Login",
    "OwnCode",
    "Session",
    "SessionKind",
    "SessionState",
    "TimerAction",
    "TimerKind",
]


class SessionState(StrEnum):
    """What an agent is doing; docs/behaviour.md tells what each means."""

    PAUSED = "PAUSED"
    READY = "READY"
    RINGING = "RINGING"
    PREVIEW = "PREVIEW"
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

    ``dial_prefix`` of None takes the campaign's; ``group_alias`` names a caller id that is not the campaign's.
    ``lead`` is None for a number that gets a new lead; ``which`` of his numbers ``number`` is. ``preview``: the lead is
    shown first, and dialled when the agent says so.
    """

    number: str
    phone_code: str
    dial_prefix: str | None = None
    group_alias: str = ""
    lead: Lead | None = None
    focus: bool = False
    vendor_id: str = ""
    source: str = ""
    preview: bool = False
    which: WhichNumber = WhichNumber.MAIN


class TimerKind(StrEnum):
    """What happens at a second of the call. D1_DIAL to D5_DIAL call the campaign's preset of that code."""

    WEBFORM = "WEBFORM"
    WEBFORM2 = "WEBFORM2"
    D1_DIAL = "D1_DIAL"
    D2_DIAL = "D2_DIAL"
    D3_DIAL = "D3_DIAL"
    D4_DIAL = "D4_DIAL"
    D5_DIAL = "D5_DIAL"
    MESSAGE_ONLY = "MESSAGE_ONLY"


@dataclass(frozen=True, slots=True)
class TimerAction:
    """What is to happen ``seconds`` into the agent's call: this one, or the next if there is none.

    ``fired`` is the call in which it has happened (0: it has not), ``url`` what it opened.
    """

    kind: TimerKind
    seconds: int = 0
    message: str = ""
    fired: int = 0
    url: str = ""


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
    disposition of the agent's own, which he may still give until the time beside it; ``completed_number`` is that
    call's number, ``promised`` the callback (0: none) that was promised with its status since. ``ingroups`` are those
    whose calls he takes, ``ranks`` how much he is preferred in which; ``blended``: he takes his campaign's calls, too.
    ``taken`` counts the calls that he had of each in-group, ``misses`` the deliveries in a row that he did not answer.
    ``preview`` is the dial whose lead is on the screen, ``timer`` what is to happen in the call.
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
    preview: DialRequest | None = None
    timer: TimerAction | None = None
    completed_number: str = ""
    promised: int = 0
