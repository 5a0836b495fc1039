"""Call keys, leg ids, and numbers as people write them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.core import commands as c
from agentd.core.calls.numbers import clean_number
from agentd.core.errors import IdsUsedUp, NumberNotAllowed
from agentd.core.ids import LegIds, call_key, ids_left, next_id
from agentd.core.model import IdBlock, Lead, State
from tests.core.desk import Desk

MOMENT = datetime(2026, 3, 15, 20, 16, 39).timestamp()  # noqa: DTZ001 - keys carry local time


@pytest.mark.parametrize(
    ("letter", "lead_id", "key"),
    [("M", 44, "M3152016390000000044"), ("V", 402027, "V0315201639000402027"), ("Y", 402027, "Y0315201639000402027")],
)
def test_a_key_is_a_letter_the_time_and_the_lead(letter: str, lead_id: int, key: str) -> None:
    assert call_key(State(), letter, lead_id, MOMENT) == key


def test_a_key_given_before_moves_on_by_a_second() -> None:
    state = State(keys={"V0315201639000402027": MOMENT, "V0315201640000402027": MOMENT})
    assert call_key(state, "V", 402027, MOMENT) == "V0315201641000402027"


def test_a_key_is_free_again_after_an_hour_but_not_while_its_call_lives(desk: Desk) -> None:
    lead = Lead(44, 101, "NEW", "1", "7275551212")
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    held = desk.talk("1000", lead).call_key
    began = desk.now
    desk.hear(c.LegGone(desk.talk("1001").leg, 16))
    desk.now += 3601
    desk.ask(c.Dispose("1001", "A"))
    desk.hear(c.LegGone(desk.talk("1001").leg, 16))
    assert held not in desk.state.keys
    assert call_key(desk.state, "M", 44, began) != held
    assert len(desk.state.keys) == 1


def test_ids_come_from_the_oldest_block_until_it_is_used_up() -> None:
    state = State(blocks={"call": [IdBlock(7, 9), IdBlock(100, 109)]})
    assert next_id(state, "call") == 7
    assert ids_left(state, "call") == 13
    assert ids_left(state, "lead") == 0
    with pytest.raises(IdsUsedUp):
        next_id(state, "lead")


def test_leg_ids_never_repeat_and_know_their_own() -> None:
    ids = LegIds("b1")
    given_ids = [ids.next() for _ in range(3)]
    assert given_ids == ["agd-b1-1", "agd-b1-2", "agd-b1-3"]
    assert all(ids.gave(leg) for leg in given_ids)
    for other in ("agd-b1-4", "agd-b1-", "agd-b1-1x", "agd-b11-1", "1", "", "agd-b1--1", "agd-b1-²"):
        assert not ids.gave(other)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(727) 555-1212", "7275551212"),
        ("727.555/1212", "7275551212"),
        ("+44 20 7123 4567", "+442071234567"),
        ("*97", "*97"),
        ("000*094", "000*094"),
        ("8500", "8500"),
    ],
)
def test_punctuation_is_dropped(text: str, number: str) -> None:
    assert clean_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "()", "+", "7275551212x", "1\r\n2", "\uff11\uff12", "7" * 25, "*1234567", "7+2", "1,2"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NumberNotAllowed):
        clean_number(text)


@given(st.text(max_size=30))
def test_what_is_let_through_can_go_into_a_dialplan(text: str) -> None:
    try:
        number = clean_number(text)
    except NumberNotAllowed:
        return
    assert set(number) <= set("0123456789+*#")
    assert clean_number(number) == number
