"""Refusals about leads, previews, callbacks and numbers that must not be called.

:mod:`agentd.core.errors` has every class; it is the one to import from.
"""

from __future__ import annotations

from agentd.core.errors.hand import AgentdError

__all__ = [
    "ActivityUnknown",
    "AlternativesForbidden",
    "AtDialRate",
    "CallbackUnknown",
    "FieldInvalid",
    "LeadInUse",
    "NoFields",
    "NoLeadOnScreen",
    "NoManualList",
    "NoMoreLeads",
    "NoPreview",
    "NumberCalledOften",
    "NumberNotOfLead",
    "OnDncList",
    "PreviewForbidden",
    "SkipForbidden",
]


class PreviewForbidden(AgentdError):
    """The campaign's agents may not look at leads before they dial."""

    reason = "preview_forbidden"

    def __init__(self, message: str, campaign: str) -> None:
        super().__init__(message)
        self.campaign = campaign


class SkipForbidden(AgentdError):
    """The campaign's agents may not put a previewed lead away undialled."""

    reason = "skip_forbidden"

    def __init__(self, message: str, campaign: str) -> None:
        super().__init__(message)
        self.campaign = campaign


class AlternativesForbidden(AgentdError):
    """The campaign's agents may not dial another number of a lead."""

    reason = "alternatives_forbidden"

    def __init__(self, message: str, campaign: str) -> None:
        super().__init__(message)
        self.campaign = campaign


class NoPreview(AgentdError):
    """The agent has no lead before him that he could dial or put away."""

    reason = "no_preview"


class NumberNotOfLead(AgentdError):
    """The number is none of the lead's."""

    reason = "number_not_of_lead"


class NoMoreLeads(AgentdError):
    """The campaign has no lead that may be dialled now."""

    reason = "no_more_leads"


class OnDncList(AgentdError):
    """The number must not be called; ``campaign`` is whose list says so, empty for the system's."""

    reason = "dnc"

    def __init__(self, message: str, campaign: str) -> None:
        super().__init__(message)
        self.campaign = campaign


class AtDialRate(AgentdError):
    """The agent has dialled as often in the last minute as one may."""

    reason = "dial_rate"


class NumberCalledOften(AgentdError):
    """The number was dialled as often in the last hour as one may be."""

    reason = "number_called_often"


class NoLeadOnScreen(AgentdError):
    """The agent has no lead before him."""

    reason = "no_lead_on_screen"


class NoFields(AgentdError):
    """Nothing was said that could be changed."""

    reason = "no_fields"


class FieldInvalid(AgentdError):
    """A field of a lead cannot have that value; ``field`` is its name."""

    reason = "field_invalid"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class LeadInUse(AgentdError):
    """The lead is on somebody's screen, or waits in a line."""

    reason = "lead_in_use"


class NoManualList(AgentdError):
    """The campaign has no list for leads that are added by hand."""

    reason = "no_manual_list"

    def __init__(self, message: str, campaign: str) -> None:
        super().__init__(message)
        self.campaign = campaign


class CallbackUnknown(AgentdError):
    """There is no such promise to call again, or it was kept already."""

    reason = "callback_unknown"


class ActivityUnknown(AgentdError):
    """The CRM has no activity of that id."""

    reason = "activity_unknown"
