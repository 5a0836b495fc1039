"""Which in-groups' calls an agent takes, changed while he is logged in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.commands import Choice
from agentd.core.model import DialMethod
from tests.core.desk import CAMPAIGN, WAIT, Desk


@pytest.fixture
def desk() -> Desk:
    """Agent 1001, who takes SALESLINE when he logs in, is logged in."""
    desk = Desk()
    desk.log_in("1001", "503")
    return desk


def has(desk: Desk) -> tuple[str, ...]:
    return desk.session("1001").ingroups


def change(desk: Desk, choice: Choice, *ingroups: str, blended: bool | None = None) -> object:
    return desk.ask(c.ChangeInGroups("1001", choice, ingroups, blended)).value


def test_change_replaces_add_appends_and_remove_takes_away(desk: Desk) -> None:
    assert change(desk, Choice.CHANGE, "SUPPORT", "AGENTDIRECT") == ("SUPPORT", "AGENTDIRECT")
    assert change(desk, Choice.ADD, "SALESLINE") == ("SUPPORT", "AGENTDIRECT", "SALESLINE")
    assert change(desk, Choice.REMOVE, "AGENTDIRECT") == ("SUPPORT", "SALESLINE")
    assert change(desk, Choice.CHANGE) == ()
    assert has(desk) == ()


def test_nothing_is_named_twice_and_each_keeps_its_place(desk: Desk) -> None:
    change(desk, Choice.CHANGE, "SUPPORT", "SALESLINE", "SUPPORT")
    assert has(desk) == ("SUPPORT", "SALESLINE")
    assert change(desk, Choice.ADD, "SALESLINE", "AGENTDIRECT") == ("SUPPORT", "SALESLINE", "AGENTDIRECT")


def test_what_he_does_not_have_is_taken_away_without_a_word(desk: Desk) -> None:
    assert change(desk, Choice.REMOVE, "SUPPORT") == ("SALESLINE",)


def test_only_a_change_is_news(desk: Desk) -> None:
    change(desk, Choice.ADD, "SALESLINE")
    change(desk, Choice.CHANGE, "SALESLINE", blended=False)
    assert desk.recorded(r.InGroupsChanged) == []
    change(desk, Choice.ADD, "SUPPORT")
    change(desk, Choice.ADD, "SUPPORT", blended=True)
    session_id = desk.session("1001").id
    assert desk.recorded(r.InGroupsChanged) == [
        r.InGroupsChanged("1001", session_id, ("SALESLINE", "SUPPORT"), False),
        r.InGroupsChanged("1001", session_id, ("SALESLINE", "SUPPORT"), True),
    ]


def test_blended_stays_unless_it_is_said(desk: Desk) -> None:
    change(desk, Choice.CHANGE, "SALESLINE", blended=True)
    change(desk, Choice.CHANGE, "SUPPORT")
    assert desk.session("1001").blended
    change(desk, Choice.CHANGE, "SUPPORT", blended=False)
    assert not desk.session("1001").blended


def test_one_that_is_not_active_may_be_chosen(desk: Desk) -> None:
    assert change(desk, Choice.ADD, "CLOSED") == ("SALESLINE", "CLOSED")


def test_the_first_that_does_not_exist_is_named(desk: Desk) -> None:
    for choice in Choice:
        refusal = desk.refused(c.ChangeInGroups("1001", choice, ("SUPPORT", "FAKE_IN", "NONE")), e.InGroupUnknown)
        assert isinstance(refusal, e.InGroupUnknown)
        assert refusal.ingroup == "FAKE_IN"
    assert has(desk) == ("SALESLINE",)


@pytest.mark.parametrize("choice", [Choice.ADD, Choice.REMOVE])
def test_add_and_remove_need_an_in_group(desk: Desk, choice: Choice) -> None:
    desk.refused(c.ChangeInGroups("1001", choice), e.InGroupsMissing)


def test_the_campaign_is_asked_before_the_in_groups(desk: Desk) -> None:
    manual = replace(CAMPAIGN, dial_method=DialMethod.INBOUND_MANUAL)
    desk.hear(c.ReferenceChanged((r.CampaignSet(manual.name, manual),)))
    refusal = desk.refused(c.ChangeInGroups("1001", Choice.ADD, (), blended=True), e.AutoDialForbidden)
    assert isinstance(refusal, e.AutoDialForbidden)
    assert refusal.campaign == "TESTCAMP"
    assert change(desk, Choice.CHANGE, "SUPPORT", blended=False) == ("SUPPORT",)
    shut = replace(manual, inbound=False)
    desk.hear(c.ReferenceChanged((r.CampaignSet(shut.name, shut),)))
    desk.refused(c.ChangeInGroups("1001", Choice.ADD, ("FAKE_IN",), blended=True), e.InboundForbidden)


def test_nobody_is_changed_who_is_not_logged_in(desk: Desk) -> None:
    desk.refused(c.ChangeInGroups("1000", Choice.CHANGE, ("SUPPORT",)), e.NotLoggedIn)


def test_whoever_waits_in_a_line_that_is_added_comes_at_once(desk: Desk) -> None:
    desk.ask(c.Resume("1001"))
    desk.ask(c.CallArrived("caller-1", "SUPPORT", "7275551212"))
    desk.hear(c.LegAt("caller-1", WAIT))
    assert desk.stands("1001") == "READY"
    change(desk, Choice.ADD, "SUPPORT")
    assert desk.stands("1001") == "RINGING"
    change(desk, Choice.REMOVE, "SUPPORT")
    desk.obey()
    assert desk.stands("1001") == "INCALL", "what is being delivered goes on"
    assert change(desk, Choice.ADD, "AGENTDIRECT") == ("SALESLINE", "AGENTDIRECT"), "in a call as well"


def test_a_login_takes_what_the_user_has_set_up_again(desk: Desk) -> None:
    change(desk, Choice.CHANGE, "SUPPORT", blended=True)
    desk.ask(c.LogOut("1001"))
    desk.hung_up()
    desk.log_in("1001", "503")
    assert has(desk) == ("SALESLINE",)
    assert not desk.session("1001").blended
