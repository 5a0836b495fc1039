"""The functions of the agent API: what each takes, which operation it is, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from agentd.core.commands import PreviewAction
from agentd.dialects.agent_api import (
    dialling,
    in_hand,
    ingroups,
    leads,
    recordings,
    remote,
    statuses,
    timers,
    webphones,
    webserver,
)
from agentd.dialects.agent_api.answers import Line, success
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.lead_fields import FIELDS, numbers_are_numbers
from agentd.dialects.agent_api.words import (
    CODE,
    NAME,
    NUMBER,
    PHONE_CODE,
    TEXT,
    USER,
    VENDOR,
    YES_OR_NO,
    Word,
)

__all__ = ["FUNCTIONS", "About", "Function"]


class About(Enum):
    """Whom a function is about: an agent whom ``agent_user`` or ``alt_user`` names, the first alone, or nobody."""

    EITHER = "either"
    AGENT = "agent"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Function:
    """One function: ``value`` and ``reads`` say what its parameters may be, ``perform`` does it.

    ``hides``: the API log shows how long the value was, and not what it was.
    """

    perform: Callable[[Asked, Here], Awaitable[Line]]
    value: Word
    reads: Mapping[str, Word] = field(default_factory=dict)
    also: Callable[[Asked], bool] = lambda _asked: True
    hides: bool = False
    about: About = About.EITHER

    def accepts(self, asked: Asked) -> bool:
        """Whether the parameters are such as the function takes (what they name need not exist)."""
        return (
            asked.usable
            and _NAMED[self.about](asked)
            and self.value.allows(asked.value)
            and all(word.allows(asked.get(name)) for name, word in self.reads.items())
            and self.also(asked)
        )


_ALT_USER = Word("[0-9A-Za-z]*", 100)


def _names_agent(asked: Asked) -> bool:
    by_agent = not asked.agent or USER.allows(asked.agent)
    return by_agent and _ALT_USER.allows(asked.alt_user) and (bool(asked.agent) or len(asked.alt_user) > 1)


_NAMED: dict[About, Callable[[Asked], bool]] = {
    About.EITHER: _names_agent,
    About.AGENT: lambda asked: USER.allows(asked.agent),
    About.NOBODY: lambda _asked: True,
}


# --- state ---------------------------------------------------------------------------------------------------


async def _external_pause(asked: Asked, here: Here) -> Line:
    """Pause now or after the call; resume."""
    epoch = here.epoch
    if asked.value == "PAUSE":
        await here.operations.pause(asked.agent)
    else:
        await here.operations.resume(asked.agent, strict=True)
    return success("external_pause function set", asked.value, epoch, asked.agent, data=epoch)


async def _pause_code(asked: Asked, here: Here) -> Line:
    """Say why the agent is paused."""
    epoch = here.epoch
    await here.operations.set_pause_code(asked.agent, asked.value)
    return success("pause_code function sent", asked.agent, data=epoch)


async def _logout(asked: Asked, here: Here) -> Line:
    """Log out now or after the call."""
    epoch = here.epoch
    await here.operations.log_out(asked.agent)
    return success("logout function set", asked.value, epoch, asked.agent, data=epoch)


async def _call_agent(asked: Asked, here: Here) -> Line:
    """Ring the agent's phone again."""
    epoch = here.epoch
    await here.operations.call_agent(asked.agent)
    return success("call_agent function sent", asked.agent, data=epoch)


async def _external_hangup(asked: Asked, here: Here) -> Line:
    """End the customer's call."""
    await here.operations.hang_up(asked.agent)
    return success("external_hangup function set", asked.value, asked.agent)


# --- the table -----------------------------------------------------------------------------------------------

_SWITCH = Word("YES|NO")
_CHECK = Word("(YES|Y|NO|N)?")
_INGROUP = Word("[-_ 0-9A-Za-z]*", 255)
_ALIAS = Word(f"{NAME}*", 30)
_CRM_ID = Word(f"{NAME}+", 100)
_CRM_TEAM = Word("[^;#]+", 100)

FUNCTIONS: dict[str, Function] = {
    "call_agent": Function(_call_agent, Word("CALL")),
    "change_ingroups": Function(
        ingroups.change_ingroups,
        Word("CHANGE|ADD|REMOVE"),
        {"blended": _SWITCH, "ingroup_choices": Word("[-_+ 0-9A-Za-z]*", 4096), "set_as_default": YES_OR_NO},
        about=About.AGENT,
    ),
    "external_add_lead": Function(
        leads.external_add_lead,
        NUMBER,
        {**FIELDS, "vendor_id": VENDOR, "dnc_check": _CHECK, "campaign_dnc_check": _CHECK},
        leads.lead_is_whole,
    ),
    "external_dial": Function(
        dialling.external_dial,
        Word(f"[-+().*#/ 0-9]*|{dialling.NEXT}", 40),
        {
            "phone_code": PHONE_CODE,
            "lead_id": Word("[0-9]*", 10),
            "search": _SWITCH,
            "preview": _SWITCH,
            "focus": _SWITCH,
            "vendor_id": VENDOR,
            "dial_prefix": Word("[0-9]*", 12),
            "group_alias": _ALIAS,
            "vtiger_callback": YES_OR_NO,
            "alt_dial": Word("(MAIN|ALT|ADDR3|SEARCH)?"),
        },
        dialling.has_number_or_lead,
    ),
    "external_hangup": Function(_external_hangup, Word("1")),
    "external_pause": Function(_external_pause, Word("PAUSE|RESUME")),
    "external_status": Function(
        statuses.external_status,
        Word(f"{NAME}+", 20),
        {
            "callback_datetime": Word("[-:._+0-9A-Za-z ]*", 255),
            "callback_type": Word("(USERONLY|ANYONE)?"),
            "callback_comments": TEXT,
            "qm_dispo_code": CODE,
        },
    ),
    "logout": Function(_logout, Word("LOGOUT")),
    "park_call": Function(in_hand.park_call, Word("|".join(in_hand.PARKING))),
    "pause_code": Function(_pause_code, Word(f"{NAME}+", 6)),
    "preview_dial_action": Function(dialling.preview_dial_action, Word("|".join(PreviewAction))),
    "ra_call_control": Function(
        remote.ra_call_control,
        Word(f"{NAME}+", 20),
        {"stage": Word(".+"), "phone_number": NUMBER, "ingroup_choices": _INGROUP, "status": Word(f"{NAME}*", 6)},
        about=About.AGENT,
    ),
    "recording": Function(recordings.recording, Word("START|STOP|STATUS"), also=recordings.stage_is_usable),
    # Silence alone is no digit: the documents show QQ as the value that is not valid. Digits may be a card's number.
    "send_dtmf": Function(in_hand.send_dtmf, Word("(?=.*[^Q])[0-9A-DPSQ*#]+", 100), hides=True),
    "set_timer_action": Function(
        timers.set_timer_action,
        Word("|".join(timers.TIMERS)),
        {"notes": Word(".*", 255), "rank": Word("[0-9]*", 5)},
        about=About.AGENT,
    ),
    "st_get_agent_active_lead": Function(
        leads.st_get_agent_active_lead, _CRM_ID, {"vendor_id": _CRM_TEAM}, about=About.NOBODY
    ),
    "st_login_log": Function(leads.st_login_log, _CRM_ID, {"vendor_id": _CRM_TEAM}, about=About.NOBODY),
    "transfer_conference": Function(
        in_hand.transfer_conference,
        Word(f"{NAME}{{8,}}", 120),
        {
            "phone_number": NUMBER,
            "ingroup_choices": _INGROUP,
            "consultative": YES_OR_NO,
            "dial_override": YES_OR_NO,
            "group_alias": _ALIAS,
        },
        in_hand.transfer_is_whole,
    ),
    "update_fields": Function(leads.update_fields, Word(".*"), FIELDS, numbers_are_numbers, about=About.AGENT),
    "webphone_url": Function(webphones.tell_webphone, Word("|".join(webphones.WEBPHONE))),
    "webserver": Function(webserver.webserver, Word(".*"), about=About.NOBODY),
}
"""By name; case matters, as in the original."""
