"""Who goes to whom: an agent takes across his lines by in-group priority, caller priority and longest wait."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.core.lines.distribution import choose, in_order, takes
from agentd.core.model import InGroup, Pick, Session, SessionKind, State, Waiting
from tests.core.lines.oracle import is_before, is_better, would_do
from tests.core.lines.people import agent, caller, centre

SALES = InGroup("SALES", 1)
SUPPORT = InGroup("SUPPORT", 2, priority=5)


def pair(waiting: list[Waiting], free: list[Session], state: State) -> tuple[str, str] | None:
    """The leg and the agent that are chosen."""
    chosen = choose(waiting, free, state)
    return None if chosen is None else (chosen[0].leg, chosen[1].agent)


# --- who comes first -------------------------------------------------------------------------------------------


def test_the_order_of_those_who_wait() -> None:
    state = centre(SALES, SUPPORT)
    last_to_first = [
        caller("newest", since=9),
        caller("oldest", since=1),
        caller("important", since=20, priority=1),
        caller("support", "SUPPORT", since=30, priority=-3),
        caller("dialled", "", since=40, campaign="TESTCAMP"),
    ]
    assert [each.leg for each in in_order(last_to_first, state)] == [
        "dialled", "support", "important", "oldest", "newest",
    ]  # fmt: skip


def test_an_agent_takes_the_first_of_those_whom_he_takes() -> None:
    state = centre(SALES, SUPPORT)
    waiting = [caller("a", "SUPPORT", 1), caller("b", since=2), caller("c", since=3)]
    assert pair(waiting, [agent("1", "SALES")], state) == ("b", "1")
    assert pair(waiting, [agent("1", "SALES", "SUPPORT")], state) == ("a", "1")
    assert pair(waiting, [agent("1", "TRAINING")], state) is None
    assert pair(waiting, [], state) is None
    assert pair([], [agent("1", "SALES")], state) is None


def test_a_line_whose_in_group_was_removed_is_still_served() -> None:
    free = [agent("1", "GONE", since=2), agent("2", "GONE", since=1)]
    assert pair([caller("a", "GONE")], free, State()) == ("a", "2")


@pytest.mark.parametrize(
    ("who", "session", "expected"),
    [
        (caller("a"), agent("1", "SALES"), True),
        (caller("a"), agent("1", "SUPPORT"), False),
        (caller("a"), agent("1", blended=True), False),
        (caller("a", wanted="1"), agent("1"), True),
        (caller("a", wanted="1"), agent("2", "SALES"), False),
        (caller("a", "", campaign="TESTCAMP"), agent("1", "SALES", blended=True), True),
        (caller("a", "", campaign="TESTCAMP"), agent("1", "SALES"), False),
        (caller("a", "", campaign="OTHER"), agent("1", blended=True), False),
        (caller("a", "", campaign="TESTCAMP"), agent("1", blended=True, kind=SessionKind.DIALLED_IN), True),
        (caller("a", "", campaign="TESTCAMP"), agent("1", blended=True, kind=SessionKind.ON_HOOK), False),
        (caller("a", "", campaign="TESTCAMP"), agent("1", blended=True, kind=SessionKind.REMOTE), False),
        (caller("a", consult=True), agent("1", "SALES"), True),
        (caller("a", consult=True), agent("1", "SALES", kind=SessionKind.ON_HOOK), True),
        (caller("a", consult=True), agent("1", "SALES", kind=SessionKind.REMOTE), False),
        (caller("a"), agent("1", "SALES", kind=SessionKind.REMOTE), True),
    ],
)
def test_who_takes_whom(who: Waiting, session: Session, expected: bool) -> None:
    assert takes(session, who) is expected
    assert (choose([who], [session], centre(SALES)) is not None) is expected


# --- which agent -----------------------------------------------------------------------------------------------

THREE = [
    agent("1", "SALES", since=30, ranks={"SALES": 2, "SUPPORT": 9}, taken={"SALES": 2}),
    agent("2", "SALES", since=10, ranks={"SALES": -1}, taken={"SALES": 1, "SUPPORT": 7}),
    agent("3", "SALES", since=20, ranks={"SALES": 2}, taken={"SALES": 1}),
]


@pytest.mark.parametrize(("pick", "expected"), [(Pick.LONGEST, "2"), (Pick.RANK, "3"), (Pick.FEWEST, "2")])
def test_the_in_group_says_which_agent(pick: Pick, expected: str) -> None:
    state = centre(replace(SALES, pick=pick))
    assert pair([caller("a")], THREE, state) == ("a", expected)
    assert pair([caller("a")], THREE[::-1], state) == ("a", expected)


def test_whom_a_campaign_dialled_goes_to_the_agent_who_has_been_ready_for_longest() -> None:
    free = [replace(each, blended=True) for each in THREE]
    assert pair([caller("a", "", campaign="TESTCAMP")], free, centre(replace(SALES, pick=Pick.RANK))) == ("a", "2")


def test_a_lot_falls_on_everybody_about_equally_often_and_again_on_the_same() -> None:
    state = centre(replace(SALES, pick=Pick.RANDOM))
    drawn = [pair([caller(f"agd-t0-{number}")], THREE, state) for number in range(3000)]
    assert drawn == [pair([caller(f"agd-t0-{number}")], THREE[::-1], state) for number in range(3000)]
    for each in THREE:
        assert 900 < sum(chosen is not None and chosen[1] == each.agent for chosen in drawn) < 1100


# --- any centre ------------------------------------------------------------------------------------------------

NAMES = ["A", "B", "C"]
_ingroups = st.lists(
    st.builds(
        lambda name, pick, priority: InGroup(name, 1, pick=pick, priority=priority),
        st.sampled_from(NAMES[:2]),  # nobody set up C
        st.sampled_from(list(Pick)),
        st.integers(-2, 2),
    ),
    max_size=2,
)
_some = st.dictionaries(st.sampled_from(NAMES), st.integers(-2, 2), max_size=3)
_agents = st.lists(
    st.builds(
        lambda name, ingroups, since, ranks, taken, blended, kind: agent(
            name, *ingroups, since=since, ranks=ranks, taken=taken, blended=blended, kind=kind
        ),
        st.sampled_from([f"{number}" for number in range(8)]),
        st.lists(st.sampled_from(NAMES), unique=True),
        st.integers(0, 4).map(float),
        _some,
        _some.map(lambda counts: {name: abs(count) for name, count in counts.items()}),
        st.booleans(),
        st.sampled_from(list(SessionKind)),
    ),
    unique_by=lambda session: session.agent,
    max_size=6,
)
_callers = st.lists(
    st.builds(
        lambda leg, line, since, wanted, priority, consult: caller(
            leg,
            line if line in NAMES else "",
            since,
            campaign="" if line in NAMES else line,
            wanted=wanted,
            priority=priority,
            consult=consult,
        ),
        st.integers(0, 99).map(lambda number: f"leg-{number}"),
        st.sampled_from([*NAMES, "TESTCAMP", "OTHER"]),
        st.integers(0, 4).map(float),
        st.sampled_from(["", "", "0", "1", "9"]),
        st.integers(-1, 1),
        st.booleans(),
    ),
    unique_by=lambda each: each.leg,
    max_size=6,
)


@given(_callers, _agents, _ingroups)
def test_no_better_pair_exists(waiting: list[Waiting], free: list[Session], ingroups: list[InGroup]) -> None:
    state = centre(*ingroups)
    fitting = [(who, session) for who in waiting for session in free if would_do(session, who)]
    chosen = choose(iter(waiting), free, state)
    if chosen is None:
        assert not fitting
        return
    assert chosen in fitting, "he does not take such calls"
    for who, session in fitting:
        assert not is_before(state, who, chosen[0]), "somebody is passed over"
        assert who is not chosen[0] or not is_better(state, who, session, chosen[1]), "another agent is preferred"


@given(_callers, _agents, _ingroups, st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_kept_means_nothing(
    waiting: list[Waiting], free: list[Session], ingroups: list[InGroup], random: Random
) -> None:
    state = centre(*ingroups)
    chosen = choose(waiting, free, state)
    random.shuffle(waiting)
    random.shuffle(free)
    assert choose(waiting, free, state) == chosen


@given(_callers, _agents, _ingroups)
def test_nobody_is_passed_over_until_all_agents_have_somebody(
    waiting: list[Waiting], free: list[Session], ingroups: list[InGroup]
) -> None:
    """Agents leave one after the other, each with a caller; who waits for longer in the same line leaves first."""
    state = centre(*ingroups)
    left: list[Waiting] = []
    while (chosen := choose([who for who in waiting if who not in left], free, state)) is not None:
        who, session = chosen
        others = [other for other in waiting if other not in left and other is not who]
        same_line = [other for other in others if replace(other, leg=who.leg, since=who.since) == who]
        assert all(other.since >= who.since for other in same_line)
        left.append(who)
        free = [each for each in free if each is not session]
    assert not any(would_do(session, who) for who in waiting if who not in left for session in free)
