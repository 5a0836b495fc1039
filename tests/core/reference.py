"""The small call centre of the core's tests: its users, phones, campaign and in-groups, and where legs can be."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.model import (
    Campaign,
    GroupAlias,
    InGroup,
    PauseCode,
    Phone,
    Place,
    PlaceKind,
    Preset,
    Status,
    User,
    UserKind,
)
from agentd.core.settings import Settings

__all__ = [
    "CAMPAIGN",
    "IVR",
    "NUMBER",
    "OUTSIDE",
    "ROOM",
    "SETTINGS",
    "START",
    "WAIT",
    "conference",
    "reference",
    "remote_user",
]

START = 1_700_000_000.0
NUMBER = "7275551212"
ROOM = "8600051"  # of whoever logs in first
WAIT = Place(PlaceKind.WAIT)
IVR = Place(PlaceKind.IVR)
OUTSIDE = Place(PlaceKind.OUTSIDE)


def conference(room: str) -> Place:
    """Being in a conference."""
    return Place(PlaceKind.CONFERENCE, room)


SETTINGS = Settings(conference_last=8600060, max_sessions=5, max_calls=10, default_campaign="TESTCAMP")
CAMPAIGN = Campaign(
    "TESTCAMP",
    1,
    trunk="PJSIP/{number}@carrier",
    caller_id="7275551211",
    pause_codes={"BREAK": PauseCode("BREAK"), "LUNCH": PauseCode("LUNCH", productive=True)},
    statuses={
        "SALE": Status("SALE", 10),
        "CALLBK": Status("CALLBK", 11, callback=True),
        "NEVER": Status("NEVER", 12, dnc=True),
    },
    presets={"D1": Preset("D1", "(727) 555-0000"), "D2": Preset("D2", "8500")},
    webform="https://crm.example/lead?id={lead_id}",
    park_music="park",
    ivr_prompt="agentd/park-ivr",
    leave_message="agentd/message",
    default_ingroup="SALESLINE",
)


def reference(campaign: Campaign = CAMPAIGN) -> list[r.Record]:
    """The users, phones, campaigns, in-groups and statuses of these tests, and ids enough."""
    rights = frozenset({"agentcall_manual"})
    takes = {"1000": (), "1001": ("SALESLINE",), "1002": ("SALESLINE", "SUPPORT")}
    ingroups = {
        "SALESLINE": InGroup("SALESLINE", 1, music="sales", transfer_to="SUPPORT"),
        "SUPPORT": InGroup("SUPPORT", 2),
        "AGENTDIRECT": InGroup("AGENTDIRECT", 3),
        "CLOSED": InGroup("CLOSED", 4, active=False),
    }
    aliases = [
        GroupAlias("TESTING", "7275551299"),
        GroupAlias("BADALIAS", "123"),
        GroupAlias("OLD", "72755", "", False),
    ]
    return [
        *(r.UserSet(name, User(name, int(name), rights=rights, ingroups=takes[name])) for name in takes),
        *(r.InGroupSet(name, ingroup) for name, ingroup in ingroups.items()),
        *(r.GroupAliasSet(alias.name, alias) for alias in aliases),
        r.UserSet("1003", User("1003", 1003)),
        r.UserSet("1004", User("1004", 1004, rights=rights, ingroups=("SALESLINE",), phone="504", on_hook=True)),
        r.UserSet("1029", remote_user("1029", rights)),
        r.UserSet("1028", User("1028", 1028, kind=UserKind.REMOTE)),
        r.UserSet("6666", User("6666", 6666, kind=UserKind.API)),
        *(r.PhoneSet(name, Phone(name, f"PJSIP/{name}")) for name in ("502", "503", "504", "505")),
        r.PhoneSet("599", Phone("599", "")),
        r.PhoneSet("598", Phone("598", "PJSIP/598", active=False)),
        r.CampaignSet(campaign.name, campaign),
        r.CampaignSet("CLOSED", Campaign("CLOSED", 2, active=False)),
        *(r.StatusSet(code, Status(code, number)) for number, code in enumerate(("A", "B", "N", "DISPO"))),
        r.IdsGranted("session", 1, 1000),
        r.IdsGranted("call", 1000, 2000),
        r.IdsGranted("lead", 402028, 403028),
        r.IdsGranted("recording", 1, 1000),
        r.IdsGranted("callback", 1, 1000),
    ]


def remote_user(name: str, rights: frozenset[str]) -> User:
    """An agent who takes calls at a number outside, two at a time."""
    number = f"727555{name}"
    return User(
        name,
        int(name),
        kind=UserKind.REMOTE,
        rights=rights,
        ingroups=("SALESLINE",),
        outside_number=number,
        lines=2,
    )
