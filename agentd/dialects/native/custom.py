"""The route of a user's custom fields: what a CRM keeps about him, such as his name there."""

from __future__ import annotations

from msgspec import Struct
from twisted.internet.defer import Deferred

from agentd.dialects.native.bodies import Foreign
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import FACE, Ask, acts
from agentd.dialects.native.replies import Refused, Reply, problem, reply
from agentd.dialects.native.routing import Routes, route

__all__ = ["FIELDS", "CustomRoutes"]

FIELDS = ("one", "two", "three", "four", "five")
"""The custom fields of a user."""


class CustomBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What the field is to be; empty: nothing."""

    value: Foreign


class CustomRoutes(Routes):
    """Changing them."""

    @route("PUT", "/users/<user>/custom/<field>")
    @acts(Scope.SESSIONS, CustomBody)
    def set_custom(self, ask: Ask[CustomBody]) -> Deferred[Reply]:
        """Give a user's custom field a value; answered when that is in the database."""
        ask.caller.require_more_than_agent("What the CRM keeps about an agent is not his to change.")
        user, field, value = ask.where["user"], ask.where["field"], ask.body.value
        if user not in self._operations.state.users:
            raise Refused(problem(404, "user_unknown", f"There is no user {user[:40]}."))
        if field not in FIELDS:
            raise Refused(problem(404, "not_found", f"The custom fields are {', '.join(FIELDS)}."))
        by = self._operations.administration.by(ask.caller.name, FACE)
        done = self._operations.leads.set_custom(user, field, value, by)
        return done.addCallback(lambda _: reply(200, {"user": user, "field": field, "value": value or None}))
