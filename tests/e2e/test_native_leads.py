"""Leads, promises, numbers not to call and a CRM's plans over the native API, with a real Asterisk and database."""

from __future__ import annotations

from typing import Any

import pytest_twisted

from tests.e2e.centre import Centre

CALLS = "/sessions/1000/calls"


async def done(centre: Centre, method: str, path: str, wanted: Any = None, status: int = 200, **headers: str) -> Any:
    """Ask for something that is done; gives the answer's JSON, None where it has no body."""
    answer = await centre.native(method, path, wanted, **headers)
    assert answer.code == status, answer.json()
    return None if status == 204 else answer.json()


@pytest_twisted.ensureDeferred
async def test_a_lead_is_added_previewed_changed_and_called_back(centre: Centre) -> None:
    await centre.log_in()
    wanted = {"phone_number": "(727) 555-1288", "phone_code": "1", "campaign": "TESTCAMP", "first_name": "Ada"}
    lead = await done(centre, "POST", "/leads", wanted, 201)
    place = f"/leads/{lead['id']}"
    shown = await done(centre, "POST", CALLS, {"number": "7275551288", "search": True, "preview": True}, 202)
    assert (shown["state"], shown["lead_id"], shown["session"]["state"]) == ("previewed", lead["id"], "PREVIEW")
    await done(centre, "PATCH", "/sessions/1000/lead", {"city": "Kyiv", "alt_phone": "727 555 1289"})
    call = await done(centre, "POST", "/sessions/1000/preview", {"action": "dial_alt"}, 201)
    assert (call["number"], call["which"], call["lead_id"]) == ("7275551289", "ALT", lead["id"])
    await centre.until_state("1000", "INCALL")
    await done(centre, "DELETE", f"{CALLS}/current")
    callback = {"due": "2030-01-01T10:00:00Z", "whose": "mine", "comments": "after the holidays"}
    disposition = {"status": "CALLBK", "callback": callback, "code": "QM-1"}
    after = await done(centre, "PUT", f"{CALLS}/{call['id']}/disposition", disposition)
    [promised] = after["callbacks"]
    assert (promised["lead_id"], promised["due"], promised["is_due"]) == (lead["id"], 1_893_492_000.0, False)

    known = await done(centre, "GET", f"/callbacks/{promised['id']}")
    assert (known["agent"], known["made_by_call"], known["status"]) == ("1000", call["id"], "waiting")
    await done(centre, "PATCH", f"/callbacks/{promised['id']}", {"due": 5})
    assert [mine["is_due"] for mine in (await centre.until_state("1000", "PAUSED"))["callbacks"]] == [True]
    await done(centre, "DELETE", f"/callbacks/{promised['id']}", status=204)
    assert (await done(centre, "GET", f"/callbacks?lead_id={lead['id']}&waiting=true"))["callbacks"] == []

    present = await centre.native("GET", place)
    told = present.json()
    assert (told["city"], told["alt_phone"], told["status"], told["called"]) == ("Kyiv", "7275551289", "CALLBK", 1)
    await done(centre, "PATCH", place, {"status": "NEW"}, If_Match=present.header("ETag"))
    stale = await centre.native("DELETE", place, If_Match=present.header("ETag"))
    assert (stale.code, stale.json()["reason"]) == (412, "changed_meanwhile")
    await done(centre, "DELETE", place, status=204)
    await centre.until_rows([], "select id from leads where id = ?", lead["id"])


@pytest_twisted.ensureDeferred
async def test_a_number_on_a_list_is_refused_and_a_planned_one_dialled(centre: Centre) -> None:
    await centre.log_in()
    await done(centre, "PUT", "/dnc/7275551287")
    wanted = {"phone_number": "7275551287", "list_id": 101, "dnc_check": True}
    refused = await centre.native("POST", "/leads", wanted)
    assert (refused.code, refused.json()["reason"], refused.json()["campaign"]) == (422, "dnc", "")
    nowhere = await centre.native("POST", "/leads", {**wanted, "list_id": 987_654})
    assert (nowhere.code, nowhere.json()["reason"], nowhere.json()["field"]) == (422, "field_invalid", "list_id")
    assert {"number": "7275551287", "campaign": None} in (await done(centre, "GET", "/dnc?system=true"))["numbers"]
    await done(centre, "DELETE", "/dnc/7275551287")

    await done(centre, "PUT", "/activities/crm-1", {"number": "7275551287", "account": "ACME"}, 201)
    call = await done(centre, "POST", CALLS, {"activity": "crm-1"}, 201)
    assert call["number"] == "7275551287"
    await done(centre, "DELETE", f"{CALLS}/current")
    await done(centre, "PUT", f"{CALLS}/{call['id']}/disposition", {"status": "A"})
    await done(centre, "DELETE", "/activities/crm-1", status=204)
