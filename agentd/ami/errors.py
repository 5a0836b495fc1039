"""What can go wrong between us and Asterisk's manager interface, one class per fact.

None of these carries a secret: actions name themselves by their ``repr``, which leaves out what must not be logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentd.ami.actions import Action
    from agentd.ami.messages import Event, Response

__all__ = [
    "AMIError",
    "ActionError",
    "ActionFailed",
    "ActionTimeout",
    "AuthenticationFailed",
    "FrameTooLong",
    "LinkDown",
    "LinkLost",
    "LinkTimeout",
    "ListIncomplete",
    "MessageTooLong",
    "NotAnAsterisk",
    "SwitchBusy",
    "UnsafeHeader",
]


class AMIError(Exception):
    """Whatever agentd.ami raises is one of these."""


class UnsafeHeader(AMIError, ValueError):
    """A header would have become something else on the wire (a second line, a second action); nothing was sent.

    The value is not part of the text: it may be secret, and it is hostile more often than not.
    """

    def __init__(self, header: str, why: str) -> None:
        super().__init__(f"header {header!r}: {why}")
        self.header = header
        self.why = why


class MessageTooLong(UnsafeHeader):
    """Asterisk would refuse the line or the message for its length; nothing was sent."""


class ActionError(AMIError):
    """An action did not end well. ``action`` says which one."""

    def __init__(self, action: Action, text: str) -> None:
        super().__init__(f"{action!r}: {text}")
        self.action = action


class ActionFailed(ActionError):
    """Asterisk answered with an error; ``message`` is its own prose, ``response`` the whole answer."""

    def __init__(self, action: Action, response: Response) -> None:
        self.response = response
        self.message = response.message
        super().__init__(action, self.message or response.status)


class AuthenticationFailed(ActionFailed):
    """Asterisk refused user name or secret."""


class ActionTimeout(ActionError):
    """No answer in time. ``sent`` is False when the action never left: it is then sure that nothing happened."""

    def __init__(self, action: Action, seconds: float, *, sent: bool) -> None:
        super().__init__(action, f"no answer in {seconds:g} s" if sent else f"not sent within {seconds:g} s")
        self.seconds = seconds
        self.sent = sent


class LinkLost(ActionError):
    """The connection ended before the answer came. ``sent`` is False when the action never left.

    A sent action may or may not have been done; nothing is ever sent again by itself.
    """

    def __init__(self, action: Action, reason: str, *, sent: bool) -> None:
        super().__init__(action, f"link lost ({reason}), " + ("answer unknown" if sent else "not sent"))
        self.reason = reason
        self.sent = sent


class SwitchBusy(ActionError):
    """The queue of actions not yet sent is full; this one was not taken."""

    def __init__(self, action: Action, waiting: int) -> None:
        super().__init__(action, f"{waiting} actions are waiting already")
        self.waiting = waiting


class FrameTooLong(ActionError):
    """The answer was longer than the bound; ``response`` holds its beginning."""

    def __init__(self, action: Action, response: Response) -> None:
        super().__init__(action, "the answer is longer than allowed")
        self.response = response


class ListIncomplete(ActionError):
    """A list did not come to its end, or not with as many items as it promised.

    ``partial`` holds the items that came, in their order; ``why`` says what was wrong.
    """

    def __init__(self, action: Action, why: str, partial: list[Event]) -> None:
        super().__init__(action, f"list incomplete, {len(partial)} items: {why}")
        self.why = why
        self.partial = partial


class LinkDown(AMIError):
    """There is no live link now, or the client was stopped; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no live link: {reason}")
        self.reason = reason


class LinkTimeout(AMIError):
    """A step of the way to a live link took too long; ``step`` names it."""

    def __init__(self, step: str, seconds: float) -> None:
        super().__init__(f"{step}: nothing in {seconds:g} s")
        self.step = step
        self.seconds = seconds


class NotAnAsterisk(AMIError):
    """What answered does not greet like a manager interface."""
