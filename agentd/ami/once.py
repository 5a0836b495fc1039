"""Something that happens once, and may be waited for before and after."""

from __future__ import annotations

from typing import Generic, TypeVar

from twisted.internet.defer import Deferred, fail, succeed

__all__ = ["Once"]

T = TypeVar("T")


class Once(Generic[T]):
    """Each :meth:`when` is a Deferred of its own, so that one who stops waiting takes nothing from the others."""

    def __init__(self) -> None:
        self._waiting: list[Deferred[T]] = []
        self._outcome: tuple[T] | Exception | None = None

    @property
    def happened(self) -> bool:
        """True after :meth:`fire` or :meth:`fail`."""
        return self._outcome is not None

    def when(self) -> Deferred[T]:
        """Fires with the result or the failure, at once if it is there already."""
        if isinstance(self._outcome, Exception):
            return fail(self._outcome)
        if self._outcome is not None:
            return succeed(self._outcome[0])
        waiting: Deferred[T] = Deferred(self._leave)
        self._waiting.append(waiting)
        return waiting

    def fire(self, result: T) -> None:
        """It happened. Only the first outcome counts."""
        if self._outcome is None:
            self._outcome = (result,)
            for waiting in self._take():
                if not waiting.called:  # one of the others may have cancelled it
                    waiting.callback(result)

    def fail(self, error: Exception) -> None:
        """It can't happen any more. Only the first outcome counts."""
        if self._outcome is None:
            self._outcome = error
            for waiting in self._take():
                if not waiting.called:
                    waiting.errback(error)

    def _leave(self, waiting: Deferred[T]) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)

    def _take(self) -> list[Deferred[T]]:
        waiting, self._waiting = self._waiting, []
        return waiting
