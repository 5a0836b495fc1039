"""The demo's people, phones, campaigns, in-groups and leads: those that the documents' examples speak of."""

from __future__ import annotations

from dataclasses import replace

from agentd.core.model import Campaign, GroupAlias, InGroup, Lead, PauseCode, Phone, Status, User, UserKind
from agentd.sandbox.configuration import ANSWERING, BUSY, SILENT, UNREGISTERED
from agentd.sandbox.tones import IVR_PROMPT, LEAVE_MESSAGE

__all__ = [
    "ON_DUTY",
    "PASSWORD",
    "campaigns",
    "group_aliases",
    "ingroups",
    "leads",
    "phones",
    "statuses",
    "users",
]

PASSWORD = "1234"  # noqa: S105 - a demo on loopback, and the documents say so
"""The password of every user of the demo."""

ON_DUTY = ("1001", "505")
"""The agent who is logged in and ready when the demo has started, and his phone."""

_API = frozenset({"agent_api", "agentcall_manual", "modify_leads", "modify_campaigns", "change_agent_campaign"})
_AGENT = frozenset({"agentcall_manual"})


def users(password_hash: str) -> list[User]:
    """API users 6666 and 101, who are agents too; agents 1000, 1001, 201 and 136; the remote agent 1028."""
    in_testcamp = [
        User("6666", 6666, "Supervisor Six", campaign="TESTCAMP", group="ADMIN", rights=_API),
        User("101", 101, "Supervisor One", campaign="TESTCAMP", group="ADMIN", rights=_API),
        User("1000", 1000, "Agent Thousand", campaign="TESTCAMP", rights=_AGENT, custom={"three": "876543"}),
        User(
            "1001",
            1001,
            "Agent Thousand and One",
            campaign="TESTCAMP",
            rights=_AGENT,
            ingroups=("SALESLINE", "TEST_IN3"),
        ),
        User("1028", 1028, "Remote Agent", kind=UserKind.REMOTE, campaign="TESTCAMP", rights=_AGENT),
    ]
    in_queue = [
        User("201", 201, "Agent Two Hundred and One", campaign="2000", rights=_AGENT),
        User("136", 136, "Agent One Hundred Thirty-Six", campaign="2000", rights=_AGENT),
    ]
    return [replace(user, password_hash=password_hash) for user in (*in_testcamp, *in_queue)]


def phones() -> list[Phone]:
    """All phones of the sandbox."""
    return [Phone(number, f"PJSIP/{number}") for number in (*ANSWERING, SILENT, BUSY, UNREGISTERED)]


def campaigns() -> list[Campaign]:
    """TESTCAMP, where agents dial by hand, and 2000, a queue in the words of the Crystal document."""
    pause_codes = {
        "BREAK": PauseCode("BREAK", "Short break"),
        "LUNCH": PauseCode("LUNCH", "Lunch"),
        "TRAIN": PauseCode("TRAIN", "Training", productive=True),
    }
    testcamp = Campaign(
        name="TESTCAMP",
        number=1,
        title="The documents' campaign",
        trunk="PJSIP/{number}@carrier",
        dial_prefix="9",
        caller_id="7275551211",
        dial_timeout=20,
        manual_list=101,
        search_lists=(101,),
        park_music="default",
        ivr_prompt=IVR_PROMPT,
        leave_message=LEAVE_MESSAGE,
        default_ingroup="SALESLINE",
        pause_codes=pause_codes,
    )
    queue = replace(testcamp, name="2000", number=2, title="Queue 2000", wrapup=0)
    return [testcamp, queue]


def ingroups() -> list[InGroup]:
    """The in-groups of the documents' examples; AGENTDIRECT is for calls that want one agent."""
    return [
        InGroup("SALESLINE", 1, "Sales line"),
        InGroup("TEST_IN", 2, "Test"),
        InGroup("TEST_IN2", 3, "Test two"),
        InGroup("TEST_IN3", 4, "Test three"),
        InGroup("TEST_IN4", 5, "Test four"),
        InGroup("TRAINING_IN", 6, "Training"),
        InGroup("AGENTDIRECT", 7, "Calls for one agent"),
    ]


def group_aliases() -> list[GroupAlias]:
    """Caller ids with names; BADALIAS has a number that is too short to be shown to anybody."""
    return [
        GroupAlias("DEFAULT", "7275551211", "The campaign's number"),
        GroupAlias("TESTING", "7275551211", "For tests"),
        GroupAlias("BADALIAS", "123", "No number that can be called back"),
    ]


def statuses() -> list[Status]:
    """The system statuses: what agents give, and what agentd gives by itself."""
    by_agents = [
        Status("A", 1, "Answering machine"),
        Status("NI", 2, "Not interested", human_answered=True),
        Status("SALE", 3, "Sale made", human_answered=True, sale=True),
        Status("DNC", 4, "Do not call", human_answered=True, dnc=True),
        Status("CALLBK", 5, "Call back", human_answered=True, callback=True),
        Status("B", 6, "Busy"),
        Status("N", 7, "No answer"),
        Status("DC", 8, "Disconnected number"),
    ]
    by_system = [
        Status("NEW", 20, "New lead", selectable=False),
        Status("DISPO", 21, "No disposition given", selectable=False),
        Status("REJ", 22, "Rejected", selectable=False),
        Status("CONG", 23, "Congestion", selectable=False),
        Status("CANCEL", 24, "Cancelled by the agent", selectable=False),
        Status("RAXFER", 25, "Transferred by a remote agent", selectable=False),
        Status("DROP", 26, "Gone before an agent was there", selectable=False),
    ]
    return [*by_agents, *by_system]


def leads() -> list[Lead]:
    """List 101: fifty leads, among them the documents' 123456 and 402028."""
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
    others = [
        Lead(1000 + n, 101, "NEW", "1", f"72755513{n:02d}", {"first_name": "Lead", "last_name": f"Number {n:02d}"})
        for n in range(1, 49)
    ]
    return [documented, second, *others]
