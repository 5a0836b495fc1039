"""The five agent commands: which operation each is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agentd.core.errors import AgentdError
from agentd.dialects.crystal.answers import Asked, done, phrase, unknown_action
from agentd.engine.access import require_agent
from agentd.engine.operations import Operations

__all__ = ["ACTIONS", "FACE", "carry_out"]

FACE = "crystal"
"""The name of this face in the metrics, where it counts by :data:`ACTIONS`, and in the journal."""


async def _login(asked: Asked, operations: Operations) -> None:
    """Ring the extension and log the agent in on it."""
    await operations.log_in(asked.agid, asked.agext, source=FACE)


async def _logoff(asked: Asked, operations: Operations) -> None:
    """Log the agent off, after his call if he has one."""
    await operations.log_out(asked.agid, at_once=True, source=FACE)


async def _mission(asked: Asked, operations: Operations) -> None:
    """A working pause."""
    await operations.mission(asked.agid)


async def _pause(asked: Asked, operations: Operations) -> None:
    """No more calls."""
    await operations.pause(asked.agid)


async def _online(asked: Asked, operations: Operations) -> None:
    """Ready for calls."""
    await operations.resume(asked.agid)


ACTIONS: dict[str, Callable[[Asked, Operations], Awaitable[None]]] = {
    "login": _login,
    "logoff": _logoff,
    "mission": _mission,
    "pause": _pause,
    "online": _online,
}


async def carry_out(asked: Asked, operations: Operations) -> str:
    """Do what is asked and give the line that says what came of it."""
    action = ACTIONS.get(asked.action)
    if action is None:
        return unknown_action()
    asked.agext = _extension_of(asked.agid, operations) or asked.agext
    try:
        require_agent(operations.state, asked.agid)
        await action(asked, operations)
    except AgentdError as failed:
        return phrase(asked, failed)
    return done(asked)


def _extension_of(agent: str, operations: Operations) -> str:
    """The extension of the agent's session or of his login under way; a logoff answers with it too."""
    state = operations.state
    holder = state.sessions.get(agent) or state.logins.get(agent)
    return holder.phone if holder is not None else ""
