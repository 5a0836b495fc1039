"""The lines that Crystal's agent commands answer with, and which error makes which line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agentd.core import errors as e
from agentd.http.kit import ErrorTable, echo

__all__ = ["ERRORS", "FORBIDDEN", "Asked", "done", "phrase", "unknown_action"]

FORBIDDEN = "Failed:1:invalid or missing parameters"
"""What a client without the secret is told."""


@dataclass(slots=True)
class Asked:
    """One agent command, decoded. ``agext`` is the session's own extension where there is a session."""

    action: str
    agid: str
    agext: str


def done(asked: Asked) -> str:
    """The command was carried out."""
    return f"0: OK {asked.action},{echo(asked.agid)},{echo(asked.agext)}"


def unknown_action() -> str:
    """No action, or one that there is not."""
    return "6: unknown action"


# --- from errors to lines ------------------------------------------------------------------------------------

Phrase = Callable[[Asked, e.AgentdError], str]


def _says(text: str) -> Phrase:
    """A text in which ``{agent}`` and ``{extension}`` stand for what the command is about."""

    def phrase(asked: Asked, _error: e.AgentdError) -> str:
        return text.format(agent=echo(asked.agid), extension=echo(asked.agext))

    return phrase


def _in_use(asked: Asked, error: e.AgentdError) -> str:
    by = error.by if isinstance(error, e.PhoneInUse) else ""
    return f"4: Exten {echo(asked.agext)} is inuse by {echo(by)}"


_NO_AGENT = _says("1: No such agent!")
_NO_EXTENSION = _says("2: no such extension")
_LOGGED_OFF = _says("5: Agent {agent} is already logged off!")
_NO_ANSWER = _says("7: extension {extension} did not answer")
_UNAVAILABLE = _says("10: PBX unavailable")

ERRORS: ErrorTable[Phrase] = ErrorTable(
    {
        e.UserUnknown: _NO_AGENT,
        e.NotAnAgent: _NO_AGENT,
        e.PhoneUnknown: _NO_EXTENSION,
        e.AlreadyLoggedIn: _says("3: Agent {agent} not logged off!"),
        e.PhoneInUse: _in_use,
        e.NotLoggedIn: _LOGGED_OFF,
        e.LoginCancelled: _LOGGED_OFF,
        e.PhoneFailed: _NO_ANSWER,
        e.PhoneNotConnected: _NO_ANSWER,
        e.PhoneBusy: _says("8: extension {extension} is busy"),
        e.PhoneUnregistered: _says("9: extension {extension} is not registered"),
        **dict.fromkeys(
            (
                e.ActivityUnknown,
                e.AlreadyQueued,
                e.AlreadyReady,
                e.AlreadyThere,
                e.AlternativesForbidden,
                e.AnotherCallConnected,
                e.AtDialRate,
                e.AutoDialForbidden,
                e.CallGone,
                e.CallNotFound,
                e.CallbackNeedsDate,
                e.CallbackUnknown,
                e.CallerIdInvalid,
                e.CallsPerSecond,
                e.CampaignUnknown,
                e.ChangedMeanwhile,
                e.DatabaseAway,
                e.DialRefused,
                e.DigitsInvalid,
                e.DispositionRequired,
                e.Draining,
                e.FieldInvalid,
                e.GroupAliasUnknown,
                e.IdsUsedUp,
                e.InGroupUnknown,
                e.InGroupsMissing,
                e.InboundForbidden,
                e.JournalFull,
                e.LeadHasNoNumber,
                e.LeadInUse,
                e.LeadOnAnotherScreen,
                e.LeadUnknown,
                e.LegBusy,
                e.ManualDialForbidden,
                e.NoCallInHand,
                e.NoCallToDispose,
                e.NoFields,
                e.NoFreeConference,
                e.NoIvr,
                e.NoLeadOnScreen,
                e.NoLiveCall,
                e.NoManualList,
                e.NoMessage,
                e.NoMoreLeads,
                e.NoOutsideNumber,
                e.NoPreview,
                e.NoThirdParty,
                e.NotMonitoring,
                e.NotPaused,
                e.NotPermitted,
                e.NotPossibleNow,
                e.NotRecording,
                e.NotThere,
                e.NumberCalledOften,
                e.NumberMissing,
                e.NumberNotAllowed,
                e.NumberNotOfLead,
                e.OnDncList,
                e.PauseCodeUnknown,
                e.PbxLinkDown,
                e.PbxRefused,
                e.PbxTimeout,
                e.PhoneHasNoDialString,
                e.PhoneNotOurs,
                e.PinWrong,
                e.PreviewForbidden,
                e.RecordingForced,
                e.RecordingOff,
                e.SkipForbidden,
                e.StageInvalid,
                e.StatusUnknown,
                e.StillInUse,
                e.ThirdPartyPresent,
                e.TooManyCalls,
                e.TooManySessions,
                e.ValueRefused,
            ),
            _UNAVAILABLE,
        ),
    }
)
"""The line for every error; a test holds that none is missing."""


def phrase(asked: Asked, error: e.AgentdError) -> str:
    """Give the line for an error."""
    return (ERRORS.find(error) or _UNAVAILABLE)(asked, error)
