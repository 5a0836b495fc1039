"""What bringing records into the database is made of: its steps, and their order."""

from __future__ import annotations

from enum import IntEnum, auto

from sqlalchemy import Table

from agentd.storage.tables import (
    agent_log,
    api_log,
    callbacks,
    calls,
    dnc,
    ingroup_log,
    leads,
    legs,
    line_log,
    offers,
    park_log,
    recording_mutes,
    recordings,
    sessions,
    supervision_log,
    supervision_modes,
    third_log,
    transfer_log,
    treatment_log,
)

__all__ = ["INSERTS", "TOGETHER", "Step"]


class Step(IntEnum):
    """What is done to the tables, in the order in which it is done for a batch; but see ``TOGETHER``."""

    LEAD_NEW = auto()
    CALL_NEW = auto()
    SESSION_NEW = auto()
    LEG_NEW = auto()
    INTERVAL_NEW = auto()
    API_CALL = auto()
    PARK_NEW = auto()
    THIRD_NEW = auto()
    TRANSFER_NEW = auto()
    RECORDING_NEW = auto()
    MUTE_NEW = auto()
    SUPERVISION_NEW = auto()
    SUPERVISION_MODE_NEW = auto()
    LINE_NEW = auto()
    OFFER_NEW = auto()  # after the stay in a line, which it names
    TREATMENT_NEW = auto()
    INGROUPS_NEW = auto()
    CALLBACK = auto()
    CALLBACK_SET = auto()
    CALLBACK_REPLACED = auto()
    CALLBACK_OVER = auto()
    CALLBACKS_DROPPED = auto()
    DNC_LISTED = auto()
    DNC_FREED = auto()
    LEAD_CALLED = auto()
    CALL_ANSWERED = auto()
    CALL_DELIVERED = auto()
    CALL_REROUTED = auto()
    CALL_TREATED = auto()
    CALL_REFUSED = auto()
    LINE_OVER = auto()
    OFFER_OVER = auto()
    CALL_WAITED = auto()  # adds up the stays that are over
    PARK_OVER = auto()  # before the call's end, which adds them up
    CALL_OVER = auto()
    CALL_STATUS = auto()
    LEAD_STATUS = auto()
    LEAD_UPDATED = auto()
    LEAD_DELETED = auto()  # after all else that is said of the lead
    LEG_OVER = auto()
    INTERVAL_OVER = auto()
    LAST_INTERVAL_OVER = auto()
    SESSION_OVER = auto()
    THIRD_ANSWERED = auto()
    THIRD_JOINED = auto()
    THIRD_OVER = auto()
    THIRD_LEFT = auto()  # after the ends of single ones: it takes those that have none
    RECORDING_STARTED = auto()
    RECORDING_OVER = auto()
    RECORDING_FAILED = auto()
    RECORDING_REMOVED = auto()
    MUTE_OVER = auto()
    SUPERVISION_STARTED = auto()
    SUPERVISION_MODE_OVER = auto()
    SUPERVISION_OVER = auto()


INSERTS: dict[Step, Table] = {
    Step.LEAD_NEW: leads,
    Step.CALL_NEW: calls,
    Step.SESSION_NEW: sessions,
    Step.LEG_NEW: legs,
    Step.INTERVAL_NEW: agent_log,
    Step.API_CALL: api_log,
    Step.PARK_NEW: park_log,
    Step.THIRD_NEW: third_log,
    Step.TRANSFER_NEW: transfer_log,
    Step.RECORDING_NEW: recordings,
    Step.MUTE_NEW: recording_mutes,
    Step.SUPERVISION_NEW: supervision_log,
    Step.SUPERVISION_MODE_NEW: supervision_modes,
    Step.LINE_NEW: line_log,
    Step.OFFER_NEW: offers,
    Step.TREATMENT_NEW: treatment_log,
    Step.INGROUPS_NEW: ingroup_log,
    Step.CALLBACK_SET: callbacks,
    Step.DNC_LISTED: dnc,
}
"""The steps that make a row, and in which table; one that is there already is left as it is, but for CALLBACK_SET."""

TOGETHER: dict[Step, Step] = {
    Step.CALLBACK_SET: Step.CALLBACK,
    Step.CALLBACK_REPLACED: Step.CALLBACK,
    Step.CALLBACK_OVER: Step.CALLBACK,
    Step.CALLBACKS_DROPPED: Step.CALLBACK,
    Step.DNC_FREED: Step.DNC_LISTED,
    Step.LEAD_UPDATED: Step.LEAD_STATUS,
}
"""Steps that undo what another one does: they are done at its place, and all of these in the order of their records."""
