"""Leads, promises and numbers not to call, looked for: what is found, in which order, and by which index."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text

from agentd.core.evolving import evolve
from agentd.core.model import CallbackWish, Lead
from agentd.core.records import CallbackSet
from agentd.engine.kinds import USER
from agentd.engine.ports import CallbackQuery, CallbackRow, LeadQuery, LeadRow
from agentd.storage import management
from agentd.storage.columns import moment
from agentd.storage.dnc import find_dnc, listed_in
from agentd.storage.leads import find_leads, read_lead_row
from agentd.storage.promises import callbacks_to_keep, find_callbacks, read_callback
from agentd.storage.tables import callbacks, leads
from tests.storage.helpers import NOW
from tests.storage.office import Office
from tests.storage.test_hopper import add

# --- leads ---------------------------------------------------------------------------------------------------

LeadsFound = Callable[..., list[int]]

PEOPLE: tuple[dict[str, Any], ...] = (
    {"phone_number": "7275551212", "last_name": "Wilson", "first_name": "Ann", "vendor_lead_code": "V-1"},
    {"phone_number": "7275551213", "alt_phone": "7275551212", "last_name": "WILLIAMS", "first_name": "BOB"},
    {"phone_number": "7275551214", "address3": "7275551212", "last_name": "wild", "vendor_lead_code": "V-1"},
    {"phone_number": "+17275551215", "last_name": "Wi", "first_name": "Wilma", "list_id": 102, "status": "SALE"},
    {"phone_number": "030123456", "phone_code": "49", "last_name": "Öztürk", "vendor_lead_code": "v-1"},
    {"phone_number": "301234567", "phone_code": "49", "last_name": None, "list_id": 102},
)


@pytest.fixture
def found(engine: Engine) -> LeadsFound:
    """Ask for leads; gives their ids. There are those of PEOPLE, with the ids 1 to 6."""
    for lead_id, values in enumerate(PEOPLE, 1):
        add(engine, lead_id, **values)

    def ask(**asked: Any) -> list[int]:
        with engine.connect() as connection:
            return [row.lead.id for row in find_leads(connection, LeadQuery(**asked))]

    return ask


def test_a_number_is_any_of_a_leads_three(found: LeadsFound) -> None:
    assert found(number="7275551212") == [1, 2, 3]
    assert found(number="7275551212", list_id=102) == []
    assert found(number="7275551299") == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+7275551212", [1, 2, 3]),
        ("17275551212", [1]),  # with the phone code
        ("+17275551212", [1]),
        ("+17275551215", [4]),
        ("17275551215", []),  # as it is written, it has a +
        ("+49301234567", [6]),
        ("49030123456", [5]),
    ],
)
def test_it_may_have_a_plus_and_its_phone_code(found: LeadsFound, number: str, expected: list[int]) -> None:
    assert found(number=number) == expected


def test_a_vendor_code_is_what_it_is(found: LeadsFound) -> None:
    assert found(vendor_lead_code="V-1") == [1, 3]
    assert found(vendor_lead_code="V-1", number="7275551214") == [3]
    assert found(vendor_lead_code="V") == []


def test_a_name_is_the_beginning_of_the_first_or_the_last(found: LeadsFound) -> None:
    assert found(name="wil") == [1, 2, 3, 4]
    assert found(name="Wils") == [1]
    assert found(name="öz") == [5]
    assert found(name="%") == found(name="_") == []
    assert found(name="wil", status="SALE") == [4]
    assert found(name="wil", vendor_lead_code="V-1") == [1, 3]
    assert found(name="bob", number="7275551212") == [2]


def test_without_anything_all_are_found_page_by_page(found: LeadsFound) -> None:
    assert found() == [1, 2, 3, 4, 5, 6]
    assert found(limit=2) == [1, 2]
    assert found(limit=2, after=2) == [3, 4]
    assert found(after=6) == []
    assert found(list_id=102) == [4, 6]
    assert found(list_id=102, status="NEW") == [6]
    assert found(list_id=101, after=1, limit=2) == [2, 3]
    assert found(number="7275551212", limit=2) == [1, 2]
    assert found(number="7275551212", limit=2, after=2) == [3]
    assert found(name="wil", limit=1, after=1) == [2]


def test_a_lead_is_given_with_what_is_known_besides(engine: Engine) -> None:
    add(engine, 7, called=60, called_count=3, user="1000", first_name="Ann", rank=2)
    lead = Lead(7, 101, "NEW", "1", "7275550007", {"first_name": "Ann", "rank": "2"})
    entered = NOW - 9 * 3600
    with engine.connect() as connection:
        row = read_lead_row(connection, 7)
        assert row == LeadRow(lead, "1000", entered, entered, 3, NOW - 60)
        assert find_leads(connection, LeadQuery()) == [row]
        assert read_lead_row(connection, 8) is None


@pytest.mark.parametrize("name", ["' OR 1=1 --", "%", "_", "\\", "a\0b", "\U0001f600" * 99, ":x %(y)s", "9" * 999])
def test_nothing_that_is_asked_for_is_taken_for_sql(found: LeadsFound, name: str) -> None:
    assert found(name=name) == []
    assert found(number=name) == []
    assert found(vendor_lead_code=name, status=name) == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (LeadQuery(number="7275551212"), "phone_number|alt_phone|address3"),
        (LeadQuery(number="7275551212", list_id=101, status="NEW"), "phone_number|alt_phone|address3"),
        (LeadQuery(vendor_lead_code="V77"), "vendor_lead_code"),
        (LeadQuery(vendor_lead_code="V77", list_id=101, name="x"), "vendor_lead_code"),
        (LeadQuery(name="Person777"), "first_name|last_name"),
    ],
)
def test_no_search_for_a_person_looks_at_all_leads(many: Engine, query: LeadQuery, index: str) -> None:
    statements: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        statements.append((statement, values))

    event.listen(many, "before_cursor_execute", keep)
    with many.connect() as connection:
        assert len(find_leads(connection, query)) < 100
        event.remove(many, "before_cursor_execute", keep)
        asked = [(statement, values) for statement, values in statements if statement.startswith("SELECT")]
        assert asked
        explain = "EXPLAIN QUERY PLAN " if many.dialect.name == "sqlite" else "EXPLAIN "
        for statement, values in asked:
            plan = str(connection.exec_driver_sql(explain + statement, values).all())
            assert re.search(f"ix_leads_({index})", plan) or "Impossible WHERE" in plan, plan


@pytest.fixture
def many(engine: Engine) -> Engine:
    """Twenty thousand leads."""
    new = {
        "list_id": 101, "status": "NEW", "user": "", "phone_code": "1", "entry_date": moment(NOW),
        "modify_date": moment(NOW), "called_count": 0, "called_since_last_reset": 0,
    }  # fmt: skip
    people = [
        {
            "id": number, "phone_number": f"72755{number:05d}", "vendor_lead_code": f"V{number}",
            "last_name": f"Person{number}", "first_name": f"First{number}", "alt_phone": f"72756{number:05d}",
            "address3": f"street {number}", **new,
        }
        for number in range(20_000)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(leads), people)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "ANALYZE TABLE leads"))
    return engine


# --- promises ------------------------------------------------------------------------------------------------

ROW = CallbackRow(1, 402028, "TESTCAMP", "1000", NOW + 60, anyone=False, comments="", status="waiting", created=NOW)
ROWS = (
    ROW,
    replace(ROW, id=2, user="1001", due=NOW + 120, comments="ü", made_by_call=1000),
    replace(ROW, id=3, user="", anyone=True),
    replace(ROW, id=4, status="done", call_id=1001),
    replace(ROW, id=5, status="dropped", lead_id=7),
    replace(ROW, id=6, campaign="OTHER", due=NOW + 30.25),
)


@pytest.fixture
def promised(engine: Engine) -> Engine:
    """ROWS."""
    with engine.begin() as connection:
        for row in ROWS:
            values = {name: getattr(row, name) for name in CallbackRow.__slots__ if name not in {"due", "created"}}
            times = {"due_at": moment(row.due), "created": moment(row.created)}
            connection.execute(insert(callbacks).values(**values, **times))
    return engine


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (CallbackQuery(), [1, 2, 3, 4, 5, 6]),
        (CallbackQuery(user="1000"), [1, 4, 5, 6]),
        (CallbackQuery(user=""), [3]),
        (CallbackQuery(user="1000", waiting=True), [1, 6]),
        (CallbackQuery(waiting=False), [4, 5]),
        (CallbackQuery(campaign="OTHER"), [6]),
        (CallbackQuery(lead_id=7), [5]),
        (CallbackQuery(waiting=True, due_before=NOW + 60), [6]),
        (CallbackQuery(limit=2), [1, 2]),
        (CallbackQuery(limit=2, after=2, user="1000"), [4, 5]),
    ],
)
def test_the_promises_that_are_asked_for_are_found(promised: Engine, query: CallbackQuery, expected: list[int]) -> None:
    with promised.connect() as connection:
        assert [row.id for row in find_callbacks(connection, query)] == expected


def test_a_promise_is_given_with_all_that_is_known_of_it(promised: Engine) -> None:
    with promised.connect() as connection:
        assert tuple(find_callbacks(connection, CallbackQuery())) == ROWS
        assert read_callback(connection, 2) == ROWS[1]
        assert read_callback(connection, 7) is None


def test_memory_is_told_what_agents_are_to_keep(promised: Engine) -> None:
    with promised.connect() as connection:
        told = callbacks_to_keep(connection)
    assert told == [
        CallbackSet(1, 402028, "TESTCAMP", CallbackWish(NOW + 60, anyone=False), "1000", "1000", stored=True),
        CallbackSet(
            2,
            402028,
            "TESTCAMP",
            CallbackWish(NOW + 120, anyone=False, comments="ü"),
            "1001",
            "1001",
            1000,
            stored=True,
        ),
        CallbackSet(6, 402028, "OTHER", CallbackWish(NOW + 30.25, anyone=False), "1000", "1000", stored=True),
    ]


def test_what_a_user_has_promised_anybody_may_keep_when_he_is_gone(promised: Engine) -> None:
    office = Office(promised)
    office.create(USER, "1000")
    with promised.connect() as connection:
        for record in callbacks_to_keep(connection):
            evolve(office.state, record, NOW)
    others = {one.id for one in office.state.callbacks.values() if one.user != "1000"}
    office.delete(USER, "1000")
    assert set(office.state.callbacks) == others
    with promised.connect() as connection:
        assert [row.id for row in find_callbacks(connection, CallbackQuery(user="1000"))] == [4, 5]
        freed = {row.id: row for row in find_callbacks(connection, CallbackQuery(user=""))}
        assert {record.callback_id for record in callbacks_to_keep(connection)} == others
    assert (freed[1].anyone, freed[1].status, freed[1].comments) == (True, "waiting", ROWS[0].comments)
    assert freed[6].due == ROWS[5].due


# --- numbers not to call -------------------------------------------------------------------------------------

LISTS = (("", "17275551290"), ("", "7275551291"), ("OTHER", "7275551291"), ("TESTCAMP", "7275551292"))


@pytest.fixture
def listed(engine: Engine) -> Engine:
    """LISTS."""
    with engine.begin() as connection:
        for campaign, number in LISTS:
            management.put_dnc(connection, number, campaign)
    return engine


@pytest.mark.parametrize(
    ("number", "code", "campaigns", "expected"),
    [
        ("7275551291", "1", ("", "TESTCAMP"), [""]),
        ("7275551291", "1", ("TESTCAMP", "OTHER", ""), ["OTHER", ""]),
        ("7275551292", "1", ("", "TESTCAMP"), ["TESTCAMP"]),
        ("7275551290", "1", ("",), [""]),  # the list has it with its code
        ("7275551290", "49", ("",), []),
        ("+17275551290", "", ("",), [""]),
        ("+17275551291", "1", ("",), [""]),  # the list has it without
        ("+17275551291", "", ("",), [""]),
        ("+17275551291", "44", ("",), [""]),  # behind a + it is not the phone code that counts
        ("+447275551292", "1", ("TESTCAMP",), ["TESTCAMP"]),
        ("75551291", "172", ("",), [""]),  # so the same is dialled
        ("275551291", "8817", ("",), [""]),  # with a prefix before the code
        ("275551290", "8817", ("",), [""]),
        ("75551291", "182", ("",), []),
        ("7275551293", "1", ("", "OTHER", "TESTCAMP"), []),
        ("", "1", ("",), []),
        ("7275551291", "1", (), []),
    ],
)
def test_a_number_is_on_a_list_with_or_without_its_code(
    listed: Engine, number: str, code: str, campaigns: tuple[str, ...], expected: list[str]
) -> None:
    with listed.connect() as connection:
        assert listed_in(connection, number, code, campaigns) == expected


def test_the_lists_are_read_page_by_page(listed: Engine) -> None:
    with listed.connect() as connection:
        assert tuple(find_dnc(connection, None, "", ("", ""), 100)) == LISTS
        assert find_dnc(connection, "", "", ("", ""), 100) == list(LISTS[:2])
        assert find_dnc(connection, "TESTCAMP", "", ("", ""), 100) == [LISTS[3]]
        assert find_dnc(connection, None, "+7275551291", ("", ""), 100) == [LISTS[1], LISTS[2]]
        assert find_dnc(connection, "OTHER", "7275551292", ("", ""), 100) == []
        for limit in (1, 2, 3):
            pages, after = [], ("", "")
            while page := find_dnc(connection, None, "", after, limit):
                pages += page
                after = page[-1]
            assert tuple(pages) == LISTS
