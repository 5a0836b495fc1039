"""What an administrator may say of users, phones, campaigns, in-groups and tokens, checked before it is kept.

What is let in here reaches dialplans, URLs, lines of answers and regular expressions that run on the reactor's thread.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

from agentd.core.calls.numbers import clean_number
from agentd.core.errors import NumberNotAllowed
from agentd.core.lines import hours
from agentd.core.model import Campaign, GroupAlias, InGroup, Phone, Token, Treatment, TreatmentKind, User, UserKind

__all__ = [
    "RECORDING_FORMATS",
    "Unusable",
    "check_campaign",
    "check_dnc",
    "check_group_alias",
    "check_ingroup",
    "check_keys",
    "check_password",
    "check_phone",
    "check_pin",
    "check_token",
    "check_user",
]

RECORDING_FORMATS = ("wav", "gsm", "ulaw", "alaw")
"""The file formats in which Asterisk records without a codec of somebody else's."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,6}")
_EXTENSION = re.compile(r"[A-Za-z0-9_*#-]{1,20}")
_RIGHT = re.compile(r"[a-z_]+(:[a-z0-9_]+)?")
_DIAL = re.compile(r"[A-Za-z0-9]+/[^\s&,|]+")  # one technology and resource; & would ring several
_CALLER_ID = re.compile(r"\+?[0-9]{0,24}")
_PREFIX = re.compile(r"[0-9]{0,12}")
_OUR_CALLER_ID = re.compile(r"\+?[0-9]{1,24}")
_MUSIC = re.compile(r"[A-Za-z0-9_-]{0,40}")
_CONTEXT = re.compile(r"[A-Za-z0-9_-]{0,79}")
_SOUND = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")  # in Asterisk's sounds folder: no absolute path, no dots
_SOUND_LENGTH = 100
_MAILBOX = re.compile(r"[A-Za-z0-9_-]{1,40}(@[A-Za-z0-9_-]{1,40})?")
_PIN = re.compile(r"[0-9]{4,20}")
_DNC = re.compile(r"[0-9]{3,24}")

_CENTURY = 36_501 * 86_400.0

_RULE_LENGTH = 100
_ENDLESS = re.compile(r"(?<!\\)[*+{]")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)[*+{]")
_MOST_ENDLESS = 3


class Unusable(ValueError):
    """A value that cannot be used; the text says which, and what is expected."""


def _require(good: object, what: str) -> None:
    if not good:
        raise Unusable(what)


def _require_printable(what: str, text: str) -> None:
    _require(text.isprintable(), f"{what}: expected printable characters")


def check_user(user: User) -> None:
    """Refuse a user whom the faces could not name. Raises Unusable."""
    _require(_NAME.fullmatch(user.name), "name: expected 1 to 20 letters, digits, _ or -")
    _require_printable("full name", user.full_name)
    for right in user.rights:
        _require(_RIGHT.fullmatch(right), f"{right!r} is not the name of a right")
    for text in user.custom.values():
        _require_printable("custom fields", text)
    for ingroup in (*user.ingroups, *user.ranks):
        _require(_NAME.fullmatch(ingroup), f"in-groups: {ingroup!r} is not the name of an in-group")
    for ingroup, rank in user.ranks.items():
        _require(-9 <= rank <= 9, f"in-groups: expected a rank from -9 to 9 in {ingroup}, got {rank}")
    _require(not user.phone or _EXTENSION.fullmatch(user.phone), "phone: expected the extension of a phone")
    _check_outside(user)


def _check_outside(user: User) -> None:
    """Where and how often a remote agent is reached."""
    _require(1 <= user.lines <= 50, "lines: expected 1 to 50")
    _require(
        not user.outside_number or _is_number(user.outside_number),
        "outside number: expected digits, with + before them where a country code needs it",
    )
    if user.kind is UserKind.REMOTE:
        _require(user.outside_number, "outside number: a remote agent needs one")
        _require(not user.on_hook, "on hook: a remote agent has no phone to be rung")


def check_password(password: str) -> None:
    """Refuse a password that the agent API would refuse. Raises Unusable."""
    _require(len(password) > 1, "password: expected at least 2 characters")


def check_pin(pin: str) -> None:
    """Refuse a PIN that cannot be entered, or is soon found out. Raises Unusable."""
    _require(_PIN.fullmatch(pin), "PIN: expected 4 to 20 digits")


def check_dnc(number: str) -> None:
    """Refuse what no lead has as its number. Raises Unusable."""
    _require(_DNC.fullmatch(number), f"{number!r} is not a number: expected 3 to 24 digits")


def check_phone(phone: Phone) -> None:
    """Refuse a phone that Asterisk could not ring. Raises Unusable."""
    _require(_EXTENSION.fullmatch(phone.extension), "extension: expected 1 to 20 letters, digits, _, -, * or #")
    _require(_DIAL.fullmatch(phone.dial) and phone.dial.isprintable(), "dial: expected something like PJSIP/502")
    _require_printable("web phone", phone.webphone_url)


def check_ingroup(ingroup: InGroup, ingroups: Collection[str]) -> None:
    """Refuse an in-group that the faces could not name, or whose callers would be lost.

    ``ingroups`` are the names of those that there are. Raises Unusable.
    """
    _require(_NAME.fullmatch(ingroup.name), "name: expected 1 to 20 letters, digits, _ or -")
    _require_printable("title", ingroup.title)
    _require(_MUSIC.fullmatch(ingroup.music), "music: expected the name of a class of music on hold")
    _require_ingroup("transfer to", ingroup.transfer_to)
    _require(-99 <= ingroup.priority <= 99, "priority: expected -99 to 99")
    _require(ingroup.list_id >= 0 and all(one > 0 for one in ingroup.search_lists), "lists: expected their ids")
    _require_sound("welcome", ingroup.welcome)
    _require(1 <= ingroup.ring_time <= 120, "ring time: expected 1 to 120 seconds")
    _require(1 <= ingroup.service_level <= 3600, "service level: expected 1 to 3600 seconds")
    _require(
        ingroup.announce_every == 0 or 10 <= ingroup.announce_every <= 3600,
        "announce every: expected 10 to 3600 seconds, or 0 for never",
    )
    _require(0 <= ingroup.max_waiting <= 10_000, "max waiting: expected 1 to 10000, or 0 for no limit")
    _require(0 <= ingroup.drop_after <= 86_400, "drop after: expected up to 86400 seconds, or 0 for never")
    _require_hours("hours", ingroup.hours, ingroup.timezone)
    for what in ("after_hours", "no_agent", "full", "drop"):
        treatment: Treatment = getattr(ingroup, what)
        words = what.replace("_", " ")
        _require_treatment(words, treatment, ingroups)
        own = treatment.kind is TreatmentKind.INGROUP and treatment.to == ingroup.name
        _require(not own, f"{words}: it would send its callers to itself")


def _require_hours(what: str, text: str, timezone: str) -> None:
    try:
        hours.parse(text)
        hours.parse_zone(timezone)
    except ValueError as error:
        raise Unusable(f"{what}: {str(error).removeprefix('hours: ')}") from error
    _require(len(text) <= 255, f"{what}: expected 255 characters at most")
    _require(len(timezone) <= 40, "timezone: expected 40 characters at most")


def _require_sound(what: str, sound: str) -> None:
    usable = not sound or (_SOUND.fullmatch(sound) and len(sound) <= _SOUND_LENGTH)
    _require(usable, f"{what}: expected the name of a sound, such as agentd/ivr-prompt, without its ending")


def _require_treatment(what: str, treatment: Treatment, ingroups: Collection[str]) -> None:
    """What a treatment names must be there, or fit into the dialplan that it goes through."""
    kind, to = treatment.kind, treatment.to
    if kind is TreatmentKind.INGROUP:
        _require(to in ingroups, f"{what}: there is no in-group {to}")
    elif kind is TreatmentKind.MESSAGE:
        _require(to, f"{what}: a message needs the name of its sound")
        _require_sound(what, to)
    elif kind is TreatmentKind.EXTENSION:
        _require(_is_number(to), f"{what}: expected an extension or a number, got {to!r}")
    elif kind is TreatmentKind.VOICEMAIL:
        _require(_MAILBOX.fullmatch(to), f"{what}: expected a mailbox, such as 500 or 500@default")
    else:
        _require(not to, f"{what}: {kind.value} takes nothing besides")


def _is_number(text: str) -> bool:
    try:
        return clean_number(text) == text
    except NumberNotAllowed:
        return False


def check_group_alias(alias: GroupAlias) -> None:
    """Refuse a group alias without a name or a number. Raises Unusable."""
    _require(_NAME.fullmatch(alias.name), "name: expected 1 to 20 letters, digits, _ or -")
    _require(_OUR_CALLER_ID.fullmatch(alias.caller_id), "caller id: expected 1 to 24 digits")
    _require_printable("title", alias.title)


def _require_ingroup(what: str, name: str) -> None:
    _require(not name or _NAME.fullmatch(name), f"{what}: expected the name of an in-group")


def check_token(token: Token, now: float) -> None:
    """Refuse a token without a name, or whose end is not in the next hundred years. Raises Unusable."""
    _require(token.name and token.name.isprintable(), "name: expected printable characters")
    in_time = token.expires is None or now < token.expires < now + _CENTURY  # never true of a NaN
    _require(in_time, "days: expected more than 0, and 36,500 at most")


def check_keys(values: Mapping[str, Any], made: Any) -> None:
    """Refuse keys that the dataclass made of these values does not have, which would do nothing. Raises Unusable."""
    for key, value in values.items():
        _require(hasattr(made, key), f"{key}: there is no such key")
        inner = getattr(made, key)
        if is_dataclass(inner):
            check_keys(value, inner)
        elif isinstance(inner, dict):
            for name, one in value.items():
                check_keys(one, inner[name])


def check_campaign(campaign: Campaign, ingroups: Collection[str]) -> None:
    """Refuse a campaign whose calls could not be made, or whose rules could hold up the daemon.

    ``ingroups`` are the names of the in-groups that there are. Raises Unusable.
    """
    _require(_NAME.fullmatch(campaign.name), "name: expected 1 to 20 letters, digits, _ or -")
    _require_printable("title", campaign.title)
    _require(campaign.wrapup is None or campaign.wrapup >= 0, "wrapup: expected seconds, 0 or more")
    _require(1 <= campaign.dial_timeout <= 300, "dial_timeout: expected 1 to 300 seconds")
    _require(campaign.after_manual in {"paused", "ready"}, "after_manual: expected paused or ready")
    _require(_PREFIX.fullmatch(campaign.dial_prefix), "dial_prefix: expected up to 12 digits")
    _require(_CALLER_ID.fullmatch(campaign.caller_id), "caller_id: expected digits")
    trunk = campaign.trunk
    _require(
        not trunk or (_DIAL.fullmatch(trunk) and trunk.isprintable() and "{number}" in trunk),
        "trunk: expected something like PJSIP/{number}@carrier",
    )
    for what in ("dial_allow", "dial_deny"):
        for rule in getattr(campaign, what):
            for objection in _objections(rule):
                raise Unusable(f"{what}: {rule!r} {objection}")
    _check_calls_in_hand(campaign)
    _check_dialling(campaign)
    _require_treatment("drop", campaign.drop, ingroups)
    _check_codes("pause_codes", {key: code.code for key, code in campaign.pause_codes.items()})
    _check_codes("statuses", {key: status.code for key, status in campaign.statuses.items()})


def _check_calls_in_hand(campaign: Campaign) -> None:
    """What reaches a channel variable or a dialplan once a call is held, sent on or recorded."""
    _require(_MUSIC.fullmatch(campaign.park_music), "park_music: expected the name of a class of music on hold")
    _require(_CONTEXT.fullmatch(campaign.ivr_context), "ivr_context: expected the name of a dialplan context")
    for what in ("ivr_prompt", "leave_message"):
        _require_sound(what, getattr(campaign, what))
    _require_ingroup("default_ingroup", campaign.default_ingroup)
    formats = " or ".join(RECORDING_FORMATS)
    _require(campaign.recording_format in RECORDING_FORMATS, f"recording_format: expected {formats}")


def _check_dialling(campaign: Campaign) -> None:
    """How fast and when a campaign dials by itself. A comparison with NaN is never true."""
    _require(0 <= campaign.auto_dial_level <= 20, "auto_dial_level: expected 0 to 20 calls for each free agent")
    _require(0 <= campaign.max_drop_rate <= 100, "max_drop_rate: expected 0 to 100 per cent")
    _require(0 < campaign.drop_seconds <= 2, "drop_seconds: expected more than 0, and 2 at most")
    _require(campaign.redial_after >= 0, "redial_after: expected seconds, 0 or more")
    _require(1 <= campaign.hopper <= 1000, "hopper: expected 1 to 1000 leads")
    for code in campaign.dial_statuses:
        _require(_CODE.fullmatch(code), f"dial_statuses: expected 1 to 6 letters, digits, _ or -, got {code!r}")
    _require_hours("call_hours", campaign.call_hours, campaign.timezone)


def _check_codes(what: str, codes: dict[str, str]) -> None:
    for key, code in codes.items():
        _require(_CODE.fullmatch(code), f"{what}: expected 1 to 6 letters, digits, _ or -, got {code!r}")
        _require(key == code, f"{what}: {key!r} has the code {code!r}; they must be the same")


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
