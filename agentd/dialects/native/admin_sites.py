"""Where the things that administrators set up are, and what is sent to change them."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, cast, get_type_hints
from urllib.parse import quote

from msgspec import UNSET, Struct, UnsetType, defstruct

from agentd.core.model import Treatment, TreatmentKind
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.words import BASE
from agentd.engine.kinds import (
    CAMPAIGN,
    GROUP_ALIAS,
    INGROUP,
    LIST,
    PAUSE_CODE,
    PHONE,
    PRESET,
    STATUS,
    TOKEN,
    USER,
    USER_GROUP,
    Kind,
    Named,
)

__all__ = ["SITES", "ChangeBody", "NewBody", "Site"]


class TreatmentBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a caller, and where."""

    kind: TreatmentKind
    to: str = ""


class ChangeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a thing that is there."""

    def given(self) -> dict[str, Any]:
        """The fields that were said, and their values."""
        named = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in named.items() if value is not UNSET}


class NewBody(ChangeBody, frozen=True, forbid_unknown_fields=True):
    """What is said of a new thing, its key among it."""


@dataclass(frozen=True)
class Site:
    """Where the things of a kind are.

    ``name`` and ``plural`` are what the verbs of the routes say, ``member`` has the things in a list's answer.
    ``apart``: what is at the thing's own path are figures, its settings are below it. ``reads`` is the scope that it
    takes to look.
    """

    kind: Kind
    name: str
    plural: str
    member: str
    path: str
    key: str
    reads: Scope = Scope.ADMIN
    apart: bool = False

    @property
    def item(self) -> str:
        """The route of one thing."""
        return f"{self.path}/<{self.key}>"

    @property
    def settings(self) -> str:
        """The route at which it is read and changed."""
        return f"{self.item}/settings" if self.apart else self.item

    def named(self, where: dict[str, str]) -> Named:
        """The thing that the parts of a URL name."""
        return Named(self.kind, where[self.key], where.get("campaign", ""))

    def place(self, named: Named) -> str:
        """The URL of a thing."""
        path = self.settings.replace(f"<{self.key}>", quote(named.key, safe=""))
        return BASE + path.replace("<campaign>", quote(named.campaign, safe=""))


_READ = Scope.SESSIONS  # an agent's screen shows what he may choose
_OF_CAMPAIGN = "/campaigns/<campaign>"

SITES: tuple[Site, ...] = (
    Site(USER, "user", "users", "users", "/users", "name"),
    Site(USER_GROUP, "user_group", "user_groups", "user_groups", "/user-groups", "name"),
    Site(PHONE, "phone", "phones", "phones", "/phones", "extension"),
    Site(CAMPAIGN, "campaign", "campaigns", "campaigns", "/campaigns", "name", apart=True),
    Site(STATUS, "status", "statuses", "statuses", "/statuses", "code", _READ),
    Site(STATUS, "campaign_status", "campaign_statuses", "statuses", f"{_OF_CAMPAIGN}/statuses", "code", _READ),
    Site(PAUSE_CODE, "pause_code", "pause_codes", "pause_codes", f"{_OF_CAMPAIGN}/pause-codes", "code", _READ),
    Site(PRESET, "preset", "presets", "presets", f"{_OF_CAMPAIGN}/presets", "code", _READ),
    Site(INGROUP, "ingroup", "ingroups", "ingroups", "/ingroups", "name", apart=True),
    Site(GROUP_ALIAS, "group_alias", "group_aliases", "group_aliases", "/group-aliases", "name"),
    Site(LIST, "lead_list", "lead_lists", "lists", "/lists", "id"),
    Site(TOKEN, "token", "tokens", "tokens", "/tokens", "digest"),
)
"""All of them."""


@cache
def change_body(kind: Kind) -> type[ChangeBody]:
    """Make the body that changes a thing: every field may be left out."""
    return _struct(f"{kind.cls.__name__}Change", ChangeBody, [(*each, UNSET) for each in _said(kind)])


@cache
def new_body(kind: Kind) -> type[NewBody]:
    """Make the body of a new thing; what has no default must be said."""
    needed = {each.name for each in fields(kind.cls) if each.default is MISSING and each.default_factory is MISSING}
    needed -= set(kind.blank)
    said = [(name, hint) if name in needed else (name, hint | UnsetType, UNSET) for name, hint in _plain(kind)]
    own = [] if kind is TOKEN else [(kind.key, get_type_hints(kind.cls)[kind.key])]
    return cast("type[NewBody]", _struct(f"New{kind.cls.__name__}", NewBody, [*own, *said]))


def _said(kind: Kind) -> list[tuple[str, Any]]:
    return [(name, hint | UnsetType) for name, hint in _plain(kind)]


def _plain(kind: Kind) -> list[tuple[str, Any]]:
    hints = get_type_hints(kind.cls)
    known = [(name, TreatmentBody if hints[name] is Treatment else hints[name]) for name in kind.said]
    return [*known, *((secret.field, str) for secret in kind.secrets)]


def _struct(name: str, base: type[ChangeBody], known: list[Any]) -> type[ChangeBody]:
    made = defstruct(name, known, bases=(base,), frozen=True, forbid_unknown_fields=True, kw_only=True)
    return cast("type[ChangeBody]", made)
