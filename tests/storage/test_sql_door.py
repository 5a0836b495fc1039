"""The SQL door: rows that are true, orders that are carried out once, and what a stranger may write there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import OperationalError
from twisted.internet.defer import Deferred, maybeDeferred

from agentd.core.commands import Choice
from agentd.core.model import SessionState
from agentd.core.records import ApiCalled
from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.dialects.agent_api.sql_orders import SqlOrders
from agentd.engine.dialling import DialWish
from agentd.engine.sql_door import RETRY, LiveAgent, SqlDoor, SqlOrder
from agentd.storage import door
from agentd.storage.database import transact
from agentd.storage.door import LiveAgents, claim_orders, make_equal, write_agents
from tests.faces.house import House
from tests.storage.mariadb import MariaDB

PAGE = Path(__file__).parents[2] / "docs/sql-door.md"
POLL = 0.25
VIEWS = ("vicidial_live_agents", "ytel_live_agents")
LOG_COLUMNS = [
    "api_id", "user", "api_date", "api_script", "function", "agent_user", "value", "result", "result_reason", "source",
    "data",
]  # fmt: skip


class Office:
    """A house whose SQL door is open on a real database; the test is the stranger who knows SQL."""

    def __init__(self, engine: Engine) -> None:
        self.house = House()
        self.engine = engine
        self.table = LiveAgents(engine, "pbx1", self.house.clock, maybeDeferred)
        self.door = self.new_door()

    def new_door(self) -> SqlDoor:
        face = SqlOrders(self.house.operations, AgentApiSettings(pbx_address="192.0.2.7"))
        return SqlDoor(self.house.engine, self.table, face.picture, face.carry_out, POLL)

    def look(self) -> None:
        """Let the door look once more."""
        self.house.advance(POLL)

    def sql(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def order(self, view: str = VIEWS[0], user: str = "1000", **columns: Any) -> None:
        """Write into a row, as the documents show it."""
        changes = ", ".join(f"{name} = :{name}" for name in columns)
        self.sql(f"UPDATE {view} SET {changes} WHERE user = :user", user=user, **columns)

    def rows(self, view: str = VIEWS[0]) -> dict[str, dict[str, Any]]:
        with self.engine.connect() as connection:
            found = connection.execute(text(f"SELECT * FROM {view} ORDER BY user")).mappings()
            return {row["user"]: dict(row) for row in found}

    def row(self, *names: str) -> tuple[Any, ...]:
        """Some columns of agent 1000's row."""
        row = self.rows()["1000"]
        return tuple(row[name] for name in names)

    @property
    def log(self) -> list[tuple[str, ...]]:
        """What the API log has about orders."""
        found = [row for row in self.house.records(ApiCalled) if row.source == "sql"]
        return [(row.function, row.agent_user, row.value, row.result, row.result_reason) for row in found]


@pytest.fixture
def office(engine: Engine) -> Iterator[Office]:
    """An open door, and agent 1000 at work."""
    office = Office(engine)
    office.house.log_in()
    office.door.start()
    yield office
    office.door.stop()


# --- rows ----------------------------------------------------------------------------------------------------


def test_a_session_is_a_row_as_long_as_it_lasts(office: Office) -> None:
    session = office.house.session()
    assert [list(office.rows(view)) for view in VIEWS] == [["1000"], ["1000"]]
    row = office.rows()["1000"]
    assert row["live_agent_id"] == session.id
    assert (row["server_ip"], row["conf_exten"], row["extension"]) == ("192.0.2.7", session.conference, "502")
    assert (row["campaign_id"], row["status"], row["pause_code"]) == ("TESTCAMP", "PAUSED", "LOGIN")
    assert (row["lead_id"], row["callerid"], row["uniqueid"], row["comments"]) == (0, "", "", "")
    assert row["closer_campaigns"].startswith(" ")
    assert row["closer_campaigns"].endswith(" -")
    assert (row["external_hangup"], row["external_status"], row["external_dial"]) == ("0", "", "")
    assert "daemon" not in row
    office.house.wait_for(office.house.operations.log_out("1000"))
    assert list(office.rows()) == ["1000"], "a row was changed without a look"
    office.look()
    assert office.rows() == {}


def test_each_state_has_the_agent_apis_word(office: Office) -> None:
    house, seen = office.house, []

    def look() -> None:
        office.look()
        seen.append(office.row("status", "lead_id", "callerid", "comments"))

    call = house.dial(search=True)
    look()
    house.until(lambda: house.session().state is SessionState.INCALL)
    look()
    assert office.row("uniqueid") == (call.leg,)
    house.customer_leaves()
    look()
    house.wait_for(house.operations.dispose("1000", "A"))
    look()
    house.wait_for(house.operations.resume("1000"))
    look()
    lead = 123456
    assert seen[:3] == [
        ("MQUEUE", lead, call.key, "MANUAL"), ("INCALL", lead, call.key, "MANUAL"), ("PAUSED", lead, "", ""),
    ]  # fmt: skip
    assert seen[3][:3] == ("PAUSED", 0, "")
    assert seen[4][:3] == ("READY" if house.session().blended else "CLOSER", 0, "")


def test_a_delivered_call_and_a_preview(office: Office) -> None:
    house = office.house
    house.wait_for(house.operations.dial("1000", DialWish("7275551212", search=True, preview=True)))
    office.look()
    assert office.row("status", "lead_id", "preview_lead_id", "callerid") == ("PAUSED", 123456, 123456, "")
    office.order(external_dial="SKIP")
    office.look()
    assert office.log == [("preview_dial_action", "1000", "SKIP", "SUCCESS", "preview_dial_action function set")]
    house.wait_for(house.operations.change_ingroups("1000", Choice.CHANGE, ["SALESLINE"]))
    house.wait_for(house.operations.resume("1000"))
    call = house.take()
    office.look()
    assert office.row("status", "callerid", "comments", "closer_campaigns") == (
        "INCALL", call.key, "INBOUND", " SALESLINE -",
    )  # fmt: skip


def test_only_rows_that_changed_are_written(office: Office) -> None:
    office.house.log_in("1001", "505")
    office.look()
    before = office.rows()
    office.house.advance(5.0)
    assert office.rows() == before
    office.house.wait_for(office.house.operations.pause("1001"))
    office.house.wait_for(office.house.operations.set_pause_code("1001", "LUNCH"))
    office.look()
    after = office.rows()
    assert after["1000"] == before["1000"]
    assert after["1001"]["pause_code"] == "LUNCH"
    assert after["1001"]["last_update_time"] > before["1001"]["last_update_time"]


def test_rows_of_other_daemons_are_theirs(office: Office, engine: Engine) -> None:
    other = LiveAgent(9_000_001, "2000", "192.0.2.8", "8600051", "601", "PAUSED", "OTHER", office.house.now)
    with engine.begin() as connection:
        make_equal(connection, "pbx2", [other], office.house.now)
    office.order(user="2000", external_hangup=1)
    office.house.advance(2 * POLL)
    assert office.rows()["2000"]["external_hangup"] == "1"
    assert office.log == []
    with engine.begin() as connection:
        assert claim_orders(connection, "pbx2") == [SqlOrder(9_000_001, "2000", "external_hangup", "1")]
        make_equal(connection, "pbx2", [], office.house.now)
    assert list(office.rows()) == ["1000"]


def test_a_door_that_is_not_wanted_leaves_no_rows(office: Office) -> None:
    office.order(external_hangup=1)
    office.door.stop()
    office.new_door().start(enabled=False)
    assert office.rows() == {}
    office.house.advance(1.0)
    assert office.log == []


# --- orders --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [*VIEWS, "live_agents"])
def test_the_documents_examples(office: Office, view: str) -> None:
    call = office.house.talk()
    office.sql(f"update {view} set external_hangup=1 where user='1000'")
    office.look()
    office.house.until(lambda: office.house.session().state is SessionState.WRAPUP)
    assert office.row("external_hangup") == ("0",)
    office.sql(f"update {view} set external_status='A' where user='1000'")
    office.look()
    assert office.house.session().state is SessionState.PAUSED
    assert call.id not in office.house.state.calls
    assert office.row("external_status") == ("",)
    assert office.log == [
        ("external_hangup", "1000", "1", "SUCCESS", "external_hangup function set"),
        ("external_status", "1000", "A", "SUCCESS", "external_status function set"),
    ]
    office.house.advance(2.0)
    assert len(office.log) == 2, "an order was carried out twice"


def test_orders_of_one_statement_are_carried_out_in_turn(office: Office) -> None:
    office.house.talk()
    office.order(
        external_dial="7275551213!1!NO!NO!NO!!1795159465!!!!!!",
        external_status="CALLBK!2026-11-21 12:00:00!USERONLY!after 2! perhaps!1234",
        external_hangup="1",
        external_pause="PAUSE!1795159465",
    )
    office.house.advance(10.0)
    assert [(function, value, result) for function, _, value, result, _ in office.log] == [
        ("external_pause", "PAUSE", "SUCCESS"),
        ("external_hangup", "1", "SUCCESS"),
        ("external_status", "CALLBK!2026-11-21 12:00:00!USERONLY!after 2! perhaps!1234", "SUCCESS"),
        ("external_dial", "7275551213", "SUCCESS"),
    ]
    assert office.house.call().number == "7275551213"
    [promise] = office.house.state.callbacks.values()
    assert (promise.user, promise.comments) == ("1000", "after 2! perhaps")


@pytest.mark.parametrize(
    ("column", "value", "function", "shown"),
    [
        ("external_pause", "RESUME!1795159465", "external_pause", "RESUME"),
        ("external_pause", "LOGOUT", "logout", "LOGOUT"),
        ("external_pause_code", "LUNCH", "pause_code", "LUNCH"),
        ("external_park", "PARK_CUSTOMER", "park_call", "PARK_CUSTOMER"),
        ("external_dtmf", "1234P", "send_dtmf", "xxxxx"),
        ("external_recording", "STARTsale", "recording", "STARTsale"),
        ("external_transferconf", "DIAL_WITH_CUSTOMER------7275551299---NO---NO", "transfer_conference",
         "DIAL_WITH_CUSTOMER"),
        ("external_dial", "7275551213", "external_dial", "7275551213"),
    ],
)  # fmt: skip
def test_every_column_takes_orders(office: Office, column: str, value: str, function: str, shown: str) -> None:
    if column in {"external_park", "external_dtmf", "external_recording", "external_transferconf"}:
        office.house.talk()
    office.order(**{column: value})
    office.house.advance(1.0)
    assert [row[:4] for row in office.log] == [(function, "1000", shown, "SUCCESS")]
    office.house.advance(1.0)
    if column != "external_pause" or value != "LOGOUT":
        assert office.row(column) == ("",)


@pytest.mark.parametrize(
    ("column", "value", "function", "reason"),
    [
        ("external_hangup", "7", "external_hangup", "external_hangup not valid"),
        ("external_status", "A", "external_status", "external_status not valid"),  # there is no call
        ("external_status", "A;drop table", "external_status", "external_status not valid"),
        ("external_pause", "XPAUSEX", "external_pause", "external_pause not valid"),
        ("external_pause_code", "NONSENSE", "pause_code", "pause_code not valid"),
        ("external_dial", "!!!!", "external_dial", "external_dial not valid"),
        ("external_dial", "7275551213!1!MAYBE", "external_dial", "external_dial not valid"),
        ("external_park", "PARK_CUSTOMER", "park_call", "agent_user does not have a lead on their screen"),
        ("external_transferconf", "---", "transfer_conference", "transfer_conference not valid"),
        ("external_dtmf", "\x00\r\n", "send_dtmf", "send_dtmf not valid"),
    ],
)
def test_an_order_that_makes_no_sense_does_nothing_and_is_seen(
    office: Office, column: str, value: str, function: str, reason: str
) -> None:
    revision = office.house.session().revision
    office.order(**{column: value})
    office.look()
    assert [(row[0], row[3], row[4]) for row in office.log] == [(function, "ERROR", reason)]
    assert office.house.session().revision == revision
    assert office.row(column) == ("0" if column == "external_hangup" else "",)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # MariaDB takes text alone into a column of text
def test_what_is_no_text_stops_nobody(office: Office) -> None:
    office.sql("UPDATE live_agents SET external_status = CAST(x'ff41' AS TEXT), external_pause_code = x'fe'")
    office.look()
    assert [(row[0], row[3]) for row in office.log] == [("pause_code", "ERROR"), ("external_status", "ERROR")]
    office.order(external_pause_code="LUNCH")
    office.look()
    assert office.log[-1][3] == "SUCCESS"


def test_an_order_from_before_the_session_is_cleared(office: Office) -> None:
    office.house.talk()
    office.look()
    office.door.stop()
    office.order(external_hangup=1, external_status="A")
    office.new_door().start()
    office.house.advance(1.0)
    assert office.log == []
    assert office.row("status", "external_hangup", "external_status") == ("INCALL", "0", "")


def test_an_order_for_a_session_that_is_over_is_refused(office: Office) -> None:
    office.order(external_pause_code="LUNCH")
    office.house.wait_for(office.house.operations.log_out("1000"))
    [stale] = transact(office.engine, lambda connection: claim_orders(connection, "pbx1"))
    office.house.log_in()
    face = SqlOrders(office.house.operations)
    office.house.wait_for(face.carry_out(stale))
    assert office.log == [("pause_code", "1000", "LUNCH", "ERROR", "agent_user is not logged in")]
    assert office.house.session().code == "LOGIN"


def test_what_is_written_over_an_order_is_the_order(office: Office) -> None:
    office.order(external_pause_code="LUNCH")
    office.order(VIEWS[1], external_pause_code="BREAK")
    office.look()
    assert [row[2] for row in office.log] == ["BREAK"]


def test_an_order_that_is_changed_while_it_is_claimed_is_not_lost(
    office: Office, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.order(external_pause_code="LUNCH")
    with engine.connect() as connection:
        seen = door._waiting(connection, "pbx1")
    office.order(external_pause_code="BREAK")
    with monkeypatch.context() as patch, engine.begin() as connection:
        patch.setattr(door, "_waiting", lambda *_: seen)
        assert claim_orders(connection, "pbx1") == []
    office.look()
    assert [row[2] for row in office.log] == ["BREAK"]


def test_rows_are_kept_up_without_losing_orders_in_them(office: Office, engine: Engine) -> None:
    office.order(external_pause_code="LUNCH")
    agent = SqlOrders(office.house.operations).picture(office.house.session())
    with engine.begin() as connection:
        write_agents(connection, "pbx1", [agent], [], office.house.now)
        make_equal(connection, "pbx1", [agent], office.house.now)
    assert office.row("external_pause_code") == ("LUNCH",)


# --- trouble -------------------------------------------------------------------------------------------------


def test_a_database_that_was_away_is_made_true_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_work: Any) -> Deferred[Any]:
        return maybeDeferred(_fail)

    monkeypatch.setattr(office.table, "_in_thread", away)
    office.house.wait_for(office.house.operations.set_pause_code("1000", "LUNCH"))
    office.house.log_in("1001", "505")
    office.look()
    monkeypatch.undo()
    office.sql("DELETE FROM live_agents")
    office.house.advance(RETRY)
    assert {user: row["pause_code"] for user, row in office.rows().items()} == {"1000": "LUNCH", "1001": "LOGIN"}
    office.order(external_pause_code="BREAK")
    office.look()
    assert office.house.session().code == "BREAK"


def _fail() -> None:
    raise OperationalError("select", {}, Exception("the server has gone away"))


# --- the views -----------------------------------------------------------------------------------------------


def test_the_log_has_the_documents_columns_and_no_others(office: Office, engine: Engine) -> None:
    for view in ("vicidial_api_log", "ytel_api_log"):
        assert [column["name"] for column in inspect(engine).get_columns(view)] == LOG_COLUMNS


def test_columns_that_take_no_orders_are_not_for_others(office: Office, engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        with pytest.raises(OperationalError, match="cannot modify"):
            office.order(status="READY")
    else:  # where grants decide that; what was written anyhow lasts until there is something new
        office.order(status="READY")
        office.house.wait_for(office.house.operations.set_pause_code("1000", "LUNCH"))
        office.look()
    assert office.row("status") == ("PAUSED",)
    assert office.log == []


@pytest.mark.parametrize("url", ["mariadb"], indirect=True)  # SQLite has no users
def test_the_pages_grants_let_in_who_may_hang_up_and_no_more(office: Office, engine: Engine, mariadb: MariaDB) -> None:
    grants = PAGE.read_text("utf-8").split("```sql\n")[1].split("```")[0].replace("…", "secret")
    stranger = create_engine(engine.url.set(username="crm", password="secret"))
    root = pymysql.connect(host="127.0.0.1", port=mariadb.port, user="root", autocommit=True)
    with root, root.cursor() as cursor:
        for statement in filter(str.strip, grants.split(";")):
            cursor.execute(statement)
        try:
            for refused in ("UPDATE vicidial_live_agents SET external_dial = '7275551212'", "SELECT * FROM users"):
                with pytest.raises(OperationalError, match="denied"), stranger.begin() as connection:
                    connection.execute(text(refused))
            with stranger.begin() as connection:
                connection.execute(text("UPDATE vicidial_live_agents SET external_hangup = 1 WHERE user = '1000'"))
                assert connection.execute(text("SELECT count(*) FROM vicidial_api_log")).scalar_one() == 0
        finally:
            stranger.dispose()
            cursor.execute("DROP USER crm")
    office.look()
    assert office.log == [("external_hangup", "1000", "1", "SUCCESS", "external_hangup function set")]
