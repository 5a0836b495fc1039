"""The phones of this PBX: which of them may be rung, and why one did not come."""

from __future__ import annotations

from agentd.core.errors import (
    PhoneBusy,
    PhoneFailed,
    PhoneHasNoDialString,
    PhoneInUse,
    PhoneNoAnswer,
    PhoneUnknown,
    PhoneUnregistered,
)
from agentd.core.model import Login, Phone, Session, State

__all__ = ["RING_SLACK", "error_of", "free_phone", "holders", "known_phone", "require_unused"]

RING_SLACK = 2  # seconds that Asterisk has to tell that the ring time is over
_NO_ANSWER_CAUSES = {0, 16, 18, 19, 21}


def holders(state: State) -> list[Session | Login]:
    """Give whoever has a phone and a conference."""
    return [*state.sessions.values(), *state.logins.values()]


def known_phone(state: State, extension: str) -> Phone:
    """Give an active phone.

    Raises:
        PhoneUnknown
    """
    phone = state.phones.get(extension)
    if phone is None or not phone.active:
        raise PhoneUnknown(f"there is no phone {extension}" if extension else "no phone was named")
    return phone


def require_unused(state: State, extension: str, but: str = "") -> None:
    """Refuse a phone that an agent, other than ``but``, or a supervisor uses.

    Raises:
        PhoneInUse
    """
    for holder in holders(state):
        if holder.phone == extension and holder.agent != but:
            raise PhoneInUse(f"phone {extension} is in use by {holder.agent}", extension, holder.agent)
    for monitor in state.monitors.values():
        if monitor.phone == extension:
            raise PhoneInUse(f"phone {extension} listens to {monitor.agent}", extension, monitor.by)


def free_phone(state: State, extension: str) -> Phone:
    """Give a phone that nobody uses, and that can be rung.

    Raises:
        PhoneUnknown, PhoneInUse, PhoneHasNoDialString
    """
    phone = known_phone(state, extension)
    require_unused(state, extension)
    if not phone.dial:
        raise PhoneHasNoDialString(f"phone {extension} has no dial string")
    return phone


def error_of(extension: str, cause: int, *, reachable: bool = True) -> PhoneFailed:
    """Say why a phone did not come, by the Q.850 cause of its channel."""
    if not reachable or cause == 20:
        return PhoneUnregistered(f"phone {extension} is not registered", extension)
    if cause == 17:
        return PhoneBusy(f"phone {extension} is busy", extension)
    if cause in _NO_ANSWER_CAUSES:
        return PhoneNoAnswer(f"phone {extension} did not answer", extension)
    return PhoneFailed(f"phone {extension} could not be called (cause {cause})", extension)
