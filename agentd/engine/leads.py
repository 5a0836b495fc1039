"""The verbs about leads, and about what was promised to them, as outsiders know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twisted.internet.defer import Deferred

from agentd.core import commands as c
from agentd.core.errors import ActivityUnknown, AlreadyThere, FieldInvalid, OnDncList, UserUnknown
from agentd.core.model import CallbackWish, Lead
from agentd.core.records import Record
from agentd.engine.engine import Engine
from agentd.engine.kinds import By
from agentd.engine.ports import Activity, CallbackQuery, CallbackRow, LeadQuery, LeadRow, Store

__all__ = ["LeadOperations"]


class LeadOperations:
    """What a face may ask about leads, callbacks and numbers not to call. All fail with an AgentdError.

    Who must be named in ``by`` is who asks: a user, or the name of a token.
    """

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store

    # --- leads -----------------------------------------------------------------------------------------------

    def find(self, query: LeadQuery) -> Deferred[list[LeadRow]]:
        """Give the leads that a query finds."""
        return self._store.leads(query)

    def lead(self, lead_id: int) -> Deferred[LeadRow | None]:
        """Give one lead."""
        return self._store.lead_row(lead_id)

    def update_on_screen(self, agent: str, fields: Mapping[str, str], by: str) -> Deferred[int]:
        """Change fields of the lead before an agent; gives his id. Done when it is on the disk."""
        return self._engine.submit(c.UpdateLead(fields, by, agent=agent))

    def update(self, lead_id: int, fields: Mapping[str, str], by: str) -> Deferred[int]:
        """Change fields of any lead that there is; the caller has looked."""
        return self._engine.submit(c.UpdateLead(fields, by, lead_id=lead_id))

    def add(self, lead: Lead, by: str, agent: str = "") -> Deferred[int]:
        """Keep a new lead (of whose id nothing is known yet); gives his id. Done when it is on the disk."""
        return self._engine.submit(c.AddLead(lead, by, agent))

    def require_list(self, list_id: int) -> Deferred[None]:
        """Fail with FieldInvalid when leads cannot be put into a list of that id, since there is none."""

        def check(known: bool) -> None:
            if not known:
                raise FieldInvalid(f"there is no list {list_id}", "list_id")

        return self._store.has_list(list_id).addCallback(check)

    def delete(self, lead_id: int, by: str) -> Deferred[None]:
        """Forget a lead who is on nobody's screen."""
        return self._engine.submit(c.DeleteLead(lead_id, by))

    # --- callbacks -------------------------------------------------------------------------------------------

    def callbacks(self, query: CallbackQuery) -> Deferred[list[CallbackRow]]:
        """Give the callbacks that a query finds."""
        return self._store.callbacks(query)

    def callback(self, callback_id: int) -> Deferred[CallbackRow | None]:
        """Give one callback."""
        return self._store.callback(callback_id)

    def set_callback(
        self, lead_id: int, campaign: str, wish: CallbackWish, *, user: str = "", by: str = "", callback_id: int = 0
    ) -> Deferred[int]:
        """Promise a lead a call, or change what was promised; gives the id. The caller has looked for the lead."""
        return self._engine.submit(c.SetCallback(lead_id, campaign, wish, user, by, callback_id))

    def drop_callback(self, callback: CallbackRow, by: str) -> Deferred[None]:
        """Take a promise back."""
        return self._engine.submit(c.DropCallback(callback.id, by, callback.user, callback.lead_id))

    # --- numbers not to call ---------------------------------------------------------------------------------

    def listed(self, number: str, phone_code: str, campaigns: Sequence[str]) -> Deferred[list[str]]:
        """Give those of these campaigns (empty: the system) on whose list of numbers not to call the number is."""
        return self._store.dnc(number, phone_code, campaigns)

    def require_callable(self, number: str, phone_code: str, campaign: str) -> Deferred[None]:
        """Fail with OnDncList when the number must not be called, by anybody or by that campaign."""

        def refuse(lists: list[str]) -> None:
            if lists:
                whose = f"of campaign {lists[0]}" if lists[0] else "of the system"
                raise OnDncList(f"{number} is on the do-not-call list {whose}", lists[0])

        return self._store.dnc(number, phone_code, ("", campaign)).addCallback(refuse)

    def change_dnc(self, number: str, campaign: str, *, listed: bool, by: str) -> Deferred[None]:
        """Have a number never called, by a campaign or (empty) by anybody; or called again."""
        return self._engine.submit(c.ChangeDnc(number, campaign, listed, by))

    def numbers(
        self, campaign: str | None, number: str, after: tuple[str, str], limit: int
    ) -> Deferred[list[tuple[str, str]]]:
        """Give pairs of campaign (empty: the system) and number above ``after``, of one list or (None) of all."""
        return self._store.dnc_numbers(campaign, number, after, limit)

    # --- what a CRM has planned ------------------------------------------------------------------------------

    def activities(self, after: str, limit: int) -> Deferred[list[Activity]]:
        """Give the activities with ids above ``after``, in the order of their ids."""
        return self._store.activities(after, limit)

    def activity(self, activity_id: str) -> Deferred[Activity | None]:
        """Give one activity."""
        return self._store.activity(activity_id)

    def put_activity(self, activity: Activity, *, replace: bool) -> Deferred[bool]:
        """Keep an activity; says whether its id is new. Fails with AlreadyThere when it is not, without ``replace``."""

        def check(new: bool) -> bool:
            if not new and not replace:
                raise AlreadyThere(f"there is an activity {activity.id} already")
            return new

        return self._store.put_activity(activity, replace=replace).addCallback(check)

    def delete_activity(self, activity_id: str) -> Deferred[None]:
        """Forget an activity. Fails with ActivityUnknown."""

        def check(known: bool) -> None:
            if not known:
                raise ActivityUnknown(f"there is no activity {activity_id}")

        return self._store.delete_activity(activity_id).addCallback(check)

    # --- what a CRM keeps about its users --------------------------------------------------------------------

    def set_custom(self, user: str, key: str, value: str, by: By | None = None) -> Deferred[None]:
        """Give a user's custom field a value; ``by`` is who is logged for it. Fails with UserUnknown."""

        def take(records: list[Record]) -> Deferred[None]:
            if not records:
                raise UserUnknown(f"there is no user {user}")
            return self._engine.submit(c.ReferenceChanged(tuple(records)))

        return self._engine.changing.run(lambda: self._store.set_custom(user, key, value, by).addCallback(take))
