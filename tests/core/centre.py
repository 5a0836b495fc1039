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
from agentd.core.model import CallState, Leg, PlaceKind, Role, SessionState, Why
from agentd.core.settings import Settings
from tests.core.asterisk import Asterisk, Channel, Mood
from tests.core.desk import Desk
from tests.core.invariants import is_being_ended

TIGHT = Settings(conference_last=8600053, max_sessions=3, max_calls=9, default_campaign="TESTCAMP")
MOVES = (x.Join, x.Hold, x.Prompt, x.PlayMessage, x.SendOut, x.SetMonitor)
RINGS = (x.Ring, x.RingConsult, x.RingMonitor)


class CallCentre:
    """Agents, an Asterisk and the time."""

    def __init__(self) -> None:
        self.desk = Desk(TIGHT)
        self.pbx = Asterisk()
        self.rung: set[str] = set()
        self.astray: set[str] = set()  # channels that somebody else has moved
        self.read = len(self.desk.journal)

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
        leg = self.desk.state.legs.get(getattr(command, "leg", ""))
        again = leg is not None and leg.place.kind is PlaceKind.ASKED and leg.pending is not None
        resent = leg.id if leg is not None and again else ""
        self.desk.hear(command)
        self._sent(resent)

    def restart(self) -> None:
        """The daemon dies, and starts again."""
        self.desk.restart()
        self._sent()

    def _sent(self, resent: str = "") -> None:
        """Hand the effects to Asterisk; each was asked for a reason of its own."""
        new = [record for record, _ in self.desk.journal[self.read :]]
        self.read = len(self.desk.journal)
        self._each_has_its_reason(new, resent)
        self._screens_are_handed_over(new)
        self.pbx.inbox.extend(self.desk.effects)
        self.desk.effects.clear()
        self._strangers_do_not_hear_each_other()

    def _each_has_its_reason(self, new: list[r.Record], resent: str) -> None:
        pending = [record for record in new if isinstance(record, r.LegPending) and record.move is not None]
        asked = Counter(record.leg for record in pending if record.move and record.move.why is not Why.END)
        ended = Counter({record.leg for record in pending if record.move and record.move.why is Why.END})
        for effect in self.desk.effects:
            assert self.desk.state.link_up, "something is asked of Asterisk without a link"
            if isinstance(effect, RINGS):
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
            if isinstance(record, r.CallStarted):
                others = {call.agent for call in self.desk.state.calls.values() if call.lead_id == record.lead.id}
                assert others <= {record.agent}, "the lead is on another screen"

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
        while self.pbx.inbox or self.pbx.sources:
            if self.pbx.inbox:
                self.pbx.carry_out()
            for channel in self.pbx.in_place(PlaceKind.DIALLING, PlaceKind.UP):
                if channel.place.kind is PlaceKind.DIALLING:
                    self.pbx.pick_up(channel)
                self.pbx.come_in(channel)
            self.read_all()

    def read_all(self) -> None:
        """All news are read."""
        while self.pbx.sources:
            self.hear(self.pbx.news(next(iter(self.pbx.sources))))

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
        """Asterisk does what it is asked, nobody answers any more, and time goes on until nothing is due."""
        for _ in range(300):
            while self.pbx.inbox or self.pbx.sources:
                if self.pbx.inbox:
                    rings = isinstance(self.pbx.inbox[0], x.Ring | x.RingMonitor)
                    self.pbx.carry_out(Mood.REFUSES if rings else Mood.WILLING)
                else:
                    self.hear(self.pbx.news(next(iter(self.pbx.sources))))
            due = self.desk.world.next_deadline()
            if due is None:
                break
            self.pass_time(max(0.0, due - self.desk.now))
        self._all_is_settled()

    def _all_is_settled(self) -> None:
        state = self.desk.state
        assert not state.deadlines, "deadlines beget deadlines"
        assert not self.desk.world.waits
        assert not self.desk.world.line
        assert all(operation.done for operation in self.desk.operations.values())
        assert set(state.legs) == set(self.pbx.channels)
        for leg in state.legs.values():
            really = self.pbx.channels[leg.id].place
            others_have_him = leg.place.kind in {PlaceKind.IVR, PlaceKind.OUTSIDE}  # so much can be seen, and no more
            there = really.kind in {leg.place.kind, PlaceKind.ELSEWHERE} or really.room == leg.place.room
            assert leg.place == really or (others_have_him and there)
        assert all(leg.pending is None for leg in state.legs.values())
        for session in state.sessions.values():
            assert session.state not in {SessionState.DIALLING, SessionState.RINGING}
            if session.state is SessionState.INCALL:
                assert self._somebody_is_there(session.agent), "told INCALL with nobody there"
        for channel in self.pbx.channels.values():
            self._is_not_alone_in_silence(channel)

    def _somebody_is_there(self, agent: str) -> bool:
        """Whether an outside party, or a colleague, is with the agent or held for him."""
        session = self.desk.session(agent)
        heard = {channel.leg for channel in self.pbx.heard_in(session.conference)}
        if session.consulted:
            leg = self.pbx.channels[self.desk.state.calls[session.consulted].third]
            return leg.place.room == session.conference
        for call_id in session.calls:
            call = self.desk.state.calls[call_id]
            if call.state in {CallState.HELD, CallState.IVR} and call.leg in self.pbx.channels:
                return True
            if {call.leg, call.third} & heard:
                return True
        return False

    def _is_not_alone_in_silence(self, channel: Channel) -> None:
        """A customer hears music (alone in a conference, or in a wait), a prompt, or somebody."""
        if channel.role not in {Role.CUSTOMER, Role.THIRD}:
            return
        leg = self.desk.state.legs[channel.leg]
        assert leg.place.kind not in {PlaceKind.ELSEWHERE, PlaceKind.UP, PlaceKind.DIALLING}
        if channel.place.kind is PlaceKind.CONFERENCE:
            room = [each for each in self.pbx.in_place(PlaceKind.CONFERENCE) if each.place == channel.place]
            roles = {each.role for each in room}
            assert Role.MONITOR not in roles or Role.AGENT in roles, "alone with a supervisor"
        if leg.left and leg.peer:
            assert self.pbx.channels[leg.peer].place == channel.place, "the other one of two who were left is not there"


def _go_together(first: Leg, second: Leg) -> bool:
    """Whether two were asked to be moved together, or one is there already."""
    pairs = {Why.LEAVE, Why.CONNECT}
    for leg, other in ((first, second), (second, first)):
        if leg.pending is not None and leg.pending.why in pairs and leg.pending.about == other.id:
            return True
    return False
