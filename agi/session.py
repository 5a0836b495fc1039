"""``AGI(agi://127.0.0.1:4573/session,1000)``: what an agent is doing, for dialplans that want to know.

Sets the channel variables AGENTD_AGENT_STATE (a state of docs/behaviour.md, LOGGEDOUT for an agent without a session),
AGENTD_AGENT_CODE (his pause code) and AGENTD_AGENT_CONFERENCE, and lets the dialplan go on. It could say, to a caller
on the PBX's own number, that the colleague is at lunch.
"""

from __future__ import annotations

from agentd.core.errors import NotLoggedIn
from agentd.engine.operations import Operations
from agentd.fastagi.commands import AGI
from agentd.fastagi.server import Handler

__all__ = ["route"]


def route(operations: Operations) -> Handler:
    """Give the handler of this entry."""

    async def session(agi: AGI) -> None:
        agent = next(iter(agi.environment.arguments), "")
        try:
            live = operations.live_session(agent)
        except NotLoggedIn:
            state, code, conference = "LOGGEDOUT", "", ""
        else:
            state, code, conference = live.state.value, str(live.code), live.conference
        await agi.set_variable("AGENTD_AGENT_STATE", state)
        await agi.set_variable("AGENTD_AGENT_CODE", code)
        await agi.set_variable("AGENTD_AGENT_CONFERENCE", conference)

    return session
