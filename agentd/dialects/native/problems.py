"""The core's errors as problem details: one table from class to HTTP status.

404: what the URL names is not there. 422: the request names something that is not there, or asks for what is never
allowed. 409, 412: not in the present state. 429: too often. 502, 503, 504: Asterisk, a limit or a part of the daemon.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twisted.web.iweb import IRequest

from agentd.core import errors as e
from agentd.dialects.native.replies import Reply, problem, send
from agentd.http.kit import ErrorTable

__all__ = ["STATUSES", "phrase", "problem_of"]

STATUSES: ErrorTable[int] = ErrorTable(
    {
        e.NotPermitted: 403,
        e.ManualDialForbidden: 403,
        e.PinWrong: 403,
        e.NotLoggedIn: 404,
        e.CallNotFound: 404,
        e.NotRecording: 404,
        e.NotMonitoring: 404,
        e.NoLeadOnScreen: 404,
        e.CallbackUnknown: 404,
        e.NotThere: 404,
        e.AlreadyLoggedIn: 409,
        e.LoginCancelled: 409,
        e.PhoneInUse: 409,
        e.PhoneFailed: 409,
        e.PhoneNotConnected: 409,
        e.PhoneNotOurs: 409,
        e.NotPaused: 409,
        e.AlreadyReady: 409,
        e.DispositionRequired: 409,
        e.NoCallToDispose: 409,
        e.LeadOnAnotherScreen: 409,
        e.AlreadyQueued: 409,
        e.NoCallInHand: 409,
        e.NoLiveCall: 409,
        e.NotPossibleNow: 409,
        e.AnotherCallConnected: 409,
        e.ThirdPartyPresent: 409,
        e.NoThirdParty: 409,
        e.CallGone: 409,
        e.NoPreview: 409,
        e.NoMoreLeads: 409,
        e.LeadInUse: 409,
        e.AlreadyThere: 409,
        e.StillInUse: 409,
        e.ChangedMeanwhile: 412,
        e.UserUnknown: 422,
        e.NotAnAgent: 422,
        e.CampaignUnknown: 422,
        e.PhoneUnknown: 422,
        e.PhoneHasNoDialString: 422,
        e.PauseCodeUnknown: 422,
        e.StatusUnknown: 422,
        e.CallbackNeedsDate: 422,
        e.NumberNotAllowed: 422,
        e.LeadUnknown: 422,
        e.LeadHasNoNumber: 422,
        e.NumberMissing: 422,
        e.NoIvr: 422,
        e.NoMessage: 422,
        e.DigitsInvalid: 422,
        e.InGroupUnknown: 422,
        e.GroupAliasUnknown: 422,
        e.CallerIdInvalid: 422,
        e.StageInvalid: 422,
        e.RecordingOff: 422,
        e.RecordingForced: 422,
        e.InGroupsMissing: 422,
        e.InboundForbidden: 422,
        e.AutoDialForbidden: 422,
        e.NoOutsideNumber: 422,
        e.PreviewForbidden: 422,
        e.SkipForbidden: 422,
        e.AlternativesForbidden: 422,
        e.NumberNotOfLead: 422,
        e.OnDncList: 422,
        e.ActivityUnknown: 422,
        e.NoFields: 422,
        e.FieldInvalid: 422,
        e.NoManualList: 422,
        e.ValueRefused: 422,
        e.AtDialRate: 429,
        e.NumberCalledOften: 429,
        e.DialRefused: 502,
        e.PbxRefused: 502,
        e.PbxLinkDown: 503,
        e.NoFreeConference: 503,
        e.LegBusy: 503,
        e.TooManySessions: 503,
        e.TooManyCalls: 503,
        e.CallsPerSecond: 503,
        e.JournalFull: 503,
        e.DatabaseAway: 503,
        e.IdsUsedUp: 503,
        e.Draining: 503,
        e.PbxTimeout: 504,
    }
)

_RETRY_AFTER = {e.LegBusy: "1", e.CallsPerSecond: "1", e.Draining: "2", e.PbxLinkDown: "2", e.DatabaseAway: "5"}

_MEMBERS: dict[type[e.AgentdError], dict[str, str]] = {
    e.PhoneFailed: {"phone": "extension"},
    e.PhoneInUse: {"phone": "extension", "by": "by"},
    e.InGroupUnknown: {"ingroup": "ingroup"},
    e.AutoDialForbidden: {"campaign": "campaign"},
    e.PreviewForbidden: {"campaign": "campaign"},
    e.SkipForbidden: {"campaign": "campaign"},
    e.AlternativesForbidden: {"campaign": "campaign"},
    e.OnDncList: {"campaign": "campaign"},
    e.NoManualList: {"campaign": "campaign"},
    e.FieldInvalid: {"field": "field"},
    e.ValueRefused: {"field": "field"},
    e.StillInUse: {"used_by": "used_by"},
    e.GroupAliasUnknown: {"group_alias": "alias"},
    e.CallerIdInvalid: {"group_alias": "alias", "caller_id": "caller_id"},
}
"""What the details of an error tell besides: their names, and the error's fields that they are."""

_REASONS = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 500: "internal_error"}


def problem_of(error: e.AgentdError, told: Mapping[str, Any]) -> Reply:
    """A core error as problem details; ``told`` is what they tell besides, such as the session's present state."""
    members = dict(told)
    for cls, names in _MEMBERS.items():
        if isinstance(error, cls):
            members |= {name: getattr(error, field) for name, field in names.items()}
    wait = _RETRY_AFTER.get(type(error))
    headers = {"Retry-After": wait} if wait else {}
    return problem(STATUSES.find(error) or 500, error.reason, error.message, headers, **members)


def phrase(request: IRequest, text: str, status: int) -> bytes:
    """What the routes themselves refuse, as problem details (for agentd.http.kit.install_errors)."""
    return send(request, problem(status, _REASONS.get(status, "refused"), text))
