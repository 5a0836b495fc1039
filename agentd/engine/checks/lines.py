"""In-groups and group aliases."""

from __future__ import annotations

import re
from collections.abc import Collection

from agentd.core.model import GroupAlias, InGroup, Treatment, TreatmentKind
from agentd.engine.checks.rules import (
    MUSIC,
    require,
    require_hours,
    require_ingroup,
    require_name,
    require_printable,
    require_sound,
    require_treatment,
)

__all__ = ["check_group_alias", "check_ingroup"]

_OUR_CALLER_ID = re.compile(r"\+?[0-9]{1,24}")


def check_ingroup(ingroup: InGroup, ingroups: Collection[str]) -> None:
    """Refuse an in-group that the faces could not name, or whose callers would be lost.

    ``ingroups`` are the names of those that there are.
    """
    require_name(ingroup.name)
    require_printable("title", ingroup.title)
    require(MUSIC.fullmatch(ingroup.music), "music", "expected the name of a class of music on hold")
    require_ingroup("transfer_to", ingroup.transfer_to, named="transfer to")
    require(-99 <= ingroup.priority <= 99, "priority", "expected -99 to 99")
    require(ingroup.list_id >= 0, "list_id", "expected their ids", named="lists")
    require(all(one > 0 for one in ingroup.search_lists), "search_lists", "expected their ids", named="lists")
    require_sound("welcome", ingroup.welcome)
    _check_times(ingroup)
    require_hours("hours", ingroup.hours, ingroup.timezone)
    for field in ("after_hours", "no_agent", "full", "drop"):
        treatment: Treatment = getattr(ingroup, field)
        require_treatment(field, treatment, ingroups)
        own = treatment.kind is TreatmentKind.INGROUP and treatment.to == ingroup.name
        require(not own, field, "it would send its callers to itself", named=field.replace("_", " "))


def _check_times(ingroup: InGroup) -> None:
    require(1 <= ingroup.ring_time <= 120, "ring_time", "expected 1 to 120 seconds", named="ring time")
    require(1 <= ingroup.service_level <= 3600, "service_level", "expected 1 to 3600 seconds", named="service level")
    good = ingroup.announce_every == 0 or 10 <= ingroup.announce_every <= 3600
    require(good, "announce_every", "expected 10 to 3600 seconds, or 0 for never", named="announce every")
    what = "expected 1 to 10000, or 0 for no limit"
    require(0 <= ingroup.max_waiting <= 10_000, "max_waiting", what, named="max waiting")
    what = "expected up to 86400 seconds, or 0 for never"
    require(0 <= ingroup.drop_after <= 86_400, "drop_after", what, named="drop after")


def check_group_alias(alias: GroupAlias) -> None:
    """Refuse a group alias without a name or a number."""
    require_name(alias.name)
    require(_OUR_CALLER_ID.fullmatch(alias.caller_id), "caller_id", "expected 1 to 24 digits", named="caller id")
    require_printable("title", alias.title)
