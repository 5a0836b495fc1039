"""BEHAVIOUR: what is to happen at a second of the agent's call."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import Ring
from agentd.core.leads.webforms import filled
from agentd.core.model import Lead, Preset, Role, TimerAction, TimerKind
from tests.core.desk import CAMPAIGN, NUMBER, ROOM, Desk
from tests.core.steps import CUSTOMER, OTHER

MESSAGE = TimerAction(TimerKind.MESSAGE_ONLY, 10, "thirty seconds left")
PRESETS = {"D1": Preset("D1", "(727) 555-0000"), "D2": Preset("D2", "7275559111"), "D3": Preset("D3", "nobody")}
WEBFORM = "https://crm.example/lead?id={lead_id}&name={first_name}&city={city}&by={user}&key={call_key}&no={number_x}"
FORMS = replace(CAMPAIGN, presets=PRESETS, webform=WEBFORM, dial_deny=("1?7275559111",))


def fired(desk: Desk) -> list[tuple[int, str, str]]:
    return [(record.call_id, record.timer.kind.value, record.reason) for record in desk.recorded(r.TimerFired)]


def set_timer(desk: Desk, timer: TimerAction | None = MESSAGE) -> None:
    assert desk.ask(c.SetTimer("1000", timer)).done


# --- when ----------------------------------------------------------------------------------------------------


def test_it_fires_once_at_its_second_of_the_next_call(desk: Desk) -> None:
    desk.log_in()
    set_timer(desk)
    assert desk.snapshot()["timer"] == {
        "kind": "MESSAGE_ONLY",
        "seconds": 10,
        "message": "thirty seconds left",
        "fired": None,
        "url": None,
    }
    desk.wait(60)
    ring = desk.dial()
    desk.wait(20)
    desk.answer(ring)
    desk.wait(9.9)
    assert fired(desk) == []
    desk.wait(0.1)
    assert fired(desk) == [(1000, "MESSAGE_ONLY", "")]
    assert desk.snapshot()["timer"]["fired"] == 1000
    desk.wait(60)
    assert len(fired(desk)) == 1


@pytest.mark.parametrize(("into", "more"), [(4, 6), (10, 0), (100, 0)])
def test_in_a_call_its_second_is_this_calls_or_at_once(talking: Desk, into: int, more: int) -> None:
    talking.wait(into)
    set_timer(talking)
    if more:
        talking.wait(more - 0.1)
        assert fired(talking) == []
    talking.wait(0.1 if more else 0)
    assert fired(talking) == [(1000, "MESSAGE_ONLY", "")]


def test_a_call_that_is_delivered_is_one_too(desk: Desk) -> None:
    desk.ready("1001", "503")
    desk.ask(c.SetTimer("1001", MESSAGE))
    call = desk.call_in()
    desk.obey()
    desk.wait(10)
    assert fired(desk) == [(call.id, "MESSAGE_ONLY", "")]


def test_it_is_gone_when_the_call_is_disposed_of(talking: Desk) -> None:
    set_timer(talking)
    talking.hear(c.LegGone(CUSTOMER, 16))
    talking.wait(60)
    assert talking.snapshot()["timer"] is not None
    talking.ask(c.Dispose("1000", "A"))
    assert talking.snapshot()["timer"] is None
    talking.talk()
    talking.wait(60)
    assert fired(talking) == []


def test_a_dial_that_asterisk_refuses_leaves_it_to_the_next(desk: Desk) -> None:
    desk.log_in()
    set_timer(desk)
    desk.ask(c.Dial("1000", desk.request()))
    desk.hear(c.LegRefused(desk.take(Ring).leg, "no such trunk"))
    desk.talk()
    desk.wait(10)
    assert len(fired(desk)) == 1


def test_none_takes_it_away_and_another_takes_its_place(talking: Desk) -> None:
    records = len(talking.journal)
    set_timer(talking, None)
    assert len(talking.journal) == records, "there was none"
    set_timer(talking)
    set_timer(talking, replace(MESSAGE, seconds=20, fired=7, url="http://x"))
    talking.wait(19.9)
    assert fired(talking) == []
    set_timer(talking, None)
    talking.wait(60)
    assert fired(talking) == []
    assert talking.snapshot()["timer"] is None


def test_it_outlives_a_restart(talking: Desk) -> None:
    set_timer(talking)
    talking.wait(5)
    talking.restart()
    talking.wait(5)
    assert fired(talking) == [(1000, "MESSAGE_ONLY", "")]


def test_when_the_first_call_is_over_its_second_is_the_other_calls(talking: Desk) -> None:
    set_timer(talking)
    talking.wait(5)
    talking.ask(c.HoldCall("1000"))
    talking.obey()
    talking.ask(c.Dial("1000", talking.request(OTHER), beside=True))
    talking.obey()
    talking.hear(c.LegGone(CUSTOMER, 16, far_end=True))
    talking.ask(c.Dispose("1000", "A", 1000))
    talking.wait(9.9)
    assert fired(talking) == []
    talking.wait(0.1)
    assert fired(talking) == [(1001, "MESSAGE_ONLY", "")]


@given(st.floats(0, 1000), st.floats(0, 1000), st.integers(0, 700))
def test_one_tick_at_its_second_is_enough(before: float, into: float, seconds: int) -> None:
    desk = Desk()
    desk.log_in()
    desk.now += before
    desk.talk()
    desk.now += into
    set_timer(desk, replace(MESSAGE, seconds=seconds))
    desk.now = max(desk.now, desk.world.next_deadline() or 0.0)
    desk.hear(c.Tick())
    assert fired(desk) == [(1000, "MESSAGE_ONLY", "")]
    assert desk.world.next_deadline() is None


# --- what ----------------------------------------------------------------------------------------------------


def test_a_web_form_has_the_leads_fields_filled_in() -> None:
    desk = Desk(campaign=FORMS)
    desk.log_in()
    desk.talk(lead=Lead(77, 101, "NEW", "1", NUMBER, {"first_name": "Zoë & Co?"}))
    set_timer(desk, TimerAction(TimerKind.WEBFORM))
    desk.wait(0)
    url = desk.snapshot()["timer"]["url"]
    assert url == desk.recorded(r.TimerFired)[0].timer.url
    assert parse_qs(urlsplit(url).query, keep_blank_values=True) == {
        "id": ["77"],
        "name": ["Zoë & Co?"],
        "city": [""],
        "by": ["1000"],
        "key": [desk.call().key],
        "no": ["{number_x}"],
    }


def test_a_campaign_without_that_web_form_opens_none() -> None:
    desk = Desk(campaign=FORMS)
    desk.log_in()
    desk.talk()
    set_timer(desk, TimerAction(TimerKind.WEBFORM2))
    desk.wait(0)
    assert fired(desk) == [(1000, "WEBFORM2", "no_webform")]


def test_a_preset_is_called_into_the_conference() -> None:
    desk = Desk(campaign=FORMS)
    desk.log_in()
    desk.talk()
    set_timer(desk, TimerAction(TimerKind.D1_DIAL, 5))
    desk.wait(5)
    ring = desk.take(Ring)
    assert (ring.role, ring.room, ring.resource) == (Role.THIRD, ROOM, "PJSIP/17275550000@carrier")
    assert fired(desk) == [(1000, "D1_DIAL", "")]
    desk.answer(ring)
    assert desk.snapshot()["calls"][0]["third_party"]["number"] == "7275550000"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (TimerKind.D2_DIAL, "number_not_allowed"),
        (TimerKind.D3_DIAL, "number_not_allowed"),
        (TimerKind.D4_DIAL, "number_missing"),
    ],
)
def test_why_a_preset_is_not_called_is_told(kind: TimerKind, reason: str) -> None:
    desk = Desk(campaign=FORMS)
    desk.log_in()
    desk.talk()
    set_timer(desk, TimerAction(kind))
    desk.wait(0)
    assert fired(desk) == [(1000, kind.value, reason)]
    assert desk.effects == []


@pytest.mark.parametrize("reason", ["third_party_present", "pbx_link_down"])
def test_with_the_link_down_or_a_third_party_there_it_is_not_called(talking: Desk, reason: str) -> None:
    talking.change_campaign(presets=PRESETS)
    if reason == "pbx_link_down":
        talking.hear(c.LinkDown("lost"))
    else:
        talking.ask(c.DialThird("1000", OTHER))
        talking.obey()
    set_timer(talking, TimerAction(TimerKind.D1_DIAL))
    talking.wait(0)
    assert fired(talking) == [(1000, "D1_DIAL", reason)]


def test_it_waits_while_the_customer_is_being_moved(talking: Desk) -> None:
    talking.change_campaign(presets=PRESETS)
    talking.ask(c.HoldCall("1000"))
    set_timer(talking, TimerAction(TimerKind.D1_DIAL))
    talking.wait(2)
    assert fired(talking) == []
    talking.obey()
    talking.wait(1)
    assert fired(talking) == [(1000, "D1_DIAL", "")]
    assert talking.take(Ring).role is Role.THIRD


@given(st.dictionaries(st.sampled_from(["city", "name", "x"]), st.text(max_size=8)), st.text(max_size=30))
def test_what_is_filled_in_cannot_change_the_address(values: dict[str, str], rest: str) -> None:
    url = filled("https://crm.example/{city}?n={name}#", values)
    assert url.startswith("https://crm.example/")
    assert (url.count("/"), url.count("?"), url.count("#"), url.count("&")) == (3, 1, 1, 0)
    assert filled(rest.replace("{", ""), values) == rest.replace("{", "")
