"""What the daemon knows: reference data, and the state of sessions, calls and legs.

Times are seconds since the epoch. Everything in :class:`State` can be written to a checkpoint and read back equal.
"""

from __future__ import annotations

from agentd.core.model.calls import Call, CallState, Leg, Move, Place, PlaceKind, Role, Waiting, Why
from agentd.core.model.kept import Answer, DialCounts, IdBlock, LineCounts, Monitor, MonitorMode, Recording
from agentd.core.model.leads import NEW, Lead
from agentd.core.model.sessions import After, AfterKind, DialRequest, Login, OwnCode, Session, SessionKind, SessionState
from agentd.core.model.setup import (
    HANG_UP,
    WAIT_ON,
    Campaign,
    DialMethod,
    GroupAlias,
    InGroup,
    PauseCode,
    Phone,
    Pick,
    RecordingRule,
    Status,
    Token,
    Treatment,
    TreatmentKind,
    User,
    UserKind,
)
from agentd.core.model.state import State

__all__ = [
    "HANG_UP",
    "NEW",
    "WAIT_ON",
    "After",
    "AfterKind",
    "Answer",
    "Call",
    "CallState",
    "Campaign",
    "DialCounts",
    "DialMethod",
    "DialRequest",
    "GroupAlias",
    "IdBlock",
    "InGroup",
    "Lead",
    "Leg",
    "LineCounts",
    "Login",
    "Monitor",
    "MonitorMode",
    "Move",
    "OwnCode",
    "PauseCode",
    "Phone",
    "Pick",
    "Place",
    "PlaceKind",
    "Recording",
    "RecordingRule",
    "Role",
    "Session",
    "SessionKind",
    "SessionState",
    "State",
    "Status",
    "Token",
    "Treatment",
    "TreatmentKind",
    "User",
    "UserKind",
    "Waiting",
    "Why",
]
