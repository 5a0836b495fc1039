"""The lists of numbers that must not be called, read. Functions of a Connection."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select

from agentd.core.calls.numbers import ways_to_write
from agentd.storage.tables import dnc

__all__ = ["find_dnc", "listed_in"]


def listed_in(connection: Connection, number: str, phone_code: str, campaigns: Sequence[str]) -> list[str]:
    """Give those of these campaigns (empty: the system), in their order, on whose list the number is.

    It may be there in any way to write it; the lists have digits alone.
    """
    written = ways_to_write(number, phone_code)
    wanted = select(dnc.c.campaign).where(dnc.c.campaign.in_(list(campaigns)), dnc.c.number.in_(written)).distinct()
    found = set(connection.execute(wanted).scalars())
    return [campaign for campaign in dict.fromkeys(campaigns) if campaign in found]


def find_dnc(
    connection: Connection, campaign: str | None, number: str, after: tuple[str, str], limit: int
) -> list[tuple[str, str]]:
    """Give pairs of campaign (empty: the system) and number, in that order, above ``after``.

    With a ``campaign`` those of its list alone, with a ``number`` the lists that have it as it is written, but for a +.
    """
    wanted: list[ColumnElement[bool]] = []
    if campaign is not None:
        wanted.append(dnc.c.campaign == campaign)
    if number:
        wanted.append(dnc.c.number == number.replace("+", ""))
    the_same = (dnc.c.campaign == after[0], dnc.c.number > after[1])
    found: list[tuple[str, str]] = []
    for above in (the_same, (dnc.c.campaign > after[0],)):  # two queries, for each of which the key is the index
        query = select(dnc.c.campaign, dnc.c.number).where(*above, *wanted).order_by(dnc.c.campaign, dnc.c.number)
        found += [(row.campaign, row.number) for row in connection.execute(query.limit(limit - len(found)))]
    return found
