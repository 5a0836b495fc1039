"""The functions about leads, and about what a CRM calls the agents: adding, changing, and what is on the screen."""

from __future__ import annotations

from agentd.core.calls.finding import lead_on_screen
from agentd.core.errors import IdsUsedUp, JournalFull, NoLeadOnScreen, NoManualList
from agentd.core.model import NEW, Lead, User
from agentd.dialects.agent_api.answers import Line, Refused, error, success, told
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.lead_fields import given_fields, numbers_are_numbers
from agentd.dialects.agent_api.words import as_number, as_phone_code
from agentd.engine.access import MODIFY_LEADS, require_right_over, user_by_custom_three

__all__ = [
    "external_add_lead",
    "lead_is_whole",
    "names_agent_and_team",
    "st_get_agent_active_lead",
    "st_login_log",
    "update_fields",
]

_OWN_COLUMNS = ("phone_number", "phone_code")
_TOLD = ("vendor_lead_code", "province", "security_phrase", "source_id")
_SHORTEST = 2  # digits of a number
_CHECK = ("YES", "Y")


# --- external_add_lead ---------------------------------------------------------------------------------------


def lead_is_whole(asked: Asked) -> bool:
    """Whether there is a number and its country's code."""
    code, number = as_phone_code(asked.get("phone_code")), _number(asked)
    return bool(code) and len(number) >= _SHORTEST and numbers_are_numbers(asked)


async def external_add_lead(asked: Asked, here: Here) -> Line:
    """Put a new lead into the list that the agent's campaign has for them."""
    operations, number = here.operations, _number(asked)
    campaign = operations.live_session(asked.agent).campaign
    known = operations.state.campaigns.get(campaign)
    list_id = known.manual_list if known is not None else 0
    if not list_id:
        raise NoManualList(f"campaign {campaign} has no list for new leads", campaign)
    await _require_callable(asked, here, number, campaign)
    try:
        lead_id = await operations.leads.add(_lead(asked, number, list_id), asked.user, asked.agent)
    except (IdsUsedUp, JournalFull):
        raise Refused(error("lead insertion failed", number, campaign, str(list_id), asked.agent)) from None
    data = f"{number}|{list_id}|{lead_id}"
    return success("lead added", number, campaign, str(list_id), str(lead_id), asked.agent, data=data)


def _number(asked: Asked) -> str:
    return as_number(asked.value or asked.get("phone_number"))


async def _require_callable(asked: Asked, here: Here, number: str, campaign: str) -> None:
    """Refuse a number that must not be called, where the request has that looked up."""
    checks = {"": asked.get("dnc_check"), campaign: asked.get("campaign_dnc_check")}
    lists = [name for name, check in checks.items() if check in _CHECK]
    if not lists:
        return
    listed = await here.operations.leads.listed(number, as_phone_code(asked.get("phone_code")), lists)
    if "" in listed:
        raise Refused(error("add_lead PHONE NUMBER IN DNC", number, asked.agent))
    if listed:
        raise Refused(error("add_lead PHONE NUMBER IN CAMPAIGN DNC", number, campaign, asked.agent))


def _lead(asked: Asked, number: str, list_id: int) -> Lead:
    fields = {name: text for name, text in given_fields(asked).items() if text and name not in _OWN_COLUMNS}
    if asked.get("vendor_id"):
        fields["vendor_lead_code"] = asked.get("vendor_id")
    return Lead(0, list_id, NEW, as_phone_code(asked.get("phone_code")), number, fields)


# --- update_fields -------------------------------------------------------------------------------------------


async def update_fields(asked: Asked, here: Here) -> Line:
    """Change fields of the lead on the agent's screen; what is given empty is cleared."""
    require_right_over(here.operations.state, asked.user, asked.agent, MODIFY_LEADS)
    fields = given_fields(asked)
    lead_id = await here.operations.leads.update_on_screen(asked.agent, fields, asked.user)
    shown = ",".join(f"{name}='{text.replace(chr(39), '')}'" for name, text in fields.items())
    return told("update_fields lead updated", asked.user, asked.agent, str(lead_id), shown)


# --- what a CRM calls the agents -----------------------------------------------------------------------------


def names_agent_and_team(asked: Asked) -> bool:
    """Whether both of the CRM's ids are there."""
    return bool(asked.value) and bool(asked.get("vendor_id"))


async def st_login_log(asked: Asked, here: Here) -> Line:
    """Note the team that a CRM's agent is in, and tell who he is here."""
    name = _crm_agent(asked, here).name
    await here.operations.leads.set_custom(name, "four", asked.get("vendor_id"))
    return told("st_login_log user found", name)


async def st_get_agent_active_lead(asked: Asked, here: Here) -> Line:
    """Tell of the lead on the screen of a CRM's agent."""
    name = _crm_agent(asked, here).name
    lead = lead_on_screen(here.operations.state, here.operations.live_session(name))
    if lead is None:
        raise NoLeadOnScreen(f"{name} has no lead on the screen")
    more = (lead.fields.get(each, "") for each in _TOLD)
    return told("st_get_agent_active_lead lead found", name, lead.phone_number, str(lead.id), *more)


def _crm_agent(asked: Asked, here: Here) -> User:
    """The user whom the value means; the request is about him from now on."""
    user = user_by_custom_three(here.operations.state, asked.value)
    if user is None:
        raise Refused(error("no user found", asked.value))
    asked.agent = user.name
    return user
