"""The usual steps of callers who come to an in-group."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import Effect, Tag
from agentd.core.model import Treatment, TreatmentKind
from tests.core.desk import WAIT, Desk

__all__ = [
    "CLOSED",
    "EXTENSION",
    "HANGUP",
    "MESSAGE",
    "VOICEMAIL",
    "asked",
    "comes",
    "gone",
    "set_up",
    "statuses",
    "to_ingroup",
]

CLOSED = "mon 08:00-18:00"  # the tests begin on a Tuesday evening
HANGUP = Treatment(TreatmentKind.HANGUP)
MESSAGE = Treatment(TreatmentKind.MESSAGE, "agentd/sorry")
EXTENSION = Treatment(TreatmentKind.EXTENSION, "8500")
VOICEMAIL = Treatment(TreatmentKind.VOICEMAIL, "100@default")


def to_ingroup(name: str) -> Treatment:
    """To another line."""
    return Treatment(TreatmentKind.INGROUP, name)


def set_up(desk: Desk, name: str = "SALESLINE", **changes: Any) -> None:
    """Change an in-group, or make it."""
    before = desk.state.ingroups.get(name) or replace(desk.state.ingroups["SUPPORT"], name=name)
    desk.hear(c.ReferenceChanged((r.InGroupSet(name, replace(before, **changes)),)))


def comes(desk: Desk, ingroup: str = "SALESLINE", leg: str = "pbx-1", number: str = "7275551212", **more: Any) -> str:
    """A caller comes to the in-group and hears the music; gives his leg."""
    desk.ask(c.CallArrived(leg, ingroup, number, **more))
    desk.effects = [effect for effect in desk.effects if not isinstance(effect, Tag)]
    desk.hear(c.LegAt(leg, WAIT))
    return leg


def gone(desk: Desk, leg: str = "pbx-1") -> None:
    """The caller hangs up."""
    desk.hear(c.LegGone(leg, 16, far_end=True))


def asked(desk: Desk) -> list[Effect]:
    """What was asked of Asterisk since the last time."""
    effects = list(desk.effects)
    desk.effects.clear()
    return effects


def statuses(desk: Desk) -> list[str]:
    """The statuses of the calls that are complete, in the order in which they were."""
    return [record.status for record in desk.recorded(r.CallDisposed)]
