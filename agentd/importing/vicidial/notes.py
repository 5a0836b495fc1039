"""What became of the things that were found, and what could not be taken over as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from agentd.engine.checks import Unusable

__all__ = ["Notes", "fitted"]

_T = TypeVar("_T", bound=Any)

_EXAMPLES = 5


@dataclass(slots=True)
class _Remark:
    count: int = 0
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Count:
    found: int = 0
    new: int = 0
    known: int = 0
    left_out: int = 0


class Notes:
    """Counts by kind, and remarks; of a remark that is made of many things the first names are kept."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = {}
        self._remarks: dict[tuple[str, str], _Remark] = {}

    def count(self, kind: str, *, new: int = 0, known: int = 0) -> None:
        """Note things that were brought in, and things that were there already."""
        counts = self._counts.setdefault(kind, _Count())
        counts.found += new + known
        counts.new += new
        counts.known += known

    def left_out(self, kind: str, name: object, why: str, *, count: int = 1) -> None:
        """Note a thing that was not brought in (or so many that go by that name), and why."""
        counts = self._counts.setdefault(kind, _Count())
        counts.found += count
        counts.left_out += count
        self.remark(kind, name, f"left out: {why}")

    def number_left_out(self, kind: str) -> int:
        """Give how many things of a kind were not brought in."""
        counts = self._counts.get(kind)
        return counts.left_out if counts else 0

    def remark(self, kind: str, name: object, what: str) -> None:
        """Note what is not as it was."""
        remark = self._remarks.setdefault((kind, what), _Remark())
        remark.count += 1
        if len(remark.names) < _EXAMPLES:
            remark.names.append(str(name))

    @property
    def counts(self) -> list[dict[str, Any]]:
        """A row for each kind: found, new, known, left_out."""
        return [
            {"kind": kind, "found": one.found, "new": one.new, "known": one.known, "left_out": one.left_out}
            for kind, one in self._counts.items()
        ]

    @property
    def remarks(self) -> list[dict[str, Any]]:
        """A row for each remark: kind, what, how many it concerns, and the names of the first of them."""
        return [
            {"kind": kind, "what": what, "count": one.count, "names": one.names}
            for (kind, what), one in self._remarks.items()
        ]


def fitted(thing: _T, wanted: Mapping[str, Any], check: Callable[[_T], object], remark: Callable[[str], object]) -> _T:
    """Give a thing with those of the values that it may have; the others are remarked, and stay as they are."""
    for name, value in wanted.items():
        changed = replace(thing, **{name: value})
        try:
            check(changed)
        except Unusable as error:
            remark(f"not taken over: {error}")
        else:
            thing = changed
    return thing
