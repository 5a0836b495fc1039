"""Random commands, an Asterisk that does its worst, and what stays true all the same (see centre.py)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.model import Campaign, DialRequest, Lead, MonitorMode, PlaceKind, RecordingRule, Role, SessionState
from tests.core.asterisk import Channel, Mood
from tests.core.centre import CallCentre
from tests.core.desk import CAMPAIGN, NUMBER

NAMES = ("1000", "1001", "1002")
AGENTS = st.sampled_from(NAMES)
PHONES = st.sampled_from(["502", "503", "504"])
CODES = st.sampled_from(["", "BREAK", "MISSN", "BOGUS"])
STATUSES = st.sampled_from(["A", "SALE", "CALLBK", "XXXX"])
CAUSES = st.sampled_from([0, 1, 16, 17, 19, 21, 34])
NUMBERS = st.sampled_from([NUMBER, "7275551300", "8500", "911x"])
INGROUPS = st.sampled_from(["SALESLINE", "SUPPORT", "DEFAULTINGROUP", "AGENTDIRECT", "NOGROUP"])
SECONDS = st.sampled_from([0.0, 0.2, 1.0, 2.0, 5.0, 9.0, 20.0, 31.0, 61.0, 601.0])
LEADS = st.sampled_from([None, None, 77, 78])
MODES = st.sampled_from(MonitorMode)
WHICH = st.sampled_from([None, None, 0, 1])  # the current call, or one of the agent's
PICK = st.integers(min_value=0, max_value=11)  # which of those that are there
DICE = st.integers(min_value=0, max_value=99)
STARTS = st.lists(st.sampled_from(["", "in", "ready", "asked", "talks", "third"]), min_size=3, max_size=3)


class Centre(RuleBasedStateMachine):
    """Three agents, an Asterisk and the time. With an even ``dice`` all goes well at once, with an odd one it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.centre = CallCentre()
        self.desk, self.pbx = self.centre.desk, self.centre.pbx

    @initialize(done=STARTS)
    def begin(self, done: list[str]) -> None:
        for agent, phone, so_far in zip(NAMES, ("502", "503", "504"), done, strict=True):
            if so_far:
                self._work(agent, phone)
            if so_far == "ready":
                self.centre.ask(c.Resume(agent))
            elif so_far == "asked":
                self.centre.ask(c.Dial(agent, DialRequest(NUMBER, "1")))
            elif so_far in {"talks", "third"}:
                self._work(agent, phone)
            if so_far == "third":
                self._give(c.DialThird(agent, "7275551300"), 0)

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

    @precondition(lambda self: self.desk.state.link_up)
    @rule(agent=AGENTS, phone=PHONES)
    def work(self, agent: str, phone: str) -> None:
        self._work(agent, phone)

    def _work(self, agent: str, phone: str) -> None:
        """One step onwards for an agent, with everything going well."""
        session = self.desk.state.sessions.get(agent)
        if session is None:
            self.centre.ask(c.LogIn(agent, phone))
        elif not session.attached:
            self.centre.ask(c.CallPhone(agent))
        elif session.state is SessionState.WRAPUP:
            self.centre.ask(c.Dispose(agent, "A"))
        elif not session.calls:
            self.centre.ask(c.Dial(agent, DialRequest(NUMBER, "1")))
        self.centre.go_well()

    # --- the faces: sessions -------------------------------------------------------------------------------------

    @rule(agent=AGENTS, phone=PHONES)
    def log_in(self, agent: str, phone: str) -> None:
        self.centre.ask(c.LogIn(agent, phone))

    @rule(agent=AGENTS, at_once=st.booleans(), dice=DICE)
    def log_out(self, agent: str, at_once: bool, dice: int) -> None:
        session = self.desk.state.sessions.get(agent)
        if dice >= 80 or (session is not None and session.calls and dice >= 40):
            self.centre.ask(c.LogOut(agent, at_once))

    @rule(agent=AGENTS, code=CODES)
    def pause(self, agent: str, code: str) -> None:
        self.centre.ask(c.Pause(agent, code))

    @rule(agent=AGENTS, strict=st.booleans(), dice=DICE)
    def resume(self, agent: str, strict: bool, dice: int) -> None:
        self._give(c.Resume(agent, strict), dice)

    @rule(agent=AGENTS, code=CODES)
    def set_pause_code(self, agent: str, code: str) -> None:
        self.centre.ask(c.SetPauseCode(agent, code))

    @rule(agent=AGENTS)
    def call_phone(self, agent: str) -> None:
        self.centre.ask(c.CallPhone(agent))

    # --- the faces: calls ----------------------------------------------------------------------------------------

    @rule(agent=AGENTS, number=NUMBERS, lead_id=LEADS, beside=st.booleans(), dice=DICE)
    def dial(self, agent: str, number: str, lead_id: int | None, beside: bool, dice: int) -> None:
        lead = Lead(lead_id, 101, "NEW", "1", number) if lead_id is not None else None
        self._give(c.Dial(agent, DialRequest(number, "1", lead=lead), beside), dice)

    @rule(agent=AGENTS)
    def second_call(self, agent: str) -> None:
        """The customer is held and another one is called, with everything going well."""
        if self.desk.state.link_up:
            self._give(c.HoldCall(agent), 0)
            self._give(c.Dial(agent, DialRequest("7275551301", "1"), beside=True), 0)

    @rule(agent=AGENTS, which=WHICH, dice=DICE)
    def hang_up(self, agent: str, which: int | None, dice: int) -> None:
        self._give(c.HangUp(agent, self._call(agent, which)), dice)

    @rule(agent=AGENTS, status=STATUSES, which=WHICH)
    def dispose(self, agent: str, status: str, which: int | None) -> None:
        self.centre.ask(c.Dispose(agent, status, self._call(agent, which)))

    @rule(agent=AGENTS, which=WHICH, ivr=st.booleans(), dice=DICE)
    def hold(self, agent: str, which: int | None, ivr: bool, dice: int) -> None:
        self._give(c.HoldCall(agent, self._call(agent, which), ivr), dice)

    @rule(agent=AGENTS, which=WHICH, dice=DICE)
    def retrieve(self, agent: str, which: int | None, dice: int) -> None:
        self._give(c.RetrieveCall(agent, self._call(agent, which)), dice)

    @rule(agent=AGENTS, which=WHICH, hold=st.booleans(), dice=DICE)
    def dial_third(self, agent: str, which: int | None, hold: bool, dice: int) -> None:
        self._give(c.DialThird(agent, "7275551302", hold=hold, call_id=self._call(agent, which)), dice)

    @rule(agent=AGENTS, which=WHICH, ingroup=INGROUPS, other=AGENTS, hold=st.booleans(), dice=DICE)
    def consult(self, agent: str, which: int | None, ingroup: str, other: str, hold: bool, dice: int) -> None:
        self._give(c.DialThird(agent, other, ingroup, hold, call_id=self._call(agent, which)), dice)

    @rule(agent=AGENTS, which=WHICH, both=st.booleans(), dice=DICE)
    def hang_up_third(self, agent: str, which: int | None, both: bool, dice: int) -> None:
        self._give(c.HangUpThird(agent, both, self._call(agent, which)), dice)

    @rule(agent=AGENTS, which=WHICH, message=st.booleans(), dice=DICE)
    def send_away(self, agent: str, which: int | None, message: bool, dice: int) -> None:
        call = self._call(agent, which)
        away = c.LeaveMessage(agent, call_id=call) if message else c.TransferBlind(agent, NUMBER, call_id=call)
        self._give(away, dice)

    @rule(agent=AGENTS, which=WHICH, ingroup=INGROUPS, other=AGENTS, dice=DICE)
    def to_ingroup(self, agent: str, which: int | None, ingroup: str, other: str, dice: int) -> None:
        self._give(c.TransferToInGroup(agent, ingroup, other, call_id=self._call(agent, which)), dice)

    @rule(agent=AGENTS, which=WHICH, dice=DICE)
    def leave_three_way(self, agent: str, which: int | None, dice: int) -> None:
        self._give(c.LeaveThreeWay(agent, self._call(agent, which)), dice)

    @rule(agent=AGENTS, dice=DICE)
    def connect(self, agent: str, dice: int) -> None:
        one, other = self._call(agent, 0), self._call(agent, 1)
        if one is not None and other is not None:
            self._give(c.ConnectCalls(agent, one, other), dice)

    @rule(agent=AGENTS, which=WHICH)
    def digits(self, agent: str, which: int | None) -> None:
        self.centre.ask(c.SendDtmf(agent, "12,3", self._call(agent, which)))

    @rule(agent=AGENTS, which=WHICH, what=st.sampled_from(["begin", "stop", "mute", "unmute"]), dice=DICE)
    def record(self, agent: str, which: int | None, what: str, dice: int) -> None:
        call = self._call(agent, which)
        commands = {
            "begin": c.BeginRecording(agent, call_id=call),
            "stop": c.StopRecordings(agent, call_id=call),
            "mute": c.MuteRecordings(agent, muted=True),
            "unmute": c.MuteRecordings(agent, muted=False),
        }
        self._give(commands[what], dice)

    @rule(agent=AGENTS, mode=MODES, ends=st.booleans(), dice=DICE)
    def supervise(self, agent: str, mode: MonitorMode, ends: bool, dice: int) -> None:
        command = c.EndSupervision(agent, "505") if ends else c.Supervise(agent, "505", mode, "boss")
        self._give(command, dice)

    # --- the administrator ---------------------------------------------------------------------------------------

    @rule(
        wrapup=st.sampled_from([None, 0, 10]),
        queue=st.booleans(),
        after=st.sampled_from(["paused", "ready"]),
        recording=st.sampled_from(RecordingRule),
    )
    def change_campaign(self, wrapup: int | None, queue: bool, after: str, recording: RecordingRule) -> None:
        campaign = Campaign(
            "TESTCAMP",
            1,
            wrapup=wrapup,
            manual_queue=queue,
            after_manual=after,
            recording=recording,
            trunk=CAMPAIGN.trunk,
            statuses=CAMPAIGN.statuses,
            pause_codes=CAMPAIGN.pause_codes,
            ivr_prompt=CAMPAIGN.ivr_prompt,
            leave_message=CAMPAIGN.leave_message,
            default_ingroup=CAMPAIGN.default_ingroup,
        )
        self.centre.hear(c.ReferenceChanged((r.CampaignSet("TESTCAMP", campaign),)))

    @rule(dice=DICE)
    def drop_campaign(self, dice: int) -> None:
        if dice >= 95:
            self.centre.hear(c.ReferenceChanged((r.CampaignSet("TESTCAMP", None),)))
        elif dice >= 92:
            self.centre.hear(c.ReferenceChanged((r.InGroupSet("SALESLINE", None),)))

    # --- Asterisk ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.pbx.inbox)
    @rule(dice=DICE)
    def carry_out(self, dice: int) -> None:
        self.pbx.carry_out(Mood.WILLING if dice < 80 else Mood.REFUSES if dice < 95 else Mood.DEAF)

    @precondition(lambda self: self.pbx.sources)
    @rule(pick=PICK, doubled=DICE)
    def deliver(self, pick: int, doubled: int) -> None:
        source = list(self.pbx.sources)[pick % len(self.pbx.sources)]
        command = self.pbx.news(source)
        self.centre.hear(command)
        if doubled >= 90 and self.desk.state.link_up:
            self.centre.hear(command)

    @precondition(lambda self: self.pbx.sources)
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
        channel = self._some(pick, PlaceKind.UP)
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
            if channel is not None and channel.role is Role.AGENT:
                self.pbx.enter(channel, channel.room)
        elif dice >= 50:
            channel = self._some(pick, PlaceKind.CONFERENCE)
            if channel is not None:
                self.pbx.leave(channel)
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


TestCentre = Centre.TestCase
TestCentre.settings = settings(
    max_examples=int(os.environ.get("AGENTD_EXAMPLES", "250")),
    stateful_step_count=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
