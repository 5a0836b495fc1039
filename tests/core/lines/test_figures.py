"""The numbers of an in-group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core.evolving.counts import day_of
from agentd.core.lines.figures import LineFigures, expected_minutes, line_figures
from agentd.core.model import LineCounts, SessionState, State
from tests.core.desk import SETTINGS, START, Desk
from tests.core.lines.hall import HANGUP, comes, gone, set_up
from tests.core.lines.people import agent, caller

DAY = 86_400.0


def of_today(**counts: float) -> State:
    """A state in which so much was counted for SALES on the day of START."""
    return State(line_counts={"SALES": LineCounts(day_of(START), **counts)})  # type: ignore[arg-type]


def test_a_line_to_which_nobody_came() -> None:
    assert line_figures(State(), "SALES", START) == LineFigures("SALES", 0, 0, 0, 0, 0, 0.0, 0, 0, None, None, None)


def test_the_numbers_of_today() -> None:
    state = of_today(
        offered=12, answered=6, in_time=3, abandoned=3, dropped=1, waited=90.0, ended=4, talked=500.0
    )  # fmt: skip
    figures = line_figures(state, "SALES", START)
    assert (figures.offered, figures.answered, figures.abandoned, figures.dropped) == (12, 6, 3, 1)
    assert figures.average_wait == 15
    assert figures.average_talk == 125
    assert figures.service_level == 30


def test_a_new_day_begins_with_nothing() -> None:
    state = of_today(offered=3, answered=3, in_time=3, waited=9.0, ended=3, talked=300.0)
    assert line_figures(state, "SALES", START + DAY) == line_figures(State(), "SALES", START + DAY)
    assert expected_minutes(state, "SALES", 1, START + DAY) is None


def test_the_numbers_of_now() -> None:
    state = State(
        sessions={
            session.agent: session
            for session in (
                agent("1", "SALES"),
                agent("2", "SALES", "SUPPORT", state=SessionState.INCALL),
                agent("3", "SUPPORT"),
                agent("4", "SALES", state=SessionState.PAUSED, code="LUNCH"),
            )
        },
        waiting={
            each.leg: each
            for each in (
                caller("a", since=START - 30),
                caller("b", since=START - 90, offered="1"),
                caller("c", "SUPPORT", START - 900),
                caller("d", since=START - 500, consult=True),
                caller("e", "", START - 1, campaign="SALES"),
            )
        },
    )
    figures = line_figures(state, "SALES", START)
    assert (figures.waiting, figures.longest_wait, figures.agents, figures.ready) == (2, 90, 3, 1)
    assert line_figures(state, "SUPPORT", START).waiting == 1
    assert line_figures(state, "", START).waiting == 1, "no in-group has that name, but it is asked for nowhere"


@pytest.mark.parametrize(
    ("position", "agents", "expected"), [(1, 0, 2), (1, 1, 2), (1, 2, 1), (3, 2, 3), (4, 2, 4), (40, 1, 67)]
)
def test_the_expected_wait(position: int, agents: int, expected: int) -> None:
    """Conversations of 100 seconds: the place times that, shared by the agents, in whole minutes rounded up."""
    state = of_today(ended=3, talked=300.0)
    state.sessions = {str(number): agent(str(number), "SALES") for number in range(agents)}
    assert expected_minutes(state, "SALES", position, START) == expected


def test_calls_are_counted_as_they_come_and_go() -> None:
    desk = Desk(replace(SETTINGS, max_calls=50))
    set_up(desk, service_level=20, max_waiting=2, full=HANGUP)
    desk.ready("1001", "503")
    for number, wait in ((1, 0), (2, 30)):
        comes(desk, leg=f"pbx-{number}")
        if wait:
            desk.wait(wait)
            desk.ask(c.Resume("1001"))
        desk.obey()
        desk.now += 60
        gone(desk, f"pbx-{number}")
        desk.ask(c.Pause("1001"))
        desk.ask(c.Dispose("1001", "A"))
        desk.effects.clear()
    for number in (3, 4, 5):
        comes(desk, leg=f"pbx-{number}")
    desk.obey()
    desk.now += 7
    gone(desk, "pbx-3")
    figures = line_figures(desk.state, "SALESLINE", desk.now)
    assert figures == LineFigures(
        ingroup="SALESLINE",
        offered=5,
        answered=2,
        abandoned=1,
        dropped=1,
        waiting=1,
        longest_wait=7.0,
        agents=1,
        ready=0,
        average_wait=15.0,
        average_talk=60.0,
        service_level=25.0,
    )
    assert desk.replay_from_disk() == desk.state


def test_a_line_is_counted_by_the_day_on_which_things_happen(desk: Desk) -> None:
    desk.log_in("1001", "503")
    comes(desk)
    desk.now += DAY
    assert line_figures(desk.state, "SALESLINE", desk.now).offered == 0
    gone(desk)
    figures = line_figures(desk.state, "SALESLINE", desk.now)
    assert (figures.offered, figures.abandoned) == (0, 1)
    assert figures.service_level == 0
