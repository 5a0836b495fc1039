"""Actions that are answered by a list of events."""

from __future__ import annotations

from collections.abc import Callable

from agentd.ami.actions import Action
from agentd.ami.errors import ListIncomplete
from agentd.ami.messages import Event

__all__ = ["TERMINATORS", "ListCollector", "ListResult"]

TERMINATORS = {
    "Agents": "AgentsComplete",
    "CoreShowChannels": "CoreShowChannelsComplete",
    "DBGet": "DBGetComplete",
    "Originate": "OriginateResponse",
    "ParkedCalls": "ParkedCallsComplete",
    "QueueStatus": "QueueStatusComplete",
    "QueueSummary": "QueueSummaryComplete",
    "Status": "StatusComplete",
}
"""The event that ends a list, for actions that do not say ``EventList: Complete`` in every version (18 to 22)."""


class ListResult(list[Event]):
    """The items of a list in their order; ``complete`` is the event that ended it."""

    def __init__(self, items: list[Event], complete: Event) -> None:
        super().__init__(items)
        self.complete = complete


class ListCollector:
    """Collects what belongs to one list action, or passes each item on to ``on_item`` and keeps none."""

    def __init__(self, action: Action, on_item: Callable[[Event], object] | None = None) -> None:
        self._action = action
        self._terminator = TERMINATORS.get(action.action_name)
        self._on_item = on_item
        self._items: list[Event] = []
        self._count = 0

    def add(self, event: Event) -> ListResult | None:
        """Take an event with the action's ActionID; return the whole list when it is the last one.

        Raises ListIncomplete if Asterisk cancelled the list or promised another number of items, and whatever
        ``on_item`` raises.
        """
        ending = (event.get("EventList") or "").lower()
        if not ending and event.name != self._terminator:
            self._count += 1
            if self._on_item is None:
                self._items.append(event)
            else:
                self._on_item(event)
            return None
        if ending not in ("", "complete"):
            raise self.incomplete(f"Asterisk says EventList: {ending}")
        promised = event.get("ListItems")
        if promised is not None and promised.strip() != str(self._count):
            raise self.incomplete(f"{promised} items were promised, {self._count} came")
        return ListResult(self._items, event)

    def incomplete(self, why: str) -> ListIncomplete:
        """The error that holds what there is so far."""
        return ListIncomplete(self._action, why, self._items)
