"""Callers are brought to agents who sit in their conferences: to whom, how, and what if it comes to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, Hold, Join, Ring, Tag
from agentd.core.errors import PbxTimeout
from agentd.core.model import After, AfterKind, Move, Pick, PlaceKind, Role, SessionState, Why
from tests.core.desk import ROOM, SETTINGS, START, WAIT, Desk, conference, seen
from tests.core.steps import ROOM_2

READY = After(AfterKind.READY)


@pytest.fixture
def offered(desk: Desk) -> Desk:
    """A caller, in-1, came a minute ago and is being brought to agent 1001; 1002 is logged in, too."""
    desk.call_in()
    desk.now += 60
    desk.log_in("1002", "504")
    desk.ready("1001", "503")
    assert desk.take(Join) == Join("in-1", ROOM_2)
    return desk


def others_get_him(desk: Desk) -> None:
    """The caller is not lost, and waits since he came: the next agent gets him."""
    assert desk.waits() == replace(desk.waits(), offered="", ringing="", since=START)
    assert desk.recorded(r.WaitingOffered)[-1] == r.WaitingOffered("in-1", 1000, "")
    desk.call_in("in-2")
    desk.ask(c.Resume("1002"))
    desk.obey()
    assert desk.call("1002").leg == "in-1"
    assert len(desk.recorded(r.CallDelivered)) == 1


# --- all goes well -----------------------------------------------------------------------------------------------


def test_a_delivery_step_by_step(desk: Desk) -> None:
    phone = desk.ready("1001", "503")
    desk.ask(c.CallArrived("in-1", "SALESLINE", "7275551300"))
    desk.effects.clear()
    desk.now += 3
    before, session = len(desk.journal), desk.session("1001")
    desk.hear(c.LegAt("in-1", WAIT))
    move = Move(Why.DELIVER, "system", conference(ROOM), "1001")
    assert [record for record, _ in desk.journal[before:]] == [
        r.LegMoved("in-1", WAIT),
        r.WaitingEntered("in-1", 1000),
        r.WaitingOffered("in-1", 1000, "1001"),
        r.StateEntered("1001", session.id, 3, SessionState.RINGING, call_id=1000, lead_id=402028),
        r.AfterSet("1001", READY),
        r.LegPending("in-1", move),
        r.DeadlineSet("move", "in-1", START + 8),
    ]
    assert desk.take(Join) == Join("in-1", ROOM)
    before = len(desk.journal)
    desk.now += 1
    desk.hear(c.LegJoined("in-1", ROOM))
    assert [record for record, _ in desk.journal[before:]] == [
        r.LegMoved("in-1", conference(ROOM)),
        r.LegPending("in-1", None),
        r.WaitingEnded("in-1", 1000, "SALESLINE", "delivered"),
        r.LegGiven("in-1", session.id, "1001", 1000),
        r.CallDelivered(1000, "1001", session.id, "TESTCAMP"),
        r.StateEntered("1001", session.id, 4, SessionState.INCALL, call_id=1000, lead_id=402028),
    ]
    call = desk.call("1001")
    assert desk.take(Tag) == Tag("in-1", Role.CUSTOMER, session.id, call.key)
    assert (call.answered, call.state, call.ingroup) == (desk.now, "connected", "SALESLINE")
    assert session.leg == phone
    counts = desk.state.line_counts["SALESLINE"]
    assert (counts.offered, counts.answered, counts.in_time, counts.waited) == (1, 1, 1, 4.0)


def test_an_answer_after_the_service_level_is_none_in_time(offered: Desk) -> None:
    offered.arrive("in-1", conference(ROOM_2))
    counts = offered.state.line_counts["SALESLINE"]
    assert (counts.answered, counts.in_time, counts.waited) == (1, 0, 60.0)


def test_he_who_called_to_log_in_gets_callers_like_everybody(desk: Desk) -> None:
    room = desk.ask(c.LogInByPhone("1001", "phone-1", "503", ready=True)).value
    desk.hear(c.LegJoined("phone-1", room))
    desk.call_in()
    desk.obey()
    assert desk.call("1001").leg == "in-1"


def test_after_the_call_he_gets_the_next_one(offered: Desk) -> None:
    offered.arrive("in-1", conference(ROOM_2))
    offered.call_in("in-2")
    offered.hear(c.LegGone("in-1", 16, far_end=True))
    assert offered.stands("1001") == "WRAPUP"
    assert offered.waits("in-2").offered == ""
    offered.ask(c.Dispose("1001", "SALE"))
    assert offered.waits("in-2").offered == "1001"
    assert offered.recorded(r.CallDisposed) == [r.CallDisposed(1000, "1001", 402028, "SALE", "agent")]


# --- to whom -----------------------------------------------------------------------------------------------------


def pick(desk: Desk, how: Pick, ranks: dict[str, int] | None = None) -> Callable[[str], str]:
    """The in-group picks so; 1001 is ready before 1002. Gives who gets a caller with that leg."""
    for agent, rank in (ranks or {}).items():
        desk.change_user(agent, ranks={"SALESLINE": rank})
    desk.change_ingroup("SALESLINE", pick=how)
    for agent, phone in [("1001", "503"), ("1002", "504")]:
        desk.now += 1
        desk.ready(agent, phone)

    def who_gets(leg: str) -> str:
        desk.call_in(leg)
        return desk.waits(leg).offered

    return who_gets


def talk_and_be_ready(desk: Desk, leg: str, agent: str) -> None:
    """The agent has the caller, who hangs up, and is ready again."""
    desk.obey()
    desk.now += 1
    desk.hear(c.LegGone(leg, 16, far_end=True))
    desk.ask(c.Dispose(agent, "A"))


def test_the_one_who_has_been_ready_for_longest_gets_him(desk: Desk) -> None:
    who_gets = pick(desk, Pick.LONGEST)
    assert who_gets("in-1") == "1001"
    talk_and_be_ready(desk, "in-1", "1001")
    assert who_gets("in-2") == "1002"


def test_the_one_with_the_highest_rank_gets_him_again_and_again(desk: Desk) -> None:
    who_gets = pick(desk, Pick.RANK, {"1002": 5, "1001": -5})
    assert who_gets("in-1") == "1002"
    talk_and_be_ready(desk, "in-1", "1002")
    assert who_gets("in-2") == "1002"
    assert who_gets("in-3") == "1001", "the other one is taken"


def test_the_one_with_the_fewest_calls_of_the_in_group_gets_him(desk: Desk) -> None:
    who_gets = pick(desk, Pick.FEWEST)
    for leg, agent in [("in-1", "1001"), ("in-2", "1002"), ("in-3", "1001")]:
        assert who_gets(leg) == agent
        talk_and_be_ready(desk, leg, agent)
    desk.ask(c.Pause("1002"))
    desk.now += 1
    desk.ask(c.Resume("1002"))
    assert who_gets("in-4") == "1002", "he has had one, the other one two"


def test_by_lot_both_get_some(desk: Desk) -> None:
    who_gets = pick(desk, Pick.RANDOM)
    got = []
    for number in range(20):
        got.append(who_gets(f"in-{number}"))
        talk_and_be_ready(desk, f"in-{number}", got[-1])
    assert set(got) == {"1001", "1002"}


def test_only_those_who_take_the_in_group_get_him(desk: Desk) -> None:
    desk.call_in("in-1", "SUPPORT")
    desk.ready("1001", "503")
    assert desk.waits().offered == ""
    desk.ask(c.ChangeInGroups("1001", c.Choice.ADD, ("SUPPORT",)))
    assert desk.waits().offered == "1001"


# --- in the middle of it -----------------------------------------------------------------------------------------


def test_he_pauses_in_the_middle_of_it(offered: Desk) -> None:
    offered.ask(c.Pause("1001", "BREAK"))
    assert offered.stands("1001") == "PAUSED BREAK"
    offered.arrive("in-1", conference(ROOM_2))
    assert offered.take(Hold) == Hold("in-1", "sales")
    offered.arrive("in-1", WAIT)
    others_get_him(offered)


def test_he_logs_out_in_the_middle_of_it(offered: Desk) -> None:
    offered.ask(c.LogOut("1001"))
    assert offered.stands("1001") == "-"
    offered.obey()
    offered.arrive("in-1", conference(ROOM_2))
    offered.obey()
    others_get_him(offered)


def test_he_loses_his_phone_in_the_middle_of_it(offered: Desk) -> None:
    offered.lose_phone("1001")
    assert offered.stands("1001") == "PAUSED NOPHON"
    assert offered.session("1001").returns == READY
    offered.effects.clear()
    offered.arrive("in-1", conference(ROOM_2))
    offered.obey()
    others_get_him(offered)


def test_he_gives_the_in_group_up_in_the_middle_of_it_and_gets_this_one_all_the_same(offered: Desk) -> None:
    offered.ask(c.ChangeInGroups("1001", c.Choice.REMOVE, ("SALESLINE",)))
    offered.arrive("in-1", conference(ROOM_2))
    assert offered.call("1001").leg == "in-1"


def test_asterisk_refuses_and_in_a_second_it_is_tried_again(offered: Desk) -> None:
    offered.hear(c.MoveRefused("in-1", "Redirect failed"))
    assert offered.stands("1001") == "READY"
    assert offered.waits().since == START
    assert not offered.effects
    offered.wait(1)
    assert offered.take(Join) == Join("in-1", ROOM_2)


def test_the_caller_hangs_up_in_the_middle_of_it(offered: Desk) -> None:
    offered.hear(c.LegGone("in-1", 16, far_end=True))
    assert offered.stands("1001") == "READY"
    assert not offered.state.calls
    assert offered.recorded(r.WaitingEnded) == [r.WaitingEnded("in-1", 1000, "SALESLINE", "abandoned")]


def test_news_of_a_delivery_that_was_taken_back_makes_no_call(offered: Desk) -> None:
    """The agent pauses and is ready again before Asterisk has moved the caller."""
    offered.ask(c.Pause("1001"))
    offered.ask(c.Resume("1001"))
    offered.arrive("in-1", conference(ROOM_2))
    assert not offered.recorded(r.CallDelivered)
    offered.obey()
    assert offered.call("1001").leg == "in-1"
    assert len(offered.recorded(r.CallDelivered)) == 1


# --- he is lost with a customer ----------------------------------------------------------------------------------


def test_a_caller_whose_agent_is_lost_is_first_among_his_equals_again() -> None:
    desk = Desk(replace(SETTINGS, recall_phone=False))
    desk.ready("1001", "503")
    desk.call_in("in-1", priority=5)
    desk.obey()
    desk.now += 10
    desk.call_in("in-2", priority=0)
    desk.call_in("in-3", priority=5)
    desk.effects.clear()
    desk.lose_phone("1001")
    desk.wait(29.9)
    assert not desk.effects
    desk.wait(0.1)
    assert desk.take(Hold) == Hold("in-1", "sales")
    desk.arrive("in-1", WAIT)
    again = desk.waits()
    assert (again.since, again.priority, again.ingroup) == (START, 5, "SALESLINE")
    assert desk.stands("1001") == "WRAPUP"
    desk.ready("1002", "504")
    assert again.offered == "1002"
    desk.obey()
    call = desk.call("1002")
    assert (call.leg, call.origin) == ("in-1", 1000)


def test_within_the_grace_he_has_his_caller_back() -> None:
    desk = Desk(replace(SETTINGS, recall_phone=False))
    desk.ready("1001", "503")
    desk.call_in()
    desk.obey()
    desk.lose_phone("1001")
    desk.wait(29)
    desk.ask(c.CallPhone("1001"))
    desk.obey()
    desk.wait(60)
    assert desk.stands("1001") == "INCALL"
    assert desk.call("1001").state == "connected"
    assert not desk.effects


# --- the link ----------------------------------------------------------------------------------------------------


def test_without_a_link_nobody_is_brought_to_anybody(desk: Desk) -> None:
    phone = desk.log_in("1001", "503")
    desk.call_in()
    desk.hear(c.LinkDown("connection lost"))
    desk.ask(c.Resume("1001"))
    assert desk.waits().offered == ""
    desk.effects.clear()
    desk.hear(c.LinkUp((seen(desk, phone), seen(desk, "in-1", PlaceKind.WAIT))))
    assert desk.take(Join) == Join("in-1", ROOM)


def test_who_asks_for_his_phone_while_asterisk_is_deaf_is_told_so_in_time(desk: Desk) -> None:
    desk.log_in()
    desk.lose_phone()
    desk.wait(7)
    operation = desk.ask(c.CallPhone("1000"))
    desk.wait(5)
    assert type(operation.error) is PbxTimeout


def test_a_hangup_that_asterisk_does_not_do_is_no_success_and_nobody_waits_for_it(offered: Desk) -> None:
    """Also for him who asks again while Asterisk is being asked where the caller is."""
    offered.arrive("in-1", conference(ROOM_2))
    offered.effects.clear()
    first = offered.ask(c.HangUp("1001"))
    offered.wait(5)
    assert type(first.error) is PbxTimeout
    second = offered.ask(c.HangUp("1001"))
    offered.hear(c.LegRead("in-1", conference(ROOM_2)))
    assert type(second.error) is PbxTimeout
    assert offered.stands("1001") == "INCALL"


def test_a_dial_whose_session_ended_without_a_link_is_ended_when_its_channel_appears(desk: Desk) -> None:
    desk.log_in()
    desk.ask(c.Dial("1000", desk.request()))
    ring = desk.take(Ring)
    desk.hear(c.LinkDown("connection lost"))
    desk.ask(c.LogOut("1000"))
    desk.wait(31)
    assert desk.stands() == "-"
    desk.hear(c.LinkUp())
    desk.effects.clear()
    desk.hear(c.LegPlaced(ring.leg))
    assert desk.take(HangUpLeg).leg == ring.leg


def test_a_customer_who_is_with_somebody_outside_is_fetched_until_he_comes(offered: Desk) -> None:
    """A transfer and a hangup were asked for when the link broke; the transfer was done, the hangup not."""
    phones = [seen(offered, offered.session(agent).leg) for agent in ("1001", "1002")]
    offered.change_user("1001", rights=frozenset({"agentcall_manual"}))
    offered.arrive("in-1", conference(ROOM_2))
    offered.ask(c.TransferBlind("1001", "7275550000"))
    offered.ask(c.HangUp("1001"))
    offered.hear(c.LinkDown("connection lost"))
    offered.effects.clear()
    offered.hear(c.LinkUp((*phones, replace(seen(offered, "in-1"), place=conference("8600900")))))
    assert offered.take(Join) == Join("in-1", ROOM_2)
    offered.hear(c.MoveRefused("in-1", "Redirect failed"))
    offered.wait(5)
    offered.effects.clear()
    offered.hear(c.LegRead("in-1", conference("8600900")))
    assert offered.take(Join) == Join("in-1", ROOM_2)
