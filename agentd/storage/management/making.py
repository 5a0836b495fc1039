"""Things made of what is said of them, and checked against what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from agentd.core.errors import ValueRefused
from agentd.engine.auth import hash_password
from agentd.engine.checks import Unusable, check_texts
from agentd.engine.kinds import KINDS, Around, By, Kind, Named, Secret, view
from agentd.storage.management.things import STORED, read_thing

__all__ = ["check", "made"]

_MOST_BYTES = 60_000  # that the audit log has room for


def made(kind: Kind, before: Any, values: Mapping[str, Any], *, whole: bool = False) -> Any:
    """Give the thing that ``before`` (a thing; of a new one, its key) becomes.

    What is not said stays, or (``whole``, and of a new one) is the default.

    Raises:
        ValueRefused: a field is not there, is needed and not said, or has a value of another kind.
    """
    known = {**kind.blank, **_kept(kind, before, whole=whole), **_hashed(kind, values)}
    for name in values:
        if name not in kind.said and name not in (secret.field for secret in kind.secrets):
            raise ValueRefused(f"{name}: there is no such field", name)
    for each in fields(kind.cls):
        if each.name not in known and each.default is MISSING and each.default_factory is MISSING:
            raise ValueRefused(f"{each.name}: it is needed", each.name)
    return _converted(kind, known)


def _kept(kind: Kind, before: Any, *, whole: bool) -> dict[str, Any]:
    if isinstance(before, Mapping):
        return dict(before)
    given = {kind.key, *kind.given, *(secret.hash_field for secret in kind.secrets)}
    names = [each.name for each in fields(kind.cls) if not whole or each.name in given]
    return {name: getattr(before, name) for name in names}


def _hashed(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    secrets = {secret.field: secret for secret in kind.secrets}
    said = {name: value for name, value in values.items() if name not in secrets}
    return said | {secrets[name].hash_field: _hash(secrets[name], values[name]) for name in secrets if name in values}


def _hash(secret: Secret, plain: Any) -> str:
    if not isinstance(plain, str):
        raise ValueRefused(f"{secret.field}: expected a text", secret.field)
    if not plain and secret.may_be_empty:
        return ""
    try:
        secret.check(plain)
    except Unusable as error:
        raise ValueRefused(str(error), error.field) from None
    return hash_password(plain)


def _converted(kind: Kind, values: Mapping[str, Any]) -> Any:
    """The thing of these values, which are the fields' own or as JSON has them."""
    try:
        return msgspec.convert(msgspec.to_builtins(values), kind.cls)
    except msgspec.ValidationError as error:
        text, _, place = str(error).rpartition(" - at `$.")
        field = place.rstrip("`").partition(".")[0].partition("[")[0]
        raise ValueRefused(f"{field}: {text[:1].lower()}{text[1:]}", field) from error


def check(connection: Connection, kind: Kind, thing: Any, before: Any, by: By) -> None:
    """Refuse a thing that cannot be used, or that begins to name what is not there.

    Raises:
        ValueRefused
    """
    try:
        check_texts(thing)
        kind.check(thing, Around(partial(_names, connection), by.at))
    except Unusable as error:
        raise ValueRefused(str(error), error.field) from error
    if len(msgspec.json.encode(view(kind, thing))) > _MOST_BYTES:
        raise ValueRefused(f"the {kind.name} is too big in all")
    for reference in kind.references:
        known = set(reference.named(before)) if before is not None else set()
        for name in reference.named(thing):
            if name not in known and not _is_there(connection, kind, thing, reference.kind, name):
                raise ValueRefused(f"{reference.field}: there is no {reference.kind} {name[:40]}", reference.field)


def _is_there(connection: Connection, kind: Kind, thing: Any, wanted: str, name: str) -> bool:
    own = (kind.name, kind.key_of(thing)) == (wanted, name)  # a new one may name itself
    return own or read_thing(connection, Named(KINDS[wanted], name)) is not None


def _names(connection: Connection, kind: str) -> frozenset[str]:
    table = STORED[kind].table
    return frozenset(map(str, connection.execute(select(table.c[KINDS[kind].key])).scalars()))
