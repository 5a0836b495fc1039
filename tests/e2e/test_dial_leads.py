"""Dials of leads: which of their numbers Asterisk dials and how, previews, who comes next, and what is refused."""

from __future__ import annotations

import re

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred, gatherResults

from agentd.sandbox.data import DIAL_CAMPAIGN
from tests.e2e.centre import AGC, X5
from tests.e2e.leads import ALT, BUSY, FIRST, MAIN, NUMBERS, SHOWN, THIRD_NUMBER, Leads


@pytest.mark.parametrize(("path", "method"), [(AGC, "GET"), (X5, "POST")])
@pytest_twisted.ensureDeferred
async def test_what_asterisk_dials_for_a_lead_and_whose_number_is_shown(leads: Leads, path: str, method: str) -> None:
    lead = await leads.lead(MAIN, alt_phone=ALT, address3=THIRD_NUMBER)
    await leads.log_in()
    alias = {"dial_prefix": "88", "group_alias": "DEFAULT"}
    wanted = (
        ("", {}, "|||", f"91{MAIN}", SHOWN),
        ("", {"alt_dial": "ALT"}, "|||ALT", f"91{ALT}", SHOWN),
        ("", {"alt_dial": "ADDR3"}, "|||ADDR3", f"91{THIRD_NUMBER}", SHOWN),
        (ALT, {"alt_dial": "SEARCH"}, "|||ALT", f"91{ALT}", SHOWN),
        ("", alias, "88|DEFAULT|7275551211|", f"881{MAIN}", "7275551211"),
    )
    for number, more, tail, dialled, shown in wanted:
        line = await leads.dial_lead(lead, number=number, path=path, method=method, **more)
        said = f"SUCCESS: external_dial function set - {dialled[-10:]}|1000|1|YES|NO|YES||EPOCH|{tail}"
        assert re.fullmatch(re.escape(said).replace("EPOCH", r"\d{10}"), line), line
        talking = await leads.until_state("1000", "INCALL")
        assert (talking["lead"]["id"], talking["calls"][0]["number"]) == (lead, dialled[-10:])
        assert (await leads.rang())[-1] == (dialled, shown)
        await leads.done(path=path)
    assert len(await leads.rang()) == len(wanted)
    line = await leads.dial_lead(lead, number=NUMBERS[0], alt_dial="SEARCH", path=path, method=method)
    assert line == f"ERROR: phone number lead_id search not found - 1000|{NUMBERS[0]}|{lead}|"
    assert len(await leads.rang()) == len(wanted)
    whose = ((MAIN, "MAIN"), (ALT, "ALT"), (THIRD_NUMBER, "ADDR3"), (ALT, "ALT"), (MAIN, "MAIN"))
    rows = [{"phone_number": number, "which": which} for number, which in whose]
    await leads.until_rows(rows, "select phone_number, which from calls where lead_id = ? order by id", lead)


@pytest_twisted.ensureDeferred
async def test_a_previewed_lead_rings_when_the_agent_says_so_and_then_at_his_other_number(leads: Leads) -> None:
    lead = await leads.lead(BUSY, alt_phone=ALT)
    await leads.log_in()
    assert (await leads.dial_lead(lead, preview="YES")).startswith(
        f"SUCCESS: external_dial function set - {BUSY}|1000|"
    )
    shown = await leads.snapshot("1000")
    assert (shown["state"], shown["lead"]["id"], shown["preview"]["number"]) == ("PREVIEW", lead, BUSY)
    assert (
        await leads.api("preview_dial_action", "SKIP") == "SUCCESS: preview_dial_action function set - SKIP|1000|SKIP"
    )
    away = await leads.snapshot("1000")
    assert (away["state"], away["lead"], away["preview"]) == ("PAUSED", None, None)
    assert (
        await leads.api("preview_dial_action", "DIALONLY") == "ERROR: preview_dial_action not valid - DIALONLY|||1000"
    )
    await leads.dial_lead(lead, preview="YES")
    assert await leads.rang() == []
    assert len(await leads.observer.channels()) == 1

    line = await leads.api("preview_dial_action", "DIALONLY", path=X5, method="POST")
    assert line == "SUCCESS: preview_dial_action function set - DIALONLY|1000|DIALONLY"
    busy = (await leads.until_state("1000", "WRAPUP"))["calls"][0]
    assert (busy["number"], busy["suggested_status"]) == (BUSY, "B")
    line = await leads.api("preview_dial_action", "ALTDIAL")
    assert line == "SUCCESS: preview_dial_action function set - ALTDIAL|1000|ALTDIAL"
    talking = await leads.until_state("1000", "INCALL")
    assert [(call["number"], call["lead_id"]) for call in talking["calls"]] == [(ALT, lead)]
    await leads.until_rings(BUSY, ALT)
    await leads.done()
    rows = [{"phone_number": BUSY, "status": "B", "cause": 17}, {"phone_number": ALT, "status": "A", "cause": 16}]
    await leads.until_rows(rows, "select phone_number, status, cause from calls where lead_id = ? order by id", lead)


@pytest_twisted.ensureDeferred
async def test_two_agents_who_ask_at_once_are_given_two_leads(leads: Leads) -> None:
    first, second, third = [await leads.lead(number, rank=FIRST) for number in NUMBERS[:3]]
    await leads.log_in()
    await leads.log_in("1001", "505")
    asked = [ensureDeferred(leads.next(agent)) for agent in ("1000", "1001")]
    calls = await gatherResults(asked, consumeErrors=True)
    assert {call["lead_id"] for call in calls} == {first, second}
    await leads.done()
    assert (await leads.next(path=X5))["lead_id"] == third
    called = [exten[-10:] for exten, _ in await leads.rang()]
    assert (sorted(called[:2]), called[2:]) == ([*NUMBERS[:2]], [NUMBERS[2]])
    await leads.done()
    await leads.done(agent="1001")


@pytest_twisted.ensureDeferred
async def test_what_comes_next_is_remembered_in_a_call_and_is_nobody_elses_then(leads: Leads) -> None:
    first, second, third = [await leads.lead(number, rank=FIRST) for number in NUMBERS[:3]]
    await leads.log_in()
    await leads.log_in("1001", "505")
    assert (await leads.next())["lead_id"] == first
    assert (await leads.dial("MANUALNEXT")).startswith("SUCCESS: external_dial function set - MANUALNEXT|1000|")
    assert (await leads.snapshot("1000"))["dial_queue"] == [NUMBERS[1]]
    assert (await leads.next("1001"))["lead_id"] == third
    await leads.done()
    assert (await leads.until_state("1000", "INCALL"))["calls"][0]["lead_id"] == second
    await leads.until_rings(NUMBERS[0], NUMBERS[2], NUMBERS[1])


@pytest.mark.parametrize("campaign", ["", DIAL_CAMPAIGN])
@pytest_twisted.ensureDeferred
async def test_a_number_that_must_not_be_called_makes_no_channel(leads: Leads, campaign: str) -> None:
    lead = await leads.lead(MAIN, alt_phone=ALT)
    await leads.listed(ALT, campaign)
    await leads.log_in()
    whose = f"campaign {campaign}" if campaign else "the system"
    why = f"not sent - {ALT} is on the do-not-call list of {whose}|1000"
    assert await leads.dial(ALT) == f"ERROR: external_dial {why}"
    assert (await leads.dial(f"(727) 555-{ALT[-4:]}")).startswith("ERROR: external_dial not sent - ")
    assert await leads.dial_lead(lead, alt_dial="ALT", path=X5) == f"ERROR: external_dial {why}"
    refused = await leads.native("POST", "/sessions/1000/calls", {"number": ALT, "search": True})
    assert (refused.code, refused.json()["reason"]) == (422, "dnc")
    await leads.dial_lead(lead, preview="YES")
    assert await leads.api("preview_dial_action", "ALTDIAL") == f"ERROR: preview_dial_action {why}"
    assert (await leads.snapshot("1000"))["state"] == "PREVIEW"
    assert await leads.rang() == []
    await leads.api("preview_dial_action", "DIALONLY")
    await leads.until_state("1000", "INCALL")
    await leads.until_rings(MAIN)
    await leads.done()


@pytest_twisted.ensureDeferred
async def test_an_agent_and_a_number_are_dialled_only_so_often(leads: Leads) -> None:
    async with leads.limits(dials_per_minute=3, dials_per_number=2):
        await leads.log_in()
        for number in (MAIN, MAIN):
            await leads.talk("1000", number)
            await leads.done()
        line = await leads.dial(MAIN)
        assert line == f"ERROR: external_dial not sent - {MAIN} was dialled 2 times in the last hour|1000"
        await leads.talk("1000", ALT)
        await leads.done()
        line = await leads.dial(THIRD_NUMBER)
        assert line.startswith("ERROR: external_dial not sent - "), line
        refused = await leads.native("POST", "/sessions/1000/calls", {"number": THIRD_NUMBER})
        assert (refused.code, refused.json()["reason"]) == (429, "dial_rate")
        await leads.log_in("1001", "505")
        refused = await leads.native("POST", "/sessions/1001/calls", {"number": MAIN})
        assert (refused.code, refused.json()["reason"]) == (429, "number_called_often")
        await leads.until_rings(MAIN, MAIN, ALT)
