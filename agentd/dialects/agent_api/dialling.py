"""The functions that dial for an agent: ``external_dial`` and ``preview_dial_action``."""

from __future__ import annotations

from agentd.core.calls.dialling import Dialled
from agentd.core.commands import PreviewAction
from agentd.core.model import State, WhichNumber
from agentd.dialects.agent_api.answers import Line, success
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.words import as_number, as_phone_code
from agentd.engine.access import require_manual_dial
from agentd.engine.dialling import DialWish

__all__ = ["NEXT", "external_dial", "has_number_or_lead", "preview_dial_action"]

NEXT = "MANUALNEXT"
"""The value that stands for the lead whom the campaign would dial next."""

_ACTIVITY = "99"  # begins a value that is the id of an activity in a CRM, where the request says that it may be one
_WHICH = {"": WhichNumber.MAIN, **{each.value: each for each in WhichNumber}, "SEARCH": None}


def has_number_or_lead(asked: Asked) -> bool:
    """Whether it is said who is to be dialled."""
    return len(asked.value) > 1 or bool(asked.get("lead_id"))


async def external_dial(asked: Asked, here: Here) -> Line:
    """Dial a number or a lead by hand, or show the lead first."""
    epoch = here.epoch
    require_manual_dial(here.operations.state, asked.agent)
    wish = _wish(asked)
    dialled = await here.operations.dial(asked.agent, wish)
    number, code = (NEXT, asked.get("phone_code")) if wish.next else (dialled.number, dialled.phone_code)
    switches = (code, *(asked.get(name) for name in ("search", "preview", "focus", "vendor_id")))
    which = asked.get("alt_dial")
    if wish.which is None:
        which = _found(here.operations.state, asked.agent, dialled)
    dial_string = asked.get("dial_prefix"), asked.get("group_alias"), dialled.alias_number, which
    data = "|".join((*switches, epoch, *dial_string))
    return success("external_dial function set", number, asked.agent, *switches, epoch, *dial_string, data=data)


def _wish(asked: Asked) -> DialWish:
    given, lead_id = asked.get, asked.get("lead_id")
    number = as_number(asked.value)
    planned = asked.yes("vtiger_callback") and number.startswith(_ACTIVITY)
    return DialWish(
        number=asked.value,
        phone_code=as_phone_code(given("phone_code")),
        lead_id=int(lead_id) if lead_id else None,
        which=_WHICH[given("alt_dial")] if lead_id else WhichNumber.MAIN,
        search=asked.yes("search"),
        next=asked.value == NEXT and not lead_id,
        activity=number.removeprefix(_ACTIVITY) if planned else "",
        preview=asked.yes("preview"),
        dial_prefix=given("dial_prefix") or None,
        group_alias=given("group_alias"),
        focus=asked.yes("focus"),
        vendor_id=given("vendor_id"),
        source=asked.source,
    )


def _found(state: State, agent: str, dialled: Dialled) -> str:
    """Which of the lead's numbers was the one that was given: the call, the preview or what is remembered says it."""
    if dialled.call_id is not None and dialled.call_id in state.calls:
        return state.calls[dialled.call_id].which
    session = state.sessions.get(agent)
    wishes = [session.preview, *session.queue] if session is not None else []
    found = [wish for wish in wishes if wish is not None and wish.number == dialled.number]
    return found[-1].which if found else ""


async def preview_dial_action(asked: Asked, here: Here) -> Line:
    """Dial the lead before the agent at one of his numbers, or put him away."""
    await here.operations.act_on_preview(asked.agent, PreviewAction(asked.value))
    return success("preview_dial_action function set", asked.value, asked.agent, asked.value)
