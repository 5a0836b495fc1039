"""10,000 calls through the real World, without an Asterisk: everybody is served once, in order and fairly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import pytest

from agentd.core import records as r
from agentd.core.lines.figures import line_figures
from agentd.core.model import Role, Session, SessionKind, SessionState, Waiting
from agentd.core.turn import Outcome
from tests.core.lines.floor import Caller, Floor
from tests.core.lines.oracle import can_be_brought, is_before, is_better, is_free, would_do
from tests.core.lines.staff import INGROUPS, STEADY

CALLS = 10_000
RATE = 0.5  # calls a second: about as many as the agents can take


@dataclass
class Offer:
    """A caller is being brought to an agent, who has been ready since then."""

    who: Waiting
    session: Session
    since: float


class Rules:
    """Looks at every outcome: nobody is passed over, no agent is preferred wrongly, and nobody waits for nothing."""

    def __init__(self) -> None:
        self.since: dict[str, float] = {}
        self.records: Counter[type[r.Record]] = Counter()
        self.given_back = 0
        self.by_kind: Counter[SessionKind] = Counter()

    def __call__(self, floor: Floor, outcome: Outcome) -> None:
        offers = self._offers(floor, outcome)
        state = floor.world.state
        waiting = [who for who in state.waiting.values() if can_be_brought(state, who)]
        if not waiting and not offers:
            return
        looked_at = [*waiting, *(offer.who for offer in offers)]
        ready = [session for session in state.sessions.values() if session.state is SessionState.READY]
        able = [session for session in ready if any(would_do(session, who) for who in looked_at)]
        free = [session for session in able if is_free(state, session)]
        for session in free:
            assert not any(would_do(session, who) for who in waiting), f"{session.agent} is free, and somebody waits"
        for number, offer in enumerate(offers):
            self._look_at(floor, offer, offers[number + 1 :], waiting, free)

    def _offers(self, floor: Floor, outcome: Outcome) -> list[Offer]:
        """What was offered, with the time at which the agent had become ready then."""
        offers = []
        state = floor.world.state
        for record in outcome.records:
            self.records[type(record)] += 1
            if isinstance(record, r.StateEntered):
                self.since[record.agent] = floor.now
            elif isinstance(record, r.WaitingOffered) and record.to:
                offers.append(Offer(state.waiting[record.leg], state.sessions[record.to], self.since[record.to]))
            elif isinstance(record, r.WaitingOffered):
                self.given_back += 1
            elif isinstance(record, r.CallDelivered):
                self.by_kind[state.sessions[record.agent].kind] += 1
        return offers

    def _look_at(
        self, floor: Floor, offer: Offer, later: list[Offer], waiting: list[Waiting], free: list[Session]
    ) -> None:
        state = floor.world.state
        assert would_do(offer.session, offer.who)
        for who in [*waiting, *(each.who for each in later)]:
            passed_over = would_do(offer.session, who) and is_before(state, who, offer.who)
            assert not passed_over, f"{who} was before {offer.who}"
        chosen = replace(offer.session, since=offer.since)
        for session in [*free, *(replace(each.session, since=each.since) for each in later)]:
            preferred = would_do(session, offer.who) and is_better(state, offer.who, session, chosen)
            assert not preferred, f"{session} should have had {offer.who}"


@pytest.fixture(scope="module")
def day() -> tuple[Floor, Rules]:
    """The day is over. While it lasted, the rules were looked at after every command."""
    rules = Rules()
    floor = Floor(seed=4, callers=CALLS, rate=RATE, watch=rules)
    floor.run()
    return floor, rules


def _became(caller: Caller) -> str:
    """What became of a caller, in one word."""
    gone = [how for _, how in caller.treated if how != "ingroup"]
    if caller.answered:
        return "answered"
    return "treated" if gone else "abandoned"


def test_much_happened_on_that_day(day: tuple[Floor, Rules]) -> None:
    """The other tests would say nothing of a day on which it did not."""
    floor, rules = day
    fates = Counter(_became(caller) for caller in floor.callers.values())
    assert fates["answered"] > 0.75 * CALLS
    assert fates["abandoned"] > 300
    assert {kind for kind, count in rules.by_kind.items() if count > 200} == {
        SessionKind.SEATED,
        SessionKind.ON_HOOK,
        SessionKind.REMOTE,
    }
    treatments = Counter(how for caller in floor.callers.values() for _, how in caller.treated)
    assert {how for how, count in treatments.items() if count > 30} == {
        "ingroup", "hangup", "message", "extension", "voicemail",
    }  # fmt: skip
    assert rules.given_back > 200
    for kind in (r.OfferMissed, r.InGroupsChanged, r.SessionEnded, r.PhoneLost):
        assert rules.records[kind] > 50, kind


def test_everybody_is_served_once(day: tuple[Floor, Rules]) -> None:
    floor, _ = day
    assert len(floor.callers) == CALLS
    for leg, caller in floor.callers.items():
        gone = [how for _, how in caller.treated if how != "ingroup"]
        assert len(caller.ends) == 1, f"{leg} has ended {caller.ends}"
        assert len(caller.answered) + len(gone) + (_became(caller) == "abandoned") == 1, f"{leg}: {caller}"
        if _became(caller) == "abandoned":
            assert caller.hung_up, f"{leg} has not hung up, and is gone"
            assert caller.ends == ["DROP"]
        if caller.answered:
            assert not caller.hung_up, f"{leg} hung up in line, and is said to have talked"
            assert caller.ends == ["A"]


def test_nothing_is_left_at_the_end_of_the_day(day: tuple[Floor, Rules]) -> None:
    floor, _ = day
    state = floor.world.state
    assert not state.calls
    assert not state.waiting
    assert set(state.legs) == set(floor.pbx.channels)
    assert {leg.role for leg in state.legs.values()} == {Role.AGENT}
    assert not floor.world.waits
    assert not floor.world.line
    assert not state.deadlines


def test_the_figures_are_those_of_the_day(day: tuple[Floor, Rules]) -> None:
    floor, _ = day
    callers = list(floor.callers.values())
    for name in INGROUPS:
        figures = line_figures(floor.world.state, name, floor.now)
        waits = [wait for caller in callers for _, line, wait in caller.answered if line == name]
        left = [caller for caller in callers if _became(caller) == "abandoned" and caller.lines[-1][0] == name]
        dropped = [line for caller in callers for line, _ in caller.treated if line == name]
        assert figures.offered == sum(line == name for caller in callers for line, _ in caller.lines)
        assert (figures.answered, figures.abandoned, figures.dropped) == (len(waits), len(left), len(dropped))
        assert figures.offered == len(waits) + len(left) + len(dropped)
        assert (figures.waiting, figures.longest_wait) == (0, 0)
        in_time = sum(wait <= 20 for wait in waits)
        assert figures.service_level == pytest.approx(100 * in_time / figures.offered)
        if waits:
            assert figures.average_wait == pytest.approx(sum(waits) / len(waits))


def test_those_who_share_a_line_have_had_as_many_calls(day: tuple[Floor, Rules]) -> None:
    """Of FAIR, which goes by the fewest calls, over agents who did nothing else all day."""
    floor, _ = day
    taken = [floor.world.state.sessions[name].taken["FAIR"] for name in STEADY]
    answered = Counter(
        agent for caller in floor.callers.values() for agent, line, _ in caller.answered if line == "FAIR"
    )
    assert taken == [answered[name] for name in STEADY]
    assert sum(taken) > 800
    assert max(taken) - min(taken) <= 6
