"""What stands in the database after a shift: what an administrator would read there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from agentd.core import records as r
from agentd.core.model import After, AfterKind, Lead, Role, SessionState
from agentd.engine.ports import Entry
from agentd.storage.applying import Batches
from agentd.storage.columns import moment
from agentd.storage.database import connect
from agentd.storage.migrating import migrate
from agentd.storage.projections import project
from agentd.storage.tables import agent_log, api_log, calls, journal_rejects, leads, legs, sessions
from tests.storage.helpers import NOW, api_call
from tests.storage.rows import bring_in, history, numbered, take_up
from tests.storage.shift import recorded_shift

LEAD = Lead(402028, 101, "NEW", "1", "7275551212", {"first_name": "Bob", "rank": "5", "comments": "é" * 300})

SHIFT = recorded_shift(8, 150)


def one_call(*middle: tuple[float, r.Record]) -> list[Entry]:
    return numbered(
        (0, r.SessionStarted("1000", 5, "502", "TESTCAMP", "8600051", "leg-a", "crystal")),
        (0, r.LegAsked("leg-a", Role.AGENT, 5, "1000", None, "8600051")),
        (0, r.StateEntered("1000", 5, 1, SessionState.PAUSED, "LOGIN")),
        (10, r.LeadCreated(LEAD, "1000")),
        (
            10,
            r.CallStarted(
                1000, "M1120092425000402028", "1000", 5, "TESTCAMP", "manual", LEAD, "7275551212", "1", "leg-c",
                After(AfterKind.PAUSED, "LOGIN"), "crm", vendor_id="V1",
            ),
        ),
        (10, r.StateEntered("1000", 5, 2, SessionState.DIALLING, call_id=1000, lead_id=402028)),
        (10, r.LegAsked("leg-c", Role.CUSTOMER, 5, "1000", 1000, "8600051")),
        *middle,
        (200, r.StateEntered("1000", 5, 9, SessionState.PAUSED, "LUNCH", productive=True)),
        (260.5, r.SessionEnded("1000", 5, "logout", "api")),
    )  # fmt: skip


ANSWERED = (
    (12.25, r.CallAnswered(1000, "1000")),
    (12.25, r.StateEntered("1000", 5, 7, SessionState.INCALL, call_id=1000, lead_id=402028)),
    (72.5, r.LegEnded("leg-c", 16, far_end=True)),
    (72.5, r.CallEnded(1000, "1000", 16, "customer", "")),
    (72.5, r.StateEntered("1000", 5, 8, SessionState.WRAPUP, call_id=1000, lead_id=402028)),
    (200, r.CallDisposed(1000, "1000", 402028, "A", "agent")),
)


def test_an_answered_call_is_one_row_with_its_times_and_who_hung_up(engine: Engine) -> None:
    bring_in(engine, one_call(*ANSWERED))
    with engine.connect() as connection:
        call = connection.execute(select(calls)).mappings().one()
        leg = connection.execute(select(legs).where(legs.c.id == "leg-c")).mappings().one()
    assert call["id"] == 1000
    assert call["call_key"] == "M1120092425000402028"
    assert (call["daemon"], call["user"], call["campaign"]) == ("pbx1", "1000", "TESTCAMP")
    assert (call["source"], call["vendor_id"], call["list_id"]) == ("crm", "V1", 101)
    assert call["started"] == moment(NOW + 10)
    assert call["answered"] == moment(NOW + 12.25)
    assert call["ended"] == moment(NOW + 72.5)
    assert call["length"] == pytest.approx(62.5)
    assert call["talk"] == pytest.approx(60.25)
    assert (call["cause"], call["hung_up_by"]) == (16, "customer")
    assert (call["status"], call["disposed_by"], call["disposed"]) == ("A", "agent", moment(NOW + 200))
    assert (leg["call_id"], leg["role"], leg["cause"], leg["far_end"]) == (1000, "customer", 16, True)


def test_a_lead_knows_its_status_who_gave_it_and_how_often_it_was_called(engine: Engine) -> None:
    bring_in(engine, one_call(*ANSWERED))
    with engine.connect() as connection:
        lead = connection.execute(select(leads)).mappings().one()
    assert (lead["id"], lead["list_id"], lead["phone_number"]) == (402028, 101, "7275551212")
    assert (lead["first_name"], lead["rank"], lead["last_name"]) == ("Bob", 5, None)
    assert lead["comments"] == "é" * 300
    assert (lead["status"], lead["user"]) == ("A", "1000")
    assert (lead["called_count"], lead["called_since_last_reset"]) == (1, 1)
    assert lead["last_local_call_time"] == moment(NOW + 10)
    assert lead["entry_date"] == moment(NOW + 10)
    assert lead["modify_date"] == moment(NOW + 200)


def test_a_status_that_comes_late_replaces_the_automatic_one(engine: Engine) -> None:
    ended = [entry for entry in ANSWERED if not isinstance(entry[1], r.CallDisposed)]
    bring_in(
        engine,
        one_call(
            *ended,
            (100, r.CallDisposed(1000, "1000", 402028, "DISPO", "wrapup")),
            (120, r.StatusReplaced(1000, "1000", 402028, "SALE")),
        ),
    )
    with engine.connect() as connection:
        assert connection.execute(select(calls.c.status, calls.c.disposed_by)).one() == ("SALE", "agent")
        assert connection.execute(select(leads.c.status)).scalar_one() == "SALE"


def test_a_refused_call_has_a_row_with_its_cause_and_does_not_count(engine: Engine) -> None:
    bring_in(engine, one_call((10.5, r.CallRefused(1000, "1000", 34, "no circuit"))))
    with engine.connect() as connection:
        call = connection.execute(select(calls)).mappings().one()
        assert (call["cause"], call["reason"], call["talk"], call["status"]) == (34, "no circuit", None, "")
        assert connection.execute(select(leads.c.called_count, leads.c.last_local_call_time)).one() == (0, None)


def test_the_intervals_of_a_session_add_up(engine: Engine) -> None:
    bring_in(engine, SHIFT)
    with engine.connect() as connection:
        rows = connection.execute(select(agent_log).order_by(agent_log.c.session_id, agent_log.c.interval_number)).all()
        ended = connection.execute(select(sessions)).all()
    assert len(ended) > 3
    for session in ended:
        intervals = [row for row in rows if row.session_id == session.id]
        assert [row.interval_number for row in intervals] == list(range(1, len(intervals) + 1))
        assert intervals[0].started == session.started
        assert intervals[-1].ended == session.ended
        for one, following in pairwise(intervals):
            assert one.ended == following.started
        assert sum(row.length for row in intervals) == pytest.approx(session.length, abs=1e-6)
        assert session.length == pytest.approx((session.ended - session.started).total_seconds(), abs=1e-6)


def test_every_call_of_a_shift_is_complete(engine: Engine) -> None:
    bring_in(engine, SHIFT)
    began = [entry.record for entry in SHIFT if isinstance(entry.record, r.CallStarted | r.CallWaiting | r.CallDialled)]
    with engine.connect() as connection:
        rows = connection.execute(select(calls)).all()
        lead_rows = connection.execute(select(leads)).all()
    assert len(began) > 10
    assert {row.id for row in rows} == {record.call_id for record in began}
    assert all(row.ended is not None and row.status for row in rows)
    assert {row.direction for row in rows} == {"manual", "auto", "inbound"}
    for lead in lead_rows:
        to_him = [row for row in rows if (row.lead_id, row.origin) == (lead.id, 0) and row.direction != "inbound"]
        assert lead.called_count == len(to_him)


@pytest.mark.parametrize("seed", range(8))
def test_when_all_have_gone_home_nothing_goes_on_in_any_table(tmp_path: Path, seed: int) -> None:
    engine = fresh(tmp_path)
    bring_in(engine, recorded_shift(seed, 150))
    tables = history(engine)
    engine.dispose()
    assert [name for name, rows in tables.items() if any(row.get("ended", "") is None for row in rows)] == []
    held = {row["id"]: row["held"] for row in tables["calls"]}
    for call_id, seconds in held.items():
        stretches = [row["length"] for row in tables["park_log"] if row["call_id"] == call_id]
        assert seconds == pytest.approx(sum(stretches), abs=1e-6)
    _check_lines(tables)
    origins = {row["origin"] for row in tables["calls"]} - {0}
    assert origins <= {row["call_id"] for row in tables["transfer_log"] if row["how"] in {"closer", "consult"}}
    legs = {row["id"] for row in tables["legs"]}
    assert {
        row["leg"]
        for name in ("calls", "third_log", "recordings", "supervision_log", "line_log")
        for row in tables[name]
    } <= legs


def _check_lines(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Whoever was delivered was offered, waits add up, and nobody was with two agents of a line at a time."""
    for call in tables["calls"]:
        stays = [row for row in tables["line_log"] if row["call_id"] == call["id"] and not row["consult"]]
        lengths = [row["length"] for row in stays]
        assert call["wait"] == (pytest.approx(sum(lengths), abs=1e-6) if lengths else None)
        assert (call["direction"] == "inbound") <= bool(stays)
        offers = [row for row in tables["offers"] if row["call_id"] == call["id"]]
        assert all(one["ended"] <= following["started"] for one, following in pairwise(offers))
        outcomes = [row["outcome"] for row in offers]
        assert set(outcomes) <= {"delivered", "missed", "back", "gone"}
        delivered = [row for row in tables["line_log"] if row["call_id"] == call["id"] and row["reason"] == "delivered"]
        # Who was consulted and takes the call over was with its customer already.
        assert outcomes.count("delivered") == sum(row["length"] > 0 for row in delivered)
        treated = [row["reason"] for row in tables["treatment_log"] if row["call_id"] == call["id"]]
        assert call["treated"] == (treated[-1] if treated else "")
    chosen = {row["session_id"] for row in tables["ingroup_log"]}
    assert chosen == {row["id"] for row in tables["sessions"]}


def test_the_api_log_reads_as_the_document_prints_it(engine: Engine) -> None:
    bring_in(engine, numbered((1.5, api_call(9, value="x" * 400, result_reason="r"))))
    with engine.connect() as connection:
        row = connection.execute(select(api_log)).mappings().one()
    assert (row["user"], row["agent_user"], row["function"]) == ("6666", "1000", "external_pause")
    assert (row["api_script"], row["result"], row["result_reason"]) == ("agent", "SUCCESS", "r")
    assert (row["source"], row["data"], row["api_date"]) == ("test", "9", moment(NOW + 1.5))
    assert row["value"] == "x" * 255


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "u" * 5000, "function": "f" * 5000, "result": "r" * 5000, "data": "\U0001f600" * 99999},
        {"data": "nul \0 and \ud800 half", "result_reason": "'; DROP TABLE users; --", "value": "%s %(a)s :b"},
        {"fields": {"a": "\U0001f600" * 100, "\udcff": ""}},
    ],
)  # fmt: skip
def test_nothing_that_comes_in_text_is_refused(engine: Engine, wrong: dict[str, str]) -> None:
    assert bring_in(engine, numbered((0, api_call(1, **wrong)), (0, api_call(2)))) == []
    with engine.connect() as connection:
        assert len(connection.execute(select(api_log)).all()) == 2


def test_numbers_beyond_all_columns_are_not_refused(engine: Engine) -> None:
    lead = Lead(2**63 - 1, 2**63 - 1, "NEW", "1", "7", {"rank": "9" * 30})
    other = Lead(7, 7, "NEW", "1", "7", {"rank": "first"})
    entries = numbered((0, r.LeadCreated(lead, "1000")), (0, r.LeadCreated(other, "1000")))
    assert bring_in(engine, entries) == []
    with engine.connect() as connection:
        assert connection.execute(select(leads.c.rank).order_by(leads.c.id)).scalars().all() == [None, 2**31 - 1]


def test_bringing_everything_in_twice_changes_nothing(engine: Engine) -> None:
    """Even if the position were lost: every row has a key of the journal's."""
    bring_in(engine, SHIFT)
    once = history(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM positions"))
    bring_in(engine, SHIFT, [1] * 50)
    assert history(engine) == once


@pytest.fixture(scope="module")
def reference_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """SHIFT brought in one record at a time."""
    engine = fresh(tmp_path_factory.mktemp("reference"))
    bring_in(engine, SHIFT, [1] * len(SHIFT))
    yield engine
    engine.dispose()


def fresh(folder: Path) -> Engine:
    url = f"sqlite:///{folder / 'agentd.db'}"
    migrate(url)
    return connect(url)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 200), max_size=40))
def test_the_rows_are_the_same_whatever_the_batches(
    reference_engine: Engine, tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    engine = fresh(tmp_path_factory.mktemp("batches"))
    bring_in(engine, SHIFT, sizes)
    assert history(engine) == history(reference_engine)
    engine.dispose()


def test_both_databases_come_to_the_same(reference_engine: Engine, engine: Engine) -> None:
    bring_in(engine, SHIFT)
    assert history(engine) == history(reference_engine)


def test_a_batch_changes_at_most_200_rows(engine: Engine) -> None:
    position = take_up(engine, "pbx1", "journal1", len(SHIFT))
    while position < len(SHIFT):
        applied = Batches(engine, "pbx1", "journal1").apply(SHIFT[position:])
        rows = sum(len(project("pbx1", "journal1", entry)) for entry in SHIFT[position : applied.position])
        assert rows <= 200
        assert applied.position > position
        position = applied.position


# --- what the database refuses -------------------------------------------------------------------------------


def refuse(engine: Engine, data: str) -> None:
    """Make the database refuse the rows of the API log with this data, for good."""
    if engine.dialect.name == "sqlite":
        trigger = (
            f"CREATE TRIGGER refuses BEFORE INSERT ON api_log WHEN NEW.data = '{data}' "
            "BEGIN SELECT RAISE(ABORT, 'not here'); END"
        )
    else:
        trigger = (
            f"CREATE TRIGGER refuses BEFORE INSERT ON api_log FOR EACH ROW IF NEW.data = '{data}' "
            "THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not here'; END IF"
        )
    with engine.begin() as connection:
        connection.exec_driver_sql(trigger)


@pytest.fixture
def refusing(engine: Engine) -> Iterator[Engine]:
    """A database that refuses what is marked so."""
    refuse(engine, "bad")
    yield engine
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER refuses")


def test_a_record_that_is_refused_is_set_aside_and_the_rest_goes_on(refusing: Engine) -> None:
    entries = numbered(
        *[(number, api_call(number, data="bad" if number in {3, 150} else str(number))) for number in range(300)]
    )
    rejected = bring_in(refusing, entries)
    assert [(row.seq, row.kind) for row in rejected] == [(4, "api-called"), (151, "api-called")]
    with refusing.connect() as connection:
        kept = connection.execute(select(api_log.c.data).order_by(api_log.c.seq)).scalars().all()
        aside = connection.execute(select(journal_rejects).order_by(journal_rejects.c.seq)).mappings().all()
    assert kept == [str(number) for number in range(300) if number not in {3, 150}]
    assert [row["seq"] for row in aside] == [4, 151]
    assert "not here" in aside[0]["error"]
    assert '"data":"bad"' in aside[0]["fields"]
    assert aside[0]["at"] == moment(NOW + 3)
