"""Leads are changed, added and deleted, and numbers listed that must not be called."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls.finding import lead_on_screen, taken_leads
from agentd.core.calls.numbers import clean_number
from agentd.core.commands import AddLead, ChangeDnc, DeleteLead, UpdateLead
from agentd.core.errors import (
    CampaignUnknown,
    FieldInvalid,
    LeadInUse,
    NoLeadOnScreen,
    NoManualList,
)
from agentd.core.ids import next_id
from agentd.core.leads import callbacks, listing
from agentd.core.leads.fields import checked
from agentd.core.model import NEW, Lead, Session
from agentd.core.turn import Turn

__all__ = ["add", "change_dnc", "delete", "update"]


def update(turn: Turn, command: UpdateLead) -> int:
    """Change fields of the lead on the agent's screen, or of any; gives his id."""
    agent, lead_id = command.agent, command.lead_id
    if agent:
        shown = lead_on_screen(turn.state, turn.session(agent))
        if shown is None:
            raise NoLeadOnScreen(f"{agent} has no lead on the screen")
        lead_id = shown.id
    else:
        screens = (session.agent for session in turn.state.sessions.values() if _shows(turn, session, lead_id))
        agent = next(screens, "")
    turn.record(r.LeadUpdated(lead_id, checked(command.fields), command.by, agent))
    return lead_id


def _shows(turn: Turn, session: Session, lead_id: int) -> bool:
    shown = lead_on_screen(turn.state, session)
    return shown is not None and shown.id == lead_id


def add(turn: Turn, command: AddLead) -> int:
    """Keep a new lead; gives his id."""
    asked = command.lead
    list_id = asked.list_id if not command.agent else _manual_list(turn, command.agent)
    own = {"list_id": str(list_id), "status": asked.status or NEW, "phone_code": asked.phone_code}
    fields = checked({**asked.fields, **own, "phone_number": asked.phone_number})
    if not fields["phone_number"]:
        raise FieldInvalid("a lead needs a phone_number", "phone_number")
    lead = Lead(
        id=next_id(turn.state, "lead"),
        list_id=list_id,
        status=fields["status"],
        phone_code=fields["phone_code"],
        phone_number=fields["phone_number"],
        fields={name: fields[name] for name in asked.fields if fields[name]},
    )
    turn.record(r.LeadCreated(lead, command.by))
    return lead.id


def _manual_list(turn: Turn, agent: str) -> int:
    campaign = turn.campaign(turn.session(agent))
    if not campaign.manual_list:
        raise NoManualList(f"campaign {campaign.name} has no list for leads that are added by hand", campaign.name)
    return campaign.manual_list


def delete(turn: Turn, command: DeleteLead) -> None:
    """Forget a lead who is on nobody's screen, with what was promised to him."""
    lead_id = command.lead_id
    if lead_id in taken_leads(turn.state):
        raise LeadInUse(f"lead {lead_id} is in a call, on a screen or about to be dialled")
    for callback in callbacks.to_keep(turn, lead_id):
        turn.record(r.CallbackEnded(callback.id, callback.user, lead_id, by=command.by))
    turn.record(r.LeadDeleted(lead_id, command.by))


def change_dnc(turn: Turn, command: ChangeDnc) -> None:
    """Have a number never called by a campaign, or by anybody; or called again."""
    if command.campaign and command.campaign not in turn.state.campaigns:
        raise CampaignUnknown(f"there is no campaign {command.campaign}")
    number = clean_number(command.number)
    turn.record(r.DncChanged(number, command.campaign, command.listed, command.by))
    if command.listed:
        listing.give_up(turn, number, command.campaign)
