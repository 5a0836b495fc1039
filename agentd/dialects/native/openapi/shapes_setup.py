"""What the native API tells of lines, campaigns and all that is set up, as its description has it."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

from msgspec import Struct, defstruct

from agentd.core.dialler.figures import DiallerFigures
from agentd.core.lines.figures import LineFigures
from agentd.core.model import DialMethod
from agentd.engine.kinds import KINDS, Kind

__all__ = [
    "THINGS",
    "CampaignNow",
    "Custom",
    "Emptied",
    "InGroupLine",
    "InGroupNow",
    "Made",
    "NewToken",
    "page_of",
]

# --- in-groups and campaigns as they are now -----------------------------------------------------------------


class Caller(Struct):
    """Somebody in a line."""

    call_id: int
    key: str
    number: str
    did: str | None
    lead_id: int
    since: float
    position: int
    priority: int
    wanted: str | None
    offered: str | None
    consult: bool


def _figures(cls: type[Any], *without: str) -> list[tuple[str, Any]]:
    hints = get_type_hints(cls)
    return [(each.name, hints[each.name]) for each in fields(cls) if each.name not in without]


_INGROUP: list[Any] = [("name", str), ("title", str), ("active", bool), *_figures(LineFigures, "ingroup")]

InGroupNow = defstruct("InGroupNow", _INGROUP)
InGroupNow.__doc__ = "An in-group, and what has happened in its line today."

InGroupLine = defstruct("InGroupLine", [*_INGROUP, ("callers", list[Caller])])
InGroupLine.__doc__ = "An in-group, and who waits in its line."

_CAMPAIGN: list[Any] = [
    ("name", str),
    ("title", str),
    ("active", bool),
    ("dial_method", DialMethod),
    ("auto_dial_level", float),
    ("max_drop_rate", float),
    *_figures(DiallerFigures, "campaign"),
    ("hopper", int),
]

CampaignNow = defstruct("CampaignNow", _CAMPAIGN)
CampaignNow.__doc__ = "A campaign, and how it dials."

# --- what is set up ------------------------------------------------------------------------------------------


def _shown(kind: Kind) -> type[Any]:
    """A thing as :func:`agentd.engine.kinds.view` shows it."""
    hidden = {*kind.parts, *(secret.hash_field for secret in kind.secrets)}
    flags = [(f"has_{secret.field}", bool) for secret in kind.secrets]
    made: type[Any] = defstruct(kind.cls.__name__, [*_figures(kind.cls, *hidden), *flags])
    made.__doc__ = (kind.cls.__doc__ or "").partition("\n")[0]
    return made


THINGS: dict[str, type[Any]] = {kind.name: _shown(kind) for kind in KINDS.values()}
"""What is told of a thing, by the name of its kind."""

NewToken = defstruct("TokenMade", [*_figures(KINDS["token"].cls), ("token", str | None)])
NewToken.__doc__ = "A new token with its text, which is told once: null when a request is answered again."


class Emptied(Struct):
    """A list that still loses its leads, and how many it has."""

    id: int
    leads: int


class Custom(Struct):
    """A user's custom field."""

    user: str
    field: str
    value: str | None


class Made(Struct):
    """Done; what is now there could not be read, since the database is away."""

    id: int


@cache
def page_of(member: str, shape: Any, *, paged: bool = True) -> type[Any]:
    """A list; ``next`` is the cursor of the next page, null on the last one."""
    following: list[Any] = [("next", str | None)] if paged else []
    name = "".join(part.capitalize() for part in member.split("_"))
    return defstruct(f"{name}Page", [(member, list[shape]), *following])
