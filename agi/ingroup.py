"""``AGI(agi://127.0.0.1:4573/ingroup,SALESLINE)``: a caller stands before an in-group.

The arguments are the in-group, the caller's priority, and the only agent who will do; one that is missing is read from
the channel variables AGENTD_INGROUP, AGENTD_PRIORITY and AGENTD_WANTED. What was called is in AGENTD_DID, else Asterisk
says it. The caller becomes a call in that line, whose key AGENTD_CALL tells, and the dialplan brings him to its music.
A caller whom the in-group cannot take hears the fast busy tone.

While the daemon is being stopped, or has no link to Asterisk, he goes on to the music all the same: with AGENTD_INGROUP
and without AGENTD_CALL he is taken up as soon as that can be.
"""

from __future__ import annotations

from contextlib import suppress

from twisted.logger import Logger

from agentd.core.errors import AgentdError
from agentd.core.model import State
from agentd.engine.callers import TAKEN_UP_LATER, fit_name, fit_number, fit_priority
from agentd.engine.operations import Operations
from agentd.engine.ports import Caller
from agentd.fastagi.commands import AGI
from agentd.fastagi.errors import CommandFailed
from agentd.fastagi.server import Handler

__all__ = ["route"]

_log = Logger()

_BUSY_TONE = "10"  # seconds


def route(operations: Operations) -> Handler:
    """Give the handler of this entry."""

    async def ingroup(agi: AGI) -> None:
        caller = await _caller(agi)
        await _choose_music(agi, operations.state, caller.ingroup)
        try:
            key = await operations.arrive(caller)
        except TAKEN_UP_LATER as error:
            _log.warn("{leg} is taken up later: {error}", leg=caller.leg, error=error)
            await _leave_word(agi, caller)
        except AgentdError as error:
            _log.warn("{leg} cannot wait in {ingroup}: {error}", leg=caller.leg, ingroup=caller.ingroup, error=error)
            await _turn_away(agi)
        else:
            await agi.set_variable("AGENTD_CALL", key)

    return ingroup


async def _caller(agi: AGI) -> Caller:
    environment = agi.environment
    return Caller(
        leg=environment.uniqueid,
        ingroup=await _said(agi, 0, "AGENTD_INGROUP"),
        number=fit_number(environment.caller_number),
        name=fit_name(environment.caller_name),
        did=fit_number(await agi.get_variable("AGENTD_DID") or environment.dialled_number),
        priority=fit_priority(await _said(agi, 1, "AGENTD_PRIORITY")),
        wanted=await _said(agi, 2, "AGENTD_WANTED"),
    )


async def _said(agi: AGI, place: int, variable: str) -> str:
    """An argument, else a variable of the channel."""
    arguments = agi.environment.arguments
    argument = arguments[place] if place < len(arguments) else ""
    return argument or await agi.get_variable(variable) or ""


async def _leave_word(agi: AGI, caller: Caller) -> None:
    """By these variables he is taken up later as what he is now, be it that the dialplan said it in arguments alone."""
    said: dict[str, str | int] = {
        "AGENTD_INGROUP": caller.ingroup,
        "AGENTD_PRIORITY": caller.priority,
        "AGENTD_WANTED": caller.wanted,
        "AGENTD_DID": caller.did,
    }
    for name, value in said.items():
        if value:
            await agi.set_variable(name, value)


async def _choose_music(agi: AGI, state: State, name: str) -> None:
    """The in-group's own class of music, of which the dialplan knows nothing; else it plays the default one."""
    ingroup = state.ingroups.get(name)
    if ingroup is not None and ingroup.music:
        await agi.set_variable("CHANNEL(musicclass)", ingroup.music)


async def _turn_away(agi: AGI) -> None:
    """Congestion ends with a failure, as the application always does; the dialplan must not go on to the music then."""
    with suppress(CommandFailed):
        await agi.execute("Congestion", _BUSY_TONE)
    with suppress(CommandFailed):
        await agi.hangup()
