"""BEHAVIOUR: how often an agent dials, and how often a number is dialled."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.model import Lead
from tests.core.desk import NUMBER, SETTINGS, Desk


def dial_and_give_up(desk: Desk, agent: str = "1000", number: str = NUMBER) -> None:
    """A dial that fails, and is over at once."""
    ring = desk.dial(agent, number)
    desk.hear(c.LegGone(ring.leg, 17, far_end=True))
    desk.ask(c.Dispose(agent, "A"))


def test_an_agent_dials_so_often_a_minute() -> None:
    desk = Desk(replace(SETTINGS, dials_per_minute=2, dials_per_number=0))
    desk.log_in()
    desk.log_in("1001", "503")
    dial_and_give_up(desk)
    desk.wait(30)
    dial_and_give_up(desk)
    desk.refused(c.Dial("1000", desk.request()), e.AtDialRate)
    desk.refused(c.Dial("1000", desk.request("503")), e.AtDialRate)
    dial_and_give_up(desk, "1001")
    desk.wait(30)
    dial_and_give_up(desk)


def test_a_number_is_dialled_so_often_an_hour_by_whomever() -> None:
    desk = Desk(replace(SETTINGS, dials_per_minute=0, dials_per_number=2))
    desk.log_in()
    desk.log_in("1001", "503")
    dial_and_give_up(desk)
    dial_and_give_up(desk, "1001")
    for number in (NUMBER, "+" + NUMBER):
        desk.refused(c.Dial("1000", desk.request(number)), e.NumberCalledOften)
    lead = Lead(5, 101, "NEW", "1", NUMBER)
    desk.refused(c.Dial("1000", replace(desk.request(lead=lead), preview=True)), e.NumberCalledOften)
    dial_and_give_up(desk, number="7275550000")
    desk.wait(3600)
    dial_and_give_up(desk)


def test_extensions_are_called_as_often_as_wanted() -> None:
    desk = Desk(replace(SETTINGS, dials_per_number=1))
    desk.log_in()
    for _ in range(3):
        dial_and_give_up(desk, number="504")


def test_third_parties_and_transfers_count_too() -> None:
    desk = Desk(replace(SETTINGS, dials_per_minute=2, dials_per_number=0))
    desk.log_in()
    desk.talk()
    desk.ask(c.DialThird("1000", "7275550000"))
    desk.refused(c.TransferBlind("1000", "7275550001"), e.AtDialRate)
    desk.wait(60)
    desk.ask(c.TransferBlind("1000", "7275550001"))
    assert desk.recorded(r.ThirdAsked)


def test_one_that_was_remembered_and_may_not_be_dialled_any_more_is_told_so() -> None:
    desk = Desk(replace(SETTINGS, dials_per_number=1))
    desk.log_in()
    desk.log_in("1001", "503")
    ring = desk.talk()
    desk.ask(c.Dial("1000", desk.request("7275550000")))
    dial_and_give_up(desk, "1001", "7275550000")
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.ask(c.Dispose("1000", "A"))
    assert desk.recorded(r.DialUnqueued)[-1].reason == "number_called_often"


def test_off_means_as_often_as_wanted() -> None:
    desk = Desk(replace(SETTINGS, dials_per_minute=0, dials_per_number=0, calls_per_second=1000))
    desk.log_in()
    for _ in range(40):
        dial_and_give_up(desk)


def test_who_was_looked_at_when_his_minute_was_over_dials_again() -> None:
    desk = Desk()
    desk.log_in()
    dial_and_give_up(desk)
    desk.wait(61)
    dial_and_give_up(desk)
    desk.wait(3601)
    dial_and_give_up(desk)
