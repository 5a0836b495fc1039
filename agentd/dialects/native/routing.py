"""How a class of routes says which URL is whose, and what it is made with."""

# mypy: allow-untyped-calls
# (Klein's decorators carry no annotations that hold.)

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from klein import Klein

from agentd.dialects.native.door import Demands, Door, TokenOf
from agentd.dialects.native.words import Words
from agentd.engine.bus import Bus
from agentd.engine.operations import Operations
from agentd.http.kit import Files
from agentd.http.sse import Streams

__all__ = ["Route", "Routes", "Tools", "route"]

F = TypeVar("F", bound=Any)

_MARK = "__agentd_route__"


@dataclass(frozen=True, slots=True)
class Route:
    """One URL and method, such as ``GET /sessions/<agent>``.

    ``verb`` is the name of its handler, ``does`` says in a sentence what that does, ``demands`` what it takes.
    """

    method: str
    path: str
    verb: str
    does: str
    demands: Demands


@dataclass(frozen=True, slots=True)
class Tools:
    """What routes are made with. ``recordings`` is the folder that Asterisk records into."""

    operations: Operations
    words: Words
    door: Door
    bus: Bus
    streams: Streams
    token_of: TokenOf
    recordings: Files


class Routes:
    """A class of routes: each handler that :func:`route` marks is one. Handlers' names differ between all classes."""

    def __init__(self, tools: Tools) -> None:
        self.door = tools.door
        self._operations = tools.operations
        self._words = tools.words

    @classmethod
    def routes(cls) -> Iterator[Route]:
        """Every route of the class, in the order in which they stand there."""
        for handler in vars(cls).values():
            marked: Route | None = getattr(handler, _MARK, None)
            if marked is not None:
                yield marked

    def mount(self, app: Klein) -> None:
        """Let an app serve them."""
        for known in self.routes():
            app.route(known.path, methods=[known.method])(getattr(self, known.verb))


def route(method: str, path: str) -> Callable[[F], F]:
    """Mark a handler as that of a method and path, ``<name>`` in it being a part that the handler is given.

    What it takes was noted before (see ``acts``, ``looks`` and ``demanding`` in :mod:`agentd.dialects.native.door`).
    """

    def mark(handler: F) -> F:
        setattr(handler, _MARK, Route(method, path, handler.__name__, handler.__doc__ or "", handler.demands))
        return handler

    return mark
