"""Who wants which events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from twisted.logger import Logger

from agentd.ami.counters import Counters
from agentd.ami.messages import Event
from agentd.ami.typed import event_name

if TYPE_CHECKING:
    from agentd.ami.client import AMIClient

__all__ = ["Handler", "Handlers"]

E = TypeVar("E", bound=Event)
Handler: TypeAlias = "Callable[[AMIClient, E], object]"


class Handlers:
    """Functions by event name. None stands for every event."""

    _log = Logger()

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._by_name: dict[str | None, list[Callable[[Any, Any], object]]] = {}

    @property
    def wanted(self) -> frozenset[str] | None:
        """The names that have a handler; None if one wants every event."""
        return None if None in self._by_name else frozenset(name for name in self._by_name if name is not None)

    def add(self, event: type[E] | str | None, function: Handler[E]) -> bool:
        """Add a function; True if nobody wanted this event before."""
        name = event_name(event) if isinstance(event, type) else event
        new = name not in self._by_name
        self._by_name.setdefault(name, []).append(function)
        return new

    def want(self, name: str) -> bool:
        """Want an event though no function takes it; True if nobody wanted it before."""
        new = name not in self._by_name
        self._by_name.setdefault(name, [])
        return new

    def remove(self, event: type[E] | str | None, function: Handler[E]) -> None:
        """Remove a function. Raises ValueError if it is not there."""
        name = event_name(event) if isinstance(event, type) else event
        functions = self._by_name.get(name, [])
        functions.remove(function)
        if not functions:
            del self._by_name[name]

    def deliver(self, client: AMIClient, event: Event) -> None:
        """Call everybody who wants this event; one who raises does not keep it from the others."""
        for function in (*self._by_name.get(event.name, ()), *self._by_name.get(None, ())):
            try:
                function(client, event)
            except Exception:  # noqa: BLE001 - handlers are isolated from each other and from the link
                self._counters.handler_errors += 1
                self._log.failure("a handler of {event!r} failed", event=event)
