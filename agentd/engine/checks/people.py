"""Users and their groups, phones and tokens."""

from __future__ import annotations

import re
from ipaddress import ip_network

from agentd.core.model import Phone, Token, User, UserGroup, UserKind
from agentd.engine.checks.rules import (
    DIAL,
    EXTENSION,
    NAME,
    Unusable,
    is_number,
    require,
    require_name,
    require_printable,
    require_web_address,
)

__all__ = [
    "ROLES",
    "SCOPES",
    "check_password",
    "check_phone",
    "check_pin",
    "check_token",
    "check_user",
    "check_user_group",
]

ROLES = ("agent", "supervisor", "integration", "admin")
"""Whom a token may be for; the native API's roles."""

SCOPES = ("sessions", "calls", "leads", "recordings", "supervise", "events", "admin")
"""What a token may be limited to; the native API's scopes."""

_CUSTOM = ("one", "two", "three", "four", "five")
_RIGHT = re.compile(r"[a-z_]+(:[a-z0-9_]+)?")
_PIN = re.compile(r"[0-9]{4,20}")
_CENTURY = 36_501 * 86_400.0
_MOST_ADDRESSES = 100


def check_user(user: User) -> None:
    """Refuse a user whom the faces could not name."""
    require_name(user.name)
    require_printable("full_name", user.full_name, named="full name")
    for right in user.rights:
        if not _RIGHT.fullmatch(right):
            raise Unusable(f"{right!r} is not the name of a right", "rights")
    for name, text in user.custom.items():
        require(name in _CUSTOM, "custom", f"expected {', '.join(_CUSTOM)}", named="custom fields")
        require_printable("custom", text, named="custom fields")
    for ingroup in user.ingroups:
        _require_ingroup("ingroups", ingroup)
    for ingroup, rank in user.ranks.items():
        _require_ingroup("ranks", ingroup)
        good = -9 <= rank <= 9
        require(good, "ranks", f"expected a rank from -9 to 9 in {ingroup}, got {rank}", named="in-groups")
    for field in ("campaign", "group"):
        name = getattr(user, field)
        require(not name or NAME.fullmatch(name), field, "expected 1 to 20 letters, digits, _ or -")
    require(not user.phone or EXTENSION.fullmatch(user.phone), "phone", "expected the extension of a phone")
    _check_outside(user)


def _require_ingroup(field: str, name: str) -> None:
    require(NAME.fullmatch(name), field, f"{name!r} is not the name of an in-group", named="in-groups")


def _check_outside(user: User) -> None:
    """Where and how often a remote agent is reached."""
    require(1 <= user.lines <= 50, "lines", "expected 1 to 50")
    good = not user.outside_number or is_number(user.outside_number)
    what = "expected digits, with + before them where a country code needs it"
    require(good, "outside_number", what, named="outside number")
    if user.kind is UserKind.REMOTE:
        require(user.outside_number, "outside_number", "a remote agent needs one", named="outside number")
        require(not user.on_hook, "on_hook", "a remote agent has no phone to be rung", named="on hook")


def check_user_group(group: UserGroup) -> None:
    """Refuse a group whose users could come from nowhere."""
    require_name(group.name)
    require_printable("title", group.title)
    require(len(group.addresses) <= _MOST_ADDRESSES, "addresses", f"expected {_MOST_ADDRESSES} at most")
    for address in group.addresses:
        try:
            ip_network(address)
        except ValueError as error:
            what = "expected an address or a network such as 10.1.0.0/16"
            raise Unusable(f"addresses: {what}: {error}", "addresses") from error


def check_password(password: str) -> None:
    """Refuse a password that the agent API would refuse."""
    require(len(password) > 1, "password", "expected at least 2 characters")


def check_pin(pin: str) -> None:
    """Refuse a PIN that cannot be entered, or is soon found out."""
    require(_PIN.fullmatch(pin), "pin", "expected 4 to 20 digits", named="PIN")


def check_phone(phone: Phone) -> None:
    """Refuse a phone that Asterisk could not ring."""
    what = "expected 1 to 20 letters, digits, _, -, * or #"
    require(EXTENSION.fullmatch(phone.extension), "extension", what)
    good = DIAL.fullmatch(phone.dial) and phone.dial.isprintable()
    require(good, "dial", "expected something like PJSIP/502")
    require_printable("webphone_url", phone.webphone_url, named="web phone")
    require_web_address("webphone_url", phone.webphone_url, named="web phone")


def check_token(token: Token, now: float) -> None:
    """Refuse a token without a name, for nobody, or whose end is not in the next hundred years."""
    require(token.name and token.name.isprintable(), "name", "expected printable characters")
    in_time = token.expires is None or now < token.expires < now + _CENTURY  # never true of a NaN
    require(in_time, "expires", "expected more than 0, and 36,500 at most", named="days")
    require(token.role in ROLES, "role", f"expected one of {', '.join(ROLES)}")
    require(token.scopes <= set(SCOPES), "scopes", f"expected some of {', '.join(SCOPES)}")
    require(token.user or token.role != "agent", "user", "a token of role agent needs one")
