"""Campaigns, what is part of them, and lists of leads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from agentd.core.model import Campaign, LeadList, PauseCode, Preset, Status
from agentd.engine.checks.rules import (
    CODE,
    DIAL,
    MUSIC,
    NAME,
    Unusable,
    is_number,
    require,
    require_code,
    require_hours,
    require_ingroup,
    require_name,
    require_printable,
    require_sound,
    require_treatment,
    require_web_address,
)

__all__ = [
    "RECORDING_FORMATS",
    "check_campaign",
    "check_list",
    "check_pause_code",
    "check_preset",
    "check_status",
]

RECORDING_FORMATS = ("wav", "gsm", "ulaw", "alaw")
"""The file formats in which Asterisk records without a codec of somebody else's."""

_CALLER_ID = re.compile(r"\+?[0-9]{0,24}")
_PREFIX = re.compile(r"[0-9]{0,12}")
_CONTEXT = re.compile(r"[A-Za-z0-9_-]{0,79}")

_WEEK = 7 * 86_400
_YEAR = 366 * 86_400

_RULE_LENGTH = 100
_MOST_RULES = 50
_ENDLESS = re.compile(r"(?<!\\)[*+{]")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)[*+{]")
_MOST_ENDLESS = 3


def check_campaign(campaign: Campaign, ingroups: Collection[str]) -> None:
    """Refuse a campaign whose calls could not be made, or whose rules could hold up the daemon.

    ``ingroups`` are the names of the in-groups that there are.
    """
    require_name(campaign.name)
    require_printable("title", campaign.title)
    wrapup = campaign.wrapup
    require(wrapup is None or 0 <= wrapup <= _WEEK, "wrapup", "expected seconds, 0 or more, a week at most")
    require(1 <= campaign.dial_timeout <= 300, "dial_timeout", "expected 1 to 300 seconds")
    require(campaign.after_manual in {"paused", "ready"}, "after_manual", "expected paused or ready")
    require(CODE.fullmatch(campaign.default_status), "default_status", "expected the code of a status")
    require(_PREFIX.fullmatch(campaign.dial_prefix), "dial_prefix", "expected up to 12 digits")
    require(_CALLER_ID.fullmatch(campaign.caller_id), "caller_id", "expected digits")
    trunk = campaign.trunk
    good = not trunk or (DIAL.fullmatch(trunk) and trunk.isprintable() and "{number}" in trunk)
    require(good, "trunk", "expected something like PJSIP/{number}@carrier")
    for what in ("dial_allow", "dial_deny"):
        _check_rules(what, getattr(campaign, what))
    _check_lists(campaign)
    _check_calls_in_hand(campaign)
    _check_dialling(campaign)
    require_treatment("drop", campaign.drop, ingroups)
    _check_parts(campaign)


def _check_rules(field: str, rules: tuple[str, ...]) -> None:
    require(len(rules) <= _MOST_RULES, field, f"expected {_MOST_RULES} at most")
    for rule in rules:
        for objection in _objections(rule):
            raise Unusable(f"{field}: {rule!r} {objection}", field)


def _check_lists(campaign: Campaign) -> None:
    require(campaign.manual_list >= 0, "manual_list", "expected the id of a list, or 0 for none")
    require(all(one > 0 for one in campaign.search_lists), "search_lists", "expected ids of lists")


def _check_calls_in_hand(campaign: Campaign) -> None:
    """What reaches a channel variable, a dialplan or a browser once there is a call."""
    require(MUSIC.fullmatch(campaign.park_music), "park_music", "expected the name of a class of music on hold")
    require(_CONTEXT.fullmatch(campaign.ivr_context), "ivr_context", "expected the name of a dialplan context")
    for what in ("ivr_prompt", "leave_message"):
        require_sound(what, getattr(campaign, what))
    require_ingroup("default_ingroup", campaign.default_ingroup)
    formats = " or ".join(RECORDING_FORMATS)
    require(campaign.recording_format in RECORDING_FORMATS, "recording_format", f"expected {formats}")
    for what in ("webform", "webform2"):
        require_web_address(what, getattr(campaign, what))


def _check_dialling(campaign: Campaign) -> None:
    """How fast and when a campaign dials by itself. A comparison with NaN is never true."""
    good = 0 <= campaign.auto_dial_level <= 20
    require(good, "auto_dial_level", "expected 0 to 20 calls for each free agent")
    require(0 <= campaign.max_drop_rate <= 100, "max_drop_rate", "expected 0 to 100 per cent")
    require(0 < campaign.drop_seconds <= 2, "drop_seconds", "expected more than 0, and 2 at most")
    require(0 <= campaign.redial_after <= _YEAR, "redial_after", "expected seconds, 0 or more, a year at most")
    require(1 <= campaign.hopper <= 1000, "hopper", "expected 1 to 1000 leads")
    for code in campaign.dial_statuses:
        what = f"expected 1 to 6 letters, digits, _ or -, got {code!r}"
        require(CODE.fullmatch(code), "dial_statuses", what)
    require_hours("call_hours", campaign.call_hours, campaign.timezone)


def _check_parts(campaign: Campaign) -> None:
    _check_codes("pause_codes", {key: code.code for key, code in campaign.pause_codes.items()})
    _check_codes("statuses", {key: status.code for key, status in campaign.statuses.items()})
    _check_codes("presets", {key: preset.code for key, preset in campaign.presets.items()})
    for preset in campaign.presets.values():
        check_preset(preset)


def _check_codes(field: str, codes: dict[str, str]) -> None:
    for key, code in codes.items():
        require(CODE.fullmatch(code), field, f"expected 1 to 6 letters, digits, _ or -, got {code!r}")
        require(key == code, field, f"{key!r} has the code {code!r}; they must be the same")


def _objections(rule: str) -> Iterator[str]:
    """Why a dial rule is no good; one that backtracks without end would hold up every call."""
    try:
        re.compile(rule)
    except re.error as error:
        yield f"is not a regular expression: {error}"
    if len(rule) > _RULE_LENGTH:
        yield f"is longer than {_RULE_LENGTH} characters"
    if _REPEATED_GROUP.search(rule):
        yield "repeats a group"
    if len(_ENDLESS.findall(rule)) > _MOST_ENDLESS:
        yield f"has more than {_MOST_ENDLESS} repetitions"


# --- what is part of a campaign ------------------------------------------------------------------------------


def check_status(status: Status) -> None:
    """Refuse a status that no answer could tell."""
    require_code(status.code)
    require_printable("title", status.title)


def check_pause_code(code: PauseCode) -> None:
    """Refuse a pause code that no answer could tell."""
    require_code(code.code)
    require_printable("title", code.title)


def check_preset(preset: Preset) -> None:
    """Refuse a preset that cannot be dialled."""
    require_code(preset.code)
    require(is_number(preset.number), "number", "expected an extension or a number, digits alone")
    require_printable("title", preset.title)


# --- lists ---------------------------------------------------------------------------------------------------


def check_list(made: LeadList) -> None:
    """Refuse a list without an id, or of what is no campaign."""
    require(1 <= made.id <= 2**63 - 1, "id", "expected a number from 1")
    require_printable("title", made.title)
    require(not made.campaign or NAME.fullmatch(made.campaign), "campaign", "expected the name of a campaign")
