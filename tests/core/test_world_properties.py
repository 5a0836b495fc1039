"""Random commands, an Asterisk that does its worst, and what stays true all the same.

The Desk checks after every command: the invariants, replay(records) == State, the next deadline, revisions, that a
refused command changed nothing and that no operation is settled twice. Here are the rest and the dice.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, Ring
from agentd.core.errors import AgentdError
from agentd.core.model import Campaign, DialRequest, Lead, PlaceKind, SessionState
from agentd.core.settings import Settings
from tests.core.asterisk import Asterisk
from tests.core.desk import CAMPAIGN, NUMBER, Desk

AGENTS = st.sampled_from(["1000", "1001", "1002"])
PHONES = st.sampled_from(["502", "503", "504"])
CODES = st.sampled_from(["", "BREAK", "MISSN", "BOGUS"])
STATUSES = st.sampled_from(["A", "SALE", "CALLBK", "XXXX"])
CAUSES = st.sampled_from([0, 1, 16, 17, 19, 21, 34])
NUMBERS = st.sampled_from([NUMBER, "7275551300", "8500", "911x"])
SECONDS = st.sampled_from([0.0, 0.2, 1.0, 2.0, 5.0, 9.0, 20.0, 31.0, 61.0, 601.0])
LEADS = st.sampled_from([None, None, 77, 78])
DICE = st.integers(min_value=0, max_value=99)

TIGHT = Settings(conference_last=8600053, max_sessions=3, max_calls=3, default_campaign="TESTCAMP")


class Centre(RuleBasedStateMachine):
    """Three agents, an Asterisk and the time."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(TIGHT)
        self.pbx = Asterisk()
        self.rung: set[str] = set()
        self.hangups_asked: set[str] = set()

    # --- what is checked after everything ----------------------------------------------------------------------

    def _sent(self) -> None:
        """Hand the effects to Asterisk; none may be a repetition."""
        for leg in list(self.hangups_asked):
            known = self.desk.state.legs.get(leg)
            if known is None or known.pending is None:
                self.hangups_asked.discard(leg)
        for effect in self.desk.effects:
            assert self.desk.state.link_up, "something is asked of Asterisk without a link"
            if isinstance(effect, Ring):
                assert effect.leg not in self.rung, "rung twice"
                self.rung.add(effect.leg)
            elif isinstance(effect, HangUpLeg):
                assert effect.leg not in self.hangups_asked, "hung up twice without a reason"
                self.hangups_asked.add(effect.leg)
        self.pbx.inbox.extend(self.desk.effects)
        self.desk.effects.clear()

    def _ask(self, command: c.Command) -> None:
        try:
            self.desk.ask(command)
        except AgentdError:
            assert not self.desk.effects
        self._sent()

    def _hear(self, command: c.Command) -> None:
        leg = self.desk.state.legs.get(getattr(command, "leg", ""))
        if leg is not None and leg.place.kind is PlaceKind.ASKED:
            self.hangups_asked.discard(leg.id)  # the hangup may have come before the channel: it is sent again
        if isinstance(command, c.Tick):
            self.hangups_asked -= {leg for leg in self.hangups_asked if self._is_due(f"hangup:{leg}")}
        self.desk.hear(command)
        self._sent()

    def _is_due(self, deadline: str) -> bool:
        return self.desk.state.deadlines.get(deadline, self.desk.now + 1) <= self.desk.now

    # --- the usual way -----------------------------------------------------------------------------------------

    @initialize(done=st.lists(st.sampled_from(["", "in", "ready", "asked", "talks"]), min_size=3, max_size=3))
    def begin(self, done: list[str]) -> None:
        for agent, phone, so_far in zip(("1000", "1001", "1002"), ("502", "503", "504"), done, strict=True):
            if so_far:
                self.work(agent, phone)
            if so_far == "ready":
                self._ask(c.Resume(agent))
            elif so_far == "asked":
                self._ask(c.Dial(agent, DialRequest(NUMBER, "1")))
            elif so_far == "talks":
                self.work(agent, phone)

    def _go_well(self) -> None:
        """Asterisk does all that it was asked, and whoever is called answers."""
        while self.pbx.inbox or self.pbx.sources:
            if self.pbx.inbox:
                self.pbx.carry_out(willing=True)
            for channel in self.pbx.in_place(PlaceKind.DIALLING, PlaceKind.UP):
                if channel.place.kind is PlaceKind.DIALLING:
                    self.pbx.pick_up(channel)
                self.pbx.enter(channel, channel.room)
            while self.pbx.sources:
                self._hear(self.pbx.news(next(iter(self.pbx.sources))))

    @precondition(lambda self: self.desk.state.link_up)
    @rule(agent=AGENTS, phone=PHONES)
    def work(self, agent: str, phone: str) -> None:
        """One step onwards for an agent, with everything going well."""
        session = self.desk.state.sessions.get(agent)
        if session is None:
            self._ask(c.LogIn(agent, phone))
        elif not session.attached:
            self._ask(c.CallPhone(agent))
        elif session.state is SessionState.WRAPUP:
            self._ask(c.Dispose(agent, "A"))
        elif not session.calls:
            self._ask(c.Dial(agent, DialRequest(NUMBER, "1")))
        self._go_well()

    # --- the faces ---------------------------------------------------------------------------------------------

    @rule(agent=AGENTS, phone=PHONES)
    def log_in(self, agent: str, phone: str) -> None:
        self._ask(c.LogIn(agent, phone))

    @rule(agent=AGENTS, at_once=st.booleans(), dice=DICE)
    def log_out(self, agent: str, at_once: bool, dice: int) -> None:
        session = self.desk.state.sessions.get(agent)
        if dice >= 70 or (session is not None and session.calls):
            self._ask(c.LogOut(agent, at_once))

    @rule(agent=AGENTS, code=CODES)
    def pause(self, agent: str, code: str) -> None:
        self._ask(c.Pause(agent, code))

    @rule(agent=AGENTS, strict=st.booleans())
    def resume(self, agent: str, strict: bool) -> None:
        self._ask(c.Resume(agent, strict))

    @rule(agent=AGENTS, code=CODES)
    def set_pause_code(self, agent: str, code: str) -> None:
        self._ask(c.SetPauseCode(agent, code))

    @rule(agent=AGENTS, number=NUMBERS, lead_id=LEADS)
    def dial(self, agent: str, number: str, lead_id: int | None) -> None:
        lead = Lead(lead_id, 101, "NEW", "1", number) if lead_id is not None else None
        self._ask(c.Dial(agent, DialRequest(number, "1", lead=lead)))

    @rule(agent=AGENTS)
    def hang_up(self, agent: str) -> None:
        self._ask(c.HangUp(agent))

    @rule(agent=AGENTS, status=STATUSES)
    def dispose(self, agent: str, status: str) -> None:
        self._ask(c.Dispose(agent, status))

    @rule(agent=AGENTS)
    def call_phone(self, agent: str) -> None:
        self._ask(c.CallPhone(agent))

    @rule(wrapup=st.sampled_from([None, 0, 10]), queue=st.booleans(), after=st.sampled_from(["paused", "ready"]))
    def change_campaign(self, wrapup: int | None, queue: bool, after: str) -> None:
        campaign = Campaign(
            "TESTCAMP",
            1,
            wrapup=wrapup,
            manual_queue=queue,
            after_manual=after,
            trunk=CAMPAIGN.trunk,
            statuses=CAMPAIGN.statuses,
            pause_codes=CAMPAIGN.pause_codes,
        )
        self._hear(c.ReferenceChanged((r.CampaignSet("TESTCAMP", campaign),)))

    @rule(dice=DICE)
    def drop_campaign(self, dice: int) -> None:
        if dice >= 95:
            self._hear(c.ReferenceChanged((r.CampaignSet("TESTCAMP", None),)))

    # --- Asterisk ----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.pbx.inbox)
    @rule(dice=DICE)
    def carry_out(self, dice: int) -> None:
        self.pbx.carry_out(willing=dice < 85)

    @precondition(lambda self: self.pbx.sources)
    @rule(data=st.data(), doubled=DICE)
    def deliver(self, data: st.DataObject, doubled: int) -> None:
        source = data.draw(st.sampled_from(sorted(self.pbx.sources)))
        command = self.pbx.news(source)
        self._hear(command)
        if doubled >= 90 and self.desk.state.link_up:
            self._hear(command)

    @precondition(lambda self: self.pbx.sources)
    @rule()
    def deliver_all(self) -> None:
        while self.pbx.sources:
            self._hear(self.pbx.news(next(iter(self.pbx.sources))))

    def _some(self, data: st.DataObject, *kinds: PlaceKind) -> str | None:
        legs = sorted(channel.leg for channel in self.pbx.in_place(*kinds))
        return data.draw(st.sampled_from(legs)) if legs else None

    @rule(data=st.data(), rings=st.booleans())
    def far_end_answers(self, data: st.DataObject, rings: bool) -> None:
        leg = self._some(data, PlaceKind.DIALLING)
        if leg is not None:
            channel = self.pbx.channels[leg]
            if rings:
                self.pbx.ring(channel)
            self.pbx.pick_up(channel)

    @rule(data=st.data(), dice=DICE)
    def enters(self, data: st.DataObject, dice: int) -> None:
        leg = self._some(data, PlaceKind.UP, PlaceKind.ELSEWHERE)
        if leg is not None:
            channel = self.pbx.channels[leg]
            self.pbx.enter(channel, channel.room if dice < 95 else "8600999")

    @rule(data=st.data())
    def answers_at_once(self, data: st.DataObject) -> None:
        leg = self._some(data, PlaceKind.DIALLING)
        if leg is not None:
            channel = self.pbx.channels[leg]
            self.pbx.pick_up(channel)
            self.pbx.enter(channel, channel.room)

    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        leg = self._some(data, PlaceKind.CONFERENCE)
        if leg is not None:
            self.pbx.leave(self.pbx.channels[leg])

    @rule(data=st.data(), cause=CAUSES)
    def far_end_hangs_up(self, data: st.DataObject, cause: int) -> None:
        leg = self._some(data, *PlaceKind)
        if leg is not None:
            self.pbx.end(self.pbx.channels[leg], cause, far_end=True)

    # --- the link, the daemon, the time --------------------------------------------------------------------------

    @precondition(lambda self: self.desk.state.link_up)
    @rule(dice=DICE)
    def link_lost(self, dice: int) -> None:
        if dice >= 70:
            self.pbx.cut(channels_too=dice >= 90)
            self._hear(c.LinkDown("connection lost"))

    @precondition(lambda self: not self.desk.state.link_up)
    @rule()
    def listen_again(self) -> None:
        self.pbx.listening = True

    @precondition(lambda self: not self.desk.state.link_up)
    @rule()
    def link_back(self) -> None:
        self.pbx.listening = True
        self._hear(self.pbx.snapshot())

    @rule(dice=DICE)
    def restart(self, dice: int) -> None:
        if dice >= 85:
            self.pbx.cut(channels_too=False)
            for operation in self.desk.operations.values():
                operation.done = True
            self.desk.restart()
            self.hangups_asked.clear()
            self._sent()

    @rule(seconds=SECONDS, dice=DICE)
    def time_passes(self, seconds: float, dice: int) -> None:
        if seconds > 60 and dice < 80:
            return
        until = self.desk.now + seconds
        while (when := self.desk.world.next_deadline()) is not None and when <= until:
            self.desk.now = max(self.desk.now, when)
            self._hear(c.Tick())
        self.desk.now = until

    # --- the end -------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """From wherever we are: the journal tells it all, all settles by itself, and every agent gets home."""
        assert self.desk.replay_from_disk() == self.desk.state
        if not self.desk.state.link_up:
            self.link_back()
        if len(self.desk.journal) % 2:
            self._settle_down()
        for agent in list(self.desk.state.sessions) + list(self.desk.state.logins):
            self._ask(c.LogOut(agent))
        self._settle_down()
        for agent in list(self.desk.state.sessions):
            self._ask(c.HangUp(agent))
        self._settle_down()
        for agent in list(self.desk.state.sessions):
            assert self.desk.stands(agent) == "WRAPUP"
            self._ask(c.LogOut(agent))
        self._settle_down()
        state = self.desk.state
        assert not state.sessions
        assert not state.logins
        assert not state.calls
        assert not state.leads
        assert not state.legs
        assert not state.deadlines
        assert not self.pbx.channels, "a channel is left that nobody owns"

    def _settle_down(self) -> None:
        """Asterisk does what it is asked, nobody answers any more, and time goes on until nothing is due."""
        for _ in range(300):
            while self.pbx.inbox or self.pbx.sources:
                if self.pbx.inbox:
                    agent_leg = isinstance(self.pbx.inbox[0], Ring)
                    self.pbx.carry_out(willing=not agent_leg)
                else:
                    self._hear(self.pbx.news(next(iter(self.pbx.sources))))
            due = self.desk.world.next_deadline()
            if due is None:
                break
            self.desk.now = max(self.desk.now, due)
            self._hear(c.Tick())
        assert not self.desk.state.deadlines, "deadlines beget deadlines"
        assert not self.desk.world.waits
        assert all(operation.done for operation in self.desk.operations.values())
        for session in self.desk.state.sessions.values():
            assert session.state is not SessionState.DIALLING
        legs = {leg.id: leg.place for leg in self.desk.state.legs.values()}
        assert legs == {channel.leg: channel.place for channel in self.pbx.channels.values()}
        assert all(leg.pending is None for leg in self.desk.state.legs.values())


TestCentre = Centre.TestCase
TestCentre.settings = settings(
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
