"""What a real Asterisk says in this order only under a burst of calls, on a connection that is played by hand."""

from __future__ import annotations

import pytest

from agentd.core import commands as c
from agentd.core.effects import HangUpLeg, Ring
from agentd.core.model import Role
from agentd.switch.asterisk import AsteriskSwitch
from tests.wire.ami_kit import Office, offices_closed

__all__ = ["offices_closed"]

LEG = "agd-a-1"
NOT_REACHABLE = c.LegRefused(LEG, "not reachable", reachable=False, cause=20)


class Desk:
    """A switch that has rung one phone; what it says is in ``heard``."""

    def __init__(self) -> None:
        self.heard: list[c.Command] = []
        self.office = Office()
        self.switch = AsteriskSwitch(
            self.office.client, self.heard.append, lambda leg: leg == LEG, later=self.office.clock.callLater
        )
        self.pbx = self.office.live()
        self.switch.perform(Ring(LEG, "PJSIP/522", "8600051", Role.AGENT, 1, "", "1000", 20))
        self.action = self.pbx.asked()[0]["ActionID"]
        self.pbx.answer("Originate", "Message: Originate successfully queued")

    def says(self, event: str, *lines: str) -> None:
        """Asterisk tells of the channel."""
        state = ("Channel: PJSIP/522-1", "ChannelState: 0", "ChannelStateDesc: Down")
        self.pbx.says(f"Event: {event}", f"Uniqueid: {LEG}", *state, *lines)

    def fails(self) -> None:
        """Asterisk tells that the Originate has failed."""
        lines = (f"ActionID: {self.action}", f"Uniqueid: {LEG}", "Response: Failure", "Reason: 0")
        self.pbx.says("Event: OriginateResponse", *lines)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_failure_that_overtakes_the_channel_does_not_hide_how_it_ended(desk: Desk) -> None:
    desk.fails()
    desk.office.clock.advance(0.01)
    desk.says("Newchannel")
    desk.says("HangupRequest", "Cause: 17")
    desk.says("Hangup", "Cause: 17", "Cause-txt: User busy")
    desk.office.clock.advance(10)
    assert desk.heard == [c.LegPlaced(LEG), c.LegGone(LEG, 17)]


def test_a_failure_between_the_channel_and_its_end_says_nothing(desk: Desk) -> None:
    desk.says("Newchannel")
    desk.fails()
    desk.office.clock.advance(10)
    assert desk.heard == [c.LegPlaced(LEG)]
    desk.says("Hangup", "Cause: 17", "Cause-txt: User busy")
    assert desk.heard == [c.LegPlaced(LEG), c.LegGone(LEG, 17)]


def test_a_failure_without_a_channel_is_told_within_half_a_second(desk: Desk) -> None:
    desk.fails()
    assert desk.heard == []
    desk.office.clock.advance(0.5)
    assert desk.heard == [NOT_REACHABLE]
    desk.office.clock.advance(10)
    assert desk.heard == [NOT_REACHABLE]


def test_a_hangup_meanwhile_changes_nothing_of_that(desk: Desk) -> None:
    desk.fails()
    desk.switch.perform(HangUpLeg(LEG))
    desk.pbx.answer("Hangup", "Message: No such channel", status="Error")
    assert desk.heard == []
    desk.office.clock.advance(0.5)
    assert desk.heard == [NOT_REACHABLE]


def test_a_far_end_that_hangs_up_is_told_of_a_channel_that_was_up(desk: Desk) -> None:
    desk.says("Newchannel")
    desk.pbx.says("Event: HangupRequest", f"Uniqueid: {LEG}", "ChannelState: 6", "Cause: 16")
    desk.says("Hangup", "Cause: 16", "Cause-txt: Normal Clearing")
    assert desk.heard == [c.LegPlaced(LEG), c.LegGone(LEG, 16, far_end=True)]
