"""Restart with callers on their way, waiting, ringing, being delivered and in conversation: nobody is cut off.

Nobody loses his place, and nobody is delivered twice. The same for a lost and regained link. An Asterisk goes on
meanwhile (asterisk.py), and everything is looked at from both sides (centre.py).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.model import Lead, PlaceKind, SessionKind
from tests.core.asterisk import WAIT, Channel
from tests.core.centre import CallCentre

SEATED, ON_HOOK, REMOTE = SessionKind.SEATED, SessionKind.ON_HOOK, SessionKind.REMOTE
NAMES = {SEATED: "1001", ON_HOOK: "1004", REMOTE: "1029"}
PHONES = {SEATED: "503", ON_HOOK: "504", REMOTE: ""}


class Story:
    """A caller comes to an agent of some kind, one step after the other; another one waits behind him."""

    def __init__(self, kind: SessionKind) -> None:
        self.centre = CallCentre()
        self.desk, self.pbx, self.agent = self.centre.desk, self.centre.pbx, NAMES[kind]
        self.desk.change_user("1029", lines=1)
        self.centre.ask(c.LogIn(self.agent, PHONES[kind]))
        self.centre.go_well()
        self.centre.ask(c.Pause(self.agent))
        self.caller = self.pbx.call_in("SALESLINE", self.desk.now)

    def steps(self) -> list[Callable[[], None]]:
        """What happens, in order."""
        return [self.is_known, self.hears_music, self.second_caller, self.ready, *[self.one_more] * 12]

    def is_known(self) -> None:
        """The daemon has been asked about the caller, and the dialplan goes on."""
        self.centre.hear(self.pbx.news((self.caller.leg, "agi")))

    def hears_music(self) -> None:
        self.centre.go_well()

    def second_caller(self) -> None:
        self.desk.now += 5
        self.pbx.call_in("SALESLINE", self.desk.now)
        self.centre.go_well()
        self.desk.now += 5

    def ready(self) -> None:
        self.centre.ask(c.Resume(self.agent))

    def one_more(self) -> None:
        """Asterisk does one thing, or one piece of news is read, or whoever is called does one thing."""
        called = self.pbx.called(PlaceKind.DIALLING, PlaceKind.UP)
        if self.pbx.sources:
            self.centre.hear(self.pbx.news(next(iter(self.pbx.sources))))
        elif self.pbx.inbox:
            self.pbx.carry_out()
        elif called and called[0].place.kind is PlaceKind.DIALLING:
            self.pbx.pick_up(called[0])
        elif called:
            self.pbx.come_in(called[0])

    def far_ends(self) -> set[str]:
        """Channels of callers, and of agents who talk."""
        return {channel.leg for channel in self.pbx.channels.values() if channel.ingroup or self.talks()}

    def talks(self) -> bool:
        return bool(self.desk.session(self.agent).calls)


def daemon_dies(story: Story) -> None:
    """kill -9, and a new one is started."""
    story.pbx.cut(channels_too=False)
    for operation in story.desk.operations.values():
        operation.done = True
    story.centre.restart()
    back(story)


def link_breaks(story: Story) -> None:
    story.pbx.cut(channels_too=False)
    story.centre.hear(c.LinkDown("connection lost"))
    back(story)


def back(story: Story) -> None:
    story.pbx.listening = True
    story.centre.hear(story.pbx.snapshot())
    story.pbx.find_strays()


STEPS = range(17)


@pytest.mark.parametrize("breaks", [daemon_dies, link_breaks])
@pytest.mark.parametrize("kind", [SEATED, ON_HOOK, REMOTE])
@pytest.mark.parametrize("steps", STEPS)
def test_after_so_many_steps(steps: int, kind: SessionKind, breaks: Callable[[Story], None]) -> None:
    story = Story(kind)
    for step in story.steps()[:steps]:
        step()
    there, came = story.far_ends(), story.desk.now
    since = {waiting.call_id: waiting.since for waiting in story.desk.state.waiting.values()}
    breaks(story)
    for waiting in story.desk.state.waiting.values():
        assert since.get(waiting.call_id, waiting.since) == waiting.since <= came, "a caller lost his place"
    story.centre.go_well()
    assert there <= set(story.pbx.channels), "somebody was cut off"
    finish(story, steps)
    delivered = [record.call_id for record in story.desk.recorded(r.CallDelivered)]
    assert len(delivered) == len(set(delivered)) == 1, "delivered twice, or not at all"
    assert story.desk.call(story.agent).leg == story.caller.leg, "the first who came is the first to be served"
    assert are_together(story)
    assert there <= set(story.pbx.channels)
    assert story.desk.replay_from_disk() == story.desk.state


def finish(story: Story, steps: int) -> None:
    """What is left to happen happens; where something was refused it is tried again."""
    if steps < 3:
        story.second_caller()
    if story.desk.stands(story.agent).startswith("PAUSED"):
        story.ready()
    story.centre.go_well()
    for _ in range(3):
        story.centre.pass_time(5.0)
        story.centre.go_well()


def are_together(story: Story) -> bool:
    """Whether the agent's channel is where the caller's is, and nobody else."""
    place = story.pbx.channels[story.caller.leg].place
    both = [channel for channel in story.pbx.channels.values() if channel.place == place]
    return place.kind is PlaceKind.CONFERENCE and len(both) == 2


# --- the daemon is away for a while ------------------------------------------------------------------------------


def away(story: Story) -> None:
    """The daemon dies, and is not started yet."""
    story.pbx.cut(channels_too=False)
    story.centre.restart()


def arrives(story: Story, seconds: float) -> Channel:
    """Somebody calls while the daemon is away: nobody answers the dialplan, which goes on."""
    story.desk.now += seconds
    channel = story.pbx.call_in("SALESLINE", story.desk.now)
    story.pbx.daemon_gone()
    assert channel.place == WAIT
    return channel


@pytest.mark.parametrize("kind", [SEATED, ON_HOOK, REMOTE])
def test_who_called_meanwhile_is_served_in_the_order_in_which_they_came(kind: SessionKind) -> None:
    story = Story(kind)
    story.is_known()
    story.hears_music()
    away(story)
    order = [story.caller.leg, arrives(story, 60).leg, arrives(story, 60).leg]
    back(story)
    story.centre.read_all()
    assert [waiting.since - story.caller.came for waiting in story.desk.state.waiting.values()] == [0, 60, 120]
    served = []
    for _ in order:
        story.centre.ask(c.Resume(story.agent))
        story.centre.go_well()
        served.append(story.desk.call(story.agent).leg)
        story.pbx.end(story.pbx.channels[served[-1]], 16, far_end=True)
        story.centre.go_well()
        story.centre.ask(c.Dispose(story.agent, "A"))
    assert served == order


@pytest.mark.parametrize("kind", [SEATED, ON_HOOK, REMOTE])
def test_who_hung_up_meanwhile_is_gone_and_the_agent_free(kind: SessionKind) -> None:
    story = Story(kind)
    for step in story.steps():
        step()
    story.centre.go_well()
    assert are_together(story)
    away(story)
    story.pbx.end(story.caller, 16, far_end=True)
    back(story)
    story.centre.go_well()
    if kind is not REMOTE:
        assert story.desk.stands(story.agent) == "WRAPUP"
        story.centre.ask(c.Dispose(story.agent, "A"))
        story.centre.go_well()
    assert story.desk.call(story.agent).leg != story.caller.leg, "the next one"


@pytest.mark.parametrize("answers", [True, False])
def test_whom_a_campaign_is_dialling_is_nobody_lost(answers: bool) -> None:
    """The lead answers, or hangs up, while the daemon is away."""
    centre = CallCentre()
    desk, pbx = centre.desk, centre.pbx
    desk.change_user("1001", blended=True)
    desk.change_campaign(call_hours="", auto_dial_level=1.0)
    centre.ask(c.LogIn("1001", "503", ready=True))
    centre.go_well()
    centre.hear(c.HopperFilled("TESTCAMP", (Lead(77, 101, "NEW", "1", "7275551477"),)))
    pbx.carry_out()
    centre.read_all()
    (lead,) = pbx.called(PlaceKind.DIALLING)
    pbx.cut(channels_too=False)
    centre.restart()
    if answers:
        pbx.pick_up(lead)
        pbx.come_in(lead)
    else:
        pbx.end(lead, 17, far_end=True)
    pbx.listening = True
    centre.hear(pbx.snapshot())
    centre.go_well()
    if answers:
        assert desk.call("1001").leg == lead.leg
    else:
        assert desk.stands("1001") == "READY"
        assert not desk.state.calls
