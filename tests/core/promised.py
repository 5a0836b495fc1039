"""What the records tell of promises and of leads, added up anew."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.model import CallbackWish, State
from agentd.core.world import World

__all__ = ["Promised"]


class Promised:
    """Reads the records as they are made. ``waiting`` are the promises that single agents have to keep."""

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[str, int, CallbackWish]] = {}
        self.told: set[int] = set()
        self.used: set[int] = set()
        self.owed: dict[int, CallbackWish] = {}  # call -> what was promised when it was under way
        self.promising: set[int] = set()  # calls of this turn whose status is a promise
        self.unlisted: set[str] = set()

    def read(self, record: r.Record, at: float) -> None:
        """Add one record."""
        if isinstance(record, r.CallbackSet):
            self._set(record)
        elif isinstance(record, r.CallbackDue):
            agent, lead_id, wish = self.waiting[record.callback_id]
            assert (agent, lead_id) == (record.agent, record.lead_id)
            assert wish.due <= at
            assert record.callback_id not in self.told, "told twice"
            self.told.add(record.callback_id)
        elif isinstance(record, r.CallbackEnded):
            self.waiting.pop(record.callback_id, None)
            self.told.discard(record.callback_id)
        elif isinstance(record, r.StatusKept):
            self.owed.pop(record.call_id, None)
            if record.callback is not None:
                self.owed[record.call_id] = record.callback
        elif isinstance(record, r.CallDisposed | r.StatusReplaced):
            kept = self.owed.pop(record.call_id, None)
            if record.status == "CALLBK":
                self.promising.add(record.call_id)
            else:
                assert kept is None or record.by == "agent", "a promise was kept in mind, and is forgotten"
        elif isinstance(record, r.CallRefused):
            self.owed.pop(record.call_id, None)
        elif isinstance(record, r.DncListed) or (isinstance(record, r.DncChanged) and record.listed):
            self.unlisted.add(record.number.removeprefix("+"))

    def _set(self, record: r.CallbackSet) -> None:
        if record.callback_id not in self.used:
            assert record.callback_id == max(self.used, default=0) + 1, "an id was left out, or given twice"
        self.used.add(record.callback_id)
        self.waiting.pop(record.callback_id, None)
        self.told.discard(record.callback_id)
        assert bool(record.user) is not record.wish.anyone
        self.promising.discard(record.call_id)
        if record.user:
            self.waiting[record.callback_id] = (record.user, record.lead_id, record.wish)

    def check(self, world: World) -> None:
        """Fail when the State says something else at the end of a turn."""
        state: State = world.state
        known = {
            each.id: (each.user, each.lead_id, CallbackWish(each.due, each.anyone, each.comments))
            for each in state.callbacks.values()
        }
        assert known == self.waiting
        assert {each.id for each in state.callbacks.values() if each.is_due} == self.told
        assert not self.promising, "a call was disposed of with a promise, and none was made"
        assert {call.id: call.callback for call in state.calls.values() if call.callback} == self.owed
        for leads in world.hopper.values():
            held = {lead.phone_number for lead in leads} | {f"1{lead.phone_number}" for lead in leads}
            assert not held & self.unlisted, "a number that must not be called is held ready"
        self.unlisted.clear()
