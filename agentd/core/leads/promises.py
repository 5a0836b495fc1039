"""When what was promised to leads falls due."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from agentd.core import records as r
from agentd.core.model import State

__all__ = ["Promises"]


class Promises:
    """The callbacks that one agent is to keep, by the time at which they fall due."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._heap = [(callback.due, callback.id) for callback in state.callbacks.values() if not callback.is_due]
        heapify(self._heap)

    def noticed(self, record: r.Record) -> None:
        """A record has become true."""
        if isinstance(record, r.CallbackSet) and record.callback_id in self._state.callbacks:
            heappush(self._heap, (record.wish.due, record.callback_id))

    def next(self) -> float | None:
        """When the next one falls due, None when none does."""
        while self._heap:
            due, callback_id = self._heap[0]
            callback = self._state.callbacks.get(callback_id)
            if callback is not None and not callback.is_due and callback.due == due:
                return due
            heappop(self._heap)  # it was kept, or is another promise by now
        return None

    def first(self) -> int:
        """Give the id of the one that :meth:`next` tells of."""
        return self._heap[0][1]
