"""Every way in which a command can be refused or an operation can fail, one class per fact.

``reason`` is a stable word that is part of the native API; the other dialects phrase each class in a table of
their own. No HTTP status and no foreign phrase belongs here. Every error is raised before anything changed.
"""

from __future__ import annotations

from agentd.core.errors.hand import (
    AgentdError,
    AnotherCallConnected,
    CallerIdInvalid,
    CallGone,
    DigitsInvalid,
    GroupAliasUnknown,
    InGroupUnknown,
    LegBusy,
    NoCallInHand,
    NoIvr,
    NoLiveCall,
    NoMessage,
    NoThirdParty,
    NotMonitoring,
    NotPossibleNow,
    NotRecording,
    NumberMissing,
    RecordingForced,
    RecordingOff,
    StageInvalid,
    ThirdPartyPresent,
)
from agentd.core.errors.incoming import (
    AutoDialForbidden,
    InboundForbidden,
    InGroupsMissing,
    NoOutsideNumber,
    PhoneNotOurs,
    PinWrong,
)
from agentd.core.errors.leads import (
    ActivityUnknown,
    AlternativesForbidden,
    AtDialRate,
    CallbackUnknown,
    FieldInvalid,
    LeadInUse,
    NoFields,
    NoLeadOnScreen,
    NoManualList,
    NoMoreLeads,
    NoPreview,
    NumberCalledOften,
    NumberNotOfLead,
    OnDncList,
    PreviewForbidden,
    SkipForbidden,
)
from agentd.core.errors.setup import AlreadyThere, ChangedMeanwhile, NotThere, StillInUse, ValueRefused

__all__ = [
    "ActivityUnknown",
    "AgentdError",
    "AlreadyLoggedIn",
    "AlreadyQueued",
    "AlreadyReady",
    "AlreadyThere",
    "AlternativesForbidden",
    "AnotherCallConnected",
    "AtDialRate",
    "AutoDialForbidden",
    "CallGone",
    "CallNotFound",
    "CallbackNeedsDate",
    "CallbackUnknown",
    "CallerIdInvalid",
    "CallsPerSecond",
    "CampaignUnknown",
    "ChangedMeanwhile",
    "DatabaseAway",
    "DialRefused",
    "DigitsInvalid",
    "DispositionRequired",
    "Draining",
    "ExtensionUnknown",
    "FieldInvalid",
    "GroupAliasUnknown",
    "IdsUsedUp",
    "InGroupUnknown",
    "InGroupsMissing",
    "InboundForbidden",
    "JournalFull",
    "LeadHasNoNumber",
    "LeadInUse",
    "LeadOnAnotherScreen",
    "LeadUnknown",
    "LegBusy",
    "LoginCancelled",
    "ManualDialForbidden",
    "NoCallInHand",
    "NoCallToDispose",
    "NoFields",
    "NoFreeConference",
    "NoIvr",
    "NoLeadOnScreen",
    "NoLiveCall",
    "NoManualList",
    "NoMessage",
    "NoMoreLeads",
    "NoOutsideNumber",
    "NoPreview",
    "NoThirdParty",
    "NotAnAgent",
    "NotLoggedIn",
    "NotMonitoring",
    "NotPaused",
    "NotPermitted",
    "NotPossibleNow",
    "NotRecording",
    "NotThere",
    "NumberCalledOften",
    "NumberMissing",
    "NumberNotAllowed",
    "NumberNotOfLead",
    "OnDncList",
    "PauseCodeUnknown",
    "PbxLinkDown",
    "PbxRefused",
    "PbxTimeout",
    "PhoneBusy",
    "PhoneFailed",
    "PhoneHasNoDialString",
    "PhoneInUse",
    "PhoneNoAnswer",
    "PhoneNotConnected",
    "PhoneNotOurs",
    "PhoneUnknown",
    "PhoneUnregistered",
    "PinWrong",
    "PreviewForbidden",
    "RecordingForced",
    "RecordingOff",
    "SkipForbidden",
    "StageInvalid",
    "StatusUnknown",
    "StillInUse",
    "ThirdPartyPresent",
    "TooManyCalls",
    "TooManySessions",
    "UserUnknown",
    "ValueRefused",
]


# --- who -----------------------------------------------------------------------------------------------------


class UserUnknown(AgentdError):
    """There is no active user of that name."""

    reason = "user_unknown"


class NotAnAgent(AgentdError):
    """The user exists but takes no calls on a phone of this PBX."""

    reason = "not_an_agent"


class NotPermitted(AgentdError):
    """The caller lacks the right that the operation needs."""

    reason = "not_permitted"


class NotLoggedIn(AgentdError):
    """The agent has no session."""

    reason = "not_logged_in"


class AlreadyLoggedIn(AgentdError):
    """The agent has a session, or a login of his is under way."""

    reason = "already_logged_in"


class LoginCancelled(AgentdError):
    """A logout came while the phone was ringing for the login."""

    reason = "login_cancelled"


class CampaignUnknown(AgentdError):
    """There is no active campaign of that name."""

    reason = "campaign_unknown"


# --- the agent's phone ---------------------------------------------------------------------------------------


class PhoneUnknown(AgentdError):
    """There is no active phone with that extension."""

    reason = "phone_unknown"


class PhoneInUse(AgentdError):
    """Another agent's session holds the phone: ``by`` names him."""

    reason = "phone_in_use"

    def __init__(self, message: str, extension: str, by: str) -> None:
        super().__init__(message)
        self.extension = extension
        self.by = by


class PhoneFailed(AgentdError):
    """The phone could not be brought into the conference (no other class tells why)."""

    reason = "phone_failed"

    def __init__(self, message: str, extension: str) -> None:
        super().__init__(message)
        self.extension = extension


class PhoneNoAnswer(PhoneFailed):
    """The phone rang and nobody answered, or he declined."""

    reason = "phone_no_answer"


class PhoneBusy(PhoneFailed):
    """The phone is busy."""

    reason = "phone_busy"


class PhoneUnregistered(PhoneFailed):
    """The phone is not registered, or cannot be reached at all."""

    reason = "phone_unreachable"


class PhoneNotConnected(AgentdError):
    """The agent's phone has left the conference, and the operation needs it."""

    reason = "phone_not_connected"


class PhoneHasNoDialString(AgentdError):
    """The phone has nothing that the PBX could dial."""

    reason = "phone_has_no_dial_string"


# --- states --------------------------------------------------------------------------------------------------


class NotPaused(AgentdError):
    """A pause code needs a paused agent, or one in wrap-up."""

    reason = "not_paused"


class AlreadyReady(AgentdError):
    """The agent is ready already (raised only where the caller asked to be told)."""

    reason = "already_ready"


class PauseCodeUnknown(AgentdError):
    """The campaign has no such pause code."""

    reason = "pause_code_unknown"


class DispositionRequired(AgentdError):
    """The campaign wants a disposition before the agent goes on."""

    reason = "disposition_required"


# --- calls ---------------------------------------------------------------------------------------------------


class CallNotFound(AgentdError):
    """The agent has no call with that id."""

    reason = "call_not_found"


class NoCallToDispose(AgentdError):
    """There is no call that a disposition could belong to."""

    reason = "no_call"


class StatusUnknown(AgentdError):
    """Neither the system nor the campaign has that status."""

    reason = "status_unknown"


class CallbackNeedsDate(AgentdError):
    """The status is a callback, and no date came with it."""

    reason = "callback_needs_date"


class ManualDialForbidden(AgentdError):
    """The agent lacks the right ``agentcall_manual``."""

    reason = "manual_dial_forbidden"


class NumberNotAllowed(AgentdError):
    """The number is malformed, or the campaign's dial rules refuse it."""

    reason = "number_not_allowed"


class ExtensionUnknown(NumberNotAllowed):
    """A number of up to six digits is neither a phone nor an extension of this PBX."""

    reason = "extension_unknown"


class LeadUnknown(AgentdError):
    """There is no lead with that id."""

    reason = "lead_unknown"


class LeadHasNoNumber(AgentdError):
    """The lead has no such number."""

    reason = "lead_has_no_number"


class LeadOnAnotherScreen(AgentdError):
    """Another agent has that lead in a call."""

    reason = "lead_on_another_screen"


class AlreadyQueued(AgentdError):
    """That number waits in the agent's manual dial queue already."""

    reason = "already_queued"

    def __init__(self, message: str, number: str) -> None:
        super().__init__(message)
        self.number = number


class DialRefused(AgentdError):
    """Asterisk made no channel for the dial."""

    reason = "dial_refused"


# --- limits and parts that are away --------------------------------------------------------------------------


class NoFreeConference(AgentdError):
    """All conferences are taken."""

    reason = "no_free_conference"


class TooManySessions(AgentdError):
    """``max_sessions`` is reached."""

    reason = "too_many_sessions"


class TooManyCalls(AgentdError):
    """``max_calls`` is reached."""

    reason = "too_many_calls"


class CallsPerSecond(AgentdError):
    """More new calls in this second than the PBX should be asked for."""

    reason = "calls_per_second"


class PbxLinkDown(AgentdError):
    """There is no live link to Asterisk."""

    reason = "pbx_link_down"


class PbxRefused(AgentdError):
    """Asterisk refused what it was asked for."""

    reason = "pbx_refused"


class PbxTimeout(AgentdError):
    """Asterisk did not confirm in time; what it really did is being read again."""

    reason = "pbx_timeout"


class JournalFull(AgentdError):
    """The journal cannot grow, so that new work is refused."""

    reason = "journal_full"


class DatabaseAway(AgentdError):
    """The operation needs the database, which does not answer."""

    reason = "database_away"


class IdsUsedUp(AgentdError):
    """The reserved ids of that kind are used up and no new block could be had."""

    reason = "ids_used_up"


class Draining(AgentdError):
    """The daemon is being stopped and takes no new work."""

    reason = "draining"
