"""Who and what is in the house: the users, phones, campaigns and leads that the documents' examples name."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from agentd.core.model import Campaign, GroupAlias, InGroup, Lead, PauseCode, Phone, Status, User, UserKind
from agentd.core.records import CampaignSet, GroupAliasSet, InGroupSet, PhoneSet, Record, StatusSet, UserSet
from agentd.engine.auth import hash_password

PASSWORD = "1234"
ALL_RIGHTS = frozenset({"agent_api", "agentcall_manual", "change_agent_campaign", "modify_campaigns", "modify_leads"})
AGENTS = ("1000", "1001", "101", "6666", "136", "201")


@lru_cache(maxsize=1)
def _hash() -> str:
    return hash_password(PASSWORD)


def user(name: str, **fields) -> User:
    """An active user with the demo's password."""
    number = int(name) if name.isdigit() else 1_000_000_000 + len(name)
    made = User(name, number, f"Agent {name}", password_hash=_hash(), rights=ALL_RIGHTS, campaign="TESTCAMP")
    return replace(made, **fields)


def campaign(name: str = "TESTCAMP", **fields) -> Campaign:
    """A campaign that may dial through the carrier."""
    made = Campaign(
        name,
        1,
        trunk="PJSIP/{number}@carrier",
        manual_list=101,
        caller_id="7275551200",
        ivr_prompt="agentd/ivr-prompt",
        leave_message="agentd/leave-message",
        default_ingroup="SALESLINE",
        pause_codes={code: PauseCode(code) for code in ("BREAK", "LUNCH")},
    )
    return replace(made, **fields)


STATUSES = (
    Status("A", 1, "Answering machine"),
    Status("B", 2, "Busy"),
    Status("N", 3, "No answer"),
    Status("SALE", 4, "Sale", sale=True),
    Status("CALLBK", 5, "Call back", callback=True),
    Status("DISPO", 6, "No disposition given", selectable=False),
    Status("RAXFER", 7, "Ended by a remote agent's system", selectable=False),
)

INGROUPS = (
    InGroup("SALESLINE", 1, "Sales"),
    InGroup("TEST_IN", 2, transfer_to="TEST_IN3"),
    InGroup("TEST_IN3", 3),
    InGroup("AGENTDIRECT", 4, "One agent"),
    InGroup("OLD_IN", 5, active=False),
    InGroup("TEST_IN2", 6),
    InGroup("TEST_IN4", 7),
)

GROUP_ALIASES = (
    GroupAlias("DEFAULT", "7275551211"),
    GroupAlias("TESTING", "7275551211"),
    GroupAlias("BADALIAS", "123"),
)

LEADS = (
    Lead(
        123456,
        101,
        "NEW",
        "1",
        "7275551212",
        {
            "vendor_lead_code": "9987-1234765",
            "alt_phone": "7275551213",
            "address3": "7275551214",
            "province": "SK",
            "security_phrase": "WILLIAMS",
            "source_id": "JUH764AJJJ9",
        },
    ),
    Lead(402028, 101, "NEW", "1", "7275551222"),
    Lead(402029, 101, "NEW", "1", ""),
    Lead(402030, 101, "NEW", "1", "1234567890123456"),
    Lead(402031, 101, "NEW", "1", "7275551212&Local/911"),
)


def reference() -> list[Record]:
    """Everything that the administrator set up, as records."""
    users = [user(name) for name in AGENTS]
    users[0] = replace(users[0], custom={"three": "876543"})
    users[1] = replace(users[1], ingroups=("SALESLINE", "TEST_IN3"))
    users += [
        user("api", kind=UserKind.API, rights=frozenset({"agent_api"}), group="ADMIN"),
        user("noapi", kind=UserKind.API, rights=frozenset()),
        user("limited", kind=UserKind.API, rights=frozenset({"agent_api", "function:external_pause"}), group="CRM"),
        user("nodial", rights=frozenset({"agent_api"})),
        user("1028", kind=UserKind.REMOTE, outside_number="7275551299", ingroups=("SALESLINE", "TEST_IN"), lines=2),
        user("nochange", kind=UserKind.API, rights=frozenset({"agent_api"})),
        user("gone", active=False),
    ]
    phones = [Phone(str(n), f"PJSIP/{n}") for n in range(501, 524)]
    phones.append(Phone("524", ""))
    phones.append(Phone("000*094", "PJSIP/000x094"))
    records: list[Record] = [UserSet(each.name, each) for each in users]
    records += [PhoneSet(phone.extension, phone) for phone in phones]
    records += [CampaignSet(each.name, each) for each in (campaign(), campaign("2000", number=2, wrapup=0))]
    records += [StatusSet(status.code, status) for status in STATUSES]
    records += [InGroupSet(ingroup.name, ingroup) for ingroup in INGROUPS]
    records += [GroupAliasSet(alias.name, alias) for alias in GROUP_ALIASES]
    return records
