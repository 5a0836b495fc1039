"""The agent API's pages, its functions about the machine and the browser, and what the log keeps of leads."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import twisted

from agentd.core.model import Lead, Status
from agentd.core.records import CallStarted, LeadCreated, LeadUpdated, PhoneSet
from agentd.engine.ports import Activity
from agentd.http.policy import Policy
from tests.faces.agent_api import AGC, DIAL, GOOD, X5, ask, rows, serve, target
from tests.faces.house import House

LABELS = (
    "set.timezone", "abbr.timezone", "dst.timezone", "uname", "host name", "server name", "php version",
    "apache version", "apache processes", "system loadavg", "disk_free_space", "date.timezone", "max_execution_time",
    "max_input_time", "memory_limit", "post_max_size", "upload_max_filesize", "default_socket_timeout",
)  # fmt: skip


@pytest.fixture
def house(house: House) -> House:
    """A house with the agent API in it."""
    serve(house)
    return house


# --- webserver -----------------------------------------------------------------------------------------------


def webserver(house: House, path: str = AGC, **params: str) -> dict[str, str]:
    """What ``webserver`` tells, by label."""
    text = house.get(path, **GOOD, function="webserver", **params).text
    first, *lines = text.removesuffix("\n").split("\n")
    assert first == "Webserver Data:"
    pairs = [line.partition(": ") for line in lines]
    return {label: value for label, _, value in pairs}


@pytest.mark.parametrize("path", [AGC, X5])
def test_webserver_has_the_documents_labels_in_their_order(house: House, path: str) -> None:
    assert tuple(webserver(house, path)) == LABELS


def test_webserver_tells_of_this_machine(house: House) -> None:
    told = webserver(house)
    policy = Policy()
    assert told["host name"] == os.uname().nodename
    assert told["uname"].split()[:3] == ["Linux", os.uname().nodename, os.uname().release]
    assert told["server name"] == "localhost"
    assert told["abbr.timezone"] == time.localtime(house.now).tm_zone
    assert told["apache version"] == f"Twisted/{twisted.__version__} (Linux)"
    assert told["php version"].startswith("Python 3.")
    assert re.fullmatch(r"[0-9]+\.[0-9]{2}", told["system loadavg"])
    assert 0 < int(told["disk_free_space"]) < shutil.disk_usage(".").total
    assert told["post_max_size"] == f"{policy.max_body >> 20}M"
    assert told["default_socket_timeout"] == f"{policy.idle_timeout:.0f}"
    assert told["set.timezone"] == told["date.timezone"]


def test_webserver_names_the_time_zone_as_it_is_set(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":America/New_York")
    assert webserver(house)["set.timezone"] == "America/New_York"


def test_webserver_is_logged_in_one_row(house: House) -> None:
    text = house.get(AGC, **GOOD, function="webserver").text
    [row] = rows(house)
    assert row[:7] == ("6666", "webserver", "", "", "SUCCESS", "", "test")
    assert row[7].startswith("Webserver Data:|set.timezone: ")
    assert row[7].count("|") == text.removesuffix("\n").count("\n") == len(LABELS)


def test_webserver_comes_without_the_link(house: House) -> None:
    assert "<a" not in house.get(AGC, **GOOD, function="webserver", close_window_link="1").text
    assert "<a" not in house.ask(AGC + "?function=version&close_window_link=1").text


# --- webphone_url --------------------------------------------------------------------------------------------

WEBPHONE = "https://phone.example/?ext={extension}&agent={agent}"


def give_webphone(house: House, url: str) -> None:
    """The phone 502 is one in a browser, too."""
    house.change(PhoneSet("502", replace(house.state.phones["502"], webphone_url=url)))


@pytest.mark.parametrize("url", [WEBPHONE, WEBPHONE.replace("https", "http")])
def test_a_browser_is_sent_to_the_webphone(house: House, url: str) -> None:
    give_webphone(house, url)
    house.log_in()
    answer = house.ask(target(function="webphone_url", value="LAUNCH", close_window_link="1", format="debug"))
    filled = url.replace("{extension}", "502").replace("{agent}", "1000")
    assert (answer.status, answer.headers["Location"], answer.text) == (302, filled, filled + "\n")
    assert rows(house)[-1][4] == "NOTICE"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//phone.example/", "phone.example", "https://", "file:///etc/passwd"],
)
def test_a_browser_is_sent_nowhere_else(house: House, url: str) -> None:
    give_webphone(house, url)
    house.log_in()
    answer = house.ask(target(function="webphone_url", value="LAUNCH"))
    assert answer.status == 200
    assert answer.text == "ERROR: webphone_url not sent - a browser is sent to http and https only|1000\n"
    assert "Location" not in answer.headers


def test_a_webphone_with_line_breaks_breaks_no_header(house: House) -> None:
    give_webphone(house, "https://phone.example/\r\nSet-Cookie: a=b\r\n\r\n<b>")
    house.log_in()
    answer = house.ask(target(function="webphone_url", value="LAUNCH"))
    assert answer.headers["Location"] == "https://phone.example/%0D%0ASet-Cookie:%20a=b%0D%0A%0D%0A%3Cb%3E"
    assert "Set-Cookie" not in answer.headers


# --- pages ---------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.words: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def test_debug_puts_the_line_into_a_page(house: House) -> None:
    house.log_in()
    answer = house.ask(target(function="external_pause", value="PAUSE", format="debug"))
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"\nSUCCESS: external_pause function set - PAUSE|{int(house.now)}|1000\n" in answer.text
    page = Page(answer.text)
    assert page.elements == ["html", "head", "title", "body"]
    assert page.comments[0].startswith(" VERSION: ")
    assert re.fullmatch(r" script runtime: [0-9.]+ seconds ", page.comments[1])


def test_debug_shows_no_secret_and_takes_no_markup(house: House) -> None:
    house.log_in()
    nasty = "--><script>alert('1234')</script><!--"
    for params in (
        {"function": nasty, "value": nasty, "source": "test"},
        {"function": "external_pause", "value": nasty, "user": nasty, "pass": "hunter2hunter2"},
        {"function": "external_pause", "value": nasty, "agent_user": nasty},
        {"function": "send_dtmf", "value": "1", "agent_user": nasty, "close_window_link": nasty},
    ):
        text = house.get(AGC, **{**GOOD, "agent_user": "1000", "format": "debug", **params}).text
        page = Page(text)
        assert page.elements == ["html", "head", "title", "body"]
        assert len(page.comments) == 2
        assert "hunter2" not in text
        assert "pass" not in text.lower().replace("password", "")


def test_debug_has_the_link_where_the_line_has_it(house: House) -> None:
    page = Page(house.ask(target(function="external_hangup", value="1", format="debug", close_window_link="1")).text)
    assert page.elements == ["html", "head", "title", "body", "a"]
    other = Page(house.ask(target(function="external_hangup", value="1", format="html", close_window_link="1")).text)
    assert other.elements == ["a"]


# --- forms, and what is kept ---------------------------------------------------------------------------------


def test_fields_of_a_form_are_changed_in_their_order(house: House) -> None:
    house.log_in()
    house.talk("", lead_id=123456)
    answer = house.post(AGC, **GOOD, function="update_fields", agent_user="1000", city="Tampa", address1="", state="FL")
    assert answer.text == (
        "SUCCESS: update_fields lead updated - 6666|1000|123456|city='Tampa',address1='',state='FL'\n"
    )
    [updated] = house.records(LeadUpdated)
    assert (updated.fields, updated.by, updated.agent) == (
        {"city": "Tampa", "address1": "", "state": "FL"},
        "6666",
        "1000",
    )


def test_an_update_is_answered_when_it_is_on_the_disk(house: House) -> None:
    house.log_in()
    house.talk("", lead_id=123456)
    house.journal.held = True
    exchange = house.send(target(function="update_fields", city="Tampa"))
    house.advance(1)
    assert not exchange.answered
    house.journal.sync()
    assert exchange.answer.text.startswith("SUCCESS: update_fields lead updated - 6666|1000|123456|")


def test_a_new_lead_is_that_of_the_api_user(house: House) -> None:
    house.log_in()
    ask(house, function="external_add_lead", value="7275551213", phone_code="1", first_name="Bob", user="101")
    [created] = house.records(LeadCreated)
    assert created.by == "101"
    assert created.lead == Lead(500_001, 101, "NEW", "1", "7275551213", {"first_name": "Bob"})


def test_a_planned_call_is_one_with_its_account(house: House) -> None:
    house.store.planned["7"] = Activity("7", "(727) 555-1217", "", "ACC9")
    house.log_in()
    line = ask(house, **DIAL, value="997", vtiger_callback="YES")
    assert line.startswith("SUCCESS: external_dial function set - 7275551217|1000|1|")
    [started] = house.records(CallStarted)
    assert (started.number, started.vendor_id) == ("7275551217", "ACC9")


def test_the_log_keeps_what_was_told(house: House) -> None:
    house.log_in()
    now = str(int(house.now))
    ask(
        house, **{**DIAL, "preview": "YES"}, value="7275551212", lead_id="123456", alt_dial="ALT", group_alias="DEFAULT"
    )
    ask(house, function="update_fields", city="Tampa|FL", rank="")
    ask(house, function="preview_dial_action", value="SKIP")
    ask(house, function="set_timer_action", value="MESSAGE_ONLY", notes="ask|him", rank="15")
    ask(house, function="external_add_lead", phone_number="7275551213", phone_code="1")
    ask(house, function="st_login_log", value="876543", vendor_id="207", agent_user="")
    ask(house, function="st_get_agent_active_lead", value="876543", vendor_id="207", agent_user="")
    house.talk("", lead_id=123456)
    ask(house, function="st_get_agent_active_lead", value="876543", vendor_id="207", agent_user="")
    ask(
        house,
        function="external_status",
        value="CALLBK",
        callback_datetime="2027-01-25 12:00:00",
        callback_comments="x" * 300,
    )
    lead = "1000|7275551212|123456|9987-1234765|SK|WILLIAMS|JUH764AJJJ9"
    assert [row[1:6] + row[7:] for row in rows(house)] == [
        ("external_dial", "1000", "7275551212", "SUCCESS", "external_dial function set",
         f"1|NO|YES|NO||{now}||DEFAULT|7275551211|ALT"),
        ("update_fields", "1000", "", "SUCCESS", "update_fields lead updated",
         "6666|1000|123456|city='Tampa FL',rank=''"),
        ("preview_dial_action", "1000", "SKIP", "SUCCESS", "preview_dial_action function set", ""),
        ("set_timer_action", "1000", "MESSAGE_ONLY", "SUCCESS", "set_timer_action lead updated",
         "6666|1000|MESSAGE_ONLY|ask him|15"),
        ("external_add_lead", "1000", "", "SUCCESS", "lead added", "7275551213|101|500001"),
        ("st_login_log", "1000", "876543", "SUCCESS", "st_login_log user found", "1000"),
        ("st_get_agent_active_", "1000", "876543", "ERROR", "no active lead found", ""),
        ("st_get_agent_active_", "1000", "876543", "SUCCESS", "st_get_agent_active_lead lead found", lead),
        ("external_status", "1000", f"CALLBK!2027-01-25 12:00:00!ANYONE!{'x' * 199}!", "SUCCESS",
         "external_status function set", ""),
    ]  # fmt: skip


def test_comments_of_a_promise_are_cut(house: House) -> None:
    house.log_in()
    house.talk("", lead_id=123456)
    given = {"callback_datetime": "2027-01-25 12:00:00", "callback_type": "USERONLY", "callback_comments": "y" * 4096}
    ask(house, function="external_status", value="CALLBK", **given)
    house.wait_for(house.operations.hang_up("1000"))
    [callback] = house.store.callback_table.values()
    assert (callback.comments, callback.user, callback.anyone) == ("y" * 199, "1000", False)


def test_what_a_status_promises_the_campaign_says_first(house: House) -> None:
    house.log_in()
    house.talk("", lead_id=123456)
    mine = {"CALLBK": Status("CALLBK", 5, "Not what it seems")}
    house.change_campaign(replace(house.state.campaigns["TESTCAMP"], statuses=mine))
    given = {"callback_datetime": "2027-01-25 12:00:00"}
    assert ask(house, function="external_status", value="CALLBK", **given) == (
        "SUCCESS: external_status function set - CALLBK|1000"
    )
    house.wait_for(house.operations.hang_up("1000"))
    assert house.store.callback_table == {}
