"""Who is taken for a caller of whom nobody told, on a connection that is played by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from twisted.internet.defer import fail, succeed

from agentd.core import commands as c
from agentd.core.effects import Tag
from agentd.core.errors import Draining, InGroupUnknown, PbxLinkDown
from agentd.core.model import Place, PlaceKind, Role
from agentd.engine.callers import Arrivals, fit_name, fit_number, fit_priority
from agentd.engine.ports import Caller
from agentd.switch.asterisk import AsteriskSwitch
from agentd.switch.digits import Digits
from agentd.switch.recordings import Recordings
from agentd.switch.strays import Strays
from tests.wire.ami_kit import Office, logged, offices_closed

__all__ = ["logged", "offices_closed"]

NOW = 1_795_159_465.0
WAIT = Place(PlaceKind.WAIT)
STRAY = {"AGENTD_INGROUP": "SALESLINE", "AGENTD_PLACE": "wait"}
KNOWN = "known-1"


def channel(uniqueid: str, context: str = "agentd-wait", **variables: str) -> list[str]:
    """What an event says of a channel."""
    return [
        f"Channel: PJSIP/carrier-{uniqueid}",
        f"Uniqueid: {uniqueid}",
        f"Context: {context}",
        "Exten: s",
        "ChannelState: 6",
        "CallerIDNum: 7275559930",
        "CallerIDName: <unknown>",
        *(f"ChanVariable: {name}={value}" for name, value in variables.items()),
    ]


class Reception:
    """A switch whose link comes up; ``happened`` is what it said, the strays among it."""

    def __init__(self) -> None:
        self.happened: list[object] = []
        self.office = Office(synchronise=lambda _client: self.switch.synchronise())
        client, later = self.office.client, self.office.clock.callLater
        self.switch = AsteriskSwitch(
            client,
            self.happened.append,
            lambda leg: leg == KNOWN,
            later,
            Digits([], later),
            Recordings(client, self.happened.append, Path("/recordings")),
            Strays(self.happened.append, lambda: NOW),
        )
        self.pbx = self.office.pbx

    def opens(self, *channels: list[str]) -> None:
        """The link comes up, with these channels there."""
        self.office.client.start()
        self.pbx.bring_up()
        action = self.pbx.asked()[0]["ActionID"]
        self.pbx.answer("CoreShowChannels", "EventList: start", "Message: Channels will follow")
        for lines in channels:
            self.pbx.says("Event: CoreShowChannel", f"ActionID: {action}", *lines)
        self.pbx.says(
            "Event: CoreShowChannelsComplete",
            f"ActionID: {action}",
            "EventList: Complete",
            f"ListItems: {len(channels)}",
        )

    def comes(self, place: str, lines: list[str]) -> None:
        """The dialplan tells where a channel has come."""
        self.pbx.says("Event: UserEvent", "UserEvent: AgentdPlace", f"Place: {place}", *lines)

    def strays(self) -> list[Caller]:
        return [each for each in self.happened if isinstance(each, Caller)]


@pytest.fixture
def reception() -> Reception:
    return Reception()


def test_who_comes_to_the_wait_and_is_nobodys_is_a_caller(reception: Reception) -> None:
    reception.opens()
    more = {"AGENTD_DID": "7275550100", "AGENTD_PRIORITY": "-5", "AGENTD_WANTED": "1028", "AGENTD_CALL": ""}
    reception.comes("wait", channel("in-1", **STRAY, **more))
    caller = Caller("in-1", "SALESLINE", "7275559930", "", "7275550100", -5, "1028", NOW, WAIT)
    assert reception.strays() == [caller]


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ("wait", channel("in-1", AGENTD_PLACE="wait")),
        ("wait", channel("in-1", **STRAY, AGENTD_CALL="Y0315201639000402027")),
        ("wait", channel(KNOWN, **STRAY)),
        ("ivr", channel("in-1", **STRAY)),
        ("nowhere", channel("in-1", **STRAY)),
    ],
    ids=["no in-group", "has a call", "is a leg", "is in the ivr", "is nowhere"],
)
def test_others_are_not(reception: Reception, place: str, lines: list[str]) -> None:
    reception.opens()
    reception.comes(place, lines)
    assert reception.strays() == []


def test_who_waits_when_the_link_comes_up_has_waited_since_he_came_and_is_told_after_the_link(
    reception: Reception,
) -> None:
    duration, application = "Duration: 01:02:03", "Application: MusicOnHold"
    reception.opens(
        [*channel("in-1", **STRAY), duration, application],
        [*channel("in-2", "agentd-announce", **STRAY), "Duration: 00:00:00", "Application: Playback"],
        [*channel("in-3", "agentd-in", **STRAY), duration, "Application: AGI"],
        [*channel("in-4", "agentd-refused", **STRAY), duration, "Application: Congestion"],
        [*channel("in-5", AGENTD_ROLE="customer", AGENTD_CALL="Y1", **STRAY), duration, application],
    )
    up, *callers = reception.happened
    assert isinstance(up, c.LinkUp)
    assert [seen.leg for seen in up.channels] == ["in-5"]
    assert [(caller.leg, caller.since) for caller in reception.strays()] == [("in-1", NOW - 3723), ("in-2", NOW)]
    assert len(callers) == 2


def test_of_those_who_came_meanwhile_the_most_urgent_and_longest_waiting_is_told_first(reception: Reception) -> None:
    waits = {"in-1": (5, 0), "in-2": (50, 0), "in-3": (20, 0), "in-4": (1, 7)}
    reception.opens(
        *(
            [
                *channel(leg, **STRAY, AGENTD_PRIORITY=str(priority)),
                f"Duration: 00:00:{seconds:02d}",
                "Application: AGI",
            ]
            for leg, (seconds, priority) in waits.items()
        )
    )
    assert [caller.leg for caller in reception.strays()] == ["in-4", "in-2", "in-3", "in-1"]


def test_a_leg_whose_channel_does_not_say_so_is_told_again(reception: Reception) -> None:
    """Then it is tagged again: the link may have been lost before that was done."""
    reception.opens([*channel(KNOWN, **STRAY), "Duration: 00:00:09", "Application: MusicOnHold"])
    assert [caller.leg for caller in reception.strays()] == [KNOWN]


def test_the_other_half_of_a_local_channel_is_seen_where_it_is_a_leg(reception: Reception) -> None:
    def half(uniqueid: str) -> list[str]:
        more = {"AGENTD_CALL": "Y0315201639000402027", "AGENTD_ROLE": "customer"}
        _, *lines = channel(uniqueid, **STRAY, **more)
        return ["Channel: Local/8000@agentd-extensions-1;2", *lines, "Duration: 00:00:09", "Application: MusicOnHold"]

    reception.opens(half(KNOWN), half("not-known"))
    (link_up,) = (each for each in reception.happened if isinstance(each, c.LinkUp))
    assert [(channel.leg, channel.place) for channel in link_up.channels] == [(KNOWN, WAIT)]


def test_one_who_has_gone_before_he_was_a_leg_is_told_to_be_gone(reception: Reception) -> None:
    reception.opens()
    reception.switch.perform(Tag("in-1", Role.CUSTOMER, 0, "Y1"))
    for _ in range(3):
        reception.pbx.answer("Setvar", "Message: No such channel", status="Error")
    reception.office.clock.advance(1)
    assert c.LegGone("in-1", 0) in reception.happened


def test_a_phone_that_uses_the_menu_is_in_its_conference(reception: Reception) -> None:
    lines = channel("phone", "agentd-menu", AGENTD_ROLE="agent", AGENTD_SESSION="7", AGENTD_PLACE="8600051")
    reception.opens([*lines, "Duration: 00:10:00", "Application: AGI"])
    assert reception.happened == [
        c.LinkUp((c.ChannelSeen("phone", Role.AGENT, 7, "", Place(PlaceKind.CONFERENCE, "8600051")),))
    ]


# --- what is taken of what the network says -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("7275559930", "7275559930"),
        ("+1 (727) 555-9930", "+17275559930"),
        ("anonymous", ""),
        ("<unknown>", ""),
        ("", ""),
        (None, ""),
        ("1" * 25, ""),
        ("12;rm", ""),
        ("\u0661\u0662", ""),
    ],
)
def test_numbers(said: str | None, kept: str) -> None:
    assert fit_number(said) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [("René", "René"), ("<unknown>", ""), (None, ""), ("a\r\nb\x00\udcff", "ab"), ("x" * 50, "x" * 40)],
)
def test_names(said: str | None, kept: str) -> None:
    assert fit_name(said) == kept


@pytest.mark.parametrize(
    ("said", "kept"), [("5", 5), ("-99", -99), ("100", 0), ("high", 0), ("", 0), (None, 0), ("\u0665", 0)]
)
def test_priorities(said: str | None, kept: int) -> None:
    assert fit_priority(said) == kept


# --- what becomes of them -------------------------------------------------------------------------------------

CALLER = Caller("in-1", "SALESLINE", since=NOW, place=WAIT)


@pytest.mark.parametrize(
    ("error", "turned_away"),
    [(InGroupUnknown("no such", "X"), ["in-1"]), (Draining("stopping"), []), (PbxLinkDown("down"), [])],
)
def test_whom_the_house_cannot_take_is_turned_away_and_whom_it_can_take_later_waits(
    error: Exception, turned_away: list[str], logged: list[dict[str, object]]
) -> None:
    away: list[str] = []
    Arrivals(lambda _caller: fail(error), away.append).take_up(CALLER)
    assert away == turned_away
    assert str(error) in [event.get("why") for event in logged]


def test_a_mistake_of_ours_is_logged_and_the_caller_waits_on(logged: list[dict[str, object]]) -> None:
    away: list[str] = []
    Arrivals(lambda _caller: fail(ZeroDivisionError()), away.append).take_up(CALLER)
    assert away == []
    assert [event for event in logged if "log_failure" in event]


def test_whom_the_house_takes_is_taken() -> None:
    taken: list[Caller] = []

    def arrive(caller: Caller):
        taken.append(caller)
        return succeed("Y0315201639000402027")

    Arrivals(arrive, pytest.fail).take_up(CALLER)
    assert taken == [CALLER]
