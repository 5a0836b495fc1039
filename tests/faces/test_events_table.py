"""The table from records to events: complete, free of secrets, and the same however often it is read."""

from __future__ import annotations

import json

import pytest

from agentd.core import records as r
from agentd.core.model import After, AfterKind, Answer, DialRequest, Lead, SessionState, Token, User
from agentd.engine.events import NAMES, SILENT, Event, events_of

LEAD = Lead(7, 101, "NEW", "1", "7275551212", {"vendor_lead_code": "X-1", "id": "not an id"})
AFTER = After(AfterKind.PAUSED, "LUNCH")

TOLD = [
    (r.LinkChanged(False, "connection lost"), "pbx.link", "", {"up": False, "reason": "connection lost"}),
    (r.LinkChanged(True), "pbx.link", "", {"up": True, "reason": None}),
    (
        r.LoginStarted("1000", 3, "502", "TESTCAMP", "8600051", "leg", "native"),
        "login.started",
        "1000",
        {"session_id": 3, "phone": "502", "campaign": "TESTCAMP", "conference": "8600051", "source": "native"},
    ),
    (r.LoginEnded("1000", "phone_busy"), "login.failed", "1000", {"reason": "phone_busy"}),
    (
        r.SessionStarted("1000", 3, "502", "TESTCAMP", "8600051", "leg", "native"),
        "session.started",
        "1000",
        {"session_id": 3, "phone": "502", "campaign": "TESTCAMP", "conference": "8600051", "source": "native"},
    ),
    (
        r.StateEntered("1000", 3, 4, SessionState.INCALL, call_id=9, lead_id=7),
        "session.state",
        "1000",
        {
            "session_id": 3,
            "state": "INCALL",
            "code": None,
            "productive": False,
            "interval": 4,
            "call_id": 9,
            "lead_id": 7,
        },
    ),
    (
        r.AfterSet("1000", AFTER),
        "session.after",
        "1000",
        {"after": {"state": "PAUSED", "code": "LUNCH", "logout": False}},
    ),
    (r.AfterSet("1000", None), "session.after", "1000", {"after": None}),
    (
        r.PhoneLost("1000", AFTER),
        "session.phone",
        "1000",
        {
            "attached": False,
            "recalling": False,
            "returns": {"state": "PAUSED", "code": "LUNCH", "logout": False},
        },
    ),
    (r.PhoneRecalled("1000"), "session.phone", "1000", {"attached": False, "recalling": True}),
    (r.PhoneAttached("1000", "leg"), "session.phone", "1000", {"attached": True, "recalling": False}),
    (
        r.SessionEnded("1000", 3, "logout", "crystal"),
        "session.ended",
        "1000",
        {"session_id": 3, "reason": "logout", "source": "crystal"},
    ),
    (
        r.DialQueued("1000", DialRequest("7275551212", "1", lead=LEAD), replaces=True),
        "dial.queued",
        "1000",
        {"number": "7275551212", "phone_code": "1", "lead_id": 7, "replaces": True},
    ),
    (r.DialUnqueued("1000", "pbx_link_down"), "dial.unqueued", "1000", {"reason": "pbx_link_down"}),
    (
        r.CallStarted(
            9, "M1200000000000000007", "1000", 3, "TESTCAMP", "manual", LEAD, "7275551212", "1", "leg", AFTER
        ),
        "call.started",
        "1000",
        {
            "call_id": 9,
            "key": "M1200000000000000007",
            "session_id": 3,
            "campaign": "TESTCAMP",
            "direction": "manual",
            "number": "7275551212",
            "phone_code": "1",
            "lead_id": 7,
            "lead": {
                "id": 7,
                "list_id": 101,
                "status": "NEW",
                "phone_code": "1",
                "phone_number": "7275551212",
                "vendor_lead_code": "X-1",
            },
            "focus": False,
            "vendor_id": None,
            "source": None,
        },
    ),
    (r.CallRinging(9, "1000"), "call.ringing", "1000", {"call_id": 9}),
    (r.CallAnswered(9, "1000"), "call.answered", "1000", {"call_id": 9}),
    (
        r.CallRefused(9, "1000", 34, "no channel"),
        "call.refused",
        "1000",
        {"call_id": 9, "cause": 34, "reason": "no channel"},
    ),
    (
        r.CallEnded(9, "1000", 17, "customer", "B"),
        "call.ended",
        "1000",
        {"call_id": 9, "cause": 17, "hung_up_by": "customer", "suggested_status": "B"},
    ),
    (r.StatusKept(9, "1000", "SALE"), "call.status", "1000", {"call_id": 9, "status": "SALE"}),
    (
        r.CallDisposed(9, "1000", 7, "SALE", "agent"),
        "call.disposed",
        "1000",
        {"call_id": 9, "lead_id": 7, "status": "SALE", "by": "agent"},
    ),
    (
        r.StatusReplaced(9, "1000", 7, "SALE"),
        "call.redisposed",
        "1000",
        {"call_id": 9, "lead_id": 7, "status": "SALE", "by": "agent"},
    ),
]


@pytest.mark.parametrize(("record", "name", "agent", "data"), TOLD, ids=lambda value: type(value).__name__)
def test_what_is_told(record: r.Record, name: str, agent: str, data: dict[str, object]) -> None:
    assert events_of(record) == [Event(name, agent, data)]
    assert json.loads(json.dumps(data)) == data


def test_every_record_is_told_or_known_to_be_silent() -> None:
    told = {type(record) for record, *_ in TOLD}
    assert told | SILENT == set(r.KINDS.values())
    assert not told & SILENT
    assert {name for _, name, *_ in TOLD} == NAMES


@pytest.mark.parametrize(
    "record",
    [
        r.UserSet("1000", User("1000", 1000, password_hash="hash")),
        r.TokenSet("digest", Token("digest", "crm", "admin", "")),
        r.AnswerKept("digest:key", Answer("print", 0.0, 200, "body")),
        r.ApiCalled("6666", "version", "", "", "SUCCESS", "", "test", ""),
    ],
    ids=lambda record: type(record).__name__,
)
def test_secrets_are_not_told(record: r.Record) -> None:
    assert events_of(record) == []
