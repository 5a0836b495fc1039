"""What agents press on their phone while it sits in their conference."""

from __future__ import annotations

import pytest

from agentd.core import records as r
from tests.faces.dialplan import Asking, Dialplan
from tests.faces.house import House
from tests.faces.people import PASSWORD


@pytest.fixture
def phone(house: House) -> Asking:
    """Agent 1000 has called, and sits in his conference."""
    asking = Dialplan(house).call("login", typed=["1000", PASSWORD])
    asking.finish()
    return asking


def press(phone: Asking, what: str) -> list[str]:
    """Press the keys that the conference's menu has for this; gives what is heard."""
    phone.heard = []
    phone.context = ""
    phone.ask("menu", what)
    phone.finish()
    return phone.heard


def test_ready_and_paused(house: House, phone: Asking) -> None:
    assert press(phone, "resume") == ["beep"]
    assert house.session().state == "READY"
    assert press(phone, "pause") == ["beep"]
    assert (house.session().state, house.session().code) == ("PAUSED", "PAUSE")
    assert press(phone, "pause") == ["beep"]


def test_in_a_call_it_is_for_afterwards(house: House, phone: Asking) -> None:
    house.talk()
    assert press(phone, "logoff") == ["beep"]
    assert house.session().state == "INCALL"
    house.customer_leaves()
    house.wait_for(house.operations.dispose("1000", "SALE"))
    assert "1000" not in house.state.sessions


def test_to_log_off_is_to_be_hung_up_at_once(house: House, phone: Asking) -> None:
    began = house.now
    house.switch.end = lambda leg, *_, **__: phone.hang_up()  # type: ignore[method-assign,assignment]
    press(phone, "logoff")
    assert house.now - began < 1, "Asterisk ends the channel only when it need not ask any more"
    assert "1000" not in house.state.sessions
    assert house.records(r.SessionEnded) == [r.SessionEnded("1000", 1, "logout", "phone")]


def test_what_is_refused_sounds_different(house: House, phone: Asking) -> None:
    assert press(phone, "dance") == ["beeperr"]
    house.wait_for(house.operations.log_out("1000"))
    assert press(phone, "pause") == ["beeperr"]
    assert press(phone, "resume") == ["beeperr"]


def test_only_the_phone_of_an_agent_is_listened_to(house: House, phone: Asking) -> None:
    house.log_in("1001", "503")
    stranger = phone.dialplan.call("menu", "resume")
    stranger.finish()
    assert stranger.heard == ["beeperr"]
    assert {session.state for session in house.state.sessions.values()} == {"PAUSED"}


def test_a_phone_that_agentd_has_called_can_do_it_too(house: House, phone: Asking) -> None:
    leg = house.log_in("1001", "503").leg
    asking = Asking(phone.dialplan, leg, "PJSIP/503-000000aa")
    asking.ask("menu", "resume")
    asking.finish()
    assert house.session("1001").state == "READY"
    assert asking.heard == ["beep"]
