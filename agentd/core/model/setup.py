"""Reference data: what the administrator set up. All of it is frozen; a change replaces the whole thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "HANG_UP",
    "WAIT_ON",
    "Campaign",
    "DialMethod",
    "GroupAlias",
    "InGroup",
    "PauseCode",
    "Phone",
    "Pick",
    "Preset",
    "PreviewRule",
    "RecordingRule",
    "Status",
    "Token",
    "Treatment",
    "TreatmentKind",
    "User",
    "UserGroup",
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

    ``ingroups`` are those whose calls he takes when he logs in, ``ranks`` (from -9 to 9, 0 where none is named) how
    much he is preferred in which, and ``blended`` whether he takes his campaign's calls besides. ``phone`` is the
    extension by which he is known when he calls to log in, ``pin_hash`` the hash of what he enters there (empty: his
    password, if that is digits). ``on_hook``: his phone is rung for each call instead of sitting in a conference. A
    remote agent is reached at ``outside_number``, on so many ``lines`` at a time.
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
    ranks: dict[str, int] = field(default_factory=dict)
    blended: bool = False
    phone: str = ""
    pin_hash: str = ""
    on_hook: bool = False
    outside_number: str = ""
    lines: int = 1


@dataclass(frozen=True, slots=True)
class UserGroup:
    """Users who are set up together. With ``addresses`` (IP addresses or networks) they are let in only from there."""

    name: str
    title: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of this PBX. ``dial`` is what Asterisk rings, such as ``PJSIP/502``.

    ``webphone_url`` is a template: ``{extension}``, ``{agent}``, ``{campaign}`` and ``{conference}`` in it are those of
    the session.
    """

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


@dataclass(frozen=True, slots=True)
class Preset:
    """A number that the campaign's agents often call. Those with the codes D1 to D5 may be called by a timer action."""

    code: str
    number: str
    title: str = ""


class PreviewRule(StrEnum):
    """Whether a campaign's agents may look at a lead before they dial. ONLY: and may not put him away undialled."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    ONLY = "only"


class RecordingRule(StrEnum):
    """Which of a campaign's calls are recorded. FORCED: all, and the agent cannot stop it."""

    NEVER = "never"
    ON_DEMAND = "ondemand"
    ALL = "allcalls"
    FORCED = "allforce"


class Pick(StrEnum):
    """Which of the free agents gets the next caller; where that leaves several, who has been ready for longest.

    LONGEST: who has been ready for longest. RANK: the highest rank in the in-group. FEWEST: who has had the fewest
    calls of the in-group in his session. RANDOM: any.
    """

    LONGEST = "longest"
    RANK = "rank"
    FEWEST = "fewest"
    RANDOM = "random"


class TreatmentKind(StrEnum):
    """What becomes of a caller for whom there is no agent. WAIT: nothing, he goes on waiting."""

    WAIT = "wait"
    HANGUP = "hangup"
    MESSAGE = "message"
    EXTENSION = "extension"
    INGROUP = "ingroup"
    VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class Treatment:
    """What becomes of a caller, and where: ``to`` is a prompt, an extension, an in-group or a mailbox."""

    kind: TreatmentKind = TreatmentKind.WAIT
    to: str = ""


HANG_UP = Treatment(TreatmentKind.HANGUP)
WAIT_ON = Treatment()


@dataclass(frozen=True, slots=True)
class InGroup:
    """A line in which callers wait for an agent.

    ``transfer_to`` is the in-group that DEFAULTINGROUP means for its calls; ``music`` a class of music on hold, empty
    for the PBX's default. Callers are looked for in ``search_lists`` (none: all lists); a new one goes into list
    ``list_id``.

    ``priority`` (from -99 to 99, the higher the sooner) ranks it among the lines of an agent. Who comes hears the
    prompt ``welcome``, and every ``announce_every`` seconds (0: never) his place and how long it may take, as wanted.
    An on-hook or remote agent is rung for ``ring_time`` seconds. A call is in time when it is answered within
    ``service_level`` seconds.

    ``hours`` is when it is open, such as ``mon-fri 08:00-18:00; sat 09:00-13:00`` (empty: always) in ``timezone`` (an
    IANA name; empty: the daemon's). ``after_hours`` becomes of those who come at another time, ``no_agent`` of those
    who find nobody logged in who takes the in-group, ``full`` of those who find ``max_waiting`` (0: no limit) in the
    line, and ``drop`` of those who have waited for ``drop_after`` seconds (0: never).
    """

    name: str
    number: int
    title: str = ""
    active: bool = True
    music: str = ""
    transfer_to: str = ""
    pick: Pick = Pick.LONGEST
    priority: int = 0
    list_id: int = 0
    search_lists: tuple[int, ...] = ()
    welcome: str = ""
    announce_every: int = 0
    announce_position: bool = True
    announce_wait: bool = False
    ring_time: int = 20
    service_level: int = 20
    hours: str = ""
    timezone: str = ""
    after_hours: Treatment = HANG_UP
    no_agent: Treatment = WAIT_ON
    max_waiting: int = 0
    full: Treatment = HANG_UP
    drop_after: int = 0
    drop: Treatment = HANG_UP


@dataclass(frozen=True, slots=True)
class GroupAlias:
    """An outbound caller id with a name."""

    name: str
    caller_id: str
    title: str = ""
    active: bool = True


class DialMethod(StrEnum):
    """How a campaign's calls are made: by hand, by hand beside in-group calls, or by the campaign itself."""

    MANUAL = "manual"
    INBOUND_MANUAL = "inbound_manual"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Campaign:
    """How the calls of a group of agents are made and wound up.

    ``wrapup`` is in seconds: None has no limit, 0 means none at all. ``dial_allow`` and ``dial_deny`` are regular
    expressions that must, or must not, match a whole trunk number. ``trunk`` is what Asterisk dials for an outside
    number, with ``{number}`` in it. A held customer hears ``park_music`` (a class of music on hold); one in the IVR
    hears ``ivr_prompt``, or goes through ``ivr_context`` of the PBX's own dialplan; LEAVE_VM plays ``leave_message``.
    ``default_ingroup`` is what DEFAULTINGROUP means; ``recording_format`` one of wav, gsm, ulaw, alaw.

    ``inbound``: its agents may take calls of in-groups. With ``dial_method`` ratio it dials by itself for its blended
    agents: ``auto_dial_level`` calls for each who is free (0: none), but no more than one while over ``max_drop_rate``
    percent of today's answered calls found no agent. Who answers and finds none within ``drop_seconds`` (2 at most)
    gets the ``drop`` treatment. It dials leads whose status is one of ``dial_statuses``, whose last call is
    ``redial_after`` seconds ago, within ``call_hours`` (as an in-group's ``hours``) of the lead's own time, or where
    that is unknown of ``timezone``'s; ``hopper`` leads are held ready.

    ``preview`` says whether leads may be looked at before they are dialled by hand, ``alternative_numbers`` whether
    another number of a lead may be dialled from there. ``refuse_dnc``: numbers that must not be called are refused
    when dialled by hand, too. ``webform`` and ``webform2`` are the addresses that the timer actions of those names
    open, with ``{first_name}`` and its like standing for the lead's fields.
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
    inbound: bool = True
    dial_method: DialMethod = DialMethod.RATIO
    auto_dial_level: float = 0.0
    max_drop_rate: float = 3.0
    drop_seconds: float = 2.0
    drop: Treatment = HANG_UP
    dial_statuses: tuple[str, ...] = ("NEW",)
    redial_after: int = 3600
    call_hours: str = "09:00-21:00"
    timezone: str = ""
    hopper: int = 50
    preview: PreviewRule = PreviewRule.ENABLED
    alternative_numbers: bool = False
    refuse_dnc: bool = False
    webform: str = ""
    webform2: str = ""
    presets: dict[str, Preset] = field(default_factory=dict)
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
