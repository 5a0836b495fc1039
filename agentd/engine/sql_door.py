"""The SQL door: agents at work as rows of a table, in which programs that know SQL leave orders.

Rows are made anew from the sessions, at most one look late; orders are taken at each look and carried out by the face
whose table it is. The database is asked in a thread, never waited for: while it is away nothing is lost but orders
that nobody can give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from twisted.internet.defer import Deferred, DeferredLock, succeed
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from agentd.core.errors import DatabaseAway
from agentd.core.model import Session
from agentd.engine.engine import Engine

__all__ = ["DoorStore", "LiveAgent", "SqlDoor", "SqlOrder"]

RETRY = 2.0  # seconds after which a database that was away is asked again


@dataclass(frozen=True, slots=True)
class LiveAgent:
    """A row: an agent at work, in the words of the face whose table it is. ``since`` is in epoch seconds.

    ``call_key``, ``channel`` (the customer's) and ``direction`` are of the call that goes on, if one does.
    """

    session_id: int
    user: str
    server: str
    conference: str
    phone: str
    status: str
    campaign: str
    since: float
    lead_id: int = 0
    channel: str = ""
    call_key: str = ""
    direction: str = ""
    ingroups: str = ""
    blended: bool = False
    on_hook: bool = False
    pause_code: str = ""
    preview_lead_id: int = 0


@dataclass(frozen=True, slots=True)
class SqlOrder:
    """What somebody wrote into a column of a session's row, as it was written."""

    session_id: int
    agent: str
    column: str
    value: str


class DoorStore(Protocol):
    """The table. All fail with DatabaseAway when it cannot be had."""

    def make_equal(self, agents: Sequence[LiveAgent]) -> Deferred[None]:
        """Have these rows, and no others of this daemon; orders in rows that stay, stay."""

    def write(self, agents: Sequence[LiveAgent], gone: Sequence[int]) -> Deferred[None]:
        """Bring these rows up to date, and remove those of the sessions that are gone."""

    def take_orders(self) -> Deferred[list[SqlOrder]]:
        """Give the orders that were left since, each once, and clear them."""


class SqlDoor:
    """Keeps the table true and carries out what is ordered there, one order after the other for each agent.

    ``picture`` makes a session's row; ``carry_out`` does what an order says and tells the API log what came of it. A
    look is taken ``poll`` seconds after the one before.
    """

    log = Logger()

    def __init__(
        self,
        engine: Engine,
        store: DoorStore,
        picture: Callable[[Session], LiveAgent],
        carry_out: Callable[[SqlOrder], Deferred[Any]],
        poll: float,
    ) -> None:
        self._engine = engine
        self._store = store
        self._picture = picture
        self._carry_out = carry_out
        self._poll = poll
        self._written: dict[int, int] = {}  # the revision that each session had when its row was made
        self._lines: dict[int, DeferredLock] = {}
        self._begun = self._sure = False
        self._trouble = ""
        self._stopping = False
        self._sleeping: Deferred[None] | None = None
        self._timer: IDelayedCall | None = None
        self._loop: Deferred[None] = succeed(None)

    def start(self, *, enabled: bool = True) -> None:
        """Open it; or, where it is not wanted, see that rows of an earlier run do not look as if they were true."""
        self._loop = Deferred.fromCoroutine(self._follow() if enabled else self._leave_none())

    async def _leave_none(self) -> None:
        try:
            await self._store.make_equal(())
        except DatabaseAway as error:
            self.log.warn("rows of live agents may be left, which are not true: {why}", why=error)

    def stop(self) -> Deferred[None]:
        """Take no more orders; done when nothing is asked of the database any more. The rows stay."""
        self._stopping = True
        self._wake()
        return self._loop

    # --- the loop --------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while not self._stopping:
            try:
                await self._look()
                self._trouble = ""
            except DatabaseAway as error:
                if self._trouble != repr(error):
                    self.log.warn("the SQL door is shut for now: {why}", why=error)
                self._trouble, self._sure = repr(error), False
            except Exception as error:  # noqa: BLE001 - whatever it is, calls go on
                self.log.failure("the SQL door failed")
                self._trouble, self._sure = repr(error), False
            await self._doze(RETRY if self._trouble else self._poll)

    async def _look(self) -> None:
        if not self._begun:
            await self._store.make_equal(())  # orders from before are older than what the agents are doing now
            self._begun = True
        await self._write()
        for order in await self._store.take_orders():
            self._line(order.session_id).run(self._carry_out, order).addErrback(self._mistake)

    async def _write(self) -> None:
        """Make the rows anew of the sessions that have changed; of all, if it is not sure what the table has."""
        sessions = list(self._engine.world.state.sessions.values())
        revisions = {session.id: session.revision for session in sessions}
        changed = [one for one in sessions if not self._sure or self._written.get(one.id) != one.revision]
        gone = self._written.keys() - revisions.keys()
        agents = [self._picture(session) for session in changed]
        if not self._sure:
            await self._store.make_equal(agents)
        elif agents or gone:
            await self._store.write(agents, sorted(gone))
        self._written, self._sure = revisions, True
        self._forget_lines(gone)

    # --- orders ----------------------------------------------------------------------------------------------

    def _line(self, session_id: int) -> DeferredLock:
        return self._lines.setdefault(session_id, DeferredLock())

    def _forget_lines(self, gone: Iterable[int]) -> None:
        for session_id in gone:
            self._lines.pop(session_id, None)

    def _mistake(self, failure: Any) -> None:
        self.log.failure("an order of the SQL door failed", failure)

    # --- waiting ---------------------------------------------------------------------------------------------

    async def _doze(self, seconds: float) -> None:
        if self._stopping:
            return
        self._sleeping = Deferred()
        self._timer = self._engine.clock.later(seconds, self._wake)
        await self._sleeping

    def _wake(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        sleeping, self._sleeping = self._sleeping, None
        if sleeping is not None:
            sleeping.callback(None)
