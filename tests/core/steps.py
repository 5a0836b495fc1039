"""The usual steps of a call in hand, at a desk where all goes well."""

from __future__ import annotations

from agentd.core import commands as c
from agentd.core.effects import RingConsult
from tests.core.desk import Desk

__all__ = ["CUSTOMER", "OTHER", "ROOM_2", "consult", "parked", "three_way"]

CUSTOMER = "agd-t0-2"  # the leg of agent 1000's customer, when he is the first
OTHER = "7275550000"  # the number of somebody else
ROOM_2 = "8600052"  # of whoever logs in next


def parked(desk: Desk, *, ivr: bool = False) -> str:
    """Log agent 1000 in with a customer who is parked; gives the customer's leg."""
    desk.log_in()
    leg = desk.talk().leg
    desk.ask(c.HoldCall("1000", ivr=ivr))
    desk.obey()
    assert desk.call().state == ("ivr" if ivr else "held")
    return leg


def three_way(desk: Desk) -> str:
    """A third party joins agent 1000 and his customer; gives his leg."""
    desk.ask(c.DialThird("1000", OTHER))
    leg = desk.effects[0].leg
    desk.obey()
    assert desk.snapshot()["calls"][-1]["third_party"]["state"] == "connected"
    return leg


def consult(desk: Desk, *, hold: bool = False) -> str:
    """Agent 1001 is asked by agent 1000, and takes it; gives the leg between them."""
    desk.ready("1001", "503")
    desk.ask(c.DialThird("1000", ingroup="SALESLINE", hold=hold))
    (leg,) = (effect.leg for effect in desk.effects if isinstance(effect, RingConsult))
    desk.obey()
    assert desk.session("1001").consulted == desk.call().id
    return leg
