"""Callers who wait and are no call of ours yet: nobody told us of them.

They came while the daemon was away, or it could not be asked by the dialplan. Their channels have AGENTD_INGROUP, and
no AGENTD_CALL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agentd.ami import events as e
from agentd.ami import items
from agentd.ami.messages import Event
from agentd.core.model import Place, PlaceKind
from agentd.engine.callers import fit_name, fit_number, fit_priority
from agentd.engine.ports import Caller
from agentd.switch.channels import place_of

__all__ = ["Strays"]

_WAIT = Place(PlaceKind.WAIT)


class Strays:
    """Finds such callers and reports each to ``take_up``; ``now`` tells the time, in epoch seconds.

    One may be reported more than once, also when he is a call already that his channel does not name.
    """

    def __init__(self, take_up: Callable[[Caller], object], now: Callable[[], float]) -> None:
        self._take_up = take_up
        self._now = now

    def told(self, event: e.UserEvent, place: Place | None) -> None:
        """The dialplan tells that a channel which is no leg has come to a place."""
        if event.uniqueid is not None and place == _WAIT and _is_stray(event):
            self._take_up(_caller(event, event.uniqueid, self._now()))

    def listed(self, channels: Iterable[Event]) -> None:
        """These are Asterisk's channels. Who is more urgent, or has waited longer, is reported first."""
        now = self._now()
        found = [
            _caller(channel, channel.uniqueid, now - _seconds(channel.duration))
            for channel in channels
            if isinstance(channel, items.CoreShowChannel) and _is_stray(channel) and place_of(channel) == _WAIT
        ]
        for caller in sorted(found, key=lambda caller: (-caller.priority, caller.since)):
            self._take_up(caller)


def _is_stray(event: Event) -> bool:
    return bool(event.variables.get("AGENTD_INGROUP")) and not event.variables.get("AGENTD_CALL")


def _caller(event: Event, uniqueid: str, since: float) -> Caller:
    variables = event.variables
    return Caller(
        leg=uniqueid,
        ingroup=variables["AGENTD_INGROUP"],
        number=fit_number(event.get("CallerIDNum")),
        name=fit_name(event.get("CallerIDName")),
        did=fit_number(variables.get("AGENTD_DID")),
        priority=fit_priority(variables.get("AGENTD_PRIORITY")),
        wanted=variables.get("AGENTD_WANTED", ""),
        since=since,
        place=_WAIT,
    )


def _seconds(duration: str) -> int:
    """What HH:MM:SS means."""
    hours, minutes, seconds = map(int, duration.split(":"))
    return hours * 3600 + minutes * 60 + seconds
