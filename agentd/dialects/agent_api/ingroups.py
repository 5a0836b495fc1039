"""The function ``change_ingroups``: which in-groups' calls an agent takes, and whether his campaign's besides."""

from __future__ import annotations

from agentd.core.commands import Choice
from agentd.core.errors import NotPermitted
from agentd.dialects.agent_api.answers import Line, Refused, error, success
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.engine.access import require_ingroup_change

__all__ = ["change_ingroups"]

_KEPT = "User settings set as default"  # the original's note in its API log


async def change_ingroups(asked: Asked, here: Here) -> Line:
    """Take these in-groups instead of, or besides, those that he takes, or these no more."""
    _require_right(asked, here)
    blended, as_default = asked.get("blended"), asked.yes("set_as_default")
    ingroups = await here.operations.change_ingroups(
        asked.agent, Choice(asked.value), _named(asked), blended=blended == "YES", set_as_default=as_default
    )
    result = " ".join(("", *ingroups, "-"))
    note = _KEPT if as_default else ""
    return success("change_ingroups function set", blended, result, asked.agent, data=f"{result}|{blended}|{note}")


def _require_right(asked: Asked, here: Here) -> None:
    try:
        require_ingroup_change(here.operations.state, asked.user, asked.agent)
    except NotPermitted:
        campaign = here.operations.live_session(asked.agent).campaign
        reason = "user is not allowed to change agent in-groups"
        raise Refused(error(reason, asked.user, campaign, asked.agent)) from None


def _named(asked: Asked) -> tuple[str, ...]:
    """The in-groups that are named. The dash, which ends the list as the originals write it, says nothing."""
    words = asked.get("ingroup_choices").replace("+", " ").split()
    return tuple(word for word in words if word != "-")
