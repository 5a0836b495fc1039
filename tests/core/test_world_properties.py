"""Random commands, an Asterisk that does its worst, and what stays true all the same (see centre.py)."""

from __future__ import annotations

import os
from dataclasses import fields

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from agentd.core import commands as c
from agentd.core.model import CallbackWish, DialRequest, InGroup, Lead, TimerAction
from tests.core.desk import NUMBER
from tests.core.rules_agents import AGENTS, NAMES, Agents, CallsInHand
from tests.core.rules_callers import LEVELS, LINES, Callers
from tests.core.rules_outside import DICE
from tests.core.rules_previews import Previews
from tests.core.rules_promises import AHEAD, CHANGES, SHOWN, TIMERS, Promises

PHONES_OF = ("502", "503", "504", "")
STARTS = st.lists(st.sampled_from(["", "in", "ready", "asked", "talks", "third"]), min_size=4, max_size=4)


class Centre(CallsInHand, Callers, Previews, Promises):
    """Everything that there is, and calls in hand above all."""

    @initialize(done=STARTS, lines=st.integers(min_value=1, max_value=3), on_hook=st.booleans(), level=LEVELS)
    def begin(self, done: list[str], lines: int, on_hook: bool, level: float) -> None:
        self.desk.change_user("1029", lines=lines, blended=True)
        self.desk.change_user("1004", on_hook=on_hook, blended=True)
        self.desk.change_user("1001", blended=True)
        self.desk.change_campaign(call_hours="", auto_dial_level=level)
        for agent, phone, so_far in zip(NAMES, PHONES_OF, done, strict=True):
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


class Lines(Agents, Callers):
    """Callers above all, and agents of every kind who take them."""

    @initialize(
        ready=st.lists(st.sampled_from([True, True, False]), min_size=4, max_size=4),
        lines=st.integers(min_value=1, max_value=3),
        line=LINES,
        level=LEVELS,
    )
    def begin(self, ready: list[bool], lines: int, line: InGroup, level: float) -> None:
        for agent in NAMES:
            self.desk.change_user(agent, ingroups=("SALESLINE",), blended=True)
        self.desk.change_user("1029", lines=lines)
        self.desk.change_campaign(call_hours="", auto_dial_level=level)
        self.desk.change_ingroup("SALESLINE", **{each.name: getattr(line, each.name) for each in fields(line)[4:]})
        for agent, phone, is_ready in zip(NAMES, PHONES_OF, ready, strict=True):
            self.centre.ask(c.LogIn(agent, phone, ready=is_ready))
            self.centre.go_well()

    @precondition(lambda self: self.desk.state.link_up)
    @rule()
    def everybody_works(self) -> None:
        """A step onwards for all who are there."""
        for agent in list(self.desk.state.sessions):
            self._work(agent, "")


class Promising(Promises):
    """Agents who talk with the same few leads again and again, and promise them calls."""

    @rule(agent=AGENTS, phone=st.sampled_from(PHONES_OF), away=DICE)
    def comes_or_goes(self, agent: str, phone: str, away: int) -> None:
        session = self.desk.state.sessions.get(agent)
        if session is None:
            self._give(c.LogIn(agent, phone), 0)
        elif away >= 80:
            self._give(c.LogOut(agent, at_once=away % 2 == 0), away)
        else:
            self._give(c.CallPhone(agent) if not session.attached else c.Resume(agent), 0)

    @rule(agent=AGENTS, lead_id=SHOWN, ahead=AHEAD)
    def promise(self, agent: str, lead_id: int, ahead: float) -> None:
        """A whole call, with a promise of the agent's own at its end."""
        self.talk(agent, lead_id, 0)
        self.centre.ask(c.Dispose(agent, "CALLBK", callback=CallbackWish(self.desk.now + ahead, anyone=False)))
        self._give(c.HangUp(agent), 0)

    @initialize(done=st.lists(st.sampled_from(["in", "ready", "talks", "over"]), min_size=4, max_size=4))
    def begin(self, done: list[str]) -> None:
        for agent in NAMES:
            self.desk.change_user(agent, ingroups=("SALESLINE",))
        self.desk.change_campaign(manual_list=998)
        for agent, phone, so_far in zip(NAMES, PHONES_OF, done, strict=True):
            self.centre.ask(c.LogIn(agent, phone, ready=so_far == "ready"))
            self.centre.go_well()
            if so_far in {"talks", "over"}:
                self.talk(agent, 77 if agent == "1000" else 78, 0)
            if so_far == "over":
                self._give(c.HangUp(agent), 0)

    @rule(agent=AGENTS, lead_id=SHOWN, dice=DICE)
    def talk(self, agent: str, lead_id: int, dice: int) -> None:
        """The agent dials one of them, or he calls."""
        lead = Lead(lead_id, 101, "NEW", "1", NUMBER)
        if dice < 70:
            self._give(c.Dial(agent, DialRequest(NUMBER, "1", lead=lead)), dice)
        else:
            self.pbx.call_in("SALESLINE", self.desk.now, wanted=agent, lead=lead)
            if self.desk.state.link_up:
                self.centre.go_well()

    @rule(agent=AGENTS, timer=TIMERS, fields=CHANGES)
    def with_a_lead(self, agent: str, timer: TimerAction | None, fields: dict[str, str]) -> None:
        """What a CRM does while an agent talks."""
        self.centre.ask(c.SetTimer(agent, timer))
        self.centre.ask(c.UpdateLead(fields, "crm", agent))

    @rule(agent=AGENTS, dice=DICE)
    def talk_on(self, agent: str, dice: int) -> None:
        """Some seconds of a call, and often its end."""
        self.centre.pass_time(20.0 if dice % 2 else 1.0)
        if dice % 3:
            self._give(c.HangUp(agent), 0)


SETTINGS = settings(
    max_examples=int(os.environ.get("AGENTD_EXAMPLES", "100")),
    stateful_step_count=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

TestCentre, TestLines, TestPromising = Centre.TestCase, Lines.TestCase, Promising.TestCase
TestCentre.settings = TestLines.settings = TestPromising.settings = SETTINGS
