"""Which events to ask Asterisk for. Fewer on the wire is the cheapest way to be fast.

Two means, both for this session only: ``EventMask`` (classes of events) and ``Filter`` (names of events, which needs
the write privilege ``system``). Seen on Asterisk 22.10.1: of 57 events for one call, 11 are left.
"""

from __future__ import annotations

from collections.abc import Collection

from twisted.logger import Logger

from agentd.ami.actions import Events, Filter
from agentd.ami.errors import ActionFailed, LinkDown
from agentd.ami.protocol import AMIProtocol
from agentd.ami.typed import event_class

__all__ = ["ALWAYS", "Subscription", "event_mask", "name_filter"]

ALWAYS = frozenset({"FullyBooted", "Shutdown"})
"""Events that are asked for whatever the handlers want."""

_log = Logger()


def event_mask(names: Collection[str] | None) -> str:
    """The classes of these events, as the Events action wants them; ``on`` if all are wanted or one is unknown."""
    if names is None:
        return "on"
    classes = {event_class(name) for name in ALWAYS.union(names)}
    return "on" if None in classes else ",".join(sorted(name for name in classes if name))


def name_filter(name: str) -> Filter:
    """A filter that lets events of this name pass.

    Asterisk 22 (and late 20 and 18) finds the name in a hash by MatchCriteria, and then looks whether the event starts
    with the text. Older ones do not know that header and take the text as a regular expression for the whole event. So
    one action is right for all; the older also let longer names pass, which the decoder skips.
    """
    return Filter(f"Event: {name}", match_criteria=f"action(include),name({name}),method(starts_with)")


class Subscription:
    """What one connection has been asked to send.

    If the first filter is refused, there are none, and what is not wanted is skipped by the decoder.
    """

    def __init__(self, protocol: AMIProtocol, *, filters: bool = True) -> None:
        self._protocol = protocol
        self._filters = filters
        self._asked: set[str] = set()

    @property
    def filtered(self) -> bool:
        """True if Asterisk lets only the events pass that were asked for by name."""
        return bool(self._asked)

    async def ask(self, names: Collection[str] | None) -> None:
        """Ask for events of these names; None asks for all.

        Raises ActionFailed if a filter is refused after another was taken, and LinkDown if all are asked for when
        filters are in place, which can't be taken back: in both cases the connection has to be ended.
        """
        if names is None:
            if self._asked:
                raise LinkDown("all events are wanted, filters can't be taken back")
        elif self._filters:
            await self._filter(ALWAYS.union(names))
        await self._protocol.send(Events(event_mask(names)))

    async def _filter(self, names: Collection[str]) -> None:
        for name in sorted(names):
            if name in self._asked:
                continue
            try:
                await self._protocol.send(name_filter(name))
            except ActionFailed as error:
                if self._asked:
                    raise
                self._filters = False
                _log.info("no event filters on this PBX: {why}", why=error.message)
                return
            self._asked.add(name)
