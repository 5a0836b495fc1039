"""BEHAVIOUR: agents who are consulted."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.calls.finding import Transferred
from agentd.core.effects import HangUpLeg, Join, Ring, RingConsult
from tests.core.desk import NUMBER, ROOM, WAIT, Desk, conference
from tests.core.steps import OTHER, ROOM_2, consult

# --- a consulted agent -------------------------------------------------------------------------------------------


def test_an_agent_is_asked_by_a_leg_that_stands_in_the_line_and_hears_its_music(talking: Desk) -> None:
    operation = talking.ask(c.DialThird("1000", ingroup="SALESLINE"))
    ring = talking.take(RingConsult)
    assert (ring.room, ring.music, ring.session_id) == (ROOM, "sales", 1)
    talking.hear(c.LegPlaced(ring.leg))
    assert operation.value == Transferred(1000, talking.call().key, "SALESLINE")
    talking.hear(c.LegAt(ring.leg, WAIT))
    third = talking.snapshot()["calls"][0]["third_party"]
    assert (third["ingroup"], third["number"], third["agent"], third["state"]) == ("SALESLINE", None, None, "asked")
    talking.wait(60)
    assert not talking.effects, "nobody is ready"
    talking.refused(c.LeaveThreeWay("1000"), e.NoThirdParty)


def test_a_ready_agent_gets_the_question_with_the_lead_on_his_screen(talking: Desk) -> None:
    leg = consult(talking)
    assert talking.stands("1001") == "INCALL"
    picture = talking.snapshot("1001")
    assert picture["consulted"]["key"] == talking.call().key
    assert picture["consulted"]["agent"] == "1000"
    assert picture["lead"]["phone_number"] == NUMBER
    assert picture["calls"] == []
    third = talking.snapshot()["calls"][0]["third_party"]
    assert (third["ingroup"], third["agent"], third["state"]) == ("SALESLINE", "1001", "connected")
    assert talking.state.legs[leg].place == conference(ROOM_2)
    assert talking.recorded(r.ConsultJoined) == [r.ConsultJoined(1000, "1001", "1000", leg)]
    entered = [f"{record.state}" for record in talking.recorded(r.StateEntered) if record.agent == "1001"]
    assert entered[-3:] == ["READY", "RINGING", "INCALL"]


def test_a_consultation_with_the_customer_held_first(talking: Desk) -> None:
    consult(talking, hold=True)
    assert talking.call().state == "held"


def test_hanging_up_the_third_party_withdraws_a_question_that_waits(talking: Desk) -> None:
    talking.ask(c.DialThird("1000", ingroup="SALESLINE"))
    talking.obey()
    operation = talking.ask(c.HangUpThird("1000"))
    talking.obey()
    assert operation.done
    assert not talking.state.waiting
    assert [record.reason for record in talking.recorded(r.WaitingEnded)] == ["withdrawn"]
    assert talking.snapshot()["calls"][0]["third_party"] is None


def test_hanging_up_the_third_party_ends_a_consultation_and_the_colleague_is_back_where_he_was(talking: Desk) -> None:
    leg = consult(talking)
    talking.ask(c.HangUpThird("1000"))
    assert talking.hung_up() == leg
    assert talking.stands("1001") == "READY"
    assert talking.recorded(r.ConsultEnded) == [r.ConsultEnded(1000, "1001")]
    assert talking.call().state == "connected"
    assert talking.snapshot("1001")["lead"] is None


def test_a_consulted_agent_who_hangs_up_is_back_where_he_was_and_the_first_keeps_the_customer(talking: Desk) -> None:
    leg = consult(talking)
    operation = talking.ask(c.HangUp("1001"))
    assert talking.hung_up() == leg
    assert operation.done
    assert talking.stands("1001") == "READY"
    assert talking.stands("1000") == "INCALL"
    assert talking.call("1000").state == "connected"


def test_a_pause_in_a_consultation_comes_after_it(talking: Desk) -> None:
    consult(talking)
    talking.ask(c.Pause("1001", "BREAK"))
    assert talking.stands("1001") == "INCALL"
    talking.ask(c.HangUp("1001"))
    talking.obey()
    assert talking.stands("1001") == "PAUSED BREAK"


def test_a_logout_in_a_consultation_comes_after_it(talking: Desk) -> None:
    consult(talking)
    talking.ask(c.LogOut("1001"))
    assert talking.stands("1001") == "INCALL"
    talking.hear(c.LegGone(talking.call("1000").third, 16))
    assert talking.stands("1001") == "-"


def test_a_consulted_agent_has_no_call_of_his_own_to_act_on(talking: Desk) -> None:
    consult(talking)
    talking.refused(c.HoldCall("1001"), e.NoCallInHand)
    talking.refused(c.TransferBlind("1001", OTHER), e.NoLiveCall)
    talking.refused(c.Dispose("1001", "A"), e.NoCallToDispose)


def test_a_consulted_agent_whose_phone_drops_leaves_the_customer_with_the_first(talking: Desk) -> None:
    leg = consult(talking)
    talking.lose_phone("1001")
    assert talking.hung_up() == leg
    assert talking.stands("1001") == "PAUSED NOPHON"
    assert talking.stands("1000") == "INCALL"
    talking.wait(0)
    talking.answer(talking.take(Ring))
    assert talking.stands("1001") == "READY"


def test_a_customer_who_hangs_up_in_a_consultation_ends_it_for_both(talking: Desk) -> None:
    leg = consult(talking)
    talking.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    assert talking.stands("1000") == "WRAPUP"
    assert talking.stands("1001") == "READY", "without wrap-up"
    assert talking.hung_up() == leg
    assert not talking.recorded(r.CallDisposed)


def test_a_customer_who_hangs_up_while_the_question_is_being_delivered(talking: Desk) -> None:
    talking.ready("1001", "503")
    talking.ask(c.DialThird("1000", ingroup="SALESLINE"))
    leg = talking.take(RingConsult).leg
    talking.hear(c.LegPlaced(leg))
    talking.hear(c.LegAt(leg, WAIT))
    assert talking.stands("1001") == "RINGING"
    talking.take(Join)
    talking.hear(c.LegGone("agd-t0-2", 16, far_end=True))
    assert talking.stands("1001") == "READY"
    assert talking.stands("1000") == "WRAPUP"
    assert talking.take(HangUpLeg).leg == leg
    talking.hear(c.LegJoined(leg, ROOM_2))
    assert talking.stands("1001") == "READY"
    talking.hear(c.LegGone(leg, 16))
    assert leg not in talking.state.legs


def test_an_agent_is_not_asked_by_himself(talking: Desk) -> None:
    talking.hear(c.ReferenceChanged((r.UserSet("1000", replace(talking.state.users["1000"], ingroups=("SUPPORT",))),)))
    talking.ask(c.DialThird("1000", "1000", ingroup="AGENTDIRECT"))
    talking.obey()
    talking.wait(60)
    assert talking.session().consulted == 0
    assert talking.stands() == "INCALL"
