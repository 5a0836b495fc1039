"""A call centre for property tests: a Desk, an Asterisk that does its worst, and what stays true all the same.

The Desk checks after every command: the invariants, replay(records) == State, the next deadline, revisions, that a
refused command changed nothing and that no operation is settled twice. Here is what takes both sides to see.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from agentd.core import commands as c
from agentd.core import effects as x
from agentd.core import records as r
from agentd.core.errors import AgentdError
from agentd.core.model import Leg, PlaceKind, Role, Why
from agentd.core.settings import Settings
from tests.core.asterisk import AGI, Asterisk, Channel, Mood, Rings
from tests.core.desk import Desk
from tests.core.invariants import is_being_ended
from tests.core.ledger import Ledger
from tests.core.promised import Promised
from tests.core.settled import AGAIN, check_settled, free_lines

UNANSWERED = {PlaceKind.ASKED, PlaceKind.DIALLING}
TIGHT = Settings(conference_last=8600053, max_sessions=4, max_calls=9, default_campaign="TESTCAMP")
MOVES = (x.Join, x.Hold, x.Prompt, x.PlayMessage, x.SendOut, x.SetMonitor, x.Announce, x.Voicemail)


class CallCentre:
    """Agents, an Asterisk and the time."""

    def __init__(self) -> None:
        self.desk = Desk(TIGHT)
        self.pbx = Asterisk()
        self.rung: set[str] = set()
        self.astray: set[str] = set()  # channels that somebody else has moved
        self.ledger = Ledger()
        self.promised = Promised()
        self.read = 0
        self._sent()

    # --- saying things -----------------------------------------------------------------------------------------

    def ask(self, command: c.Command) -> None:
        """Give a command from outside, which may be refused."""
        try:
            self.desk.ask(command)
        except AgentdError:
            assert not self.desk.effects
        self._sent()

    def hear(self, command: c.Command) -> None:
        """Hear something from Asterisk, a timer or management."""
        if isinstance(command, c.CallArrived | c.LogInByPhone):
            self._arrives(command)
            return
        leg = self.desk.state.legs.get(getattr(command, "leg", ""))
        again = leg is not None and leg.place.kind is PlaceKind.ASKED and leg.pending is not None
        resent = leg.id if leg is not None and again else ""
        self.desk.hear(command)
        self._sent(resent)

    def _arrives(self, command: c.CallArrived | c.LogInByPhone) -> None:
        """A caller, or an agent who calls, is told where to go; one who is refused is ended."""
        try:
            operation = self.desk.ask(command)
        except AgentdError:
            self.pbx.go_on(command.leg, refused=True)
        else:
            self.pbx.go_on(command.leg, operation.value)
        self._sent()

    def restart(self) -> None:
        """The daemon dies, and starts again."""
        self.pbx.daemon_gone()
        self.desk.restart()
        self._sent()

    def _sent(self, resent: str = "") -> None:
        """Hand the effects to Asterisk; each was asked for a reason of its own."""
        new = []
        for record, at in self.desk.journal[self.read :]:
            new.append(record)
            self.ledger.read(record, at)
            self.promised.read(record, at)
        self.read = len(self.desk.journal)
        self.ledger.check(self.desk.state)
        self.promised.check(self.desk.world)
        self._each_has_its_reason(new, resent)
        self._screens_are_handed_over(new)
        self.pbx.inbox.extend(self.desk.effects)
        self.desk.effects.clear()
        self._strangers_do_not_hear_each_other()
        self._calls_are_for_somebody()

    def _each_has_its_reason(self, new: list[r.Record], resent: str) -> None:
        pending = [record for record in new if isinstance(record, r.LegPending) and record.move is not None]
        asked = Counter(record.leg for record in pending if record.move and record.move.why is not Why.END)
        ended = Counter({record.leg for record in pending if record.move and record.move.why is Why.END})
        for effect in self.desk.effects:
            assert self.desk.state.link_up, "something is asked of Asterisk without a link"
            if isinstance(effect, Rings):
                assert effect.leg not in self.rung, "rung twice"
                self.rung.add(effect.leg)
            elif isinstance(effect, MOVES):
                asked[effect.leg] -= 1
            elif isinstance(effect, x.JoinBoth):
                asked[effect.leg] -= 1
                asked[effect.other] -= 1
            elif isinstance(effect, x.HangUpLeg) and effect.leg != resent:
                ended[effect.leg] -= 1
        ended[resent] = 0  # the hangup may have come before the channel: it is sent again
        assert not any((asked | ended).values()), "what is pending and what was asked are not the same"
        assert not any((-asked | -ended).values()), "something was asked that is not pending"

    def _screens_are_handed_over(self, new: list[r.Record]) -> None:
        """A lead comes to a second screen only by a hand-over."""
        for record in new:
            if isinstance(record, r.CallStarted | r.CallDialled):
                agent = record.agent if isinstance(record, r.CallStarted) else ""
                others = [call for call in self.desk.state.calls.values() if call.lead_id == record.lead.id]
                assert all(call.agent == agent for call in others), "the lead is on another screen"
                assert agent or len(others) == 1, "the lead is in another call"

    def _calls_are_for_somebody(self) -> None:
        """At a level of 1 no more is dialled than agents are free for it; and for none that is off."""
        state = self.desk.state
        if not state.link_up:
            return
        for name in {call.campaign for call in state.calls.values() if call.direction == "auto"}:
            campaign = state.campaigns.get(name)
            level = campaign.auto_dial_level if campaign is not None else 0
            dialled = [call for call in state.calls.values() if call.campaign == name and not call.agent]
            legs = [
                state.legs[call.leg] for call in dialled if call.direction == "auto" and call.leg not in state.waiting
            ]
            wanted = [leg for leg in legs if leg.place.kind in UNANSWERED and not is_being_ended(state, leg)]
            free = sum(free_lines(state, each) for each in state.sessions.values() if each.blended)
            assert level > 1 or len(wanted) <= free * level, "dialled for nobody"

    # --- who hears whom ----------------------------------------------------------------------------------------

    def _strangers_do_not_hear_each_other(self) -> None:
        for room in {channel.place.room for channel in self.pbx.in_place(PlaceKind.CONFERENCE)}:
            for one, other in combinations(self.pbx.heard_in(room), 2):
                assert self._may_hear(one, other), f"{one} hears {other}"

    def _may_hear(self, one: Channel, other: Channel) -> bool:
        legs = self.desk.state.legs
        first, second = legs.get(one.leg), legs.get(other.leg)
        if first is None or second is None or {one.leg, other.leg} & self.astray:
            return True  # one of them is on his way out, or was brought here by somebody else
        if is_being_ended(self.desk.state, first) or is_being_ended(self.desk.state, second):
            return True
        same_call = first.call_id is not None and first.call_id == second.call_id
        return same_call or first.peer == second.id or _go_together(first, second)

    # --- the usual way -----------------------------------------------------------------------------------------

    def go_well(self) -> None:
        """Asterisk does all that it was asked, and whoever is called answers."""
        on_the_way = PlaceKind.DIALLING, PlaceKind.UP
        while self.pbx.inbox or self.pbx.sources or self.pbx.called(*on_the_way):
            if self.pbx.inbox:
                self.pbx.carry_out()
            for channel in self.pbx.called(*on_the_way):
                if channel.place.kind is PlaceKind.DIALLING:
                    self.pbx.pick_up(channel)
                self.pbx.come_in(channel)
            self.read_all()

    def readable(self) -> list[tuple[str, str]]:
        """Sources of news that can be read: what comes by the link is kept until it is live."""
        return [source for source in self.pbx.sources if self.desk.state.link_up or source[1] == AGI]

    def read_all(self) -> None:
        """All news are read."""
        while sources := self.readable():
            self.hear(self.pbx.news(sources[0]))

    def pass_time(self, seconds: float) -> None:
        """Time passes, with a Tick whenever something is due; nobody waits too long."""
        until = self.desk.now + seconds
        while (when := self.desk.world.next_deadline()) is not None and when <= until:
            self.desk.now = max(self.desk.now, when)
            self.hear(c.Tick())
        self.desk.now = until
        for operation in self.desk.operations.values():
            limit = 30.0 if isinstance(operation.command, c.LogIn) else TIGHT.confirm_time
            assert operation.done or self.desk.now - operation.asked < limit + 0.001, f"{operation} waits for ever"

    # --- the end -----------------------------------------------------------------------------------------------

    def settle_down(self) -> None:
        """Asterisk does what it is asked, only remote agents answer, and time goes on until nothing is due.

        What is due again and again happens once more: announcements, and calls to a remote agent who cannot be called.
        """
        again = 0
        for _ in range(400):
            while self.pbx.inbox or self.pbx.sources:
                if self.pbx.inbox:
                    self._carry_out_or_refuse()
                else:
                    self.hear(self.pbx.news(next(iter(self.pbx.sources))))
            due = self.desk.world.next_deadline()
            again += all(key.startswith(AGAIN) for key in self.desk.state.deadlines) and not self.desk.world.line
            if due is None or again > 1:
                break
            self.pass_time(max(0.0, due - self.desk.now))
        check_settled(self.desk, self.pbx)

    def _carry_out_or_refuse(self) -> None:
        effect = self.pbx.inbox[0]
        remote = isinstance(effect, x.RingToWait) and effect.role is Role.AGENT
        rings = isinstance(effect, x.Ring | x.RingMonitor | x.RingToWait)
        self.pbx.carry_out(Mood.REFUSES if rings and not remote else Mood.WILLING)
        if remote and effect.leg in self.pbx.channels:
            self.pbx.pick_up(self.pbx.channels[effect.leg])
            self.pbx.come_in(self.pbx.channels[effect.leg])


def _go_together(first: Leg, second: Leg) -> bool:
    """Whether two were asked to be moved together, or one is there already."""
    pairs = {Why.LEAVE, Why.CONNECT}
    for leg, other in ((first, second), (second, first)):
        if leg.pending is not None and leg.pending.why in pairs and leg.pending.about == other.id:
            return True
    return False
