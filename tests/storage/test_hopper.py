"""Which leads a campaign dials next, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from agentd.core import records as r
from agentd.core.model import Lead
from agentd.engine.ports import HopperQuery
from agentd.storage.columns import moment
from agentd.storage.hopper import next_leads
from agentd.storage.management import Callback, put_callback, put_dnc
from agentd.storage.tables import CallbackStatus, callbacks, leads, lists
from tests.storage.helpers import NOW
from tests.storage.rows import bring_in, numbered

HOUR = 3600.0
QUERY = HopperQuery("TESTCAMP", ("NEW", "B"), NOW - HOUR, NOW)

# NOW is 2026-11-18 11:06:40 UTC, a Wednesday.
Found = Callable[..., list[int]]


def add(engine: Engine, lead_id: int, **changed: Any) -> None:
    """A lead of list 101 that was never called."""
    called = changed.pop("called", None)
    values: dict[str, Any] = {
        "id": lead_id,
        "list_id": 101,
        "status": "NEW",
        "user": "",
        "phone_code": "1",
        "phone_number": f"727555{lead_id:04d}",
        "entry_date": moment(NOW - 9 * HOUR),
        "modify_date": moment(NOW - 9 * HOUR),
        "called_count": 0,
        "called_since_last_reset": 0,
        "last_local_call_time": None if called is None else moment(NOW - called),
    }
    with engine.begin() as connection:
        connection.execute(insert(leads).values(values | changed))


def promise(engine: Engine, lead_id: int, ago: float = 60.0, **changed: Any) -> None:
    """A callback that anybody may keep, due so many seconds ago."""
    callback = Callback(**({"lead_id": lead_id, "campaign": "TESTCAMP", "due": NOW - ago} | changed))
    with engine.begin() as connection:
        put_callback(connection, callback, NOW - HOUR)


@pytest.fixture
def found(engine: Engine) -> Found:
    """Ask for leads; gives their ids. There are three lists: 101 and 102 of the campaign, the second not active."""
    with engine.begin() as connection:
        for list_id, campaign, active in ((101, "TESTCAMP", True), (102, "TESTCAMP", False), (103, "OTHER", True)):
            row = {"id": list_id, "title": "", "campaign": campaign, "active": active}
            connection.execute(insert(lists).values(row))

    def ask(**changed: Any) -> list[int]:
        with engine.connect() as connection:
            return [lead.id for lead in next_leads(connection, replace(QUERY, **changed))]

    return ask


def test_a_lead_is_given_with_all_its_fields(engine: Engine, found: Found) -> None:
    add(engine, 1, first_name="Anna", rank=5, gmt_offset_now="-5.00")
    with engine.connect() as connection:
        (lead,) = next_leads(connection, QUERY)
    fields = {"first_name": "Anna", "rank": "5", "gmt_offset_now": "-5.00"}
    assert lead == Lead(1, 101, "NEW", "1", "7275550001", fields)


def test_only_leads_of_active_lists_of_the_campaign_are_dialled(engine: Engine, found: Found) -> None:
    for lead_id, list_id in enumerate((101, 102, 103, 104)):
        add(engine, lead_id, list_id=list_id)
    assert found() == [0]
    assert found(campaign="OTHER") == [2]
    assert found(campaign="NONESUCH") == []


def test_only_leads_of_the_campaigns_statuses_are(engine: Engine, found: Found) -> None:
    for lead_id, status in enumerate(("NEW", "B", "SALE", "new", "")):
        add(engine, lead_id, status=status)
    assert found() == [0, 1]
    assert found(statuses=("SALE",)) == [2]
    assert found(statuses=()) == []


def test_who_was_never_called_comes_first_then_the_longest_ago_and_the_higher_rank(
    engine: Engine, found: Found
) -> None:
    add(engine, 1, called=2 * HOUR)
    add(engine, 2, called=3 * HOUR, rank=1)
    add(engine, 3, called=3 * HOUR, rank=2)
    add(engine, 4)
    add(engine, 5, rank=-1)
    add(engine, 6, rank=9)
    add(engine, 7, rank=0)
    assert found() == [6, 4, 7, 5, 3, 2, 1]
    assert found(limit=3) == [6, 4, 7]


def test_who_was_called_lately_waits(engine: Engine, found: Found) -> None:
    add(engine, 1, called=HOUR - 1)
    add(engine, 2, called=HOUR + 1)
    assert found() == [2]
    assert found(called_before=NOW) == [2, 1]


def test_leads_without_a_number_and_those_in_hand_are_left_out(engine: Engine, found: Found) -> None:
    add(engine, 1, phone_number="")
    for lead_id in range(2, 8):
        add(engine, lead_id)
    assert found(without=frozenset({2, 3, 5}), limit=2) == [4, 6]
    assert found(without=frozenset(range(8))) == []


def test_numbers_that_must_not_be_called_are_left_out(engine: Engine, found: Found) -> None:
    for lead_id in range(1, 6):
        add(engine, lead_id)
        promise(engine, lead_id)
    with engine.begin() as connection:
        put_dnc(connection, "7275550001")
        put_dnc(connection, "7275550002", "TESTCAMP")
        put_dnc(connection, "7275550003", "OTHER")
        put_dnc(connection, "17275550004")  # with the country's code
    assert found() == [3, 5]


def test_numbers_with_a_plus_are_on_those_lists_as_digits(engine: Engine, found: Found) -> None:
    numbers = ("+17275550001", "+17275550002", "+4930123456", "+17275550004", "+49301234567")
    for lead_id, number in enumerate(numbers, 1):
        add(engine, lead_id, phone_number=number)
    with engine.begin() as connection:
        put_dnc(connection, "7275550001")
        put_dnc(connection, "17275550002")
        put_dnc(connection, "4930123456")
        put_dnc(connection, "930123456")
        put_dnc(connection, "301234567")  # of a country that is not that of the lead's phone code
    assert found() == [4]


# --- callbacks -----------------------------------------------------------------------------------------------


def test_due_callbacks_come_first_the_oldest_before(engine: Engine, found: Found) -> None:
    for lead_id in (1, 2, 3):
        add(engine, lead_id)
    add(engine, 4, status="CALLBK", called=600)
    add(engine, 5, status="CALLBK", called=600)
    promise(engine, 4, 10)
    promise(engine, 5, 20)
    promise(engine, 3, 5)
    promise(engine, 3, 300)
    assert found() == [3, 5, 4, 1, 2]
    assert found(limit=4) == [3, 5, 4, 1]
    assert found(limit=2) == [3, 5]
    assert found(statuses=()) == [3, 5, 4]
    assert found(without=frozenset({5, 1}), limit=3) == [3, 4, 2]


def test_callbacks_for_later_of_others_and_those_that_were_kept_do_not(engine: Engine, found: Found) -> None:
    for lead_id in range(1, 7):
        add(engine, lead_id, status="CALLBK")
    promise(engine, 1, -1)
    promise(engine, 2, user="1000", anyone=False)
    promise(engine, 3, campaign="OTHER")
    promise(engine, 4)
    promise(engine, 5, user="1000")
    with engine.begin() as connection:
        done = update(callbacks).where(callbacks.c.lead_id == 4).values(status=CallbackStatus.DONE.value)
        connection.execute(done)
    assert found() == [5]
    assert found(now=NOW + 2) == [5, 1]


def test_one_that_was_promised_for_a_time_that_was_over_is_due_at_once(engine: Engine, found: Found) -> None:
    """The call in which it was made is later than the time; a call after it, and in vain, counts."""
    add(engine, 1, status="CALLBK", called=HOUR + 60)
    add(engine, 2, status="CALLBK", called=HOUR - 60)
    for lead_id in (1, 2):
        promise(engine, lead_id, 3 * HOUR)
    assert found() == [1]
    for lead_id in (1, 2):
        promise(engine, lead_id, 2 * HOUR, user="1000", anyone=False)
    assert found(agent="1000") == [1]


def test_a_callback_of_a_list_that_is_not_active_waits(engine: Engine, found: Found) -> None:
    add(engine, 1, list_id=102, status="CALLBK")
    promise(engine, 1)
    assert found() == []


def test_a_lead_who_was_called_in_vain_since_waits_like_any_other(engine: Engine, found: Found) -> None:
    add(engine, 1, status="CALLBK", called=30)
    promise(engine, 1, 60)
    assert found() == []
    assert found(called_before=NOW) == [1]
    add(engine, 2, status="CALLBK", called=90)
    promise(engine, 2, 60)
    assert found() == [2]


# --- call hours ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "timezone", "ids"),
    [
        ("", "", [1, 2, 3, 4, 5, 6]),
        ("09:00-21:00", "UTC", [3, 4, 5, 6]),
        ("09:00-21:00", "America/Los_Angeles", [3, 4]),  # three in the morning
        ("03:00-04:00", "America/Los_Angeles", [1, 5, 6]),
        ("sat,sun 00:00-24:00", "UTC", []),
        ("at any time", "UTC", []),
    ],
)
def test_only_where_it_is_the_time_to_call(
    engine: Engine, found: Found, hours: str, timezone: str, ids: list[int]
) -> None:
    for lead_id, offset in enumerate(("-8.00", "-5", "1.00", "5.5", None, ""), 1):
        add(engine, lead_id, gmt_offset_now=offset)
    assert found(call_hours=hours, timezone=timezone) == ids
    for lead_id in range(1, 7):
        promise(engine, lead_id)
    assert found(call_hours=hours, timezone=timezone) == ids


def test_a_list_where_everybody_sleeps_hides_nobody_behind_it(engine: Engine, found: Found) -> None:
    for lead_id in range(60):
        add(engine, lead_id, gmt_offset_now="-8.00", rank=1)
    add(engine, 70, gmt_offset_now="1.00")
    assert found(call_hours="09:00-21:00", limit=5) == [70]


# --- after a call --------------------------------------------------------------------------------------------


def dialled(call_id: int, at: float, lead: Lead) -> tuple[float, r.Record]:
    return at, r.CallDialled(call_id, f"V1118122640{lead.id:09d}", "TESTCAMP", lead, lead.phone_number, "1", "agd-1")


def test_a_lead_whose_call_was_refused_is_not_the_first_again(engine: Engine, found: Found) -> None:
    add(engine, 1, rank=9)
    add(engine, 2)
    assert found(limit=1) == [1]
    lead = Lead(1, 101, "NEW", "1", "7275550001")
    bring_in(engine, numbered(dialled(1000, 0, lead), (1, r.CallRefused(1000, "", 38, "no trunk"))))
    assert found() == [2]
    assert found(now=NOW + HOUR, called_before=NOW + 1) == [2, 1]


def test_a_lead_whose_call_was_cancelled_is_dialled_another_time(engine: Engine, found: Found) -> None:
    add(engine, 1)
    lead = Lead(1, 101, "NEW", "1", "7275550001")
    ended = (1.0, r.CallEnded(1000, "", 16, "system", "CANCEL"))
    disposed = (1.0, r.CallDisposed(1000, "", 1, "CANCEL", "cancelled", lead_keeps=True))
    bring_in(engine, numbered(dialled(1000, 0, lead), ended, disposed))
    assert found() == []
    assert found(called_before=NOW + 1) == [1]


# --- what an agent has promised himself ------------------------------------------------------------------------


def test_who_asks_gets_first_what_he_has_promised_himself_wherever_the_lead_is(engine: Engine, found: Found) -> None:
    add(engine, 1)
    add(engine, 2, status="SALE", list_id=104)  # in no list, and of no status, that the campaign dials
    add(engine, 3, status="CALLBK")
    add(engine, 4, status="CALLBK")
    promise(engine, 2, ago=60, user="1000", anyone=False)
    promise(engine, 3, ago=120)
    promise(engine, 4, ago=180, user="1001", anyone=False)
    assert found() == [3, 1]
    assert found(agent="1000") == [2, 3, 1]
    assert found(agent="1001") == [4, 3, 1]
    assert found(agent="1000", limit=1) == [2]
    assert found(agent="1000", without=frozenset({2})) == [3, 1]
    assert found(agent="1000", campaign="OTHER") == []
    assert found(agent="1001", statuses=()) == [4, 3]


def test_his_own_are_given_when_they_are_due_and_may_be_called(engine: Engine, found: Found) -> None:
    for lead_id in range(1, 6):
        add(engine, lead_id, status="CALLBK", called=HOUR / 2 if lead_id == 4 else None)
    promise(engine, 1, ago=-1, user="1000", anyone=False)
    promise(engine, 2, ago=120, user="1000", anyone=False)
    promise(engine, 3, ago=180, user="1000", anyone=False)
    promise(engine, 4, ago=HOUR, user="1000", anyone=False)  # called in vain since
    promise(engine, 5, ago=30, user="1000", anyone=False)
    with engine.begin() as connection:
        put_dnc(connection, "7275550005")
    assert found(agent="1000") == [3, 2]
    assert found(agent="1000", call_hours="09:00-10:00", timezone="UTC") == []
