"""What is on an agent's screen: the lead's fields, who he is for a CRM, what happens at a second of the call."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
import pytest_twisted

from tests.e2e.centre import AGC, X5
from tests.e2e.leads import ALT, MAIN, NUMBERS, PRESET, Leads

CRM_AGENT = "876543"
"""What the CRM calls agent 1000."""


@pytest.mark.parametrize(("path", "method", "user"), [(AGC, "GET", "6666"), (X5, "POST", "101")])
@pytest_twisted.ensureDeferred
async def test_fields_that_a_crm_changes_are_on_the_screen_and_in_the_database(
    leads: Leads, path: str, method: str, user: str
) -> None:
    lead = await leads.lead(MAIN, vendor_lead_code="old", address1="1 Main St", province="SK")
    await leads.log_in()
    who = {"path": path, "method": method, "vendor_id": "207"}
    line = await leads.api("st_get_agent_active_lead", CRM_AGENT, **who)
    assert line == "ERROR: no active lead found - 1000"
    line = await leads.api("update_fields", path=path, method=method, city="Lima")
    assert line == f"ERROR: agent_user does not have a lead on their screen - 1000|{user}"
    await leads.dial_lead(lead, path=path, method=method)
    await leads.until_state("1000", "INCALL")

    more = {"vendor_lead_code": "1234567", "address1": "", "city": "O'Fallon", "last_name": "Łoś"}
    line = await leads.api("update_fields", path=path, method=method, **more)
    said = "vendor_lead_code='1234567',address1='',city='OFallon',last_name='Łoś'"
    assert line == f"SUCCESS: update_fields lead updated - {user}|1000|{lead}|{said}"
    shown = (await leads.snapshot("1000"))["lead"]
    assert (shown["vendor_lead_code"], shown["city"], shown["last_name"]) == ("1234567", "O'Fallon", "Łoś")
    assert (shown["province"], "address1" in shown) == ("SK", False)
    told = await leads.news.event("lead.updated", lead_id=lead)
    assert (told["fields"], told["by"]) == (more, user)
    sql = (
        "select vendor_lead_code, coalesce(address1, '') as address1, city, last_name, province from leads where id = ?"
    )
    await leads.until_rows([{**more, "province": "SK"}], sql, lead)
    line = await leads.api("st_get_agent_active_lead", CRM_AGENT, **who)
    assert line == f"SUCCESS: st_get_agent_active_lead lead found - 1000|{MAIN}|{lead}|1234567|SK||"
    await leads.api("external_hangup", "1")
    line = await leads.api("update_fields", path=path, method=method, city="")
    assert line == f"SUCCESS: update_fields lead updated - {user}|1000|{lead}|city=''", "in wrap-up"
    await leads.done()


@pytest_twisted.ensureDeferred
async def test_a_lead_that_is_added_is_found_and_dialled(leads: Leads) -> None:
    await leads.log_in()
    number, more = NUMBERS[0], {"phone_code": "1", "first_name": "Bob", "last_name": "Smith=NO", "dnc_check": "YES"}
    line = await leads.api("external_add_lead", phone_number=number, **more)
    said, _, lead = line.removesuffix("|1000").rpartition("|")
    leads.mine(int(lead))
    assert said == f"SUCCESS: lead added - {number}|TESTCAMP|101"
    row = {"list_id": 101, "status": "NEW", "user": "6666", "first_name": "Bob", "last_name": "Smith=NO"}
    sql = "select list_id, status, user, first_name, last_name from leads where id = ?"
    await leads.until_rows([row], sql, lead)
    assert (await leads.dial(number)).startswith(f"SUCCESS: external_dial function set - {number}|1000|")
    talking = await leads.until_state("1000", "INCALL")
    assert (talking["lead"]["id"], talking["lead"]["last_name"]) == (int(lead), "Smith=NO")
    await leads.until_rings(number)
    await leads.done()
    await leads.until_rows([{**row, "status": "A", "user": "1000"}], sql, lead)


@pytest_twisted.ensureDeferred
async def test_a_crm_finds_its_agent_and_has_its_team_kept(leads: Leads) -> None:
    line = await leads.api("st_login_log", CRM_AGENT, vendor_id="208")
    assert line == "SUCCESS: st_login_log user found - 1000"
    [row] = leads.rows("select custom from users where name = '1000'")
    assert json.loads(row["custom"]) == {"three": CRM_AGENT, "four": "208"}
    line = await leads.api("st_login_log", CRM_AGENT, vendor_id="207", path=X5, method="POST")
    assert line == "SUCCESS: st_login_log user found - 1000"
    [row] = leads.rows("select custom from users where name = '1000'")
    assert json.loads(row["custom"])["four"] == "207"
    assert await leads.api("st_login_log", "111111", vendor_id="207") == "ERROR: no user found - 111111"
    line = await leads.api("st_get_agent_active_lead", CRM_AGENT, vendor_id="207")
    assert line == "ERROR: user not logged in - 1000"
    await leads.log_in()
    line = await leads.api("external_pause", "PAUSE", "", alt_user=CRM_AGENT)
    assert line.startswith("SUCCESS: external_pause function set - PAUSE|"), line
    assert line.endswith("|1000")


@pytest_twisted.ensureDeferred
async def test_the_telephone_in_the_browser_is_that_of_the_session(leads: Leads) -> None:
    await leads.log_in()
    url = f"https://webphone.example/?extension=502&agent=1000&conference={await leads.room('1000')}"
    assert await leads.api("webphone_url", "DISPLAY") == url
    who = {"source": "test", "user": "101", "pass": "1234", "agent_user": "1000"}
    launched = await leads.web.ask("GET", f"{X5}?{urlencode({**who, 'function': 'webphone_url', 'value': 'LAUNCH'})}")
    assert (launched.code, launched.header("Location")) == (302, url)
    assert (await leads.native("GET", "/sessions/1000/webphone")).json()["url"] == url
    await leads.log_in("1001", "505")
    line = await leads.api("webphone_url", "DISPLAY", "1001")
    assert line == "ERROR: webphone_url error - webphone url is empty - 1001"


@pytest_twisted.ensureDeferred
async def test_a_preset_is_called_at_the_second_that_was_set(leads: Leads) -> None:
    lead = await leads.lead(MAIN)
    agent = await leads.log_in()
    line = await leads.api("set_timer_action", "D2_DIAL", rank="2")
    assert line == "SUCCESS: set_timer_action lead updated - 6666|1000|D2_DIAL||2"
    await leads.dial_lead(lead)
    answered = (await leads.until_state("1000", "INCALL"))["calls"][0]["answered"]
    fired = await leads.news.event("timer.fired", agent="1000")
    assert (fired["kind"], fired["reason"]) == ("D2_DIAL", None)
    assert 2 <= fired["at"] - answered < 6
    third = await leads.until_third()
    assert third["number"] == PRESET
    assert await leads.observer.together(agent, third["leg"])
    await leads.until_rings(MAIN, PRESET)
    timer = (await leads.snapshot("1000"))["timer"]
    assert timer["fired"] == fired["call_id"]
    assert (await leads.transfer("HANGUP_BOTH")).startswith("SUCCESS")
    await leads.done()
    assert (await leads.snapshot("1000"))["timer"] is None
    assert len([each for each in leads.news.events if each["event"] == "timer.fired"]) == 1


@pytest_twisted.ensureDeferred
async def test_a_message_and_a_page_come_when_they_were_set_for(leads: Leads) -> None:
    lead = await leads.lead(MAIN, alt_phone=ALT, vendor_lead_code="A&B 7")
    await leads.log_in()
    await leads.dial_lead(lead)
    answered = (await leads.until_state("1000", "INCALL"))["calls"][0]["answered"]
    url = f"https://crm.example/lead?lead={lead}&vendor=A%26B%207&number={MAIN}&agent=1000"
    line = await leads.api("set_timer_action", "WEBFORM", rank="0", path=X5, method="POST")
    assert line == "SUCCESS: set_timer_action lead updated - 101|1000|WEBFORM||0"
    fired = await leads.news.event("timer.fired", kind="WEBFORM")
    assert fired["url"] == url
    assert (await leads.snapshot("1000"))["timer"]["url"] == url
    line = await leads.api("set_timer_action", "MESSAGE_ONLY", notes="test message", rank="2")
    assert line == "SUCCESS: set_timer_action lead updated - 6666|1000|MESSAGE_ONLY|test message|2"
    fired = await leads.news.event("timer.fired", kind="MESSAGE_ONLY")
    assert (fired["message"], fired["seconds"]) == ("test message", 2)
    assert fired["at"] - answered >= 2
    await leads.api("set_timer_action", "MESSAGE_ONLY", notes="never", rank="3600")
    assert (await leads.snapshot("1000"))["timer"]["message"] == "never"
    line = await leads.api("set_timer_action", "NONE")
    assert line == "SUCCESS: set_timer_action lead updated - 6666|1000|NONE||"
    assert (await leads.snapshot("1000"))["timer"] is None
    assert await leads.rang() == [(f"91{MAIN}", "7275551210")]
    await leads.done()
