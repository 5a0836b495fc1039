"""BEHAVIOUR: remote agents log in, pause and log out without a phone of this PBX."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.model import DialMethod, Lead, SessionKind, SessionState, User, UserKind
from agentd.core.settings import Settings
from tests.core.desk import CAMPAIGN, START, WAIT, Desk

AGENT = "1028"
REMOTE = User(
    AGENT,
    1028,
    kind=UserKind.REMOTE,
    outside_number="7275551299",
    lines=3,
    ingroups=("SALESLINE", "SUPPORT"),
    ranks={"SUPPORT": 5},
    blended=True,
    rights=frozenset({"agentcall_manual"}),
)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.hear(c.ReferenceChanged((r.UserSet(AGENT, REMOTE),)))
    return desk


def change(desk: Desk, **fields: object) -> None:
    desk.hear(c.ReferenceChanged((r.UserSet(AGENT, replace(REMOTE, **fields)),)))  # type: ignore[arg-type]


def test_a_remote_agent_is_ready_at_once_and_nothing_is_asked_of_asterisk(desk: Desk) -> None:
    operation = desk.ask(c.LogIn(AGENT, source="crm"))
    assert operation.done
    assert not desk.effects
    assert desk.stands(AGENT) == "READY"
    session = desk.session(AGENT)
    assert (session.kind, session.lines, session.attached) == (SessionKind.REMOTE, 3, True)
    assert (session.phone, session.conference, session.leg) == ("", "", "")
    assert session.ingroups == ("SALESLINE", "SUPPORT")
    assert session.ranks == {"SUPPORT": 5}
    assert session.blended
    assert session.started == START
    assert [(entered.state, entered.code) for entered in desk.recorded(r.StateEntered)] == [
        (SessionState.PAUSED, "LOGIN"),
        (SessionState.READY, ""),
    ]
    assert desk.recorded(r.SessionStarted)[0].source == "crm"
    assert not desk.state.deadlines


def test_the_link_to_asterisk_need_not_be_up(desk: Desk) -> None:
    desk.hear(c.LinkDown("connection lost"))
    assert desk.ask(c.LogIn(AGENT)).done
    assert desk.stands(AGENT) == "READY"
    desk.hear(c.LinkUp())
    desk.wait(60)
    assert desk.stands(AGENT) == "READY"
    assert not desk.effects, "no phone of his is ever called back"


def test_two_remote_agents_share_no_phone_and_no_conference(desk: Desk) -> None:
    desk.hear(c.ReferenceChanged((r.UserSet("1029", replace(REMOTE, name="1029", number=1029)),)))
    desk.ask(c.LogIn(AGENT))
    desk.ask(c.LogIn("1029"))
    desk.log_in("1000", "502")
    assert desk.session("1000").conference == "8600051"
    assert len({session.id for session in desk.state.sessions.values()}) == 3


def test_the_daemon_may_be_restarted(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT))
    before = desk.snapshot(AGENT)
    desk.restart()
    desk.hear(c.LinkUp())
    assert desk.snapshot(AGENT) == before
    assert desk.replay_from_disk() == desk.shadow


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"outside_number": ""}, e.NoOutsideNumber),
        ({"outside_number": "72755512"}, e.NumberNotAllowed),
        ({"outside_number": "7275551299&Local/911"}, e.NumberNotAllowed),
        ({"active": False}, e.UserUnknown),
        ({"campaign": "CLOSED"}, e.CampaignUnknown),
    ],
)
def test_what_cannot_be_logged_in_is_told_why(fields: dict[str, object], error: type[e.AgentdError]) -> None:
    desk = Desk(campaign=replace(CAMPAIGN, dial_allow=(r"[0-9]{10}",)))
    change(desk, **fields)
    desk.refused(c.LogIn(AGENT), error)


def test_whoever_names_a_phone_for_him_means_somebody_else(desk: Desk) -> None:
    desk.refused(c.LogIn(AGENT, "502"), e.NotAnAgent)
    assert AGENT not in desk.state.sessions


def test_an_extension_of_this_pbx_will_do_as_his_number(desk: Desk) -> None:
    change(desk, outside_number="8500")
    assert desk.ask(c.LogIn(AGENT)).done


def test_he_is_logged_in_once_and_counts_for_the_limit() -> None:
    desk = Desk(Settings(max_sessions=1, default_campaign="TESTCAMP"))
    change(desk)
    desk.ask(c.LogIn(AGENT))
    desk.refused(c.LogIn(AGENT), e.AlreadyLoggedIn)
    desk.refused(c.LogIn("1000", "502"), e.TooManySessions)


def test_a_campaign_without_in_groups_gives_him_none(desk: Desk) -> None:
    shut = replace(CAMPAIGN, inbound=False, dial_method=DialMethod.MANUAL)
    desk.hear(c.ReferenceChanged((r.CampaignSet(shut.name, shut),)))
    desk.ask(c.LogIn(AGENT))
    assert desk.session(AGENT).ingroups == ()
    assert not desk.session(AGENT).blended


def test_pause_resume_and_logout_are_those_of_everybody(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT))
    desk.ask(c.Pause(AGENT, "BREAK"))
    assert desk.stands(AGENT) == "PAUSED BREAK"
    desk.ask(c.SetPauseCode(AGENT, "LUNCH"))
    assert desk.stands(AGENT) == "PAUSED LUNCH"
    desk.ask(c.Resume(AGENT))
    assert desk.stands(AGENT) == "READY"
    assert desk.ask(c.LogOut(AGENT)).done
    assert desk.stands(AGENT) == "-"
    assert not desk.effects
    assert not desk.state.legs


def test_what_takes_a_conference_of_his_own_is_refused(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT))
    desk.refused(c.CallPhone(AGENT), e.PhoneNotOurs)
    desk.refused(c.Dial(AGENT, desk.request()), e.NotPossibleNow)
    assert desk.stands(AGENT) == "READY"


def test_in_a_call_he_can_neither_hold_nor_dial_nor_record_nor_press_digits(desk: Desk) -> None:
    desk.ask(c.LogIn(AGENT))
    lead = Lead(402000, 101, "NEW", "1", "7275551212")
    talk(desk, lead)
    for command in (
        c.HoldCall(AGENT),
        c.HoldCall(AGENT, ivr=True),
        c.RetrieveCall(AGENT),
        c.DialThird(AGENT, "7275551213"),
        c.LeaveMessage(AGENT),
        c.LeaveThreeWay(AGENT),
        c.ConnectCalls(AGENT, 1000, 1001),
        c.SendDtmf(AGENT, "1"),
        c.BeginRecording(AGENT),
    ):
        desk.refused(command, e.NotPossibleNow)
    desk.refused(c.Supervise(AGENT, "503", "listen", "1000"), e.NotPossibleNow)  # type: ignore[arg-type]
    assert desk.stands(AGENT) == "INCALL"


def talk(desk: Desk, lead: Lead) -> str:
    """A caller comes to SALESLINE and to the remote agent; gives the key of his call."""
    key = desk.ask(c.CallArrived("caller-1", "SALESLINE", lead.phone_number, lead=lead)).value
    desk.hear(c.LegAt("caller-1", WAIT))
    ring = next(effect for effect in desk.effects if hasattr(effect, "names_call"))
    desk.effects.clear()
    desk.hear(c.LegPlaced(ring.leg))
    desk.hear(c.LegAnswered(ring.leg))
    desk.hear(c.LegAt(ring.leg, WAIT))
    desk.obey()
    assert desk.stands(AGENT) == "INCALL"
    assert isinstance(key, str)
    return key
