"""The table from records to events: complete, free of secrets, and the same however often it is read."""

from __future__ import annotations

import json

import pytest

from agentd.core import records as r
from agentd.core.model import (
    After,
    AfterKind,
    Answer,
    CallbackWish,
    DialRequest,
    Lead,
    MonitorMode,
    SessionKind,
    SessionState,
    TimerAction,
    TimerKind,
    Token,
    User,
    WhichNumber,
)
from agentd.engine.events import NAMES, SILENT, Event, events_of

LEAD = Lead(7, 101, "NEW", "1", "7275551212", {"vendor_lead_code": "X-1", "id": "not an id"})
PLAIN = Lead(8, 101, "NEW", "1", "7275551212")
AFTER = After(AfterKind.PAUSED, "LUNCH")

TOLD = [
    (r.LinkChanged(False, "connection lost"), "pbx.link", "", {"up": False, "reason": "connection lost"}),
    (r.LinkChanged(True), "pbx.link", "", {"up": True, "reason": None}),
    (
        r.LoginStarted("1000", 3, "502", "TESTCAMP", "8600051", "leg", "native"),
        "login.started",
        "1000",
        {
            "session_id": 3,
            "kind": "seated",
            "phone": "502",
            "campaign": "TESTCAMP",
            "conference": "8600051",
            "source": "native",
        },
    ),
    (r.LoginEnded("1000", "phone_busy"), "login.failed", "1000", {"reason": "phone_busy"}),
    (
        r.SessionStarted("1000", 3, "502", "TESTCAMP", "8600051", "leg", "native"),
        "session.started",
        "1000",
        {
            "session_id": 3,
            "kind": "seated",
            "phone": "502",
            "campaign": "TESTCAMP",
            "conference": "8600051",
            "source": "native",
        },
    ),
    (
        r.SessionStarted("1028", 4, "", "TESTCAMP", "", "", "native", kind=SessionKind.REMOTE),
        "session.started",
        "1028",
        {
            "session_id": 4,
            "kind": "remote",
            "phone": None,
            "campaign": "TESTCAMP",
            "conference": None,
            "source": "native",
        },
    ),
    (
        r.InGroupsChanged("1000", 3, ("SALESLINE", "TEST_IN"), blended=True),
        "session.ingroups",
        "1000",
        {"ingroups": ["SALESLINE", "TEST_IN"], "blended": True},
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
    (r.PhoneReleased("1004"), "session.phone", "1004", {"attached": False, "recalling": False}),
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
    (r.DialUnqueued("1000", "dnc", 2), "dial.unqueued", "1000", {"reason": "dnc", "place": 2}),
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
            "which": "MAIN",
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
    (r.CallHeld(9, "1000", "ivr"), "call.held", "1000", {"call_id": 9, "where": "ivr"}),
    (r.CallRetrieved(9, "1000", "agent"), "call.retrieved", "1000", {"call_id": 9, "by": "agent"}),
    (
        r.ThirdAsked(9, "1000", "leg", "7275551213"),
        "call.third_party",
        "1000",
        {"call_id": 9, "state": "asked", "number": "7275551213", "ingroup": None},
    ),
    (
        r.ThirdAsked(9, "1000", "leg", "", "SALESLINE"),
        "call.third_party",
        "1000",
        {"call_id": 9, "state": "asked", "number": None, "ingroup": "SALESLINE"},
    ),
    (r.ThirdAnswered(9, "1000", "leg"), "call.third_party", "1000", {"call_id": 9, "state": "connected"}),
    (
        r.ThirdEnded(9, "1000", "leg", 16, "third"),
        "call.third_party",
        "1000",
        {"call_id": 9, "state": "ended", "cause": 16, "hung_up_by": "third"},
    ),
    (
        r.CustomerLeft(9, "1000", 16, "customer"),
        "call.customer_left",
        "1000",
        {"call_id": 9, "cause": 16, "hung_up_by": "customer"},
    ),
    (
        r.CallTransferred(9, "1000", "blind", "7275551213"),
        "call.transferred",
        "1000",
        {"call_id": 9, "how": "blind", "to": "7275551213"},
    ),
    (
        r.CallWaiting(
            10, "Y1120092425000000007", "SALESLINE", "TESTCAMP", "inbound", LEAD, "7275551212", "1", "leg", "1001", 9
        ),
        "call.waiting",
        "",
        {
            "call_id": 10,
            "key": "Y1120092425000000007",
            "ingroup": "SALESLINE",
            "direction": "inbound",
            "number": "7275551212",
            "lead_id": 7,
            "wanted": "1001",
            "origin": 9,
            "did": None,
            "name": None,
        },
    ),
    (
        r.CallWaiting(
            10, "Y1", "SALESLINE", "", "inbound", LEAD, "7275551212", "1", "leg", did="7275551001", name="Ann"
        ),
        "call.waiting",
        "",
        {
            "call_id": 10,
            "key": "Y1",
            "ingroup": "SALESLINE",
            "direction": "inbound",
            "number": "7275551212",
            "lead_id": 7,
            "wanted": None,
            "origin": None,
            "did": "7275551001",
            "name": "Ann",
        },
    ),
    (
        r.CallDialled(11, "V1120092425000000007", "TESTCAMP", LEAD, "7275551212", "1", "leg"),
        "call.dialled",
        "",
        {
            "call_id": 11,
            "key": "V1120092425000000007",
            "campaign": "TESTCAMP",
            "direction": "auto",
            "number": "7275551212",
            "phone_code": "1",
            "lead_id": 7,
        },
    ),
    (r.LeadAnswered(11, "TESTCAMP", "leg"), "call.lead_answered", "", {"call_id": 11, "campaign": "TESTCAMP"}),
    (
        r.OfferMissed("1001", 4, 10, "SALESLINE", 19),
        "call.missed",
        "1001",
        {"call_id": 10, "ingroup": "SALESLINE", "cause": 19},
    ),
    (
        r.CallTreated(10, "leg", "SALESLINE", "", "full", "ingroup", "TEST_IN"),
        "call.treated",
        "",
        {
            "call_id": 10,
            "ingroup": "SALESLINE",
            "campaign": None,
            "reason": "full",
            "how": "ingroup",
            "to": "TEST_IN",
        },
    ),
    (r.CallRerouted(10, "TEST_IN"), "call.rerouted", "", {"call_id": 10, "ingroup": "TEST_IN"}),
    (r.WaitingOffered("leg", 10, "1001"), "call.offered", "", {"call_id": 10, "to": "1001"}),
    (r.WaitingOffered("leg", 10, ""), "call.offered", "", {"call_id": 10, "to": None}),
    (
        r.WaitingEnded("leg", 10, "SALESLINE", "delivered"),
        "call.waiting_ended",
        "",
        {"call_id": 10, "ingroup": "SALESLINE", "reason": "delivered"},
    ),
    (
        r.CallDelivered(10, "1001", 4, "TESTCAMP"),
        "call.delivered",
        "1001",
        {"call_id": 10, "session_id": 4, "campaign": "TESTCAMP"},
    ),
    (r.ConsultJoined(9, "1001", "1000", "leg"), "consult.joined", "1001", {"call_id": 9, "owner": "1000"}),
    (r.ConsultEnded(9, "1001"), "consult.ended", "1001", {"call_id": 9}),
    (r.DigitsSent(9, "1000", "leg", 4), "call.digits", "1000", {"call_id": 9, "count": 4}),
    (
        r.RecordingAsked(5, "leg", "1000", 3, 9, 7, "7275551212", "n", "n.wav", 1.0, "offer", "campaign"),
        "recording.asked",
        "1000",
        {"recording_id": 5, "call_id": 9, "lead_id": 7, "file": "n.wav", "stage": "offer", "by": "campaign"},
    ),
    (r.RecordingStarted(5, "1000", 0), "recording.started", "1000", {"recording_id": 5, "call_id": None}),
    (
        r.RecordingMuted(5, "1000", 9, muted=True),
        "recording.muted",
        "1000",
        {"recording_id": 5, "call_id": 9, "muted": True},
    ),
    (
        r.RecordingEnded(5, "1000", 9, "n.wav", "hangup"),
        "recording.ended",
        "1000",
        {"recording_id": 5, "call_id": 9, "file": "n.wav", "reason": "hangup"},
    ),
    (
        r.RecordingFailed(5, "1000", 9, "n.wav", "no file"),
        "recording.failed",
        "1000",
        {"recording_id": 5, "call_id": 9, "file": "n.wav", "reason": "no file"},
    ),
    (r.RecordingRemoved(5, "n.wav"), "recording.removed", "", {"recording_id": 5, "file": "n.wav"}),
    (
        r.MonitorAsked("leg", "1000", 3, "510", MonitorMode.LISTEN, "boss"),
        "monitor.ringing",
        "1000",
        {"phone": "510", "mode": "listen", "by": "boss"},
    ),
    (
        r.MonitorStarted("leg", "1000", 3, "510", MonitorMode.LISTEN, "boss"),
        "monitor.started",
        "1000",
        {"phone": "510", "mode": "listen", "by": "boss"},
    ),
    (
        r.MonitorChanged("leg", "1000", 3, "510", MonitorMode.BARGE, "boss"),
        "monitor.changed",
        "1000",
        {"phone": "510", "mode": "barge", "by": "boss"},
    ),
    (r.MonitorEnded("leg", "1000", 3, "510", 16), "monitor.ended", "1000", {"phone": "510", "cause": 16}),
    (
        r.StatusKept(9, "1000", "SALE"),
        "call.status",
        "1000",
        {"call_id": 9, "status": "SALE", "callback": None, "code": None},
    ),
    (
        r.StatusKept(9, "1000", "CALLBK", CallbackWish(60.5, anyone=False, comments="later"), "12"),
        "call.status",
        "1000",
        {
            "call_id": 9,
            "status": "CALLBK",
            "callback": {"due": 60.5, "anyone": False, "comments": "later"},
            "code": "12",
        },
    ),
    (
        r.CallDisposed(9, "1000", 7, "SALE", "agent"),
        "call.disposed",
        "1000",
        {"call_id": 9, "lead_id": 7, "status": "SALE", "by": "agent", "lead_keeps": False, "code": None},
    ),
    (
        r.StatusReplaced(9, "1000", 7, "SALE", "12"),
        "call.redisposed",
        "1000",
        {"call_id": 9, "lead_id": 7, "status": "SALE", "by": "agent", "code": "12"},
    ),
    (
        r.LeadUpdated(7, {"city": "Miami", "rank": ""}, "crm", "1000"),
        "lead.updated",
        "1000",
        {"lead_id": 7, "fields": {"city": "Miami", "rank": ""}, "by": "crm"},
    ),
    (r.LeadDeleted(7, "crm"), "lead.deleted", "", {"lead_id": 7, "by": "crm"}),
    (
        r.PreviewStarted("1000", 3, DialRequest("7275551213", "1", lead=PLAIN, which=WhichNumber.ALT, preview=True)),
        "preview.started",
        "1000",
        {
            "session_id": 3,
            "number": "7275551213",
            "phone_code": "1",
            "lead_id": 8,
            "which": "ALT",
            "lead": {"id": 8, "list_id": 101, "status": "NEW", "phone_code": "1", "phone_number": "7275551212"},
            "focus": False,
            "vendor_id": None,
            "source": None,
        },
    ),
    (r.PreviewEnded("1000", 8, dialled=True), "preview.ended", "1000", {"lead_id": 8, "dialled": True}),
    (
        r.TimerSet("1000", TimerAction(TimerKind.D1_DIAL, 30)),
        "timer.set",
        "1000",
        {"timer": {"kind": "D1_DIAL", "seconds": 30, "message": None, "fired": None, "url": None}},
    ),
    (r.TimerSet("1000", None), "timer.set", "1000", {"timer": None}),
    (
        r.TimerFired("1000", 9, TimerAction(TimerKind.WEBFORM, 5, "look", 9, "https://crm/7")),
        "timer.fired",
        "1000",
        {
            "call_id": 9,
            "kind": "WEBFORM",
            "seconds": 5,
            "message": "look",
            "url": "https://crm/7",
            "reason": None,
        },
    ),
    (
        r.CallbackSet(4, 7, "TESTCAMP", CallbackWish(60.5), "", "1000", 9, "1000"),
        "callback.set",
        "1000",
        {
            "callback_id": 4,
            "lead_id": 7,
            "campaign": "TESTCAMP",
            "callback": {"due": 60.5, "anyone": True, "comments": None},
            "user": None,
            "call_id": 9,
            "by": "1000",
        },
    ),
    (
        r.CallbackDue(4, "1000", 7, "TESTCAMP", "later"),
        "callback.due",
        "1000",
        {"callback_id": 4, "lead_id": 7, "campaign": "TESTCAMP", "comments": "later"},
    ),
    (
        r.CallbackEnded(4, "1000", 7, 9, "1000"),
        "callback.ended",
        "1000",
        {"callback_id": 4, "lead_id": 7, "call_id": 9, "by": "1000"},
    ),
    (
        r.DncListed("7275551212", "", 9, "1000"),
        "dnc.listed",
        "1000",
        {"number": "7275551212", "campaign": None, "call_id": 9},
    ),
    (
        r.DncChanged("7275551212", "TESTCAMP", False, "crm"),
        "dnc.changed",
        "",
        {"number": "7275551212", "campaign": "TESTCAMP", "listed": False, "by": "crm"},
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


def test_a_promise_that_the_database_had_is_no_news() -> None:
    assert events_of(r.CallbackSet(4, 7, "TESTCAMP", CallbackWish(60.5), "1000", "1000", stored=True)) == []


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
