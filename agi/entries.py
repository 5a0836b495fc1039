"""All entries: what dialplans may ask the daemon for, by name."""

from __future__ import annotations

from agentd.engine.operations import Operations
from agentd.engine.pins import Pins
from agentd.fastagi.server import Handler
from agi import ingroup, ivr_return, login, menu, session

__all__ = ["routes"]


def routes(operations: Operations, pins: Pins, context: str) -> dict[str, Handler]:
    """Give the handler of each; ``context`` is the dialplan context whose extensions are conferences."""
    return {
        "ingroup": ingroup.route(operations),
        "ivr_return": ivr_return.route(operations),
        "login": login.route(operations, pins, context),
        "menu": menu.route(operations),
        "session": session.route(operations),
    }
