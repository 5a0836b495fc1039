"""The bodies of requests: strict JSON, whose errors name the field."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct
from twisted.web.iweb import IRequest

from agentd.core.commands import Choice
from agentd.core.lines.naming import AGENT_DIRECT
from agentd.dialects.native.replies import Refused, Reply, problem
from agentd.http.kit import whole_body

__all__ = [
    "CampaignBody",
    "Code",
    "ConnectBody",
    "Digits",
    "DtmfBody",
    "Foreign",
    "Id",
    "InGroupsBody",
    "Line",
    "LoginBody",
    "MonitorBody",
    "MuteBody",
    "Name",
    "Nothing",
    "Number",
    "OptionalCode",
    "OptionalName",
    "ParkBody",
    "RecordingBody",
    "StateBody",
    "ThirdPartyBody",
    "body_of",
]

Name = Annotated[str, Meta(min_length=1, max_length=40)]
OptionalName = Annotated[str, Meta(max_length=40)]
Number = Annotated[str, Meta(min_length=1, max_length=40)]
Digits = Annotated[str, Meta(pattern=r"\A[0-9]{0,12}\Z")]
Code = Annotated[str, Meta(min_length=1, max_length=6)]
Foreign = Annotated[str, Meta(max_length=40, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")]
"""An id or code of another system."""
OptionalCode = Annotated[str, Meta(max_length=6)]
Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Line = Annotated[str, Meta(max_length=199, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")]
"""A text of one line, for people to read."""

Body = TypeVar("Body")


class Nothing(Struct, frozen=True):
    """No body is wanted; one that comes is not read."""


class LoginBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Log ``agent`` in on ``phone``, in ``campaign`` (left out: his own); ``ready``, else paused.

    Which agents need no phone is the core's to say.
    """

    agent: Name
    phone: OptionalName = ""
    campaign: OptionalName = ""
    ready: bool = False


class StateBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What an agent is to be, now or after the call."""

    state: Literal["paused", "ready", "mission"]
    code: Code | None = None

    def __post_init__(self) -> None:
        if self.code is not None and self.state != "paused":
            raise ValueError("A `code` goes with the state `paused` only")


class InGroupsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which in-groups' calls an agent is to take, or to take besides, or no more; and whether his campaign's."""

    ingroups: Annotated[tuple[Name, ...], Meta(max_length=200)]
    choice: Literal["change", "add", "remove"] = "change"
    blended: bool | None = None
    set_as_default: bool = False

    def wanted(self) -> dict[str, Any]:
        """The arguments of ``Operations.change_ingroups``."""
        return {
            "choice": Choice(self.choice.upper()),
            "ingroups": self.ingroups,
            "blended": self.blended,
            "set_as_default": self.set_as_default,
        }


# --- campaigns -----------------------------------------------------------------------------------------------


class CampaignBody(Struct, frozen=True, forbid_unknown_fields=True):
    """How many calls a campaign is to dial for each free agent; 0 stops it."""

    auto_dial_level: Annotated[float, Meta(ge=0, le=20)]


# --- calls in hand -------------------------------------------------------------------------------------------


class ParkBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer is to hear."""

    where: Literal["music", "ivr"] = "music"


class ThirdPartyBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A number to call into the conference; or an in-group that an agent is asked of, or the one agent who is."""

    number: Number | None = None
    ingroup: Name | None = None
    agent: Name | None = None
    hold: bool = False
    exactly: bool = False
    group_alias: OptionalName = ""

    def __post_init__(self) -> None:
        if (self.number is None) == (self.ingroup is None and self.agent is None):
            raise ValueError("A `number`, or an `ingroup` or an `agent` is needed, not both")
        if self.agent and self.ingroup not in {None, AGENT_DIRECT}:
            raise ValueError(f"An `agent` goes with the `ingroup` {AGENT_DIRECT}, or alone")
        if self.exactly and self.number is None:
            raise ValueError("`exactly` goes with a `number` only")

    def wanted(self) -> dict[str, Any]:
        """The arguments of ``Operations.dial_third``."""
        return {
            "number": self.number or self.agent or "",
            "ingroup": self.ingroup or (AGENT_DIRECT if self.agent else ""),
            "hold": self.hold,
            "exactly": self.exactly,
            "group_alias": self.group_alias,
        }


class ConnectBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The other of two calls."""

    other: Id


class DtmfBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer is to hear. Which digits are good is the core's to say."""

    digits: Annotated[str, Meta(min_length=1, max_length=100)]


# --- recordings and supervisors ------------------------------------------------------------------------------


class RecordingBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A recording that is to begin. ``stage`` ends its file's name."""

    stage: Annotated[str, Meta(max_length=14)] = ""
    call_id: Id | None = None


class MuteBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a recording is to go on in silence."""

    muted: bool


class MonitorBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A supervisor's phone, and what he wants to do."""

    phone: Name
    mode: Literal["listen", "whisper", "barge"]


# --- reading -------------------------------------------------------------------------------------------------


MAX_ECHO = 200  # characters of a field's name that are given back

_UNKNOWN = re.compile(r"Object (?:contains unknown|missing required) field `(.*)`", re.DOTALL)


def body_of(request: IRequest, kind: type[Body]) -> Body:
    """Give a request's body as ``kind``.

    Raises:
        Refused: 415 when it does not say that it is JSON, 400 when it is not JSON or not that.
    """
    if kind is Nothing:
        return kind()
    given = (request.getHeader(b"Content-Type") or b"").partition(b";")[0].strip().lower()
    if given != b"application/json":
        accept = {"Accept": "application/json"}
        raise Refused(problem(415, "unsupported_media_type", "The body must be application/json.", accept))
    try:
        return msgspec.json.decode(whole_body(request), type=kind)
    except msgspec.ValidationError as error:
        raise Refused(_invalid(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(problem(400, "malformed_json", "The body is not JSON.")) from None


def _invalid(message: str) -> Reply:
    """The answer to a body of another shape, with the path of the field, such as ``$.lead_id``."""
    text, _, place = message.rpartition(" - at `") if message.endswith("`") else (message, "", "")
    if not place.startswith("$"):
        text, place = message, "$`"
    named = _UNKNOWN.fullmatch(text)
    field = place[:-1] + (f".{named[1]}" if named else "")
    return problem(400, "invalid_body", f"{text[:MAX_ECHO]}.", field=field[:MAX_ECHO])
