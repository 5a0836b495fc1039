"""Agents who call to log in: known by the phone that they call from, or by what they type on it."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from agentd.core.errors import PinWrong
from agentd.core.model import Phone, State, User, UserKind
from agentd.engine.auth import Authenticator, HashOf, Verdict

__all__ = ["Pins", "agent_of_phone", "device_of_channel", "phone_of_channel", "pin_hashes"]


class Pins:
    """Lets agents in by number and PIN. ``authenticator`` is one for :func:`pin_hashes`, which no other face shares."""

    def __init__(self, state: State, authenticator: Authenticator) -> None:
        self._state = state
        self._authenticator = authenticator

    def agent(self, number: str, pin: str, phone: str) -> Deferred[str]:
        """Give the name of the agent of that number and PIN, which were typed on that phone.

        Fails with PinWrong: he does not exist, may not log in by phone, or the PIN is wrong; after too many wrong
        ones also for a right one. All take the same time.
        """
        user = _numbered(self._state, number)
        name = number if user is None else user.name
        return self._authenticator.verify(name, pin, phone).addCallback(self._admit, name)

    def _admit(self, verdict: Verdict, name: str) -> str:
        user = self._state.users.get(name)
        if verdict is not Verdict.GOOD or user is None or not _may_call(user):
            raise PinWrong(f"{name} could not be let in")
        return name


def pin_hashes(state: State) -> HashOf:
    """Give what the Authenticator asks: the hash of an active user's PIN, else of his password; None for others."""

    def hash_of(name: str) -> str | None:
        user = state.users.get(name)
        return (user.pin_hash or user.password_hash or None) if user is not None and user.active else None

    return hash_of


def phone_of_channel(state: State, channel: str) -> Phone | None:
    """Give the active phone to which a channel such as ``PJSIP/502-0000001a`` belongs."""
    device = device_of_channel(channel)
    for phone in state.phones.values():
        if phone.active and phone.dial == device:
            return phone
    return None


def device_of_channel(channel: str) -> str:
    """Give the device to which a channel belongs: its name without the channel's own number."""
    return channel.rpartition("-")[0] or channel


def agent_of_phone(state: State, extension: str) -> str:
    """Give the name of the agent whose phone that is: the one in whose session it is, else the only user who has it.

    Empty when there is none, or several could be meant.
    """
    for session in state.sessions.values():
        if session.phone == extension:
            return session.agent
    owners = [user.name for user in state.users.values() if user.phone == extension and _may_call(user)]
    return owners[0] if len(owners) == 1 else ""


def _may_call(user: User) -> bool:
    return user.active and user.kind is UserKind.LOCAL


def _numbered(state: State, typed: str) -> User | None:
    """The user whom the digits name, or whose number they are."""
    named = state.users.get(typed)
    if named is not None or not typed.isdecimal():
        return named
    return next((user for user in state.users.values() if user.number == int(typed)), None)
