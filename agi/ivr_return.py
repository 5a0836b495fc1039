"""``AGI(agi://127.0.0.1:4573/ivr_return,8600051)``: where a customer goes when the prompt that he was parked with ends.

Sets the channel variable AGENTD_ROOM to the conference of the session that has his call now, and lets the dialplan go
on to it. A customer whose call is over is hung up. The argument is the conference that he came from, for the log.
"""

from __future__ import annotations

from twisted.logger import Logger

from agentd.core.model import Call, CallState, State
from agentd.engine.operations import Operations
from agentd.fastagi.commands import AGI
from agentd.fastagi.server import Handler

__all__ = ["route"]

_log = Logger()


def route(operations: Operations) -> Handler:
    """Give the handler of this entry."""

    async def ivr_return(agi: AGI) -> None:
        leg = agi.environment.uniqueid
        call = _open_call(operations.state, leg)
        if call is None:
            came_from = next(iter(agi.environment.arguments), "")
            _log.info("{leg} comes back to {room}, but its call is over: hung up", leg=leg, room=came_from)
            await agi.hangup()
            return
        session = operations.state.sessions.get(call.agent)
        if session is not None and session.id == call.session_id:
            await agi.set_variable("AGENTD_ROOM", session.conference)

    return ivr_return


def _open_call(state: State, leg_id: str) -> Call | None:
    """Give the call that the leg belongs to, unless it is over."""
    leg = state.legs.get(leg_id)
    call = state.calls.get(leg.call_id or 0) if leg is not None else None
    return None if call is None or call.state is CallState.WRAPPING else call
