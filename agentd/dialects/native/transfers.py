"""The bodies of transfers: one for each kind, which ``kind`` tells."""

from __future__ import annotations

from typing import Protocol, cast

from msgspec import Struct
from twisted.internet.defer import Deferred

from agentd.core.calls.finding import Transferred
from agentd.core.lines.naming import AGENT_DIRECT
from agentd.dialects.native.bodies import Number, OptionalCode, OptionalName
from agentd.engine.operations import Operations

__all__ = ["TRANSFER", "Transfer"]


class Transfer(Protocol):
    """A body of any kind."""

    def begin(self, operations: Operations, agent: str, call_id: int | None) -> Deferred[Transferred]:
        """Ask for it."""


class Kind(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """What all kinds have in common."""


class Blind(Kind, frozen=True, tag="blind"):
    """To a number; ``exactly`` as it is given."""

    number: Number
    exactly: bool = False
    group_alias: OptionalName = ""
    status: OptionalCode = ""

    def begin(self, operations: Operations, agent: str, call_id: int | None) -> Deferred[Transferred]:
        return operations.transfer_blind(
            agent,
            self.number,
            exactly=self.exactly,
            group_alias=self.group_alias,
            call_id=call_id,
            status=self.status,
        )


class Message(Kind, frozen=True, tag="message"):
    """To the campaign's message."""

    group_alias: OptionalName = ""

    def begin(self, operations: Operations, agent: str, call_id: int | None) -> Deferred[Transferred]:
        return operations.leave_message(agent, group_alias=self.group_alias, call_id=call_id)


class ToInGroup(Kind, frozen=True, tag="ingroup"):
    """Into the line of an in-group, or of one agent."""

    ingroup: OptionalName = ""
    agent: OptionalName = ""
    group_alias: OptionalName = ""
    status: OptionalCode = ""

    def __post_init__(self) -> None:
        if not (self.ingroup or self.agent):
            raise ValueError("An `ingroup` or an `agent` is needed")
        if self.agent and self.ingroup not in {"", AGENT_DIRECT}:
            raise ValueError(f"An `agent` goes with the `ingroup` {AGENT_DIRECT}, or alone")

    def begin(self, operations: Operations, agent: str, call_id: int | None) -> Deferred[Transferred]:
        return operations.transfer_to_ingroup(
            agent,
            self.ingroup or AGENT_DIRECT,
            self.agent,
            group_alias=self.group_alias,
            call_id=call_id,
            status=self.status,
        )


class Leave(Kind, frozen=True, tag="leave"):
    """To the third party, who is there."""

    def begin(self, operations: Operations, agent: str, call_id: int | None) -> Deferred[Transferred]:
        return operations.leave_three_way(agent, call_id)


TRANSFER = cast("type[Transfer]", Blind | Message | ToInGroup | Leave)
"""Any of them, as msgspec reads them."""
