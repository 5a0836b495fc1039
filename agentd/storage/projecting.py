"""What the projections are made of: a change of one row, and the table of which record means which changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Column

from agentd.core import records as r
from agentd.storage.columns import fitted, moment
from agentd.storage.steps import INSERTS, Step

__all__ = ["PROJECTIONS", "Change", "Source", "cut", "insert", "projects", "set_values"]

_RecordT = TypeVar("_RecordT", bound=r.Record)


@dataclass(frozen=True, slots=True)
class Change:
    """One statement's values for one record."""

    step: Step
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record comes from."""

    daemon: str
    journal: str
    seq: int
    at: float


PROJECTIONS: dict[type[r.Record], Callable[[Source, Any], list[Change]]] = {}
"""Which changes a record means, by its class."""


def projects(
    kind: type[_RecordT],
) -> Callable[[Callable[[Source, _RecordT], list[Change]]], Callable[[Source, _RecordT], list[Change]]]:
    """Make the function the projection of the records of that kind."""

    def keep(function: Callable[[Source, _RecordT], list[Change]]) -> Callable[[Source, _RecordT], list[Change]]:
        PROJECTIONS[kind] = function
        return function

    return keep


def insert(step: Step, /, **values: Any) -> Change:
    """Make a row; the values are bent to fit."""
    return Change(step, fitted(INSERTS[step], values))


def set_values(step: Step, source: Source, /, **values: Any) -> Change:
    """Change rows, as the step's statement says; texts must be ``cut`` to fit."""
    return Change(step, {"b_at": moment(source.at)} | {f"b_{name}": value for name, value in values.items()})


def cut(column: Column[Any], value: Any) -> Any:
    """Bend a value so that it fits into a column."""
    return fitted(column.table, {column.name: value})[column.name]
