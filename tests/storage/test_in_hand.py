"""What stands in the database of calls in hand: holds, third parties, transfers, lines, supervisors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from agentd.core import records as r
from agentd.core.model import After, AfterKind, Lead, MonitorMode, Role
from agentd.storage.database import connect
from agentd.storage.migrating import migrate
from agentd.storage.tables import (
    calls,
    leads,
    park_log,
    supervision_log,
    supervision_modes,
    third_log,
    transfer_log,
)
from tests.storage.helpers import NOW
from tests.storage.rows import bring_in, history, numbered, rows

LEAD = Lead(402028, 101, "NEW", "1", "7275551212")
BEFORE = After(AfterKind.PAUSED, "LOGIN")

Story = tuple[tuple[float, r.Record], ...]


def dialled(call_id: int, at: float, answered: float, agent: str = "1000") -> Story:
    """A call that is made and answered."""
    key, leg = f"M112009242{call_id}00402028", f"leg-{call_id}"
    started = r.CallStarted(call_id, key, agent, 5, "TESTCAMP", "manual", LEAD, "7275551212", "1", leg, BEFORE, "crm")
    return (
        (at, started),
        (at, r.LegAsked(leg, Role.CUSTOMER, 5, agent, call_id, "8600051")),
        (answered, r.CallAnswered(call_id, agent)),
    )


def ended(call_id: int, at: float, status: str, cause: int = 16, by: str = "agent", agent: str = "1000") -> Story:
    """It ends and is disposed of."""
    return (
        (at, r.CallEnded(call_id, agent, cause, by, "")),
        (at + 1, r.CallDisposed(call_id, agent, LEAD.id, status, "agent")),
    )


HELD: Story = (
    (0, r.LeadCreated(LEAD, "1000")),
    *dialled(1000, 10, 12),
    (20, r.CallHeld(1000, "1000", "held")),
    (30.5, r.CallRetrieved(1000, "1000", "agent")),
    (40, r.CallHeld(1000, "1000", "held")),
    (45, r.CallHeld(1000, "1000", "ivr")),
    (52.25, r.CallRetrieved(1000, "1000", "ivr")),
    (60, r.CallHeld(1000, "1000", "held")),
    *ended(1000, 61, "A", by="customer"),
)

THREE_WAY: Story = (
    *dialled(1001, 100, 101),
    (110, r.CallHeld(1001, "1000", "held")),
    (110, r.ThirdAsked(1001, "1000", "leg-busy", "97275551200")),
    (111, r.ThirdEnded(1001, "1000", "leg-busy", 17, "pbx")),
    (112, r.ThirdAsked(1001, "1000", "leg-third", "97275551213")),
    (114, r.ThirdAnswered(1001, "1000", "leg-third")),
    (115, r.CallRetrieved(1001, "1000", "agent")),
    (130, r.CallTransferred(1001, "1000", "leave", "97275551213")),
    *ended(1001, 130, "SALE", by="transfer"),
)

CLOSED: Story = (
    *dialled(1002, 200, 201),
    (210, r.CallTransferred(1002, "1000", "closer", "SALESLINE")),
    (
        210,
        r.CallWaiting(
            1003, "Y1120092755000402028", "SALESLINE", "TESTCAMP", "inbound", LEAD, "7275551212", "1", "leg-1002",
            origin=1002,
        ),
    ),
    (210, r.LegGiven("leg-1002", 0, "", 1003)),
    (210, r.WaitingJoined("leg-1002", 1003, "SALESLINE", NOW + 210)),
    *ended(1002, 210, "XFER", by="transfer"),
    (215, r.WaitingOffered("leg-1002", 1003, "1001")),
    (215.5, r.WaitingEnded("leg-1002", 1003, "SALESLINE", "delivered")),
    (215.5, r.CallDelivered(1003, "1001", 6, "OTHER")),
    *ended(1003, 275.5, "SALE", by="customer", agent="1001"),
)  # fmt: skip

ABANDONED: Story = (
    *dialled(1004, 300, 301),
    (310, r.CallTransferred(1004, "1000", "closer", "AGENTDIRECT")),
    (
        310,
        r.CallWaiting(
            1005, "Y1120092935000402028", "AGENTDIRECT", "TESTCAMP", "inbound", LEAD, "7275551212", "1", "leg-1004",
            "1001", 1004,
        ),
    ),
    *ended(1004, 310, "A", by="transfer"),
    (330, r.WaitingEnded("leg-1004", 1005, "AGENTDIRECT", "abandoned")),
    (330, r.CallEnded(1005, "", 16, "customer", "")),
    (330, r.CallDisposed(1005, "", LEAD.id, "DROP", "abandoned")),
)  # fmt: skip

CONSULTED: Story = (
    *dialled(1006, 400, 401),
    (410, r.ThirdAsked(1006, "1000", "leg-consult", "", "SALESLINE")),
    (410, r.WaitingJoined("leg-consult", 1006, "SALESLINE", NOW + 410, consult=True)),
    (412, r.ConsultJoined(1006, "1001", "1000", "leg-consult")),
    (430, r.CustomerLeft(1006, "1000", 16, "customer")),
    (440, r.ConsultEnded(1006, "1001")),
    (440, r.ThirdEnded(1006, "1000", "leg-consult", 16, "third")),
    *ended(1006, 440, "A", by="customer"),
)

WATCHED: Story = (
    (500, r.MonitorAsked("leg-boss", "1000", 5, "504", MonitorMode.LISTEN, "6666")),
    (502, r.MonitorStarted("leg-boss", "1000", 5, "504", MonitorMode.LISTEN, "6666")),
    (520.5, r.MonitorChanged("leg-boss", "1000", 5, "504", MonitorMode.WHISPER, "101")),
    (530, r.MonitorChanged("leg-boss", "1000", 5, "504", MonitorMode.BARGE, "6666")),
    (560, r.MonitorEnded("leg-boss", "1000", 5, "504", 16)),
    (600, r.MonitorAsked("leg-late", "1000", 5, "521", MonitorMode.BARGE, "6666")),
    (620, r.MonitorEnded("leg-late", "1000", 5, "521", 19)),
)

RECORDED: Story = (
    (700, r.RecordingAsked(7, "leg-1000", "1000", 5, 1000, 402028, "7275551212", "n", "n.wav", NOW + 700, "part")),
    (700.1, r.RecordingStarted(7, "1000", 1000)),
    (705, r.RecordingMuted(7, "1000", 1000, muted=True)),
    (708, r.RecordingMuted(7, "1000", 1000, muted=False)),
    (709, r.RecordingMuted(7, "1000", 1000, muted=True)),
    (710, r.RecordingStopping(7, "1000", stopping=True)),
    (710.1, r.RecordingEnded(7, "1000", 1000, "n.wav", "agent")),
    (712, r.RecordingFailed(7, "1000", 1000, "n.wav", "there is no file")),
    (720, r.RecordingRemoved(7, "n.wav")),
)

EVERYTHING = numbered(*HELD, *THREE_WAY, *CLOSED, *ABANDONED, *CONSULTED, *WATCHED, *RECORDED)


def test_parked_time_is_recorded_stretch_by_stretch(engine: Engine) -> None:
    bring_in(engine, numbered(*HELD))
    assert rows(engine, park_log, "call_id", "user", "place", "started", "ended", "length", "retrieved_by") == [
        (1000, "1000", "held", 20, 30.5, 10.5, "agent"),
        (1000, "1000", "held", 40, 45, 5, ""),
        (1000, "1000", "ivr", 45, 52.25, 7.25, "ivr"),
        (1000, "1000", "held", 60, 61, 1, ""),
    ]
    assert rows(engine, calls, "talk", "held", "hung_up_by") == [(49, 23.75, "customer")]


def test_a_customer_who_is_on_hold_now_is_seen(engine: Engine) -> None:
    bring_in(engine, numbered(*HELD[:5]))
    assert rows(engine, park_log, "place", "ended", "length") == [("held", None, None)]
    assert rows(engine, calls, "held") == [(None,)]


def test_every_third_party_is_a_row_with_what_became_of_it(engine: Engine) -> None:
    bring_in(engine, numbered(*THREE_WAY))
    columns = ("leg", "user", "phone_number", "asked", "answered", "ended", "cause", "hung_up_by")
    assert rows(engine, third_log, *columns) == [
        ("leg-busy", "1000", "97275551200", 110, None, 111, 17, "pbx"),
        ("leg-third", "1000", "97275551213", 112, 114, 130, None, ""),
    ]
    assert rows(engine, transfer_log, "call_id", "user", "how", "target", "at") == [
        (1001, "1000", "leave", "97275551213", 130)
    ]
    assert rows(engine, calls, "held", "hung_up_by", "status") == [(5, "transfer", "SALE")]


def test_a_call_that_went_on_with_another_agent_is_two_rows_and_one_call_to_the_lead(engine: Engine) -> None:
    bring_in(engine, numbered((0, r.LeadCreated(LEAD, "1000")), *CLOSED))
    columns = ("id", "user", "session_id", "campaign", "ingroup", "origin", "started", "answered", "ended", "status")
    assert rows(engine, calls, *columns) == [
        (1002, "1000", 5, "TESTCAMP", "", 0, 200, 201, 210, "XFER"),
        (1003, "1001", 6, "OTHER", "SALESLINE", 1002, 210, 215.5, 275.5, "SALE"),
    ]
    assert rows(engine, calls, "talk", "leg") == [(9, "leg-1002"), (60, "leg-1002")]
    assert rows(engine, leads, "called_count", "status", "user") == [(1, "SALE", "1001")]


def test_a_caller_who_gave_up_waiting_is_a_row_of_nobodys(engine: Engine) -> None:
    bring_in(engine, numbered((0, r.LeadCreated(LEAD, "1000")), *ABANDONED))
    columns = ("id", "user", "wanted", "answered", "length", "talk", "hung_up_by", "status", "disposed_by")
    assert rows(engine, calls, *columns)[1] == (1005, "", "1001", None, 20, None, "customer", "DROP", "abandoned")
    assert rows(engine, leads, "status", "user") == [("DROP", "1000")]


def test_an_agent_who_was_asked_is_named(engine: Engine) -> None:
    bring_in(engine, numbered(*CONSULTED))
    columns = ("user", "ingroup", "consulted", "asked", "answered", "ended", "hung_up_by")
    assert rows(engine, third_log, *columns) == [("1000", "SALESLINE", "1001", 410, 412, 440, "third")]


def test_an_auditor_sees_who_listened_when_and_how(engine: Engine) -> None:
    bring_in(engine, numbered(*WATCHED))
    columns = ("leg", "user", "phone", "mode", "asked_by", "asked", "started", "ended", "length", "cause")
    assert rows(engine, supervision_log, *columns) == [
        ("leg-boss", "1000", "504", "listen", "6666", 500, 502, 560, 58, 16),
        ("leg-late", "1000", "521", "barge", "6666", 600, None, 620, None, 19),
    ]
    assert rows(engine, supervision_modes, "leg", "mode", "asked_by", "started", "ended", "length") == [
        ("leg-boss", "listen", "6666", 502, 520.5, 18.5),
        ("leg-boss", "whisper", "101", 520.5, 530, 9.5),
        ("leg-boss", "barge", "6666", 530, 560, 30),
    ]


def test_nothing_that_is_too_long_is_refused(engine: Engine) -> None:
    long = "9" * 500
    entries = numbered(
        *dialled(1000, 1, 2),
        (3, r.CallHeld(1000, "1000", long)),
        (4, r.ThirdAsked(1000, long, long, long, long)),
        (5, r.ConsultJoined(1000, long, long, long)),
        (6, r.ThirdEnded(1000, long, long, 2**40, long)),
        (7, r.CallTransferred(1000, long, long, long)),
        (8, r.CallWaiting(1001, long, long, long, long, LEAD, long, long, long, long, 2**80)),
        (9, r.CallDelivered(1001, long, 1, long)),
        (10, r.RecordingAsked(1, long, long, 1, 1, 1, long, long, long, NOW, long, long)),
        (11, r.RecordingEnded(1, long, 1, long, long)),
        (12, r.RecordingFailed(1, long, 1, long, long)),
        (13, r.MonitorAsked(long, long, 1, long, MonitorMode.BARGE, long)),
        (14, r.MonitorStarted(long, long, 1, long, MonitorMode.BARGE, long)),
        (15, r.MonitorEnded(long, long, 1, long, 2**40)),
    )
    assert bring_in(engine, entries) == []
    assert rows(engine, third_log, "ended", "hung_up_by") == [(6, "9" * 20)]
    assert rows(engine, supervision_modes, "length") == [(1,)]


# --- however it is brought in --------------------------------------------------------------------------------


def fresh(folder: Path) -> Engine:
    """A new SQLite database."""
    url = f"sqlite:///{folder / 'agentd.db'}"
    migrate(url)
    return connect(url)


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """EVERYTHING, brought in one record at a time."""
    engine = fresh(tmp_path_factory.mktemp("one-by-one"))
    bring_in(engine, EVERYTHING, [1] * len(EVERYTHING))
    yield engine
    engine.dispose()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 40), max_size=40))
def test_the_rows_are_the_same_whatever_the_batches(
    one_by_one: Engine, tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    engine = fresh(tmp_path_factory.mktemp("batches"))
    bring_in(engine, EVERYTHING, sizes)
    assert history(engine) == history(one_by_one)
    engine.dispose()


def test_both_databases_come_to_the_same_and_a_second_time_changes_nothing(one_by_one: Engine, engine: Engine) -> None:
    bring_in(engine, EVERYTHING)
    assert history(engine) == history(one_by_one)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM positions"))
    bring_in(engine, EVERYTHING, [1] * 30)
    assert history(engine) == history(one_by_one)
