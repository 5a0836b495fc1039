"""What every function of the agent API works with."""

from __future__ import annotations

from dataclasses import dataclass

from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.engine.operations import Operations

__all__ = ["Here"]


@dataclass(frozen=True, slots=True)
class Here:
    """The engine's operations, and what the configuration says of this face."""

    operations: Operations
    settings: AgentApiSettings

    @property
    def epoch(self) -> str:
        """The time, as lines tell it: whole seconds."""
        return str(int(self.operations.now))
