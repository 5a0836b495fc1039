"""The session state table: what each verb does in each state.

The handlers read it, docs/behaviour.md is drawn from it, and a test checks that neither has drifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentd.core.model import SessionState

__all__ = ["TABLE", "Cell", "Do", "Verb"]

PAUSED, READY, RINGING, PREVIEW, DIALLING, INCALL, WRAPUP = SessionState


class Verb(StrEnum):
    """What can happen to a session."""

    PAUSE = "pause"
    RESUME = "resume"
    CODE = "pause code"
    DIAL = "dial"
    HANGUP = "hangup"
    DISPOSE = "disposition"
    LOGOUT = "logout"
    PHONE_LOST = "phone lost"


class Do(StrEnum):
    """What is done about it."""

    NOTHING = "nothing, success"
    REFUSE = "refused"
    ENTER = "at once"
    AFTER = "remembered for after the call"
    QUEUE = "remembered, dialled after the call"
    START = "the call is started"
    CANCEL = "the dial is cancelled"
    END_CALL = "the customer's leg is ended"
    GIVE_BACK = "the call goes back to the head of its line, and then as if nothing had come"
    KEEP = "kept until the call ends"
    COMPLETE = "the call is completed"
    REPLACE = "replaces a status given automatically in the last 30 s, else refused"
    END = "the session ends"
    GRACE = "the session ends after the logout grace, at once when asked again"
    WAIT = "the phone is called again; the call waits for the phone grace"
    PUT_AWAY = "the lead is put away"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what is done, and the state that follows at once.

    None is the state that there was, or what comes after the call when that is completed.
    """

    do: Do
    to: SessionState | None = None


TABLE: dict[SessionState, dict[Verb, Cell]] = {
    PAUSED: {
        Verb.PAUSE: Cell(Do.NOTHING),
        Verb.RESUME: Cell(Do.ENTER, READY),
        Verb.CODE: Cell(Do.ENTER, PAUSED),
        Verb.DIAL: Cell(Do.START, DIALLING),
        Verb.HANGUP: Cell(Do.NOTHING),
        Verb.DISPOSE: Cell(Do.REPLACE),
        Verb.LOGOUT: Cell(Do.END),
        Verb.PHONE_LOST: Cell(Do.ENTER, PAUSED),
    },
    READY: {
        Verb.PAUSE: Cell(Do.ENTER, PAUSED),
        Verb.RESUME: Cell(Do.NOTHING),
        Verb.CODE: Cell(Do.REFUSE),
        Verb.DIAL: Cell(Do.START, DIALLING),
        Verb.HANGUP: Cell(Do.NOTHING),
        Verb.DISPOSE: Cell(Do.REPLACE),
        Verb.LOGOUT: Cell(Do.END),
        Verb.PHONE_LOST: Cell(Do.ENTER, PAUSED),
    },
    RINGING: {
        Verb.PAUSE: Cell(Do.GIVE_BACK, PAUSED),
        Verb.RESUME: Cell(Do.NOTHING),
        Verb.CODE: Cell(Do.REFUSE),
        Verb.DIAL: Cell(Do.QUEUE),
        Verb.HANGUP: Cell(Do.NOTHING),
        Verb.DISPOSE: Cell(Do.REPLACE),
        Verb.LOGOUT: Cell(Do.GIVE_BACK),
        Verb.PHONE_LOST: Cell(Do.GIVE_BACK, PAUSED),
    },
    PREVIEW: {
        Verb.PAUSE: Cell(Do.AFTER),
        Verb.RESUME: Cell(Do.PUT_AWAY, READY),
        Verb.CODE: Cell(Do.REFUSE),
        Verb.DIAL: Cell(Do.QUEUE),
        Verb.HANGUP: Cell(Do.NOTHING),
        Verb.DISPOSE: Cell(Do.REPLACE),
        Verb.LOGOUT: Cell(Do.END),
        Verb.PHONE_LOST: Cell(Do.NOTHING),
    },
    DIALLING: {
        Verb.PAUSE: Cell(Do.AFTER),
        Verb.RESUME: Cell(Do.AFTER),
        Verb.CODE: Cell(Do.REFUSE),
        Verb.DIAL: Cell(Do.QUEUE),
        Verb.HANGUP: Cell(Do.CANCEL),
        Verb.DISPOSE: Cell(Do.KEEP),
        Verb.LOGOUT: Cell(Do.CANCEL),
        Verb.PHONE_LOST: Cell(Do.CANCEL),
    },
    INCALL: {
        Verb.PAUSE: Cell(Do.AFTER),
        Verb.RESUME: Cell(Do.AFTER),
        Verb.CODE: Cell(Do.REFUSE),
        Verb.DIAL: Cell(Do.QUEUE),
        Verb.HANGUP: Cell(Do.END_CALL),
        Verb.DISPOSE: Cell(Do.KEEP),
        Verb.LOGOUT: Cell(Do.AFTER),
        Verb.PHONE_LOST: Cell(Do.WAIT),
    },
    WRAPUP: {
        Verb.PAUSE: Cell(Do.AFTER),
        Verb.RESUME: Cell(Do.COMPLETE, READY),
        Verb.CODE: Cell(Do.AFTER),
        Verb.DIAL: Cell(Do.QUEUE),
        Verb.HANGUP: Cell(Do.NOTHING),
        Verb.DISPOSE: Cell(Do.COMPLETE),
        Verb.LOGOUT: Cell(Do.GRACE),
        Verb.PHONE_LOST: Cell(Do.NOTHING),
    },
}
