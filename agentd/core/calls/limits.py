"""How many calls the PBX can take more, by the limits of the configuration."""

from __future__ import annotations

from itertools import takewhile

from agentd.core.calls.numbers import is_extension
from agentd.core.errors import AtDialRate, CallsPerSecond, NumberCalledOften, TooManyCalls
from agentd.core.model import Role
from agentd.core.turn import Turn

__all__ = ["calls_left", "require_rate", "require_room", "require_start", "starts_left"]

_OUTSIDE = frozenset({Role.CUSTOMER, Role.THIRD})


def calls_left(turn: Turn) -> int:
    """Give how many outside parties may be added to those who are there or being called; 0 or less for none."""
    return turn.settings.max_calls - sum(1 for leg in turn.state.legs.values() if leg.role in _OUTSIDE)


def starts_left(turn: Turn) -> int:
    """Give how many calls may be started in this second; 0 or less for none."""
    last_second = takewhile(lambda given: given > turn.now - 1, reversed(turn.state.keys.values()))
    return turn.settings.calls_per_second - sum(1 for _ in last_second)


def require_room(turn: Turn) -> None:
    """Refuse one more outside party when the PBX cannot take it.

    Raises:
        TooManyCalls
    """
    if calls_left(turn) <= 0:
        raise TooManyCalls(f"{turn.settings.max_calls} calls are up, the limit of this PBX")


def require_start(turn: Turn) -> None:
    """Refuse to start one more call now.

    Raises:
        TooManyCalls, CallsPerSecond
    """
    require_room(turn)
    if starts_left(turn) <= 0:
        raise CallsPerSecond(f"{turn.settings.calls_per_second} calls were started in the last second")


def require_rate(turn: Turn, agent: str, number: str) -> None:
    """Refuse what the agent dials more often than one may, or a number that is called too often.

    Raises:
        AtDialRate, NumberCalledOften
    """
    rates, settings = turn.memory.rates, turn.settings
    if settings.dials_per_minute and rates.by_agent(agent, turn.now) >= settings.dials_per_minute:
        raise AtDialRate(f"{agent} has dialled {settings.dials_per_minute} times in the last minute")
    often = settings.dials_per_number
    if often and not is_extension(number) and rates.of_number(number, turn.now) >= often:
        raise NumberCalledOften(f"{number} was dialled {often} times in the last hour")
