"""``AGI(agi://127.0.0.1:4573/menu,pause)``: what an agent presses on his phone while it sits in his conference.

The argument is ``pause``, ``resume`` or ``logoff``. A beep says that it was done (or will be, after the call); another
tone that it was refused. Whose phone it is, is known by its channel.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from agentd.core.errors import AgentdError
from agentd.core.model import State
from agentd.engine.operations import Operations
from agentd.fastagi.commands import AGI
from agentd.fastagi.server import Handler
from agi.sounds import say

__all__ = ["route"]

_log = Logger()

_DONE = "beep"
_REFUSED = "beeperr"


def route(operations: Operations) -> Handler:
    """Give the handler of this entry."""
    verbs: dict[str, Callable[[str], Deferred[None]]] = {
        "pause": operations.pause,
        "resume": operations.resume,
        "logoff": lambda agent: operations.log_out(agent, source="phone"),
    }

    async def menu(agi: AGI) -> None:
        verb = next(iter(agi.environment.arguments), "")
        agent = _agent_at(operations.state, agi.environment.uniqueid)
        if verb not in verbs or not agent:
            _log.warn("{leg} asks for {verb}, which it cannot have", leg=agi.environment.uniqueid, verb=verb)
            await say(agi, _REFUSED)
            return
        # A channel in AGI ends only when the connection closes (22.10.1), and a logoff waits for its end.
        agi.when_hung_up().addCallback(lambda _: agi.finish())
        answer = _DONE
        try:
            await verbs[verb](agent)
        except AgentdError as error:
            _log.info("{agent} pressed {verb} in vain: {error}", agent=agent, verb=verb, error=error)
            answer = _REFUSED
        if not agi.hung_up:
            await say(agi, answer)

    return menu


def _agent_at(state: State, leg: str) -> str:
    """The agent whose phone's channel that is."""
    return next((session.agent for session in state.sessions.values() if session.leg == leg), "")
