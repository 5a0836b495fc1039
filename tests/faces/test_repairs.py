"""What differs from Asterisk when the link comes up is counted and logged."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.logger import globalLogPublisher

from agentd.core.model import Role
from agentd.engine.repairs import REPAIRS, Repairs
from tests.faces.house import House


@pytest.fixture
def repairs(house: House) -> Repairs:
    repairs = Repairs()
    house.engine.listen(repairs.noticed)
    return repairs


def told(house: House) -> list[str]:
    """Bring the link up; what the log says of differences then."""
    events: list[Any] = []
    globalLogPublisher.addObserver(events.append)
    try:
        house.link_up()
    finally:
        globalLogPublisher.removeObserver(events.append)
    return [event["differences"] for event in events if "differences" in event]


def found(repairs: Repairs) -> dict[str, int]:
    return {what: number for what, number in repairs.counts.items() if number}


def test_nothing_is_said_when_nothing_differs(house: House, repairs: Repairs) -> None:
    house.log_in()
    house.talk()
    house.link_down()
    assert told(house) == []
    assert repairs.counts == dict.fromkeys(REPAIRS, 0)


def test_what_ended_or_moved_meanwhile_is_counted(house: House, repairs: Repairs) -> None:
    house.log_in()
    customer = house.talk()
    house.log_in("1001", "505")
    house.link_down()
    house.switch.end(customer.leg)
    house.switch.send_away(house.session("1001").leg)
    assert told(house) == ["legs ended: 1, legs moved: 1, phones lost: 1"]
    assert found(repairs) == {"legs_ended": 1, "legs_moved": 1, "phones_lost": 1}


def test_a_channel_that_took_a_legs_place_is_adopted_and_has_not_moved(house: House, repairs: Repairs) -> None:
    session = house.log_in()
    house.link_down()
    house.switch.end(session.leg)
    house.switch.appear("other-1", Role.AGENT, session.id, "", session.conference)
    told(house)
    assert found(repairs) == {"legs_ended": 1, "legs_adopted": 1, "phones_lost": 1}
    assert session.attached


def test_a_leg_whose_session_is_over_is_unwanted(house: House, repairs: Repairs) -> None:
    house.log_in()
    house.link_down()
    house.wait_for(house.operations.log_out("1000"))
    assert told(house) == ["legs unwanted: 1"]
    house.until(lambda: not house.switch.channels)
    assert found(repairs) == {"legs_unwanted": 1}


def test_what_happens_while_the_link_is_up_is_no_difference(house: House, repairs: Repairs) -> None:
    house.log_in()
    house.phone_lost()
    assert found(repairs) == {}
    house.link_down()
    told(house)
    assert found(repairs) == {}
