"""The functions for a call in hand: ``park_call``, ``transfer_conference`` and ``send_dtmf``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agentd.core.calls.finding import Transferred, live_call
from agentd.dialects.agent_api.answers import Line, Refused, error, success
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.words import as_number
from agentd.engine.operations import Operations

__all__ = ["PARKING", "park_call", "phone_number", "send_dtmf", "transfer_conference", "transfer_is_whole"]


# --- park_call -----------------------------------------------------------------------------------------------

PARKING = ("PARK_CUSTOMER", "GRAB_CUSTOMER", "PARK_IVR_CUSTOMER", "GRAB_IVR_CUSTOMER")
"""The values of ``park_call``."""


async def park_call(asked: Asked, here: Here) -> Line:
    """Send the customer to music or to the IVR, or bring him back from either."""
    if asked.value.startswith("PARK"):
        await here.operations.hold(asked.agent, ivr="IVR" in asked.value)
    else:
        await here.operations.retrieve(asked.agent)
    return success("park_call function set", asked.value, asked.agent)


# --- send_dtmf -----------------------------------------------------------------------------------------------

_DIGITS = str.maketrans("PSQ", "#*,")


async def send_dtmf(asked: Asked, here: Here) -> Line:
    """Let the customer hear digits; capitals stand for what an URL or a filter might lose."""
    await here.operations.send_digits(asked.agent, asked.value.translate(_DIGITS))
    return success("send_dtmf function set", asked.value, asked.agent)


# --- transfer_conference -------------------------------------------------------------------------------------

_CONSULTING = ("DIAL_WITH_CUSTOMER", "PARK_CUSTOMER_DIAL")
_DIALLING = ("BLIND_TRANSFER", *_CONSULTING)

_Transfer = Callable[[Asked, Operations], Awaitable[Transferred]]


def transfer_is_whole(asked: Asked) -> bool:
    """Whether the number is there where the value dials one, and is a number."""
    return not _dials(asked) or bool(phone_number(asked))


async def transfer_conference(asked: Asked, here: Here) -> Line:
    """Third parties and transfers; the value says which."""
    transfer = _TRANSFERS.get(asked.value)
    if transfer is None:
        _require_live_call(asked, here.operations)
        raise Refused(error("value is not valid", asked.value, asked.user))
    done = await transfer(asked, here.operations)
    number = phone_number(asked) if _dials(asked) else asked.get("phone_number")
    consultative = "YES" if asked.yes("consultative") else "NO"
    ingroup = done.ingroup or asked.get("ingroup_choices")
    call = (done.key,) if asked.newer else ()
    fields = asked.value, ingroup, number, consultative, asked.agent, *call
    return success("transfer_conference function set", *fields, data=done.key)


def _consults(asked: Asked) -> bool:
    """Whether the third party is to be an agent. The other values take no notice of ``consultative``."""
    return asked.value in _CONSULTING and asked.yes("consultative")


def _dials(asked: Asked) -> bool:
    return asked.value in _DIALLING and not _consults(asked)


def phone_number(asked: Asked) -> str:
    """The number that was given, as it is dialled; empty where there is none, or where it is no number."""
    return as_number(asked.get("phone_number"))


def _require_live_call(asked: Asked, operations: Operations) -> None:
    live_call(operations.state, operations.live_session(asked.agent), None)


async def _hang_up_third(asked: Asked, operations: Operations) -> Transferred:
    return await operations.hang_up_third(asked.agent, both=asked.value == "HANGUP_BOTH")


async def _blind(asked: Asked, operations: Operations) -> Transferred:
    exactly = asked.yes("dial_override")
    alias = asked.get("group_alias")
    return await operations.transfer_blind(asked.agent, phone_number(asked), exactly=exactly, group_alias=alias)


async def _leave_message(asked: Asked, operations: Operations) -> Transferred:
    return await operations.leave_message(asked.agent, group_alias=asked.get("group_alias"))


async def _to_ingroup(asked: Asked, operations: Operations) -> Transferred:
    ingroup, wanted, alias = asked.get("ingroup_choices"), asked.get("phone_number"), asked.get("group_alias")
    return await operations.transfer_to_ingroup(asked.agent, ingroup, wanted, group_alias=alias)


async def _dial_third(asked: Asked, operations: Operations) -> Transferred:
    hold, alias = asked.value == "PARK_CUSTOMER_DIAL", asked.get("group_alias")
    if not _consults(asked):
        exactly = asked.yes("dial_override")
        return await operations.dial_third(
            asked.agent, phone_number(asked), hold=hold, exactly=exactly, group_alias=alias
        )
    ingroup, wanted = asked.get("ingroup_choices"), asked.get("phone_number")
    if not ingroup:
        _require_live_call(asked, operations)
        raise Refused(error("ingroup is not valid", ""))
    return await operations.dial_third(asked.agent, wanted, ingroup=ingroup, hold=hold, group_alias=alias)


async def _leave_three_way(asked: Asked, operations: Operations) -> Transferred:
    return await operations.leave_three_way(asked.agent)


_TRANSFERS: dict[str, _Transfer] = {
    "HANGUP_XFER": _hang_up_third,
    "HANGUP_BOTH": _hang_up_third,
    "BLIND_TRANSFER": _blind,
    "LEAVE_VM": _leave_message,
    "LOCAL_CLOSER": _to_ingroup,
    "DIAL_WITH_CUSTOMER": _dial_third,
    "PARK_CUSTOMER_DIAL": _dial_third,
    "LEAVE_3WAY_CALL": _leave_three_way,
}
