"""Who works at the simulated call centre, and for which in-groups."""

from __future__ import annotations

from random import Random
from time import mktime

from agentd.core import records as r
from agentd.core.model import Campaign, InGroup, Phone, Pick, Status, Treatment, TreatmentKind, User, UserKind
from agentd.core.settings import Settings

__all__ = ["BEGIN", "INGROUPS", "SETTINGS", "STEADY", "reference"]

BEGIN = mktime((2026, 6, 2, 6, 0, 0, 0, 0, -1))  # in the day of the daemon, whose midnight counts
SETTINGS = Settings(max_sessions=100, max_calls=2000, calls_per_second=1000, default_campaign="DAY")

# In-groups by name, with their shares of the callers.
INGROUPS = {
    "SALES": (
        6,
        InGroup(
            "SALES",
            1,
            music="sales",
            welcome="agentd/welcome",
            announce_every=20,
            announce_wait=True,
            drop_after=40,
            drop=Treatment(TreatmentKind.INGROUP, "HELP"),
        ),
    ),
    "HELP": (
        5,
        InGroup(
            "HELP",
            2,
            pick=Pick.RANK,
            priority=-1,
            max_waiting=5,
            full=Treatment(TreatmentKind.MESSAGE, "agentd/sorry"),
            ring_time=8,
        ),
    ),
    "VIP": (2, InGroup("VIP", 3, pick=Pick.RANK, priority=5)),
    "FAIR": (2, InGroup("FAIR", 4, pick=Pick.FEWEST)),
    "LOT": (3, InGroup("LOT", 5, pick=Pick.RANDOM, priority=1, drop_after=8)),
    "EARLY": (
        1,
        InGroup("EARLY", 6, hours="00:00-09:00", after_hours=Treatment(TreatmentKind.VOICEMAIL, "100")),
    ),
    "NOBODY": (1, InGroup("NOBODY", 7, no_agent=Treatment(TreatmentKind.EXTENSION, "8500"))),
}

STEADY = tuple(f"1{number:02d}" for number in range(5))
"""Agents who take FAIR and nothing else, all day long."""


def reference() -> list[r.Record]:
    """36 agents, of whom some are rung for each call and some are elsewhere; and ids enough."""
    random = Random(1)
    users = [User(name, int(name), phone=name, ingroups=("FAIR",)) for name in STEADY]
    users += [_user(str(number), random) for number in range(105, 136)]
    campaign = Campaign("DAY", 1, trunk="PJSIP/{number}@carrier", default_status="A")
    return [
        r.CampaignSet("DAY", campaign),
        r.StatusSet("A", Status("A", 1)),
        *(r.InGroupSet(name, ingroup) for name, (_, ingroup) in INGROUPS.items()),
        *(r.UserSet(user.name, user) for user in users),
        *(r.PhoneSet(user.phone, Phone(user.phone, f"PJSIP/{user.phone}")) for user in users if user.phone),
        *(r.IdsGranted(kind, 1, 1_000_000) for kind in ("session", "call", "lead", "recording")),
    ]


def _user(name: str, random: Random) -> User:
    lines = ["SALES", "HELP", "VIP", "LOT", "EARLY"]
    ingroups = tuple(random.sample(lines, random.choice([1, 2, 3, 5])))
    ranks = {ingroup: random.randint(-2, 2) for ingroup in ingroups}
    if name.endswith("9"):
        outside = f"727555{name}0"
        return User(
            name, int(name), kind=UserKind.REMOTE, ingroups=ingroups, ranks=ranks, outside_number=outside, lines=2
        )
    return User(name, int(name), phone=name, on_hook=name.endswith("7"), ingroups=ingroups, ranks=ranks)
