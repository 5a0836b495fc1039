"""The function ``ra_call_control``: the calls that a remote agent has, each by the key that his phone was shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agentd.core.calls.causes import BY_REMOTE
from agentd.core.calls.finding import remote_call
from agentd.dialects.agent_api.answers import Line, Refused, error, success
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.in_hand import phone_number
from agentd.engine.operations import Operations

__all__ = ["ra_call_control"]

_SHORTEST = 2  # digits of a number; the documents show 9 as one that is not valid

_Stage = Callable[[Asked, Operations, int], Awaitable[Line]]


async def ra_call_control(asked: Asked, here: Here) -> Line:
    """End the call, or let its customer go on to a number or an in-group; the stage says which."""
    operations = here.operations
    call = remote_call(operations.state, operations.live_session(asked.agent), asked.value)
    stage = _STAGES.get(asked.get("stage"))
    if stage is None:
        raise Refused(error("stage is not valid", asked.get("stage")))
    return await stage(asked, operations, call.id)


def _status(asked: Asked) -> str:
    return asked.get("status") or BY_REMOTE


async def _hang_up(asked: Asked, operations: Operations, call_id: int) -> Line:
    await operations.hang_up(asked.agent, call_id, status=_status(asked))
    return success("ra_call_control hungup", asked.agent, asked.value, asked.get("stage"))


async def _to_number(asked: Asked, operations: Operations, call_id: int) -> Line:
    number = phone_number(asked)
    if len(number) < _SHORTEST:
        raise Refused(error("phone_number is not valid", asked.get("phone_number")))
    await operations.transfer_blind(asked.agent, number, exactly=True, call_id=call_id, status=_status(asked))
    return _transferred(asked, number)


async def _to_ingroup(asked: Asked, operations: Operations, call_id: int) -> Line:
    ingroup, wanted = asked.get("ingroup_choices"), asked.get("phone_number")
    done = await operations.transfer_to_ingroup(asked.agent, ingroup, wanted, call_id=call_id, status=_status(asked))
    return _transferred(asked, done.ingroup)


def _transferred(asked: Asked, to: str) -> Line:
    return success("ra_call_control transferred", asked.agent, asked.value, to)


_STAGES: dict[str, _Stage] = {
    "HANGUP": _hang_up,
    "EXTENSIONTRANSFER": _to_number,
    "INGROUPTRANSFER": _to_ingroup,
}
