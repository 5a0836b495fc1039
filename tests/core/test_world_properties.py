"""Random commands, an Asterisk that does its worst, and what stays true all the same (see centre.py)."""

from __future__ import annotations

import os
from dataclasses import fields

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from agentd.core import commands as c
from agentd.core.model import DialRequest, InGroup
from tests.core.desk import NUMBER
from tests.core.rules_agents import NAMES, Agents, CallsInHand
from tests.core.rules_callers import LEVELS, LINES, Callers

PHONES_OF = ("502", "503", "504", "")
STARTS = st.lists(st.sampled_from(["", "in", "ready", "asked", "talks", "third"]), min_size=4, max_size=4)


class Centre(CallsInHand, Callers):
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


SETTINGS = settings(
    max_examples=int(os.environ.get("AGENTD_EXAMPLES", "100")),
    stateful_step_count=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

TestCentre, TestLines = Centre.TestCase, Lines.TestCase
TestCentre.settings = TestLines.settings = SETTINGS
