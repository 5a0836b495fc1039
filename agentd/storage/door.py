"""The SQL door's table: writing the rows, and taking the orders out of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, LargeBinary, bindparam, cast, delete, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from agentd.core.errors import DatabaseAway
from agentd.engine.clock import Clock
from agentd.engine.sql_door import LiveAgent, SqlOrder
from agentd.storage.columns import fitted, moment
from agentd.storage.database import READS, transact
from agentd.storage.syncing import InThread
from agentd.storage.tables_door import ORDERS, live_agents

__all__ = ["LiveAgents", "claim_orders", "make_equal", "write_agents"]

_T = TypeVar("_T")

_NO_ORDERS = dict(ORDERS)
_session = live_agents.c.live_agent_id


class LiveAgents:
    """The rows of one daemon; a ``DoorStore``.

    Its transactions go on until the database has answered, however late: what was claimed must not be forgotten.
    """

    def __init__(self, engine: Engine, daemon: str, clock: Clock, in_thread: InThread[Any]) -> None:
        """``in_thread`` should have a thread of its own, so that nothing else waits for this."""
        self._engine = engine
        self._reading = engine.execution_options(**{READS: True})
        self._daemon = daemon
        self._clock = clock
        self._in_thread = in_thread

    def make_equal(self, agents: Sequence[LiveAgent]) -> Deferred[None]:
        """Have these rows, and no others of this daemon; orders in rows that stay, stay."""
        return self._run(lambda connection: make_equal(connection, self._daemon, agents, self._clock.now()))

    def write(self, agents: Sequence[LiveAgent], gone: Sequence[int]) -> Deferred[None]:
        """Bring these rows up to date, and remove those of the sessions that are gone."""
        return self._run(lambda connection: write_agents(connection, self._daemon, agents, gone, self._clock.now()))

    def take_orders(self) -> Deferred[list[SqlOrder]]:
        """Give the orders that were left since, each once, and clear them."""
        work: Deferred[list[SqlOrder]] = self._in_thread(self._take)
        return work.addErrback(_as_away)

    def _take(self) -> list[SqlOrder]:
        """Look first: a look keeps nobody else from writing."""
        if not transact(self._reading, lambda connection: _waiting(connection, self._daemon)):
            return []
        return transact(self._engine, lambda connection: claim_orders(connection, self._daemon))

    def _run(self, function: Callable[[Connection], None]) -> Deferred[None]:
        work: Deferred[None] = self._in_thread(lambda: transact(self._engine, function))
        return work.addErrback(_as_away)


def _as_away(failure: Failure) -> Failure:
    if failure.check(SQLAlchemyError):
        raise DatabaseAway(str(getattr(failure.value, "orig", None) or failure.value)) from failure.value
    return failure


# --- rows ----------------------------------------------------------------------------------------------------


def make_equal(connection: Connection, daemon: str, agents: Sequence[LiveAgent], now: float) -> None:
    """Have these rows, and no others of this daemon; orders in rows that stay, stay."""
    staying = [agent.session_id for agent in agents]
    connection.execute(delete(live_agents).where(live_agents.c.daemon == daemon, _session.not_in(staying)))
    write_agents(connection, daemon, agents, (), now)


def write_agents(
    connection: Connection, daemon: str, agents: Sequence[LiveAgent], gone: Sequence[int], now: float
) -> None:
    """Bring rows up to date without touching the orders in them, and remove those of the sessions that are gone.

    The daemon is the only one who makes and removes its rows, so that what is found here stays so.
    """
    if gone:
        connection.execute(delete(live_agents).where(_session.in_(gone)))
    ids = [agent.session_id for agent in agents]
    there = set(connection.execute(select(_session).where(_session.in_(ids))).scalars()) if ids else set()
    rows = [_row(agent, daemon, now) for agent in agents]
    new = [row | _NO_ORDERS for row in rows if row["live_agent_id"] not in there]
    old = [row | {"b_session": row["live_agent_id"]} for row in rows if row["live_agent_id"] in there]
    if new:
        connection.execute(insert(live_agents), new)
    if old:
        connection.execute(update(live_agents).where(_session == bindparam("b_session")), old)


def _row(agent: LiveAgent, daemon: str, now: float) -> dict[str, Any]:
    values = {
        "live_agent_id": agent.session_id,
        "daemon": daemon,
        "user": agent.user,
        "server_ip": agent.server,
        "conf_exten": agent.conference,
        "extension": agent.phone,
        "status": agent.status,
        "lead_id": agent.lead_id,
        "campaign_id": agent.campaign,
        "uniqueid": agent.channel,
        "callerid": agent.call_key,
        "comments": agent.direction,
        "closer_campaigns": agent.ingroups,
        "outbound_autodial": "Y" if agent.blended else "N",
        "on_hook_agent": "Y" if agent.on_hook else "N",
        "pause_code": agent.pause_code,
        "preview_lead_id": agent.preview_lead_id,
        "last_state_change": moment(agent.since),
        "last_update_time": moment(now),
    }
    return fitted(live_agents, values)


# --- orders --------------------------------------------------------------------------------------------------

# Byte for byte: SQLite takes what is no text into a column of text, and would then fail to read it.
_WRITTEN = {name: cast(live_agents.c[name], LargeBinary) for name in ORDERS}


def _waiting(connection: Connection, daemon: str) -> Sequence[Any]:
    """The rows of this daemon in which somebody has written an order."""
    ordered = or_(*(live_agents.c[name].not_in(("", idle)) for name, idle in ORDERS.items()))
    columns = (_session, live_agents.c.user, *(column.label(name) for name, column in _WRITTEN.items()))
    return (
        connection.execute(select(*columns).where(live_agents.c.daemon == daemon, ordered).order_by(_session))
        .mappings()
        .all()
    )


def claim_orders(connection: Connection, daemon: str) -> list[SqlOrder]:
    """Give the orders in this daemon's rows, and clear each, unless it was changed since it was read."""
    orders = []
    for row in _waiting(connection, daemon):
        for name, idle in ORDERS.items():
            written = bytes(row[name])
            if written in {b"", idle.encode()}:
                continue
            mine = update(live_agents).where(_session == row["live_agent_id"], _WRITTEN[name] == written)
            if connection.execute(mine.values({name: idle})).rowcount == 1:
                orders.append(SqlOrder(row["live_agent_id"], row["user"], name, written.decode("utf-8", "replace")))
    return orders
