"""Agents on a switch, whichever it is: a World and an Engine above it, and the parties that they reach.

A test says what the agents and the far ends do; what the switch then says to the engine is kept in ``heard``.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from agentd.core import commands as c
from agentd.core.effects import Effect, HangUpLeg, Ring, RingMonitor, RingToWait
from agentd.core.model import (
    Call,
    CallState,
    DialRequest,
    Leg,
    MonitorMode,
    Place,
    PlaceKind,
    Role,
    Session,
    SessionState,
    Waiting,
)
from agentd.core.records import CampaignSet
from agentd.core.settings import Settings
from agentd.core.world import World
from agentd.engine.callers import Arrivals
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from agentd.engine.operations import Operations
from agentd.engine.ports import Caller, Switch
from agentd.sandbox.rig import Manner
from tests.faces.people import campaign, reference
from tests.faces.scripted import DictStore, MemoryJournal

AGENTS = {"1000": "502", "1001": "503"}
"""The agents, and the phone that each has."""
CUSTOMER, ANOTHER, THIRD = "7275551212", "7275551245", "7275551230"
"""Outside numbers that answer at once."""
REMOTE, FAR_AWAY = "1028", "7275551299"
"""A remote agent, who takes SALESLINE, and his number, which answers at once, too."""
CALLER, ANOTHER_CALLER = "7275559930", "7275559931"
"""Numbers of customers who call in."""
SUPERVISOR = "505"
"""A supervisor's phone."""
BUSY, RINGS_ON, CONGESTED, DECLINES, UNKNOWN = "7275551200", "7275551201", "7275551202", "7275551221", "7275551222"
SILENT_PHONE, BUSY_PHONE, DECLINING_PHONE, UNPLUGGED_PHONE = "521", "522", "504", "523"
PLAYED, MISSING = "8500", "8599"
"""An extension that plays a message, and one that is not in the dialplan."""
MANNERS: dict[str, Manner] = {
    CUSTOMER: "answers",
    ANOTHER: "answers",
    THIRD: "answers",
    FAR_AWAY: "answers",
    DECLINES: "rejects",
    UNKNOWN: "unknown",
    DECLINING_PHONE: "rejects",
}
"""Who behaves otherwise than the number says, or at another time."""

COMES: list[type[c.Command]] = [c.LegPlaced, c.LegRinging, c.LegAnswered, c.LegJoined]
COMES_UNHEARD: list[type[c.Command]] = [c.LegPlaced, c.LegAnswered, c.LegJoined]
COMES_AND_GOES = [c.LegPlaced, c.LegRinging, c.LegAnswered, c.LegGone, c.LegJoined, c.LegLeft]
COMES_AND_GOES_UNHEARD = [c.LegPlaced, c.LegAnswered, c.LegGone, c.LegJoined, c.LegLeft]
"""Stories: of a leg that enters its conference, of an extension (which does not ring), and of both to their end."""
RING_TIME = 2
"""Seconds for which phones and customers are rung."""
SETTINGS = Settings(
    ring_time=RING_TIME,
    recall_phone=False,
    default_campaign="TESTCAMP",
    extensions="Local/{number}@agentd-extensions/n",
)
STRAY_ROOM = "8600899"
STALE = "M1100000000000000001"
"""The key of a call that nobody has."""


class Listener(Engine):
    """An engine that remembers what it is fed from below, and tells ``noticed`` after each change."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.heard: list[c.Command] = []
        self.noticed: Callable[[], object] = lambda: None

    def feed(self, command: c.Command) -> None:
        if not isinstance(command, c.Tick | c.GrantIds | c.ReferenceChanged):
            self.heard.append(command)
        super().feed(command)
        self.noticed()


class Stage(ABC):
    """Agents 1000 and 1001 in TESTCAMP, on a switch to be tried. Campaign DEADEND has a trunk without a peer."""

    switch: Switch
    prompt = ""
    """The campaign's IVR prompt, which plays for a second and a half."""
    message = ""
    """The message that the campaign leaves, which plays for a second and a half, too."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.world = World(SETTINGS, secrets.token_hex(4))
        self.fatal: list[OSError] = []
        self.journal = MemoryJournal()
        self.rung: dict[str, str] = {}
        self.turned_away: list[str] = []

    def furnish(self, switch: Switch) -> None:
        """Put the switch below the engine, and people and numbers into the World."""
        self.switch = switch
        self._perform, switch.perform = switch.perform, self._remember  # type: ignore[method-assign]
        self.engine = Listener(self.world, self.journal, switch, self.clock, self.fatal.append)
        campaigns = (
            campaign(dial_timeout=RING_TIME, ivr_prompt=self.prompt, leave_message=self.message),
            campaign("DEADEND", number=3, trunk=f"PJSIP/{{number}}@{UNPLUGGED_PHONE}", dial_timeout=RING_TIME),
        )
        records = [*reference(), *(CampaignSet(each.name, each) for each in campaigns)]
        self.engine.feed(c.ReferenceChanged(tuple(records)))
        for kind in ("session", "call", "lead", "recording"):
            self.engine.feed(c.GrantIds(kind, 1000, 9999))
        self.operations = Operations(self.engine, DictStore(self.world.state))
        self.arrivals = Arrivals(self.operations.arrive, self._turn_away)

    def _remember(self, effect: Effect) -> None:
        if isinstance(effect, Ring | RingToWait | RingMonitor):
            self.rung[effect.leg] = effect.resource.partition("/")[2].partition("@")[0]
        self._perform(effect)

    def take_up(self, caller: Caller) -> None:
        """The switch tells of somebody who waits."""
        self.rung[caller.leg] = caller.number
        self.arrivals.take_up(caller)

    def _turn_away(self, channel: str) -> None:
        self.turned_away.append(channel)
        self.turn_away(channel)
        self.engine.noticed()

    # --- what is ---------------------------------------------------------------------------------------------

    @property
    def heard(self) -> list[c.Command]:
        """What the switch said, oldest first."""
        return self.engine.heard

    def news_of(self, leg: str) -> list[c.Command]:
        """What the switch said of one leg."""
        return [command for command in self.heard if getattr(command, "leg", None) == leg]

    def story(self, leg: str) -> list[type[c.Command]]:
        """The kinds of what was said of a leg, each once: those about its channel, then those about a conference.

        Each of the two is in order. Between them Asterisk guarantees none: a conference may tell that the leg has
        joined before the channel tells that it is up, even that it rings (22.10.1).
        """
        kinds = dict.fromkeys(type(news) for news in self.news_of(leg) if not isinstance(news, c.LegRead))
        return sorted(kinds, key=lambda kind: kind in {c.LegJoined, c.LegLeft, c.LegAt})

    def way(self, leg: str) -> list[Place]:
        """The places to which a leg has come, as it was told."""
        news = self.news_of(leg)
        return [
            each.place if isinstance(each, c.LegAt) else Place(PlaceKind.CONFERENCE, each.room)
            for each in news
            if isinstance(each, c.LegAt | c.LegJoined)
        ]

    def conference(self, agent: str = "1000") -> Place:
        """An agent's conference."""
        return Place(PlaceKind.CONFERENCE, self.session(agent).conference)

    def session(self, agent: str = "1000") -> Session:
        """An agent's session."""
        return self.world.state.sessions[agent]

    def call(self, agent: str = "1000") -> Call:
        """An agent's newest call."""
        return self.world.state.calls[self.session(agent).calls[-1]]

    def legs(self) -> dict[str, Leg]:
        """The legs that the World has."""
        return self.world.state.legs

    def last_leg(self) -> str:
        """The leg of which the switch spoke last."""
        return next(leg for leg in (getattr(news, "leg", "") for news in reversed(self.heard)) if leg)

    def news_of_legs(self) -> list[c.Command]:
        """What the switch said but for the news of the link."""
        return [news for news in self.heard if not isinstance(news, c.LinkUp | c.LinkDown)]

    # --- what agents do --------------------------------------------------------------------------------------

    def log_in(self, agent: str = "1000", phone: str = "", campaign: str = "") -> Deferred[Any]:
        """Log an agent in on his phone, or another."""
        return self.done(self.begin(c.LogIn(agent, phone or AGENTS[agent], campaign)))

    def begin(self, command: c.Command) -> Deferred[Any]:
        """Submit a command, and let no time pass."""
        return self.engine.submit(command)

    @staticmethod
    def request(number: str) -> DialRequest:
        """A manual dial of this number."""
        return DialRequest(number, "1")

    def dial(self, number: str = CUSTOMER, agent: str = "1000") -> Deferred[Any]:
        """Have an agent dial; done when the channel is there."""
        return self.done(self.begin(c.Dial(agent, self.request(number))))

    async def arrive(self, agent: str = "1000") -> str:
        """Have an agent log in, and his phone in his conference; its leg."""
        await self.log_in(agent)
        leg = self.session(agent).leg
        await self.told(leg, COMES)
        return leg

    async def talk(self, number: str = CUSTOMER, agent: str = "1000") -> str:
        """Have an agent dial, and the customer in his conference; the customer's leg."""
        await self.dial(number, agent)
        await self.until(lambda: self.session(agent).state is SessionState.INCALL)
        leg = self.call(agent).leg
        await self.told(leg, COMES_UNHEARD if number == PLAYED else COMES)
        return leg

    async def ring(self, number: str = RINGS_ON, agent: str = "1000") -> str:
        """Have an agent dial a number that rings on, until it rings; the customer's leg."""
        await self.dial(number, agent)
        await self.until(lambda: self.call(agent).state is CallState.RINGING)
        return self.call(agent).leg

    def hang_up(self, agent: str = "1000") -> Deferred[Any]:
        """Have an agent hang up his customer, or stop dialling him."""
        return self.done(self.begin(c.HangUp(agent)))

    def do(self, command: c.Command) -> Deferred[Any]:
        """Submit a command; what it gives when it is done, or why it failed."""
        return self.done(self.begin(command))

    async def third(self, number: str = THIRD, agent: str = "1000", *, hold: bool = False) -> str:
        """Have an agent call a third party into his conference; its leg."""
        await self.do(c.DialThird(agent, number, hold=hold))
        leg = self.call(agent).third
        await self.goes(leg, self.conference(agent))
        return leg

    async def comes(self, ingroup: str = "SALESLINE", number: str = CALLER, wanted: str = "") -> str:
        """Have a customer call an in-group while nobody answers the dialplan, and be taken up in the wait; his leg."""
        self.calls_in(ingroup, number, wanted)
        await self.until(lambda: self.waiting(number))
        return self.waiting(number)[0].leg

    def waiting(self, number: str = CALLER) -> list[Waiting]:
        """The place in line of the customer with this number, if he has one."""
        state = self.world.state
        return [each for each in state.waiting.values() if state.calls[each.call_id].number == number]

    async def supervise(self, mode: MonitorMode, agent: str = "1000") -> str:
        """Have the supervisor's phone rung, or do something else, until it does; its leg."""
        await self.do(c.Supervise(agent, SUPERVISOR, mode, "6666"))
        [leg] = self.world.state.monitors
        await self.until(lambda: self.world.state.monitors[leg].since)
        return leg

    async def goes(self, leg: str, *places: Place) -> None:
        """Wait until this is the way that a leg has gone."""
        try:
            await self.until(lambda: self.way(leg) == [*places])
        except AssertionError:
            assert self.way(leg) == [*places]

    def log_out(self, agent: str = "1000") -> Deferred[Any]:
        """Log an agent out, also while his phone still rings."""
        return self.done(self.begin(c.LogOut(agent, at_once=True)))

    # --- what a test waits for -------------------------------------------------------------------------------

    @abstractmethod
    def done(self, operation: Deferred[Any]) -> Deferred[Any]:
        """What an operation gives or fails with; at most 10 s."""

    @abstractmethod
    def until(self, so: Callable[[], object]) -> Deferred[None]:
        """Wait until something is so; at most 10 s."""

    @abstractmethod
    async def passes(self, seconds: float) -> None:
        """Let time pass, because something is to last."""

    @abstractmethod
    async def settled(self) -> None:
        """Wait until the switch has said everything that there is to say of what has happened by now."""

    async def told(self, leg: str, story: list[type[c.Command]]) -> None:
        """Wait until this is what was said of a leg."""
        try:
            await self.until(lambda: self.story(leg) == story)
        except AssertionError:
            assert self.story(leg) == story

    async def until_gone(self, leg: str, story: list[type[c.Command]]) -> c.LegGone:
        """Wait until a leg's channel has ended and this is its story; it has ended once. How it ended."""
        await self.told(leg, story)
        await self.settled()
        assert self.story(leg) == story
        [end] = [news for news in self.news_of(leg) if isinstance(news, c.LegGone)]
        assert leg not in self.legs()
        return end

    # --- what others do --------------------------------------------------------------------------------------

    @abstractmethod
    async def open(self) -> None:
        """Bring the link up."""

    @abstractmethod
    async def close(self) -> None:
        """Take the link down for good."""

    @abstractmethod
    def calls_in(self, ingroup: str, number: str, wanted: str = "") -> None:
        """A customer calls an in-group; nobody answers the dialplan, which brings him to the wait."""

    @abstractmethod
    def turn_away(self, channel: str) -> None:
        """A caller is told that he is not taken."""

    @abstractmethod
    async def channels(self) -> set[str]:
        """The unique ids of all channels that carry our variables."""

    @abstractmethod
    async def leaves(self, leg: str) -> None:
        """The far end of a leg hangs up; done when the channel is gone."""

    @abstractmethod
    async def ended_by_others(self, leg: str) -> None:
        """The administrator ends a channel; done when it is gone."""

    @abstractmethod
    async def sent_away(self, leg: str) -> None:
        """The administrator moves a channel out of its conference."""

    @abstractmethod
    async def appears(self, uniqueid: str, session_id: int, call_key: str) -> None:
        """A customer's channel that this engine did not make sits in a conference."""

    @abstractmethod
    async def vanished(self, uniqueid: str) -> None:
        """Wait until a channel that is no leg has ended."""

    @abstractmethod
    async def cut(self) -> None:
        """The link to Asterisk is lost, and stays so; done when the engine knows."""

    @abstractmethod
    async def mend(self) -> c.LinkUp:
        """The link is back; what the engine was told then."""

    async def empty(self) -> None:
        """Send everybody home. Afterwards there is no leg and no channel: this is a test, too."""
        for agent in list(self.world.state.logins):
            await self.log_out(agent)
        for leg in list(self.legs().values()):
            if leg.role is not Role.AGENT:
                self.switch.perform(HangUpLeg(leg.id))
        await self.until(lambda: all(leg.role is Role.AGENT for leg in self.legs().values()))
        for agent in list(self.world.state.sessions):
            await self.log_out(agent)
        await self.until(lambda: not self.legs())
        await self.settled()
        for uniqueid in await self.channels():  # whoever talked on with a leg is ended by the dialplan
            await self.vanished(uniqueid)
        assert await self.channels() == set()
        assert self.fatal == []
