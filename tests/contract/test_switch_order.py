"""What a real Asterisk says in this order only under a burst of calls, on a connection that is played by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentd.core import commands as c
from agentd.core.effects import HangUpLeg, Join, Prompt, Ring
from agentd.core.model import Place, PlaceKind, Role
from agentd.engine.ports import Caller
from agentd.switch.asterisk import AsteriskSwitch
from agentd.switch.digits import Digits
from agentd.switch.recordings import Recordings
from agentd.switch.strays import Strays
from tests.wire.ami_kit import Office, offices_closed

__all__ = ["offices_closed"]

LEG = "agd-a-1"
NOT_REACHABLE = c.LegRefused(LEG, "not reachable", reachable=False, cause=20)


class Desk:
    """A switch that has rung one phone; what it says is in ``heard``."""

    def __init__(self) -> None:
        self.heard: list[c.Command] = []
        self.waiting: list[Caller] = []
        self.office = Office()
        client, later = self.office.client, self.office.clock.callLater
        self.switch = AsteriskSwitch(
            client,
            self.heard.append,
            lambda leg: leg == LEG,
            later,
            Digits([], later),
            Recordings(client, self.heard.append, Path("/recordings")),
            Strays(self.waiting.append, lambda: 0.0),
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


# --- moves ---------------------------------------------------------------------------------------------------

NOT_UP = "Message: Redirect failed, channel not up."


class Lobby(Desk):
    """The phone has answered, and is in its conference."""

    def __init__(self) -> None:
        super().__init__()
        self.says("Newchannel")
        self.heard.clear()

    def redirects(self) -> list[str]:
        """The contexts of the Redirects that wait for their answers."""
        return [action["Context"] for action in self.pbx.asked() if action["Action"] == "Redirect"]

    def refuses(self, why: str = NOT_UP) -> None:
        """Asterisk refuses the Redirect."""
        self.pbx.answer("Redirect", why, status="Error")


@pytest.fixture
def lobby() -> Lobby:
    return Lobby()


def test_a_leg_on_its_way_out_of_a_bridge_is_moved_a_moment_later(lobby: Lobby) -> None:
    lobby.switch.perform(Join(LEG, "8600051"))
    assert lobby.redirects() == ["agentd-conf"]
    lobby.refuses()
    assert lobby.redirects() == []
    lobby.office.clock.advance(0.01)
    assert lobby.redirects() == ["agentd-conf"]
    lobby.pbx.answer("Redirect")
    lobby.office.clock.advance(1)
    assert lobby.heard == []


def test_it_is_not_tried_for_ever(lobby: Lobby) -> None:
    lobby.switch.perform(Join(LEG, "8600051"))
    tries = 0
    while lobby.redirects() and tries < 100:
        tries += 1
        lobby.refuses()
        lobby.office.clock.advance(0.01)
    assert 2 < tries < 10
    assert lobby.heard == [c.MoveRefused(LEG, "Redirect failed, channel not up")]


def test_a_hangup_ends_the_tries_and_their_refusal_is_not_taken_for_its_own(lobby: Lobby) -> None:
    lobby.switch.perform(Join(LEG, "8600051"))
    lobby.refuses()
    lobby.switch.perform(HangUpLeg(LEG))
    lobby.office.clock.advance(1)
    assert lobby.redirects() == []
    lobby.pbx.answer("Hangup")
    lobby.switch.perform(Join(LEG, "8600051"))
    lobby.switch.perform(HangUpLeg(LEG))
    lobby.refuses("Message: Redirect failed")
    assert lobby.heard == []


def test_the_end_of_the_channel_ends_the_tries(lobby: Lobby) -> None:
    lobby.switch.perform(Join(LEG, "8600051"))
    lobby.refuses()
    lobby.says("Hangup", "Cause: 16", "Cause-txt: Normal Clearing")
    lobby.office.clock.advance(1)
    assert lobby.redirects() == []
    assert lobby.heard == [c.LegGone(LEG, 16)]


def test_how_a_channel_ended_is_told_by_its_own_event_if_that_comes_in_time(lobby: Lobby) -> None:
    lobby.switch.perform(Join(LEG, "8600051"))
    lobby.refuses(f"Message: Channel does not exist: {LEG}")
    assert lobby.heard == []
    lobby.says("Hangup", "Cause: 17", "Cause-txt: User busy")
    assert lobby.heard == [c.LegGone(LEG, 17)]
    lobby.office.clock.advance(0.1)
    assert lobby.heard[0] == c.LegGone(LEG, 17)


def test_an_answer_that_never_comes_says_nothing(lobby: Lobby) -> None:
    lobby.switch.perform(Join(LEG, "8600051"))
    lobby.office.clock.advance(6)
    assert lobby.heard == []


def test_the_variables_are_set_before_the_leg_moves(lobby: Lobby) -> None:
    lobby.pbx.asked()
    lobby.switch.perform(Prompt(LEG, "8600051", "", "agentd/prompt"))
    asked = lobby.pbx.asked()
    assert [action["Action"] for action in asked] == ["Setvar", "Setvar", "Setvar", "Redirect"]
    assert {action["Variable"]: action["Value"] for action in asked[:3]} == {
        "AGENTD_PROMPT": "agentd/prompt",
        "AGENTD_IVR_CONTEXT": "",
        "AGENTD_ROOM": "8600051",
    }
    assert (asked[3]["Channel"], asked[3]["Context"], asked[3]["Exten"]) == (LEG, "agentd-ivr", "8600051")


JOINED = ("Conference: 8600051", "Admin: No", "Muted: No")
AT_PROMPT = c.LegAt(LEG, Place(PlaceKind.IVR))
BACK = c.LegJoined(LEG, "8600051")


@pytest.mark.parametrize("order", ["told", "overtaken"])
def test_a_prompt_that_does_not_play_is_over_after_it_began_whatever_is_heard_first(lobby: Lobby, order: str) -> None:
    lobby.switch.perform(Prompt(LEG, "8600051", "", ""))

    def there() -> None:
        lobby.says("UserEvent", "UserEvent: AgentdPlace", "Place: ivr")

    def back() -> None:
        lobby.says("ConfbridgeJoin", *JOINED)

    for news in (there, back) if order == "told" else (back, there):
        news()
    assert lobby.heard == [AT_PROMPT, BACK]
    lobby.switch.perform(Prompt(LEG, "8600051", "", ""))
    there()
    assert lobby.heard[2:] == [AT_PROMPT]


def test_a_leg_that_is_fetched_before_it_came_to_the_prompt_was_never_there(lobby: Lobby) -> None:
    lobby.switch.perform(Prompt(LEG, "8600051", "", ""))
    lobby.switch.perform(Join(LEG, "8600051"))
    lobby.says("ConfbridgeJoin", *JOINED)
    assert lobby.heard == [BACK]


def test_what_a_sites_own_dialplan_says_is_not_for_us(lobby: Lobby) -> None:
    lobby.says("UserEvent", "UserEvent: Other", "Place: wait")
    lobby.says("UserEvent", "UserEvent: AgentdPlace", "Place: nowhere")
    lobby.says("UserEvent", "UserEvent: AgentdPlace")
    lobby.pbx.says("Event: UserEvent", "UserEvent: AgentdPlace", "Place: wait")
    assert lobby.heard == []
    lobby.says("UserEvent", "UserEvent: AgentdPlace", "Place: wait")
    assert lobby.heard == [c.LegAt(LEG, Place(PlaceKind.WAIT))]
