"""A day at a call centre, with plain numbers for time: callers, agents with whims, and an Asterisk that takes its time.

Everything goes through the real World. What people do is decided here, by what they see; what became of them is counted
here, too, so that the daemon's own figures can be compared with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random

from agentd.core import commands as c
from agentd.core import effects as x
from agentd.core import records as r
from agentd.core.errors import AgentdError
from agentd.core.model import PlaceKind, SessionKind, SessionState
from agentd.core.turn import Outcome
from agentd.core.world import World
from tests.core.asterisk import AGI, Asterisk, Channel
from tests.core.lines.staff import BEGIN, INGROUPS, SETTINGS, STEADY, reference

__all__ = ["Caller", "Floor"]

_LATENCY = (0.002, 0.03)  # of actions and of news, in seconds
_TALK = 60.0  # how long conversations are, on average
_WRAPUP = 5.0
_PATIENCE = 100.0
_WHIM = 12.0  # how often some agent does as he likes


@dataclass
class Caller:
    """A caller as he knows it himself: where he was sent when, and what became of him."""

    lines: list[tuple[str, float]]
    answered: list[tuple[str, str, float]] = field(default_factory=list)  # by whom, in which line, after how long
    treated: list[tuple[str, str]] = field(default_factory=list)  # in which line, and how
    hung_up: bool = False
    ends: list[str] = field(default_factory=list)  # how his calls were completed


class Floor:
    """The centre. ``watch`` is told of every outcome, before anything else happens."""

    def __init__(self, seed: int, callers: int, rate: float, watch: Callable[[Floor, Outcome], None]) -> None:
        self.random = Random(seed)
        self.now = BEGIN
        self.world = World(SETTINGS, "s0")
        self.pbx = Asterisk()
        self.callers: dict[str, Caller] = {}
        self.expected = callers
        self._rate = rate
        self._watch = watch
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._on_the_way: Counter[tuple[str, str]] = Counter()
        self._heard = 0.0  # when the news that were told last are heard
        self._done = 0.0  # when the action that was sent last is carried out
        self._calls: dict[int, str] = {}
        self.say(c.ReferenceChanged(tuple(reference())))
        self.say(c.LinkUp())

    # --- time ------------------------------------------------------------------------------------------------

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        heappush(self._agenda, (self.now + seconds, next(self._number), action))

    def run(self) -> None:
        """Let the day pass, until nobody calls any more and everybody has gone."""
        for name in self.world.state.users:
            self.log_in(name)
        self.later(10, self._somebody_calls)
        self.later(10, self._somebody_has_a_whim)
        while self._agenda:
            when, _, action = self._agenda[0]
            due = self.world.next_deadline()
            if due is not None and due <= when:
                self.now = max(self.now, due)
                self.say(c.Tick())
            else:
                heappop(self._agenda)
                self.now = when
                action()

    def is_over(self) -> bool:
        """Whether nobody will call any more, and nobody is on the line."""
        return len(self.callers) == self.expected and not self.world.state.calls

    # --- the World and its Asterisk --------------------------------------------------------------------------

    def say(self, command: c.Command) -> Outcome:
        outcome = self.world.apply(command, self.now)
        for effect in outcome.effects:
            self.pbx.inbox.append(effect)
            self._done = max(self._done, self.now + self.random.uniform(*_LATENCY))
            self.later(self._done - self.now, self._carry_out)
        self._watch(self, outcome)
        for record in outcome.records:
            self._heed(record)
        return outcome

    def ask(self, command: c.Command) -> None:
        """Ask for something that may be refused."""
        with suppress(AgentdError):
            self.say(command)

    def _carry_out(self) -> None:
        effect = self.pbx.inbox[0]
        self.pbx.carry_out()
        if isinstance(effect, x.Ring | x.RingToWait):
            self._rings(self.pbx.channels[effect.leg], effect)
        self._news()

    def _news(self) -> None:
        """Whatever Asterisk has to tell is heard a moment later, in order; what the dialplan asks, on its own line."""
        for source, news in self.pbx.sources.items():
            for _ in range(len(news) - self._on_the_way[source]):
                self._on_the_way[source] += 1
                moment = self.now + self.random.uniform(*_LATENCY)
                if source[1] != AGI:
                    moment = self._heard = max(self._heard, moment)
                self.later(moment - self.now, lambda source=source: self._hear(source))

    def _hear(self, source: tuple[str, str]) -> None:
        self._on_the_way[source] -= 1
        news = self.pbx.news(source)
        outcome = self.say(news)
        if source[1] == AGI:
            assert outcome.value
            self.pbx.go_on(source[0])
            self._news()

    # --- callers ---------------------------------------------------------------------------------------------

    def _somebody_calls(self) -> None:
        ingroup = self.random.choices(list(INGROUPS), [share for share, _ in INGROUPS.values()])[0]
        number = f"727{self.random.randrange(10**7):07d}"
        channel = self.pbx.call_in(ingroup, self.now, number, priority=self.random.choice([0, 0, 0, 1, 2]))
        self.callers[channel.leg] = Caller([])
        self.later(self.random.expovariate(1 / _PATIENCE), lambda: self._lose_patience(channel))
        self._news()
        if len(self.callers) < self.expected:
            self.later(self.random.expovariate(self._rate), self._somebody_calls)

    def _lose_patience(self, channel: Channel) -> None:
        if channel.leg in self.pbx.channels and channel.place.kind is PlaceKind.WAIT:
            self.callers[channel.leg].hung_up = True
            self._hang_up(channel.leg)

    def _hang_up(self, leg: str) -> None:
        channel = self.pbx.channels.get(leg)
        if channel is not None:
            self.pbx.end(channel, 16, far_end=True)
            self._news()

    # --- what people do about what happens -------------------------------------------------------------------

    def _heed(self, record: r.Record) -> None:
        if isinstance(record, r.CallWaiting):
            self._calls[record.call_id] = record.leg
            self.callers[record.leg].lines.append((record.ingroup, self.now))
        elif isinstance(record, r.CallRerouted):
            self.callers[self._calls[record.call_id]].lines.append((record.ingroup, self.now))
        elif isinstance(record, r.CallTreated):
            self.callers[record.leg].treated.append((record.ingroup, record.how))
        elif isinstance(record, r.CallDelivered):
            self._talk(record)
        elif isinstance(record, r.LegLeftBehind):
            self.later(5, lambda: self._hang_up(record.leg))
        elif isinstance(record, r.CallDisposed):
            self.callers[self._calls[record.call_id]].ends.append(record.status)
        elif isinstance(record, r.StateEntered):
            self._state_entered(record)

    def _talk(self, record: r.CallDelivered) -> None:
        leg = self._calls[record.call_id]
        caller, channel = self.callers[leg], self.pbx.channels.get(leg)
        assert channel is None or channel.place.kind is PlaceKind.CONFERENCE, "said to talk, and does not"
        line, since = caller.lines[-1]
        caller.answered.append((record.agent, line, self.now - since))
        seconds = self.random.expovariate(1 / _TALK)
        if self.random.random() < 0.5 or record.agent_leg:
            self.later(seconds, lambda: self._hang_up(self.random.choice([leg, record.agent_leg or leg])))
        else:
            self.later(seconds, lambda: self.ask(c.HangUp(record.agent, record.call_id)))

    def _state_entered(self, record: r.StateEntered) -> None:
        if record.state is SessionState.WRAPUP:
            seconds = self.random.expovariate(1 / _WRAPUP)
            self.later(seconds, lambda: self.ask(c.Dispose(record.agent, "A")))
        elif record.state is SessionState.PAUSED and record.code == "MISSED":
            self.later(30, lambda: self.ask(c.Resume(record.agent)))

    def _rings(self, channel: Channel, ring: x.Ring | x.RingToWait) -> None:
        """A phone that is called for a call is not always answered."""
        session = next((each for each in self.world.state.sessions.values() if each.id == ring.session_id), None)
        seated = session is None or session.kind is SessionKind.SEATED
        if seated or self.random.random() < 0.7:
            self.later(self.random.uniform(0.5, 4), lambda: self._pick_up(channel))
        elif self.random.random() < 0.5:
            self.later(1, lambda: self._not_answered(channel, 17))
        else:
            self.later(ring.timeout, lambda: self._not_answered(channel, 19))

    def _pick_up(self, channel: Channel) -> None:
        if channel.leg in self.pbx.channels:
            self.pbx.pick_up(channel)
            self.pbx.come_in(channel)
            self._news()

    def _not_answered(self, channel: Channel, cause: int) -> None:
        if channel.leg in self.pbx.channels:
            self.pbx.end(channel, cause, far_end=cause == 17)
            self._news()

    # --- agents as they like ---------------------------------------------------------------------------------

    def log_in(self, name: str) -> None:
        self.ask(c.LogIn(name, ready=True))

    def _somebody_has_a_whim(self) -> None:
        if self.is_over():
            return
        name = self.random.choice([user for user in self.world.state.users if user not in STEADY])
        whim = self.random.choices(
            [self._take_a_break, self._change_ingroups, self._go_home, self._drop_the_phone], [8, 4, 2, 1]
        )[0]
        whim(name)
        self.later(self.random.expovariate(1 / _WHIM), self._somebody_has_a_whim)

    def _take_a_break(self, name: str) -> None:
        self.ask(c.Pause(name, "BREAK"))
        self.later(self.random.expovariate(1 / 60), lambda: self.ask(c.Resume(name)))

    def _change_ingroups(self, name: str) -> None:
        choice = self.random.choice(list(c.Choice))
        others = [ingroup for ingroup in INGROUPS if ingroup not in {"FAIR", "NOBODY"}]
        self.ask(c.ChangeInGroups(name, choice, tuple(self.random.sample(others, self.random.choice([1, 2, 3])))))

    def _go_home(self, name: str) -> None:
        self.ask(c.LogOut(name))
        self.later(self.random.uniform(60, 300), lambda: self.log_in(name))

    def _drop_the_phone(self, name: str) -> None:
        session = self.world.state.sessions.get(name)
        if session is not None:
            self._hang_up(session.leg)
