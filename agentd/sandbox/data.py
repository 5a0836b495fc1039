"""The demo's people, phones, campaigns, in-groups and leads: those that the documents' examples speak of."""

from __future__ import annotations

from dataclasses import replace

from agentd.core.model import (
    Campaign,
    DialMethod,
    GroupAlias,
    InGroup,
    Lead,
    PauseCode,
    Phone,
    Pick,
    Preset,
    PreviewRule,
    Status,
    Treatment,
    TreatmentKind,
    User,
    UserGroup,
    UserKind,
)
from agentd.engine.ports import Activity
from agentd.sandbox.configuration import ANSWERING, BUSY, SILENT, UNREGISTERED
from agentd.sandbox.tones import IVR_PROMPT, LEAVE_MESSAGE, SORRY, WELCOME

__all__ = [
    "CALLERS_LIST",
    "DIAL_CAMPAIGN",
    "DNC",
    "ON_DUTY",
    "PASSWORD",
    "activities",
    "campaigns",
    "group_aliases",
    "ingroups",
    "leads",
    "phones",
    "user_groups",
    "users",
]

PASSWORD = "1234"  # noqa: S105 - a demo on loopback, and the documents say so
"""The password of every user of the demo."""

ON_DUTY = ("1001", "505")
"""The agent who is logged in and ready when the demo has started, and his phone."""

DIAL_CAMPAIGN = "TESTCAMP"
"""The campaign whose leads the demo's dialler calls."""

CALLERS_LIST = 102
"""The list of those who called; no campaign dials them."""

DNC = (("7275551290", ""), ("7275551291", DIAL_CAMPAIGN))
"""Numbers that must not be called, and by which campaign (empty: by none)."""

_API = frozenset({"agent_api", "agentcall_manual", "modify_leads", "modify_campaigns", "change_agent_campaign"})
_AGENT = frozenset({"agentcall_manual"})
_SORRY = Treatment(TreatmentKind.MESSAGE, SORRY)
_CRM = "https://crm.example/{page}?lead={{lead_id}}&vendor={{vendor_lead_code}}&number={{phone_number}}&agent={{user}}"
_WEBPHONE = "https://webphone.example/?extension={extension}&agent={agent}&conference={conference}"


def user_groups() -> list[UserGroup]:
    """The API users' group, and the agents'. Neither is kept from anywhere."""
    return [UserGroup("ADMIN", "Supervisors and programs"), UserGroup("AGENTS", "Agents")]


def users(password_hash: str) -> list[User]:
    """API users 6666 and 101, who are agents too; agents 1000, 1001, 201 and 136; the remote agent 1028.

    1234 may use the API and log in, and nothing else: neither dial by hand nor change leads, campaigns or in-groups.
    In SALESLINE the higher rank is asked first: 6666, then 101, 1001, 1000, and 1028 when nobody else is free.
    """
    agent = User("1000", 1000, "Agent Thousand", campaign="TESTCAMP", group="AGENTS", rights=_AGENT, blended=True)
    agent = replace(agent, password_hash=password_hash, ingroups=("SALESLINE",), ranks={"SALESLINE": 1})
    boss = replace(agent, group="ADMIN", rights=_API)
    queued = replace(agent, campaign="2000", blended=False, ingroups=("2000",), ranks={})
    remote = replace(agent, kind=UserKind.REMOTE, blended=False, ranks={})
    little = replace(agent, group="ADMIN", rights=frozenset({"agent_api"}), blended=False, ingroups=(), ranks={})
    return [
        replace(boss, name="6666", number=6666, full_name="Supervisor Six", ranks={"SALESLINE": 7, "TEST_IN": 1}),
        replace(boss, name="101", number=101, full_name="Supervisor One", ranks={"SALESLINE": 5, "TEST_IN": 3}),
        replace(agent, custom={"three": "876543"}),
        replace(
            agent,
            name="1001",
            number=1001,
            full_name="Agent Thousand and One",
            ingroups=("SALESLINE", "TEST_IN3"),
            ranks={"SALESLINE": 3, "TEST_IN": 5},
        ),
        replace(remote, name="1028", number=1028, full_name="Remote Agent", outside_number="7275551299"),
        replace(queued, name="201", number=201, full_name="Agent Two Hundred and One"),
        replace(queued, name="136", number=136, full_name="Agent One Hundred Thirty-Six"),
        replace(little, name="1234", number=1234, full_name="Who May Do Little"),
    ]


def phones() -> list[Phone]:
    """All phones of the sandbox; 502 has a web phone besides."""
    webphones = {"502": _WEBPHONE}
    numbers = (*ANSWERING, SILENT, BUSY, UNREGISTERED)
    return [Phone(number, f"PJSIP/{number}", webphone_url=webphones.get(number, "")) for number in numbers]


def campaigns() -> list[Campaign]:
    """TESTCAMP, where all is allowed; TESTPREV and TESTMAN, where less is; 2000, a queue of the Crystal document.

    In TESTPREV a lead who is looked at is dialled, and at his main number; TESTMAN has neither previews nor a list for
    the leads that agents bring along, and takes no calls.
    """
    pause_codes = {
        "BREAK": PauseCode("BREAK", "Short break"),
        "LUNCH": PauseCode("LUNCH", "Lunch"),
        "TRAIN": PauseCode("TRAIN", "Training", productive=True),
    }
    testcamp = Campaign(
        name=DIAL_CAMPAIGN,
        number=1,
        title="The documents' campaign",
        trunk="PJSIP/{number}@carrier",
        dial_prefix="9",
        caller_id="7275551210",
        dial_timeout=20,
        manual_queue=True,
        manual_list=101,
        search_lists=(101,),
        park_music="default",
        ivr_prompt=IVR_PROMPT,
        leave_message=LEAVE_MESSAGE,
        default_ingroup="SALESLINE",
        drop=_SORRY,
        dial_statuses=("NEW", "N", "B", "DROP"),
        redial_after=600,
        call_hours="",  # a demo is shown at night, too
        preview=PreviewRule.ENABLED,
        alternative_numbers=True,
        refuse_dnc=True,
        webform=_CRM.format(page="lead"),
        webform2=_CRM.format(page="order"),
        presets=_presets(),
        pause_codes=pause_codes,
        statuses={"DNCC": Status("DNCC", 0, "No more calls of this campaign", human_answered=True, dnc=True)},
    )
    by_hand = replace(testcamp, dial_method=DialMethod.MANUAL, manual_queue=False, alternative_numbers=False)
    preview = replace(by_hand, name="TESTPREV", number=3, title="Preview only", preview=PreviewRule.ONLY)
    manual = replace(by_hand, name="TESTMAN", number=4, title="By hand, and no calls come in", inbound=False)
    manual = replace(manual, preview=PreviewRule.DISABLED, manual_list=0)
    queue = replace(by_hand, name="2000", number=2, title="Queue 2000", wrapup=0)
    return [testcamp, queue, preview, manual]


def _presets() -> dict[str, Preset]:
    """Whom agents often call, each with a manner of his own."""
    presets = [
        Preset("D1", "8500", "A message"),
        Preset("D2", "7275551251", "Answers and talks"),
        Preset("D3", "7275551205", "Answers after a while"),
        Preset("D4", "7275551200", "Is busy"),
        Preset("D5", "510", "A phone of the house"),
    ]
    return {preset.code: preset for preset in presets}


def ingroups() -> list[InGroup]:
    """The in-groups of the documents' examples, each with something of its own to try; and queue 2000.

    AGENTDIRECT is for calls that want one agent.
    """
    salesline = InGroup(
        "SALESLINE",
        1,
        "Sales line: by rank, announced",
        pick=Pick.RANK,
        welcome=WELCOME,
        announce_every=30,
        announce_wait=True,
        drop_after=600,
        drop=_SORRY,
    )
    to_salesline = Treatment(TreatmentKind.INGROUP, "SALESLINE")
    lines = [
        salesline,
        InGroup("TEST_IN", 2, "Test: by rank", pick=Pick.RANK),
        InGroup("TEST_IN2", 3, "Test two: fewest calls, served first", pick=Pick.FEWEST, priority=10),
        InGroup("TEST_IN3", 4, "Test three: on to SALESLINE after two minutes", drop_after=120, drop=to_salesline),
        InGroup("TEST_IN4", 5, "Test four: anybody, and two may wait", pick=Pick.RANDOM, max_waiting=2, full=_SORRY),
        InGroup(
            "TRAINING_IN",
            6,
            "Training: to extension 8500 when nobody is logged in",
            no_agent=Treatment(TreatmentKind.EXTENSION, "8500"),
        ),
        InGroup("AGENTDIRECT", 7, "Calls for one agent"),
        InGroup("2000", 8, "Queue 2000"),
    ]
    return [replace(line, list_id=CALLERS_LIST) for line in lines]


def group_aliases() -> list[GroupAlias]:
    """Caller ids with names; BADALIAS has a number that is too short to be shown to anybody."""
    return [
        GroupAlias("DEFAULT", "7275551211", "The switchboard"),
        GroupAlias("TESTING", "7275551211", "For tests"),
        GroupAlias("BADALIAS", "123", "No number that can be called back"),
    ]


def leads() -> list[Lead]:
    """List 101: fifty leads, among them the documents' 123456 and 402028, and two whom nobody may call."""
    documented = Lead(
        123456,
        101,
        "NEW",
        "1",
        "7275551212",
        {
            "alt_phone": "7275551213",
            "address3": "7275551214",
            "vendor_lead_code": "9987-1234765",
            "province": "SK",
            "security_phrase": "WILLIAMS",
            "source_id": "JUH764AJJJ9",
            "first_name": "Bob",
            "last_name": "Williams",
        },
    )
    second = Lead(402028, 101, "NEW", "1", "7275551228", {"first_name": "Ann", "last_name": "Example"})
    others = [Lead(1000 + n, 101, "NEW", "1", f"72755513{n:02d}", _other(n)) for n in range(1, 47)]
    not_to_call = [Lead(1047 + n, 101, "NEW", "1", number) for n, (number, _) in enumerate(DNC)]
    return [documented, second, *others, *not_to_call]


def activities() -> list[Activity]:
    """What the CRM has planned: calls to the two people whom the documents name. There is no 12345."""
    return [
        Activity("54321", "7275551212", "1", "9987-1234765", "Ask about the offer"),
        Activity("54322", "7275551228", "1", "ACC-402028", "Welcome call"),
    ]


def _other(n: int) -> dict[str, str]:
    """The fields of a lead that no document names. Those who answer and talk are dialled first."""
    named = {"first_name": "Lead", "last_name": f"Number {n:02d}"}
    return named | ({"rank": "5"} if n > 5 else {})
