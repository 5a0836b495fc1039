"""DTMF digits: to whom they go, and that nobody else learns them."""

from __future__ import annotations

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import SendDigits
from agentd.core.errors import AgentdError
from tests.core.desk import Desk

CARD = "4739,1111*#ABCD"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.log_in()
    return desk


def test_the_customer_gets_them_and_it_is_done_at_once(desk: Desk) -> None:
    customer = desk.talk().leg
    operation = desk.ask(c.SendDtmf("1000", CARD))
    assert operation.done
    assert desk.take(SendDigits) == SendDigits(customer, CARD)


def test_the_log_has_how_many_they_were_and_not_which(desk: Desk) -> None:
    customer = desk.talk().leg
    desk.ask(c.SendDtmf("1000", CARD))
    (sent,) = desk.recorded(r.DigitsSent)
    assert sent == r.DigitsSent(1000, "1000", customer, 14)
    assert "4739" not in repr(desk.journal)
    assert "4739" not in repr(c.SendDtmf("1000", CARD))
    assert "4739" not in repr(desk.effects)


@pytest.mark.parametrize("digits", ["", "12x", "1 2", "a", "1" * 101, "\uff11", "1\n"])
def test_what_are_no_digits_is_refused_without_being_repeated(desk: Desk, digits: str) -> None:
    desk.talk()
    refusal = desk.refused(c.SendDtmf("1000", digits), e.DigitsInvalid)
    assert "12x" not in refusal.message


def test_a_hundred_can_be_sent(desk: Desk) -> None:
    desk.talk()
    desk.ask(c.SendDtmf("1000", "1" * 100))
    assert desk.take(SendDigits).digits == "1" * 100


def test_a_held_customer_gets_them_while_nobody_else_is_there(desk: Desk) -> None:
    customer = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    desk.obey()
    desk.ask(c.SendDtmf("1000", "1"))
    assert desk.take(SendDigits).leg == customer


def third_of(desk: Desk, *, hold: bool) -> str:
    """A third party who has answered; its leg."""
    desk.ask(c.DialThird("1000", "7275551213", hold=hold))
    desk.obey()
    third = desk.call().third
    assert desk.call().third_answered is not None
    return third


def test_in_a_three_way_the_customer_gets_them(desk: Desk) -> None:
    customer = desk.talk().leg
    third_of(desk, hold=False)
    desk.ask(c.SendDtmf("1000", "1"))
    assert desk.take(SendDigits).leg == customer


def test_a_third_party_gets_them_while_the_customer_is_held_and_after_he_has_gone(desk: Desk) -> None:
    customer = desk.talk().leg
    third = third_of(desk, hold=True)
    desk.ask(c.SendDtmf("1000", "1"))
    assert desk.take(SendDigits).leg == third
    desk.hear(c.LegGone(customer, 16, far_end=True))
    desk.ask(c.SendDtmf("1000", "2"))
    assert desk.take(SendDigits).leg == third


def test_a_third_party_that_rings_gets_none(desk: Desk) -> None:
    customer = desk.talk().leg
    desk.ask(c.DialThird("1000", "7275551213"))
    desk.effects.clear()
    desk.ask(c.SendDtmf("1000", "1"))
    assert desk.take(SendDigits).leg == customer


def test_digits_for_a_customer_who_is_being_moved_wait_until_he_is_there(desk: Desk) -> None:
    customer = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    digits = desk.ask(c.SendDtmf("1000", "1"))
    assert not digits.done
    asked = desk.obey()
    assert asked[-1] == SendDigits(customer, "1")
    assert digits.error is None


def test_digits_for_a_customer_who_is_being_hung_up_are_refused(desk: Desk) -> None:
    customer = desk.talk().leg
    desk.ask(c.HangUp("1000"))
    digits = desk.ask(c.SendDtmf("1000", "1"))
    desk.effects.clear()
    desk.hear(c.LegGone(customer, 16))
    assert isinstance(digits.error, AgentdError)
    assert not desk.effects


def test_without_an_answered_party_they_are_refused(desk: Desk) -> None:
    desk.refused(c.SendDtmf("1000", "1"), e.NotPossibleNow)
    ring = desk.dial()
    desk.refused(c.SendDtmf("1000", "1"), e.NotPossibleNow)
    desk.answer(ring)
    desk.refused(c.SendDtmf("1000", "1", call_id=7), e.CallNotFound)
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.refused(c.SendDtmf("1000", "1"), e.NotPossibleNow)
    desk.refused(c.SendDtmf("1001", "1"), e.NotLoggedIn)


def test_without_a_link_they_are_refused(desk: Desk) -> None:
    desk.talk()
    desk.hear(c.LinkDown("lost"))
    desk.refused(c.SendDtmf("1000", "1"), e.PbxLinkDown)
