"""How the switch asks Asterisk for something, and tells one kind of refusal from another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.ami.actions import Action
from agentd.ami.client import AMIClient
from agentd.ami.errors import ActionFailed, ActionTimeout, AMIError, LinkLost, SwitchBusy
from agentd.ami.messages import Response
from agentd.core import commands as c

__all__ = ["Asking", "is_gone", "is_unknown", "reason_of"]

# A hangup that is under way takes so long at most until its own event tells of it, with the cause. In seconds.
_LATE_END = 0.05

_GONE = ("No such channel", "Channel does not exist", "ExtraChannel does not exist")


class Asking:
    """Sends actions about legs. What went wrong is logged, and told to whoever asked."""

    log = Logger()

    def __init__(self, client: AMIClient, feed: Callable[[c.Command], object], later: Callable[..., object]) -> None:
        self.client = client
        self.feed = feed
        self.later = later

    def send(
        self,
        action: Action,
        leg: str,
        *,
        refused: Callable[[str, AMIError], object] | None = None,
        accepted: Callable[[str, Response], object] | None = None,
    ) -> None:
        """Send an action about a leg; one of both is called with the leg and what came of it."""

        def failed(failure: Failure) -> None:
            self.failed(action.action_name, leg, failure)
            if refused is not None and isinstance(failure.value, AMIError):
                refused(leg, failure.value)

        sent: Deferred[Any] = self.client.send(action)
        if accepted is not None:
            sent.addCallback(lambda response: accepted(leg, response))
        sent.addErrback(failed)

    def failed(self, action: str, leg: str, failure: Failure) -> None:
        """Log why an action was not done."""
        if isinstance(failure.value, AMIError):
            self.log.info("{action} of {leg}: {why}", action=action, leg=leg, why=str(failure.value))
        else:
            self.log.failure("{action} of {leg} failed", failure, action=action, leg=leg)

    def missing(self, leg: str) -> None:
        """Asterisk knows no such channel: it is gone. The event of its end, should it still come, says it better."""
        self.later(_LATE_END, self.feed, c.LegGone(leg, 0))


def is_gone(error: AMIError) -> bool:
    """Say whether Asterisk refused because there is no such channel."""
    return isinstance(error, ActionFailed) and error.message.startswith(_GONE)


def is_unknown(error: AMIError) -> bool:
    """Say whether it may have been done: a late or lost answer says nothing, deadlines and the next look do."""
    return isinstance(error, ActionTimeout | LinkLost) and error.sent


def reason_of(error: AMIError) -> str:
    """Asterisk's own words where it spoke, without the stop that ends some of them; else ours."""
    if isinstance(error, ActionFailed):
        return error.message.rstrip(".")
    return "PBX busy" if isinstance(error, SwitchBusy) else "refused"
