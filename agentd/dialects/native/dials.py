"""The bodies of calls, from the dial to the disposition."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from agentd.core.commands import PreviewAction
from agentd.core.model import CallbackWish, TimerAction, TimerKind, WhichNumber
from agentd.dialects.native.bodies import Code, Digits, Foreign, Id, Line, Number, OptionalName
from agentd.engine.dialling import DialWish

__all__ = ["CallBody", "DispositionBody", "Moment", "PreviewBody", "Promise", "TimerBody", "epoch_of"]

_WHICH = {"main": WhichNumber.MAIN, "alt": WhichNumber.ALT, "address3": WhichNumber.ADDRESS3, "search": None}

_ACTIONS = {
    "skip": PreviewAction.SKIP,
    "dial": PreviewAction.DIAL_ONLY,
    "dial_alt": PreviewAction.ALT_DIAL,
    "dial_address3": PreviewAction.ADDRESS3_DIAL,
    "finish": PreviewAction.FINISH,
}

_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class CallBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be dialled: a number, a lead, the campaign's next lead, or what an activity of the CRM says."""

    number: Number | None = None
    lead_id: Id | None = None
    next: bool = False
    activity: Annotated[Foreign, Meta(min_length=1)] | None = None
    alternative: Literal["main", "alt", "address3", "search"] = "main"
    phone_code: Digits = ""
    search: bool = False
    preview: bool = False
    dial_prefix: Digits | None = None
    group_alias: OptionalName = ""
    vendor_id: Foreign = ""
    focus: bool = False

    def __post_init__(self) -> None:
        searches = self.alternative == "search"
        if searches and (self.number is None or self.lead_id is None):
            raise ValueError("The `alternative` search goes with a `lead_id` and that `number` of his")
        said = (
            self.number is not None and not searches,
            self.lead_id is not None,
            self.next,
            self.activity is not None,
        )
        if sum(said) != 1:
            raise ValueError("One of `number`, `lead_id`, `next` and `activity` is needed")
        if self.alternative != "main" and self.lead_id is None and not self.next:
            raise ValueError("An `alternative` number is that of a `lead_id`, or of the `next` lead")

    def wish(self, source: str) -> DialWish:
        """The same as the operation takes it."""
        return DialWish(
            number=self.number or "",
            phone_code=self.phone_code,
            lead_id=self.lead_id,
            which=_WHICH[self.alternative],
            search=self.search,
            next=self.next,
            activity=self.activity or "",
            preview=self.preview,
            dial_prefix=self.dial_prefix,
            group_alias=self.group_alias,
            focus=self.focus,
            vendor_id=self.vendor_id,
            source=source,
        )


class PreviewBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of the lead on the screen."""

    action: Literal["skip", "dial", "dial_alt", "dial_address3", "finish"]

    def wanted(self) -> PreviewAction:
        """The same in the core's words."""
        return _ACTIONS[self.action]


class TimerBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to happen at a second of the call."""

    kind: Literal["webform", "webform2", "d1_dial", "d2_dial", "d3_dial", "d4_dial", "d5_dial", "message_only"]
    seconds: Annotated[int, Meta(ge=0, le=86_400)]
    message: Line = ""

    def wanted(self) -> TimerAction:
        """The same in the core's words."""
        return TimerAction(TimerKind(self.kind.upper()), self.seconds, self.message)


# --- promises ------------------------------------------------------------------------------------------------


Moment = Annotated[datetime, Meta(tz=True)] | Annotated[float, Meta(ge=0)]
"""A time: ISO 8601 with its offset, or seconds since 1970."""


def epoch_of(at: datetime | float) -> float:
    """Give a moment in seconds since 1970. Raises ValueError when it is not within 1970 to 2099."""
    seconds = at.timestamp() if isinstance(at, datetime) else at
    if not 0 <= seconds < _LATEST:
        raise ValueError("A time is one of the years 1970 to 2099")
    return seconds


class Promise(Struct, frozen=True, forbid_unknown_fields=True):
    """A call that the agent promises with his disposition: his own (``mine``), or anybody's."""

    due: Moment
    whose: Literal["mine", "anyone"] = "anyone"
    comments: Line = ""

    def __post_init__(self) -> None:
        epoch_of(self.due)

    def wish(self) -> CallbackWish:
        """The same in the core's words."""
        return CallbackWish(epoch_of(self.due), self.whose == "anyone", self.comments)


class DispositionBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The call's status; with a status that needs it, when to call again; and another system's ``code`` for it."""

    status: Code
    callback: Promise | None = None
    code: Foreign = ""

    def wish(self) -> CallbackWish | None:
        """The promise, if there is one."""
        return None if self.callback is None else self.callback.wish()
