"""The native API's transfers and consultations, and what holds for every verb on a call in hand."""

from __future__ import annotations

import pytest

from agentd.core.model import CallState, SessionState
from tests.faces.native import CALL, THIRD, Native, another_agent, check_problem, do, only_call, talking
from tests.faces.people import campaign


@pytest.fixture
def native() -> Native:
    return talking()


# --- consultation --------------------------------------------------------------------------------------------


@pytest.fixture
def consulting(native: Native) -> Native:
    """1000 asks in SALESLINE, and 1001 has joined."""
    another_agent(native)
    do(native, "third-party", {"ingroup": "DEFAULTINGROUP", "hold": True}, status=201)
    native.house.until(lambda: native.snapshot("1001")["state"] == "INCALL")
    return native


def test_who_is_consulted_sees_the_call_and_its_lead(native: Native) -> None:
    answer = do(native, "third-party", {"ingroup": "DEFAULTINGROUP"}, status=201)
    assert answer["ingroup"] == "SALESLINE"
    waiting = only_call(native)["third_party"]
    assert (waiting["ingroup"], waiting["number"], waiting["agent"], waiting["state"]) == (
        "SALESLINE",
        None,
        None,
        "asked",
    )
    tag = native.ask("GET", "/sessions/1000").headers["ETag"]

    another_agent(native)
    native.house.until(lambda: native.snapshot("1001")["state"] == "INCALL")
    joined = only_call(native)["third_party"]
    assert (joined["ingroup"], joined["agent"], joined["state"]) == ("SALESLINE", "1001", "connected")
    assert native.ask("GET", "/sessions/1000", If_None_Match=tag).status == 200, "the owner's picture has changed"

    second = native.snapshot("1001")
    call = only_call(native)
    lead = native.snapshot()["lead"]
    assert second["consulted"] == {"call_id": call["id"], "key": call["key"], "agent": "1000", "lead": lead}
    assert (second["lead"], second["calls"]) == (lead, [])
    assert lead["vendor_lead_code"] == "9987-1234765"
    assert native.snapshot()["consulted"] is None


def test_one_agent_can_be_asked_and_no_other_takes_it(native: Native) -> None:
    another_agent(native)
    answer = do(native, "third-party", {"agent": "1000"}, status=201)
    assert answer["ingroup"] == "AGENTDIRECT"
    assert native.snapshot("1001")["state"] == "READY"
    assert only_call(native)["third_party"]["agent"] is None
    assert native.ask("DELETE", f"{CALL}/third-party").status == 200

    do(native, "third-party", {"agent": "1001"}, status=201)
    native.house.until(lambda: native.snapshot("1001")["state"] == "INCALL")
    assert only_call(native)["third_party"]["agent"] == "1001"
    do(native, "transfer", {"kind": "leave"})
    assert [call["ingroup"] for call in native.snapshot("1001")["calls"]] == ["AGENTDIRECT"]


def test_who_was_consulted_is_back_where_he_was(consulting: Native) -> None:
    assert consulting.ask("DELETE", f"{CALL}/third-party").status == 200
    second = consulting.snapshot("1001")
    assert (second["state"], second["consulted"], second["lead"]) == ("READY", None, None)
    assert only_call(consulting)["state"] == "held"


def test_who_was_consulted_has_the_call_when_the_first_leaves(consulting: Native) -> None:
    do(consulting, "retrieve")
    first = only_call(consulting)
    done = do(consulting, "transfer", {"kind": "leave"})
    assert (done["call_id"], done["session"]["state"]) == (first["id"], "WRAPUP")
    consulting.house.until(lambda: bool(consulting.snapshot("1001")["calls"]))
    second = consulting.snapshot("1001")
    [call] = second["calls"]
    assert (call["origin"], call["ingroup"], call["state"], call["key"][0]) == (
        first["id"],
        "SALESLINE",
        "connected",
        "Y",
    )
    assert (second["consulted"], second["lead"]["id"]) == (None, 123456)


# --- transfers -----------------------------------------------------------------------------------------------


def test_a_blind_transfer(native: Native) -> None:
    call = only_call(native)
    leg = native.house.call().leg
    done = do(native, "transfer", {"kind": "blind", "number": THIRD, "group_alias": "DEFAULT"})
    assert (done["call_id"], done["key"], done["ingroup"]) == (call["id"], call["key"], None)
    assert done["session"]["state"] == "WRAPUP"
    assert done["session"]["calls"][0]["hung_up_by"] == "transfer"
    assert leg in native.house.switch.channels, "the customer talks on"
    sent = native.house.switch.asked[-1]
    assert (sent.leg, sent.resource, sent.caller_id) == (leg, f"PJSIP/1{THIRD}@carrier", "7275551211")
    check_problem(native.ask("POST", f"{CALL}/transfer", {"kind": "blind", "number": THIRD}), 409, "no_live_call")


def test_the_message(native: Native) -> None:
    assert do(native, "transfer", {"kind": "message"})["session"]["state"] == "WRAPUP"


def test_a_campaign_without_a_message_says_so(native: Native) -> None:
    native.house.change_campaign(campaign(leave_message=""))
    check_problem(native.ask("POST", f"{CALL}/transfer", {"kind": "message"}), 422, "no_message")


def test_to_an_ingroup(native: Native) -> None:
    second = another_agent(native)
    first = only_call(native)
    done = do(native, "transfer", {"kind": "ingroup", "ingroup": "DEFAULTINGROUP"})
    assert (done["ingroup"], done["session"]["state"]) == ("SALESLINE", "WRAPUP")
    native.house.until(lambda: second.state is SessionState.INCALL)
    call = only_call(native, "1001")
    assert (call["direction"], call["ingroup"], call["origin"], call["lead_id"]) == (
        "inbound",
        "SALESLINE",
        first["id"],
        123456,
    )


def test_to_one_agent(native: Native) -> None:
    another_agent(native)
    wanted = another_agent(native, "101", "504")
    assert do(native, "transfer", {"kind": "ingroup", "agent": "101"})["ingroup"] == "AGENTDIRECT"
    native.house.until(lambda: wanted.state is SessionState.INCALL)
    assert only_call(native, "101")["ingroup"] == "AGENTDIRECT"
    assert native.snapshot("1001")["state"] == "READY"


def test_to_an_agent_or_an_ingroup_that_is_not_there(native: Native) -> None:
    nobody = native.ask("POST", f"{CALL}/transfer", {"kind": "ingroup", "agent": "4496"})
    check_problem(nobody, 422, "user_unknown")
    check_problem(
        native.ask("POST", f"{CALL}/transfer", {"kind": "ingroup", "ingroup": "FAKE_IN"}), 422, "ingroup_unknown"
    )
    assert only_call(native)["state"] == "connected"


def test_leaving_the_two_alone(native: Native) -> None:
    check_problem(native.ask("POST", f"{CALL}/transfer", {"kind": "leave"}), 409, "no_third_party")
    do(native, "third-party", {"number": THIRD}, status=201)
    native.house.until(lambda: only_call(native)["third_party"]["state"] == "connected")
    assert do(native, "transfer", {"kind": "leave"})["session"]["state"] == "WRAPUP"
    assert len(native.house.switch.channels) == 3, "customer and third party talk on"


def test_two_calls_become_one(native: Native) -> None:
    do(native, "hold")
    native.ask("POST", "/sessions/1000/calls", {"number": THIRD})
    native.house.until(lambda: native.house.call().state is CallState.CONNECTED)
    first, second = (call["id"] for call in native.snapshot()["calls"])
    check_problem(native.ask("POST", f"{CALL}/connect", {"other": second + 7}), 404, "call_not_found")
    check_problem(native.ask("POST", f"{CALL}/connect", {"other": second}), 404, "call_not_found")
    session = do(native, "connect", {"other": first})
    assert session["state"] == "WRAPUP"
    assert [(call["id"], call["state"]) for call in session["calls"]] == [(first, "wrapping"), (second, "wrapping")]
    assert len(native.house.switch.channels) == 3, "the two customers talk on"


def test_a_refusal_of_asterisks_leaves_the_call_as_it_is(native: Native) -> None:
    native.house.switch.refusal = "Permission denied"
    for verb, wanted in (("hold", None), ("transfer", {"kind": "blind", "number": THIRD})):
        check_problem(native.ask("POST", f"{CALL}/{verb}", wanted), 502, "pbx_refused")
    assert (native.snapshot()["state"], only_call(native)["state"]) == ("INCALL", "connected")


def test_a_silent_asterisk_is_an_error_within_five_seconds(native: Native) -> None:
    native.house.switch.deaf = True
    begun = native.house.now
    check_problem(native.ask("POST", f"{CALL}/hold"), 504, "pbx_timeout")
    assert native.house.now - begun <= 5.0


def test_too_many_at_once_are_told_to_wait(native: Native) -> None:
    asked = [native.send("POST", f"{CALL}/{'retrieve' if n % 2 else 'hold'}") for n in range(6)]
    [busy] = [exchange for exchange in asked if exchange.answered]
    check_problem(busy.answer, 503, "busy")
    assert busy.answer.headers["Retry-After"] == "1"
    native.house.until(lambda: all(exchange.answered for exchange in asked))
    assert [exchange.answer.status for exchange in asked[:5]] == [200] * 5
    assert only_call(native)["state"] == "held"


# --- once, and in order --------------------------------------------------------------------------------------


def test_a_transfer_asked_for_twice_is_done_once(native: Native) -> None:
    wanted = {"kind": "blind", "number": THIRD}
    first = do(native, "transfer", wanted, Idempotency_Key="t")
    asked = len(native.house.switch.asked)
    assert do(native, "transfer", {"number": THIRD, "kind": "blind"}, Idempotency_Key="t") == first
    assert len(native.house.switch.asked) == asked
    other = native.ask("POST", f"{CALL}/transfer", {"kind": "message"}, Idempotency_Key="t")
    check_problem(other, 409, "idempotency_mismatch")


def test_if_match_holds_for_calls_in_hand(native: Native) -> None:
    tag = native.ask("GET", "/sessions/1000").headers["ETag"]
    do(native, "hold", If_Match=tag)
    check_problem(native.ask("POST", f"{CALL}/retrieve", None, If_Match=tag), 412, "revision_mismatch")
    assert only_call(native)["state"] == "held"


def test_a_client_who_leaves_does_not_cancel_it(native: Native) -> None:
    native.send("POST", f"{CALL}/transfer", {"kind": "blind", "number": THIRD}).leave()
    native.house.until(lambda: native.snapshot()["state"] == "WRAPUP")


def test_everything_that_the_picture_shows_changes_its_tag(native: Native) -> None:
    """A reader who polls with If-None-Match sees every step, of his own agent's and of the one who is consulted."""
    another_agent(native)
    seen: dict[tuple[str, str], bytes] = {}
    verbs = [
        ("POST", "hold", None),
        ("POST", "retrieve", None),
        ("POST", "third-party", {"ingroup": "SALESLINE", "hold": True}),
        ("POST", "retrieve", None),
        ("POST", "transfer", {"kind": "leave"}),
    ]
    for method, verb, wanted in verbs:
        exchange = native.send(method, f"{CALL}/{verb}", wanted)
        for _ in range(40):
            for agent in ("1000", "1001"):
                answer = native.send("GET", f"/sessions/{agent}").answer
                assert seen.setdefault((agent, answer.headers["ETag"]), answer.body) == answer.body
            native.house.advance(0.0005 if not exchange.answered else 0.01)
        assert exchange.answer.status in {200, 201}, exchange.answer.text
    assert native.snapshot("1001")["calls"][0]["state"] == "connected"
