"""Changes of things of every kind: each one transaction, with its row of the audit log. Functions of a Connection.

One change at a time is made in a database, whoever makes it, so that of two that expect the same revision one wins,
and nothing is taken away while another begins to name it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, select, update

from agentd.core.errors import AlreadyThere, ChangedMeanwhile, NotThere, StillInUse, ValueRefused
from agentd.core.records import CampaignSet, Record, StatusSet
from agentd.engine.kinds import (
    CAMPAIGN,
    LIST,
    PAUSE_CODE,
    PRESET,
    STATUS,
    TOKEN,
    USER,
    Action,
    By,
    Change,
    Changed,
    Named,
    Part,
    ThingQuery,
    revision_of,
)
from agentd.storage.management.audit import log_act, log_change
from agentd.storage.management.making import check, made
from agentd.storage.management.rows import Unfit, alone, put_row
from agentd.storage.management.things import (
    STORED,
    find_things,
    holders,
    key_values,
    read_thing,
    where_is,
)
from agentd.storage.mapping import columns_of, field_of
from agentd.storage.promises import give_to_anyone
from agentd.storage.reference import read_campaign
from agentd.storage.seeding import seed_campaign
from agentd.storage.tables import CallbackStatus, callbacks, leads

__all__ = ["carry_out", "empty_list"]

_MOST_HOLDERS = 20


def carry_out(connection: Connection, change: Change) -> Changed:
    """Make a change; gives the thing as it is now, and what the World must be told once this is committed.

    A change that changes nothing is not in the audit log, and the World is told nothing.

    Raises:
        NotThere, AlreadyThere, ChangedMeanwhile, StillInUse, ValueRefused: nothing is changed then.
    """
    alone(connection)
    return _WAYS[change.action](connection, change)


def _create(connection: Connection, change: Change) -> Changed:
    named, kind = change.named, change.named.kind
    _require_campaign(connection, named)
    key = key_values(named)
    if key is None:
        raise ValueRefused(f"{kind.key}: {named.key!r} cannot be the {kind.key} of a {kind.name}", kind.key)
    if read_thing(connection, named) is not None:
        raise AlreadyThere(f"{kind.name} {named} is there already")
    thing = made(kind, {kind.key: key[kind.key]}, change.values)
    check(connection, kind, thing, None, change.by)
    number = STORED[kind.name].number
    if number is not None:
        thing = replace(thing, number=number(connection, named.key))
    _put(connection, named, thing)
    if kind is CAMPAIGN:
        seed_campaign(connection, named.key)
    return _done(connection, change, None, thing)


def _change(connection: Connection, change: Change) -> Changed:
    before = _expected(connection, change)
    kind = change.named.kind
    thing = made(kind, before, change.values, whole=change.action is Action.REPLACE)
    if thing == before:
        return Changed(before)
    check(connection, kind, thing, before, change.by)
    _put(connection, change.named, thing)
    return _done(connection, change, before, thing)


def _delete(connection: Connection, change: Change) -> Changed:
    named, kind = change.named, change.named.kind
    before = _expected(connection, change)
    _require_unused(connection, named, before)
    records: list[Record] = []
    if kind is USER:
        records = [*_revoke(connection, named.key, change.by), *give_to_anyone(connection, named.key)]
    if kind is CAMPAIGN:
        for part in (STATUS, PAUSE_CODE, PRESET):
            table = STORED[part.name].table
            connection.execute(delete(table).where(table.c.campaign == named.key))
    connection.execute(delete(STORED[kind.name].table).where(*(where_is(named) or ())))
    done = _done(connection, change, before, None)
    return replace(done, records=(*records, *done.records))


_WAYS: dict[Action, Callable[[Connection, Change], Changed]] = {
    Action.CREATE: _create,
    Action.CHANGE: _change,
    Action.REPLACE: _change,
    Action.DELETE: _delete,
}


def _expected(connection: Connection, change: Change) -> Any:
    """The thing as it is, which must be as whoever changes it has seen it."""
    named = change.named
    _require_campaign(connection, named)
    thing = read_thing(connection, named)
    if thing is None:
        raise NotThere(f"there is no {named.kind.name} {named}")
    if change.expected is not None and revision_of(named.kind, thing) not in change.expected:
        raise ChangedMeanwhile(f"{named.kind.name} {named} has changed since")
    return thing


def _require_campaign(connection: Connection, named: Named) -> None:
    part = named.kind.part
    wanted = part is Part.ALWAYS or (part is Part.MAYBE and named.campaign)
    if wanted and read_thing(connection, Named(CAMPAIGN, named.campaign)) is None:
        raise NotThere(f"there is no campaign {named.campaign}")


def _require_unused(connection: Connection, named: Named, thing: Any) -> None:
    if named.kind is LIST and thing.leads:
        raise StillInUse(f"list {named} has {thing.leads} leads", (("leads", str(thing.leads)),))
    _require_unheld(connection, named)


def _require_unheld(connection: Connection, named: Named) -> None:
    by = holders(connection, named)
    if by:
        kind, name = by[0]
        others = f" and {len(by) - 1} more" if len(by) > 1 else ""
        text = f"{named.kind.name} {named} is needed by {kind} {name}{others}"
        raise StillInUse(text, tuple(by[:_MOST_HOLDERS]))


def _revoke(connection: Connection, user: str, by: By) -> list[Record]:
    """Take a user's tokens away."""
    records: list[Record] = []
    for token in find_things(connection, TOKEN, ThingQuery(having={"user": user}, limit=10_000)):
        done = _delete(connection, Change(Action.DELETE, Named(TOKEN, token.digest), by))
        records += done.records
    return records


def _put(connection: Connection, named: Named, thing: Any) -> None:
    table = STORED[named.kind.name].table
    try:
        put_row(connection, table, {**(key_values(named) or {}), **columns_of(table, thing)})
    except Unfit as unfit:
        text = str(unfit).removeprefix(f"{table.name}: ")
        raise ValueRefused(text, field_of(named.kind.cls, unfit.column)) from unfit


def _done(connection: Connection, change: Change, before: Any, after: Any) -> Changed:
    log_change(connection, change, before, after)
    return Changed(after, tuple(_records(connection, change.named, before, after)))


def _records(connection: Connection, named: Named, before: Any, after: Any) -> list[Record]:
    """What the World is to be told."""
    kind = named.kind
    if kind.record is not None:
        return [kind.record(named.key, after)]
    if kind is CAMPAIGN:
        return [CampaignSet(named.key, read_campaign(connection, named.key))]
    if kind is LIST:  # the World knows no lists, but holds leads of theirs ready, which it gets anew
        concerned = {one.campaign for one in (before, after) if one is not None and one.campaign}
        found = [read_campaign(connection, name) for name in sorted(concerned)]
        return [CampaignSet(campaign.name, campaign) for campaign in found if campaign is not None]
    if named.campaign:
        return [CampaignSet(named.campaign, read_campaign(connection, named.campaign))]
    return [StatusSet(named.key, after)]


# --- lists ---------------------------------------------------------------------------------------------------


def empty_list(connection: Connection, list_id: int, limit: int, by: By) -> list[int]:
    """Forget up to so many leads of a list, and what was promised to them; gives their ids.

    Raises:
        StillInUse: a campaign or an in-group needs the list.
    """
    named = Named(LIST, str(list_id))
    _require_unheld(connection, named)
    query = select(leads.c.id).where(leads.c.list_id == list_id).order_by(leads.c.id).limit(limit)
    gone = list(connection.execute(query.with_for_update()).scalars())
    if gone:
        promised = callbacks.c.lead_id.in_(gone) & (callbacks.c.status == CallbackStatus.WAITING.value)
        connection.execute(update(callbacks).where(promised).values(status=CallbackStatus.DROPPED.value))
        connection.execute(delete(leads).where(leads.c.id.in_(gone)))
        log_act(connection, by, LIST.name, str(named), "empty", {"leads": len(gone)})
    return gone
