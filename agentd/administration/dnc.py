"""``agentd dnc``: numbers that must not be called."""

from __future__ import annotations

from collections.abc import Iterable

import click
from sqlalchemy import Connection

from agentd.administration import outside
from agentd.administration.console import config_option, fail, json_option, load_config, show
from agentd.administration.database import one, transaction
from agentd.administration.things import Verbs
from agentd.core.calls.numbers import clean_number
from agentd.core.errors import NumberNotAllowed
from agentd.engine import checks
from agentd.engine.kinds import CAMPAIGN, Named
from agentd.storage import management
from agentd.storage.dnc import find_dnc

__all__ = ["dnc"]

_COLUMNS = ("number", "campaign")
_LISTS = 10_000  # more than there are campaigns

_campaign_option = click.option("--campaign", default="", help="Of this campaign; of all when it is not given.")


@click.group(cls=Verbs)
def dnc() -> None:
    """Numbers that must not be called: diallers leave them out, and campaigns that say so refuse them by hand, too.

    A daemon that runs makes the changes; without one they go into the database.
    """


@dnc.command("list")
@config_option
@json_option
@click.option("--campaign", help="Those of this campaign alone; an empty one for those of all campaigns.")
def dnc_list(config_path: str, campaign: str | None, *, as_json: bool) -> None:
    """List all numbers that must not be called."""
    with transaction(load_config(config_path)) as connection:
        found = management.read_dnc(connection, campaign)
    rows = [{"number": number, "campaign": of} for number, of in found]
    show(rows, _COLUMNS, data=rows if as_json else None)


@dnc.command("show")
@config_option
@json_option
@click.argument("number")
def dnc_show(config_path: str, number: str, *, as_json: bool) -> None:
    """Tell which lists have a number, as it is written there; none is no error."""
    [cleaned] = _clean((number,))
    with transaction(load_config(config_path)) as connection:
        found = find_dnc(connection, None, cleaned, ("", ""), _LISTS)
    rows = [{"number": listed, "campaign": of} for of, listed in found]
    show(rows, _COLUMNS, data=rows if as_json else None)


@dnc.command("add")
@config_option
@_campaign_option
@click.argument("numbers", nargs=-1, required=True)
def dnc_add(config_path: str, campaign: str, numbers: tuple[str, ...]) -> None:
    """Have numbers never called, with or without their country code; what is there already stays there."""
    config = load_config(config_path)
    with transaction(config) as connection:
        _require_campaign(connection, campaign)
    outside.change_dnc(config, _clean(numbers), campaign, listed=True)
    click.echo(f"{_count(numbers)} not called any more.")


@dnc.command("remove")
@config_option
@_campaign_option
@click.argument("numbers", nargs=-1, required=True)
def dnc_remove(config_path: str, campaign: str, numbers: tuple[str, ...]) -> None:
    """Have numbers called again. All of them, or none if one was not kept from it."""
    config = load_config(config_path)
    cleaned = _clean(numbers)
    with transaction(config) as connection:
        listed = {number for number, _ in management.read_dnc(connection, campaign)}
    for number in cleaned:
        if number not in listed:
            fail(f"{number} is no number that must not be called" + (f" in {campaign}" if campaign else ""))
    outside.change_dnc(config, cleaned, campaign, listed=False)
    click.echo(f"{_count(numbers)} called again.")


def _require_campaign(connection: Connection, campaign: str) -> None:
    if campaign and one(connection, Named(CAMPAIGN, campaign)) is None:
        fail(f"there is no campaign {campaign}")


def _clean(numbers: Iterable[str]) -> list[str]:
    """The numbers as leads have them: digits alone."""
    cleaned = []
    for text in numbers:
        try:
            number = clean_number(text).removeprefix("+")
            checks.check_dnc(number)
        except (NumberNotAllowed, checks.Unusable) as error:
            fail(str(error))
        cleaned.append(number)
    return cleaned


def _count(numbers: tuple[str, ...]) -> str:
    return "1 number is" if len(numbers) == 1 else f"{len(numbers)} numbers are"
