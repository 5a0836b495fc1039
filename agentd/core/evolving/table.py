"""The table of how each record changes the State; :mod:`agentd.core.evolving` goes by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from agentd.core import records as r
from agentd.core.model import State

__all__ = ["HANDLERS", "deadline_key", "forget_deadlines", "on", "put", "use_id"]

_RecordT = TypeVar("_RecordT", bound=r.Record)

HANDLERS: dict[type[r.Record], Callable[[State, Any, float], None]] = {}


def on(
    kind: type[_RecordT],
) -> Callable[[Callable[[State, _RecordT, float], None]], Callable[[State, _RecordT, float], None]]:
    """Make the function what a record of that kind does to the State; it is given the record's time."""

    def keep(function: Callable[[State, _RecordT, float], None]) -> Callable[[State, _RecordT, float], None]:
        HANDLERS[kind] = function
        return function

    return keep


def deadline_key(what: str, of: str) -> str:
    """How a deadline is named in the state."""
    return f"{what}:{of}"


def forget_deadlines(state: State, of: str, *kinds: str) -> None:
    """These are no longer due."""
    for what in kinds:
        state.deadlines.pop(deadline_key(what, of), None)


def put(table: dict[Any, Any], key: object, value: object | None) -> None:
    """Set, or with None remove."""
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def use_id(state: State, kind: str, value: int) -> None:
    """An id of the reserved blocks is used."""
    blocks = state.blocks.get(kind, [])
    if blocks and blocks[0].next <= value <= blocks[0].last:
        blocks[0].next = value + 1
        if value == blocks[0].last:
            del blocks[0]
