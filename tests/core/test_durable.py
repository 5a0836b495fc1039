"""An answer that promises that nothing is lost comes when it is on the disk, and no other waits for that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twisted.internet.task import Clock as Timers

from agentd.core import commands as c
from agentd.core.model import CallbackWish, Lead, TimerAction, TimerKind
from agentd.core.world import World
from agentd.engine.clock import Clock
from agentd.engine.engine import Engine
from tests.core.desk import CAMPAIGN, NUMBER, SETTINGS, START, reference
from tests.core.dialler.test_filling import SilentSwitch
from tests.faces.scripted_store import MemoryJournal

SOON = CallbackWish(START + 60)


@pytest.fixture
def engine() -> Engine:
    """One with a slow disk, whose agent 1029, a remote one, is logged in and has promised a call."""
    timers = Timers()
    timers.advance(START)
    journal, clock = MemoryJournal(), Clock(timers)
    made = Engine(World(SETTINGS, "t0"), journal, SilentSwitch(), clock, lambda error: pytest.fail(str(error)))
    made.feed(c.ReferenceChanged(tuple(reference(replace(CAMPAIGN, manual_list=998)))))
    made.feed(c.LinkUp())
    made.submit(c.LogIn("1029"))
    made.feed(c.SetCallback(77, "TESTCAMP", replace(SOON, anyone=False), "1029"))
    journal.held = True
    return made


@pytest.mark.parametrize(
    "command",
    [
        c.UpdateLead({"city": "Miami"}, "crm", lead_id=77),
        c.AddLead(Lead(0, 5, "", "1", NUMBER), "crm"),
        c.DeleteLead(77, "crm"),
        c.SetCallback(77, "TESTCAMP", SOON, by="crm"),
        c.DropCallback(1, "crm", "1029", 77),
        c.ChangeDnc(NUMBER, "", True, "crm"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_it_waits_for_the_disk(engine: Engine, command: c.Command) -> None:
    answers: list[object] = []
    engine.submit(command).addCallback(answers.append)
    assert answers == []
    engine.journal.sync()
    assert len(answers) == 1


def test_a_timer_does_not(engine: Engine) -> None:
    answers: list[object] = []
    engine.submit(c.SetTimer("1029", TimerAction(TimerKind.WEBFORM))).addCallback(answers.append)
    assert answers == [None]
