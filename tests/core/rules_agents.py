"""What agents do in the property tests: rules for every command of the faces."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from agentd.core import commands as c
from agentd.core.commands import Choice
from agentd.core.model import DialRequest, Lead, MonitorMode, Session, SessionKind, SessionState
from tests.core.desk import NUMBER
from tests.core.rules_outside import DICE, Outside

NAMES = ("1000", "1001", "1004", "1029")  # two who sit in their conferences, one on hook, and a remote one
AGENTS = st.sampled_from(NAMES)
PHONES = st.sampled_from(["502", "503", "504"])
CODES = st.sampled_from(["", "BREAK", "MISSN", "BOGUS"])
STATUSES = st.sampled_from(["A", "SALE", "CALLBK", "XXXX"])
KEPT = st.sampled_from(["", "", "", "A", "SALE", "XXXX"])
CHOICES = st.sampled_from([("SALESLINE",), ("SUPPORT",), ("SALESLINE", "SUPPORT"), (), ("NOGROUP",)])
NUMBERS = st.sampled_from([NUMBER, "7275551300", "8500", "911x"])
INGROUPS = st.sampled_from(["SALESLINE", "SUPPORT", "DEFAULTINGROUP", "AGENTDIRECT", "NOGROUP"])
LEADS = st.sampled_from([None, None, 77, 78])
MODES = st.sampled_from(MonitorMode)
WHICH = st.sampled_from([None, None, 0, 1])  # the current call, or one of the agent's


class Agents(Outside):
    """Four agents, who log in and out, are ready or not, and end the calls that they have."""

    @precondition(lambda self: self.desk.state.link_up)
    @rule(agent=AGENTS, phone=PHONES)
    def work(self, agent: str, phone: str) -> None:
        self._work(agent, phone)

    def _work(self, agent: str, phone: str) -> None:
        """One step onwards for an agent, with everything going well."""
        session = self.desk.state.sessions.get(agent)
        self.centre.ask(c.LogIn(agent, phone) if session is None else self._next(session))
        self.centre.go_well()

    def _next(self, session: Session) -> c.Command:
        if session.state is SessionState.WRAPUP:
            return c.Dispose(session.agent, "A")
        if session.kind is SessionKind.SEATED and not session.attached:
            return c.CallPhone(session.agent)
        return c.HangUp(session.agent) if session.calls else c.Resume(session.agent)

    # --- the faces: sessions -------------------------------------------------------------------------------------

    @rule(agent=AGENTS, phone=PHONES, ready=st.booleans())
    def log_in(self, agent: str, phone: str, ready: bool) -> None:
        self.centre.ask(c.LogIn(agent, phone, ready=ready))

    @rule(agent=AGENTS, phone=PHONES, ready=st.booleans(), dice=DICE)
    def log_in_by_phone(self, agent: str, phone: str, ready: bool, dice: int) -> None:
        self.pbx.phone_in(agent, phone, self.desk.now, ready=ready)
        if dice % 2 == 0 and self.desk.state.link_up:
            self.centre.go_well()

    @rule(agent=AGENTS, choice=st.sampled_from(Choice), names=CHOICES, blended=st.sampled_from([None, True, False]))
    def change_ingroups(self, agent: str, choice: Choice, names: tuple[str, ...], blended: bool | None) -> None:
        self.centre.ask(c.ChangeInGroups(agent, choice, names, blended))

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

    # --- the faces: the end of a call ----------------------------------------------------------------------------

    @rule(agent=AGENTS, which=WHICH, status=KEPT, dice=DICE)
    def hang_up(self, agent: str, which: int | None, status: str, dice: int) -> None:
        self._give(c.HangUp(agent, self._call(agent, which), status), dice)

    @rule(agent=AGENTS, status=STATUSES, which=WHICH)
    def dispose(self, agent: str, status: str, which: int | None) -> None:
        self.centre.ask(c.Dispose(agent, status, self._call(agent, which)))

    @rule(agent=AGENTS, which=WHICH, to=st.sampled_from(["", NUMBER, "8500"]), status=KEPT, dice=DICE)
    def send_away(self, agent: str, which: int | None, to: str, status: str, dice: int) -> None:
        call = self._call(agent, which)
        blind = c.TransferBlind(agent, to, call_id=call, status=status)
        self._give(blind if to else c.LeaveMessage(agent, call_id=call), dice)

    @rule(agent=AGENTS, which=WHICH, ingroup=INGROUPS, other=AGENTS, status=KEPT, dice=DICE)
    def to_ingroup(self, agent: str, which: int | None, ingroup: str, other: str, status: str, dice: int) -> None:
        self._give(c.TransferToInGroup(agent, ingroup, other, call_id=self._call(agent, which), status=status), dice)


class CallsInHand(Agents):
    """They dial, hold, consult and connect, too, and are supervised and recorded."""

    def _next(self, session: Session) -> c.Command:
        seated = session.kind is SessionKind.SEATED and session.attached
        dials = seated and session.state in {SessionState.PAUSED, SessionState.READY}
        return c.Dial(session.agent, DialRequest(NUMBER, "1")) if dials else super()._next(session)

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
