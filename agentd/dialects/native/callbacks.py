"""The routes of callbacks: what was promised to leads, by one agent or for anybody."""

from __future__ import annotations

from functools import partial
from typing import Any

from msgspec import UNSET, Struct, UnsetType, field
from twisted.internet.defer import Deferred

from agentd.core.errors import DatabaseAway, LeadUnknown
from agentd.core.model import CallbackWish
from agentd.dialects.native.bodies import Id, Line, Name, Nothing
from agentd.dialects.native.callers import Caller, Scope
from agentd.dialects.native.dials import Moment, epoch_of
from agentd.dialects.native.door import Ask, acts, looks
from agentd.dialects.native.etags import Versions, told
from agentd.dialects.native.queries import id_of, page_of
from agentd.dialects.native.replies import Refused, Reply, problem, reply
from agentd.dialects.native.routing import Routes, Tools, route
from agentd.dialects.native.words import BASE, MOST, PAGE
from agentd.engine.ports import CallbackQuery, CallbackRow, LeadRow

__all__ = ["CallbackRoutes"]

WAITING = "waiting"
"""What the status of a callback is that can still be changed."""

_FILTERS = ("agent", "campaign", "lead_id", "waiting", "due_before", "limit", "cursor")


class CallbackBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A call that is promised to a lead: by its ``agent``, or (left out) by anybody of the campaign."""

    lead_id: Id
    campaign: Name
    due: Moment
    keeper: Name | None = field(default=None, name="agent")
    comments: Line = ""

    def __post_init__(self) -> None:
        epoch_of(self.due)


class CallbackChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be otherwise; an ``agent`` of null: anybody may keep it."""

    due: Moment | UnsetType = UNSET
    keeper: Name | UnsetType | None = field(default=UNSET, name="agent")
    comments: Line | UnsetType = UNSET

    def __post_init__(self) -> None:
        if not isinstance(self.due, UnsetType):
            epoch_of(self.due)
        if self.due is UNSET and self.keeper is UNSET and self.comments is UNSET:
            raise ValueError("One of `due`, `agent` and `comments` is needed")


class CallbackRoutes(Routes):
    """Looking, promising, changing, taking back. An agent's token reaches his own alone."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._leads = tools.operations.leads
        self._versions = Versions()

    @route("GET", "/callbacks")
    @looks(Scope.LEADS, *_FILTERS)
    def callbacks(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """The callbacks that fit, in the order of their ids, a page at a time."""
        most = ask.query.number("limit", PAGE, MOST)
        found = self._leads.callbacks(_wanted(ask, most + 1))
        return found.addCallback(lambda rows: page_of("callbacks", rows, most, _told, lambda row: row.id))

    @route("POST", "/callbacks")
    @acts(Scope.LEADS, CallbackBody)
    def add_callback(self, ask: Ask[CallbackBody]) -> Deferred[Reply]:
        """Promise a lead a call; answered when that is on the disk."""
        body = ask.body
        _require_own(ask.caller, body.keeper)
        wish = CallbackWish(epoch_of(body.due), body.keeper is None, body.comments)

        def promise(row: LeadRow | None) -> Deferred[int]:
            if row is None:
                raise LeadUnknown(f"there is no lead {body.lead_id}")
            user = body.keeper or ""
            return self._leads.set_callback(body.lead_id, body.campaign, wish, user=user, by=ask.caller.name)

        done: Deferred[int] = self._leads.lead(body.lead_id).addCallback(promise)
        return done.addCallback(partial(self._now, ask, 201))

    @route("GET", "/callbacks/<callback>")
    @looks(Scope.LEADS)
    def callback(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """One of them; 304 when the client has it already."""
        return self._found(ask).addCallback(lambda row: told(ask.request, _told(row)))

    @route("PATCH", "/callbacks/<callback>")
    @acts(Scope.LEADS, CallbackChange, versioned=True)
    def change_callback(self, ask: Ask[CallbackChange]) -> Deferred[Reply]:
        """Have a promise kept at another time, or by another; answered when that is on the disk."""
        if not isinstance(ask.body.keeper, UnsetType):
            _require_own(ask.caller, ask.body.keeper)

        def change(row: CallbackRow) -> Deferred[Reply]:
            wish, user = _changed(row, ask.body)
            done = self._leads.set_callback(
                row.lead_id, row.campaign, wish, user=user, by=ask.caller.name, callback_id=row.id
            )
            return done.addCallback(partial(self._now, ask, 200))

        return self._versions.change(ask.request, ask.where["callback"], partial(self._waiting, ask), _told, change)

    @route("DELETE", "/callbacks/<callback>")
    @acts(Scope.LEADS, Nothing, versioned=True)
    def drop_callback(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Take a promise back."""

        def drop(row: CallbackRow) -> Deferred[Reply]:
            return self._leads.drop_callback(row, ask.caller.name).addCallback(lambda _: Reply(204))

        return self._versions.change(ask.request, ask.where["callback"], partial(self._waiting, ask), _told, drop)

    # --- which -----------------------------------------------------------------------------------------------

    def _found(self, ask: Ask[Any]) -> Deferred[CallbackRow]:
        """Give the callback that the URL names, if the caller reaches it. Fails with Refused (404)."""
        callback_id = id_of(ask.where["callback"])
        if callback_id is None:
            raise _unknown()
        return self._leads.callback(callback_id).addCallback(_within_reach, ask.caller)

    def _waiting(self, ask: Ask[Any]) -> Deferred[CallbackRow]:
        """The same, if it can still be changed. Fails with Refused (404, 409)."""
        return self._found(ask).addCallback(_require_waiting)

    def _now(self, ask: Ask[Any], status: int, callback_id: int) -> Deferred[Reply]:
        """The callback as it is now that it is done; its id alone when the database cannot be asked just then."""
        place = f"{BASE}/callbacks/{callback_id}"
        found = self._leads.callback(callback_id).addCallback(_within_reach, ask.caller)
        answered = found.addCallback(lambda row: told(ask.request, _told(row), status, Location=place))
        return answered.addErrback(
            lambda failure: failure.trap(DatabaseAway) and reply(status, {"id": callback_id}, Location=place)
        )


def _wanted(ask: Ask[Nothing], most: int) -> CallbackQuery:
    query, agent = ask.query, ask.query.text("agent")
    if agent:
        ask.caller.require_agent(agent)
    return CallbackQuery(
        user=agent or ask.caller.only_agent,
        campaign=query.text("campaign"),
        lead_id=query.id("lead_id"),
        waiting=query.flag("waiting") if query.text("waiting") else None,
        due_before=query.time("due_before"),
        after=query.cursor_id() or 0,
        limit=most,
    )


def _require_own(caller: Caller, agent: str | None) -> None:
    """An agent's token promises what that agent keeps. Raises Refused (403)."""
    if agent is None:
        caller.require_more_than_agent("The token is for an agent's own callbacks.")
    else:
        caller.require_agent(agent)


def _changed(row: CallbackRow, body: CallbackChange) -> tuple[CallbackWish, str]:
    """What is promised from now on, and who is to keep it."""
    before = None if row.anyone else row.user
    agent = before if isinstance(body.keeper, UnsetType) else body.keeper
    due = row.due if isinstance(body.due, UnsetType) else epoch_of(body.due)
    comments = row.comments if isinstance(body.comments, UnsetType) else body.comments
    return CallbackWish(due, agent is None, comments), agent or ""


def _within_reach(row: CallbackRow | None, caller: Caller) -> CallbackRow:
    """What is another's, or anybody's, is as little there for an agent's token as what never was."""
    if row is None or not caller.reaches("" if row.anyone else row.user):
        raise _unknown()
    return row


def _require_waiting(row: CallbackRow) -> CallbackRow:
    if row.status != WAITING:
        raise Refused(problem(409, "callback_over", "It was kept already, or taken back.", callback=_told(row)))
    return row


def _unknown() -> Refused:
    return Refused(problem(404, "callback_unknown", "There is no such callback."))


def _told(row: CallbackRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "lead_id": row.lead_id,
        "campaign": row.campaign,
        "agent": None if row.anyone else row.user,
        "due": row.due,
        "comments": row.comments or None,
        "status": row.status,
        "created": row.created,
        "made_by_call": row.made_by_call or None,
        "kept_by_call": row.call_id or None,
    }
