"""The records of calls in hand: held, with third parties, transferred, recorded, listened to.

They belong to :mod:`agentd.core.records`, which names them for the journal.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentd.core.model import MonitorMode
from agentd.core.reference import Record

__all__ = [
    "CallHeld",
    "CallRetrieved",
    "CallTransferred",
    "ConsultEnded",
    "ConsultJoined",
    "CustomerLeft",
    "DigitsSent",
    "LegGiven",
    "LegLeftBehind",
    "MonitorAsked",
    "MonitorChanged",
    "MonitorEnded",
    "MonitorStarted",
    "RecordingAsked",
    "RecordingEnded",
    "RecordingFailed",
    "RecordingMuted",
    "RecordingRemoved",
    "RecordingStarted",
    "RecordingStopping",
    "ThirdAnswered",
    "ThirdAsked",
    "ThirdEnded",
]


# --- hold ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallHeld(Record):
    """The customer left the agent's conference: for music (``where`` is held), or for the prompt (ivr)."""

    call_id: int
    agent: str
    where: str


@dataclass(frozen=True, slots=True)
class CallRetrieved(Record):
    """The customer is back in the agent's conference. ``by``: agent, or ivr when he came by himself."""

    call_id: int
    agent: str
    by: str


# --- third parties -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThirdAsked(Record):
    """A third party is being called: ``number``, or an agent of in-group ``ingroup``."""

    call_id: int
    agent: str
    leg: str
    number: str
    ingroup: str = ""


@dataclass(frozen=True, slots=True)
class ThirdAnswered(Record):
    """The third party is in the agent's conference."""

    call_id: int
    agent: str
    leg: str


@dataclass(frozen=True, slots=True)
class ThirdEnded(Record):
    """The third party is gone, or did not come. ``hung_up_by``: agent, third, customer, timeout, system or pbx."""

    call_id: int
    agent: str
    leg: str
    cause: int
    hung_up_by: str


@dataclass(frozen=True, slots=True)
class CustomerLeft(Record):
    """The customer is gone, and a third party is left with the agent: the call goes on."""

    call_id: int
    agent: str
    cause: int
    hung_up_by: str


# --- transfers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallTransferred(Record):
    """The customer went on without this agent. ``how``: blind, message, leave, connect, closer or consult."""

    call_id: int
    agent: str
    how: str
    to: str


@dataclass(frozen=True, slots=True)
class LegLeftBehind(Record):
    """The leg talks on without an agent, with ``peer`` when that is a leg of ours; it ends with it."""

    leg: str
    peer: str


@dataclass(frozen=True, slots=True)
class LegGiven(Record):
    """The leg belongs to another call, session and agent (none of both while it waits in line)."""

    leg: str
    session_id: int
    agent: str
    call_id: int


# --- consultations -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConsultJoined(Record):
    """This agent is the third party in a call of ``owner``'s."""

    call_id: int
    agent: str
    owner: str
    leg: str


@dataclass(frozen=True, slots=True)
class ConsultEnded(Record):
    """This agent is no longer the third party in that call."""

    call_id: int
    agent: str


# --- digits --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DigitsSent(Record):
    """So many digits are being sent to a leg. Which ones is kept nowhere: they may be a card's number."""

    call_id: int
    agent: str
    leg: str
    count: int


# --- recordings ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordingAsked(Record):
    """A recording was asked for. ``moment`` is the time in its name. ``by``: agent or campaign.

    ``forced``: by a campaign's rule that lets no agent stop it.
    """

    recording_id: int
    leg: str
    agent: str
    session_id: int
    call_id: int
    lead_id: int
    number: str
    name: str
    file: str
    moment: float
    stage: str = ""
    by: str = "agent"
    forced: bool = False


@dataclass(frozen=True, slots=True)
class RecordingStarted(Record):
    """Asterisk records."""

    recording_id: int
    agent: str
    call_id: int


@dataclass(frozen=True, slots=True)
class RecordingMuted(Record):
    """The recording goes on in silence (``muted``), or with sound again."""

    recording_id: int
    agent: str
    call_id: int
    muted: bool


@dataclass(frozen=True, slots=True)
class RecordingStopping(Record):
    """The end of a recording was asked for and is not confirmed yet (``stopping`` False: no longer)."""

    recording_id: int
    agent: str
    stopping: bool


@dataclass(frozen=True, slots=True)
class RecordingEnded(Record):
    """A recording is complete. ``reason``: agent, hangup, or link when its end was missed."""

    recording_id: int
    agent: str
    call_id: int
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingFailed(Record):
    """Asterisk did not record, or left no file."""

    recording_id: int
    agent: str
    call_id: int
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingRemoved(Record):
    """A recording's file was removed, for it had reached its age."""

    recording_id: int
    file: str


# --- supervisors ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MonitorAsked(Record):
    """A supervisor's phone is being rung, to hear this agent's conference. ``by`` is the user who asked."""

    leg: str
    agent: str
    session_id: int
    phone: str
    mode: MonitorMode
    by: str


@dataclass(frozen=True, slots=True)
class MonitorStarted(Record):
    """The supervisor is there."""

    leg: str
    agent: str
    session_id: int
    phone: str
    mode: MonitorMode
    by: str


@dataclass(frozen=True, slots=True)
class MonitorChanged(Record):
    """The supervisor listens, whispers or barges now."""

    leg: str
    agent: str
    session_id: int
    phone: str
    mode: MonitorMode
    by: str


@dataclass(frozen=True, slots=True)
class MonitorEnded(Record):
    """The supervisor is gone, or did not come."""

    leg: str
    agent: str
    session_id: int
    phone: str
    cause: int
