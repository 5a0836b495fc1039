"""Leads and dials where two things happen at once, or somebody asks for what he must not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from agentd.core.model import Lead
from agentd.core.records import CallStarted
from tests.faces.native import Native, another_agent, body, check_problem
from tests.faces.people import campaign

CALLS = "/sessions/1000/calls"


@pytest.fixture
def native() -> Native:
    native = Native()
    native.house.change_campaign(campaign(alternative_numbers=True, refuse_dnc=True))
    native.house.log_in()
    return native


def test_a_number_that_a_previewed_lead_is_given_during_the_check_is_checked_too(
    native: Native, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = native.house.store
    store.not_to_call.add(("", "7275551290"))
    native.ask("POST", CALLS, {"lead_id": 123456, "preview": True})
    look, asked = store.dnc, Deferred[Any]()

    def slow(number: str, phone_code: str, campaigns: Sequence[str]) -> Deferred[list[str]]:
        monkeypatch.setattr(store, "dnc", look)
        return asked

    monkeypatch.setattr(store, "dnc", slow)
    dialled = native.send("POST", "/sessions/1000/preview", {"action": "dial"})
    assert native.ask("PATCH", "/sessions/1000/lead", {"phone_number": "7275551290"}).status == 200
    asked.callback([])
    native.house.until(lambda: dialled.answered)
    check_problem(dialled.answer, 422, "dnc")
    assert native.house.records(CallStarted) == []


def test_a_prefix_does_not_hide_a_number_that_must_not_be_called(native: Native) -> None:
    native.house.store.not_to_call.add(("", "17275551290"))
    wanted = {"number": "75551290", "phone_code": "72", "dial_prefix": "81"}
    check_problem(native.ask("POST", CALLS, wanted), 422, "dnc")


def test_the_next_lead_is_another_for_each_while_one_is_remembered(native: Native) -> None:
    another_agent(native)
    for lead_id in (900, 901):
        native.house.store.lead_table[lead_id] = Lead(lead_id, 101, "NEW", "1", f"7275550{lead_id}")
    native.house.change_campaign(campaign(dial_statuses=("NEW",)))
    native.house.talk()
    remembered = body(native.ask("POST", CALLS, {"next": True}))
    other = body(native.ask("POST", "/sessions/1001/calls", {"next": True}))
    assert remembered["state"] == "remembered"
    assert {remembered["lead_id"], other["lead_id"]} <= set(native.house.store.lead_table)
    assert remembered["lead_id"] != other["lead_id"]


@pytest.mark.parametrize(("lists", "found"), [({"search_lists": (101,)}, True), ({"manual_list": 0}, False)])
def test_a_number_is_looked_for_in_the_campaigns_lists_alone(
    native: Native, lists: dict[str, Any], found: bool
) -> None:
    native.house.change_campaign(campaign(**lists))
    call = body(native.ask("POST", CALLS, {"number": "7275551212", "search": True}))
    assert (call["lead_id"] == 123456) is found
