"""``agentd dnc``: numbers that campaigns must not dial by themselves."""

from __future__ import annotations

from collections.abc import Iterable

import click
from sqlalchemy import Connection

from agentd.administration.console import config_option, fail, json_option, load_config, show
from agentd.administration.database import find, transaction
from agentd.core import records as r
from agentd.core.calls.numbers import clean_number
from agentd.core.errors import NumberNotAllowed
from agentd.engine import checks
from agentd.storage import management

__all__ = ["dnc"]

_campaign_option = click.option("--campaign", default="", help="Of this campaign; of all when it is not given.")


@click.group()
def dnc() -> None:
    """Numbers that must not be called: campaigns' diallers leave them out, from their next look into the lists."""


@dnc.command("list")
@config_option
@json_option
@click.option("--campaign", help="Those of this campaign alone; an empty one for those of all campaigns.")
def dnc_list(config_path: str, campaign: str | None, *, as_json: bool) -> None:
    """List all numbers that must not be called."""
    with transaction(load_config(config_path)) as connection:
        found = management.read_dnc(connection, campaign)
    rows = [{"number": number, "campaign": of} for number, of in found]
    show(rows, ("number", "campaign"), data=rows if as_json else None)


@dnc.command("add")
@config_option
@_campaign_option
@click.argument("numbers", nargs=-1, required=True)
def dnc_add(config_path: str, campaign: str, numbers: tuple[str, ...]) -> None:
    """Have numbers never called, with or without their country code; what is there already stays there."""
    with transaction(load_config(config_path)) as connection:
        _require_campaign(connection, campaign)
        for number in _clean(numbers):
            management.put_dnc(connection, number, campaign)
    click.echo(f"{_count(numbers)} not called any more.")


@dnc.command("remove")
@config_option
@_campaign_option
@click.argument("numbers", nargs=-1, required=True)
def dnc_remove(config_path: str, campaign: str, numbers: tuple[str, ...]) -> None:
    """Have numbers called again. All of them, or none if one was not kept from it."""
    with transaction(load_config(config_path)) as connection:
        for number in _clean(numbers):
            if not management.delete_dnc(connection, number, campaign):
                fail(f"{number} is no number that must not be called" + (f" in {campaign}" if campaign else ""))
    click.echo(f"{_count(numbers)} called again.")


def _require_campaign(connection: Connection, campaign: str) -> None:
    if campaign and find(connection, r.CampaignSet, campaign) is None:
        fail(f"there is no campaign {campaign}")


def _clean(numbers: Iterable[str]) -> list[str]:
    """The numbers as leads have them: digits alone."""
    cleaned = []
    for text in numbers:
        try:
            number = clean_number(text).removeprefix("+")
        except NumberNotAllowed as error:
            fail(str(error))
        checks.check_dnc(number)
        cleaned.append(number)
    return cleaned


def _count(numbers: tuple[str, ...]) -> str:
    return "1 number is" if len(numbers) == 1 else f"{len(numbers)} numbers are"
