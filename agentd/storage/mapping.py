"""What an administrator sets up, as rows of its table and back.

A field is the column of its name, but for a few; a Treatment is two columns, ``X_kind`` and ``X_to``; sets, lists and
mappings are JSON. What has no column (a campaign's codes) is for others to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_type_hints

import msgspec
from sqlalchemy import Column, Table

from agentd.core.model import Treatment

__all__ = ["column_of", "columns_of", "field_of", "made_of"]

_T = TypeVar("_T")

# Names that SQL, or an administrator who reads it, would take for something else.
_COLUMNS = {"group": "user_group", "lines": "outside_lines"}


def column_of(table: Table, name: str) -> Column[Any]:
    """Give the column of a field that has one."""
    return table.c[_COLUMNS.get(name, name)]


def field_of(kind: type[Any], column: str) -> str:
    """Give the name of the field that a column is of; the column's own where it is of none."""
    for field in fields(kind):
        name = _COLUMNS.get(field.name, field.name)
        if column in {name, f"{name}_kind", f"{name}_to"}:
            return field.name
    return column


def columns_of(table: Table, thing: Any) -> dict[str, Any]:
    """Give the values of a thing's row."""
    values: dict[str, Any] = {}
    for name in _kept(table, type(thing)):
        value = getattr(thing, name)
        column = _COLUMNS.get(name, name)
        if isinstance(value, Treatment):
            values |= {f"{column}_kind": value.kind.value, f"{column}_to": value.to}
        elif isinstance(value, frozenset):
            values[column] = sorted(value)
        else:
            values[column] = value.value if isinstance(value, Enum) else value
    return values


def made_of(table: Table, kind: type[_T], row: Mapping[Any, Any]) -> _T:
    """Give the thing of a row.

    Raises:
        ValueError: somebody wrote into the row what the thing cannot have.
    """
    values: dict[str, Any] = {}
    for name in _kept(table, kind):
        column = _COLUMNS.get(name, name)
        if column in table.c:
            values[name] = row[column]
        else:
            values[name] = {"kind": row[f"{column}_kind"], "to": row[f"{column}_to"]}
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        key = "/".join(str(row[column.name]) for column in table.primary_key.columns)
        raise ValueError(f"table {table.name}, row {key}: {error}") from error


def _found(table: Table, kind: type[Any]) -> tuple[str, ...]:
    hints = get_type_hints(kind)
    names = (field.name for field in fields(kind))
    return tuple(name for name in names if _COLUMNS.get(name, name) in table.c or hints[name] is Treatment)


_kept: Callable[[Table, Any], tuple[str, ...]] = cache(_found)
"""The fields of a class that have columns of their own."""
