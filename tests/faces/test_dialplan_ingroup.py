"""Callers stand before an in-group: who they are, and what becomes of those who cannot wait there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.model import CallState, Place, PlaceKind
from agentd.core.settings import Settings
from tests.faces.dialplan import Asking, Dialplan
from tests.faces.house import House

BUSY_TONE = "Congestion 10"


@pytest.fixture
def dialplan(house: House) -> Dialplan:
    return Dialplan(house)


def come(dialplan: Dialplan, *arguments: str, **more: object) -> Asking:
    """Somebody calls; time passes until the dialplan goes on with him."""
    more = {"number": "7275559876", "channel": "PJSIP/carrier", **more}
    asking = dialplan.call("ingroup", *arguments, **more)
    asking.finish()
    return asking


def waiting(house: House) -> r.CallWaiting:
    return house.records(r.CallWaiting)[-1]


def test_a_caller_becomes_a_call_in_the_line(house: House, dialplan: Dialplan) -> None:
    asking = come(dialplan, "SALESLINE", caller="Ren\u00e9", variables={"AGENTD_DID": "7275551000"})
    call = house.state.calls[house.state.legs[asking.leg].call_id]
    assert call.state is CallState.WAITING
    assert call.key.startswith("Y")
    assert asking.variables["AGENTD_CALL"] == call.key
    assert (waiting(house).name, waiting(house).did, call.number) == ("Ren\u00e9", "7275551000", "7275559876")
    assert asking.heard == []
    assert not asking.hung_up


def test_a_lead_is_known_by_his_number(house: House, dialplan: Dialplan) -> None:
    come(dialplan, "SALESLINE", number="7275551222")
    assert waiting(house).lead.id == 402028


def test_he_hears_the_music_of_his_line(house: House, dialplan: Dialplan) -> None:
    name = "CHANNEL(musicclass)"
    assert name not in come(dialplan, "SALESLINE").variables
    sales = replace(house.state.ingroups["SALESLINE"], music="sales")
    house.engine.feed(c.ReferenceChanged((r.InGroupSet("SALESLINE", sales),)))
    assert come(dialplan, "SALESLINE").variables[name] == "sales"
    house.engine.draining = True
    assert come(dialplan, "SALESLINE").variables[name] == "sales", "also while nobody takes him up"


def test_what_the_line_does_not_say_the_channel_does(house: House, dialplan: Dialplan) -> None:
    said = {"AGENTD_INGROUP": "TEST_IN", "AGENTD_PRIORITY": "7", "AGENTD_WANTED": "1001"}
    asking = come(dialplan, "", "", variables=dict(said), dialled="7275551001")
    place = house.state.waiting[asking.leg]
    assert (place.ingroup, place.priority, place.wanted) == ("TEST_IN", 7, "1001")
    assert waiting(house).did == "7275551001"
    asking = come(dialplan, "SALESLINE", "-3", "1000", variables=dict(said))
    place = house.state.waiting[asking.leg]
    assert (place.ingroup, place.priority, place.wanted) == ("SALESLINE", -3, "1000")


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("+1 (727) 555-9876", "+17275559876"),
        ("anonymous", ""),
        ("", ""),
        ("7275559876;phone-context=x", ""),
        ("${SHELL(id)}", ""),
        ("1" * 25, ""),
    ],
)
def test_only_a_number_is_kept_as_one(house: House, dialplan: Dialplan, number: str, kept: str) -> None:
    come(dialplan, "SALESLINE", number=number)
    assert waiting(house).number == kept


def test_a_name_is_what_can_be_shown_of_it(house: House, dialplan: Dialplan) -> None:
    come(dialplan, "SALESLINE", caller="A\x1b[31m\udce9nna" + "x" * 50)
    assert waiting(house).name == ("A[31mnna" + "x" * 50)[:40]


@pytest.mark.parametrize("priority", ["", "high", "100", "1.5", "\u00b2", "--1"])
def test_a_priority_that_is_none_is_nothing_special(house: House, dialplan: Dialplan, priority: str) -> None:
    asking = come(dialplan, "SALESLINE", priority)
    assert house.state.waiting[asking.leg].priority == 0


@pytest.mark.parametrize(
    "arguments", [("FAKE_IN",), ("OLD_IN",), ("",), ("AGENTDIRECT",), ("SALESLINE", "", "4496")], ids=str
)
def test_who_cannot_wait_hears_the_busy_tone_and_is_let_go(
    house: House, dialplan: Dialplan, arguments: tuple[str, ...]
) -> None:
    asking = come(dialplan, *arguments)
    assert asking.heard == [BUSY_TONE]
    assert asking.hung_up
    assert not house.state.calls


def test_a_pbx_that_is_full_takes_nobody_more() -> None:
    house = House(settings=Settings(default_campaign="TESTCAMP", max_calls=1))
    dialplan = Dialplan(house)
    come(dialplan, "SALESLINE")
    assert come(dialplan, "SALESLINE").heard == [BUSY_TONE]
    assert len(house.state.calls) == 1


def test_while_the_daemon_is_being_stopped_he_goes_on_to_the_music(house: House, dialplan: Dialplan) -> None:
    house.engine.draining = True
    asking = come(dialplan, "SALESLINE")
    assert (asking.heard, asking.hung_up) == ([], False)
    assert asking.variables == {"AGENTD_INGROUP": "SALESLINE"}, "by which he is taken up later"


def test_whom_he_wants_and_how_urgent_he_is_are_kept_for_later_too(house: House, dialplan: Dialplan) -> None:
    house.engine.draining = True
    asking = come(dialplan, "AGENTDIRECT", "7", "1001", dialled="7275551001")
    assert asking.variables == {
        "AGENTD_INGROUP": "AGENTDIRECT",
        "AGENTD_PRIORITY": "7",
        "AGENTD_WANTED": "1001",
        "AGENTD_DID": "7275551001",
    }


def test_without_the_database_he_is_a_new_lead(house: House, dialplan: Dialplan) -> None:
    house.store.away = True
    come(dialplan, "SALESLINE", number="7275551222")
    assert waiting(house).lead.id != 402028


def test_asked_twice_he_has_one_call(house: House, dialplan: Dialplan) -> None:
    asking = come(dialplan, "SALESLINE")
    key = asking.variables.pop("AGENTD_CALL")
    asking.ask("ingroup", "TEST_IN")
    asking.finish()
    assert asking.variables["AGENTD_CALL"] == key
    assert len(house.state.calls) == 1
    assert house.state.legs[asking.leg].place != Place(PlaceKind.WAIT)
