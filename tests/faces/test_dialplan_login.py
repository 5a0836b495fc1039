"""Agents call to log in: what is asked, what is heard, and where the call goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from twisted.logger import LogEvent, formatEvent, globalLogPublisher

from agentd.core import records as r
from agentd.core.model import SessionKind, UserKind
from agentd.engine.auth import hash_password
from agi.login import ASK_NUMBER, ASK_PIN, GOODBYE, MENU, WELCOME, WRONG
from tests.faces.dialplan import Asking, Dialplan
from tests.faces.house import House
from tests.faces.people import PASSWORD, user

PIN = "86420"


@pytest.fixture
def dialplan(house: House) -> Dialplan:
    return Dialplan(house)


@pytest.fixture
def logged() -> Iterator[list[LogEvent]]:
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def call(dialplan: Dialplan, *typed: str, **more: object) -> Asking:
    """Somebody calls the number for logins, and types this; time passes until the dialplan goes on."""
    asking = dialplan.call("login", typed=list(typed), **more)
    asking.finish()
    return asking


def own_phone(house: House, agent: str = "1000", phone: str = "502", **fields: object) -> None:
    house.change(r.UserSet(agent, user(agent, phone=phone, **fields)))


# --- who he is -------------------------------------------------------------------------------------------------


def test_number_and_pin_let_an_agent_in(house: House, dialplan: Dialplan) -> None:
    asking = call(dialplan, "1000", PASSWORD)
    session = house.session()
    assert asking.heard == [ASK_NUMBER, ASK_PIN, *MENU, WELCOME]
    assert (asking.context, asking.extension) == ("agentd-conf", session.conference)
    assert asking.variables == {"AGENTD_ROLE": "agent", "AGENTD_SESSION": str(session.id)}
    assert (session.kind, session.leg, session.phone) == (SessionKind.DIALLED_IN, asking.leg, "502")
    assert (session.state, session.code, session.source) == ("PAUSED", "LOGIN", "phone")
    assert house.switch.rung() == []


def test_his_own_phone_needs_no_pin(house: House, dialplan: Dialplan) -> None:
    own_phone(house)
    asking = call(dialplan)
    assert asking.heard == [*MENU, WELCOME]
    assert house.session().leg == asking.leg


@pytest.mark.parametrize(
    "fields", [{"active": False}, {"kind": UserKind.REMOTE}, {"kind": UserKind.API}], ids=["inactive", "remote", "api"]
)
def test_a_phone_of_somebody_who_may_not_is_asked_for_a_number(
    house: House, dialplan: Dialplan, fields: dict[str, object]
) -> None:
    own_phone(house, **fields)
    assert call(dialplan).heard[0] == ASK_NUMBER


def test_a_phone_that_two_have_is_asked_for_a_number(house: House, dialplan: Dialplan) -> None:
    own_phone(house, "1000")
    own_phone(house, "1001")
    asking = call(dialplan, "1001", PASSWORD)
    assert asking.heard[:2] == [ASK_NUMBER, ASK_PIN]
    assert house.session("1001").leg == asking.leg


def test_a_device_that_is_no_phone_of_ours_will_do(house: House, dialplan: Dialplan) -> None:
    asking = call(dialplan, "1000", PASSWORD, channel="PJSIP/carrier-east")
    assert house.session().leg == asking.leg
    assert house.session().phone == ""


def test_a_device_whose_name_has_a_dash_is_recognised(house: House, dialplan: Dialplan) -> None:
    own_phone(house, phone="desk")
    house.change(r.PhoneSet("desk", replace(house.state.phones["502"], extension="desk", dial="PJSIP/front-desk")))
    assert call(dialplan, channel="PJSIP/front-desk").heard == [*MENU, WELCOME]


def test_the_pin_is_the_pin_where_there_is_one_and_else_the_password(house: House, dialplan: Dialplan) -> None:
    house.change(r.UserSet("1000", user("1000", pin_hash=hash_password(PIN))))
    assert not call(dialplan, "1000", PASSWORD).context
    assert call(dialplan, "1000", PIN).context
    assert call(dialplan, "1001", PASSWORD, channel="PJSIP/503").context


def test_a_user_is_known_by_his_number_too(house: House, dialplan: Dialplan) -> None:
    house.change(r.UserSet("anna", user("anna", number=4711)))
    call(dialplan, "4711", PASSWORD)
    assert house.session("anna").phone == "502"


# --- who he is not -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["4496", "gone", "1028", "api", "0", "*" * 32])
def test_whoever_may_not_hears_the_same_as_for_a_wrong_pin(house: House, dialplan: Dialplan, typed: str) -> None:
    wrong_pin = call(dialplan, *["1000", "0000"] * 3)
    house.change(r.UserSet("1028", user("1028", kind=UserKind.REMOTE, number=1028)))
    other = call(dialplan, *[typed, PASSWORD] * 3, channel="PJSIP/503")
    assert other.heard == wrong_pin.heard == [ASK_NUMBER, ASK_PIN, WRONG, ASK_PIN, WRONG, ASK_PIN, GOODBYE]
    assert other.hung_up
    assert wrong_pin.hung_up
    assert not house.state.sessions


def test_there_are_three_tries(house: House, dialplan: Dialplan) -> None:
    asking = call(dialplan, "1000", "0000", "1000", "1111", "1000", PASSWORD)
    assert asking.context
    assert asking.heard[:6] == [ASK_NUMBER, ASK_PIN, WRONG, ASK_PIN, WRONG, ASK_PIN]


def test_who_types_nothing_is_asked_again_and_then_let_go(dialplan: Dialplan) -> None:
    assert call(dialplan).heard == [ASK_NUMBER, WRONG, WRONG, GOODBYE]
    assert call(dialplan, "1000", "", "1000", "").heard == [ASK_NUMBER, ASK_PIN, WRONG, ASK_PIN, WRONG, GOODBYE]


def test_guessing_is_stopped_even_for_the_right_pin_but_not_on_other_phones(house: House, dialplan: Dialplan) -> None:
    for guess in range(4):
        call(dialplan, *(part for n in range(3) for part in ("1000", f"{guess}{n}99")))
    assert not call(dialplan, "1000", PASSWORD).context
    assert call(dialplan, "1000", PASSWORD, channel="PJSIP/503").context
    house.advance(15 * 60)
    assert call(dialplan, "1001", PASSWORD).context


def test_no_pin_is_left_anywhere(house: House, dialplan: Dialplan, logged: list[LogEvent]) -> None:
    house.change(r.UserSet("1000", user("1000", pin_hash=hash_password(PIN))))
    call(dialplan, "1000", "97531", "1000", PIN)
    assert house.session().attached
    text = " ".join(f"{formatEvent(event)} {event}" for event in logged) + str(house.journal.entries)
    assert PIN not in text
    assert "97531" not in text


# --- ready or paused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "at", "state"),
    [
        ("1", "vm-for", "READY"),
        ("1", "", "READY"),
        ("2", "calling", "PAUSED"),
        ("2", "", "PAUSED"),
        ("9", "", "PAUSED"),
    ],
)
def test_a_key_in_the_menu_or_after_it_chooses(house: House, dialplan: Dialplan, key: str, at: str, state: str) -> None:
    own_phone(house)
    asking = call(dialplan, key=key, at=at)
    assert house.session().state == state
    played = MENU[: MENU.index(at) + 1] if at else MENU
    assert asking.heard == [*played, WELCOME]


def test_sounds_that_are_not_there_are_left_out(house: House, dialplan: Dialplan) -> None:
    own_phone(house)
    asking = call(dialplan, key="1", missing={*MENU, WELCOME})
    assert asking.heard == []
    assert house.session().state == "READY"


def test_without_the_prompt_for_the_number_nobody_is_let_in(dialplan: Dialplan, logged: list[LogEvent]) -> None:
    asking = call(dialplan, "1000", PASSWORD, missing={ASK_NUMBER, WRONG})
    assert asking.hung_up
    assert any(f"no sound {ASK_NUMBER}" in (formatEvent(event) or "") for event in logged)


# --- it cannot be ------------------------------------------------------------------------------------------------


def test_who_is_logged_in_elsewhere_is_refused(house: House, dialplan: Dialplan) -> None:
    house.log_in("1000", "503")
    asking = call(dialplan, "1000", PASSWORD)
    assert asking.heard == [ASK_NUMBER, ASK_PIN, WRONG]
    assert not asking.context
    assert not asking.hung_up, "the dialplan's fast busy tone follows"
    assert house.session().phone == "503"


def test_what_is_nobodys_fault_is_a_busy_tone(house: House, dialplan: Dialplan) -> None:
    own_phone(house)
    house.link_down()
    asking = call(dialplan)
    assert asking.heard == [*MENU]
    assert not asking.context


def test_who_hangs_up_while_he_is_asked_leaves_nothing_behind(house: House, dialplan: Dialplan) -> None:
    asking = dialplan.call("login", typed=["1000"])
    house.until(lambda: ASK_PIN in asking.heard)
    asking.hang_up()
    asking.finish()
    assert not house.state.logins
    assert not house.state.legs


# --- he calls again ----------------------------------------------------------------------------------------------


def test_a_lost_phone_that_calls_is_back_without_a_question(house: House, dialplan: Dialplan) -> None:
    call(dialplan, "1000", PASSWORD, key="1")
    session = house.session()
    house.phone_lost()
    assert (session.state, session.code) == ("PAUSED", "NOPHON")
    asking = call(dialplan)
    assert asking.heard == [], "a customer may be waiting for him"
    assert asking.extension == session.conference
    assert house.session() is session
    assert (session.state, session.leg) == ("READY", asking.leg)


def test_the_session_of_the_api_may_be_joined_by_a_call_too(house: House, dialplan: Dialplan) -> None:
    house.log_in("1000", "502")
    house.switch.fates["PJSIP/502"] = house.switch.fate_of("PJSIP/523")
    house.phone_lost()
    house.advance(1)
    assert not house.session().attached
    asking = call(dialplan)
    assert house.session().leg == asking.leg
    assert house.session().kind is SessionKind.SEATED
