"""What the native API says about in-groups, who waits in their lines, and campaigns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from twisted.internet.defer import Deferred

from agentd.core.dialler.figures import dialler_figures
from agentd.core.lines.distribution import in_order
from agentd.core.lines.figures import line_figures
from agentd.core.model import Campaign, InGroup, Waiting
from agentd.core.snapshot import caller_snapshot
from agentd.dialects.native.bodies import CampaignBody, Nothing
from agentd.dialects.native.callers import Caller, Scope
from agentd.dialects.native.door import FACE, Ask, acts, looks
from agentd.dialects.native.replies import Refused, Reply, problem, reply
from agentd.dialects.native.routing import Routes, Tools, route
from agentd.dialects.native.words import MOST, PAGE
from agentd.engine.operations import Operations

__all__ = ["LineRoutes", "Lines"]


class Lines:
    """Replies that say what is."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    # --- in-groups -------------------------------------------------------------------------------------------

    def ingroups(self) -> Reply:
        """All in-groups in the order of their names, each with its figures."""
        ingroups = sorted(self._operations.state.ingroups.values(), key=lambda ingroup: ingroup.name)
        return reply(200, {"ingroups": [self._ingroup(ingroup) for ingroup in ingroups]})

    def ingroup(self, ask: Ask[Nothing]) -> Reply:
        """One in-group, and those who wait in its line, in the order in which they will be served.

        Raises:
            Refused: 404, there is none of that name.
        """
        name, most = ask.where["name"], ask.query.number("limit", PAGE, MOST)
        ingroup = self._operations.state.ingroups.get(name)
        if ingroup is None:
            raise Refused(problem(404, "ingroup_unknown", f"There is no in-group {name[:40]}.", ingroup=name[:40]))
        callers = self._callers(ask.caller, ingroup.name)
        return reply(200, {**self._ingroup(ingroup), "callers": callers[:most]})

    def _ingroup(self, ingroup: InGroup) -> dict[str, Any]:
        told = {"name": ingroup.name, "title": ingroup.title, "active": ingroup.active}
        figures = _rounded(asdict(line_figures(self._operations.state, ingroup.name, self._operations.now)))
        del figures["ingroup"]
        return told | figures

    def _callers(self, caller: Caller, ingroup: str) -> list[dict[str, Any]]:
        """Those in the line whom the caller may see; places in it are told of the whole line."""
        state = self._operations.state
        line = in_order((waiting for waiting in state.waiting.values() if waiting.ingroup == ingroup), state)
        return [
            caller_snapshot(state, waiting, position)
            for position, waiting in enumerate(line, 1)
            if _may_see(caller, waiting)
        ]

    # --- campaigns -------------------------------------------------------------------------------------------

    def campaigns(self) -> Reply:
        """All campaigns in the order of their names."""
        campaigns = sorted(self._operations.state.campaigns.values(), key=lambda campaign: campaign.name)
        return reply(200, {"campaigns": [self._campaign(campaign) for campaign in campaigns]})

    def campaign(self, name: str) -> Reply:
        """One campaign.

        Raises:
            Refused: 404, there is none of that name.
        """
        return reply(200, self._campaign(self.campaign_named(name)))

    def campaign_named(self, name: str) -> Campaign:
        """The campaign that a URL names. Raises Refused (404)."""
        campaign = self._operations.state.campaigns.get(name)
        if campaign is None:
            raise Refused(problem(404, "campaign_unknown", f"There is no campaign {name[:40]}.", campaign=name[:40]))
        return campaign

    def _campaign(self, campaign: Campaign) -> dict[str, Any]:
        told = {
            "name": campaign.name,
            "title": campaign.title,
            "active": campaign.active,
            "dial_method": campaign.dial_method.value,
            "auto_dial_level": campaign.auto_dial_level,
            "max_drop_rate": campaign.max_drop_rate,
        }
        figures = _rounded(asdict(dialler_figures(self._operations.state, campaign.name, self._operations.now)))
        return told | figures | {"hopper": self._operations.hopper(campaign.name)}


class LineRoutes(Routes):
    """In-groups and campaigns as they are just now."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._lines = Lines(tools.operations)

    @route("GET", "/ingroups")
    @looks(Scope.SESSIONS)
    def ingroups(self, _ask: Ask[Nothing]) -> Reply:
        """All in-groups, with the figures of each."""
        return self._lines.ingroups()

    @route("GET", "/ingroups/<name>")
    @looks(Scope.CALLS, "limit")
    def ingroup(self, ask: Ask[Nothing]) -> Reply:
        """One in-group, and who waits in its line."""
        return self._lines.ingroup(ask)

    @route("GET", "/campaigns")
    @looks(Scope.SESSIONS)
    def campaigns(self, _ask: Ask[Nothing]) -> Reply:
        """All campaigns, and how each dials."""
        return self._lines.campaigns()

    @route("GET", "/campaigns/<name>")
    @looks(Scope.SESSIONS)
    def campaign(self, ask: Ask[Nothing]) -> Reply:
        """One of them."""
        return self._lines.campaign(ask.where["name"])

    @route("PATCH", "/campaigns/<name>")
    @acts(Scope.SUPERVISE, CampaignBody)
    def change_campaign(self, ask: Ask[CampaignBody]) -> Deferred[Reply]:
        """Change how many calls a campaign dials for each free agent; answered when it does so."""
        name = self._lines.campaign_named(ask.where["name"]).name
        by = self._operations.administration.by(ask.caller.name, FACE)
        done = self._operations.set_dial_level(name, ask.body.auto_dial_level, by)
        return done.addCallback(lambda _: self._lines.campaign(name))


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """The same without digits that mean nothing."""
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}


def _may_see(caller: Caller, waiting: Waiting) -> bool:
    """An agent's token sees those alone who wait for him, or are being brought to him."""
    return caller.reaches(waiting.wanted) or caller.reaches(waiting.offered)
