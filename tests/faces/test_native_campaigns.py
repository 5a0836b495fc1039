"""Campaigns in the native API: what they dial by themselves, and how that is begun and stopped."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from agentd.core import commands as c
from agentd.core.model import DialMethod
from tests.faces.native import Native, body, check_problem, frames
from tests.faces.people import LEADS, campaign

HERE = "/campaigns/TESTCAMP"


@pytest.fixture
def native() -> Native:
    """1000 is ready for what the campaign dials, whenever it does; leads are held ready."""
    native = Native(role="supervisor")
    native.house.change_campaign(campaign(call_hours=""))
    native.house.log_in()
    native.house.wait_for(native.house.operations.change_ingroups("1000", c.Choice.CHANGE, (), blended=True))
    native.house.wait_for(native.house.operations.resume("1000"))
    return native


def look(native: Native, *names: str) -> list[Any]:
    told = body(native.ask("GET", HERE))
    return [told[name] for name in names]


def dial(native: Native, level: float = 1, leads: int = 2) -> Any:
    answer = native.ask("PATCH", HERE, {"auto_dial_level": level})
    assert answer.status == 200, answer.text
    if leads:
        native.house.engine.feed(c.HopperFilled("TESTCAMP", copy.deepcopy(LEADS[:leads])))
    return body(answer)


def test_a_campaign_tells_how_it_dials(native: Native) -> None:
    assert body(native.ask("GET", HERE)) == {
        "name": "TESTCAMP",
        "title": "",
        "active": True,
        "dial_method": "ratio",
        "auto_dial_level": 0,
        "max_drop_rate": 3,
        "agents": 1,
        "ready": 1,
        "dialling": 0,
        "waiting": 0,
        "dialled": 0,
        "answered": 0,
        "dropped": 0,
        "drop_rate": None,
        "hopper": 0,
    }


def test_all_campaigns_are_told_in_the_order_of_their_names(native: Native) -> None:
    native.house.change_campaign(campaign("ALONE", number=3, active=False, dial_method=DialMethod.MANUAL))
    told = body(native.ask("GET", "/campaigns"))["campaigns"]
    assert [each["name"] for each in told] == ["2000", "ALONE", "TESTCAMP"]
    assert (told[1]["active"], told[1]["dial_method"], told[1]["agents"]) == (False, "manual", 0)


def test_it_dials_as_soon_as_it_may_and_the_agent_gets_who_answers(native: Native) -> None:
    stream = native.read("?types=call")
    assert dial(native)["auto_dial_level"] == 1
    assert look(native, "dialling", "dialled", "hopper", "auto_dial_level") == [1, 1, 1, 1]
    native.house.until(lambda: native.snapshot()["state"] == "INCALL")
    assert look(native, "dialling", "waiting", "answered", "dropped", "drop_rate", "ready") == [0, 0, 1, 0, 0, 0]
    [call] = native.snapshot()["calls"]
    assert (call["direction"], call["key"][0], call["ingroup"], call["lead_id"]) == ("auto", "V", None, 123456)
    told = {frame.name: frame.data for frame in frames(stream)}
    assert (told["call.dialled"]["call_id"], told["call.dialled"]["campaign"]) == (call["id"], "TESTCAMP")
    assert told["call.lead_answered"]["call_id"] == call["id"]
    assert told["call.delivered"]["agent"] == "1000"


def test_the_lead_is_on_the_screen_before_they_talk(native: Native) -> None:
    dial(native)
    native.house.until(lambda: native.snapshot()["state"] == "RINGING")
    ringing = native.snapshot()
    [offered] = ringing["offered"]
    assert (offered["direction"], offered["ingroup"], offered["lead"]["id"]) == ("auto", None, 123456)
    assert ringing["lead"] == offered["lead"]


def test_it_can_be_stopped_at_once(native: Native) -> None:
    dial(native)
    assert look(native, "dialling") == [1]
    assert dial(native, 0, leads=0)["auto_dial_level"] == 0
    native.house.until(lambda: look(native, "dialling") == [0], seconds=0.5)
    native.house.advance(60)
    assert look(native, "dialled", "answered", "hopper") == [1, 0, 0]
    assert native.snapshot()["state"] == "READY"


def test_whoever_finds_no_agent_is_counted_as_dropped(native: Native) -> None:
    native.house.log_in("1001", "503")
    native.house.wait_for(native.house.operations.change_ingroups("1001", c.Choice.CHANGE, (), blended=True))
    native.house.wait_for(native.house.operations.resume("1001"))
    dial(native)
    assert look(native, "dialling", "ready") == [2, 2]
    native.house.until(lambda: look(native, "answered") == [2])
    assert look(native, "waiting", "ready", "agents") == [2, 0, 2], "both are being brought"
    native.house.wait_for(native.house.operations.pause("1001"))
    native.house.until(lambda: look(native, "waiting") == [1])
    native.house.until(lambda: look(native, "dropped") == [1], seconds=3)
    assert look(native, "waiting", "answered", "drop_rate") == [0, 2, 50]


def test_who_may_begin_it(native: Native) -> None:
    integration = native.token("integration")
    wanted = {"auto_dial_level": 1}
    details = check_problem(native.ask("PATCH", HERE, wanted, token=integration), 403, "not_permitted")
    assert details["scope"] == "supervise"
    assert native.ask("GET", HERE, token=integration).status == 200
    assert native.ask("PATCH", HERE, wanted, token=native.token("admin")).status == 200


@pytest.mark.parametrize(("method", "wanted"), [("GET", None), ("PATCH", {"auto_dial_level": 1})])
def test_there_is_no_such_campaign(native: Native, method: str, wanted: object) -> None:
    details = check_problem(native.ask(method, "/campaigns/NONE", wanted), 404, "campaign_unknown")
    assert details["campaign"] == "NONE"
    assert "session" not in details


def test_without_a_database_nothing_is_changed(native: Native) -> None:
    native.house.store.away = True
    answer = native.ask("PATCH", HERE, {"auto_dial_level": 1})
    assert "session" not in check_problem(answer, 503, "database_away")
    assert answer.headers["Retry-After"] == "5"
    assert look(native, "auto_dial_level") == [0]
