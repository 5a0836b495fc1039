"""What becomes of leads, of promises to call them again, and of numbers not to call, as rows."""

from __future__ import annotations

from typing import Any

from agentd.core import records as r
from agentd.storage.columns import moment
from agentd.storage.projecting import Change, Source, cut, insert, projects, set_values
from agentd.storage.statements_leads import CHANGEABLE
from agentd.storage.steps import Step
from agentd.storage.tables import LEAD_FIELDS, CallbackStatus, callbacks, dnc, leads

__all__ = ["callback_again", "callback_kept"]


# --- leads ---------------------------------------------------------------------------------------------------


@projects(r.LeadCreated)
def _lead_created(source: Source, record: r.LeadCreated) -> list[Change]:
    lead = record.lead
    return [
        insert(
            Step.LEAD_NEW,
            id=lead.id,
            list_id=lead.list_id,
            status=lead.status,
            user=record.by,
            phone_code=lead.phone_code,
            phone_number=lead.phone_number,
            entry_date=moment(source.at),
            modify_date=moment(source.at),
            called_count=0,
            called_since_last_reset=0,
            last_local_call_time=None,
            **{name: lead.fields.get(name) for name in LEAD_FIELDS},
        )
    ]


@projects(r.LeadUpdated)
def _lead_updated(source: Source, record: r.LeadUpdated) -> list[Change]:
    """Fields that the table does not have are left out; an empty one is NULL."""
    says = {name: record.fields.get(name) for name in CHANGEABLE}
    values: dict[str, Any] = {}
    for name, text in says.items():
        fits = cut(leads.c[name], text)
        said = text is not None and (fits is not None or name in LEAD_FIELDS)
        values |= {f"says_{name}": said, name: None if name in LEAD_FIELDS and not text else fits}
    return [set_values(Step.LEAD_UPDATED, source, lead=record.lead_id, **values)]


@projects(r.LeadDeleted)
def _lead_deleted(source: Source, record: r.LeadDeleted) -> list[Change]:
    """What was promised to him goes with him."""
    steps = (Step.LEAD_DELETED, Step.CALLBACKS_DROPPED)
    return [set_values(step, source, lead=record.lead_id) for step in steps]


# --- promises ------------------------------------------------------------------------------------------------


@projects(r.CallbackSet)
def _callback_set(source: Source, record: r.CallbackSet) -> list[Change]:
    if record.stored:
        return []
    new = insert(
        Step.CALLBACK_SET,
        id=record.callback_id,
        lead_id=record.lead_id,
        campaign=record.campaign,
        user=record.user,
        due_at=moment(record.wish.due),
        anyone=record.wish.anyone,
        comments=record.wish.comments,
        status=CallbackStatus.WAITING.value,
        created=moment(source.at),
        call_id=0,
        made_by_call=record.call_id,
    )
    if not record.call_id:
        return [new]
    campaign = cut(callbacks.c.campaign, record.campaign)
    values = {"callback": record.callback_id, "lead": record.lead_id, "campaign": campaign}
    return [new, set_values(Step.CALLBACK_REPLACED, source, **values)]


@projects(r.CallbackEnded)
def _callback_ended(source: Source, record: r.CallbackEnded) -> list[Change]:
    status = CallbackStatus.DONE if record.call_id else CallbackStatus.DROPPED
    values = {"callback": record.callback_id, "status": status.value, "call": record.call_id}
    return [set_values(Step.CALLBACK_OVER, source, **values)]


def callback_kept(source: Source, record: r.CallStarted | r.CallDialled) -> Change:
    """The lead is called: what was due, and anybody could keep, is kept by that."""
    campaign = cut(callbacks.c.campaign, record.campaign)
    return _callback(source, CallbackStatus.DONE, record.call_id, record.call_id, record.lead.id, campaign)


def callback_again(source: Source, call_id: int) -> Change:
    """The call did not even ring at the lead's: what it was to keep is still to be kept."""
    return _callback(source, CallbackStatus.WAITING, call_id)


def _callback(
    source: Source, status: CallbackStatus, call_id: int, by: int = 0, lead: int = 0, campaign: str = ""
) -> Change:
    values = {"status": status.value, "call": call_id, "by": by, "lead": lead, "campaign": campaign}
    return set_values(Step.CALLBACK, source, **values)


# --- numbers not to call -------------------------------------------------------------------------------------


@projects(r.DncListed)
def _dnc_listed(_source: Source, record: r.DncListed) -> list[Change]:
    return [_listed(record.number, record.campaign)]


@projects(r.DncChanged)
def _dnc_changed(source: Source, record: r.DncChanged) -> list[Change]:
    if record.listed:
        return [_listed(record.number, record.campaign)]
    number, campaign = cut(dnc.c.number, _digits(record.number)), cut(dnc.c.campaign, record.campaign)
    return [set_values(Step.DNC_FREED, source, number=number, campaign=campaign)]


def _listed(number: str, campaign: str) -> Change:
    return insert(Step.DNC_LISTED, campaign=campaign, number=_digits(number))


def _digits(number: str) -> str:
    """As the list has it: networks may write a + before a number."""
    return number.replace("+", "")
