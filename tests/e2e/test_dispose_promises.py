"""Dispositions that promise a call, or that the number is not called any more: who calls whom because of it."""

from __future__ import annotations

import pytest
import pytest_twisted

from tests.e2e.centre import AGC, X5
from tests.e2e.leads import ALT, FIRST, MAIN, NUMBERS, Leads, promised


@pytest.mark.parametrize(("path", "method"), [(AGC, "GET"), (X5, "POST")])
@pytest_twisted.ensureDeferred
async def test_what_an_agent_promises_falls_due_and_is_the_next_that_he_dials(
    leads: Leads, path: str, method: str
) -> None:
    lead = await leads.lead(MAIN)
    other = await leads.lead(NUMBERS[0], rank=FIRST)
    await leads.log_in()
    await leads.log_in("1001", "505")
    await leads.dial_lead(lead)
    call = (await leads.until_state("1000", "INCALL"))["calls"][0]
    when = leads.in_seconds(3)
    more = {
        "callback_datetime": when,
        "callback_type": "USERONLY",
        "callback_comments": "ask Ann",
        "qm_dispo_code": "7",
    }
    line = await leads.api("external_status", "CALLBK", path=path, method=method, **more)
    assert line == f"SUCCESS: external_status function set - CALLBK!{when}!USERONLY!ask Ann!7|1000"
    assert (await leads.snapshot("1000"))["callbacks"] == []
    await leads.api("external_hangup", "1")
    [waiting] = (await leads.snapshot("1000"))["callbacks"]
    assert (waiting["lead_id"], waiting["comments"]) == (lead, "ask Ann")
    assert (await leads.snapshot("1001"))["callbacks"] == []
    await leads.until_promises(lead, promised("1000", "waiting", call["id"], comments="ask Ann"))
    sql = "select status, code from calls where id = ?"
    await leads.until_rows([{"status": "CALLBK", "code": "7"}], sql, call["id"])

    due = await leads.news.event("callback.due", lead_id=lead)
    assert (due["agent"], due["callback_id"], due["comments"]) == ("1000", waiting["id"], "ask Ann")
    assert [each["is_due"] for each in (await leads.snapshot("1000"))["callbacks"]] == [True]
    assert (await leads.next("1001"))["lead_id"] == other
    kept = await leads.next(path=path, method=method)
    assert (kept["lead_id"], kept["number"]) == (lead, MAIN)
    await leads.until_rings(MAIN, NUMBERS[0], MAIN)
    await leads.done()
    ended = await leads.news.event("callback.ended", callback_id=waiting["id"])
    assert ended["call_id"] == kept["id"]
    assert (await leads.snapshot("1000"))["callbacks"] == []
    await leads.until_promises(lead, promised("1000", "done", call["id"], kept["id"], "ask Ann"))
    await leads.done(agent="1001")
    assert len([each for each in leads.news.events if each["event"] == "callback.due"]) == 1


@pytest_twisted.ensureDeferred
async def test_what_anybody_may_keep_is_given_to_who_asks_when_it_is_due(leads: Leads) -> None:
    lead = await leads.lead(MAIN)
    other = await leads.lead(NUMBERS[0], rank=FIRST)
    await leads.log_in()
    await leads.log_in("1001", "505")
    await leads.dial_lead(lead)
    call = (await leads.until_state("1000", "INCALL"))["calls"][0]
    await leads.done("CALLBK", callback_datetime=leads.in_seconds(3600))
    assert (await leads.snapshot("1000"))["callbacks"] == []
    await leads.until_promises(lead, promised("", "waiting", call["id"]))
    assert (await leads.next("1001"))["lead_id"] == other, "it is not due yet"
    await leads.done(agent="1001")
    [waiting] = (await leads.native("GET", f"/callbacks?lead_id={lead}")).json()["callbacks"]
    soon = int(leads.now()) + 1
    answer = await leads.native("PATCH", f"/callbacks/{waiting['id']}", {"due": soon})
    assert answer.code == 200, answer.text
    await leads.until(lambda: leads.now() > soon, "moment at which it is due")
    kept = await leads.next("1001")
    assert (kept["lead_id"], kept["number"]) == (lead, MAIN)
    await leads.done(agent="1001")
    await leads.until_promises(lead, promised("", "done", call["id"], kept["id"]))


@pytest_twisted.ensureDeferred
async def test_a_promise_without_its_date_is_none(leads: Leads) -> None:
    lead = await leads.lead(MAIN)
    await leads.log_in()
    await leads.dial_lead(lead)
    await leads.until_state("1000", "INCALL")
    await leads.api("external_hangup", "1")
    for more in ({}, {"callback_datetime": "2012-02-30 12:00:00"}, {"callback_datetime": "tomorrow"}):
        line = await leads.api("external_status", "CALLBK", callback_type="USERONLY", **more)
        assert line == "ERROR: external_status not valid - CALLBK|1000", more
    assert (await leads.snapshot("1000"))["state"] == "WRAPUP"
    line = await leads.api("external_status", "A", callback_datetime=leads.in_seconds(3600))
    assert line == "SUCCESS: external_status function set - A|1000"
    await leads.until_rows([{"status": "A"}], "select status from calls where lead_id = ?", lead)
    await leads.until_promises(lead)


@pytest.mark.parametrize(("status", "campaign"), [("DNC", ""), ("DNCC", "TESTCAMP")])
@pytest_twisted.ensureDeferred
async def test_who_asks_not_to_be_called_is_not_called_again(leads: Leads, status: str, campaign: str) -> None:
    lead = await leads.lead(MAIN, alt_phone=ALT)
    leads.unlist(f"/campaigns/{campaign}/dnc/{ALT}" if campaign else f"/dnc/{ALT}")
    await leads.log_in()
    await leads.dial_lead(lead, alt_dial="ALT")
    call = (await leads.until_state("1000", "INCALL"))["calls"][0]
    await leads.done(status)
    told = await leads.news.event("dnc.listed", call_id=call["id"])
    assert (told["number"], told["campaign"]) == (ALT, campaign or None)
    listed = [{"campaign": campaign, "number": ALT}]
    await leads.until_rows(listed, "select campaign, number from dnc where number in (?, ?)", MAIN, ALT)
    for line in (await leads.dial(ALT), await leads.dial_lead(lead, alt_dial="ALT")):
        assert line.startswith(f"ERROR: external_dial not sent - {ALT} is on the do-not-call list of "), line
    await leads.dial_lead(lead)
    await leads.until_state("1000", "INCALL")
    await leads.until_rings(ALT, MAIN)
    await leads.done()
