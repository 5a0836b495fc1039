"""First come, first served: what has to be looked up first is looked up at once, but done in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

__all__ = ["InOrder"]

Found = TypeVar("Found")
Done = TypeVar("Done")


@dataclass(slots=True)
class _Turn(Generic[Found, Done]):
    do: Callable[[Found], Deferred[Done]]
    result: Deferred[Done] = field(default_factory=Deferred)
    found: list[Found | Failure] = field(default_factory=list)


class InOrder:
    """Does things in the order in which they were asked for, however long it takes to find what each of them needs."""

    def __init__(self) -> None:
        self._turns: deque[_Turn[Any, Any]] = deque()

    def run(self, finding: Deferred[Found], do: Callable[[Found], Deferred[Done]]) -> Deferred[Done]:
        """Call ``do`` with what was found, when everything that was asked for before has been called; gives its result.

        Nothing is done where nothing could be found: the result is that failure.
        """
        turn: _Turn[Found, Done] = _Turn(do)
        self._turns.append(turn)
        finding.addBoth(self._found, turn)
        return turn.result

    def _found(self, found: Found | Failure, turn: _Turn[Found, Done]) -> None:
        turn.found.append(found)
        while self._turns and self._turns[0].found:
            first = self._turns.popleft()
            [what] = first.found
            if isinstance(what, Failure):
                first.result.errback(what)
            else:
                maybeDeferred(first.do, what).chainDeferred(first.result)
