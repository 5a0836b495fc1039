"""The lines that the agent API answers with, and which error makes which line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agentd.core import errors as e
from agentd.dialects.agent_api.asked import Asked
from agentd.http.kit import ErrorTable
from agentd.http.kit import echo as clean

__all__ = [
    "ERRORS",
    "Line",
    "Refused",
    "bare",
    "clean",
    "error",
    "no_permission",
    "not_valid",
    "notice",
    "phrase",
    "success",
    "unknown_function",
    "wrong_password",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One answer line, and what the API log keeps of it.

    ``value`` is the value as it was carried out, where that is not what the request gave.
    """

    text: str
    result: str = ""
    reason: str = ""
    data: str = ""
    value: str | None = None


class Refused(Exception):
    """The dialect itself refuses the request, with this line."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.text)
        self.line = line


# --- making lines --------------------------------------------------------------------------------------------


def _line(result: str, reason: str, fields: tuple[str, ...], data: str = "", value: str | None = None) -> Line:
    reason = clean(reason)
    return Line(f"{result}: {reason} - {'|'.join(map(clean, fields))}", result, reason, data, value)


def success(reason: str, *fields: str, data: str = "", value: str | None = None) -> Line:
    """Done."""
    return _line("SUCCESS", reason, fields, data, value)


def notice(reason: str, *fields: str) -> Line:
    """Told, with nothing done."""
    return _line("NOTICE", reason, fields)


def error(reason: str, *fields: str) -> Line:
    """Not done."""
    return _line("ERROR", reason, fields)


def bare(reason: str) -> Line:
    """An error without fields."""
    return Line(f"ERROR: {reason}", "ERROR", reason)


def wrong_password(user: str, verdict: str, *, password_good: bool = False) -> Line:
    """Who is not let in, and which of the two tests he failed. The password's own field stays empty."""
    data = f"{clean(user)}||{int(password_good)}|0|{verdict}|"
    reason = "Invalid Username/Password"
    return Line(f"ERROR: {reason}: |{data}", "ERROR", reason, data)


def unknown_function(asked: Asked) -> Line:
    """There is no such function."""
    return error("unknown function", asked.function)


def no_permission(asked: Asked, group: str) -> Line:
    """The user may use other functions, not this one."""
    reason = "auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION"
    return error(reason, asked.value, asked.user, asked.function, group)


def not_valid(asked: Asked) -> Line:
    """What the function was given makes no sense; which fields say so is the function's own."""
    fields = _NOT_VALID.get(asked.function, _value_agent)
    return error(f"{asked.function} not valid", *fields(asked))


def _value_agent(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.agent


def _agent_value(asked: Asked) -> tuple[str, ...]:
    return asked.agent, asked.value


def _dial_fields(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.get("phone_code"), asked.get("search"), asked.agent


def _value_choices(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.get("ingroup_choices")


def _value_agent_stage(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.agent, asked.get("stage")


_NOT_VALID: dict[str, Callable[[Asked], tuple[str, ...]]] = {
    "call_agent": _agent_value,
    "change_ingroups": _value_choices,
    "external_dial": _dial_fields,
    "pause_code": _agent_value,
    "ra_call_control": _value_agent_stage,
}


# --- from errors to lines ------------------------------------------------------------------------------------

Phrase = Callable[[Asked, e.AgentdError], Line]


def _says(reason: str, *names: str) -> Phrase:
    """A fixed reason (``{function}`` stands for the function's name); fields by name, ``agent`` and ``value`` too."""

    def phrase(asked: Asked, _error: e.AgentdError) -> Line:
        own = {"agent": asked.agent, "value": asked.value, "": ""}
        fields = (own[name] if name in own else asked.get(name) for name in names)
        return error(reason.replace("{function}", asked.function), *fields)

    return phrase


def _not_valid(asked: Asked, _error: e.AgentdError) -> Line:
    return not_valid(asked)


def _not_sent(asked: Asked, failed: e.AgentdError) -> Line:
    """The request was good; circumstances forbid it, and the line says which."""
    return error(f"{asked.function} not sent", failed.message, asked.agent)


_LEAD_NUMBER = _says("phone number is not valid", "agent", "", "lead_id", "alt_dial")


def _number_refused(asked: Asked, failed: e.AgentdError) -> Line:
    """The number that was given, or the one that the lead has."""
    by_lead = asked.function == "external_dial" and asked.get("lead_id")
    return _LEAD_NUMBER(asked, failed) if by_lead else not_valid(asked)


def _already_queued(asked: Asked, failed: e.AgentdError) -> Line:
    number = failed.number if isinstance(failed, e.AlreadyQueued) else asked.value
    return error("phone_number is already in this agents manual dial queue", asked.agent, number)


def _ingroup_refused(asked: Asked, failed: e.AgentdError) -> Line:
    """The in-group that was asked for, or the one that DEFAULTINGROUP means here."""
    ingroup = failed.ingroup if isinstance(failed, e.InGroupUnknown) else asked.get("ingroup_choices")
    return error("ingroup is not valid", ingroup)


def _ingroup_missing(asked: Asked, failed: e.AgentdError) -> Line:
    """One of the in-groups that were asked for."""
    ingroup = failed.ingroup if isinstance(failed, e.InGroupUnknown) else ""
    return error("ingroup does not exist", ingroup, asked.get("ingroup_choices"))


def _auto_dial_refused(asked: Asked, failed: e.AgentdError) -> Line:
    campaign = failed.campaign if isinstance(failed, e.AutoDialForbidden) else ""
    return error("campaign dial_method does not allow outbound autodial", asked.agent, campaign)


def _caller_id_refused(asked: Asked, failed: e.AgentdError) -> Line:
    caller_id = failed.caller_id if isinstance(failed, e.CallerIdInvalid) else ""
    return error("caller_id_number from group_alias is not valid", asked.agent, asked.get("group_alias"), caller_id)


def _either(otherwise: Phrase, **functions: Phrase) -> Phrase:
    """What the functions that are named here say in their own words, and the rest otherwise."""

    def phrase(asked: Asked, failed: e.AgentdError) -> Line:
        return functions.get(asked.function, otherwise)(asked, failed)

    return phrase


_NOT_LOGGED_IN = _says("agent_user is not logged in", "agent")
_NO_REMOTE = _says("user not logged in", "agent")
_NO_REMOTE_CALL = _says("no active call found", "value")
_NO_SESSION_DATA = _says("{function} error - no session data", "agent")
_NO_LIVE_CALL = _says("agent_user does not have a live call", "agent")
_NO_LEAD = _says("agent_user does not have a lead on their screen", "agent")

ERRORS: ErrorTable[Phrase] = ErrorTable(
    {
        # Whoever is not there is not logged in: the line does not tell which users exist.
        e.NotLoggedIn: _either(_NOT_LOGGED_IN, ra_call_control=_NO_REMOTE),
        # Two functions do not look for their agent among the users: there it is the one whom AGENTDIRECT is to bring.
        e.UserUnknown: _either(_NOT_LOGGED_IN, transfer_conference=_not_valid, ra_call_control=_not_valid),
        e.NotAnAgent: _NOT_LOGGED_IN,
        e.AlreadyReady: _says("{function} agent is not paused", "value", "agent"),
        e.NotPaused: _says("{function} error - agent is not paused", "agent"),
        e.PauseCodeUnknown: _not_valid,
        e.StatusUnknown: _not_valid,
        e.CallbackNeedsDate: _not_valid,
        e.NoCallToDispose: _not_valid,
        e.CallNotFound: _either(_not_valid, ra_call_control=_NO_REMOTE_CALL),
        e.NumberNotAllowed: _either(
            _number_refused, ra_call_control=_says("phone_number is not valid", "phone_number")
        ),
        e.NumberMissing: _not_valid,
        e.NoCallInHand: _either(_not_valid, park_call=_NO_LEAD, transfer_conference=_NO_LIVE_CALL),
        e.NoLiveCall: _either(_not_valid, transfer_conference=_NO_LIVE_CALL, ra_call_control=_NO_REMOTE_CALL),
        e.CallGone: _either(
            _not_valid,
            transfer_conference=_NO_LIVE_CALL,
            ra_call_control=_NO_REMOTE_CALL,
            recording=_not_sent,
        ),
        e.NotPossibleNow: _not_valid,
        e.NoThirdParty: _not_valid,
        e.DigitsInvalid: _not_valid,
        e.StageInvalid: _not_valid,
        e.RecordingOff: _not_valid,
        e.InGroupUnknown: _either(_ingroup_refused, change_ingroups=_ingroup_missing),
        e.InGroupsMissing: _says("ingroup_choices are required for ADD and REMOVE values", "value", "ingroup_choices"),
        e.InboundForbidden: _says("campaign does not allow inbound calls", "agent"),
        e.AutoDialForbidden: _auto_dial_refused,
        e.GroupAliasUnknown: _says("group_alias is not valid", "agent", "group_alias"),
        e.CallerIdInvalid: _caller_id_refused,
        e.ManualDialForbidden: _says("agent_user is not allowed to place manual dial calls", "agent"),
        e.AlreadyQueued: _already_queued,
        e.LeadUnknown: _says("lead_id is not valid", "agent", "lead_id"),
        e.LeadHasNoNumber: _LEAD_NUMBER,
        e.PhoneUnknown: _NO_SESSION_DATA,
        e.PhoneNotOurs: _NO_SESSION_DATA,
        e.PhoneHasNoDialString: _says("{function} error - entry is empty", "agent"),
        **dict.fromkeys(
            (
                e.AlreadyLoggedIn,
                e.AnotherCallConnected,
                e.CallsPerSecond,
                e.CampaignUnknown,
                e.DatabaseAway,
                e.DialRefused,
                e.DispositionRequired,
                e.Draining,
                e.IdsUsedUp,
                e.JournalFull,
                e.LeadOnAnotherScreen,
                e.LegBusy,
                e.LoginCancelled,
                e.NoFreeConference,
                e.NoIvr,
                e.NoMessage,
                e.NoOutsideNumber,
                e.NotMonitoring,
                e.NotPermitted,
                e.NotRecording,
                e.PbxLinkDown,
                e.PbxRefused,
                e.PbxTimeout,
                e.PhoneFailed,
                e.PhoneInUse,
                e.PhoneNotConnected,
                e.PinWrong,
                e.RecordingForced,
                e.ThirdPartyPresent,
                e.TooManyCalls,
                e.TooManySessions,
            ),
            _not_sent,
        ),
    }
)
"""The line for every error; a test holds that none is missing."""


def phrase(asked: Asked, failed: e.AgentdError) -> Line:
    """Give the line for an error."""
    return (ERRORS.find(failed) or _not_sent)(asked, failed)
