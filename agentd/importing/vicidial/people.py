"""Users, user groups and phones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agentd.core.model import Phone, User, UserGroup, UserKind
from agentd.engine import checks
from agentd.engine.access import CHANGE_INGROUPS, FUNCTION_RIGHT, MANUAL_DIAL
from agentd.importing.texts import tidy
from agentd.importing.vicidial.notes import Notes, fitted
from agentd.importing.vicidial.source import Source, number, text, words, yes

__all__ = ["Person", "phones", "user_groups", "users"]

_USERS = (
    "user pass full_name user_group phone_login active user_level api_only_user closer_campaigns "
    "closer_default_blended vdc_agent_api_access agentcall_manual modify_leads modify_campaigns change_agent_campaign "
    "api_allowed_functions custom_one custom_two custom_three custom_four custom_five"
)
_OWN = {"VDAD", "VDCL"}  # by these names the product's own programs act
_FUNCTION = re.compile(r"[a-z0-9_]{1,40}")
_EVERY_FUNCTION = "ALL_FUNCTIONS"
_CUSTOM = ("one", "two", "three", "four", "five")

Person = tuple[User, str]
"""A user, and his password where it is kept as he enters it, else an empty text."""


def users(source: Source, notes: Notes) -> Iterator[Person]:
    """Give the users with their rights, in-groups and ranks."""
    extensions = {text(row["login"]): text(row["extension"]) for row in source.rows("phones", "login extension")}
    ranks: dict[str, dict[str, int]] = {}
    for row in source.rows("vicidial_inbound_group_agents", "user group_id group_rank"):
        ranks.setdefault(text(row["user"]), {})[text(row["group_id"])] = int(number(row["group_rank"]))
    for row in source.rows("vicidial_users", _USERS, order="user"):
        name = text(row["user"])
        if name in _OWN:
            notes.left_out("users", name, "the product's own, whom nobody needs here")
            continue
        try:
            checks.check_user(User(name, 0))
        except checks.Unusable as error:
            notes.left_out("users", name, str(error))
            continue
        extension = extensions.get(text(row["phone_login"]), "")
        yield _user(row, name, extension, ranks.get(name, {}), notes), text(row["pass"])


def _user(row: dict[str, Any], name: str, extension: str, ranks: dict[str, int], notes: Notes) -> User:
    def remark(what: str) -> None:
        notes.remark("users", name, what)

    ingroups = tuple(word for word in words(row["closer_campaigns"]) if word != "AGENTDIRECT")
    custom = {word: tidy(text(row[f"custom_{word}"])) for word in _CUSTOM}
    wanted = {
        "full_name": tidy(text(row["full_name"])),
        "active": (row["active"] is None or yes(row["active"])) and number(row["user_level"], 1) > 0,
        "kind": UserKind.API if yes(row["api_only_user"]) else UserKind.LOCAL,
        "group": text(row["user_group"]),
        "rights": frozenset(_rights(row, remark)),
        "custom": {word: value for word, value in custom.items() if value},
        "ingroups": ingroups,
        "ranks": {group: rank for group, rank in ranks.items() if rank and group in ingroups},
        "blended": yes(row["closer_default_blended"]),
        "phone": extension,
    }
    return fitted(User(name, 0), wanted, checks.check_user, remark)


def _rights(row: dict[str, Any], remark: Any) -> Iterator[str]:
    if yes(row["vdc_agent_api_access"]):
        yield "agent_api"
    for right in ("modify_campaigns", CHANGE_INGROUPS):
        if yes(row[right]):
            yield right
    manual, leads = text(row["agentcall_manual"]), text(row["modify_leads"])
    if manual == "1":
        yield MANUAL_DIAL
    elif manual not in {"", "0"}:
        remark(f"agentcall_manual {manual} lets dial on the screen alone: no right {MANUAL_DIAL}")
    if leads in {"1", "2", "3", "4"}:
        yield "modify_leads"
    elif leads not in {"", "0"}:
        remark(f"modify_leads {leads} lets nothing be changed by the API: no right modify_leads")
    named = words(row["api_allowed_functions"])
    if _EVERY_FUNCTION not in named:
        for function in named:
            if _FUNCTION.fullmatch(function):
                yield FUNCTION_RIGHT + function
            else:
                remark(f"not taken over: {function!r} is not the name of a function")
        if not named and row["api_allowed_functions"] is not None:
            yield FUNCTION_RIGHT + "none"
            remark("he may use no function of the API, here neither")


def user_groups(source: Source, notes: Notes) -> Iterator[UserGroup]:
    """Give the user groups."""
    columns = "user_group group_name allowed_campaigns agent_ip_list api_ip_list"
    for row in source.rows("vicidial_user_groups", columns, order="user_group"):
        name = text(row["user_group"])
        try:
            checks.check_user_group(UserGroup(name))
        except checks.Unusable as error:
            notes.left_out("user groups", name, str(error))
            continue
        if row["allowed_campaigns"] and "-ALL-CAMPAIGNS-" not in row["allowed_campaigns"]:
            notes.remark("user groups", name, "its users may log in to every campaign here")
        if text(row["agent_ip_list"]) or text(row["api_ip_list"]):
            notes.remark("user groups", name, "it had a list of addresses: say them with `agentd usergroup change`")
        title = tidy(text(row["group_name"]))
        yield UserGroup(name, title)


# --- phones --------------------------------------------------------------------------------------------------

_DIALS = {
    "SIP": "PJSIP/{extension}",
    "PJSIP": "PJSIP/{extension}",
    "IAX2": "IAX2/{extension}",
    "Zap": "DAHDI/{extension}",
}


def phones(source: Source, notes: Notes, dial: str) -> Iterator[Phone]:
    """Give the phones. ``dial`` is what Asterisk is to dial, with {extension} in it; empty: by their protocol."""
    seen: set[str] = set()
    columns = "extension server_ip protocol active is_webphone on_hook_agent"
    for row in source.rows("phones", columns, order="extension"):
        extension, protocol = text(row["extension"]), text(row["protocol"]) or "SIP"
        if extension in seen:
            server = text(row["server_ip"])
            notes.left_out("phones", f"{extension} on {server}", "another server has one of this extension")
            continue
        template = dial or _DIALS.get(protocol, "")
        if not template:
            notes.left_out("phones", extension, f"its protocol is {protocol}: say with --dial what is to be dialled")
            continue
        made = Phone(
            extension, template.replace("{extension}", extension), active=row["active"] is None or yes(row["active"])
        )
        try:
            checks.check_phone(made)
        except checks.Unusable as error:
            notes.left_out("phones", extension, str(error))
            continue
        seen.add(extension)
        if text(row["is_webphone"]) not in {"", "N"}:
            notes.remark("phones", extension, "it is a web phone: say its address with `agentd phone change`")
        if yes(row["on_hook_agent"]):
            notes.remark("phones", extension, "its agents were rung for each call: `agentd user change NAME --on-hook`")
        yield made
