"""The routes of what administrators set up: for each kind the same, made from its site."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from agentd.core.errors import ChangedMeanwhile
from agentd.dialects.native.admin_sites import SITES, Site, change_body, new_body
from agentd.dialects.native.bodies import Nothing
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import FACE, Ask, acts, looks
from agentd.dialects.native.etags import has_tag, wanted_tags
from agentd.dialects.native.queries import Query, page_of, text_of
from agentd.dialects.native.replies import Refused, Reply, problem, reply
from agentd.dialects.native.routing import Routes, Tools, route
from agentd.dialects.native.words import MOST, PAGE
from agentd.engine.kinds import (
    LIST,
    TOKEN,
    Action,
    By,
    Change,
    Named,
    ThingQuery,
    revision_of,
    view,
)
from agentd.engine.ports import AuditQuery, AuditRow
from agentd.http.kit import json_text

__all__ = ["AUDIT_FILTERS", "AdminRoutes"]

AUDIT_FILTERS = ("who", "kind", "name", "since", "until", "limit", "cursor")

_FLAGS = frozenset({"active", "selectable"})


class AdminRoutes(Routes):
    """Looking, making, changing, taking away; and who did."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._administration = tools.operations.administration

    @route("GET", "/audit")
    @looks(Scope.ADMIN, *AUDIT_FILTERS)
    def audit(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Who changed what, the newest first, a page at a time."""
        query, most = ask.query, ask.query.number("limit", PAGE, MOST)
        wanted = AuditQuery(
            who=query.text("who"),
            kind=query.text("kind"),
            name=query.text("name"),
            since=query.time("since"),
            until=query.time("until"),
            before=query.cursor_id(),
            limit=most + 1,
        )
        found = self._administration.audit(wanted)
        return found.addCallback(lambda rows: page_of("changes", rows, most, _row, lambda row: row.id))

    # --- any kind --------------------------------------------------------------------------------------------

    def find(self, site: Site, ask: Ask[Any]) -> Deferred[Reply]:
        """Things in the order of their keys, a page at a time."""
        kind, most = site.kind, ask.query.number("limit", PAGE, MOST)
        query = ThingQuery(
            campaign=ask.where.get("campaign", ""),
            having=_having(site, ask.query),
            after=text_of(ask.query.text("cursor")),
            limit=most + 1,
        )
        found = self._administration.things(kind, query)
        return found.addCallback(lambda things: page_of(site.member, things, most, partial(view, kind), kind.key_of))

    def read(self, site: Site, ask: Ask[Any]) -> Deferred[Reply]:
        """One thing; 304 when the client has it already."""

        def tell(thing: Any) -> Reply:
            # How many leads a list has changes without a change of the list.
            if site.kind is not LIST and has_tag(ask.request, _tag(site, thing)):
                return Reply(304, headers={"ETag": _tag(site, thing)})
            return _told(site, thing)

        return self._administration.thing(site.named(dict(ask.where))).addCallback(tell)

    def create(self, site: Site, ask: Ask[Any]) -> Deferred[Reply]:
        """Make one; a token's text is told here and never again."""
        values, by = ask.body.given(), self._by(ask)
        if site.kind is TOKEN:
            return self._administration.create_token(values, by).addCallback(lambda made: _new_token(site, *made))
        named = Named(site.kind, str(values.pop(site.kind.key)), ask.where.get("campaign", ""))
        done = self._administration.carry_out(Change(Action.CREATE, named, by, values))
        return done.addCallback(lambda made: _told(site, made.thing, 201, Location=site.place(named)))

    def change(self, site: Site, action: Action, ask: Ask[Any]) -> Deferred[Reply]:
        """Change the fields that are given, or (REPLACE) all of them."""
        change = self._wanted(site, action, ask, ask.body.given())
        done = self._administration.carry_out(change).addCallback(lambda made: _told(site, made.thing))
        return done.addErrback(self._tell_present, site, change.named)

    def delete(self, site: Site, ask: Ask[Any]) -> Deferred[Reply]:
        """Take one away; of a list, its leads too if that is wanted."""
        change = self._wanted(site, Action.DELETE, ask, {})
        if site.kind is LIST:
            with_leads = ask.query.flag("with_leads")
            done = self._administration.delete_list(change, with_leads=with_leads).addCallback(_emptied, change.named)
        else:
            done = self._administration.carry_out(change).addCallback(lambda _: Reply(204))
        return done.addErrback(self._tell_present, site, change.named)

    def _wanted(self, site: Site, action: Action, ask: Ask[Any], values: dict[str, Any]) -> Change:
        named = site.named(dict(ask.where))
        return Change(action, named, self._by(ask), values, wanted_tags(ask.request))

    def _by(self, ask: Ask[Any]) -> By:
        return self._administration.by(ask.caller.name, FACE)

    def _tell_present(self, failure: Failure, site: Site, named: Named) -> Deferred[Reply]:
        """To whoever wanted to change another version, how it is now."""
        failure.trap(ChangedMeanwhile)

        def refuse(thing: Any) -> Reply:
            headers = {"ETag": _tag(site, thing)}
            present = view(site.kind, thing)
            raise Refused(problem(412, "changed_meanwhile", failure.getErrorMessage(), headers, present=present))

        return self._administration.thing(named).addCallback(refuse)


# --- what is told --------------------------------------------------------------------------------------------


def _tag(site: Site, thing: Any) -> str:
    return f'"{revision_of(site.kind, thing)}"'


def _told(site: Site, thing: Any, status: int = 200, **headers: str) -> Reply:
    return reply(status, view(site.kind, thing), ETag=_tag(site, thing), **headers)


def _new_token(site: Site, plain: str, token: Any) -> Reply:
    """The journal, which keeps answers for their Idempotency-Key, must not have its text."""
    place = site.place(Named(TOKEN, token.digest))
    told, shown = _told(site, token, 201, Location=place), view(TOKEN, token)
    return Reply(
        201,
        json_text({**shown, "token": plain}),
        told.headers,
        kept=json_text({**shown, "token": None}),
    )


def _emptied(left: int, named: Named) -> Reply:
    return reply(202, {"id": int(named.key), "leads": left}) if left else Reply(204)


def _row(row: AuditRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at,
        "who": row.who,
        "face": row.face,
        "kind": row.kind,
        "name": row.name,
        "action": row.action,
        "before": row.before,
        "after": row.after,
    }


def _having(site: Site, query: Query) -> dict[str, Any]:
    """The fields by which things are looked for. Raises Refused."""
    said = [name for name in site.kind.filters if query.text(name)]
    return {name: query.flag(name) if name in _FLAGS else query.text(name) for name in said}


# --- the routes of each site ---------------------------------------------------------------------------------

Handler = Callable[[AdminRoutes, Ask[Any]], "Deferred[Reply]"]


def _handler(verb: str, does: str, work: Callable[..., Deferred[Reply]], *fixed: Any) -> Handler:
    """A handler of that name, as routes have them."""

    def handler(routes: AdminRoutes, ask: Ask[Any]) -> Deferred[Reply]:
        return work(routes, *fixed, ask)

    handler.__name__, handler.__doc__ = verb, does
    return handler


def _serve(site: Site) -> None:
    """Give the class of routes those of a site."""
    kind, one = site.kind, f"{site.name}_settings" if site.apart else site.name
    if not site.apart:
        look = _handler(site.plural, f"Every {kind.name}.", AdminRoutes.find, site)
        _add("GET", site.path, looks(site.reads, *kind.filters, "limit", "cursor")(look))
    _add("GET", site.settings, looks(site.reads)(_handler(one, f"One {kind.name}.", AdminRoutes.read, site)))
    create = _handler(f"create_{site.name}", f"Make a {kind.name}.", AdminRoutes.create, site)
    _add("POST", site.path, acts(Scope.ADMIN, new_body(kind))(create))
    _serve_changes(site, one)
    flags = ("with_leads",) if kind is LIST else ()
    delete = _handler(f"delete_{site.name}", f"Take a {kind.name} away.", AdminRoutes.delete, site)
    _add("DELETE", site.item, acts(Scope.ADMIN, Nothing, *flags, versioned=True)(delete))


def _serve_changes(site: Site, one: str) -> None:
    body = change_body(site.kind)
    for method, verb, action in (("PATCH", "change", Action.CHANGE), ("PUT", "replace", Action.REPLACE)):
        does = f"{verb.capitalize()} a {site.kind.name}."
        handler = _handler(f"{verb}_{one}", does, AdminRoutes.change, site, action)
        _add(method, site.settings, acts(Scope.ADMIN, body, versioned=True)(handler))


def _add(method: str, path: str, handler: Any) -> None:
    setattr(AdminRoutes, handler.__name__, route(method, path)(handler))


for _site in SITES:
    _serve(_site)
