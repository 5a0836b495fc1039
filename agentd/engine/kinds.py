"""The kinds of things that administrators set up: one description of each, for the database, the faces and the shell.

A thing is one of the dataclasses of :mod:`agentd.core.model`, found by its key; one that is part of a campaign, by that
and its key. What is said of one is a mapping from the names of the
dataclass's fields to their values, with ``password`` and ``pin`` in place of the hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec

from agentd.core.model import (
    Campaign,
    GroupAlias,
    InGroup,
    LeadList,
    PauseCode,
    Phone,
    Preset,
    Status,
    Token,
    Treatment,
    TreatmentKind,
    User,
    UserGroup,
)
from agentd.core.records import GroupAliasSet, InGroupSet, PhoneSet, Record, TokenSet, UserGroupSet, UserSet
from agentd.engine import checks

__all__ = [
    "CAMPAIGN",
    "GROUP_ALIAS",
    "INGROUP",
    "KINDS",
    "LIST",
    "PAUSE_CODE",
    "PHONE",
    "PRESET",
    "STATUS",
    "TOKEN",
    "USER",
    "USER_GROUP",
    "Action",
    "Around",
    "By",
    "Change",
    "Changed",
    "Kind",
    "Named",
    "Part",
    "Reference",
    "Secret",
    "ThingQuery",
    "differences",
    "revision_of",
    "view",
]


class Part(StrEnum):
    """Whether things are part of a campaign. MAYBE: or of the system, which is the campaign with the empty name."""

    NEVER = "never"
    MAYBE = "maybe"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Around:
    """What a check may have to know: ``names`` gives the keys of all things of a kind that there are, ``now`` is it."""

    names: Callable[[str], frozenset[str]]
    now: float


@dataclass(frozen=True, slots=True)
class Reference:
    """In ``field`` a thing names others, of the kind of that name: what it is changed to must be there.

    ``binding``: they must stay as long as it names them.
    """

    field: str
    kind: str
    named: Callable[[Any], Iterable[str]]
    binding: bool = True


@dataclass(frozen=True, slots=True)
class Secret:
    """What is said as ``field`` is kept as a hash. An empty text takes it away, where it ``may_be_empty``."""

    field: str
    hash_field: str
    check: Callable[[str], None]
    may_be_empty: bool = False


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of thing. ``name`` is how people, the audit log and references speak of it.

    ``given``: fields that nobody says, since they are given here or counted. ``parts``: fields that are kinds of their
    own. ``filters``: the fields by which things may be looked for. ``blank``: what fields without a default are
    when nobody says them. ``record`` makes the World's record of a thing.
    """

    name: str
    cls: type[Any]
    key: str
    check: Callable[[Any, Around], None]
    record: Callable[..., Record] | None = None
    part: Part = Part.NEVER
    given: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    filters: tuple[str, ...] = ()
    blank: Mapping[str, Any] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The fields that may be said of one that is there, beside its secrets."""
        hidden = {self.key, *self.given, *self.parts, *(secret.hash_field for secret in self.secrets)}
        return tuple(each.name for each in fields(self.cls) if each.name not in hidden)

    def key_of(self, thing: Any) -> str:
        """The key of a thing, as text."""
        return str(getattr(thing, self.key))


# --- what each refers to -------------------------------------------------------------------------------------


def _one(field_name: str, kind: str, *, binding: bool = True) -> Reference:
    """A field with the key of one thing; empty or 0: none."""

    def named(thing: Any) -> Iterable[str]:
        value = getattr(thing, field_name)
        return (str(value),) if value else ()

    return Reference(field_name, kind, named, binding)


def _several(field_name: str, kind: str, *, binding: bool = True) -> Reference:
    return Reference(field_name, kind, lambda thing: map(str, getattr(thing, field_name)), binding)


def _treatment(field_name: str) -> Reference:
    def named(thing: Any) -> Iterable[str]:
        treatment: Treatment = getattr(thing, field_name)
        return (treatment.to,) if treatment.kind is TreatmentKind.INGROUP else ()

    return Reference(field_name, "in-group", named)


# --- the kinds -----------------------------------------------------------------------------------------------

USER = Kind(
    "user",
    User,
    "name",
    check=lambda user, _around: checks.check_user(user),
    record=UserSet,
    given=("number",),
    blank={"number": 0},
    secrets=(
        Secret("password", "password_hash", checks.check_password),
        Secret("pin", "pin_hash", checks.check_pin, may_be_empty=True),
    ),
    filters=("active", "campaign", "group", "kind"),
    references=(
        _one("campaign", "campaign"),
        _one("group", "user group"),
        _one("phone", "phone", binding=False),
        _several("ingroups", "in-group", binding=False),
        _several("ranks", "in-group", binding=False),
    ),
)

USER_GROUP = Kind(
    "user group",
    UserGroup,
    "name",
    check=lambda group, _around: checks.check_user_group(group),
    record=UserGroupSet,
)

PHONE = Kind(
    "phone",
    Phone,
    "extension",
    check=lambda phone, _around: checks.check_phone(phone),
    record=PhoneSet,
    filters=("active",),
)

CAMPAIGN = Kind(
    "campaign",
    Campaign,
    "name",
    check=lambda campaign, around: checks.check_campaign(campaign, around.names("in-group")),
    given=("number",),
    blank={"number": 0},
    parts=("statuses", "pause_codes", "presets"),
    filters=("active",),
    references=(
        _one("manual_list", "list"),
        _several("search_lists", "list"),
        _one("default_ingroup", "in-group"),
        _treatment("drop"),
    ),
)

STATUS = Kind(
    "status",
    Status,
    "code",
    check=lambda status, _around: checks.check_status(status),
    part=Part.MAYBE,
    given=("number",),
    blank={"number": 0},
    filters=("selectable",),
)

PAUSE_CODE = Kind(
    "pause code",
    PauseCode,
    "code",
    check=lambda code, _around: checks.check_pause_code(code),
    part=Part.ALWAYS,
)

PRESET = Kind(
    "preset",
    Preset,
    "code",
    check=lambda preset, _around: checks.check_preset(preset),
    part=Part.ALWAYS,
)

INGROUP = Kind(
    "in-group",
    InGroup,
    "name",
    check=lambda ingroup, around: checks.check_ingroup(ingroup, around.names("in-group") | {ingroup.name}),
    record=InGroupSet,
    given=("number",),
    blank={"number": 0},
    filters=("active",),
    references=(
        _one("transfer_to", "in-group"),
        _one("list_id", "list"),
        _several("search_lists", "list"),
        *(_treatment(name) for name in ("after_hours", "no_agent", "full", "drop")),
    ),
)

GROUP_ALIAS = Kind(
    "group alias",
    GroupAlias,
    "name",
    check=lambda alias, _around: checks.check_group_alias(alias),
    record=GroupAliasSet,
    filters=("active",),
)

LIST = Kind(
    "list",
    LeadList,
    "id",
    check=lambda made, _around: checks.check_list(made),
    given=("leads",),
    filters=("active", "campaign"),
    references=(_one("campaign", "campaign"),),
)

TOKEN = Kind(
    "token",
    Token,
    "digest",
    check=lambda token, around: checks.check_token(token, around.now),
    record=TokenSet,
    filters=("user", "role"),
    blank={"user": ""},
    references=(_one("user", "user", binding=False),),
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        USER,
        USER_GROUP,
        PHONE,
        CAMPAIGN,
        STATUS,
        PAUSE_CODE,
        PRESET,
        INGROUP,
        GROUP_ALIAS,
        LIST,
        TOKEN,
    )
}
"""All of them, by their names."""


# --- things, and changes of them -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """Where a thing is: its kind, its key, and the campaign that it is part of (empty: the system, or none)."""

    kind: Kind
    key: str
    campaign: str = ""

    def __str__(self) -> str:
        """As the audit log names it."""
        return f"{self.campaign}/{self.key}" if self.campaign else self.key


@dataclass(frozen=True, slots=True)
class ThingQuery:
    """Which things of a kind are wanted: those of a campaign (``campaign``, where they are part of one), whose fields
    have these values, keys above ``after``, in the order of their keys.
    """

    campaign: str = ""
    having: Mapping[str, Any] = field(default_factory=dict)
    after: str = ""
    limit: int = 100


class Action(StrEnum):
    """What is done with a thing. REPLACE: what is not said becomes the default; CHANGE: stays."""

    CREATE = "create"
    CHANGE = "change"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something, through what (``native``, ``cli`` ...), and when."""

    who: str
    face: str
    at: float


@dataclass(frozen=True, slots=True)
class Change:
    """One change. With ``expected`` the thing must have one of these revisions (see :func:`revision_of`)."""

    action: Action
    named: Named
    by: By
    values: Mapping[str, Any] = field(default_factory=dict)
    expected: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a change: the thing as it is now (None: gone), and what the World must be told."""

    thing: Any
    records: tuple[Record, ...] = ()


# --- things as they are shown --------------------------------------------------------------------------------


def view(kind: Kind, thing: Any) -> dict[str, Any]:
    """Give a thing as plain data without what is secret; ``has_password`` and its like say whether there is one."""
    shown = _plain(kind, thing)
    for secret in kind.secrets:
        shown[f"has_{secret.field}"] = bool(shown.pop(secret.hash_field))
    return shown


def revision_of(kind: Kind, thing: Any) -> str:
    """Give a short text that changes whenever anything of a thing does that somebody may say."""
    content = _plain(kind, thing)
    for counted in kind.given:
        content.pop(counted, None)
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:20]


def _plain(kind: Kind, thing: Any) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(thing, order="deterministic"))
    for name in kind.parts:
        shown.pop(name, None)
    return shown


def differences(kind: Kind, before: Any, after: Any) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Give what a thing was and is, as the audit log keeps it: of a change, the fields that differ alone.

    Of secrets it is told that they were changed, and nothing else.
    """
    old = None if before is None else view(kind, before)
    new = None if after is None else view(kind, after)
    if old is None or new is None:
        return old, new
    changed = [name for name in new if old[name] != new[name]]
    was, now = {name: old[name] for name in changed}, {name: new[name] for name in changed}
    for secret in kind.secrets:
        if getattr(before, secret.hash_field) != getattr(after, secret.hash_field):
            now[secret.field] = "changed"
    return was, now
