"""The routes of a CRM's activities: what it has planned, so that an agent can dial it by its id."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote

from msgspec import Meta, Struct
from twisted.internet.defer import Deferred

from agentd.core.calls.numbers import clean_number
from agentd.core.errors import ActivityUnknown
from agentd.dialects.native.bodies import Digits, Foreign, Nothing, Number
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import Ask, acts, looks
from agentd.dialects.native.etags import Versions, told
from agentd.dialects.native.queries import page_of, text_of
from agentd.dialects.native.replies import Refused, Reply, problem
from agentd.dialects.native.routing import Routes, Tools, route
from agentd.dialects.native.words import BASE, MOST, PAGE
from agentd.engine.ports import Activity

__all__ = ["ActivityRoutes"]

_NOT_HIS = "What the CRM has planned is not an agent's to see or change."

# A slash would divide the path of the activity.
PlanId = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029/]+\Z")]
Subject = Annotated[str, Meta(max_length=200, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")]


class PlanBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom an activity is to call, and about what."""

    number: Number
    phone_code: Digits = ""
    account: Foreign = ""
    subject: Subject = ""

    def activity(self, activity_id: str) -> Activity:
        """The activity of that id. Raises NumberNotAllowed."""
        return Activity(activity_id, clean_number(self.number), self.phone_code, self.account, self.subject)


class ActivityBody(PlanBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same with the id that the CRM has for it."""

    id: PlanId


class ActivityRoutes(Routes):
    """Looking, planning, changing, forgetting."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._leads = tools.operations.leads
        self._versions = Versions()

    @route("GET", "/activities")
    @looks(Scope.LEADS, "limit", "cursor")
    def activities(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """All of them in the order of their ids, a page at a time."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        most = ask.query.number("limit", PAGE, MOST)
        found = self._leads.activities(text_of(ask.query.text("cursor")), most + 1)
        return found.addCallback(lambda rows: page_of("activities", rows, most, asdict, lambda row: row.id))

    @route("POST", "/activities")
    @acts(Scope.LEADS, ActivityBody)
    def add_activity(self, ask: Ask[ActivityBody]) -> Deferred[Reply]:
        """Keep a new one."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        activity = ask.body.activity(ask.body.id)
        done = self._leads.put_activity(activity, replace=False)
        return done.addCallback(lambda _: told(ask.request, asdict(activity), 201, Location=_where(activity)))

    @route("GET", "/activities/<id>")
    @looks(Scope.LEADS)
    def activity(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """One of them."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        found = self._leads.activity(ask.where["id"]).addCallback(_known)
        return found.addCallback(lambda activity: told(ask.request, asdict(activity)))

    @route("PUT", "/activities/<id>")
    @acts(Scope.LEADS, PlanBody, versioned=True)
    def put_activity(self, ask: Ask[PlanBody]) -> Deferred[Reply]:
        """Have it be this, whether there is one of that id (200) or not (201)."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        activity = ask.body.activity(_id(ask))
        return self._versions.change(
            ask.request,
            activity.id,
            lambda: self._leads.activity(activity.id),
            _content,
            lambda _: self._leads.put_activity(activity, replace=True).addCallback(
                lambda new: told(ask.request, asdict(activity), 201 if new else 200, Location=_where(activity))
            ),
        )

    @route("DELETE", "/activities/<id>")
    @acts(Scope.LEADS, Nothing, versioned=True)
    def delete_activity(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Forget it."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        return self._versions.change(
            ask.request,
            ask.where["id"],
            lambda: self._leads.activity(ask.where["id"]).addCallback(_known),
            _content,
            self._forget,
        )

    def _forget(self, activity: Activity) -> Deferred[Reply]:
        done = self._leads.delete_activity(activity.id)
        done.addErrback(lambda failure: failure.trap(ActivityUnknown) and None)
        return done.addCallback(lambda _: Reply(204))


def _id(ask: Ask[PlanBody]) -> str:
    """The id that the URL names, which a new activity may have. Raises Refused."""
    text = ask.where["id"]
    if len(text) > 40 or not text.isprintable():
        raise Refused(problem(400, "invalid_parameter", "An id has 1 to 40 printable characters.", parameter="id"))
    return text


def _known(activity: Activity | None) -> Activity:
    if activity is None:
        raise Refused(problem(404, "activity_unknown", "There is no such activity."))
    return activity


def _content(activity: Activity | None) -> dict[str, Any] | None:
    return None if activity is None else asdict(activity)


def _where(activity: Activity) -> str:
    return f"{BASE}/activities/{quote(activity.id, safe='')}"
