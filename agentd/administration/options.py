"""Options as several commands have them, and the values that they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

import click

from agentd.core.model import Treatment, TreatmentKind

__all__ = ["Ranked", "choice_option", "list_ids", "options", "ranked", "said", "treatment"]

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def options(*each: _Decorator) -> _Decorator:
    """Give a command all of these options, to be shown in this order."""

    def give(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(each):
            function = option(function)
        return function

    return give


def said(given: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the options that were not given."""
    return {name: value for name, value in given.items() if value is not None}


def choice_option(name: str, kind: type[Enum], **more: Any) -> _Decorator:
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
