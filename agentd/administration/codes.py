"""``agentd disposition``, ``agentd pausecode`` and ``agentd preset``: what campaigns have several of."""

from __future__ import annotations

import click

from agentd.administration.options import options
from agentd.administration.things import Shelf, commands
from agentd.engine.kinds import PAUSE_CODE, PRESET, STATUS

__all__ = ["disposition", "pausecode", "preset"]

_title = click.option("--title", help="As people know it.")


disposition = commands(
    Shelf(
        STATUS,
        "disposition",
        "Statuses that calls are given, by agents or by agentd: the system's, and those of campaigns.",
        ("code", "title", "selectable", "human_answered", "sale", "callback", "dnc"),
        options(
            _title,
            click.option("--selectable/--not-selectable", default=None, help="Whether agents are to choose it."),
            click.option("--human-answered/--not-human-answered", default=None, help="Whether a person has answered."),
            click.option("--sale/--no-sale", default=None, help="Whether something was sold."),
            click.option("--callback/--no-callback", default=None, help="Whether it promises a call at a date."),
            click.option("--dnc/--no-dnc", default=None, help="Whether the number must not be called any more."),
        ),
    )
)

pausecode = commands(
    Shelf(
        PAUSE_CODE,
        "pausecode",
        "Why a campaign's agents may be paused.",
        ("code", "title", "productive"),
        options(
            _title,
            click.option("--productive/--not-productive", default=None, help="Whether the time counts as work."),
        ),
    )
)

preset = commands(
    Shelf(
        PRESET,
        "preset",
        "Numbers that a campaign's agents often call; D1 to D5 may be dialled by a timer action.",
        ("code", "number", "title"),
        _title,
        adding=click.argument("number"),
        changing=click.option("--number", help="The number, or an extension of this PBX."),
    )
)
