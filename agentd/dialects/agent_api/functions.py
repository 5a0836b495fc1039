"""The functions of the agent API: what each takes, which operation it is, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from agentd.dialects.agent_api import in_hand, ingroups, recordings, remote
from agentd.dialects.agent_api.answers import Line, Refused, error, success
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.words import USER, Word
from agentd.engine.access import require_manual_dial

__all__ = ["FUNCTIONS", "Function"]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: ``value`` and ``reads`` say what its parameters may be, ``perform`` does it.

    ``hides``: the API log shows how long the value was, and not what it was. ``by_alt_user``: whom it is about may be
    said by ``alt_user``; where not, that is not read.
    """

    perform: Callable[[Asked, Here], Awaitable[Line]]
    value: Word
    reads: Mapping[str, Word] = field(default_factory=dict)
    also: Callable[[Asked], bool] = lambda _asked: True
    hides: bool = False
    by_alt_user: bool = True

    def accepts(self, asked: Asked) -> bool:
        """Whether the parameters are such as the function takes (what they name need not exist)."""
        return (
            asked.usable
            and (_names_agent(asked) if self.by_alt_user else USER.allows(asked.agent))
            and self.value.allows(asked.value)
            and all(word.allows(asked.get(name)) for name, word in self.reads.items())
            and self.also(asked)
        )


_ALT_USER = Word("[0-9A-Za-z]*", 100)


def _names_agent(asked: Asked) -> bool:
    by_agent = not asked.agent or USER.allows(asked.agent)
    return by_agent and _ALT_USER.allows(asked.alt_user) and (bool(asked.agent) or len(asked.alt_user) > 1)


def _epoch(here: Here) -> str:
    return str(int(here.operations.now))


# --- state ---------------------------------------------------------------------------------------------------


async def _external_pause(asked: Asked, here: Here) -> Line:
    """Pause now or after the call; resume."""
    epoch = _epoch(here)
    if asked.value == "PAUSE":
        await here.operations.pause(asked.agent)
    else:
        await here.operations.resume(asked.agent, strict=True)
    return success("external_pause function set", asked.value, epoch, asked.agent, data=epoch)


async def _pause_code(asked: Asked, here: Here) -> Line:
    """Say why the agent is paused."""
    epoch = _epoch(here)
    await here.operations.set_pause_code(asked.agent, asked.value)
    return success("pause_code function sent", asked.agent, data=epoch)


async def _logout(asked: Asked, here: Here) -> Line:
    """Log out now or after the call."""
    epoch = _epoch(here)
    await here.operations.log_out(asked.agent)
    return success("logout function set", asked.value, epoch, asked.agent, data=epoch)


async def _call_agent(asked: Asked, here: Here) -> Line:
    """Ring the agent's phone again."""
    epoch = _epoch(here)
    await here.operations.call_agent(asked.agent)
    return success("call_agent function sent", asked.agent, data=epoch)


# --- calls ---------------------------------------------------------------------------------------------------


async def _external_hangup(asked: Asked, here: Here) -> Line:
    """End the customer's call."""
    await here.operations.hang_up(asked.agent)
    return success("external_hangup function set", asked.value, asked.agent)


async def _external_status(asked: Asked, here: Here) -> Line:
    """Give the call its status."""
    await here.operations.dispose(asked.agent, asked.value)
    code = asked.get("qm_dispo_code")
    value = f"{asked.value}!!!!{code}" if code else asked.value
    return success("external_status function set", value, asked.agent, value=value)


async def _external_dial(asked: Asked, here: Here) -> Line:
    """Dial a number or a lead by hand."""
    epoch = _epoch(here)
    require_manual_dial(here.operations.state, asked.agent)
    _refuse_what_is_not_there(asked)
    lead_id, given = asked.get("lead_id"), asked.get
    dialled = await here.operations.dial(
        asked.agent,
        asked.value,
        phone_code=given("phone_code"),
        lead_id=int(lead_id) if lead_id else None,
        search=given("search") == "YES",
        dial_prefix=given("dial_prefix") or None,
        focus=given("focus") == "YES",
        vendor_id=given("vendor_id"),
        source=asked.source,
    )
    switches = dialled.phone_code, given("search"), given("preview"), given("focus"), given("vendor_id")
    # Group alias, its caller id, and which number of the lead.
    dial_string = given("dial_prefix"), "", "", given("alt_dial")
    return success(
        "external_dial function set",
        dialled.number,
        asked.agent,
        *switches,
        epoch,
        *dial_string,
        data="|".join((*switches, epoch, *dial_string)),
    )


def _refuse_what_is_not_there(asked: Asked) -> None:
    """A dial knows no group alias, and there is no activity of another system."""
    alias = asked.get("group_alias")
    if alias:
        raise Refused(error("group_alias is not valid", asked.agent, alias))
    # The original takes a value that begins with 99 for the number of such an activity.
    if asked.get("vtiger_callback") == "YES" and asked.value.startswith("99"):
        raise Refused(error("vtiger callback activity does not exist in vtiger system", asked.value))


def _has_number_or_lead(asked: Asked) -> bool:
    return len(asked.value) > 1 or bool(asked.get("lead_id"))


# --- the table -----------------------------------------------------------------------------------------------

_YES_OR_NO = Word("YES|NO")
_NAME = "[-_0-9A-Za-z]"
_CODE = Word("[-._0-9A-Za-z]*", 20)
_PHONE_NUMBER = Word("[-+().*#/_ 0-9A-Za-z]*", 40)  # or the name of an agent
_INGROUP = Word("[-_ 0-9A-Za-z]*", 255)

FUNCTIONS: dict[str, Function] = {
    "call_agent": Function(_call_agent, Word("CALL")),
    "change_ingroups": Function(
        ingroups.change_ingroups,
        Word("CHANGE|ADD|REMOVE"),
        {
            "blended": _YES_OR_NO,
            "ingroup_choices": Word("[-_+ 0-9A-Za-z]*", 4096),
            "set_as_default": Word("(YES|NO)?"),
        },
        by_alt_user=False,
    ),
    "external_dial": Function(
        _external_dial,
        Word("[-+().*#/ 0-9]*", 40),
        {
            "phone_code": Word("[0-9]*", 10),
            "lead_id": Word("[0-9]*", 10),
            "search": _YES_OR_NO,
            "preview": Word("NO"),
            "focus": _YES_OR_NO,
            "vendor_id": Word("[^;#]*", 20),
            "dial_prefix": Word("[0-9]*", 12),
            "group_alias": Word(f"{_NAME}*", 30),
            "vtiger_callback": Word("(YES|NO)?"),
            "alt_dial": Word("(MAIN)?"),
        },
        _has_number_or_lead,
    ),
    "external_hangup": Function(_external_hangup, Word("1")),
    "external_pause": Function(_external_pause, Word("PAUSE|RESUME")),
    "external_status": Function(
        _external_status,
        Word(f"{_NAME}+", 20),
        {
            "callback_datetime": Word("[-:._+0-9A-Za-z ]*", 19),
            "callback_type": Word("(USERONLY|ANYONE)?"),
            "callback_comments": Word(".*", 4096),
            "qm_dispo_code": _CODE,
        },
    ),
    "logout": Function(_logout, Word("LOGOUT")),
    "park_call": Function(in_hand.park_call, Word("|".join(in_hand.PARKING))),
    "pause_code": Function(_pause_code, Word(f"{_NAME}+", 6)),
    "ra_call_control": Function(
        remote.ra_call_control,
        Word(f"{_NAME}+", 20),
        {
            "stage": Word(".+"),
            "phone_number": _PHONE_NUMBER,
            "ingroup_choices": _INGROUP,
            "status": Word(f"{_NAME}*", 6),
        },
        by_alt_user=False,
    ),
    "recording": Function(recordings.recording, Word("START|STOP|STATUS"), also=recordings.stage_is_usable),
    # Silence alone is no digit: the documents show QQ as the value that is not valid. Digits may be a card's number.
    "send_dtmf": Function(in_hand.send_dtmf, Word("(?=.*[^Q])[0-9A-DPSQ*#]+", 100), hides=True),
    "transfer_conference": Function(
        in_hand.transfer_conference,
        Word(f"{_NAME}{{8,}}", 120),
        {
            "phone_number": _PHONE_NUMBER,
            "ingroup_choices": _INGROUP,
            "consultative": Word("(YES|NO)?"),
            "dial_override": Word("(YES|NO)?"),
            "group_alias": Word(f"{_NAME}*", 30),
        },
        in_hand.transfer_is_whole,
    ),
}
"""By name; case matters, as in the original."""
