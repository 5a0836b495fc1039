"""Callbacks: promises to call a lead again, made, due, kept and taken back."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.commands import DropCallback, SetCallback
from agentd.core.errors import CallbackNeedsDate, CallbackUnknown, CampaignUnknown, IdsUsedUp, UserUnknown
from agentd.core.ids import ids_left, next_id
from agentd.core.model import Call, Callback, CallbackWish, Session
from agentd.core.turn import Turn

__all__ = ["change", "drop", "due", "keep", "promise", "replace_promise", "require_possible", "to_keep"]

_END_OF_TIME = 253_402_300_799.0  # the last second that a date can tell


# --- with a disposition --------------------------------------------------------------------------------------


def require_possible(turn: Turn, wish: CallbackWish, call: Call | None = None) -> None:
    """Refuse a promise that could not be kept in mind: every call whose status is kept with one will need an id.

    Raises:
        CallbackNeedsDate, IdsUsedUp
    """
    _require_date(wish)
    waiting = sum(other.callback is not None for other in turn.state.calls.values() if other is not call)
    if ids_left(turn.state, "callback") <= waiting:
        raise IdsUsedUp("no callback ids are left")


def _require_date(wish: CallbackWish) -> None:
    if not 0 <= wish.due <= _END_OF_TIME:
        raise CallbackNeedsDate(f"{wish.due} is no date")


def promise(turn: Turn, session: Session, lead_id: int, wish: CallbackWish, call_id: int) -> None:
    """The agent has promised the lead a call."""
    _set(turn, session, next_id(turn.state, "callback"), lead_id, wish, call_id)


def _set(turn: Turn, session: Session, callback_id: int, lead_id: int, wish: CallbackWish, call_id: int) -> None:
    turn.record(
        r.CallbackSet(
            callback_id=callback_id,
            lead_id=lead_id,
            campaign=session.campaign,
            wish=wish,
            user="" if wish.anyone else session.agent,
            agent=session.agent,
            call_id=call_id,
            by=session.agent,
        )
    )


def replace_promise(turn: Turn, session: Session, lead_id: int, wish: CallbackWish | None, call_id: int) -> None:
    """The call, which is complete, has another status now: what was promised with the one before is replaced."""
    promised = session.promised
    if promised and wish is not None:
        _set(turn, session, promised, lead_id, wish, call_id)
    elif promised:
        turn.record(r.CallbackEnded(promised, session.agent, lead_id, by=session.agent))
    elif wish is not None:
        promise(turn, session, lead_id, wish, call_id)


def keep(turn: Turn, agent: str, lead_id: int, call_id: int, *, whatever: bool, spare: int = 0) -> None:
    """The agent has had the lead in a call: what he had promised him is kept, if it was due or ``whatever`` it was.

    All but ``spare``, which he has promised in that call itself.
    """
    for callback in to_keep(turn, lead_id):
        if callback.user == agent and callback.id != spare and (whatever or callback.due <= turn.now):
            turn.record(r.CallbackEnded(callback.id, agent, lead_id, call_id, agent))


def to_keep(turn: Turn, lead_id: int) -> list[Callback]:
    """Give what single agents have promised the lead, and have not kept."""
    return [callback for callback in turn.state.callbacks.values() if callback.lead_id == lead_id]


# --- by themselves -------------------------------------------------------------------------------------------


def change(turn: Turn, command: SetCallback) -> int:
    """Promise a lead a call, or change what was promised; gives the id."""
    wish, user = command.wish, "" if command.wish.anyone else command.user
    if command.campaign not in turn.state.campaigns:
        raise CampaignUnknown(f"there is no campaign {command.campaign}")
    if not wish.anyone and user not in turn.state.users:
        raise UserUnknown(f"there is no user {user}")
    known = turn.state.callbacks.get(command.callback_id)
    if command.callback_id:
        _require_date(wish)
    else:
        require_possible(turn, wish)
    callback_id = command.callback_id or next_id(turn.state, "callback")
    if known is not None and known.user != user:
        turn.record(r.CallbackEnded(known.id, known.user, known.lead_id, by=command.by))
    turn.record(r.CallbackSet(callback_id, command.lead_id, command.campaign, wish, user, agent=user, by=command.by))
    return callback_id


def drop(turn: Turn, command: DropCallback) -> None:
    """Take a promise back."""
    known = turn.state.callbacks.get(command.callback_id)
    if known is None and command.user:
        raise CallbackUnknown(f"{command.user} has no callback {command.callback_id} to keep")
    user, lead_id = (command.user, command.lead_id) if known is None else (known.user, known.lead_id)
    turn.record(r.CallbackEnded(command.callback_id, user, lead_id, by=command.by))


def due(turn: Turn) -> None:
    """Tell of what has fallen due, the oldest first."""
    promises = turn.memory.promises
    while (when := promises.next()) is not None and when <= turn.now:
        callback = turn.state.callbacks[promises.first()]
        turn.record(r.CallbackDue(callback.id, callback.user, callback.lead_id, callback.campaign, callback.comments))
