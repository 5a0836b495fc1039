"""Which error makes which line of the agent API."""

from __future__ import annotations

from collections.abc import Callable

from agentd.core import errors as e
from agentd.dialects.agent_api.answers import Line, alone, error, not_valid
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.words import as_number
from agentd.http.kit import ErrorTable

__all__ = ["ERRORS", "phrase"]

Phrase = Callable[[Asked, e.AgentdError], Line]


def _says(reason: str, *names: str) -> Phrase:
    """A fixed reason (``{function}`` stands for the function's name); fields by name, or as they were given."""

    def phrase(asked: Asked, _error: e.AgentdError) -> Line:
        own = {"agent": asked.agent, "value": asked.value, "user": asked.user, "": ""}
        fields = (own[name] if name in own else asked.get(name) for name in names)
        return error(reason.replace("{function}", asked.function), *fields)

    return phrase


def _alone(otherwise: Phrase) -> Phrase:
    """The same, with nothing beside it."""
    return lambda asked, failed: alone(otherwise(asked, failed))


def _either(otherwise: Phrase, **functions: Phrase) -> Phrase:
    """What the functions that are named here say in their own words, and the rest otherwise."""

    def phrase(asked: Asked, failed: e.AgentdError) -> Line:
        return functions.get(asked.function, otherwise)(asked, failed)

    return phrase


def _not_valid(asked: Asked, _error: e.AgentdError) -> Line:
    return not_valid(asked)


def _not_sent(asked: Asked, failed: e.AgentdError) -> Line:
    """The request was good; circumstances forbid it, and the line says which."""
    return error(f"{asked.function} not sent", failed.message, asked.agent)


# --- dialling ------------------------------------------------------------------------------------------------

_LEAD_NUMBER = _says("phone number is not valid", "agent", "", "lead_id", "alt_dial")


def _not_his_number(asked: Asked, _error: e.AgentdError) -> Line:
    number = as_number(asked.value) or asked.value
    return error("phone number lead_id search not found", asked.agent, number, asked.get("lead_id"), "")


def _number_refused(asked: Asked, failed: e.AgentdError) -> Line:
    """The number that was given, the one that the lead has, or the one that he should have."""
    if not asked.get("lead_id"):
        return not_valid(asked)
    searched = asked.get("alt_dial") == "SEARCH" and not as_number(asked.value)
    return _not_his_number(asked, failed) if searched else _LEAD_NUMBER(asked, failed)


def _already_queued(asked: Asked, failed: e.AgentdError) -> Line:
    number = failed.number if isinstance(failed, e.AlreadyQueued) else asked.value
    return error("phone_number is already in this agents manual dial queue", asked.agent, number)


def _caller_id_refused(asked: Asked, failed: e.AgentdError) -> Line:
    caller_id = failed.caller_id if isinstance(failed, e.CallerIdInvalid) else ""
    reason = "caller_id_number from group_alias is not valid"
    return alone(error(reason, asked.agent, asked.get("group_alias"), caller_id))


def _no_activity(asked: Asked, _error: e.AgentdError) -> Line:
    """The activity's id is the value without the digits that make it one."""
    activity = as_number(asked.value).removeprefix("99")
    return error("vtiger callback activity does not exist in vtiger system", activity)


def _of_campaign(reason: str, rule: str) -> Phrase:
    """What the agent's campaign forbids, and how its setting is called."""

    def phrase(asked: Asked, failed: e.AgentdError) -> Line:
        known = e.PreviewForbidden | e.SkipForbidden | e.AlternativesForbidden
        campaign = failed.campaign if isinstance(failed, known) else ""
        return error(f"{reason} not allowed on this campaign", asked.agent, campaign, rule)

    return phrase


# --- in-groups -----------------------------------------------------------------------------------------------


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


# --- leads ---------------------------------------------------------------------------------------------------


def _no_manual_list(asked: Asked, failed: e.AgentdError) -> Line:
    campaign = failed.campaign if isinstance(failed, e.NoManualList) else ""
    given = asked.value or asked.get("phone_number")
    return error("campaign manual dial list undefined", as_number(given) or given, campaign, asked.agent)


# --- the table -----------------------------------------------------------------------------------------------

_NOT_LOGGED_IN = _says("agent_user is not logged in", "agent")
_USER_NOT_LOGGED_IN = _says("user not logged in", "agent")
_NO_REMOTE_CALL = _says("no active call found", "value")
_NO_SESSION_DATA = _says("{function} error - no session data", "agent")
_NO_LIVE_CALL = _says("agent_user does not have a live call", "agent")
_NO_LEAD = _says("agent_user does not have a lead on their screen", "agent")

ERRORS: ErrorTable[Phrase] = ErrorTable(
    {
        # Whoever is not there is not logged in: the line does not tell which users exist.
        e.NotLoggedIn: _either(
            _NOT_LOGGED_IN, ra_call_control=_USER_NOT_LOGGED_IN, st_get_agent_active_lead=_USER_NOT_LOGGED_IN
        ),
        # Two functions do not look for their agent among the users: there it is the one whom AGENTDIRECT is to bring.
        e.UserUnknown: _either(
            _NOT_LOGGED_IN,
            transfer_conference=_not_valid,
            ra_call_control=_not_valid,
            st_login_log=_says("no user found", "value"),
        ),
        e.NotAnAgent: _NOT_LOGGED_IN,
        e.AlreadyReady: _alone(_says("{function} agent is not paused", "value", "agent")),
        e.NotPaused: _says("{function} error - agent is not paused", "agent"),
        e.PauseCodeUnknown: _not_valid,
        e.StatusUnknown: _not_valid,
        e.CallbackNeedsDate: _not_valid,
        e.NoCallToDispose: _not_valid,
        e.CallNotFound: _either(_not_valid, ra_call_control=_NO_REMOTE_CALL),
        e.NumberNotAllowed: _either(
            _not_valid,
            external_dial=_number_refused,
            preview_dial_action=_not_sent,
            ra_call_control=_says("phone_number is not valid", "phone_number"),
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
        e.GroupAliasUnknown: _alone(_says("group_alias is not valid", "agent", "group_alias")),
        e.CallerIdInvalid: _caller_id_refused,
        e.ManualDialForbidden: _says("agent_user is not allowed to place manual dial calls", "agent"),
        e.AlreadyQueued: _already_queued,
        e.LeadUnknown: _says("lead_id is not valid", "agent", "lead_id"),
        e.LeadHasNoNumber: _either(_LEAD_NUMBER, preview_dial_action=_not_sent),
        e.NumberNotOfLead: _not_his_number,
        e.ActivityUnknown: _no_activity,
        e.PreviewForbidden: _of_campaign("preview dialing", "DISABLED"),
        e.SkipForbidden: _of_campaign("preview dial skipping", "PREVIEW_ONLY"),
        e.AlternativesForbidden: _of_campaign("alt number dialing", "N"),
        e.NoPreview: _not_valid,
        e.NoManualList: _no_manual_list,
        e.FieldInvalid: _not_valid,
        e.NoFields: _says("no fields have been defined", "agent"),
        e.NoLeadOnScreen: _either(
            _says("agent_user does not have a lead on their screen", "agent", "user"),
            st_get_agent_active_lead=_says("no active lead found", "agent"),
        ),
        e.NotPermitted: _either(
            _not_sent,
            set_timer_action=_says("user is not allowed to modify campaign settings", "agent", "user"),
            update_fields=_says("user is not allowed to modify lead information", "agent", "user"),
        ),
        e.PhoneUnknown: _NO_SESSION_DATA,
        e.PhoneNotOurs: _NO_SESSION_DATA,
        e.PhoneHasNoDialString: _says("{function} error - entry is empty", "agent"),
        **dict.fromkeys(
            (
                e.AlreadyLoggedIn,
                e.AlreadyThere,
                e.AnotherCallConnected,
                e.AtDialRate,
                e.CallbackUnknown,
                e.CallsPerSecond,
                e.CampaignUnknown,
                e.ChangedMeanwhile,
                e.DatabaseAway,
                e.DialRefused,
                e.DispositionRequired,
                e.Draining,
                e.IdsUsedUp,
                e.JournalFull,
                e.LeadInUse,
                e.LeadOnAnotherScreen,
                e.LegBusy,
                e.LoginCancelled,
                e.NoFreeConference,
                e.NoIvr,
                e.NoMessage,
                e.NoMoreLeads,
                e.NoOutsideNumber,
                e.NotMonitoring,
                e.NotRecording,
                e.NotThere,
                e.NumberCalledOften,
                e.OnDncList,
                e.PbxLinkDown,
                e.PbxRefused,
                e.PbxTimeout,
                e.PhoneFailed,
                e.PhoneInUse,
                e.PhoneNotConnected,
                e.PinWrong,
                e.RecordingForced,
                e.StillInUse,
                e.ThirdPartyPresent,
                e.TooManyCalls,
                e.TooManySessions,
                e.ValueRefused,
            ),
            _not_sent,
        ),
    }
)
"""The line for every error; a test holds that none is missing."""


def phrase(asked: Asked, failed: e.AgentdError) -> Line:
    """Give the line for an error."""
    return (ERRORS.find(failed) or _not_sent)(asked, failed)
