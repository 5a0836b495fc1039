"""A campaign that dials by itself, its leads, and agents who take its calls."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import commands as c
from agentd.core.effects import HangUpLeg, RingToWait
from agentd.core.model import DialMethod, Lead
from tests.core.desk import CAMPAIGN, Desk

__all__ = ["DIALS", "FIRST", "Floor", "lead"]

FIRST = 5001  # the first lead's id
PHONES = {"1000": "502", "1001": "503", "1002": "505"}
DIALS = replace(CAMPAIGN, dial_method=DialMethod.RATIO, auto_dial_level=1.0, call_hours="")


def lead(number: int, **fields: str) -> Lead:
    """The lead of that number, counted from 0."""
    return Lead(FIRST + number, 101, "NEW", "1", f"72755520{number:02d}", fields)


class Floor(Desk):
    """A desk whose campaign dials; agents log in blended."""

    def fill(self, count: int = 20, first: int = 0) -> None:
        """Put leads into the hopper."""
        self.hear(c.HopperFilled("TESTCAMP", tuple(lead(number) for number in range(first, first + count))))

    def blend(self, *agents: str) -> None:
        """Log agents in who take the campaign's calls, and let them be ready."""
        for agent in agents:
            self.change_user(agent, blended=True)
            asked, self.effects = self.effects, []
            self.ready(agent, PHONES[agent])
            self.effects = asked + self.effects

    def dials(self) -> list[RingToWait]:
        """Take the calls that were asked of Asterisk since the last time."""
        asked = [effect for effect in self.effects if isinstance(effect, RingToWait)]
        self.effects = [effect for effect in self.effects if not isinstance(effect, RingToWait)]
        return asked

    def cancelled(self) -> list[str]:
        """Take the legs whose end was asked for since the last time; each is gone then."""
        legs = [effect.leg for effect in self.effects if isinstance(effect, HangUpLeg)]
        self.effects = [effect for effect in self.effects if not isinstance(effect, HangUpLeg)]
        for leg in legs:
            self.hear(c.LegGone(leg, 16))
        return legs

    def ring_up(self, dial: RingToWait) -> None:
        """The lead's phone rings."""
        self.hear(c.LegPlaced(dial.leg))
        self.hear(c.LegRinging(dial.leg))

    def held(self) -> list[int]:
        """The leads in the hopper, counted from 0."""
        return [each.id - FIRST for each in self.world.hopper.get("TESTCAMP", ())]
