"""The function ``external_status``: what came of a call, and what was promised for another."""

from __future__ import annotations

import re
from datetime import datetime

from agentd.core.model import CallbackWish, State
from agentd.dialects.agent_api.answers import Line, success
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here

__all__ = ["callback_time", "external_status"]

_TIME = re.compile(r"((?:19[7-9]|20[0-9])[0-9]-[0-9]{2}-[0-9]{2})[ +]([0-9]{2}:[0-9]{2}:[0-9]{2})")
_COMMENTS_LENGTH = 199


async def external_status(asked: Asked, here: Here) -> Line:
    """Give the call its status, and with a status that promises a call back the promise."""
    code, callback = asked.get("qm_dispo_code"), _callback(asked)
    value = f"{asked.value}!!!!{code}" if code else asked.value
    if callback is not None and _promises(here.operations.state, asked.agent, asked.value):
        value = "!".join((asked.value, _time(asked), _type(asked), callback.comments, code))
    await here.operations.dispose(asked.agent, asked.value, callback=callback, code=code)
    return success("external_status function set", value, asked.agent, value=value)


def callback_time(text: str) -> float | None:
    """The instant of a date and a time of day as the daemon's clock on the wall shows them.

    None where it is no such text, or no day or time that there is. Years from 1970 to 2099.
    """
    found = _TIME.fullmatch(text)
    try:
        return datetime.strptime(" ".join(found.groups()), "%Y-%m-%d %H:%M:%S").timestamp() if found else None  # noqa: DTZ007 - local
    except ValueError:
        return None


def _callback(asked: Asked) -> CallbackWish | None:
    """What is promised; a status that promises nothing takes no notice of it."""
    due = callback_time(asked.get("callback_datetime"))
    comments = asked.get("callback_comments")[:_COMMENTS_LENGTH]
    return None if due is None else CallbackWish(due, asked.get("callback_type") != "USERONLY", comments)


def _time(asked: Asked) -> str:
    return asked.get("callback_datetime").replace("+", " ")


def _type(asked: Asked) -> str:
    return asked.get("callback_type") or "ANYONE"


def _promises(state: State, agent: str, code: str) -> bool:
    """Whether the status is one that promises a call: the campaign's own, else the system's."""
    session = state.sessions.get(agent)
    campaign = state.campaigns.get(session.campaign) if session is not None else None
    status = (campaign.statuses.get(code) if campaign is not None else None) or state.statuses.get(code)
    return status is not None and status.callback
