"""The daemon ends and comes back: what agents have before them, have promised and have asked for is there, once."""

from __future__ import annotations

import pytest_twisted

from tests.e2e.leads import ALT, MAIN, NUMBERS, PRESET, Leads, promised

KEPT = ("session_id", "state", "code", "lead", "preview", "dial_queue")
"""What a snapshot has before and after."""


@pytest_twisted.ensureDeferred
async def test_kill_9_loses_nothing_of_leads_and_nothing_happens_twice(leads: Leads) -> None:
    previewed = await leads.lead(MAIN, alt_phone=ALT)
    talked, called_back, queued = [await leads.lead(number) for number in NUMBERS[:3]]
    await leads.log_in()
    colleague = await leads.log_in("1001", "505")
    since = leads.news.last_id
    await leads.dial_lead(called_back, "1001")
    first = (await leads.until_state("1001", "INCALL"))["calls"][0]
    more = {"callback_datetime": leads.in_seconds(5), "callback_type": "USERONLY"}
    await leads.done("CALLBK", "1001", **more)
    await leads.dial_lead(talked, "1001")
    await leads.until_state("1001", "INCALL")
    await leads.api("set_timer_action", "D2_DIAL", "1001", rank="5")
    await leads.dial_lead(queued, "1001")
    await leads.dial_lead(previewed, preview="YES")
    before = {agent: await leads.snapshot(agent) for agent in ("1000", "1001")}
    assert (before["1000"]["state"], before["1001"]["dial_queue"]) == ("PREVIEW", [NUMBERS[2]])

    await leads.kill()
    await leads.soon(leads.sessions, lambda sessions: len(sessions) == 2)
    await leads.until(leads.link_up, "link")
    for agent, was in before.items():
        now = await leads.snapshot(agent)
        assert {name: now[name] for name in KEPT} == {name: was[name] for name in KEPT}
    [promise] = (await leads.snapshot("1001"))["callbacks"]
    assert promise["lead_id"] == called_back

    news = await leads.stream(since)
    due = await news.event("callback.due")
    assert (due["agent"], due["callback_id"]) == ("1001", promise["id"])
    fired = await news.event("timer.fired")
    assert (fired["agent"], fired["kind"], fired["reason"]) == ("1001", "D2_DIAL", None)
    third = await leads.until_third("1001")
    assert await leads.observer.together(colleague, third["leg"])
    await leads.api("transfer_conference", "HANGUP_BOTH", "1001")
    await leads.api("external_status", "A", "1001")
    assert (await leads.until_state("1001", "INCALL"))["calls"][0]["lead_id"] == queued
    await leads.api("preview_dial_action", "ALTDIAL")
    assert (await leads.until_state("1000", "INCALL"))["calls"][0]["lead_id"] == previewed
    await leads.until_rings(NUMBERS[1], NUMBERS[0], PRESET, NUMBERS[2], ALT)
    await leads.done(agent="1001")
    await leads.done()
    kept = await leads.next("1001")
    assert kept["lead_id"] == called_back
    await leads.done(agent="1001")
    await leads.until_promises(called_back, promised("1001", "done", first["id"], kept["id"]))
    await news.event("callback.ended", callback_id=promise["id"])
    told = [each["event"] for each in news.events]
    assert (told.count("callback.due"), told.count("timer.fired"), told.count("preview.ended")) == (1, 1, 1)
