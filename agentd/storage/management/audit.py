"""Who changed what: the audit log. Functions of a Connection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from agentd.engine.kinds import Action, By, Change, Kind, Named, differences
from agentd.engine.ports import AuditQuery, AuditRow
from agentd.storage.columns import epoch, fitted, moment
from agentd.storage.tables import audit_log

__all__ = ["find_audit", "log_act", "log_change", "log_change_of"]


def log_change(connection: Connection, change: Change, before: Any, after: Any) -> None:
    """Keep who made a change, and what it was; secrets are left out."""
    was, now = differences(change.named.kind, before, after)
    log_act(connection, change.by, change.named.kind.name, str(change.named), change.action.value, was, now)


def log_change_of(connection: Connection, by: By | None, kind: Kind, before: Any, after: Any) -> None:
    """The same for a thing that some other function changes, if anything changes and anybody is named."""
    if by is not None and before != after:
        log_change(connection, Change(Action.CHANGE, Named(kind, kind.key_of(after)), by), before, after)


def log_act(
    connection: Connection,
    by: By,
    kind: str,
    name: str,
    action: str,
    before: Any = None,
    after: Any = None,
) -> None:
    """Keep one row."""
    row = {
        "at": moment(by.at),
        "user": by.who,
        "face": by.face,
        "kind": kind,
        "name": name,
        "action": action,
        "value_before": before,
        "value_after": after,
    }
    connection.execute(insert(audit_log).values(fitted(audit_log, row)))


def find_audit(connection: Connection, query: AuditQuery) -> list[AuditRow]:
    """Give the rows that a query finds, the newest first."""
    found = select(audit_log).order_by(audit_log.c.id.desc()).limit(query.limit)
    for column, value in (("user", query.who), ("kind", query.kind), ("name", query.name)):
        if value:
            found = found.where(audit_log.c[column] == value)
    if query.before is not None:
        found = found.where(audit_log.c.id < query.before)
    if query.since is not None:
        found = found.where(audit_log.c.at >= moment(query.since))
    if query.until is not None:
        found = found.where(audit_log.c.at < moment(query.until))
    return [
        AuditRow(
            id=row["id"],
            at=epoch(row["at"]),
            who=row["user"],
            face=row["face"],
            kind=row["kind"],
            name=row["name"],
            action=row["action"],
            before=row["value_before"],
            after=row["value_after"],
        )
        for row in connection.execute(found).mappings()
    ]
