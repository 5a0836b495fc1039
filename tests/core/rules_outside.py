"""What Asterisk, the far ends, the link and the time do in the property tests; and how every example ends."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from agentd.core import commands as c
from agentd.core.model import PlaceKind, Role
from tests.core.asterisk import Channel, Mood
from tests.core.centre import CallCentre

CAUSES = st.sampled_from([0, 1, 16, 17, 19, 21, 34])
SECONDS = st.sampled_from([0.0, 0.2, 1.0, 2.0, 5.0, 9.0, 20.0, 31.0, 61.0, 601.0])
PICK = st.integers(min_value=0, max_value=11)  # which of those that are there
DICE = st.integers(min_value=0, max_value=99)


class Outside(RuleBasedStateMachine):
    """An Asterisk and the time. With an even ``dice`` all goes well at once, with an odd one it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.centre = CallCentre()
        self.desk, self.pbx = self.centre.desk, self.centre.pbx

    def _give(self, command: c.Command, dice: int) -> None:
        self.centre.ask(command)
        if dice % 2 == 0 and self.desk.state.link_up:
            self.centre.go_well()

    def _call(self, agent: str, which: int | None) -> int | None:
        """The id of one of the agent's calls; None for the current one."""
        session = self.desk.state.sessions.get(agent)
        if which is None or session is None or not session.calls:
            return None
        return session.calls[which % len(session.calls)]

    # --- Asterisk ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.pbx.inbox)
    @rule(dice=DICE)
    def carry_out(self, dice: int) -> None:
        self.pbx.carry_out(Mood.WILLING if dice < 80 else Mood.REFUSES if dice < 95 else Mood.DEAF)

    @precondition(lambda self: self.centre.readable())
    @rule(pick=PICK, doubled=DICE)
    def deliver(self, pick: int, doubled: int) -> None:
        sources = self.centre.readable()
        source = sources[pick % len(sources)]
        command = self.pbx.news(source)
        self.centre.hear(command)
        if doubled >= 90 and self.desk.state.link_up and not isinstance(command, c.LogInByPhone):
            self.centre.hear(command)

    @precondition(lambda self: self.centre.readable())
    @rule()
    def deliver_all(self) -> None:
        self.centre.read_all()

    def _some(self, pick: int, *kinds: PlaceKind) -> Channel | None:
        channels = self.pbx.in_place(*kinds)
        return channels[pick % len(channels)] if channels else None

    @rule(pick=PICK, rings=st.booleans())
    def far_end_answers(self, pick: int, rings: bool) -> None:
        channel = self._some(pick, PlaceKind.DIALLING)
        if channel is not None:
            if rings:
                self.pbx.ring(channel)
            self.pbx.pick_up(channel)

    @rule(pick=PICK, dice=DICE)
    def comes_in(self, pick: int, dice: int) -> None:
        channels = self.pbx.called(PlaceKind.UP)
        channel = channels[pick % len(channels)] if channels else None
        if channel is not None and dice < 95:
            self.pbx.come_in(channel)
        elif channel is not None:
            self.pbx.enter(channel, "8699999")
            self.centre.astray.add(channel.leg)

    @rule(pick=PICK)
    def prompt_is_over(self, pick: int) -> None:
        channel = self._some(pick, PlaceKind.IVR)
        if channel is not None and self.pbx.is_told(channel):  # a prompt is longer than news are late
            self.pbx.enter(channel, channel.room)

    @rule(pick=PICK)
    def answered_outside(self, pick: int) -> None:
        """Whoever was dialled for a customer outside answers: the two have a conference of their own."""
        channel = self._some(pick, PlaceKind.OUTSIDE)
        if channel is not None and channel.room and self.pbx.is_told(channel):
            self.pbx.enter(channel, channel.room)

    @rule(pick=PICK, comes_back=st.booleans(), dice=DICE)
    def strays(self, pick: int, comes_back: bool, dice: int) -> None:
        """Somebody else moves a channel out of its conference, or an agent's phone back into it."""
        if comes_back:
            channel = self._some(pick, PlaceKind.ELSEWHERE)
            if channel is not None and channel.role is Role.AGENT and channel.room:
                self.pbx.enter(channel, channel.room)
        elif dice >= 50:
            channel = self._some(pick, PlaceKind.CONFERENCE)
            if channel is not None:
                self.pbx.leave(channel)
                channel.peer = ""
                self.centre.astray.add(channel.leg)

    @rule(pick=PICK, cause=CAUSES)
    def far_end_hangs_up(self, pick: int, cause: int) -> None:
        channel = self._some(pick, *PlaceKind)
        if channel is not None:
            self.pbx.end(channel, cause, far_end=True)

    # --- the link, the daemon, the time ----------------------------------------------------------------------------

    @precondition(lambda self: self.desk.state.link_up)
    @rule(dice=DICE)
    def link_lost(self, dice: int) -> None:
        if dice >= 70:
            self.pbx.cut(channels_too=dice >= 95)
            self.centre.hear(c.LinkDown("connection lost"))

    @precondition(lambda self: not self.desk.state.link_up)
    @rule()
    def listen_again(self) -> None:
        self.pbx.listening = True

    @precondition(lambda self: not self.desk.state.link_up)
    @rule()
    def link_back(self) -> None:
        self.pbx.listening = True
        self.centre.hear(self.pbx.snapshot())
        self.pbx.find_strays()

    @precondition(lambda self: not self.desk.state.link_up)
    @rule(pick=PICK)
    def is_replaced(self, pick: int) -> None:
        """Another channel takes the place of a customer's while nobody looks, with his variables."""
        channel = self._some(pick, PlaceKind.CONFERENCE, PlaceKind.WAIT, PlaceKind.IVR)
        if channel is not None and channel.role is Role.CUSTOMER:
            self.pbx.replace(channel)

    @rule(dice=DICE)
    def restart(self, dice: int) -> None:
        if dice >= 85:
            self.pbx.cut(channels_too=False)
            for operation in self.desk.operations.values():
                operation.done = True
            self.centre.restart()

    @rule(seconds=SECONDS, dice=DICE)
    def time_passes(self, seconds: float, dice: int) -> None:
        if seconds <= 60 or dice >= 80:
            self.centre.pass_time(seconds)

    # --- the end ---------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """From wherever we are: the journal tells it all, all settles by itself, and every agent gets home."""
        assert self.desk.replay_from_disk() == self.desk.state
        if not self.desk.state.link_up:
            self.link_back()
        if len(self.desk.journal) % 2:
            self.centre.settle_down()
        self.centre.read_all()
        for agent in [*self.desk.state.sessions, *self.desk.state.logins]:
            self.centre.ask(c.LogOut(agent))
        self.centre.settle_down()
        for _ in range(9):
            for agent in list(self.desk.state.sessions):
                self.centre.ask(c.HangUp(agent))
                self.centre.ask(c.HangUpThird(agent))
            self.centre.settle_down()
        for agent in list(self.desk.state.sessions):
            assert self.desk.stands(agent) == "WRAPUP"
            self.centre.ask(c.LogOut(agent))
        self.centre.settle_down()
        self._outsiders_go()
        state = self.desk.state
        for what in (state.sessions, state.logins, state.calls, state.leads, state.legs, state.waiting):
            assert not what
        assert not state.recordings
        assert not state.monitors
        assert not state.deadlines
        assert not self.pbx.channels, "a channel is left that nobody owns"

    def _outsiders_go(self) -> None:
        """Whoever is left was left behind, or waits in a line."""
        for leg in self.desk.state.legs.values():
            assert leg.left or leg.id in self.desk.state.waiting
        for leg_id in list(self.pbx.channels):
            if leg_id in self.pbx.channels:
                self.pbx.end(self.pbx.channels[leg_id], 16, far_end=True)
        self.centre.settle_down()
