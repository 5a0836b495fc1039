"""What faces, timers and management say to the World."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentd.core.commands.news import Command
from agentd.core.model import Answer, CallbackWish, DialRequest, MonitorMode
from agentd.core.records import ApiCalled, Record

__all__ = [
    "BeginRecording",
    "CallPhone",
    "ConnectCalls",
    "Dial",
    "DialThird",
    "Dispose",
    "EndSupervision",
    "GrantIds",
    "HangUp",
    "HangUpThird",
    "HoldCall",
    "KeepAnswer",
    "LeaveMessage",
    "LeaveThreeWay",
    "LogApiCall",
    "LogIn",
    "LogOut",
    "MuteRecordings",
    "Pause",
    "RecordingFileGone",
    "ReferenceChanged",
    "Resume",
    "RetrieveCall",
    "SendDtmf",
    "SetPauseCode",
    "StopRecordings",
    "Supervise",
    "Tick",
    "TransferBlind",
    "TransferToInGroup",
]


# --- from the faces ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogIn(Command):
    """Log an agent in: ring his phone and give him a conference. Done when the phone has answered.

    Without ``phone`` it is the user's own. Of an agent who is rung for each call it is done at once; a remote one may
    name no phone, since he has none here. ``ready``: he is ready from the start.
    """

    agent: str
    phone: str = ""
    campaign: str = ""
    source: str = "api"
    ready: bool = False


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
    """Dial a number by hand, now or after the call. Done when Asterisk shows the channel, or it is remembered.

    With ``request.preview`` its lead is shown instead, and that is done at once.

    ``beside``: a second call at once, when the customers of all others are held.
    """

    agent: str
    request: DialRequest
    beside: bool = False


@dataclass(frozen=True, slots=True)
class HangUp(Command):
    """End the customer's leg of the current call, or of the named one. Done when it is gone.

    ``status``, here and in the transfers, is what a remote agent's call gets, who has no wrap-up; empty: his
    campaign's default.
    """

    agent: str
    call_id: int | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Dispose(Command):
    """Give the current (or named) call its status: at once in wrap-up, else when it ends.

    A callback status needs ``callback``. ``code`` is that of another system.
    """

    agent: str
    status: str
    call_id: int | None = None
    callback: CallbackWish | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class CallPhone(Command):
    """Bring the agent's phone back into his conference. Done when the phone is there or the dial is accepted."""

    agent: str


# --- calls in hand -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HoldCall(Command):
    """Let the customer hear music, or (``ivr``) the campaign's prompt. Done when he does; at once when he does already.

    ``call_id`` of None is the current call, here and in all that follows.
    """

    agent: str
    call_id: int | None = None
    ivr: bool = False


@dataclass(frozen=True, slots=True)
class RetrieveCall(Command):
    """Bring the customer back into the agent's conference. Done when he is there."""

    agent: str
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class DialThird(Command):
    """Call a third party into the agent's conference; ``hold`` the customer first.

    ``number`` goes through the campaign's trunk like a manual dial; ``exactly``: without prefix and phone code.
    ``ingroup`` instead asks an agent of that in-group (the reserved DEFAULTINGROUP names the call's; in AGENTDIRECT
    ``number`` is the agent's name). Done when Asterisk shows the channel.
    """

    agent: str
    number: str = ""
    ingroup: str = ""
    hold: bool = False
    exactly: bool = False
    group_alias: str = ""
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class HangUpThird(Command):
    """End the third party's leg, and (``both``) the customer's. Done when they are gone."""

    agent: str
    both: bool = False
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class TransferBlind(Command):
    """Send the customer on to a number; the agent is in wrap-up. Done when Asterisk dials."""

    agent: str
    number: str
    exactly: bool = False
    group_alias: str = ""
    call_id: int | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class LeaveMessage(Command):
    """Play the campaign's message to the customer, then end his leg; the agent is in wrap-up."""

    agent: str
    group_alias: str = ""
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class TransferToInGroup(Command):
    """Put the customer into the line of an in-group, for any agent or for ``wanted``; the agent is in wrap-up."""

    agent: str
    ingroup: str
    wanted: str = ""
    group_alias: str = ""
    call_id: int | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class LeaveThreeWay(Command):
    """Let customer and third party talk on without the agent, who is in wrap-up; a consulted agent owns the call."""

    agent: str
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class ConnectCalls(Command):
    """Let the customers of two calls talk with each other; the agent is free of both."""

    agent: str
    call_id: int
    other_id: int


@dataclass(frozen=True, slots=True)
class SendDtmf(Command):
    """Send digits (0-9 A-D * #, and ``,`` for a second of silence) to the customer. Done when they are in line."""

    agent: str
    digits: str = field(repr=False)
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class BeginRecording(Command):
    """Begin one more recording of the agent's call, or of his phone when there is none. Done when Asterisk records."""

    agent: str
    stage: str = ""
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class StopRecordings(Command):
    """End the agent's recordings: all of them, those of one call, or one. Done when they have ended."""

    agent: str
    call_id: int | None = None
    recording_id: int | None = None


@dataclass(frozen=True, slots=True)
class MuteRecordings(Command):
    """Let the agent's recordings go on in silence, or with sound again: all, or one."""

    agent: str
    muted: bool
    recording_id: int | None = None


@dataclass(frozen=True, slots=True)
class Supervise(Command):
    """Let a phone of this PBX listen to, whisper to or barge in on an agent. Done when Asterisk rings the phone.

    For a phone that is there already, the mode is changed.
    """

    agent: str
    phone: str
    mode: MonitorMode
    by: str


@dataclass(frozen=True, slots=True)
class EndSupervision(Command):
    """Let a supervisor's phone go."""

    agent: str
    phone: str


# --- kept for others -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordingFileGone(Command):
    """A recording's file is not there though it should be (``missing``), or was removed for its age."""

    recording_id: int
    file: str
    agent: str = ""
    call_id: int = 0
    missing: bool = False


@dataclass(frozen=True, slots=True)
class LogApiCall(Command):
    """Keep one line of the API log."""

    record: ApiCalled


@dataclass(frozen=True, slots=True)
class KeepAnswer(Command):
    """Remember what was said to an Idempotency-Key."""

    key: str
    answer: Answer


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
