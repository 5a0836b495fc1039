"""Refusals and failures about calls in hand, recordings and supervisors, and the base of all of them.

:mod:`agentd.core.errors` has every class; it is the one to import from.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AgentdError",
    "AnotherCallConnected",
    "CallGone",
    "CallerIdInvalid",
    "DigitsInvalid",
    "GroupAliasUnknown",
    "InGroupUnknown",
    "LegBusy",
    "NoCallInHand",
    "NoIvr",
    "NoLiveCall",
    "NoMessage",
    "NoThirdParty",
    "NotMonitoring",
    "NotPossibleNow",
    "NotRecording",
    "NumberMissing",
    "RecordingForced",
    "RecordingOff",
    "StageInvalid",
    "ThirdPartyPresent",
]


class AgentdError(Exception):
    """The base of all refusals and failures. Its text is for people, ``reason`` is for programs."""

    reason: ClassVar[str] = "failed"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


# --- calls in hand -------------------------------------------------------------------------------------------


class NoCallInHand(AgentdError):
    """The agent has no call."""

    reason = "no_call_in_hand"


class NoLiveCall(AgentdError):
    """No outside party of the call is answered, or he has gone."""

    reason = "no_live_call"


class NotPossibleNow(AgentdError):
    """The call is not in a state in which that can be done."""

    reason = "not_possible_now"


class AnotherCallConnected(AgentdError):
    """Another customer is connected with the agent; hold that call first."""

    reason = "another_call_connected"


class ThirdPartyPresent(AgentdError):
    """The call has a third party already."""

    reason = "third_party_present"


class NoThirdParty(AgentdError):
    """The call has no third party who has answered."""

    reason = "no_third_party"


class CallGone(AgentdError):
    """The channel ended before it could be moved."""

    reason = "call_gone"


class LegBusy(AgentdError):
    """So many moves of that leg wait already that no more are taken."""

    reason = "busy"


class NumberMissing(AgentdError):
    """The operation needs a number, and none was given."""

    reason = "number_missing"


class NoIvr(AgentdError):
    """The campaign has no IVR to park customers in."""

    reason = "no_ivr"


class NoMessage(AgentdError):
    """The campaign has no message to leave."""

    reason = "no_message"


class DigitsInvalid(AgentdError):
    """What should be sent are no DTMF digits."""

    reason = "digits_invalid"


class InGroupUnknown(AgentdError):
    """There is no active in-group of that name (empty: none was named)."""

    reason = "ingroup_unknown"

    def __init__(self, message: str, ingroup: str) -> None:
        super().__init__(message)
        self.ingroup = ingroup


class GroupAliasUnknown(AgentdError):
    """There is no active group alias of that name."""

    reason = "group_alias_unknown"

    def __init__(self, message: str, alias: str) -> None:
        super().__init__(message)
        self.alias = alias


class CallerIdInvalid(AgentdError):
    """The group alias has a number that no caller id can be."""

    reason = "caller_id_invalid"

    def __init__(self, message: str, alias: str, caller_id: str) -> None:
        super().__init__(message)
        self.alias = alias
        self.caller_id = caller_id


# --- recordings and supervisors ------------------------------------------------------------------------------


class RecordingOff(AgentdError):
    """The campaign says that nothing is recorded."""

    reason = "recording_off"


class RecordingForced(AgentdError):
    """The campaign in which it began says that every call is recorded whole."""

    reason = "recording_forced"


class NotRecording(AgentdError):
    """There is no such recording running."""

    reason = "not_recording"


class StageInvalid(AgentdError):
    """The text for the file name has characters that no file name gets."""

    reason = "stage_invalid"


class NotMonitoring(AgentdError):
    """No supervisor is there with that phone."""

    reason = "not_monitoring"
