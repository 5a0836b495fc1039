"""BEHAVIOUR: promises to call a lead again: made with a disposition or by themselves, due, kept, taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.model import CallbackWish, Lead, Status
from agentd.core.snapshot import session_snapshots
from tests.core.desk import CAMPAIGN, NUMBER, START, Desk

LEAD = Lead(77, 101, "NEW", "1", NUMBER)
SOON = CallbackWish(START + 600, anyone=False, comments="after lunch")
ANYBODY = CallbackWish(START + 600)


def dispose(desk: Desk, wish: CallbackWish | None = SOON, status: str = "CALLBK", **more: object) -> None:
    desk.ask(c.Dispose("1000", status, callback=wish, **more))


def promised(desk: Desk, wish: CallbackWish = SOON) -> None:
    """Agent 1000 has talked with the lead, and promised him a call: callback 1."""
    desk.log_in()
    desk.talk(lead=LEAD)
    dispose(desk, wish)
    desk.hear(c.LegGone(desk.call().leg, 16, far_end=True))
    assert desk.stands() == "PAUSED LOGIN"


def ended(desk: Desk) -> list[tuple[int, int]]:
    """Which callbacks have ended, and the calls that kept them."""
    return [(record.callback_id, record.call_id) for record in desk.recorded(r.CallbackEnded)]


def made(desk: Desk) -> list[tuple[int, str, CallbackWish, int]]:
    return [(each.callback_id, each.user, each.wish, each.call_id) for each in desk.recorded(r.CallbackSet)]


def waiting(desk: Desk, agent: str = "1000") -> list[tuple[int, bool]]:
    return [(callback["id"], callback["is_due"]) for callback in desk.snapshot(agent)["callbacks"]]


# --- with a disposition --------------------------------------------------------------------------------------


def test_a_callback_status_in_wrap_up_makes_the_promise_at_once(desk: Desk) -> None:
    desk.log_in()
    desk.talk(lead=LEAD)
    desk.hear(c.LegGone(desk.call().leg, 16, far_end=True))
    dispose(desk, code="1234")
    assert desk.recorded(r.CallDisposed) == [r.CallDisposed(1000, "1000", 77, "CALLBK", "agent", code="1234")]
    assert desk.recorded(r.CallbackSet) == [
        r.CallbackSet(1, 77, "TESTCAMP", SOON, "1000", agent="1000", call_id=1000, by="1000")
    ]
    assert desk.snapshot()["callbacks"] == [
        {
            "id": 1,
            "lead_id": 77,
            "campaign": "TESTCAMP",
            "due": START + 600,
            "is_due": False,
            "comments": "after lunch",
        }
    ]


def test_one_that_is_kept_is_made_when_the_call_ends_and_the_last_word_counts(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk(lead=LEAD)
    dispose(desk, ANYBODY)
    dispose(desk, SOON, code="9")
    (call,) = desk.snapshot()["calls"]
    assert (call["status"], call["callback"]) == (
        "CALLBK",
        {"due": START + 600, "anyone": False, "comments": "after lunch"},
    )
    assert not made(desk)
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert made(desk) == [(1, "1000", SOON, 1000)]
    assert desk.recorded(r.CallDisposed)[0].code == "9"


def test_another_status_takes_back_what_was_kept(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk(lead=LEAD)
    dispose(desk)
    dispose(desk, None, "SALE")
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    assert not made(desk)


def test_what_anybody_may_keep_is_the_databases(desk: Desk) -> None:
    promised(desk, ANYBODY)
    assert made(desk) == [(1, "", ANYBODY, 1000)]
    assert not desk.state.callbacks
    assert desk.world.next_deadline() is None


def test_a_date_without_a_callback_status_is_dropped_silently(desk: Desk) -> None:
    promised(desk)
    desk.talk(lead=LEAD)
    dispose(desk, SOON, "SALE")
    desk.hear(c.LegGone(desk.call().leg, 16))
    assert len(made(desk)) == 1


@pytest.mark.parametrize("due", [-1.0, float("nan"), float("inf"), 1e12])
def test_a_callback_status_needs_a_date_that_is_one(desk: Desk, due: float) -> None:
    desk.log_in()
    desk.talk()
    desk.refused(c.Dispose("1000", "CALLBK"), e.CallbackNeedsDate)
    desk.refused(c.Dispose("1000", "CALLBK", callback=CallbackWish(due)), e.CallbackNeedsDate)
    desk.refused(c.HangUp("1000", status="CALLBK"), e.CallbackNeedsDate)


def test_a_logout_makes_the_promise_that_was_kept(desk: Desk) -> None:
    desk.log_in()
    desk.talk(lead=LEAD)
    dispose(desk)
    desk.hear(c.LinkDown("lost"))
    desk.ask(c.LogOut("1000"))
    desk.ask(c.LogOut("1000", at_once=True))
    desk.hear(c.LinkUp())
    assert desk.stands() == "-"
    assert made(desk) == [(1, "1000", SOON, 1000)]


def test_a_status_that_comes_late_makes_one_changes_it_and_takes_it_back() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=0))
    desk.log_in()
    desk.hear(c.LegGone(desk.talk(lead=LEAD).leg, 16))
    dispose(desk, code="7")
    assert desk.recorded(r.StatusReplaced) == [r.StatusReplaced(1000, "1000", 77, "CALLBK", "7")]
    later = replace(SOON, due=START + 900)
    dispose(desk, later)
    assert made(desk) == [(1, "1000", SOON, 1000), (1, "1000", later, 1000)]
    dispose(desk, None, "SALE")
    assert ended(desk) == [(1, 0)]
    assert waiting(desk) == []
    dispose(desk, ANYBODY)
    dispose(desk, None, "SALE")
    assert ended(desk) == [(1, 0), (2, 0)]


def test_without_an_id_for_each_promise_it_is_refused(desk: Desk) -> None:
    desk.log_in()
    desk.log_in("1001", "503")
    desk.talk(lead=LEAD)
    desk.talk("1001")
    for state in (desk.state, desk.shadow):
        state.blocks["callback"] = []
    desk.refused(c.Dispose("1000", "CALLBK", callback=SOON), e.IdsUsedUp)
    desk.hear(c.GrantIds("callback", 5, 5))
    dispose(desk)
    dispose(desk, ANYBODY)
    desk.refused(c.Dispose("1001", "CALLBK", callback=SOON), e.IdsUsedUp)
    desk.refused(c.SetCallback(78, "TESTCAMP", SOON, "1001"), e.IdsUsedUp)
    desk.hear(c.LegGone(desk.call().leg, 16))
    assert made(desk) == [(5, "", ANYBODY, 1000)]


# --- due -----------------------------------------------------------------------------------------------------


def test_the_agent_is_told_once_when_it_is_due(desk: Desk) -> None:
    promised(desk)
    desk.wait(599)
    assert waiting(desk) == [(1, False)]
    desk.wait(1)
    assert waiting(desk) == [(1, True)]
    desk.wait(86400)
    assert desk.recorded(r.CallbackDue) == [r.CallbackDue(1, "1000", 77, "TESTCAMP", "after lunch")]


def test_what_is_past_is_due_at_once(desk: Desk) -> None:
    promised(desk, replace(SOON, due=START - 5))
    desk.wait(0)
    assert waiting(desk) == [(1, True)]


def test_who_logs_in_later_sees_it(desk: Desk) -> None:
    promised(desk)
    desk.ask(c.LogOut("1000"))
    desk.obey()
    desk.wait(600)
    assert len(desk.recorded(r.CallbackDue)) == 1
    desk.log_in()
    assert waiting(desk) == [(1, True)]


def test_a_restart_forgets_nothing_and_says_nothing_twice(desk: Desk) -> None:
    promised(desk)
    desk.ask(c.SetCallback(78, "TESTCAMP", replace(SOON, due=START + 60), "1000"))
    desk.wait(60)
    desk.restart()
    assert desk.replay_from_disk() == desk.state
    desk.wait(600)
    assert [record.callback_id for record in desk.recorded(r.CallbackDue)] == [2, 1]
    assert waiting(desk) == [(2, True), (1, True)]


def test_those_that_the_database_brings_fall_due_too(desk: Desk) -> None:
    desk.log_in()
    brought = [r.CallbackSet(number, 70 + number, "TESTCAMP", SOON, "1000", "1000") for number in (901, 902)]
    desk.hear(c.ReferenceChanged((*brought, r.CallbackSet(903, 73, "TESTCAMP", ANYBODY, ""))))
    desk.wait(600)
    assert waiting(desk) == [(901, True), (902, True)]


def test_a_promise_that_is_put_off_is_due_again(desk: Desk) -> None:
    promised(desk)
    desk.wait(600)
    later = replace(SOON, due=START + 1200)
    assert desk.ask(c.SetCallback(77, "TESTCAMP", later, "1000", callback_id=1)).value == 1
    assert waiting(desk) == [(1, False)]
    desk.wait(600)
    assert waiting(desk) == [(1, True)]
    assert len(desk.recorded(r.CallbackDue)) == 2


# --- kept ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["SALE", "A"])
def test_a_dial_to_the_lead_keeps_it_whatever_comes_of_it(desk: Desk, status: str) -> None:
    promised(desk)
    desk.hear(c.LegGone(desk.dial(lead=LEAD).leg, 17, far_end=True))
    assert waiting(desk) == [(1, False)], "not before the call is complete"
    dispose(desk, None, status)
    assert ended(desk) == [(1, 1001)]
    assert waiting(desk) == []


def test_a_dial_that_asterisk_refuses_does_not_keep_it(desk: Desk) -> None:
    promised(desk)
    desk.ask(c.Dial("1000", desk.request(lead=LEAD)))
    desk.hear(c.LegRefused(desk.call().leg, "no such trunk"))
    assert waiting(desk) == [(1, False)]


def test_the_leads_own_call_keeps_only_what_is_due(desk: Desk) -> None:
    desk.change_user("1000", ingroups=("SALESLINE",))
    promised(desk)
    for kept in ([], [(1, 1002)]):
        desk.ask(c.Resume("1000"))
        desk.call_in(f"in-{desk.now}", lead=LEAD)
        desk.obey()
        desk.hear(c.LegGone(desk.call().leg, 16, far_end=True))
        dispose(desk, None, "SALE")
        assert ended(desk) == kept
        desk.wait(600)


def test_another_agents_call_keeps_nothing(desk: Desk) -> None:
    promised(desk)
    desk.log_in("1001", "503")
    desk.wait(600)
    desk.talk("1001", lead=LEAD)
    desk.hear(c.LegGone(desk.call("1001").leg, 16))
    desk.ask(c.Dispose("1001", "SALE"))
    assert waiting(desk) == [(1, True)]


def test_a_new_promise_takes_the_place_of_the_old(desk: Desk) -> None:
    desk.change_user("1000", ingroups=("SALESLINE",))
    promised(desk)
    desk.ask(c.Resume("1000"))
    desk.call_in(lead=LEAD)
    desk.obey()
    dispose(desk, replace(SOON, due=START + 3600))
    desk.hear(c.LegGone(desk.call().leg, 16, far_end=True))
    assert ended(desk) == [(1, 1001)]
    assert [callback["due"] for callback in desk.snapshot()["callbacks"]] == [START + 3600]


def test_an_automatic_status_does_not_keep_what_a_caller_was_promised() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=5))
    desk.change_user("1000", ingroups=("SALESLINE",))
    promised(desk)
    desk.wait(600)
    desk.ask(c.Resume("1000"))
    desk.call_in(lead=LEAD)
    desk.obey()
    desk.hear(c.LegGone(desk.call().leg, 16, far_end=True))
    desk.wait(5)
    assert waiting(desk) == [(1, True)]
    dispose(desk, None, "SALE")
    assert ended(desk) == [(1, 1001)], "the agent's own word, though late, does"


# --- by themselves -------------------------------------------------------------------------------------------


def test_a_promise_may_be_made_without_a_call(desk: Desk) -> None:
    desk.log_in()
    assert desk.ask(c.SetCallback(78, "TESTCAMP", SOON, "1000", by="boss")).value == 1
    assert desk.ask(c.SetCallback(79, "TESTCAMP", ANYBODY, "1000", by="boss")).value == 2
    assert made(desk) == [(1, "1000", SOON, 0), (2, "", ANYBODY, 0)]
    assert waiting(desk) == [(1, False)]


def test_one_that_is_given_to_another_agent_leaves_the_first(desk: Desk) -> None:
    promised(desk)
    desk.log_in("1001", "503")
    desk.ask(c.SetCallback(77, "TESTCAMP", SOON, "1001", by="boss", callback_id=1))
    assert (waiting(desk), waiting(desk, "1001")) == ([], [(1, False)])
    assert desk.recorded(r.CallbackEnded)[0].agent == "1000"
    desk.ask(c.SetCallback(77, "TESTCAMP", ANYBODY, "", by="boss", callback_id=1))
    assert waiting(desk, "1001") == []


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (c.SetCallback(78, "TESTCAMP", SOON, "nobody"), e.UserUnknown),
        (c.SetCallback(78, "TESTCAMP", SOON), e.UserUnknown),
        (c.SetCallback(78, "NOCAMP", SOON, "1000"), e.CampaignUnknown),
        (c.SetCallback(78, "TESTCAMP", CallbackWish(-1.0)), e.CallbackNeedsDate),
        (c.DropCallback(1, "boss", "1000", 78), e.CallbackUnknown),
    ],
)
def test_what_cannot_be_promised_or_taken_back(desk: Desk, command: c.Command, error: type[e.AgentdError]) -> None:
    desk.refused(command, error)


def test_a_promise_can_be_taken_back_and_not_twice(desk: Desk) -> None:
    promised(desk)
    desk.ask(c.DropCallback(1, "boss", "1000", 77))
    assert desk.recorded(r.CallbackEnded) == [r.CallbackEnded(1, "1000", 77, by="boss")]
    assert waiting(desk) == []
    desk.refused(c.DropCallback(1, "boss", "1000", 77), e.CallbackUnknown)
    desk.ask(c.DropCallback(40, "boss", "", 78))
    desk.wait(3600)
    assert not desk.recorded(r.CallbackDue)


def test_all_sessions_at_once_tell_the_same_as_each(desk: Desk) -> None:
    promised(desk)
    desk.log_in("1001", "503")
    desk.ask(c.SetCallback(78, "TESTCAMP", replace(SOON, due=START), "1000"))
    desk.wait(1)
    assert waiting(desk) == [(2, True), (1, False)], "what is due comes first"
    assert session_snapshots(desk.state, desk.state.sessions.values()) == [desk.snapshot("1000"), desk.snapshot("1001")]


# --- numbers not to call -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [True, False])
def test_with_a_status_that_says_so_the_number_is_not_called_any_more(desk: Desk, kept: bool) -> None:
    desk.hear(c.ReferenceChanged((r.StatusSet("DNC", Status("DNC", 50, dnc=True)),)))
    desk.log_in()
    ring = desk.talk(lead=LEAD)
    if kept:
        dispose(desk, None, "DNC")
    desk.hear(c.LegGone(ring.leg, 16))
    if not kept:
        assert not desk.recorded(r.DncListed)
        dispose(desk, None, "DNC")
    assert desk.recorded(r.DncListed) == [r.DncListed(NUMBER, "", 1000, "1000")]


def test_a_campaigns_own_status_lists_it_for_the_campaign_also_when_it_comes_late() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, wrapup=0))
    desk.log_in()
    desk.hear(c.LegGone(desk.talk().leg, 16))
    dispose(desk, None, "NEVER")
    assert desk.recorded(r.DncListed) == [r.DncListed(NUMBER, "TESTCAMP", 1000, "1000")]


@pytest.mark.parametrize("number", ["", "anonymous", "502"])
def test_who_is_not_known_or_a_colleague_is_not_listed(desk: Desk, number: str) -> None:
    desk.hear(c.ReferenceChanged((r.StatusSet("A", Status("A", 0, dnc=True)),)))
    desk.ready("1001", "503")
    desk.call_in(number=number)
    desk.obey()
    desk.ask(c.Dispose("1001", "A"))
    desk.hear(c.LegGone(desk.call("1001").leg, 16))
    assert desk.recorded(r.CallDisposed)[0].status == "A"
    assert not desk.recorded(r.DncListed)
