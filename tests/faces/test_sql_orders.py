"""What is written into the SQL door's columns, as requests of the agent API."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentd.core.records import ApiCalled, UserSet
from agentd.dialects.agent_api.functions import FUNCTIONS
from agentd.dialects.agent_api.sql_orders import SqlOrders, asked_of
from agentd.engine.access import MANUAL_DIAL
from agentd.engine.sql_door import SqlOrder
from agentd.storage.tables_door import ORDERS
from tests.faces.house import House

NUMBER = "7275551212"

PIECES = ("A", "CALLBK", "PAUSE", "SKIP", "START", "LOCAL_CLOSER", NUMBER, "YES", "!", "---", "&", "%0a")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.lists(st.sampled_from(PIECES)).map("".join)


def order(column: str, value: str, session_id: int = 1) -> SqlOrder:
    return SqlOrder(session_id, "1000", column, value)


@pytest.mark.parametrize(
    ("column", "value", "function", "fields"),
    [
        ("external_pause", "PAUSE!1795159465", "external_pause", {"value": "PAUSE"}),
        ("external_pause", "RESUME", "external_pause", {"value": "RESUME"}),
        ("external_pause", "LOGOUT", "logout", {"value": "LOGOUT"}),
        ("external_status", "A", "external_status", {"value": "A"}),
        ("external_status", "A!!!!77", "external_status", {"value": "A", "qm_dispo_code": "77"}),
        ("external_status", "CALLBK!2012-01-25 12:00:00!USERONLY!call & ask! 5+5%!1234", "external_status",
         {"value": "CALLBK", "callback_datetime": "2012-01-25 12:00:00", "callback_type": "USERONLY",
          "callback_comments": "call & ask! 5+5%", "qm_dispo_code": "1234"}),
        ("external_status", "CALLBK!2012-01-25 12:00:00!ANYONE!soon", "external_status",
         {"value": "CALLBK", "callback_datetime": "2012-01-25 12:00:00", "callback_type": "ANYONE",
          "callback_comments": "soon"}),
        ("external_dial", NUMBER, "external_dial",
         {"value": NUMBER, "search": "NO", "preview": "NO", "focus": "NO"}),
        ("external_dial", f"{NUMBER}!1!YES!NO!YES!9987!1795159465!88!TESTING!7275551211!!!", "external_dial",
         {"value": NUMBER, "phone_code": "1", "search": "YES", "preview": "NO", "focus": "YES", "vendor_id": "9987",
          "dial_prefix": "88", "group_alias": "TESTING"}),
        ("external_dial", "!1!NO!NO!NO!!1795159465!!!!!123456!ALT!", "external_dial",
         {"phone_code": "1", "search": "NO", "preview": "NO", "focus": "NO", "lead_id": "123456", "alt_dial": "ALT"}),
        ("external_dial", "MANUALNEXT!1!NO!YES!NO", "external_dial",
         {"value": "MANUALNEXT", "phone_code": "1", "search": "NO", "preview": "YES", "focus": "NO"}),
        ("external_dial", "DIALONLY!!!!!!1795159465", "preview_dial_action", {"value": "DIALONLY"}),
        ("external_recording", "START", "recording", {"value": "START"}),
        ("external_recording", "STOP", "recording", {"value": "STOP"}),
        ("external_transferconf", "LEAVE_3WAY_CALL---------NO---", "transfer_conference",
         {"value": "LEAVE_3WAY_CALL", "consultative": "NO"}),
        ("external_transferconf", f"BLIND_TRANSFER------{NUMBER}---NO---YES", "transfer_conference",
         {"value": "BLIND_TRANSFER", "phone_number": NUMBER, "consultative": "NO", "dial_override": "YES"}),
        ("external_transferconf", "LOCAL_CLOSER---SALESLINE------NO---", "transfer_conference",
         {"value": "LOCAL_CLOSER", "ingroup_choices": "SALESLINE", "consultative": "NO"}),
    ],
)  # fmt: skip
def test_what_is_written_and_what_it_asks(column: str, value: str, function: str, fields: dict[str, str]) -> None:
    asked = asked_of(order(column, value))
    known = {"function": function, "agent_user": "1000", "source": "sql"}
    assert {name: asked.get(name) for name in asked.params if asked.get(name)} == known | fields
    assert (asked.function, asked.agent, asked.value) == (function, "1000", fields.get("value", ""))
    assert FUNCTIONS[function].accepts(asked)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(column=st.sampled_from(sorted(ORDERS)), value=TEXTS)
def test_whatever_is_written_makes_one_row_of_the_log(house: House, column: str, value: str) -> None:
    if "1000" not in house.state.sessions:
        house.log_in()
    before = house.records(ApiCalled)
    house.wait_for(SqlOrders(house.operations).carry_out(order(column, value, house.session().id)))
    [row] = house.records(ApiCalled)[len(before) :]
    assert (row.agent_user, row.source, row.user) == ("1000", "sql", "")
    assert row.function in FUNCTIONS
    assert row.result in {"SUCCESS", "ERROR"}
    assert not {"\r", "\n", "\0", "|"} & set(row.value)
    house.advance(60.0)


def test_the_agents_own_rights_count(house: House) -> None:
    session = house.log_in("1001", "505")
    user = house.state.users["1001"]
    house.change(UserSet("1001", replace(user, rights=user.rights - {MANUAL_DIAL})))
    house.wait_for(SqlOrders(house.operations).carry_out(SqlOrder(session.id, "1001", "external_dial", NUMBER)))
    [row] = house.records(ApiCalled)
    assert (row.result, row.result_reason) == ("ERROR", "agent_user is not allowed to place manual dial calls")
    assert not session.calls
