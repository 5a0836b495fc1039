"""Callers: what may be kept of what their network says of them, and what becomes of those who wait unasked."""

from __future__ import annotations

import re
from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.core.errors import AgentdError, Draining, PbxLinkDown
from agentd.engine.ports import Caller

__all__ = ["TAKEN_UP_LATER", "Arrivals", "fit_name", "fit_number", "fit_priority"]

TAKEN_UP_LATER = (Draining, PbxLinkDown)
"""Why a caller cannot be taken now, but is found where he waits as soon as that can be."""

_NAME_LENGTH = 40
_NUMBER = re.compile(r"\+?[0-9]{1,24}")
_PUNCTUATION = str.maketrans("", "", " ().-/")
_PRIORITY = re.compile(r"-?[0-9]{1,2}")
_UNKNOWN = "<unknown>"  # Asterisk's word for a number or name that it does not know


def fit_number(text: str | None) -> str:
    """A number as it may be kept and dialled again; anything else, such as ``anonymous``, is none."""
    number = (text or "").translate(_PUNCTUATION)
    return number if _NUMBER.fullmatch(number) else ""


def fit_name(text: str | None) -> str:
    """What the network calls him, as far as it can be shown."""
    shown = "" if text == _UNKNOWN else text or ""
    return "".join(char for char in shown if char.isprintable())[:_NAME_LENGTH]


def fit_priority(text: str | None) -> int:
    """How urgent he is, from -99 to 99; 0 if it is said in no such way."""
    return int(text) if text and _PRIORITY.fullmatch(text) else 0


class Arrivals:
    """Takes up callers who wait already; one whom the house cannot take is not left with music for ever.

    ``arrive`` makes one a call, ``turn_away(channel)`` lets him hear that nobody will come.
    """

    log = Logger()

    def __init__(self, arrive: Callable[[Caller], Deferred[str]], turn_away: Callable[[str], object]) -> None:
        self._arrive = arrive
        self._turn_away = turn_away

    def take_up(self, caller: Caller) -> None:
        """Make a call of somebody who waits. What goes wrong is logged."""
        self._arrive(caller).addErrback(self._refused, caller)

    def _refused(self, failure: Failure, caller: Caller) -> None:
        leg, ingroup, why = caller.leg, caller.ingroup, failure.getErrorMessage()
        if failure.check(*TAKEN_UP_LATER):
            self.log.info("{leg}, who waits in {ingroup}, is taken up later: {why}", leg=leg, ingroup=ingroup, why=why)
        elif failure.check(AgentdError):
            self.log.warn("{leg} cannot wait in {ingroup}: {why}", leg=leg, ingroup=ingroup, why=why)
            self._turn_away(leg)
        else:
            self.log.failure("{leg}, who waits in {ingroup}, was not taken up", failure, leg=leg, ingroup=ingroup)
