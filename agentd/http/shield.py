"""A client that goes away must not cancel what it asked for.

Klein 24.8 cancels the handler's Deferred when the connection is lost (``KleinResource.render``), and what a
handler waits for would be cancelled with it.
"""

from __future__ import annotations

from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

__all__ = ["shield"]

Result = TypeVar("Result")

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
