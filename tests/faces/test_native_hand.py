"""The native API's verbs on a call in hand: hold, third parties, digits."""

from __future__ import annotations

from typing import Any

import pytest

from agentd.core.model import CallState
from agentd.core.records import AnswerKept
from tests.faces.native import CALL, THIRD, Native, body, check_problem, do, frames, only_call, talking
from tests.faces.people import campaign


@pytest.fixture
def native() -> Native:
    return talking()


def customer(native: Native) -> str:
    """The place of the customer's leg, as the API shows it."""
    [place] = [leg["place"] for leg in only_call(native)["legs"] if leg["role"] == "customer"]
    return place


# --- hold ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "wanted", "state", "place"),
    [
        ("hold", None, "held", "wait"),
        ("park", {}, "held", "wait"),
        ("park", {"where": "music"}, "held", "wait"),
        ("park", {"where": "ivr"}, "ivr", "ivr"),
    ],
)
def test_the_customer_hears_music_or_the_prompt_and_comes_back(
    native: Native, verb: str, wanted: Any, state: str, place: str
) -> None:
    before = native.house.now
    session = do(native, verb, wanted)
    [call] = session["calls"]
    assert (session["state"], call["state"], customer(native)) == ("INCALL", state, place)
    assert before <= call["held_since"] <= native.house.now
    assert do(native, verb, wanted)["calls"] == [call], "once more changes nothing"

    [call] = do(native, "retrieve")["calls"]
    assert (call["state"], call["held_since"], customer(native)) == ("connected", None, "conference")
    assert do(native, "retrieve")["calls"][0]["state"] == "connected"


def test_a_call_is_named_by_its_id(native: Native) -> None:
    call_id = only_call(native)["id"]
    assert native.ask("POST", f"/sessions/1000/calls/{call_id}/hold").status == 200
    assert only_call(native)["state"] == "held"
    for verb, wanted in (("hold", None), ("dtmf", {"digits": "1"}), ("transfer", {"kind": "message"})):
        answer = native.ask("POST", f"/sessions/1000/calls/{call_id + 1}/{verb}", wanted)
        check_problem(answer, 404, "call_not_found")


def test_a_customer_who_leaves_while_held_ends_the_call(native: Native) -> None:
    do(native, "hold")
    native.house.customer_leaves()
    assert (native.snapshot()["state"], only_call(native)["hung_up_by"]) == ("WRAPUP", "customer")
    check_problem(native.ask("POST", f"{CALL}/retrieve"), 409, "not_possible_now")


def test_a_campaign_without_an_ivr_says_so(native: Native) -> None:
    native.house.change_campaign(campaign(ivr_prompt=""))
    details = check_problem(native.ask("POST", f"{CALL}/park", {"where": "ivr"}), 422, "no_ivr")
    assert details["session"]["calls"][0]["state"] == "connected"


def test_without_a_call_there_is_nothing_to_hold() -> None:
    native = Native()
    native.house.log_in()
    check_problem(native.ask("POST", f"{CALL}/hold"), 409, "no_call_in_hand")
    check_problem(native.ask("POST", f"{CALL}/transfer", {"kind": "message"}), 409, "no_live_call")


def test_without_a_link_nothing_is_moved(native: Native) -> None:
    native.house.link_down()
    for verb, wanted in (
        ("hold", None),
        ("park", {"where": "ivr"}),
        ("third-party", {"number": THIRD}),
        ("transfer", {"kind": "blind", "number": THIRD}),
        ("transfer", {"kind": "ingroup", "ingroup": "SALESLINE"}),
        ("dtmf", {"digits": "1"}),
    ):
        check_problem(native.send("POST", f"{CALL}/{verb}", wanted).answer, 503, "pbx_link_down")
    assert only_call(native)["state"] == "connected"


def test_a_second_call_beside_a_held_one_and_one_customer_at_a_time(native: Native) -> None:
    do(native, "hold")
    answer = native.ask("POST", "/sessions/1000/calls", {"number": THIRD})
    assert answer.status == 201
    native.house.until(lambda: native.house.call().state is CallState.CONNECTED)
    first, second = native.snapshot()["calls"]
    assert (first["state"], second["state"], second["number"]) == ("held", "connected", THIRD)
    assert body(native.ask("GET", CALL))["id"] == second["id"]

    check_problem(native.ask("POST", f"/sessions/1000/calls/{first['id']}/retrieve"), 409, "another_call_connected")
    assert native.snapshot()["lead"]["id"] == second["lead_id"]
    do(native, "hold")
    assert native.ask("POST", f"/sessions/1000/calls/{first['id']}/retrieve").status == 200
    assert [call["state"] for call in native.snapshot()["calls"]] == ["connected", "held"]
    assert native.snapshot()["lead"]["id"] == 123456, "the lead of the call that he is in"


# --- third parties -------------------------------------------------------------------------------------------


def test_a_third_party_comes_and_goes(native: Native) -> None:
    answer = do(native, "third-party", {"number": f"({THIRD[:3]}) {THIRD[3:]}"}, status=201)
    call = only_call(native)
    assert (answer["call_id"], answer["key"], answer["ingroup"]) == (call["id"], call["key"], None)
    third = answer["session"]["calls"][0]["third_party"]
    assert (third["number"], third["ingroup"], third["agent"], third["state"]) == (THIRD, None, None, "asked")
    assert native.house.switch.rung()[-1] == f"PJSIP/1{THIRD}@carrier"

    native.house.until(lambda: only_call(native)["third_party"]["state"] == "connected")
    [leg] = [leg for leg in only_call(native)["legs"] if leg["role"] == "third"]
    assert (leg["channel"], leg["place"], leg["room"]) == (third["leg"], "conference", "8600051")
    check_problem(native.ask("POST", f"{CALL}/third-party", {"number": THIRD}), 409, "third_party_present")

    gone = native.ask("DELETE", f"{CALL}/third-party")
    assert (gone.status, body(gone)["session"]["calls"][0]["third_party"]) == (200, None)
    assert only_call(native)["state"] == "connected"
    assert native.ask("DELETE", f"{CALL}/third-party").status == 200, "nobody is there: done already"


def test_a_third_party_while_the_customer_hears_music(native: Native) -> None:
    answer = do(native, "third-party", {"number": THIRD, "hold": True, "exactly": True}, status=201)
    assert (answer["session"]["calls"][0]["state"], customer(native)) == ("held", "wait")
    assert native.house.switch.rung()[-1] == f"PJSIP/{THIRD}@carrier"


def test_a_third_party_left_alone_with_the_agent(native: Native) -> None:
    do(native, "third-party", {"number": THIRD}, status=201)
    native.house.until(lambda: only_call(native)["third_party"]["state"] == "connected")
    native.ask("DELETE", CALL)
    assert (native.snapshot()["state"], only_call(native)["state"]) == ("INCALL", "third_party")
    assert native.ask("DELETE", f"{CALL}/third-party").status == 200
    assert (native.snapshot()["state"], only_call(native)["state"]) == ("WRAPUP", "wrapping")


def test_both_go_at_once(native: Native) -> None:
    do(native, "third-party", {"number": THIRD}, status=201)
    native.house.until(lambda: only_call(native)["third_party"]["state"] == "connected")
    answer = native.ask("DELETE", f"{CALL}/third-party?both=true")
    assert (answer.status, body(answer)["session"]["state"]) == (200, "WRAPUP")
    assert list(native.house.switch.channels) == [native.house.session().leg]
    check_problem(native.ask("DELETE", f"{CALL}/third-party?both=all"), 400, "invalid_parameter")


@pytest.mark.parametrize(
    ("wanted", "status", "reason", "more"),
    [
        ({"number": "12"}, 422, "extension_unknown", {}),
        ({"number": "72755512121234567890"}, 422, "number_not_allowed", {}),
        ({"number": "7275551212&Local/911"}, 422, "number_not_allowed", {}),
        ({"number": THIRD, "group_alias": "NOPE"}, 422, "group_alias_unknown", {"group_alias": "NOPE"}),
        (
            {"number": THIRD, "group_alias": "BADALIAS"},
            422,
            "caller_id_invalid",
            {"group_alias": "BADALIAS", "caller_id": "123"},
        ),
        ({"ingroup": "FAKE_IN"}, 422, "ingroup_unknown", {"ingroup": "FAKE_IN"}),
        ({"ingroup": "OLD_IN"}, 422, "ingroup_unknown", {"ingroup": "OLD_IN"}),
    ],
)
def test_a_third_party_that_may_not_be(
    native: Native, wanted: Any, status: int, reason: str, more: dict[str, str]
) -> None:
    details = check_problem(native.ask("POST", f"{CALL}/third-party", wanted), status, reason)
    assert {name: details[name] for name in more} == more
    [call] = details["session"]["calls"]
    assert (call["state"], call["third_party"]) == ("connected", None)


# --- digits --------------------------------------------------------------------------------------------------


def test_digits_are_sent_and_not_kept(native: Native) -> None:
    answer = native.ask("POST", f"{CALL}/dtmf", {"digits": "4111,2222#"}, Idempotency_Key="pay")
    assert (answer.status, body(answer)["state"]) == (202, "INCALL")
    sent = native.house.switch.asked[-1]
    assert (sent.leg, sent.digits) == (native.house.call().leg, "4111,2222#")
    assert "4111" not in repr(native.house.journal.entries)
    assert "4111" not in answer.text


def test_a_kept_request_does_not_give_its_digits_away(native: Native) -> None:
    """Whoever reads the journal can try all digits: what is kept of a request must not tell him when he is right."""
    another = Native()
    another.house.log_in()
    another.house.talk(lead_id=123456)
    prints = []
    for each in (native, another):
        each.ask("POST", f"{CALL}/dtmf", {"digits": "12"}, Idempotency_Key="pay")
        prints += {record.answer.fingerprint for record in each.house.records(AnswerKept)}
    assert len(set(prints)) == 2, "the same request has another print for every token"


@pytest.mark.parametrize("digits", ["12x", "a", " ", "1;2", "1\n", "٣"])
def test_what_are_no_digits(native: Native, digits: str) -> None:
    check_problem(native.ask("POST", f"{CALL}/dtmf", {"digits": digits}), 422, "digits_invalid")


def test_nobody_is_there_to_hear_digits(native: Native) -> None:
    native.ask("DELETE", CALL)
    check_problem(native.ask("POST", f"{CALL}/dtmf", {"digits": "1"}), 409, "not_possible_now")


# --- events --------------------------------------------------------------------------------------------------


def test_a_reader_of_all_sees_what_happens_and_an_agent_what_is_his(native: Native) -> None:
    native.house.log_in("101", "504")
    everything, others = native.read(), native.read(token=native.token("agent", "101"))
    do(native, "hold")
    do(native, "third-party", {"number": THIRD}, status=201)
    native.house.until(lambda: only_call(native)["third_party"]["state"] == "connected")
    do(native, "retrieve")
    do(native, "transfer", {"kind": "ingroup", "ingroup": "SALESLINE"})
    told = [frame.name for frame in frames(everything)]
    for name in ("call.held", "call.third_party", "call.retrieved", "call.transferred", "call.waiting"):
        assert name in told
    assert [frame.name for frame in frames(others)] == ["snapshot"], "no other agent is told who waits in a line"
