"""The hopper: which leads are held ready, which of them are dialled, and how all of it stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.calls.finding import taken_leads
from agentd.core.dialler.leads import is_calling_time, offset_of
from agentd.core.model import CallbackWish, Campaign, PlaceKind, Status
from tests.core.desk import START, WAIT, seen
from tests.core.dialler.conftest import Opened
from tests.core.dialler.floor import FIRST, Floor, lead

# START is 2023-11-14 22:13:20 UTC, a Tuesday.
DAYTIME = "09:00-21:00"


def numbers(desk: Floor) -> list[int]:
    """The leads that are dialled now, counted from 0."""
    return [int(dial.resource[len("PJSIP/172755520") :][:2]) for dial in desk.dials()]


# --- which leads ---------------------------------------------------------------------------------------------


def test_leads_are_dialled_in_the_order_in_which_they_came(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000", "1001", "1002")
    assert numbers(desk) == [0, 1, 2]
    assert desk.held() == list(range(3, 20))


def test_a_new_filling_takes_the_place_of_the_old_without_those_who_are_in_a_call(floor: Opened) -> None:
    desk = floor(5)
    desk.blend("1000")
    assert numbers(desk) == [0]
    desk.hear(c.HopperFilled("TESTCAMP", (lead(0), lead(7), lead(3), lead(7))))
    assert desk.held() == [7, 3]


def test_an_agents_dial_or_a_caller_takes_a_lead_out_of_the_hopper_for_good(floor: Opened) -> None:
    desk = floor(4)
    desk.log_in()
    desk.dial(lead=lead(1))
    desk.call_in(lead=lead(2))
    assert desk.held() == [0, 3]


def test_a_remembered_lead_is_nobody_elses_to_be_dialled_next(floor: Opened) -> None:
    desk = floor(4)
    desk.log_in()
    desk.talk(lead=lead(7))
    desk.ask(c.Dial("1000", desk.request(lead(1).phone_number, lead(1))))
    assert desk.held() == [0, 2, 3]
    desk.fill(4)  # as the database knew it before
    assert desk.held() == [0, 2, 3]
    assert taken_leads(desk.state) == {lead(7).id, lead(1).id}
    desk.refused(c.DeleteLead(lead(1).id, "admin"), e.LeadInUse)


def test_a_status_that_comes_late_takes_it_out_too(floor: Opened) -> None:
    desk = floor(4)
    desk.log_in()
    desk.talk(lead=lead(1))
    desk.hear(c.LegGone(desk.call().leg, 16, far_end=True))
    desk.ask(c.Resume("1000"))
    desk.fill(4)  # as the database knew it before
    desk.ask(c.Dispose("1000", "SALE"))
    assert desk.held() == [0, 2, 3]


@pytest.mark.parametrize(
    "said",
    [
        c.UpdateLead({"city": "Miami"}, "crm", lead_id=FIRST + 1),
        c.DeleteLead(FIRST + 1, "crm"),
        c.SetCallback(FIRST + 1, "TESTCAMP", CallbackWish(START + 60), by="crm"),
        c.ChangeDnc("7275552001", "", True, "crm"),
        c.ChangeDnc("+1 727 555-2001", "TESTCAMP", True, "crm"),
    ],
    ids=lambda said: type(said).__name__,
)
def test_a_lead_who_is_not_what_he_was_leaves_the_hopper(floor: Opened, said: c.Command) -> None:
    desk = floor(4)
    desk.ask(said)
    assert desk.held() == [0, 2, 3]


@pytest.mark.parametrize(
    "said",
    [c.ChangeDnc("7275552001", "OTHER", True, "crm"), c.ChangeDnc("7275552001", "", False, "crm")],
    ids=["another campaign's", "taken off"],
)
def test_a_number_that_may_be_called_stays_in_the_hopper(floor: Opened, said: c.Command) -> None:
    desk = floor(4)
    desk.hear(c.ReferenceChanged((r.CampaignSet("OTHER", Campaign("OTHER", 9)),)))
    desk.ask(said)
    assert desk.held() == [0, 1, 2, 3]


def test_a_preview_and_a_status_that_says_so_take_leads_out(floor: Opened) -> None:
    desk = floor(0)
    desk.hear(c.ReferenceChanged((r.StatusSet("DNC", Status("DNC", 50, dnc=True)),)))
    desk.log_in()
    desk.answer(desk.dial(number=lead(2).phone_number, lead=replace(lead(2), id=7)))
    desk.fill(4)
    desk.ask(c.Dispose("1000", "DNC"))
    desk.hear(c.LegGone(desk.call().leg, 16))
    assert desk.held() == [0, 1, 3], "that number has another lead"
    desk.preview(lead=lead(1))
    assert desk.held() == [0, 3]


def test_a_number_that_was_refused_may_be_dialled_when_it_is_corrected(floor: Opened) -> None:
    desk = floor(0)
    desk.hear(c.HopperFilled("TESTCAMP", (replace(lead(0), phone_number="call me"),)))
    desk.blend("1000")
    assert desk.world.dials.refused == {"TESTCAMP": {FIRST}}
    desk.ask(c.UpdateLead({"phone_number": "7275552000"}, "crm", lead_id=FIRST))
    desk.fill(1)
    assert numbers(desk) == [0]


def test_numbers_that_the_campaign_may_not_dial_are_skipped_until_it_is_changed(floor: Opened) -> None:
    desk = floor(0, dial_deny=(r"1727555200[01]",))
    bad = replace(lead(2), phone_number="call me")
    desk.hear(c.HopperFilled("TESTCAMP", (lead(0), lead(1), bad, lead(3))))
    desk.blend("1000")
    assert numbers(desk) == [3]
    assert desk.world.dials.refused == {"TESTCAMP": {FIRST, FIRST + 1, FIRST + 2}}
    desk.fill(2)
    assert desk.held() == []
    desk.change_campaign(dial_deny=())
    desk.fill(2)
    assert desk.held() == [0, 1]


@pytest.mark.parametrize(
    ("hours", "timezone", "offset", "dialled"),
    [
        (DAYTIME, "UTC", "-5.00", True),  # a quarter past five in the afternoon
        (DAYTIME, "UTC", "-1.0", False),
        (DAYTIME, "UTC", "+11", True),
        (DAYTIME, "America/New_York", "", True),
        (DAYTIME, "UTC", "", False),
        (DAYTIME, "America/New_York", "somewhere", True),
        (DAYTIME, "America/New_York", "nan", True),
        ("", "UTC", "-1.0", True),
        ("any time", "UTC", "-5.00", False),
        (DAYTIME, "Nowhere/Land", "", False),
    ],
)
def test_nobody_is_called_outside_the_call_hours_where_he_lives(
    floor: Opened, hours: str, timezone: str, offset: str, dialled: bool
) -> None:
    desk = floor(0, call_hours=hours, timezone=timezone)
    fields = {"gmt_offset_now": offset} if offset else {}
    desk.hear(c.HopperFilled("TESTCAMP", (lead(0, **fields),)))
    desk.blend("1000")
    assert bool(desk.dials()) == dialled
    assert is_calling_time(hours, timezone, offset, START) == dialled


@pytest.mark.parametrize(("text", "offset"), [("-5.00", -5.0), ("5.75", 5.75), ("0", 0.0), ("inf", None), ("99", None)])
def test_offsets_as_leads_have_them(text: str, offset: float | None) -> None:
    assert offset_of(text) == offset


# --- stopping ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{"auto_dial_level": 0.0}, {"dial_method": "manual"}, {"active": False}],
    ids=["level", "method", "active"],
)
def test_a_campaign_that_is_turned_off_stops_at_once(floor: Opened, change: dict[str, object]) -> None:
    desk = floor()
    desk.blend("1000", "1001", "1002")
    first, second, third = desk.dials()
    desk.ring_up(first)
    desk.answer_to_wait(second)
    desk.obey()
    desk.hear(c.LegPlaced(third.leg))
    desk.hear(c.LegAnswered(third.leg))
    desk.change_campaign(**change)
    assert desk.cancelled() == [first.leg]
    assert desk.held() == []
    desk.hear(c.LegAt(third.leg, WAIT))  # he had answered: he is brought to an agent
    desk.obey()
    assert [call.direction for call in desk.state.calls.values() if call.agent] == ["auto", "auto"]
    desk.wait(60)
    assert not desk.dials()


def test_a_campaign_that_is_deleted_leaves_nothing_ringing(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.hear(c.ReferenceChanged((r.CampaignSet("TESTCAMP", None),)))
    assert desk.cancelled() == [dial.leg]
    assert not desk.state.calls


def test_a_daemon_that_is_being_stopped_dials_no_more_and_leaves_nothing_ringing(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000", "1001")
    first, second = desk.dials()
    desk.answer_to_wait(first)
    desk.obey()
    desk.hear(c.StopDialling())
    assert desk.cancelled() == [second.leg]
    desk.fill()
    desk.hear(c.LegGone(first.leg, 16, far_end=True))
    assert not desk.dials()


# --- the link, and restarts ----------------------------------------------------------------------------------


def test_without_a_link_nothing_is_dialled_and_as_soon_as_it_is_back_it_is(floor: Opened) -> None:
    desk = floor()
    desk.hear(c.LinkDown("connection lost"))
    desk.hear(c.LinkUp())
    desk.log_in()
    phone = seen(desk, desk.session().leg)
    desk.change_user("1000", blended=True)
    desk.ask(c.ChangeInGroups("1000", c.Choice.CHANGE, (), blended=True))
    desk.hear(c.LinkDown("connection lost"))
    desk.ask(c.Resume("1000"))
    assert not desk.dials()
    desk.hear(c.LinkUp((phone,)))
    assert len(desk.dials()) == 1


def test_calls_that_were_lost_with_the_link_are_made_another_time(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ring_up(dial)
    phone = seen(desk, desk.session().leg)
    desk.hear(c.LinkDown("connection lost"))
    assert not desk.cancelled()
    desk.hear(c.LinkUp((phone,)))
    (disposed,) = desk.recorded(r.CallDisposed)
    assert (disposed.lead_keeps, disposed.by) == (True, "cancelled")
    assert numbers(desk) == [1]


@pytest.mark.parametrize("place", [PlaceKind.DIALLING, PlaceKind.WAIT])
def test_a_restart_finds_the_calls_as_they_are_and_makes_none_beside(floor: Opened, place: PlaceKind) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ring_up(dial)
    channels = (seen(desk, desk.session().leg), seen(desk, dial.leg, place))
    desk.restart()
    assert desk.held() == []
    desk.hear(c.LinkUp(channels))
    desk.fill()
    assert not desk.dials()
    if place is PlaceKind.DIALLING:
        assert not desk.effects
        desk.hear(c.LegAnswered(dial.leg))
        desk.hear(c.LegAt(dial.leg, WAIT))
    desk.obey()
    assert desk.stands() == "INCALL"
    assert desk.call().key == dial.call_key


def test_a_call_that_rings_too_long_after_a_restart_is_given_up(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ring_up(dial)
    channels = (seen(desk, desk.session().leg), seen(desk, dial.leg, PlaceKind.DIALLING))
    desk.restart()
    desk.hear(c.LinkUp(channels))
    desk.wait(35.1)
    assert desk.cancelled() == [dial.leg]


def test_after_a_restart_agents_who_have_gone_leave_nothing_ringing(floor: Opened) -> None:
    desk = floor()
    desk.blend("1000")
    (dial,) = desk.dials()
    desk.ring_up(dial)
    channels = (seen(desk, desk.session().leg), seen(desk, dial.leg, PlaceKind.DIALLING))
    desk.restart()
    desk.ask(c.Pause("1000"))
    desk.hear(c.LinkUp(channels))
    assert desk.cancelled() == [dial.leg]


def test_the_journal_says_the_same_as_the_world(floor: Opened) -> None:
    desk = floor(auto_dial_level=3.0)
    desk.blend("1000", "1001")
    for number, dial in enumerate(desk.dials()):
        desk.hear(c.LegPlaced(dial.leg))
        if number % 2:
            desk.answer_to_wait(dial)
        else:
            desk.hear(c.LegGone(dial.leg, 17, far_end=True))
    desk.obey()
    desk.wait(5)
    desk.ask(c.Pause("1000"))
    assert desk.replay_from_disk() == desk.state


def test_leads_of_a_campaign_that_is_not_there_are_held_by_nobody(floor: Opened) -> None:
    desk = floor(0)
    desk.hear(c.HopperFilled("NONESUCH", (lead(0),)))
    assert "NONESUCH" not in desk.world.hopper
