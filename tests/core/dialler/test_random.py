"""A campaign that dials for agents who do as they like, while phones are answered or not and links break.

The desk checks the invariants, and the journal against the State, after every step.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from agentd.core import commands as c
from agentd.core import effects as x
from agentd.core import records as r
from agentd.core.errors import AgentdError
from agentd.core.lines.delivery import free_among
from agentd.core.model import Call, PlaceKind, Why
from tests.core.desk import WAIT, seen
from tests.core.dialler.floor import DIALS, Floor

AGENTS = ("1000", "1001", "1002")
_UNSEEN = (PlaceKind.ASKED, PlaceKind.DIALLING)


class Chance:
    """Things that happen at random on a floor."""

    def __init__(self, seed: int, level: float) -> None:
        self.random = Random(seed)
        self.level = level
        self.floor = Floor(campaign=replace(DIALS, auto_dial_level=level, max_drop_rate=100.0))
        self.floor.fill(20)
        self.floor.blend(*AGENTS)
        self.dialled = 0
        self.obey()

    def step(self) -> None:
        """Something happens."""
        things = [self.an_agent] * 4 + [self.a_phone] * 8 + [self.time_passes] * 2 + [self.another_filling]
        self.random.choice([*things, self.the_link_breaks, self.a_restart, self.the_campaign_changes])()
        self.obey()
        self.check()

    # --- what happens ----------------------------------------------------------------------------------------

    def an_agent(self) -> None:
        agent = self.random.choice(AGENTS)
        blended = self.random.random() < 0.9
        command = self.random.choice(
            [
                c.Pause(agent),
                c.Resume(agent),
                c.Resume(agent),
                c.Dispose(agent, "A"),
                c.HangUp(agent),
                c.ChangeInGroups(agent, c.Choice.CHANGE, (), blended=blended),
            ]
        )
        try:
            self.floor.ask(command)
        except AgentdError:
            assert not self.floor.effects

    def a_phone(self) -> None:
        """Somebody whom the campaign has called answers, does not, or hangs up."""
        legs = [leg for leg in self.floor.state.legs.values() if leg.call_id is not None]
        if not legs or not self.floor.state.link_up:
            return
        leg = self.random.choice(legs)
        if leg.place.kind in _UNSEEN and self.random.random() < 0.6:
            self.floor.hear(c.LegAnswered(leg.id))
            self.obey()
            if leg.id in self.floor.state.legs:
                self.floor.hear(c.LegAt(leg.id, WAIT))
        else:
            self.floor.hear(c.LegGone(leg.id, self.random.choice((16, 17, 19, 34)), far_end=True))

    def time_passes(self) -> None:
        self.floor.wait(self.random.choice((0.5, 2.0, 8.0, 40.0)))

    def another_filling(self) -> None:
        self.floor.fill(12, self.random.randrange(40))

    def the_link_breaks(self) -> None:
        self.floor.hear(c.LinkDown("connection lost"))
        for _ in range(3):
            self.an_agent()
        self.link_up()

    def a_restart(self) -> None:
        self.floor.restart()
        self.an_agent()
        self.link_up()
        self.another_filling()

    def link_up(self) -> None:
        """Asterisk lists its channels, but for one that ended meanwhile."""
        legs = list(self.floor.state.legs.values())
        missing = self.random.choice(legs).id if self.random.random() < 0.3 else ""
        there = [leg for leg in legs if leg.place.kind is not PlaceKind.ASKED]
        kept = [leg for leg in there if leg.id != missing or leg.call_id is None]
        self.floor.hear(c.LinkUp(tuple(replace(seen(self.floor, leg.id), place=leg.place) for leg in kept)))

    def the_campaign_changes(self) -> None:
        self.floor.change_campaign(auto_dial_level=self.random.choice((0.0, self.level, self.level)))
        self.floor.fill(10, self.random.randrange(40))

    # --- what Asterisk does ----------------------------------------------------------------------------------

    def obey(self) -> None:
        """Asterisk does what it is asked; whoever is called does not answer by himself."""
        while self.floor.effects:
            effect = self.floor.effects.pop(0)
            if isinstance(effect, x.RingToWait):
                self.dialled += 1
                self.floor.hear(c.LegPlaced(effect.leg))
                if self.random.random() < 0.5:
                    self.floor.hear(c.LegRinging(effect.leg))
            else:
                self.floor._obey(effect)

    # --- what is true ----------------------------------------------------------------------------------------

    def check(self) -> None:
        state = self.floor.state
        ours = [call for call in state.calls.values() if call.direction == "auto" and not call.agent]
        ringing = [call for call in ours if self.rings(call)]
        assert {call.id for call in ours if call.state in {"dialling", "ringing"}} == self.floor.world.dials.unanswered
        if not state.link_up:
            return
        level = state.campaigns["TESTCAMP"].auto_dial_level
        blended = [session for session in state.sessions.values() if session.blended]
        free = len(free_among(state, blended))
        if level == 0.0:
            assert not ringing, "it rings for nobody"
        elif level <= 1.0:
            assert len(ringing) <= free, "more phones ring than agents are free"
        else:
            assert len(ringing) <= level * len(blended)
        if not blended:
            assert not ringing, "it rings for nobody"
        leads = [call.lead_id for call in state.calls.values()]
        assert len(leads) == len(set(leads)), "somebody is called twice at a time"

    def rings(self, call: Call) -> bool:
        """Whether nobody has answered, and nobody has asked for the end of it."""
        leg = self.floor.state.legs[call.leg]
        ended = leg.pending is not None and leg.pending.why is Why.END
        return leg.place.kind in _UNSEEN and not ended


@pytest.mark.parametrize("level", [1.0, 2.5])
@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens(seed: int, level: float) -> None:
    chance = Chance(seed, level)
    for _ in range(120):
        chance.step()
    assert chance.dialled > 5
    counts = chance.floor.state.dial_counts["TESTCAMP"]
    assert counts.dialled == chance.dialled == len(chance.floor.recorded(r.CallDialled))
    delivered = chance.floor.recorded(r.CallDelivered)
    assert len({record.call_id for record in delivered}) == len(delivered), "somebody was delivered twice"
    chance.floor.change_campaign(auto_dial_level=0.0)
    chance.obey()
    chance.check()
