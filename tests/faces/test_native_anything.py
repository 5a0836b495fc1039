"""Whatever is sent to the routes of leads, promises, lists and plans: an answer with its reason, nothing unchecked."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from agentd.core.model import FIELDS, OWN_FIELDS
from agentd.core.records import DncChanged, LeadCreated, LeadUpdated
from agentd.http.answers import CONTROL
from tests.faces.native import BASE, Native, body, check_problem

OTHERS = ("due", "agent", "lead_id", "campaign", "dnc_check", "id", "number", "account", "subject", "value", "preview")
DIALS = ("next", "activity", "alternative", "vendor_id", "focus", "action", "seconds", "message", "callback", "whose")
NAMES = st.sampled_from([*FIELDS, *OWN_FIELDS, *OTHERS, *DIALS, "kind", "status", "code"])
WORDS = st.sampled_from(
    [
        *(
            "1000",
            "TESTCAMP",
            "7275551212",
            "(727) 555-1213",
            "+17275551299",
            "8500",
            "CALLBK",
            "SALE",
            "alt",
            "search",
        ),
        *(
            "2026-11-23T10:30:00Z",
            "2026-11-23",
            "mine",
            "skip",
            "dial",
            "dial_alt",
            "finish",
            "webform",
            "d1_dial",
            "a-7",
        ),
    ]
)
PLAIN = WORDS | st.text(max_size=30) | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
VALUES = PLAIN | st.dictionaries(NAMES, PLAIN, max_size=3) | st.lists(PLAIN, max_size=2)
# A path with a NUL does not reach the API.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=50)
PARTS = st.sampled_from(["1", "7275551212", "a-7", "123456", "three"]) | TEXTS
PATHS = st.sampled_from(
    [
        *("/sessions/1000/calls", "/sessions/1000/preview", "/sessions/1000/timer", "/sessions/1000/lead"),
        *(
            "/sessions/1000/calls/current/disposition",
            "/sessions/1000/calls/current",
            "/leads",
            "/callbacks",
            "/activities",
        ),
    ]
) | st.builds(
    lambda start, part: f"{start}/{quote(part, safe='')}",
    st.sampled_from(["/leads", "/callbacks", "/dnc", "/campaigns/TESTCAMP/dnc", "/activities", "/users/1001/custom"]),
    PARTS,
)
ASKED = st.tuples(
    st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE"]), PATHS, st.dictionaries(NAMES, VALUES, max_size=4)
)


def send(native: Native, method: str, path: str, wanted: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {native.plain}", "Content-Type": "application/json"}
    return native.house.ask(BASE + path, method, json.dumps(wanted).encode(), headers)


@settings(max_examples=100, deadline=None)
@given(st.lists(ASKED, min_size=1, max_size=8))
def test_nothing_that_is_asked_breaks_the_house(asked: list[tuple[str, str, dict[str, Any]]]) -> None:
    native = Native(role="admin")
    native.house.log_in()
    for method, path, wanted in asked:
        answer = send(native, method, path, wanted)
        assert answer.status in {200, 201, 202, 204, 400, 403, 404, 405, 409, 422, 429, 502, 503}, answer.text
        if answer.status >= 400:
            check_problem(answer, answer.status, body(answer)["reason"])
    for record in native.house.records(DncChanged):
        assert record.number.isascii()
        assert record.number.strip("*#").isdigit()
    for value in (each for record in native.house.records(LeadUpdated) for each in record.fields.values()):
        assert not any(ord(char) < 32 for char in value)
    for record in native.house.records(LeadCreated):
        assert record.lead.phone_number
    for activity in native.house.store.planned.values():
        assert not CONTROL.search("".join((activity.id, activity.account, activity.subject)))


@settings(max_examples=50, deadline=None)
@given(
    st.fixed_dictionaries(
        {}, optional={name: st.text(max_size=8) | st.none() for name in ("first_name", "city", "comments", "email")}
    )
)
def test_what_is_said_of_a_lead_is_what_is_read_of_him(fields: dict[str, str | None]) -> None:
    native = Native()
    before = body(native.ask("GET", "/leads/123456"))
    answer = native.ask("PATCH", "/leads/123456", fields)
    after = body(native.ask("GET", "/leads/123456"))
    if answer.status == 200:
        assert body(answer) == after
        assert {name: after.get(name, "") for name in fields} == {name: value or "" for name, value in fields.items()}
    else:
        assert body(answer)["reason"] in {"no_fields", "field_invalid"}
        assert after == before
