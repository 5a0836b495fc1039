"""Options as several commands have them, and the values that they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import click

from agentd.core.model import Treatment, TreatmentKind

__all__ = [
    "COUNT",
    "ID",
    "Decorator",
    "Pair",
    "Ranked",
    "choice_option",
    "clock",
    "list_ids",
    "moment",
    "options",
    "pair",
    "ranked",
    "said",
    "treatment",
]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

ID = click.IntRange(0, 2**63 - 1)
"""The id of a row, as databases have them."""

COUNT = click.IntRange(0, 2**31 - 1)
"""How many rows are wanted at most."""


def options(*each: Decorator) -> Decorator:
    """Give a command all of these options, to be shown in this order."""

    def give(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(each):
            function = option(function)
        return function

    return give


def said(given: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the options that were not given."""
    return {name: value for name, value in given.items() if value is not None}


def choice_option(name: str, kind: type[Enum], **more: Any) -> Decorator:
    """Make an option that takes one value of an enumeration, by its text."""
    words = [str(one.value) for one in kind]

    def chosen(text: str) -> Enum:
        if text not in words:
            raise click.BadParameter(f"{text!r} is not one of {', '.join(words)}.")
        return kind(text)

    return click.option(name, type=chosen, metavar=f"[{'|'.join(words)}]", **more)


def list_ids(text: str) -> tuple[int, ...]:
    """Read ids of lists, separated by commas; an empty text is none."""
    if not re.fullmatch(r"([0-9]{1,18}(,[0-9]{1,18})*)?", text):
        raise click.BadParameter(f"{text!r} is not a list of ids, such as 101,102.")
    return tuple(int(one) for one in text.split(",") if one)


def treatment(text: str) -> Treatment:
    """Read what becomes of a caller: ``hangup``, ``message:agentd/sorry``, ..."""
    word, _, to = text.partition(":")
    try:
        return Treatment(TreatmentKind(word), to)
    except ValueError:
        ways = "wait, hangup, message:SOUND, extension:NUMBER, ingroup:NAME or voicemail:BOX"
        raise click.BadParameter(f"{text!r} is none of {ways}.") from None


class Ranked(NamedTuple):
    """An in-group, and how much an agent is preferred in it, where that is said."""

    ingroup: str
    rank: int | None


def ranked(text: str) -> Ranked:
    """Read an in-group, or an in-group and a rank: ``SALESLINE:3``."""
    ingroup, colon, rank = text.partition(":")
    if colon and not re.fullmatch(r"-?[0-9]{1,3}", rank):
        raise click.BadParameter(f"{rank!r} is not a rank, which is a number from -9 to 9.")
    return Ranked(ingroup, int(rank) if colon else None)


class Pair(NamedTuple):
    """A name and a text."""

    name: str
    text: str


def pair(text: str) -> Pair:
    """Read a name and a text: ``first_name=Bob``."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is not NAME=TEXT.")
    return Pair(name, value)


def moment(text: str) -> float:
    """Read a time: ``2026-11-25 12:00:00`` by this host's clock, or with an offset; in epoch seconds."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{text!r} is not a time, such as '2026-11-25 12:00:00'.") from None


def clock(at: float) -> str:
    """Give a time in epoch seconds as people read it, by this host's clock."""
    return datetime.fromtimestamp(at).isoformat(" ", "seconds")
