"""A client that goes away must not cancel what it asked for.

Klein 24.8 cancels the handler's Deferred when the connection is lost (``KleinResource.render``), and what a
handler waits for would be cancelled with it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from inspect import iscoroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.internet.defer import Deferred, ensureDeferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

__all__ = ["shield", "shielded"]

Result = TypeVar("Result")
Instance = TypeVar("Instance")
Arguments = ParamSpec("Arguments")

_log = Logger(namespace="agentd.http")


def shield(operation: Deferred[Result]) -> Deferred[Result]:
    """A Deferred that fires as ``operation`` does, and whose cancelling leaves the operation alone.

    A failure that comes after the cancelling has nobody to tell any more: it is logged.
    """
    watched: Deferred[Result] = Deferred()

    def deliver(result: Result | Failure) -> None:
        if not watched.called:
            watched.callback(result)
        elif isinstance(result, Failure):
            _log.failure("an operation failed after its client had gone", result)

    operation.addBoth(deliver)
    return watched


def shielded(
    handler: Callable[
        Concatenate[Instance, Arguments], Deferred[Result] | Coroutine[Deferred[Any], Any, Result] | Result
    ],
) -> Callable[Concatenate[Instance, Arguments], Deferred[Result]]:
    """Decorates a Klein handler (plain, Deferred or ``async``): all of it runs, whoever goes away."""

    @wraps(handler)
    def run(self: Instance, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Deferred[Result]:
        result = handler(self, *args, **kwargs)
        if iscoroutine(result):
            return shield(ensureDeferred(result))
        if isinstance(result, Deferred):
            return shield(result)
        return succeed(result)  # type: ignore[arg-type]  # neither of the two above

    return run
