"""The routes of numbers that must not be called: the system's list, and one of each campaign."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from agentd.core.calls.numbers import clean_number
from agentd.dialects.native.bodies import Nothing
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import Ask, acts, looks
from agentd.dialects.native.lines import Lines
from agentd.dialects.native.queries import Query, page_of, refuse, text_of
from agentd.dialects.native.replies import Reply, reply
from agentd.dialects.native.routing import Routes, Tools, route
from agentd.dialects.native.words import MOST, PAGE

__all__ = ["DncRoutes"]

_NOT_HIS = "The lists of numbers not to call are not an agent's."
_BETWEEN = " "  # between campaign and number in a cursor; neither has one in it


class DncRoutes(Routes):
    """Looking, putting on a list, taking off it."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._leads = tools.operations.leads
        self._lines = Lines(tools.operations)

    @route("GET", "/dnc")
    @looks(Scope.LEADS, "number", "campaign", "system", "limit", "cursor")
    def dnc(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """The numbers of all lists, or of one, a page at a time."""
        ask.caller.require_more_than_agent(_NOT_HIS)
        query, most = ask.query, ask.query.number("limit", PAGE, MOST)
        found = self._leads.numbers(
            _list(query), query.phone_number("number").removeprefix("+"), _after(query), most + 1
        )
        return found.addCallback(lambda rows: page_of("numbers", rows, most, _told, _BETWEEN.join))

    @route("PUT", "/dnc/<number>")
    @acts(Scope.LEADS, Nothing)
    def list_number(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Have a number called by nobody."""
        return self._change(ask, "", listed=True)

    @route("DELETE", "/dnc/<number>")
    @acts(Scope.LEADS, Nothing)
    def unlist_number(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Have it called again, unless a campaign's list has it."""
        return self._change(ask, "", listed=False)

    @route("PUT", "/campaigns/<name>/dnc/<number>")
    @acts(Scope.LEADS, Nothing)
    def list_campaign_number(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Have a number not called by that campaign."""
        return self._change(ask, self._lines.campaign_named(ask.where["name"]).name, listed=True)

    @route("DELETE", "/campaigns/<name>/dnc/<number>")
    @acts(Scope.LEADS, Nothing)
    def unlist_campaign_number(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Have it called again by that campaign, unless the system's list has it."""
        return self._change(ask, self._lines.campaign_named(ask.where["name"]).name, listed=False)

    def _change(self, ask: Ask[Nothing], campaign: str, *, listed: bool) -> Deferred[Reply]:
        ask.caller.require_more_than_agent(_NOT_HIS)
        number = clean_number(ask.where["number"]).removeprefix("+")  # the lists have digits alone
        done = self._leads.change_dnc(number, campaign, listed=listed, by=ask.caller.name)
        return done.addCallback(
            lambda _: reply(200, {"number": number, "campaign": campaign or None, "listed": listed})
        )


def _list(query: Query) -> str | None:
    """The one list that is wanted: a campaign's, or the system's (empty); None: all."""
    campaign = query.text("campaign")
    if query.flag("system") and campaign:
        refuse("system", "One list is that of the system or of a campaign, not both.")
    return campaign or ("" if query.flag("system") else None)


def _after(query: Query) -> tuple[str, str]:
    campaign, between, number = text_of(query.text("cursor")).partition(_BETWEEN)
    if query.text("cursor") and not between:
        refuse("cursor", "It is not one that was given here.")
    return campaign, number


def _told(row: tuple[str, str]) -> dict[str, str | None]:
    campaign, number = row
    return {"number": number, "campaign": campaign or None}
