"""The whole, as a checkpoint holds it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentd.core.model.calls import Call, Leg, Waiting
from agentd.core.model.kept import Answer, DialCounts, IdBlock, LineCounts, Monitor, Recording
from agentd.core.model.leads import Callback, Lead
from agentd.core.model.sessions import Login, Session
from agentd.core.model.setup import Campaign, GroupAlias, InGroup, Phone, Status, Token, User, UserGroup

__all__ = ["State"]


@dataclass(slots=True)
class State:
    """All that a checkpoint holds.

    ``waiting`` is keyed by leg, in the order of arrival; ``recorded`` has the time in each agent's newest file name;
    ``line_counts`` is keyed by in-group, ``dial_counts`` by campaign; ``callbacks`` are those that one agent
    is to keep.
    """

    users: dict[str, User] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    ingroups: dict[str, InGroup] = field(default_factory=dict)
    group_aliases: dict[str, GroupAlias] = field(default_factory=dict)
    user_groups: dict[str, UserGroup] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    recordings: dict[int, Recording] = field(default_factory=dict)
    recorded: dict[str, float] = field(default_factory=dict)
    monitors: dict[str, Monitor] = field(default_factory=dict)
    line_counts: dict[str, LineCounts] = field(default_factory=dict)
    dial_counts: dict[str, DialCounts] = field(default_factory=dict)
    leads: dict[int, Lead] = field(default_factory=dict)
    callbacks: dict[int, Callback] = field(default_factory=dict)
    blocks: dict[str, list[IdBlock]] = field(default_factory=dict)
    keys: dict[str, float] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    deadlines: dict[str, float] = field(default_factory=dict)
    link_up: bool = False
