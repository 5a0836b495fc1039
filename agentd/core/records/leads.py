"""Facts of leads, of what was promised to them, and of what is on an agent's screen beside a call."""

from __future__ import annotations

from dataclasses import dataclass

from agentd.core.model import CallbackWish, DialRequest, TimerAction
from agentd.core.reference import Record

__all__ = [
    "CallbackDue",
    "CallbackEnded",
    "CallbackSet",
    "DncChanged",
    "DncListed",
    "LeadDeleted",
    "LeadUpdated",
    "PreviewEnded",
    "PreviewStarted",
    "TimerFired",
    "TimerSet",
]


@dataclass(frozen=True, slots=True)
class LeadUpdated(Record):
    """Fields of a lead have these values now (empty: none); ``agent`` has him on his screen, ``by`` changed him.

    Beside the documents' fields ``phone_code``, ``phone_number``, ``list_id`` and ``status`` may be named.
    """

    lead_id: int
    fields: dict[str, str]
    by: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class LeadDeleted(Record):
    """There is no such lead any more."""

    lead_id: int
    by: str


@dataclass(frozen=True, slots=True)
class PreviewStarted(Record):
    """A lead is on the agent's screen, to be dialled when he says so. ``request.lead`` is that lead."""

    agent: str
    session_id: int
    request: DialRequest


@dataclass(frozen=True, slots=True)
class PreviewEnded(Record):
    """The lead is not previewed any more. ``dialled``: because he was dialled."""

    agent: str
    lead_id: int
    dialled: bool = False


@dataclass(frozen=True, slots=True)
class TimerSet(Record):
    """Something is to happen at a second of the agent's call; None: nothing."""

    agent: str
    timer: TimerAction | None


@dataclass(frozen=True, slots=True)
class TimerFired(Record):
    """The second has come. ``timer.fired`` is the call; ``reason`` why what should have happened could not."""

    agent: str
    call_id: int
    timer: TimerAction
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallbackSet(Record):
    """A lead was promised a call, or what was promised is now this. ``user`` is empty where anybody may keep it.

    ``call_id`` is the call in which it was promised (0: none), ``agent`` whose screen it concerns. ``stored``: the
    database had it already, and memory learns of it.
    """

    callback_id: int
    lead_id: int
    campaign: str
    wish: CallbackWish
    user: str
    agent: str = ""
    call_id: int = 0
    by: str = ""
    stored: bool = False


@dataclass(frozen=True, slots=True)
class CallbackDue(Record):
    """The time has come for a promise that the agent is to keep."""

    callback_id: int
    agent: str
    lead_id: int
    campaign: str
    comments: str = ""


@dataclass(frozen=True, slots=True)
class CallbackEnded(Record):
    """The promise was kept by a call, or (``call_id`` 0) taken back. ``agent`` was to keep it."""

    callback_id: int
    agent: str
    lead_id: int
    call_id: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class DncListed(Record):
    """A lead asked in a call not to be called: his number is on the list of the system (no ``campaign``) or of one."""

    number: str
    campaign: str
    call_id: int
    agent: str


@dataclass(frozen=True, slots=True)
class DncChanged(Record):
    """A number must not be called any more (``listed``), or may be again; ``campaign`` empty: by anybody."""

    number: str
    campaign: str
    listed: bool
    by: str
