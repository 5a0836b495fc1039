"""Changes of leads, of promises to call them, and of numbers not to call.

What a daemon that runs on this host has in memory is changed by it, through its native API. Without one the command
does it, by the same rules of the core, and straight into the database.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from agentd.administration.asking import ask, running, settle
from agentd.administration.database import now, transaction, who
from agentd.core import commands as c
from agentd.core.model import CallbackWish, Lead
from agentd.core.world import World
from agentd.engine.config import Config
from agentd.engine.ports import CallbackRow, Entry
from agentd.storage.blocks import reserve
from agentd.storage.projections import project
from agentd.storage.promises import callbacks_to_keep
from agentd.storage.reference import read_reference
from agentd.storage.statements import statements

__all__ = ["add_lead", "change_dnc", "change_lead", "delete_lead", "drop_callback", "set_callback"]

_API = "/api/v1"


def add_lead(config: Config, lead: Lead) -> int:
    """Keep a new lead, whose id is given here; gives it."""
    if not running(config):
        return int(_carry_out(config, c.AddLead(lead, who())))
    own = {"list_id": lead.list_id, "phone_number": lead.phone_number, "phone_code": lead.phone_code}
    return int(_tell(config, "POST", "/leads", {**lead.fields, **own, "status": lead.status})["id"])


def change_lead(config: Config, lead_id: int, fields: Mapping[str, str]) -> None:
    """Change fields of a lead that there is; empty texts clear."""
    if running(config):
        numbers = {"list_id": int(fields["list_id"])} if "list_id" in fields else {}
        _tell(config, "PATCH", f"/leads/{lead_id}", {**fields, **numbers})
    else:
        _carry_out(config, c.UpdateLead(fields, who(), lead_id=lead_id))


def delete_lead(config: Config, lead_id: int) -> None:
    """Forget a lead that there is, who must be on nobody's screen."""
    if running(config):
        _tell(config, "DELETE", f"/leads/{lead_id}")
    else:
        _carry_out(config, c.DeleteLead(lead_id, who()))


def set_callback(
    config: Config, lead_id: int, campaign: str, wish: CallbackWish, user: str = "", callback_id: int = 0
) -> int:
    """Promise a lead that there is a call, or (``callback_id``) change what was promised; gives the id."""
    if not running(config):
        return int(_carry_out(config, c.SetCallback(lead_id, campaign, wish, user, who(), callback_id)))
    said = {"due": wish.due, "agent": None if wish.anyone else user, "comments": wish.comments}
    if callback_id:
        return int(_tell(config, "PATCH", f"/callbacks/{callback_id}", said)["id"])
    return int(_tell(config, "POST", "/callbacks", {"lead_id": lead_id, "campaign": campaign, **said})["id"])


def drop_callback(config: Config, callback: CallbackRow) -> None:
    """Take back a promise that waits."""
    if running(config):
        _tell(config, "DELETE", f"/callbacks/{callback.id}")
    else:
        _carry_out(config, c.DropCallback(callback.id, who(), callback.user, callback.lead_id))


def change_dnc(config: Config, numbers: Iterable[str], campaign: str, *, listed: bool) -> None:
    """Have numbers never called, by a campaign that there is or (empty) by anybody; or called again."""
    if not running(config):
        _carry_out(config, *(c.ChangeDnc(number, campaign, listed, who()) for number in numbers))
        return
    of = f"/campaigns/{urllib.parse.quote(campaign, safe='')}" if campaign else ""
    for number in numbers:
        ask(config, "PUT" if listed else "DELETE", f"{_API}{of}/dnc/{number}")
    settle(config)


# --- with a daemon ---------------------------------------------------------------------------------------------------


def _tell(config: Config, method: str, path: str, body: Any = None) -> Any:
    """Have the daemon do it, and the database know; what is refused ends the command."""
    answer = ask(config, method, f"{_API}{path}", body)
    settle(config)
    return answer


# --- without a daemon ------------------------------------------------------------------------------------------------


def _carry_out(config: Config, *orders: c.Command) -> Any:
    """Do as the daemon would, with nobody logged in; gives what the last came to. What is refused ends the command."""
    with transaction(config) as connection:
        world, at = _world(config, connection), now()
        outcomes = [world.apply(order, at) for order in orders]
        records = [record for outcome in outcomes for record in outcome.records]
        _keep(connection, [Entry(0, at, record) for record in records])
        return outcomes[-1].value


def _world(config: Config, connection: Connection) -> World:
    """The core, with what is set up, what agents have promised, and the ids that a new lead or callback takes."""
    world = World(config.settings(), "cli")
    world.apply(c.ReferenceChanged((*read_reference(connection), *callbacks_to_keep(connection))), now())
    for kind in ("lead", "callback"):
        world.apply(c.GrantIds(kind, *reserve(connection, kind)), now())
    return world


def _keep(connection: Connection, entries: Iterable[Entry]) -> None:
    """Make the rows that the records mean."""
    known = statements(connection.dialect.name)
    for entry in entries:
        for change in project("", "", entry):
            connection.execute(known[change.step], change.values)
