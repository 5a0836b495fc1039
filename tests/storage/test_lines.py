"""What stands in the database of lines: who waited where, to whom he was offered, what became of him."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from agentd.core import records as r
from agentd.core.model import Lead, Role, SessionKind
from agentd.storage import management
from agentd.storage.database import connect
from agentd.storage.migrating import migrate
from agentd.storage.tables import (
    callbacks,
    calls,
    ingroup_log,
    leads,
    legs,
    line_log,
    offers,
    sessions,
    treatment_log,
)
from tests.storage.helpers import NOW
from tests.storage.rows import bring_in, history, numbered, rows

LEAD = Lead(402028, 101, "NEW", "1", "7275551212")
OTHER = Lead(402029, 101, "NEW", "1", "7275551213")

Story = tuple[tuple[float, r.Record], ...]


def arrived(call_id: int, at: float, ingroup: str = "SALESLINE", lead: Lead = LEAD, priority: int = 0) -> Story:
    """A caller comes, and stands in line."""
    key, leg = f"Y112009242{call_id}0402028", f"leg-{call_id}"
    waiting = r.CallWaiting(
        call_id, key, ingroup, "", "inbound", lead, "7275551212", "1", leg, did="7275550100", name="Ann"
    )
    return (
        (at, waiting),
        (at, r.LegAdopted(leg, Role.CUSTOMER, 0, "", call_id)),
        (at, r.WaitingJoined(leg, call_id, ingroup, NOW + at, priority=priority)),
        (at, r.WaitingEntered(leg, call_id)),
    )


def taken(call_id: int, at: float, agent: str, ingroup: str = "SALESLINE") -> Story:
    """He is the agent's."""
    return (
        (at, r.WaitingEnded(f"leg-{call_id}", call_id, ingroup, "delivered")),
        (at, r.CallDelivered(call_id, agent, 6, "TESTCAMP")),
    )


def ended(call_id: int, at: float, status: str, agent: str = "", by: str = "customer", lead: Lead = LEAD) -> Story:
    """The call is over and has its status."""
    return (
        (at, r.CallEnded(call_id, agent, 16, by, "")),
        (at, r.CallDisposed(call_id, agent, lead.id, status, "agent" if agent else "abandoned")),
    )


LOGINS: Story = (
    (1, r.SessionStarted("1001", 6, "505", "TESTCAMP", "8600052", "leg-a", "api", ("SALESLINE",), blended=True)),
    (2, r.SessionStarted("1028", 7, "", "TESTCAMP", "", "", "cli", ("TEST_IN",), SessionKind.REMOTE, lines=2)),
    (3, r.InGroupsChanged("1001", 6, ("TEST_IN2", "SALESLINE"), blended=False)),
    (4, r.InGroupsChanged("1001", 6, (), blended=False)),
)

# Nobody comes to 1028's number, 1002 pauses in the middle, 1001 gets him.
PASSED_ON: Story = (
    *arrived(1000, 10, priority=5),
    (12, r.WaitingOffered("leg-1000", 1000, "1028", "leg-r")),
    (14, r.OfferMissed("1028", 7, 1000, "SALESLINE", 17)),
    (14, r.WaitingOffered("leg-1000", 1000, "")),
    (15, r.WaitingOffered("leg-1000", 1000, "1002")),
    (15.5, r.WaitingOffered("leg-1000", 1000, "")),
    (15.5, r.WaitingOffered("leg-1000", 1000, "1001")),
    *taken(1000, 16.25, "1001"),
    *ended(1000, 76.25, "SALE", "1001"),
)

# What is known the other way round, in one moment.
TAKEN_BACK_FIRST: Story = (
    *arrived(1001, 100),
    (101, r.WaitingOffered("leg-1001", 1001, "1028", "leg-s")),
    (105, r.WaitingOffered("leg-1001", 1001, "")),
    (105, r.OfferMissed("1028", 7, 1001, "SALESLINE", 19)),
    (106, r.WaitingOffered("leg-1001", 1001, "1001")),
    (107, r.WaitingOffered("leg-1001", 1001, "")),
    (107, r.OfferMissed("1002", 8, 1001, "SALESLINE", 38)),  # he was never rung, and it is not 1001's miss
    (110, r.WaitingEnded("leg-1001", 1001, "SALESLINE", "abandoned")),
    *ended(1001, 110, "DROP"),
)

GONE_IN_DELIVERY: Story = (
    *arrived(1002, 200),
    (201, r.WaitingOffered("leg-1002", 1002, "1001")),
    (201.5, r.WaitingEnded("leg-1002", 1002, "SALESLINE", "abandoned")),
    *ended(1002, 201.5, "DROP"),
)

# Too long in one line, then in another, then in a mailbox.
SENT_ON: Story = (
    *arrived(1003, 300),
    (301, r.WaitingOffered("leg-1003", 1003, "1001")),
    (302, r.WaitingOffered("leg-1003", 1003, "")),
    (330, r.CallTreated(1003, "leg-1003", "SALESLINE", "", "drop", "ingroup", "TEST_IN")),
    (330, r.WaitingEnded("leg-1003", 1003, "SALESLINE", "treated")),
    (330, r.CallRerouted(1003, "TEST_IN")),
    (330, r.WaitingJoined("leg-1003", 1003, "TEST_IN", NOW + 330)),
    (331, r.WaitingOffered("leg-1003", 1003, "1001")),
    (332, r.WaitingOffered("leg-1003", 1003, "")),
    (340.5, r.WaitingEnded("leg-1003", 1003, "TEST_IN", "treated")),
    (340.5, r.CallTreated(1003, "leg-1003", "TEST_IN", "", "no_agent", "voicemail", "500")),
    (340.5, r.CallEnded(1003, "", 16, "system", "")),
    (340.5, r.CallDisposed(1003, "", LEAD.id, "NANQUE", "treatment")),
)


def dialled(call_id: int, at: float, lead: Lead, campaign: str = "TESTCAMP") -> Story:
    """A campaign dials a lead by itself."""
    leg = f"leg-{call_id}"
    key = f"V1120092425{call_id:09d}"
    return (
        (at, r.CallDialled(call_id, key, campaign, lead, lead.phone_number, "1", leg)),
        (at, r.LegAsked(leg, Role.CUSTOMER, 0, "", call_id, "")),
    )


AUTO: Story = (
    *dialled(1004, 400, LEAD),
    (405, r.LeadAnswered(1004, "TESTCAMP", "leg-1004")),
    (405, r.WaitingJoined("leg-1004", 1004, "", NOW + 405, campaign="TESTCAMP")),
    (405, r.WaitingOffered("leg-1004", 1004, "1001")),
    (405.5, r.WaitingEnded("leg-1004", 1004, "", "delivered")),
    (405.5, r.CallDelivered(1004, "1001", 6, "TESTCAMP")),
    *ended(1004, 465.5, "SALE", "1001"),
    *dialled(1005, 410, OTHER),
    (412, r.CallEnded(1005, "", 17, "customer", "B")),
    (412, r.CallDisposed(1005, "", OTHER.id, "B", "dialler")),
)

LEADS: Story = ((0, r.LeadCreated(LEAD, "")), (0, r.LeadCreated(OTHER, "")))

CANCELLED: Story = (
    *dialled(1006, 460, LEAD),
    (461, r.CallRefused(1006, "", 38, "no circuit")),
    *dialled(1007, 470, LEAD),
    (471, r.CallEnded(1007, "", 16, "system", "CANCEL")),
    (471, r.CallDisposed(1007, "", LEAD.id, "CANCEL", "cancelled", lead_keeps=True)),
    *dialled(1008, 500, LEAD),
)

EVERYTHING = numbered(*LEADS, *LOGINS, *PASSED_ON, *TAKEN_BACK_FIRST, *GONE_IN_DELIVERY, *SENT_ON, *AUTO, *CANCELLED)


def test_every_stay_in_a_line_is_a_row_with_its_length_and_its_end(engine: Engine) -> None:
    bring_in(engine, numbered(*PASSED_ON, *SENT_ON))
    columns = ("call_id", "ingroup", "priority", "consult", "started", "ended", "length", "reason")
    assert rows(engine, line_log, *columns) == [
        (1000, "SALESLINE", 5, False, 10, 16.25, 6.25, "delivered"),
        (1003, "SALESLINE", 0, False, 300, 330, 30, "treated"),
        (1003, "TEST_IN", 0, False, 330, 340.5, 10.5, "treated"),
    ]
    assert rows(engine, calls, "ingroup", "did", "wait", "treated", "answered", "talk") == [
        ("SALESLINE", "7275550100", 6.25, "", 16.25, 60),
        ("TEST_IN", "7275550100", 40.5, "no_agent", None, None),
    ]


def test_every_attempt_to_deliver_is_a_row_with_its_outcome(engine: Engine) -> None:
    bring_in(engine, numbered(*PASSED_ON, *GONE_IN_DELIVERY))
    columns = ("call_id", "user", "ingroup", "started", "ended", "length", "outcome", "cause")
    assert rows(engine, offers, *columns) == [
        (1000, "1028", "SALESLINE", 12, 14, 2, "missed", 17),
        (1000, "1002", "SALESLINE", 15, 15.5, 0.5, "back", None),
        (1000, "1001", "SALESLINE", 15.5, 16.25, 0.75, "delivered", None),
        (1002, "1001", "SALESLINE", 201, 201.5, 0.5, "gone", None),
    ]


def test_a_miss_that_is_told_after_the_way_back_is_that_agents_and_nobody_elses(engine: Engine) -> None:
    bring_in(engine, numbered(*TAKEN_BACK_FIRST))
    assert rows(engine, offers, "user", "outcome", "cause", "ended") == [
        ("1028", "missed", 19, 105),
        ("1001", "back", None, 107),
    ]


def test_an_offer_is_of_the_line_in_which_he_stood_then(engine: Engine) -> None:
    bring_in(engine, numbered(*SENT_ON))
    assert rows(engine, offers, "ingroup", "outcome") == [("SALESLINE", "back"), ("TEST_IN", "back")]


def test_who_is_being_delivered_now_is_seen(engine: Engine) -> None:
    bring_in(engine, numbered(*PASSED_ON[:5]))
    assert rows(engine, offers, "user", "ended", "outcome") == [("1028", None, "")]
    assert rows(engine, line_log, "ended", "length", "reason") == [(None, None, "")]
    assert rows(engine, calls, "wait") == [(None,)]


def test_a_caller_who_hangs_up_in_line_is_a_row_with_his_wait(engine: Engine) -> None:
    bring_in(engine, numbered(*LEADS, *GONE_IN_DELIVERY))
    columns = ("user", "session_id", "campaign", "direction", "answered", "talk", "wait", "status", "disposed_by")
    assert rows(engine, calls, *columns) == [("", 0, "", "inbound", None, None, 1.5, "DROP", "abandoned")]
    assert rows(engine, leads, "status", "called_count", "last_local_call_time") == [
        ("DROP", 0, None),
        ("NEW", 0, None),
    ]
    assert rows(engine, legs, "id", "role", "call_id") == [("leg-1002", "customer", 1002)]


def test_every_treatment_is_a_row(engine: Engine) -> None:
    bring_in(engine, numbered(*SENT_ON))
    assert rows(engine, treatment_log, "call_id", "ingroup", "campaign", "reason", "how", "target", "at") == [
        (1003, "SALESLINE", "", "drop", "ingroup", "TEST_IN", 330),
        (1003, "TEST_IN", "", "no_agent", "voicemail", "500", 340.5),
    ]
    assert rows(engine, calls, "status", "disposed_by", "hung_up_by") == [("NANQUE", "treatment", "system")]


def test_a_call_that_a_campaign_dialled_is_the_campaigns_until_an_agent_has_it(engine: Engine) -> None:
    bring_in(engine, numbered(*LEADS, *AUTO))
    columns = ("call_key", "direction", "campaign", "user", "ingroup", "answered", "wait", "talk", "status")
    assert rows(engine, calls, *columns) == [
        ("V1120092425000001004", "auto", "TESTCAMP", "1001", "", 405.5, 0.5, 60, "SALE"),
        ("V1120092425000001005", "auto", "TESTCAMP", "", "", None, None, None, "B"),
    ]
    assert rows(engine, leads, "status", "user", "called_count", "last_local_call_time") == [
        ("SALE", "1001", 1, 400),
        ("B", "", 1, 410),
    ]
    assert rows(engine, line_log, "ingroup", "campaign", "length") == [("", "TESTCAMP", 0.5)]


def test_an_auditor_sees_who_took_which_calls_when(engine: Engine) -> None:
    bring_in(engine, numbered(*LOGINS))
    assert rows(engine, ingroup_log, "session_id", "user", "ingroups", "blended", "at") == [
        (6, "1001", ["SALESLINE"], True, 1),
        (6, "1001", ["TEST_IN2", "SALESLINE"], False, 3),
        (6, "1001", [], False, 4),
        (7, "1028", ["TEST_IN"], False, 2),
    ]
    assert rows(engine, sessions, "user", "kind", "phone", "conference") == [
        ("1001", "seated", "505", "8600052"),
        ("1028", "remote", "", ""),
    ]


# --- callbacks -----------------------------------------------------------------------------------------------


def promise(engine: Engine) -> None:
    """Of LEAD: two that are due, one for later, one of another campaign, one that its agent alone may keep."""
    with engine.begin() as connection:
        for number, (campaign, due, anyone) in enumerate(
            (
                ("TESTCAMP", 390, True),
                ("TESTCAMP", 400, True),
                ("TESTCAMP", 450, True),
                ("OTHER", 390, True),
                ("TESTCAMP", 390, False),
            ),
            1,
        ):
            callback = management.Callback(LEAD.id, campaign, NOW + due, user="1000", anyone=anyone, comments="ü")
            assert management.put_callback(connection, callback, NOW) == number
        other = management.Callback(OTHER.id + 1, "TESTCAMP", NOW)
        assert management.put_callback(connection, other, NOW, 6) == 6


def test_a_due_callback_is_kept_by_the_call(engine: Engine) -> None:
    promise(engine)
    bring_in(engine, numbered(*AUTO))
    assert rows(engine, callbacks, "id", "status", "call_id") == [
        (1, "done", 1004),
        (2, "done", 1004),
        (3, "waiting", 0),
        (4, "waiting", 0),
        (5, "waiting", 0),
        (6, "waiting", 0),
    ]
    later = management.Callback(LEAD.id, "TESTCAMP", NOW + 900, comments="again")
    with engine.begin() as connection:
        assert management.put_callback(connection, later, NOW + 500, 1) == 1
    assert rows(engine, callbacks, "id", "status", "due_at", "created", "comments")[0] == (
        1,
        "waiting",
        900,
        500,
        "again",
    )


def test_a_callback_whose_call_did_not_ring_is_due_again(engine: Engine) -> None:
    promise(engine)
    cancelled = (
        (401, r.CallEnded(1004, "", 16, "system", "CANCEL")),
        (401, r.CallDisposed(1004, "", LEAD.id, "CANCEL", "cancelled", lead_keeps=True)),
    )
    bring_in(engine, numbered(*dialled(1004, 400, LEAD), *cancelled))
    assert rows(engine, callbacks, "id", "status", "call_id")[:2] == [(1, "waiting", 0), (2, "waiting", 0)]


def test_a_callback_is_kept_by_the_call_that_was_made_in_the_end(engine: Engine) -> None:
    promise(engine)
    refused = ((401, r.CallRefused(1004, "", 38, "no circuit")),)
    bring_in(engine, numbered(*dialled(1004, 400, LEAD), *refused, *dialled(1005, 410, LEAD)))
    assert rows(engine, callbacks, "id", "status", "call_id")[:2] == [(1, "done", 1005), (2, "done", 1005)]


# --- however it is brought in --------------------------------------------------------------------------------


def fresh(folder: Path) -> Engine:
    """A new SQLite database, with the same promises."""
    url = f"sqlite:///{folder / 'agentd.db'}"
    migrate(url)
    engine = connect(url)
    promise(engine)
    return engine


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """EVERYTHING, brought in one record at a time."""
    engine = fresh(tmp_path_factory.mktemp("one-by-one"))
    bring_in(engine, EVERYTHING, [1] * len(EVERYTHING))
    yield engine
    engine.dispose()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 40), max_size=40))
def test_the_rows_are_the_same_whatever_the_batches(
    one_by_one: Engine, tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    engine = fresh(tmp_path_factory.mktemp("batches"))
    bring_in(engine, EVERYTHING, sizes)
    assert history(engine) == history(one_by_one)
    engine.dispose()


def test_both_databases_come_to_the_same_and_a_second_time_changes_nothing(one_by_one: Engine, engine: Engine) -> None:
    promise(engine)
    bring_in(engine, EVERYTHING)
    assert history(engine) == history(one_by_one)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM positions"))
    bring_in(engine, EVERYTHING, [1] * 30)
    assert history(engine) == history(one_by_one)


def test_nothing_that_is_too_long_is_refused(engine: Engine) -> None:
    long = "9" * 500
    entries = numbered(
        (1, r.CallWaiting(1000, long, long, long, long, LEAD, long, long, long, did=long, name=long)),
        (1, r.WaitingJoined(long, 1000, long, NOW, long, priority=2**40, campaign=long)),
        (2, r.WaitingOffered(long, 1000, long, long)),
        (3, r.OfferMissed(long, 1, 1000, long, 2**40)),
        (4, r.CallTreated(1000, long, long, long, long, long, long)),
        (5, r.CallRerouted(1000, long)),
        (6, r.WaitingEnded(long, 1000, long, long)),
        (7, r.CallDialled(1001, long, long, LEAD, long, long, long)),
        (8, r.InGroupsChanged(long, 5, (long,) * 100, blended=True)),
    )
    assert bring_in(engine, entries) == []
    assert rows(engine, offers, "user", "outcome", "cause") == [("9" * 40, "missed", 2**31 - 1)]
    assert rows(engine, calls, "ingroup", "treated") == [("9" * 40, "9" * 20), ("", "")]
