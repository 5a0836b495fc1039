"""What the World needs of the database while it runs: reference data, what agents have promised, and ids in blocks.

All of it can wait: the journal's checkpoint has that of last time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from twisted.internet.defer import Deferred, gatherResults, inlineCallbacks
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.core import records as r
from agentd.core.commands import GrantIds, ReferenceChanged
from agentd.core.errors import DatabaseAway
from agentd.core.ids import ids_left
from agentd.core.model import Callback, State
from agentd.core.records import Record
from agentd.engine.engine import Engine
from agentd.engine.ports import Entry, Store

__all__ = ["BLOCK", "KINDS", "Supply", "changes", "promises"]

KINDS = ("session", "call", "lead", "recording", "callback")
BLOCK = 10_000
_USERS = (  # the records that use up ids
    r.CallDialled,
    r.CallStarted,
    r.CallWaiting,
    r.CallbackSet,
    r.LeadCreated,
    r.LoginStarted,
    r.RecordingAsked,
    r.SessionStarted,
)
_MICROSECOND = 2e-6  # and what an epoch's float cannot tell
_RETRY = 5.0  # seconds after which a database that was away is asked again


class Supply:
    """Keeps the World supplied. ``forget`` is called with the name of each user that has changed."""

    log = Logger()

    def __init__(self, engine: Engine, store: Store, forget: Any = None) -> None:
        self._engine = engine
        self._store = store
        self._forget = forget
        self._asked: set[str] = set()
        self._reading = 0
        self._touched: set[int] = set()
        self._retry: IDelayedCall | None = None
        self._stopped = False
        engine.listen(self._used)

    @inlineCallbacks
    def start(self) -> Any:
        """Load all of it and refill the blocks; when the database is away, again and again until it is not.

        Done when all is there, or could not be had at once.
        """
        self._retry = None
        try:
            yield self.reload()
        except DatabaseAway as error:
            if not self._stopped:
                self.log.warn("reference data is that of last time: {why}", why=str(error))
                self._retry = self._engine.clock.later(_RETRY, self.start)
        yield self._refill()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped = True
        if self._retry is not None and self._retry.active():
            self._retry.cancel()

    def reload(self) -> Deferred[int]:
        """Bring the World's reference data and promises up to the database's; gives how many entries have changed.

        Fails with DatabaseAway.
        """
        return Deferred.fromCoroutine(self._reload())

    async def _reload(self) -> int:
        reference = self._engine.changing.run(lambda: self._store.reference().addCallback(self._take))
        return await reference + await self._reload_promises()

    def _take(self, found: list[Record]) -> int:
        changed = changes(self._engine.world.state, found)
        if changed:
            self._engine.feed(ReferenceChanged(tuple(changed)))
        for change in changed:
            if isinstance(change, r.UserSet) and self._forget is not None:
                self._forget(change.name)
        return len(changed)

    async def _reload_promises(self) -> int:
        """Bring the World's callbacks up to the database's; what changes meanwhile is as the World has it."""
        state = self._engine.world.state
        known = set(state.callbacks)
        self._reading += 1
        try:
            found = await self._store.callbacks_to_keep()
            changed = promises(state, found, known - self._touched, self._touched)
        finally:
            self._reading -= 1
            if not self._reading:
                self._touched.clear()
        if changed:
            self._engine.feed(ReferenceChanged(tuple(changed)))
        return len(changed)

    # --- ids -------------------------------------------------------------------------------------------------

    def _used(self, entries: list[Entry]) -> None:
        if self._reading:
            changed = (entry.record for entry in entries)
            self._touched |= {one.callback_id for one in changed if isinstance(one, r.CallbackSet | r.CallbackEnded)}
        if any(_uses_id(entry.record) for entry in entries):
            self._refill()

    def _refill(self) -> Deferred[Any]:
        asked = []
        for kind in KINDS:
            if kind not in self._asked and ids_left(self._engine.world.state, kind) <= BLOCK // 2:
                self._asked.add(kind)
                block = self._store.reserve_ids(kind, BLOCK)
                asked.append(block.addCallback(self._grant, kind).addErrback(self._not_now, kind))
        return gatherResults(asked)

    def _grant(self, block: tuple[int, int], kind: str) -> None:
        self._asked.discard(kind)
        self._engine.feed(GrantIds(kind, *block))

    def _not_now(self, failure: Failure, kind: str) -> None:
        """The block is asked for again at the next use, or when the retry comes."""
        self._asked.discard(kind)
        left = ids_left(self._engine.world.state, kind)
        self.log.warn("no new {kind} ids ({left} left): {why}", kind=kind, left=left, why=failure.getErrorMessage())
        if self._retry is None and not self._stopped:
            self._retry = self._engine.clock.later(_RETRY, self.start)


def _uses_id(record: Record) -> bool:
    return isinstance(record, _USERS) and not (isinstance(record, r.CallbackSet) and record.stored)


def changes(state: State, found: Iterable[Record]) -> list[Record]:
    """Give the records that make the state's reference data what was found; what was not found is gone."""
    tables: dict[Callable[..., Record], tuple[Mapping[str, Any], str, str]] = {
        r.UserSet: (state.users, "name", "user"),
        r.UserGroupSet: (state.user_groups, "name", "group"),
        r.PhoneSet: (state.phones, "extension", "phone"),
        r.CampaignSet: (state.campaigns, "name", "campaign"),
        r.InGroupSet: (state.ingroups, "name", "ingroup"),
        r.GroupAliasSet: (state.group_aliases, "name", "alias"),
        r.StatusSet: (state.statuses, "code", "status"),
        r.TokenSet: (state.tokens, "digest", "token"),
    }
    seen: dict[Callable[..., Record], set[str]] = {kind: set() for kind in tables}
    changed: list[Record] = []
    for record in found:
        table, key_field, value_field = tables[type(record)]
        key = getattr(record, key_field)
        seen[type(record)].add(key)
        if table.get(key) != getattr(record, value_field):
            changed.append(record)
    for kind, (table, _key, _value) in tables.items():
        changed += [kind(key, None) for key in table if key not in seen[kind]]
    return changed


def promises(state: State, found: Iterable[Record], known: Set[int], touched: Set[int]) -> list[Record]:
    """Give the records that make the state's callbacks what was found.

    ``known`` are the ids of those that the state had before it was looked: what was not found of them has been kept, or
    taken back. ``touched`` have changed since.
    """
    changed: list[Record] = []
    there: set[int] = set()
    for record in found:
        if isinstance(record, r.CallbackSet):
            there.add(record.callback_id)
            if record.callback_id not in touched and not _is(state.callbacks.get(record.callback_id), record):
                changed.append(record)
    for callback_id in sorted(known - there):
        callback = state.callbacks.get(callback_id)
        if callback is not None:
            changed.append(r.CallbackEnded(callback_id, callback.user, callback.lead_id))
    return changed


def _is(callback: Callback | None, record: r.CallbackSet) -> bool:
    """Whether a callback is what a record says; the database keeps microseconds."""
    if callback is None or abs(callback.due - record.wish.due) >= _MICROSECOND:
        return False
    said = (record.lead_id, record.campaign, record.user, record.wish.comments)
    return said == (callback.lead_id, callback.campaign, callback.user, callback.comments)
