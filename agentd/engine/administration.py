"""What an administrator does with the things that are set up, through a face of the daemon.

The database first, in one transaction with its row of the audit log; then the World; then the answer. So what was
answered is true, and after a restart still is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from agentd.core import commands as c
from agentd.core.errors import ChangedMeanwhile, DatabaseAway, Draining, JournalFull, NotThere
from agentd.core.records import Record
from agentd.engine.auth import new_token
from agentd.engine.engine import Engine
from agentd.engine.kinds import LIST, TOKEN, Action, By, Change, Changed, Kind, Named, ThingQuery, revision_of
from agentd.engine.ports import AuditQuery, AuditRow, Store
from agentd.engine.uses import require_unused

__all__ = ["Administration"]

BATCH = 3000  # leads that one transaction forgets
EMPTYING = 3.0  # seconds that one request may take to forget leads
WAITING = 50  # changes that may wait for those before them

_T = TypeVar("_T")


class Administration:
    """Looks at and changes users, phones, campaigns and all else that is set up. All fail with an AgentdError.

    Changes are made one after another, so that the World hears of them in the order in which the database has them.
    """

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store

    # --- looking ---------------------------------------------------------------------------------------------

    def things(self, kind: Kind, query: ThingQuery) -> Deferred[list[Any]]:
        """Give the things of a kind that a query finds."""
        return self._store.things(kind, query)

    def thing(self, named: Named) -> Deferred[Any]:
        """Give one thing. Fails with NotThere."""

        def found(thing: Any) -> Any:
            if thing is None:
                raise NotThere(f"there is no {named.kind.name} {named}")
            return thing

        return self._store.thing(named).addCallback(found)

    def audit(self, query: AuditQuery) -> Deferred[list[AuditRow]]:
        """Give who changed what."""
        return self._store.audit(query)

    # --- changing --------------------------------------------------------------------------------------------

    def by(self, who: str, face: str) -> By:
        """Whoever asks, now."""
        return By(who, face, self._engine.clock.now())

    def carry_out(self, change: Change) -> Deferred[Changed]:
        """Make a change; done when database and journal have it.

        Fails with what ``Store.carry_out`` fails with, or (to delete) with StillInUse.
        """
        return self._in_turn(lambda: self._carry_out(change))

    async def _carry_out(self, change: Change) -> Changed:
        if change.action is Action.DELETE:
            require_unused(self._engine.world.state, change.named)
        changed = await self._store.carry_out(change)
        await self._tell(changed.records)
        return changed

    def create_token(self, values: Mapping[str, Any], by: By) -> Deferred[tuple[str, Any]]:
        """Make a bearer token; gives its text, which nobody can be told again, and what is kept of it."""
        plain, digest = new_token()
        change = Change(Action.CREATE, Named(TOKEN, digest), by, values)
        return self.carry_out(change).addCallback(lambda changed: (plain, changed.thing))

    def delete_list(self, change: Change, *, with_leads: bool = False) -> Deferred[int]:
        """Forget a list that is empty, or (``with_leads``) with all its leads; gives 0 when it is gone.

        Where it has more leads than can be forgotten in a few seconds, gives how many are left: ask again.
        """
        return self._in_turn(lambda: self._delete_list(change, with_leads=with_leads))

    async def _delete_list(self, change: Change, *, with_leads: bool) -> int:
        named = change.named
        made = await self.thing(named)  # also waits for what the journal has
        if change.expected is not None and revision_of(LIST, made) not in change.expected:
            raise ChangedMeanwhile(f"list {named} has changed since")
        until = self._engine.clock.monotonic() + EMPTYING
        while with_leads and made.leads and self._engine.clock.monotonic() < until:
            require_unused(self._engine.world.state, named)
            gone = await self._store.empty_list(made.id, BATCH, change.by)
            self._drop_promises(frozenset(gone), change.by)
            made = replace(made, leads=max(0, made.leads - len(gone)) if gone else 0)
        if with_leads and made.leads:
            return int(made.leads)
        await self._carry_out(change)
        return 0

    def _drop_promises(self, leads: frozenset[int], by: By) -> None:
        """What agents had promised to those leads cannot be kept."""
        promised = [one for one in self._engine.world.state.callbacks.values() if one.lead_id in leads]
        for one in promised:
            self._engine.feed(c.DropCallback(one.id, by.who, one.user, one.lead_id))

    # --- in turn ---------------------------------------------------------------------------------------------

    def _in_turn(self, work: Callable[[], Awaitable[_T]]) -> Deferred[_T]:
        return Deferred.fromCoroutine(self._after_those_before(work))

    async def _after_those_before(self, work: Callable[[], Awaitable[_T]]) -> _T:
        lock = self._engine.changing
        if len(lock.waiting) >= WAITING:
            raise DatabaseAway("too many changes wait for the database")
        await lock.acquire()
        try:
            self._require_room()
            return await work()
        finally:
            lock.release()

    def _require_room(self) -> None:
        """Refuse before the database is changed what the World could not be told."""
        if self._engine.draining:
            raise Draining("agentd is being stopped")
        if self._engine.journal.full:
            raise JournalFull("the journal is full")

    async def _tell(self, records: tuple[Record, ...]) -> None:
        """The database has it, and what has come between cannot undo that: the World has it, too."""
        if not records:
            return
        command = c.ReferenceChanged(records)
        try:
            await self._engine.submit(command)
        except (Draining, JournalFull):
            self._engine.feed(command)
