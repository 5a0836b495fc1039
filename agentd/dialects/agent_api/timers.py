"""The function ``set_timer_action``: what is to happen at a second of the agent's call."""

from __future__ import annotations

from agentd.core.model import TimerAction, TimerKind
from agentd.dialects.agent_api.answers import Line, told
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.engine.access import MODIFY_CAMPAIGNS, require_right_over

__all__ = ["NONE", "TIMERS", "set_timer_action"]

NONE = "NONE"
"""The value that takes back what was set."""

TIMERS = (NONE, *TimerKind)
"""The values of ``set_timer_action``."""


async def set_timer_action(asked: Asked, here: Here) -> Line:
    """Have a message, a page or a call come up, so many seconds into this call or the next one."""
    require_right_over(here.operations.state, asked.user, asked.agent, MODIFY_CAMPAIGNS)
    notes, rank = asked.get("notes"), asked.get("rank")
    timer = None if asked.value == NONE else TimerAction(TimerKind(asked.value), int(rank or 0), notes)
    await here.operations.set_timer(asked.agent, timer)
    return told("set_timer_action lead updated", asked.user, asked.agent, asked.value, notes, rank)
