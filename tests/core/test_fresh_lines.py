"""Lines and deliveries in odd moments: a link that breaks just then, a wanted agent who is lost, a full line."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import Announce, HangUpLeg, Hold, Join
from agentd.core.errors import NotPossibleNow
from agentd.core.model import Treatment, TreatmentKind
from tests.core.desk import SETTINGS, START, WAIT, Desk, seen
from tests.core.dialler.floor import DIALS, Floor, lead

ON_HOOK = "1004"  # phone 504
REMOTE = "1029"


# --- on-hook agents ----------------------------------------------------------------------------------------------


def after_a_call(desk: Desk) -> str:
    """The on-hook agent's call is over, and his phone is about to be let go; gives its leg."""
    desk.ask(c.LogIn(ON_HOOK, ready=True))
    desk.call_in()
    desk.obey()
    phone = desk.session(ON_HOOK).leg
    desk.hear(c.LegGone("in-1", 16, far_end=True))
    assert desk.take(HangUpLeg).leg == phone
    return phone


def test_an_on_hook_phone_whose_end_was_lost_with_the_link_is_let_go_when_the_link_is_back(desk: Desk) -> None:
    phone = after_a_call(desk)
    desk.hear(c.LinkDown("connection lost"))
    desk.ask(c.Dispose(ON_HOOK, "A"))
    desk.hear(c.LinkUp((seen(desk, phone),)))
    assert desk.hung_up() == phone
    desk.call_in("in-2")
    assert desk.waits("in-2").offered == ON_HOOK


def test_an_on_hook_phone_that_asterisk_would_not_end_is_let_go_later(desk: Desk) -> None:
    phone = after_a_call(desk)
    desk.hear(c.MoveRefused(phone, "no"))
    place = desk.state.legs[phone].place
    desk.wait(desk.settings.confirm_time)
    desk.effects.clear()
    desk.hear(c.LegRead(phone, place))
    assert desk.hung_up() == phone


def test_an_on_hook_agent_in_a_call_keeps_his_phone_through_a_break_of_the_link(desk: Desk) -> None:
    desk.ask(c.LogIn(ON_HOOK, ready=True))
    desk.call_in()
    desk.obey()
    phone = desk.session(ON_HOOK).leg
    desk.hear(c.LinkDown("connection lost"))
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, "in-1"))))
    assert not desk.effects
    assert desk.stands(ON_HOOK) == "INCALL"


def test_an_on_hook_agent_cannot_have_a_dial_for_after_the_call_when_his_phone_will_be_gone(desk: Desk) -> None:
    desk.ask(c.LogIn(ON_HOOK, ready=True))
    desk.call_in()
    desk.obey()
    desk.refused(c.Dial(ON_HOOK, desk.request()), NotPossibleNow)
    assert not desk.session(ON_HOOK).queue


def test_an_on_hook_agent_whose_phone_is_taken_away_is_paused_before_long() -> None:
    desk = Desk(replace(SETTINGS, missed_calls=3))
    desk.ask(c.LogIn(ON_HOOK, ready=True))
    desk.hear(c.ReferenceChanged((r.PhoneSet("504", replace(desk.state.phones["504"], dial="")),)))
    desk.call_in()
    desk.wait(120)
    assert desk.stands(ON_HOOK) == "PAUSED MISSED"
    assert len(desk.recorded(r.OfferMissed)) == 3
    assert not desk.waits().offered


# --- who waits for one agent -------------------------------------------------------------------------------------


def test_a_caller_of_agentdirect_waits_for_his_agent_again_when_that_one_was_lost(desk: Desk) -> None:
    desk.ready("1001", "503")
    desk.call_in(ingroup="AGENTDIRECT", wanted="1001")
    desk.obey()
    desk.lose_phone("1001")
    desk.effects.clear()
    while "in-1" not in desk.state.waiting:
        desk.wait(1)
        if any(isinstance(effect, Hold) for effect in desk.effects):
            desk.obey()
    assert (desk.waits().ingroup, desk.waits().wanted) == ("AGENTDIRECT", "1001")


def test_a_remote_agent_cannot_be_waited_for_to_be_consulted(desk: Desk) -> None:
    desk.ask(c.LogIn(REMOTE))
    desk.log_in()
    desk.talk()
    desk.refused(c.DialThird("1000", REMOTE, ingroup="AGENTDIRECT"), NotPossibleNow)
    assert not desk.call().third


# --- whom a campaign is calling ----------------------------------------------------------------------------------


def test_a_lead_who_calls_in_is_no_longer_called() -> None:
    floor = Floor(campaign=DIALS)
    floor.fill(1)
    floor.blend("1000")
    (dial,) = floor.dials()
    floor.ring_up(dial)
    floor.ask(c.CallArrived("in-1", "SALESLINE", lead=lead(0)))
    assert floor.cancelled() == [dial.leg]
    floor.hear(c.LegAt("in-1", WAIT))
    floor.ready("1001", "505")
    assert floor.waits().offered == "1001"
    assert floor.stands("1000") == "READY"
    assert floor.state.leads[lead(0).id].status == "NEW"


# --- full lines --------------------------------------------------------------------------------------------------


def test_who_is_being_brought_to_an_agent_does_not_make_the_line_full(desk: Desk) -> None:
    desk.change_ingroup("SALESLINE", max_waiting=1, full=Treatment(TreatmentKind.HANGUP))
    desk.ready("1001", "503")
    desk.ready("1002", "505")
    desk.call_in("in-1")
    desk.call_in("in-2")
    assert {effect.leg for effect in desk.effects if isinstance(effect, Join)} == {"in-1", "in-2"}
    desk.call_in("in-3")
    assert not desk.waits("in-3").offered
    desk.effects.clear()
    desk.call_in("in-4")
    assert "in-4" not in desk.state.waiting
    assert desk.recorded(r.CallDisposed)[-1].status == "QFULL"


# --- the music of those who wait unasked -------------------------------------------------------------------------

STRAY = c.CallArrived("in-1", "SALESLINE", since=START - 90, place=WAIT)


def later(desk: Desk) -> list[Hold | Announce]:
    """What he hears besides, a moment after he was taken up."""
    desk.wait(0)
    return [effect for effect in desk.effects if isinstance(effect, Hold | Announce)]


def test_one_who_waits_unasked_hears_the_music_of_his_line(desk: Desk) -> None:
    desk.ask(STRAY)
    assert later(desk) == [Hold("in-1", "sales")]
    desk.hear(c.LegAt("in-1", WAIT))
    desk.ready("1001", "503")
    assert desk.waits().offered == "1001"


def test_where_the_music_is_the_default_one_nothing_is_moved(desk: Desk) -> None:
    desk.change_ingroup("SALESLINE", music="")
    desk.ask(STRAY)
    assert later(desk) == []


def test_the_music_comes_with_the_welcome(desk: Desk) -> None:
    desk.change_ingroup("SALESLINE", welcome="agentd/welcome")
    desk.ask(STRAY)
    assert later(desk) == [Announce("in-1", "sales", "agentd/welcome")]


def test_one_who_is_fetched_at_once_hears_no_other_music(desk: Desk) -> None:
    desk.ready("1001", "503")
    desk.ask(STRAY)
    assert desk.waits().offered == "1001"
    assert later(desk) == []
    desk.obey()
    assert desk.stands("1001") == "INCALL"
    assert "music:in-1" not in desk.state.deadlines
