"""Lists, leads, numbers not to call and promises to call again, as an administrator changes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from agentd.core.model import Lead
from agentd.storage.blocks import reserve
from agentd.storage.columns import fitted, moment
from agentd.storage.management.rows import put_row
from agentd.storage.tables import LEAD_FIELDS, CallbackStatus, callbacks, dnc, leads, lists

__all__ = ["Callback", "delete_dnc", "put_callback", "put_dnc", "put_lead", "put_list", "read_dnc"]


def put_list(connection: Connection, list_id: int, title: str = "", campaign: str = "", *, active: bool = True) -> None:
    """Make or change a list of leads."""
    put_row(connection, lists, {"id": list_id, "title": title, "campaign": campaign, "active": active})


def put_lead(connection: Connection, lead: Lead, at: float, user: str = "") -> None:
    """Make or change a lead; fields that it does not name become unset. Its calls so far stay counted."""
    now = moment(at)
    values: dict[str, Any] = {
        "id": lead.id,
        "list_id": lead.list_id,
        "status": lead.status,
        "phone_code": lead.phone_code,
        "phone_number": lead.phone_number,
        "modify_date": now,
        **fitted(leads, {name: lead.fields.get(name) for name in LEAD_FIELDS}),
    }
    if connection.execute(select(leads.c.id).where(leads.c.id == lead.id)).one_or_none() is None:
        values |= _new_lead(user, now)
    put_row(connection, leads, values)


def _new_lead(user: str, now: datetime) -> dict[str, Any]:
    return {
        "user": user,
        "entry_date": now,
        "called_count": 0,
        "called_since_last_reset": 0,
        "last_local_call_time": None,
    }


# --- numbers not to call -------------------------------------------------------------------------------------


def put_dnc(connection: Connection, number: str, campaign: str = "") -> None:
    """Have a number never dialled by a campaign's dialler, or (without a campaign) by any.

    Raises:
        Unfit: it is too long.
    """
    put_row(connection, dnc, {"campaign": campaign, "number": number})


def delete_dnc(connection: Connection, number: str, campaign: str = "") -> bool:
    """Have a number dialled again; False if it was not kept from that."""
    one = (dnc.c.campaign == campaign, dnc.c.number == number)
    return bool(connection.execute(delete(dnc).where(*one)).rowcount)


def read_dnc(connection: Connection, campaign: str | None = None) -> list[tuple[str, str]]:
    """Give the numbers with their campaigns (empty: the system), of one campaign alone when it is named."""
    query = select(dnc.c.number, dnc.c.campaign).order_by(dnc.c.campaign, dnc.c.number)
    if campaign is not None:
        query = query.where(dnc.c.campaign == campaign)
    return [(row.number, row.campaign) for row in connection.execute(query)]


# --- callbacks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Callback:
    """A promise to call a lead again at ``due`` (epoch seconds): by ``user``, where ``anyone`` may by the campaign."""

    lead_id: int
    campaign: str
    due: float
    user: str = ""
    anyone: bool = True
    comments: str = ""


def put_callback(connection: Connection, callback: Callback, at: float, callback_id: int | None = None) -> int:
    """Make a callback that waits, or (with its id) change one and have it wait again; gives its id.

    Raises:
        Unfit: a text is too long.
    """
    number = reserve(connection, "callback")[0] if callback_id is None else callback_id
    values = {
        "id": number,
        "lead_id": callback.lead_id,
        "campaign": callback.campaign,
        "user": callback.user,
        "due_at": moment(callback.due),
        "anyone": callback.anyone,
        "comments": callback.comments,
        "status": CallbackStatus.WAITING.value,
        "created": moment(at),
        "call_id": 0,
        "made_by_call": 0,
    }
    put_row(connection, callbacks, values)
    return number
