"""Pacing: how many calls are made for how many agents, whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentd.core.dialler.pacing import Numbers, effective_level, wanted

small = st.integers(0, 60)


@st.composite
def numbers(draw: st.DrawFn) -> Numbers:
    free = draw(small)
    return Numbers(
        free=free,
        staff=free + draw(small),
        dialling=draw(small),
        waiting=draw(small),
        level=draw(st.floats(0, 10, allow_nan=False)),
        answered=(answered := draw(small)),
        dropped=draw(st.integers(0, answered)),
        max_drop_rate=draw(st.floats(0, 100, allow_nan=False)),
        room=draw(st.integers(-3, 80)),
    )


def then(of: Numbers) -> int:
    """How many calls there are when that is done."""
    return of.dialling + of.waiting + wanted(of)


@given(numbers())
def test_no_more_is_made_than_the_pbx_takes_and_no_more_cancelled_than_there_is(of: Numbers) -> None:
    assert -of.dialling <= wanted(of) <= max(0, of.room)


@given(numbers())
def test_once_done_nothing_more_is_wanted(of: Numbers) -> None:
    made = wanted(of)
    assert wanted(replace(of, dialling=of.dialling + made, room=of.room - max(0, made))) == 0


@given(numbers())
@example(Numbers(free=3, staff=3, dialling=3, waiting=2, level=1.0))
def test_at_level_one_there_are_never_more_calls_than_free_agents_but_for_those_answered(of: Numbers) -> None:
    of = replace(of, level=min(of.level, 1.0))
    assert then(of) <= max(of.free, of.waiting)


@given(numbers())
def test_no_more_than_the_level_says_is_ever_made(of: Numbers) -> None:
    if wanted(of) > 0:
        assert then(of) <= max(1.0, of.free * of.level) + 1e-6


@given(numbers())
def test_with_nobody_at_work_or_no_level_no_call_is_left_that_can_be_cancelled(of: Numbers) -> None:
    assert wanted(replace(of, level=0.0)) == -of.dialling
    assert wanted(replace(of, free=0, staff=0)) == -of.dialling


@given(numbers(), st.integers(1, 10))
def test_another_free_agent_never_means_fewer_calls(of: Numbers, more: int) -> None:
    assert wanted(replace(of, free=of.free + more, staff=of.staff + more)) >= wanted(of)


@given(numbers())
def test_over_the_drop_rate_the_pace_is_that_of_level_one(of: Numbers) -> None:
    over = replace(of, answered=10, dropped=5, max_drop_rate=49.9, level=max(of.level, 1.0))
    assert wanted(over) == wanted(replace(over, level=1.0, dropped=0))
    assert effective_level(replace(over, max_drop_rate=50.0)) == over.level


@pytest.mark.parametrize(
    ("free", "level", "calls"),
    [
        (1, 1.0, 1),
        (3, 1.0, 3),
        (4, 2.5, 10),
        (3, 2.5, 7),
        (10, 2.3, 23),
        (1, 0.5, 1),
        (5, 0.5, 2),
        (0, 5.0, 0),
        (2, 0, 0),
    ],
)
def test_so_many_calls_for_so_many_agents(free: int, level: float, calls: int) -> None:
    assert wanted(Numbers(free=free, staff=free, level=level)) == calls


def test_calls_under_way_and_answered_ones_count() -> None:
    assert wanted(Numbers(free=4, staff=4, dialling=2, waiting=1, level=2.0)) == 5
    assert wanted(Numbers(free=4, staff=4, dialling=2, waiting=1, level=2.0, room=3)) == 3


def test_above_level_one_calls_go_on_while_agents_talk_and_are_cancelled_when_they_have_gone() -> None:
    ringing = Numbers(free=2, staff=4, dialling=8, level=2.0)
    assert wanted(ringing) == 0
    assert wanted(replace(ringing, staff=3)) == -2
    assert wanted(replace(ringing, free=0, staff=4)) == 0
