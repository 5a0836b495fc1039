"""Leads and their lists, numbers not to call, and callbacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentd.core.calls.numbers import clean_number
from agentd.core.dialler.leads import offset_of
from agentd.core.errors import NumberNotAllowed
from agentd.core.model import LeadList
from agentd.engine import checks
from agentd.importing.texts import tidy
from agentd.importing.vicidial.notes import Notes
from agentd.importing.vicidial.source import Source, number, text, yes
from agentd.storage.bulk import LEAD_ROW
from agentd.storage.columns import fitted
from agentd.storage.tables import LEAD_FIELDS, leads

__all__ = ["Promise", "campaign_dnc", "lead_rows", "lists", "promises", "system_dnc"]

_OF_LEADS = "lead_id list_id status user phone_code phone_number entry_date modify_date called_count "
_LEADS = f"{_OF_LEADS} called_since_last_reset last_local_call_time {' '.join(LEAD_FIELDS)}"
_STATUS = re.compile(r"[A-Za-z0-9_-]{1,6}")
_RESETS = re.compile(r"Y([0-9]*)")
_TIMES = ("entry_date", "modify_date", "last_local_call_time")


def lists(source: Source, notes: Notes) -> Iterator[LeadList]:
    """Give the lists."""
    columns = "list_id list_name campaign_id active local_call_time"
    for row in source.rows("vicidial_lists", columns, order="list_id"):
        made = LeadList(
            int(row["list_id"]), tidy(text(row["list_name"])), text(row["campaign_id"]), active=yes(row["active"])
        )
        try:
            checks.check_list(made)
        except checks.Unusable as error:
            notes.left_out("lists", made.id, str(error))
            continue
        if text(row["local_call_time"]) not in {"", "campaign"}:
            notes.remark("lists", made.id, "its own call time is not taken over: the campaign's holds")
        yield made


def lead_rows(source: Source, notes: Notes, done: Mapping[int, int], now: datetime) -> Iterator[dict[str, Any]]:
    """Give the rows of leads in the order of their ids, which are theirs; all else is as we have it.

    ``done`` are the lists, each with the last id that is not wanted any more.
    """
    for row in source.pages("vicidial_list", _LEADS, "lead_id", min(done.values(), default=0), list_id=list(done)):
        if row["lead_id"] <= done[row["list_id"]]:
            continue
        try:
            yield _lead(row, source, now)
        except (NumberNotAllowed, checks.Unusable):
            notes.left_out("leads", row["lead_id"], "its phone_number is none")


def _lead(row: dict[str, Any], source: Source, now: datetime) -> dict[str, Any]:
    status, called = text(row["status"]), text(row["called_since_last_reset"])
    times = {name: source.moment(row[name]) for name in _TIMES if name != "modify_date"}
    reset = _RESETS.fullmatch(called)
    made = {
        **LEAD_ROW,
        **{name: _value(name, row[name]) for name in LEAD_FIELDS},
        "id": int(row["lead_id"]),
        "list_id": int(row["list_id"]),
        "status": status if _STATUS.fullmatch(status) else "NEW",
        "user": text(row["user"]),
        "phone_code": re.sub("[^0-9]", "", text(row["phone_code"])),
        "phone_number": _number(text(row["phone_number"])),
        "entry_date": times["entry_date"] or now,
        # A TIMESTAMP, which the server gives in the connection's zone, UTC.
        "modify_date": row["modify_date"] if isinstance(row["modify_date"], datetime) else now,
        "called_count": int(number(row["called_count"])),
        "called_since_last_reset": int(reset[1] or 1) if reset else 0,
        "last_local_call_time": times["last_local_call_time"],
    }
    return fitted(leads, made)


def _number(written: str) -> str:
    """A lead without a number is one all the same."""
    return clean_number(written) if written else ""


def _value(name: str, value: Any) -> Any:
    if name == "gmt_offset_now":
        hours = offset_of(text(value))
        return None if hours is None else f"{hours:.2f}"
    if name == "rank":
        return int(number(value)) or None
    found = tidy(text(value))
    return None if found.startswith("0000-00-00") else found or None


# --- numbers not to call -------------------------------------------------------------------------------------


def system_dnc(source: Source, notes: Notes) -> Iterator[str]:
    """Give the numbers that no campaign must call."""
    for row in source.pages("vicidial_dnc", "phone_number", "phone_number", ""):
        found = _listed(text(row["phone_number"]), notes)
        if found:
            yield found


def campaign_dnc(source: Source, notes: Notes, campaign: str) -> Iterator[str]:
    """Give those that a campaign must not call."""
    for row in source.pages("vicidial_campaign_dnc", "phone_number", "phone_number", "", campaign_id=campaign):
        found = _listed(text(row["phone_number"]), notes)
        if found:
            yield found


def _listed(written: str, notes: Notes) -> str:
    try:
        digits = clean_number(written).removeprefix("+")
        checks.check_dnc(digits)
    except (NumberNotAllowed, checks.Unusable):
        notes.left_out("dnc", written, "no number (an area code, or a mistake)")
        return ""
    return digits


# --- callbacks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Promise:
    """A callback as it was made: to the lead with that id there."""

    callback_id: int
    lead_id: int
    campaign: str
    user: str
    due: datetime
    anyone: bool
    comments: str


def promises(source: Source, notes: Notes) -> Iterator[Promise]:
    """Give the callbacks that are not kept yet."""
    columns = "callback_id lead_id campaign_id status callback_time user recipient comments"
    for row in source.rows("vicidial_callbacks", columns, order="callback_id"):
        due = source.moment(row["callback_time"])
        if text(row["status"]) not in {"ACTIVE", "LIVE"}:
            notes.remark("callbacks", row["callback_id"], "done with, and not taken over")
        elif due is None or row["lead_id"] is None:
            notes.left_out("callbacks", row["callback_id"], "it has no time, or no lead")
        else:
            yield Promise(
                callback_id=int(row["callback_id"]),
                lead_id=int(row["lead_id"]),
                campaign=text(row["campaign_id"]),
                user=text(row["user"]),
                due=due,
                anyone=text(row["recipient"]) != "USERONLY",
                comments=tidy(text(row["comments"])),
            )
