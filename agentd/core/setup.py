"""Reference data: what the administrator set up. All of it is frozen; a change replaces the whole thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "Campaign",
    "GroupAlias",
    "InGroup",
    "PauseCode",
    "Phone",
    "RecordingRule",
    "Status",
    "Token",
    "User",
    "UserKind",
]


class UserKind(StrEnum):
    """How a user takes calls: on a phone of this PBX, at an outside number, or not at all."""

    LOCAL = "local"
    REMOTE = "remote"
    API = "api"


@dataclass(frozen=True, slots=True)
class User:
    """Whoever has credentials. ``rights`` names what he may do, such as ``agent_api`` or ``agentcall_manual``.

    ``ingroups`` are those whose calls he takes when he logs in.
    """

    name: str
    number: int
    full_name: str = ""
    kind: UserKind = UserKind.LOCAL
    password_hash: str = ""
    active: bool = True
    campaign: str = ""
    group: str = ""
    rights: frozenset[str] = frozenset()
    custom: dict[str, str] = field(default_factory=dict)
    ingroups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of this PBX. ``dial`` is what Asterisk rings, such as ``PJSIP/502``."""

    extension: str
    dial: str
    active: bool = True
    webphone_url: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A disposition that an agent or the system may give to a call."""

    code: str
    number: int
    title: str = ""
    selectable: bool = True
    callback: bool = False
    human_answered: bool = False
    sale: bool = False
    dnc: bool = False


@dataclass(frozen=True, slots=True)
class PauseCode:
    """Why an agent is paused; ``productive`` pauses count as work."""

    code: str
    title: str = ""
    productive: bool = False


class RecordingRule(StrEnum):
    """Which of a campaign's calls are recorded. FORCED: all, and the agent cannot stop it."""

    NEVER = "never"
    ON_DEMAND = "ondemand"
    ALL = "allcalls"
    FORCED = "allforce"


@dataclass(frozen=True, slots=True)
class InGroup:
    """A line in which callers wait for an agent.

    ``transfer_to`` is the in-group that DEFAULTINGROUP means for its calls; ``music`` a class of music on hold, empty
    for the PBX's default.
    """

    name: str
    number: int
    title: str = ""
    active: bool = True
    music: str = ""
    transfer_to: str = ""


@dataclass(frozen=True, slots=True)
class GroupAlias:
    """An outbound caller id with a name."""

    name: str
    caller_id: str
    title: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Campaign:
    """How the calls of a group of agents are made and wound up.

    ``wrapup`` is in seconds: None has no limit, 0 means none at all. ``dial_allow`` and ``dial_deny`` are regular
    expressions that must, or must not, match a whole trunk number. ``trunk`` is what Asterisk dials for an outside
    number, with ``{number}`` in it. A held customer hears ``park_music`` (a class of music on hold); one in the IVR
    hears ``ivr_prompt``, or goes through ``ivr_context`` of the PBX's own dialplan; LEAVE_VM plays ``leave_message``.
    ``default_ingroup`` is what DEFAULTINGROUP means; ``recording_format`` one of wav, gsm, ulaw, alaw.
    """

    name: str
    number: int
    title: str = ""
    active: bool = True
    wrapup: int | None = None
    default_status: str = "DISPO"
    disposition_required: bool = False
    after_manual: str = "paused"
    dial_timeout: int = 30
    dial_prefix: str = ""
    trunk: str = ""
    caller_id: str = ""
    dial_allow: tuple[str, ...] = (r"\+?[0-9]{7,15}",)
    dial_deny: tuple[str, ...] = ()
    manual_queue: bool = False
    manual_list: int = 0
    search_lists: tuple[int, ...] = ()
    park_music: str = ""
    ivr_context: str = ""
    ivr_prompt: str = ""
    leave_message: str = ""
    default_ingroup: str = ""
    recording: RecordingRule = RecordingRule.ON_DEMAND
    recording_format: str = "wav"
    pause_codes: dict[str, PauseCode] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token of the native API, known by the SHA-256 digest of its text."""

    digest: str
    name: str
    role: str
    user: str
    scopes: frozenset[str] = frozenset()
    expires: float | None = None
