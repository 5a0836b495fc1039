"""BEHAVIOUR: in a call; hangup, disposition and wrap-up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, ReadLeg, Ring
from agentd.core.model import Place, PlaceKind
from tests.core.desk import CAMPAIGN, Desk


def disposed(desk: Desk) -> list[tuple[int, str, str]]:
    return [(record.call_id, record.status, record.by) for record in desk.recorded(r.CallDisposed)]


def without_wrap_up() -> Desk:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=0))
    desk.log_in()
    return desk


# --- hangup ------------------------------------------------------------------------------------------------------


def test_a_hangup_is_done_when_the_customer_is_gone(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    operation = desk.ask(c.HangUp("1000"))
    assert not operation.done
    assert desk.stands() == "INCALL", "asked is not done"
    assert desk.hung_up() == ring.leg
    assert operation.done
    assert operation.error is None
    assert desk.stands() == "WRAPUP"
    (call,) = desk.snapshot()["calls"]
    assert (call["cause"], call["hung_up_by"], call["suggested_status"]) == (16, "agent", None)
    assert not desk.state.deadlines, "wrap-up has no limit here"


def test_a_hangup_of_a_named_call(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.refused(c.HangUp("1000", 999), e.CallNotFound)
    desk.ask(c.HangUp("1000", 1000))
    assert desk.hung_up() == ring.leg


@pytest.mark.parametrize("state", ["PAUSED LOGIN", "READY", "WRAPUP"])
def test_with_no_live_call_a_hangup_is_a_success_and_nothing_is_done(desk: Desk, state: str) -> None:
    desk.log_in()
    if state == "READY":
        desk.ask(c.Resume("1000"))
    elif state == "WRAPUP":
        desk.wrap_up()
    desk.hear(c.LinkDown("connection lost"))
    records = len(desk.journal)
    assert desk.ask(c.HangUp("1000")).done
    assert len(desk.journal) == records
    assert desk.stands() == state


def test_a_hangup_while_dialling_cancels(desk: Desk) -> None:
    desk.log_in()
    ring = desk.dial()
    desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == ring.leg
    assert desk.stands() == "WRAPUP"
    assert desk.call().suggested_status == "CANCEL"
    assert desk.call().hung_up_by == "agent"


def test_a_hangup_before_the_channel_was_seen_is_sent_again_when_it_is(desk: Desk) -> None:
    desk.log_in()
    dial = desk.ask(c.Dial("1000", desk.request()))
    leg = desk.take(Ring).leg
    hangup = desk.ask(c.HangUp("1000"))
    assert desk.take(HangUpLeg).leg == leg
    desk.hear(c.LegPlaced(leg))
    assert dial.done
    assert desk.hung_up() == leg
    assert hangup.done


def test_a_hangup_of_a_dial_that_is_refused_is_done(desk: Desk) -> None:
    desk.log_in()
    dial = desk.ask(c.Dial("1000", desk.request()))
    hangup = desk.ask(c.HangUp("1000"))
    desk.hear(c.LegRefused("agd-t0-2", "no such trunk"))
    assert isinstance(dial.error, e.DialRefused)
    assert hangup.done
    assert hangup.error is None


def test_two_hangups_ask_asterisk_once_and_are_both_answered(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    first, second = desk.ask(c.HangUp("1000")), desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == ring.leg
    assert first.done
    assert second.done


def test_a_customer_who_answers_while_the_dial_is_cancelled_is_hung_up_all_the_same(desk: Desk) -> None:
    desk.log_in()
    ring = desk.dial()
    desk.ask(c.HangUp("1000"))
    desk.take(HangUpLeg)
    desk.answer(ring)
    assert desk.stands() == "INCALL", "that is what is"
    desk.hear(c.LegGone(ring.leg, 16))
    assert desk.stands() == "WRAPUP"
    assert desk.call().hung_up_by == "agent"


def test_a_hangup_that_asterisk_refuses_fails_and_may_be_tried_again(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    operation = desk.ask(c.HangUp("1000"))
    desk.take(HangUpLeg)
    desk.hear(c.MoveRefused(ring.leg, "Permission denied"))
    assert isinstance(operation.error, e.PbxRefused)
    assert desk.stands() == "INCALL"
    desk.ask(c.HangUp("1000"))
    assert desk.hung_up() == ring.leg
    assert desk.stands() == "WRAPUP"


def test_a_hangup_that_is_not_confirmed_fails_after_five_seconds_and_the_leg_is_read(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    operation = desk.ask(c.HangUp("1000"))
    desk.take(HangUpLeg)
    desk.wait(5)
    assert isinstance(operation.error, e.PbxTimeout)
    assert desk.take(ReadLeg).leg == ring.leg
    assert desk.stands() == "INCALL"
    desk.wait(5)
    assert desk.take(ReadLeg).leg == ring.leg, "until there is an answer"
    desk.hear(c.LegRead(ring.leg, None))
    assert desk.stands() == "WRAPUP"
    assert desk.call().cause == 27


def test_reading_a_leg_that_is_where_it_was_changes_nothing(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.HangUp("1000"))
    desk.wait(5)
    desk.effects.clear()
    desk.hear(c.LegRead(ring.leg, Place(PlaceKind.CONFERENCE, "8600051")))
    assert desk.stands() == "INCALL"
    assert not desk.effects
    assert not desk.state.deadlines


# --- the customer ends it ----------------------------------------------------------------------------------------


def test_a_customer_who_hangs_up_first_is_told_with_his_cause(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.now += 90
    desk.hear(c.LegLeft(ring.leg, "8600051"))
    assert desk.stands() == "INCALL"
    assert desk.snapshot()["calls"][0]["legs"][0]["place"] == "elsewhere"
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert desk.stands() == "WRAPUP"
    (call,) = desk.snapshot()["calls"]
    assert (call["state"], call["cause"], call["hung_up_by"]) == ("wrapping", 16, "customer")
    assert call["ended"] - call["answered"] == 90


def test_late_news_of_a_leg_that_is_gone_are_no_news(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    records = len(desk.journal)
    for late in (c.LegLeft(ring.leg, "8600051"), c.LegGone(ring.leg, 17), c.LegRinging(ring.leg)):
        desk.hear(late)
    assert len(desk.journal) == records


# --- disposition -------------------------------------------------------------------------------------------------


def test_a_disposition_in_wrap_up_completes_the_call_at_once(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    assert desk.ask(c.Dispose("1000", "SALE")).done
    assert desk.stands() == "PAUSED LOGIN"
    assert disposed(desk) == [(1000, "SALE", "agent")]
    assert desk.snapshot()["calls"] == []
    assert desk.snapshot()["lead"] is None


@pytest.mark.parametrize("answered", [False, True])
def test_a_disposition_before_the_end_is_kept_the_last_one_wins(desk: Desk, answered: bool) -> None:
    desk.log_in()
    ring = desk.talk() if answered else desk.dial()
    desk.ask(c.Dispose("1000", "A"))
    desk.ask(c.Dispose("1000", "B"))
    assert desk.snapshot()["calls"][0]["status"] == "B"
    assert disposed(desk) == []
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert desk.stands() == "PAUSED LOGIN", "no wrap-up: all is said"
    assert disposed(desk) == [(1000, "B", "agent")]


def test_without_a_call_a_disposition_is_refused(desk: Desk) -> None:
    desk.log_in()
    desk.refused(c.Dispose("1000", "A"), e.NoCallToDispose)
    desk.refused(c.Dispose("1000", "A", 1000), e.CallNotFound)


def test_what_is_no_status_is_refused(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    desk.refused(c.Dispose("1000", "XXXX"), e.StatusUnknown)
    desk.refused(c.Dispose("1000", "CALLBK"), e.CallbackNeedsDate)
    desk.refused(c.Dispose("1000", "A", 999), e.CallNotFound)
    assert desk.stands() == "WRAPUP"


# --- wrap-up -----------------------------------------------------------------------------------------------------


def test_wrap_up_may_have_a_limit() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=10, default_status="N"))
    desk.log_in()
    desk.wrap_up()
    desk.wait(9.9)
    assert desk.stands() == "WRAPUP"
    desk.wait(0.1)
    assert desk.stands() == "PAUSED LOGIN"
    assert disposed(desk) == [(1000, "N", "wrapup")]


def test_a_disposition_takes_the_limit_away() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=10))
    desk.log_in()
    desk.wrap_up()
    desk.ask(c.Dispose("1000", "A"))
    ring = desk.talk()
    desk.wait(60)
    assert desk.stands() == "INCALL"
    desk.hear(c.LegGone(ring.leg, 16))
    assert disposed(desk) == [(1000, "A", "agent")]


def test_wrap_up_may_be_none_at_all() -> None:
    desk = without_wrap_up()
    ring = desk.talk()
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert desk.stands() == "PAUSED LOGIN"
    assert disposed(desk) == [(1000, "DISPO", "none")]


def test_a_status_that_comes_within_thirty_seconds_replaces_an_automatic_one() -> None:
    desk = without_wrap_up()
    ring = desk.talk()
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.wait(30)
    desk.ask(c.Dispose("1000", "SALE"))
    assert desk.recorded(r.StatusReplaced) == [r.StatusReplaced(1000, "1000", 402028, "SALE")]
    desk.wait(1)
    desk.refused(c.Dispose("1000", "A"), e.NoCallToDispose)


def test_a_named_call_can_be_given_its_status_late_too() -> None:
    desk = without_wrap_up()
    desk.hear(c.LegGone(desk.talk().leg, 16))
    desk.refused(c.Dispose("1000", "SALE", 999), e.CallNotFound)
    desk.ask(c.Dispose("1000", "SALE", 1000))
    assert desk.recorded(r.StatusReplaced)[0].call_id == 1000


def test_resume_and_the_timer_complete_automatically_the_agent_does_not(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    desk.ask(c.Dispose("1000", "A"))
    desk.refused(c.Dispose("1000", "SALE"), e.NoCallToDispose)
    desk.wrap_up()
    desk.ask(c.Resume("1000"))
    desk.ask(c.Dispose("1000", "SALE"))
    assert desk.recorded(r.StatusReplaced)[0].call_id == 1001


def test_a_new_call_takes_the_status_not_the_one_before() -> None:
    desk = without_wrap_up()
    desk.hear(c.LegGone(desk.talk().leg, 16))
    desk.dial()
    desk.ask(c.Dispose("1000", "SALE"))
    assert desk.call().status == "SALE"
    assert not desk.recorded(r.StatusReplaced)
