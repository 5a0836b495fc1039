"""BEHAVIOUR: login and logout."""

from __future__ import annotations

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, Ring
from agentd.core.model import Campaign, Role, User
from agentd.core.settings import Settings
from tests.core.desk import NUMBER, SETTINGS, START, Desk


def test_a_login_rings_the_phone_and_begins_paused_when_it_is_in_its_conference(desk: Desk) -> None:
    operation = desk.ask(c.LogIn("1000", "502"))
    ring = desk.take(Ring)
    assert (ring.resource, ring.room, ring.role, ring.timeout) == ("PJSIP/502", "8600051", Role.AGENT, 20)
    desk.hear(c.LegPlaced(ring.leg))
    desk.hear(c.LegRinging(ring.leg))
    desk.hear(c.LegAnswered(ring.leg))
    assert not operation.done
    assert desk.stands() == "-"
    desk.now += 3
    desk.hear(c.LegJoined(ring.leg, "8600051"))
    assert operation.done
    assert operation.error is None
    assert desk.stands() == "PAUSED LOGIN"
    assert desk.session().since == desk.session().started == START + 3
    assert desk.session().campaign == "TESTCAMP"
    assert desk.snapshot()["phone"] == {"extension": "502", "attached": True}
    assert not desk.state.deadlines


def test_the_campaign_is_the_named_one_else_the_agents_else_the_default(desk: Desk) -> None:
    other = r.CampaignSet("OTHER", Campaign("OTHER", 7))
    own = r.CampaignSet("OWN", Campaign("OWN", 8))
    desk.hear(c.ReferenceChanged((other, own, r.UserSet("1001", User("1001", 1001, campaign="OWN")))))
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    assert desk.session("1000").campaign == "TESTCAMP"
    assert desk.session("1001").campaign == "OWN"
    desk.ask(c.LogOut("1001"))
    desk.hung_up()
    desk.ask(c.LogIn("1001", "503", "OTHER"))
    desk.answer(desk.take(Ring))
    assert desk.session("1001").campaign == "OTHER"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (c.LogIn("4496", "502"), e.UserUnknown),
        (c.LogIn("6666", "502"), e.NotAnAgent),
        (c.LogIn("1028", "502"), e.NotAnAgent),
        (c.LogIn("1000", "999"), e.PhoneUnknown),
        (c.LogIn("1000", "598"), e.PhoneUnknown),
        (c.LogIn("1000", "599"), e.PhoneHasNoDialString),
        (c.LogIn("1000", "502", "NOSUCH"), e.CampaignUnknown),
        (c.LogIn("1000", "502", "CLOSED"), e.CampaignUnknown),
    ],
)
def test_what_cannot_be_logged_in_is_told_why(desk: Desk, command: c.LogIn, error: type[e.AgentdError]) -> None:
    desk.refused(command, error)
    assert not desk.effects


def test_no_campaign_at_all_is_refused() -> None:
    desk = Desk(Settings())
    desk.refused(c.LogIn("1000", "502"), e.CampaignUnknown)


def test_agent_and_phone_are_taken_from_the_start_of_the_login(desk: Desk) -> None:
    desk.ask(c.LogIn("1000", "502"))
    desk.refused(c.LogIn("1000", "503"), e.AlreadyLoggedIn)
    refusal = desk.refused(c.LogIn("1001", "502"), e.PhoneInUse)
    assert isinstance(refusal, e.PhoneInUse)
    assert refusal.by == "1000"
    desk.answer(desk.take(Ring))
    desk.refused(c.LogIn("1000", "503"), e.AlreadyLoggedIn)
    desk.refused(c.LogIn("1001", "502"), e.PhoneInUse)


def test_every_agent_gets_a_conference_of_his_own_and_a_free_one_is_used_again(desk: Desk) -> None:
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    assert desk.session("1001").conference == "8600052"
    desk.ask(c.LogOut("1000"))
    operation = desk.ask(c.LogIn("1002", "504"))
    rings = [effect for effect in desk.effects if isinstance(effect, Ring)]
    assert rings[0].room == "8600053", "the first one's phone is still in its conference"
    assert not operation.done
    desk.hear(c.LegGone("agd-t0-1", 16))
    desk.ask(c.LogIn("1000", "502"))
    assert desk.state.logins["1000"].conference == "8600051"


def test_the_limits_of_the_pbx_refuse_a_login() -> None:
    desk = Desk(Settings(conference_last=8600051, max_sessions=2, default_campaign="TESTCAMP"))
    desk.log_in("1000", "502")
    desk.refused(c.LogIn("1001", "503"), e.NoFreeConference)
    desk = Desk(Settings(max_sessions=1, default_campaign="TESTCAMP"))
    desk.log_in("1000", "502")
    desk.refused(c.LogIn("1001", "503"), e.TooManySessions)


@pytest.mark.parametrize(
    ("news", "error"),
    [
        (c.LegRefused("agd-t0-1", "CHANUNAVAIL", reachable=False), e.PhoneUnregistered),
        (c.LegGone("agd-t0-1", 17), e.PhoneBusy),
        (c.LegGone("agd-t0-1", 19), e.PhoneNoAnswer),
        (c.LegGone("agd-t0-1", 21), e.PhoneNoAnswer),
        (c.LegGone("agd-t0-1", 20), e.PhoneUnregistered),
        (c.LegGone("agd-t0-1", 34), e.PhoneFailed),
        (c.LinkDown("connection lost"), e.PbxLinkDown),
    ],
)
def test_a_phone_that_does_not_come_leaves_nothing_behind(
    desk: Desk, news: c.Command, error: type[e.AgentdError]
) -> None:
    operation = desk.ask(c.LogIn("1000", "502"))
    desk.take(Ring)
    if not isinstance(news, c.LegRefused):
        desk.hear(c.LegPlaced("agd-t0-1"))
    desk.hear(news)
    assert operation.done
    assert type(operation.error) is error
    desk.hear(c.LinkUp())
    assert not desk.state.logins
    assert not desk.state.legs
    assert not desk.state.deadlines
    desk.ask(c.LogIn("1000", "502"))
    assert desk.take(Ring).room == "8600051"


def test_a_phone_that_rings_for_ever_is_given_up_after_the_ring_time(desk: Desk) -> None:
    operation = desk.ask(c.LogIn("1000", "502"))
    leg = desk.take(Ring).leg
    desk.hear(c.LegPlaced(leg))
    desk.wait(21)
    assert not operation.done
    desk.wait(2)
    assert isinstance(operation.error, e.PhoneNoAnswer)
    assert desk.hung_up() == leg
    assert not desk.state.legs


def test_a_phone_that_answers_but_never_enters_its_conference_fails_the_login(desk: Desk) -> None:
    operation = desk.ask(c.LogIn("1000", "502"))
    leg = desk.take(Ring).leg
    desk.hear(c.LegAnswered(leg))
    desk.wait(5)
    assert isinstance(operation.error, e.PbxRefused)
    assert desk.hung_up() == leg
    operation = desk.ask(c.LogIn("1000", "502"))
    leg = desk.take(Ring).leg
    desk.hear(c.LegJoined(leg, "8600999"))
    assert isinstance(operation.error, e.PbxRefused)
    assert desk.hung_up() == leg


def test_a_logout_meanwhile_cancels_the_login(desk: Desk) -> None:
    operation = desk.ask(c.LogIn("1000", "502"))
    leg = desk.take(Ring).leg
    desk.hear(c.LegPlaced(leg))
    desk.ask(c.LogOut("1000"))
    assert isinstance(operation.error, e.LoginCancelled)
    desk.hear(c.LegJoined(leg, "8600051"))
    assert desk.stands() == "-", "the phone answered at the same moment"
    desk.hung_up()
    assert not desk.state.legs


def test_no_login_without_a_link(desk: Desk) -> None:
    desk.hear(c.LinkDown("connection lost"))
    desk.refused(c.LogIn("1000", "502"), e.PbxLinkDown)


def test_a_phone_that_could_not_be_hung_up_is_hung_up_when_it_answers(desk: Desk) -> None:
    desk.ask(c.LogIn("1000", "502"))
    leg = desk.take(Ring).leg
    desk.hear(c.LegPlaced(leg))
    desk.ask(c.LogOut("1000"))
    desk.take(HangUpLeg)
    desk.hear(c.MoveRefused(leg, "Permission denied"))
    desk.hear(c.LegJoined(leg, "8600051"))
    assert desk.hung_up() == leg


# --- logout ----------------------------------------------------------------------------------------------------


def test_logout_of_nobody_is_refused(desk: Desk) -> None:
    desk.refused(c.LogOut("1000"), e.NotLoggedIn)


@pytest.mark.parametrize("ready", [False, True])
def test_logout_while_paused_or_ready_is_at_once_and_done_when_the_phone_is_gone(desk: Desk, ready: bool) -> None:
    leg = desk.ready() if ready else desk.log_in()
    operation = desk.ask(c.LogOut("1000", source="crm"))
    assert desk.stands() == "-"
    assert not operation.done
    assert desk.hung_up() == leg
    assert operation.done
    assert operation.error is None
    assert desk.recorded(r.SessionEnded) == [r.SessionEnded("1000", 1, "logout", "crm")]
    assert not desk.state.legs
    assert not desk.state.deadlines


def test_a_logout_is_a_success_even_if_asterisk_does_not_let_go_of_the_phone(desk: Desk) -> None:
    leg = desk.log_in()
    operation = desk.ask(c.LogOut("1000"))
    desk.take(HangUpLeg)
    desk.hear(c.MoveRefused(leg, "Permission denied"))
    assert operation.done
    assert operation.error is None
    desk.wait(5)
    desk.effects.clear()
    desk.hear(c.LegRead(leg, desk.state.legs[leg].place))
    assert desk.hung_up() == leg, "and the phone is hung up again, since nobody owns it"


def test_logout_while_dialling_cancels_first_and_then_ends_like_wrap_up(desk: Desk) -> None:
    desk.log_in()
    ring = desk.dial()
    desk.ask(c.LogOut("1000"))
    assert desk.hung_up() == ring.leg
    assert desk.stands() == "WRAPUP"
    assert desk.call().suggested_status == "CANCEL"
    assert desk.snapshot()["after"]["logout"] is True
    desk.wait(29)
    assert desk.stands() == "WRAPUP"
    desk.wait(1)
    assert desk.stands() == "-"
    assert desk.recorded(r.CallDisposed)[0].status == "DISPO"


def test_logout_while_dialling_wins_over_a_cancellation_that_asterisk_never_confirms(desk: Desk) -> None:
    desk.log_in()
    ring = desk.dial()
    desk.hear(c.LinkDown("connection lost"))
    desk.ask(c.LogOut("1000"))
    desk.wait(30)
    assert desk.stands() == "-"
    assert not desk.effects
    assert desk.recorded(r.CallEnded) == [r.CallEnded(1000, "1000", 16, "system", "CANCEL")]
    assert desk.recorded(r.CallDisposed) == [r.CallDisposed(1000, "1000", 402028, "DISPO", "logout")]
    desk.hear(c.LinkUp((c.ChannelSeen(ring.leg, Role.CUSTOMER, 1, "", desk.state.legs[ring.leg].place),)))
    assert desk.hung_up() == ring.leg
    assert not desk.state.legs


def test_logout_in_a_call_is_done_when_the_call_is_disposed_of(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.LogOut("1000"))
    desk.ask(c.Resume("1000"))
    desk.ask(c.Pause("1000"))
    assert desk.stands() == "INCALL", "neither pause nor resume undoes the logout"
    desk.hear(c.LegGone(ring.leg, 16, far_end=True))
    desk.wait(60)
    assert desk.stands() == "WRAPUP"
    desk.ask(c.Dispose("1000", "A"))
    assert desk.stands() == "-"
    assert desk.recorded(r.CallDisposed)[-1].status == "A"


def test_logout_in_wrap_up_waits_for_the_grace(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    assert desk.ask(c.LogOut("1000")).done
    desk.wait(29.9)
    assert desk.stands() == "WRAPUP"
    desk.wait(0.1)
    assert desk.stands() == "-"
    assert desk.recorded(r.CallDisposed)[-1] == r.CallDisposed(1000, "1000", 402028, "DISPO", "logout")
    assert len(desk.recorded(r.CallEnded)) == 1


@pytest.mark.parametrize("again", [c.LogOut("1000"), c.LogOut("1000", at_once=True), c.Dispose("1000", "SALE")])
def test_a_second_logout_or_a_disposition_ends_the_grace(desk: Desk, again: c.Command) -> None:
    desk.log_in()
    desk.wrap_up()
    desk.ask(c.LogOut("1000"))
    desk.ask(again)
    assert desk.stands() == "-"
    assert not [key for key in desk.state.deadlines if key.startswith("logout")]


def test_logging_off_at_once_does_not_wait_in_wrap_up(desk: Desk) -> None:
    desk.log_in()
    desk.wrap_up()
    desk.ask(c.LogOut("1000", at_once=True))
    assert desk.stands() == "-"


def test_logging_out_forgets_what_was_remembered(desk: Desk) -> None:
    desk.log_in()
    ring = desk.talk()
    desk.ask(c.Dial("1000", desk.request("7275550000")))
    desk.ask(c.LogOut("1000"))
    desk.hear(c.LegGone(ring.leg, 16))
    desk.ask(c.Dispose("1000", "A"))
    desk.hung_up()
    desk.log_in()
    assert desk.session().queue == []
    desk.wait(60)
    assert not desk.effects
    desk.refused(c.Dispose("1000", "A"), e.NoCallToDispose)
    assert NUMBER not in str(desk.snapshot())


def test_the_ring_time_is_a_setting() -> None:
    desk = Desk(Settings(ring_time=7, default_campaign=SETTINGS.default_campaign))
    operation = desk.ask(c.LogIn("1000", "502"))
    assert desk.take(Ring).timeout == 7
    desk.wait(9)
    assert isinstance(operation.error, e.PhoneNoAnswer)
