"""BEHAVIOUR: moves of one leg wait for one another, and what Asterisk does not do in time has failed."""

from __future__ import annotations

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, Hold, Join, Prompt, ReadLeg
from agentd.core.model import Place, PlaceKind
from tests.core.desk import IVR, ROOM, WAIT, Desk, conference

# --- one after the other -----------------------------------------------------------------------------------------


def test_moves_of_one_leg_wait_for_one_another_and_keep_their_order(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    operations = [
        desk.ask(c.HoldCall("1000")),
        desk.ask(c.RetrieveCall("1000")),
        desk.ask(c.HoldCall("1000", ivr=True)),
        desk.ask(c.RetrieveCall("1000")),
    ]
    for done, (kind, place) in enumerate([(Hold, WAIT), (Join, conference(ROOM)), (Prompt, IVR)]):
        assert [operation.done for operation in operations] == [True] * done + [False] * (4 - done)
        desk.take(kind)
        desk.arrive(leg, place)
    desk.take(Join)
    desk.arrive(leg, conference(ROOM))
    assert all(operation.done and operation.error is None for operation in operations)
    assert desk.call().state == "connected"


def test_what_waits_is_looked_at_afresh_when_its_turn_comes(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    again = desk.ask(c.HoldCall("1000"))
    dial = desk.ask(c.SendDtmf("1000", "12"))
    assert not again.done
    desk.take(Hold)
    desk.hear(c.LegGone(leg, 16, far_end=True))
    assert isinstance(again.error, e.NotPossibleNow)
    assert isinstance(dial.error, e.NotPossibleNow)
    assert desk.stands() == "WRAPUP"


def test_a_second_park_that_waited_finds_nothing_left_to_do(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    again = desk.ask(c.HoldCall("1000"))
    desk.take(Hold)
    desk.hear(c.LegAt(leg, WAIT))
    assert again.done
    assert again.error is None
    assert not desk.effects


def test_four_commands_wait_a_fifth_is_refused_as_busy(desk: Desk) -> None:
    desk.log_in()
    desk.talk()
    desk.ask(c.HoldCall("1000"))
    waiting = [desk.ask(c.RetrieveCall("1000")) for _ in range(4)]
    desk.refused(c.RetrieveCall("1000"), e.LegBusy)
    desk.obey()
    assert all(operation.done and operation.error is None for operation in waiting)
    assert desk.ask(c.RetrieveCall("1000")).done


def test_a_hangup_waits_for_nothing_and_ends_what_waits(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    park = desk.ask(c.HoldCall("1000"))
    grab = desk.ask(c.RetrieveCall("1000"))
    hangup = desk.ask(c.HangUp("1000"))
    assert desk.effects == [Hold(leg, "park"), HangUpLeg(leg)]
    desk.hear(c.LegGone(leg, 16))
    assert hangup.done
    assert hangup.error is None
    assert isinstance(park.error, e.CallGone)
    assert isinstance(grab.error, e.NotPossibleNow)
    assert desk.stands() == "WRAPUP"
    assert not desk.world.waits


def test_a_park_that_is_overtaken_by_a_hangup_may_still_be_seen(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    desk.ask(c.HangUp("1000"))
    desk.effects.clear()
    desk.arrive(leg, WAIT)
    assert desk.call().state == "held", "that is what is"
    desk.hear(c.LegGone(leg, 16))
    assert desk.call().hung_up_by == "agent"


# --- what asterisk does not do -----------------------------------------------------------------------------------


def test_a_park_that_asterisk_refuses_fails_and_the_customer_is_where_he_was(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    operation = desk.ask(c.HoldCall("1000"))
    waits = desk.ask(c.HoldCall("1000", ivr=True))
    desk.take(Hold)
    desk.hear(c.MoveRefused(leg, "Permission denied"))
    assert isinstance(operation.error, e.PbxRefused)
    assert desk.call().state == "connected"
    assert desk.take(Prompt).leg == leg, "the next one has its turn"
    desk.arrive(leg, IVR)
    assert waits.error is None


def test_a_customer_who_hangs_up_on_his_way_fails_the_park(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    operation = desk.ask(c.HoldCall("1000"))
    desk.hear(c.LegLeft(leg, ROOM))
    desk.hear(c.LegGone(leg, 16, far_end=True))
    assert isinstance(operation.error, e.CallGone)
    assert desk.stands() == "WRAPUP"
    assert desk.call().hung_up_by == "customer"


def test_what_is_not_confirmed_within_five_seconds_has_failed_and_the_leg_is_read_before_its_next_move(
    desk: Desk,
) -> None:
    desk.log_in()
    leg = desk.talk().leg
    park = desk.ask(c.HoldCall("1000"))
    desk.take(Hold)
    desk.wait(2)
    grab = desk.ask(c.RetrieveCall("1000"))
    desk.wait(3)
    assert isinstance(park.error, e.PbxTimeout)
    assert desk.take(ReadLeg).leg == leg
    assert not grab.done
    desk.hear(c.LegRead(leg, WAIT))
    assert desk.call().state == "held", "he was parked, only the news was lost"
    assert desk.take(Join).leg == leg
    desk.hear(c.LegJoined(leg, ROOM))
    assert grab.done
    assert grab.error is None


def test_nobody_waits_in_line_for_longer_than_five_seconds(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    desk.wait(1)
    grab = desk.ask(c.RetrieveCall("1000"))
    desk.wait(4.9)
    assert not grab.done
    desk.wait(0.1)
    assert isinstance(grab.error, e.PbxTimeout)
    desk.effects.clear()
    desk.hear(c.LegRead(leg, WAIT))
    assert not desk.effects, "nothing is left to do"
    assert desk.call().state == "held"


def test_an_answer_about_the_move_before_says_nothing_of_the_next_one(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    desk.wait(5)
    desk.hear(c.LegAt(leg, WAIT))
    grab = desk.ask(c.RetrieveCall("1000"))
    desk.hear(c.LegRead(leg, WAIT))
    assert not grab.done
    desk.hear(c.LegJoined(leg, ROOM))
    assert grab.done
    assert grab.error is None
    assert desk.recorded(r.CallRetrieved) == [r.CallRetrieved(1000, "1000", "agent")]


def test_a_customer_who_left_the_conference_and_then_could_not_be_moved_is_looked_for(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000"))
    desk.take(Hold)
    desk.hear(c.LegLeft(leg, ROOM))
    desk.hear(c.MoveRefused(leg, "Permission denied"))
    desk.wait(5)
    assert desk.take(ReadLeg).leg == leg
    desk.hear(c.LegRead(leg, conference(ROOM)))
    assert desk.call().state == "connected"


def test_a_customer_whom_somebody_else_took_out_of_the_conference_is_looked_for_and_then_let_go(desk: Desk) -> None:
    desk.log_in()
    leg = desk.talk().leg
    desk.hear(c.LegLeft(leg, ROOM))
    desk.wait(5)
    assert desk.take(ReadLeg).leg == leg
    desk.hear(c.LegRead(leg, Place(PlaceKind.ELSEWHERE)))
    assert desk.stands() == "INCALL"
    desk.wait(5)
    assert desk.hung_up() == leg
    assert desk.stands() == "WRAPUP"
    assert desk.call().hung_up_by == "pbx"
