"""What stands in the database of leads that are changed, of promises to them, and of numbers not to call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, text

from agentd.core import records as r
from agentd.core.model import FIELDS, After, AfterKind, CallbackWish, DialRequest, Lead, WhichNumber
from agentd.storage.columns import moment
from agentd.storage.database import connect
from agentd.storage.leads import read_lead, read_lead_row
from agentd.storage.migrating import migrate
from agentd.storage.tables import callbacks, calls, dnc, leads
from tests.storage.helpers import NOW
from tests.storage.rows import bring_in, history, numbered, rows

LEAD = Lead(402028, 101, "NEW", "1", "7275551212", {"first_name": "Bob", "city": "Ulm", "rank": "5"})
OTHER = Lead(402029, 101, "NEW", "1", "7275551213")

Story = tuple[tuple[float, r.Record], ...]

LEADS: Story = ((0, r.LeadCreated(LEAD, "1000")), (0, r.LeadCreated(OTHER, "1000")))


def dialled(call_id: int, at: float, lead: Lead = LEAD, agent: str = "1000", **said: object) -> Story:
    """An agent dials a lead by hand."""
    key, leg, before = f"M112009242{call_id}0402028", f"leg-{call_id}", After(AfterKind.PAUSED, "LOGIN")
    started = r.CallStarted(
        call_id, key, agent, 5, "TESTCAMP", "manual", lead, lead.phone_number, "1", leg, before, **said
    )
    return ((at, started), (at + 1, r.CallAnswered(call_id, agent)))


def disposed(call_id: int, at: float, status: str, lead: Lead = LEAD, code: str = "") -> Story:
    """The call is over and has its status."""
    return (
        (at, r.CallEnded(call_id, "1000", 16, "customer", "")),
        (at, r.CallDisposed(call_id, "1000", lead.id, status, "agent", code=code)),
    )


def promised(callback_id: int, at: float, due: float, call_id: int = 0, lead: Lead = LEAD, user: str = "") -> Story:
    """A lead is promised a call, by ``user`` or by anyone."""
    wish = CallbackWish(NOW + due, anyone=not user, comments="after lunch")
    return ((at, r.CallbackSet(callback_id, lead.id, "TESTCAMP", wish, user, "1000", call_id, "1000")),)


def listed(at: float, number: str, campaign: str = "", *, there: bool = True) -> Story:
    """A number is put on a list of those not to call, or taken off."""
    return ((at, r.DncChanged(number, campaign, there, "6666")),)


CHANGED: Story = (
    (10, r.LeadUpdated(LEAD.id, {"first_name": "Anna", "city": "", "email": "a@b.example"}, "6666", "1000")),
    (11, r.LeadUpdated(LEAD.id, {"list_id": "102", "status": "HOT", "phone_code": "49", "rank": ""}, "crm")),
    (12, r.LeadUpdated(LEAD.id, {"first_name": "Anne", "phone_number": "7275551299"}, "crm")),
    (12, r.LeadUpdated(999, {"first_name": "Nobody"}, "crm")),
)

# The status that is said last stands, whoever says it.
STATUS_AFTER_STATUS: Story = (
    *dialled(1000, 20),
    *disposed(1000, 30, "A"),
    (30, r.LeadUpdated(LEAD.id, {"status": "VIP"}, "crm")),
    *dialled(1001, 40, OTHER),
    (49, r.LeadUpdated(OTHER.id, {"status": "VIP"}, "crm")),
    *disposed(1001, 50, "B", OTHER),
)

PROMISES: Story = (
    *dialled(1002, 100),
    *disposed(1002, 110, "CALLBK", code="8"),
    *promised(1, 110, 500, 1002),
    *promised(2, 110, 500, lead=OTHER),
    *promised(3, 111, 600, lead=OTHER, user="1000"),
    *promised(4, 112, 700, lead=OTHER, user="1001"),
    *promised(4, 113, 800, lead=OTHER, user="1002"),  # it is another's now
    (114, r.CallbackEnded(4, "1002", OTHER.id, by="6666")),
    (115, r.CallbackEnded(4, "1002", OTHER.id, 77, by="1002")),  # it was taken back before
    *promised(5, 120, 200),
    *dialled(1003, 400),  # keeps what is due, and what is promised in it takes the place of the rest
    *disposed(1003, 410, "CALLBK"),
    *promised(6, 410, 900, 1003),
    *dialled(1004, 620, OTHER),
    (630, r.CallRefused(1004, "1000", 34, "no circuit")),  # so that 2 is still to be kept
    *dialled(1005, 640, OTHER),
    *disposed(1005, 650, "SALE", OTHER),
    (650, r.CallbackEnded(3, "1000", OTHER.id, 1005, "1000")),
)

NUMBERS: Story = (
    *listed(700, "+17275551290"),
    *listed(701, "7275551291", "TESTCAMP"),
    (702, r.DncListed("7275551291", "TESTCAMP", 1005, "1000")),
    *listed(703, "7275551292"),
    *listed(703, "7275551292", there=False),
    *listed(704, "7275551293", there=False),
    *listed(704, "7275551293"),
    *listed(705, "7275551291", "OTHER", there=False),
)

GONE: Story = (
    (800, r.LeadCreated(Lead(402030, 101, "NEW", "1", "7275551214"), "1000")),
    *dialled(1006, 801, Lead(402030, 101, "NEW", "1", "7275551214")),
    *disposed(1006, 802, "NI", Lead(402030, 101, "NEW", "1", "7275551214")),
    *promised(7, 802, 900, 1006, Lead(402030, 101, "NEW", "1", "7275551214")),
    (803, r.LeadDeleted(402030, "6666")),
)

EVERYTHING = numbered(*LEADS, *CHANGED, *STATUS_AFTER_STATUS, *PROMISES, *NUMBERS, *GONE)


# --- leads ---------------------------------------------------------------------------------------------------


def test_only_what_is_said_of_a_lead_changes_and_an_empty_text_clears(engine: Engine) -> None:
    bring_in(engine, numbered(*LEADS, *CHANGED))
    with engine.connect() as connection:
        row = read_lead_row(connection, LEAD.id)
        other = read_lead(connection, OTHER.id)
        gone = connection.execute(select(leads.c.city, leads.c.rank).where(leads.c.id == LEAD.id)).one()
    fields = {"first_name": "Anne", "email": "a@b.example"}
    assert row is not None
    assert row.lead == Lead(LEAD.id, 102, "HOT", "49", "7275551299", fields)
    assert (row.user, row.entered, row.changed, row.called, row.last_call) == ("1000", NOW, NOW + 12, 0, None)
    assert gone == (None, None)
    assert other == OTHER


def test_every_field_of_the_documents_can_be_changed_and_cleared(engine: Engine) -> None:
    said = dict.fromkeys(FIELDS, "7")
    bring_in(engine, numbered(*LEADS, (1, r.LeadUpdated(OTHER.id, said, "crm"))))
    with engine.connect() as connection:
        found = read_lead(connection, OTHER.id)
    assert found is not None
    assert found.fields == said
    cleared = (2, r.LeadUpdated(OTHER.id, dict.fromkeys(FIELDS, ""), "crm"))
    bring_in(engine, numbered(*LEADS, (1, r.LeadUpdated(OTHER.id, said, "crm")), cleared))
    with engine.connect() as connection:
        assert read_lead(connection, OTHER.id) == OTHER


def test_of_two_statuses_the_later_one_stands(engine: Engine) -> None:
    bring_in(engine, numbered(*LEADS, *STATUS_AFTER_STATUS))
    assert rows(engine, leads, "id", "status", "user", "called_count", "modify_date") == [
        (LEAD.id, "VIP", "1000", 1, 30),
        (OTHER.id, "B", "1000", 1, 50),
    ]


def test_a_deleted_lead_is_gone_with_what_was_promised_and_his_calls_are_kept(engine: Engine) -> None:
    bring_in(engine, numbered(*GONE))
    assert rows(engine, leads, "id") == []
    assert rows(engine, calls, "lead_id", "status") == [(402030, "NI")]
    assert rows(engine, callbacks, "id", "status") == [(7, "dropped")]


def test_a_call_says_which_number_was_dialled_after_a_preview_or_not_and_the_other_systems_code(
    engine: Engine,
) -> None:
    previewed = DialRequest("7275551213", "1", lead=LEAD, preview=True)
    story = (
        *dialled(1000, 10, which=WhichNumber.ALT, previewed=previewed),
        *disposed(1000, 20, "A", code="12"),
        (21, r.StatusReplaced(1000, "1000", LEAD.id, "B")),
        *dialled(1001, 30),
        *disposed(1001, 40, "DISPO"),
        (41, r.StatusReplaced(1001, "1000", LEAD.id, "SALE", "13")),
    )
    bring_in(engine, numbered(*LEADS, *story))
    assert rows(engine, calls, "id", "which", "preview", "status", "code") == [
        (1000, "ALT", True, "B", "12"),
        (1001, "MAIN", False, "SALE", "13"),
    ]


# --- promises ------------------------------------------------------------------------------------------------


def test_promises_are_kept_taken_back_and_replaced(engine: Engine) -> None:
    bring_in(engine, numbered(*LEADS, *PROMISES))
    assert rows(
        engine, callbacks, "id", "lead_id", "user", "anyone", "due_at", "status", "call_id", "made_by_call"
    ) == [
        (1, LEAD.id, "", True, 500, "dropped", 0, 1002),
        (2, OTHER.id, "", True, 500, "done", 1005, 0),
        (3, OTHER.id, "1000", False, 600, "done", 1005, 0),
        (4, OTHER.id, "1002", False, 800, "dropped", 0, 0),
        (5, LEAD.id, "", True, 200, "done", 1003, 0),
        (6, LEAD.id, "", True, 900, "waiting", 0, 1003),
    ]
    assert rows(engine, callbacks, "created", "comments")[3] == (112, "after lunch")


def test_what_the_database_had_already_is_left_as_it_is(engine: Engine) -> None:
    """Memory learns of it; meanwhile somebody else may have kept it."""
    values = {"id": 9, "lead_id": 1, "campaign": "C", "user": "1000", "anyone": False, "comments": "", "call_id": 4}
    times = {"due_at": moment(NOW), "created": moment(NOW), "made_by_call": 0}
    with engine.begin() as connection:
        connection.execute(insert(callbacks).values(status="done", **values, **times))
    known = r.CallbackSet(9, 1, "C", CallbackWish(NOW, anyone=False), "1000", stored=True)
    bring_in(engine, numbered((1, known), (2, r.CallbackEnded(9, "1000", 1))))
    assert rows(engine, callbacks, "id", "status", "call_id") == [(9, "done", 4)]


def test_a_promise_of_an_agent_is_not_kept_by_a_call_alone(engine: Engine) -> None:
    """Whether it is, memory decides, and says so."""
    bring_in(engine, numbered(*LEADS, *promised(3, 1, 2, user="1000"), *dialled(1000, 10), *disposed(1000, 20, "A")))
    assert rows(engine, callbacks, "id", "status") == [(3, "waiting")]


# --- numbers not to call -------------------------------------------------------------------------------------


def test_numbers_are_listed_and_taken_off_in_the_order_in_which_it_was_said(engine: Engine) -> None:
    bring_in(engine, numbered(*NUMBERS))
    assert rows(engine, dnc, "campaign", "number") == [
        ("", "17275551290"),
        ("", "7275551293"),
        ("TESTCAMP", "7275551291"),
    ]


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


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 30), max_size=40))
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


@pytest.mark.parametrize("long", ["9" * 500, "\U0001f600" * 20_000, "nul \0 and \ud800 half"])
def test_nothing_that_does_not_fit_is_refused(engine: Engine, long: str) -> None:
    everything_long = dict.fromkeys(("list_id", "status", "phone_code", "phone_number", *FIELDS), long)
    entries = numbered(
        *LEADS,
        (1, r.LeadUpdated(LEAD.id, everything_long | {"no_such_field": long}, long, long)),
        (2, r.CallbackSet(1, 2**62, long, CallbackWish(1e300, comments=long), long, long, 2**62, long)),
        (2, r.CallbackSet(2, -1, long, CallbackWish(-1e300, anyone=False, comments=long), long)),
        (3, r.CallbackEnded(1, long, 2**62, 2**62)),
        (4, r.DncListed(long, long, 1, long)),
        (5, r.DncChanged(long, long, listed=False, by=long)),
        *disposed(1000, 6, long, code=long),
    )
    assert bring_in(engine, entries) == []
    with engine.connect() as connection:
        found = read_lead(connection, LEAD.id)
        assert connection.execute(select(callbacks.c.id).order_by(callbacks.c.id)).scalars().all() == [1, 2]
        assert connection.execute(select(dnc)).all() == []
    assert found is not None
    assert (len(found.status), len(found.fields["comments"])) == (min(20, len(long)), min(16_000, len(long)))
