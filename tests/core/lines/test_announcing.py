"""BEHAVIOUR, In-groups: the welcome, and the announcements of place and expected wait."""

from __future__ import annotations

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import Announce, HangUpLeg, Hold, Join
from agentd.core.model import LineCounts
from tests.core.desk import START, WAIT, Desk
from tests.core.lines.hall import HANGUP, asked, comes, gone, set_up, to_ingroup


@pytest.fixture
def paused(desk: Desk) -> Desk:
    """Agent 1001, who takes SALESLINE, is paused."""
    desk.log_in("1001", "503")
    return desk


def heard(desk: Desk, leg: str = "pbx-1") -> Announce:
    """The one announcement that was asked for, which the dialplan makes."""
    announcement = desk.take(Announce)
    assert announcement.leg == leg
    desk.hear(c.LegAt(leg, WAIT))
    return announcement


def test_who_comes_is_welcomed_once(paused: Desk) -> None:
    set_up(paused, welcome="agentd/welcome")
    comes(paused)
    paused.wait(0)
    assert heard(paused) == Announce("pbx-1", "sales", "agentd/welcome")
    paused.wait(3600)
    assert not paused.effects


def test_who_is_taken_at_once_is_not_welcomed(desk: Desk) -> None:
    set_up(desk, welcome="agentd/welcome", announce_every=10)
    desk.ready("1001", "503")
    comes(desk)
    assert [type(effect) for effect in asked(desk)] == [Join]
    desk.wait(0)
    assert not desk.effects
    desk.arrive("pbx-1", desk.state.legs[desk.session("1001").leg].place)
    desk.effects.clear()
    desk.wait(3600)
    assert not desk.effects, "he does not wait any more"


def test_who_is_not_taken_after_all_is_welcomed_then(desk: Desk) -> None:
    set_up(desk, welcome="agentd/welcome")
    desk.ready("1001", "503")
    comes(desk)
    desk.take(Join)
    desk.ask(c.Pause("1001"))
    desk.hear(c.MoveRefused("pbx-1", "Permission denied"))
    desk.wait(2)
    assert heard(desk).prompt == "agentd/welcome"


def test_he_is_told_his_place_every_now_and_then(paused: Desk) -> None:
    set_up(paused, announce_every=30)
    comes(paused, leg="pbx-0")
    paused.wait(10)
    comes(paused)
    paused.wait(20)
    assert heard(paused, "pbx-0") == Announce("pbx-0", "sales", position=1)
    paused.wait(10)
    assert heard(paused) == Announce("pbx-1", "sales", position=2)
    gone(paused, "pbx-0")
    paused.wait(30)
    assert heard(paused).position == 1
    paused.wait(29)
    assert not paused.effects


def test_the_place_goes_by_priority_and_by_line(paused: Desk) -> None:
    set_up(paused, announce_every=30)
    comes(paused)
    comes(paused, "SUPPORT", "pbx-2")
    paused.wait(5)
    comes(paused, leg="pbx-3", priority=1)
    paused.wait(25)
    assert heard(paused).position == 2


def test_the_first_announcement_waits_until_he_has_heard_the_welcome(paused: Desk) -> None:
    set_up(paused, welcome="agentd/welcome", announce_every=20)
    comes(paused)
    paused.wait(0)
    paused.take(Announce)
    paused.wait(4)
    paused.hear(c.LegAt("pbx-1", WAIT))
    paused.wait(15.9)
    assert not paused.effects
    paused.wait(0.1)
    assert heard(paused).position == 1


@pytest.mark.parametrize(
    ("changes", "position", "minutes"),
    [
        ({}, 1, None),
        ({"announce_wait": True}, 1, 3),
        ({"announce_wait": True, "announce_position": False}, 0, 3),
    ],
)
def test_what_is_said_is_as_the_in_group_wants_it(
    paused: Desk, changes: dict[str, bool], position: int, minutes: int | None
) -> None:
    set_up(paused, announce_every=30, **changes)
    talked(paused, 170)
    comes(paused, leg="pbx-1")
    paused.wait(30)
    assert heard(paused) == Announce("pbx-1", "sales", position=position, minutes=minutes)


def talked(desk: Desk, seconds: float) -> None:
    """Agent 1001 has had a call of SALESLINE that lasted so long, and is paused again."""
    desk.ask(c.Resume("1001"))
    comes(desk, leg="pbx-0")
    desk.obey()
    desk.now += seconds
    gone(desk, "pbx-0")
    desk.ask(c.Pause("1001"))
    desk.ask(c.Dispose("1001", "A"))
    desk.effects.clear()


def test_nothing_is_said_where_there_is_nothing_to_say(paused: Desk) -> None:
    """Nobody has talked yet, so that no wait can be expected."""
    set_up(paused, announce_every=30, announce_position=False, announce_wait=True)
    comes(paused)
    paused.wait(100)
    assert not paused.effects
    paused.state.line_counts["SALESLINE"] = LineCounts("2023-11-14", ended=1, talked=61)
    paused.shadow.line_counts["SALESLINE"] = LineCounts("2023-11-14", ended=1, talked=61)
    paused.wait(20)
    assert heard(paused).minutes == 2


def test_announcements_can_be_switched_off_and_changed_while_he_waits(paused: Desk) -> None:
    set_up(paused, announce_every=30)
    comes(paused)
    set_up(paused, announce_every=0)
    paused.wait(3600)
    assert not paused.effects


def test_while_he_is_brought_to_an_agent_nothing_is_said(paused: Desk) -> None:
    set_up(paused, announce_every=30)
    comes(paused)
    paused.wait(29.5)
    paused.ask(c.Resume("1001"))
    paused.take(Join)
    paused.wait(2)
    assert not paused.effects
    paused.ask(c.Pause("1001"))
    paused.hear(c.MoveRefused("pbx-1", "Permission denied"))
    paused.wait(2)
    assert heard(paused).position == 1


def test_an_agent_who_is_ready_meanwhile_gets_him_when_the_announcement_has_begun(paused: Desk) -> None:
    set_up(paused, announce_every=30)
    comes(paused)
    paused.wait(30)
    paused.take(Announce)
    paused.ask(c.Resume("1001"))
    assert not paused.effects, "Asterisk takes one move at a time"
    paused.hear(c.LegAt("pbx-1", WAIT))
    assert paused.take(Join).leg == "pbx-1"


def test_an_announcement_that_asterisk_refuses_changes_nothing(paused: Desk) -> None:
    set_up(paused, announce_every=30, no_agent=HANGUP)
    comes(paused)
    paused.ask(c.LogOut("1001"))
    paused.hung_up()
    paused.wait(30)
    paused.take(Announce)
    paused.hear(c.MoveRefused("pbx-1", "Permission denied"))
    paused.wait(29)
    assert not paused.effects, "he was let in, and goes on waiting"
    paused.wait(1)
    assert heard(paused).position == 1


def test_without_a_link_nothing_is_said(paused: Desk) -> None:
    set_up(paused, welcome="agentd/welcome", announce_every=30)
    comes(paused)
    paused.hear(c.LinkDown("connection lost"))
    paused.wait(100)
    assert not paused.effects


def test_in_another_line_he_hears_what_is_said_there(paused: Desk) -> None:
    set_up(paused, drop_after=60, drop=to_ingroup("SUPPORT"), welcome="agentd/welcome", announce_every=25)
    set_up(paused, "SUPPORT", music="help", welcome="agentd/help", announce_every=50)
    comes(paused)
    paused.wait(0)
    heard(paused)
    for _ in range(2):
        paused.wait(25)
        heard(paused)
    paused.wait(10)
    assert paused.now == START + 60
    paused.take(Hold)
    paused.hear(c.LegAt("pbx-1", WAIT))
    paused.wait(2)
    assert heard(paused) == Announce("pbx-1", "help", "agentd/help")
    paused.wait(49)
    assert not paused.effects
    paused.wait(1)
    assert heard(paused) == Announce("pbx-1", "help", position=1)


def test_one_whom_an_agent_sent_is_not_welcomed_but_told_his_place(paused: Desk) -> None:
    set_up(paused, welcome="agentd/welcome", announce_every=30)
    paused.log_in()
    leg = paused.talk().leg
    paused.ask(c.TransferToInGroup("1000", "SALESLINE"))
    paused.take(Hold)
    paused.arrive(leg, WAIT)
    paused.effects.clear()
    paused.wait(29)
    assert not paused.effects
    paused.wait(1)
    assert heard(paused, leg) == Announce(leg, "sales", position=1)


def test_one_who_is_sent_away_hears_nothing_more(desk: Desk) -> None:
    set_up(desk, welcome="agentd/welcome", announce_every=30, no_agent=HANGUP)
    comes(desk)
    desk.take(HangUpLeg)
    desk.hear(c.LegGone("pbx-1", 16))
    desk.wait(60)
    assert not desk.effects
    assert not desk.recorded(r.WaitingOffered)
