"""BEHAVIOUR: what may be dialled, by whom, and how Asterisk is asked for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentd.core import commands as c
from agentd.core import errors as e
from agentd.core import records as r
from agentd.core.effects import Ring
from agentd.core.model import DialRequest, Lead, Phone, User
from agentd.core.settings import Settings
from tests.core.desk import CAMPAIGN, NUMBER, Desk


def test_a_lead_on_another_screen_cannot_be_dialled_until_that_call_is_disposed_of(desk: Desk) -> None:
    lead = Lead(77, 101, "NEW", "1", NUMBER)
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    ring = desk.talk("1000", lead)
    desk.refused(c.Dial("1001", desk.request(lead=lead)), e.LeadOnAnotherScreen)
    desk.hear(c.LegGone(ring.leg, 16))
    desk.refused(c.Dial("1001", desk.request(lead=lead)), e.LeadOnAnotherScreen)
    desk.ask(c.Dispose("1000", "A"))
    desk.dial("1001", lead=lead)


def test_who_may_not_dial_is_told_so(desk: Desk) -> None:
    desk.log_in("1003", "502")
    desk.refused(c.Dial("1003", desk.request()), e.ManualDialForbidden)
    desk.log_in("1000", "503")
    desk.hear(c.ReferenceChanged((r.UserSet("1000", None),)))
    desk.refused(c.Dial("1000", desk.request()), e.ManualDialForbidden)


def test_no_dial_without_a_link_and_none_is_remembered(desk: Desk) -> None:
    desk.log_in()
    desk.hear(c.LinkDown("connection lost"))
    desk.refused(c.Dial("1000", desk.request()), e.PbxLinkDown)


@pytest.mark.parametrize(
    ("number", "prefix", "code", "dialled"),
    [
        (NUMBER, None, "1", "PJSIP/17275551212@carrier"),
        (NUMBER, "9", "1", "PJSIP/917275551212@carrier"),
        (NUMBER, "", "", "PJSIP/7275551212@carrier"),
        ("+442071234567", None, "1", "PJSIP/+442071234567@carrier"),
        ("1234567", None, "", "PJSIP/1234567@carrier"),
        ("503", "9", "1", "PJSIP/503"),
        ("8500", None, "1", "Local/8500@agentd-extensions/n"),
        ("598", None, "1", "Local/598@agentd-extensions/n"),
        ("*97", None, "1", "Local/*97@agentd-extensions/n"),
    ],
)
def test_what_asterisk_is_asked_to_dial(desk: Desk, number: str, prefix: str | None, code: str, dialled: str) -> None:
    desk.log_in()
    desk.ask(c.Dial("1000", DialRequest(number, code, dial_prefix=prefix)))
    assert desk.take(Ring).resource == dialled


def test_the_campaigns_prefix_is_used_unless_the_request_has_its_own() -> None:
    desk = Desk(campaign=replace(CAMPAIGN, dial_prefix="88"))
    desk.log_in()
    desk.ask(c.Dial("1000", desk.request()))
    assert desk.take(Ring).resource == "PJSIP/8817275551212@carrier"


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("", e.LeadHasNoNumber),
        ("1234567890123456", e.NumberNotAllowed),
        ("+12345", e.NumberNotAllowed),
        ("7275551212&PJSIP/x", e.NumberNotAllowed),
        ("7275551212\r\nAction: x", e.NumberNotAllowed),
        ("12;x", e.ExtensionUnknown),
        ("12\n", e.ExtensionUnknown),
        ("${X}", e.ExtensionUnknown),
    ],
)
def test_what_may_not_be_dialled(desk: Desk, number: str, error: type[e.AgentdError]) -> None:
    desk.log_in()
    desk.refused(c.Dial("1000", DialRequest(number, "1")), error)
    desk.talk()
    desk.refused(c.Dial("1000", DialRequest(number, "1")), error)


@pytest.mark.parametrize(("prefix", "code"), [("9w", "1"), ("9", "1\n"), ("9", "x"), ("9" * 13, "1")])
def test_prefix_and_phone_code_are_digits(desk: Desk, prefix: str, code: str) -> None:
    desk.log_in()
    desk.refused(c.Dial("1000", DialRequest(NUMBER, code, dial_prefix=prefix)), e.NumberNotAllowed)


def test_the_campaigns_rules_decide_about_trunk_numbers() -> None:
    """They see the country code and the number, so that neither can hide in the other."""
    desk = Desk(campaign=replace(CAMPAIGN, dial_allow=(r"1727[0-9]{7}",), dial_deny=(r"[0-9]{9}99", r"1?900.*")))
    desk.log_in()
    desk.refused(c.Dial("1000", desk.request("8135551212")), e.NumberNotAllowed)
    desk.refused(c.Dial("1000", desk.request("7275551299")), e.NumberNotAllowed)
    desk.refused(c.Dial("1000", replace(desk.request("5551234"), phone_code="1900")), e.NumberNotAllowed)
    desk.dial()
    desk = Desk(campaign=replace(CAMPAIGN, dial_allow=("(",)))
    desk.log_in()
    desk.refused(c.Dial("1000", desk.request()), e.NumberNotAllowed)
    desk = Desk(campaign=replace(CAMPAIGN, trunk=""))
    desk.log_in()
    desk.refused(c.Dial("1000", desk.request()), e.NumberNotAllowed)


def test_a_phone_of_this_pbx_is_dialled_by_its_own_dial_string(desk: Desk) -> None:
    desk.hear(c.ReferenceChanged((r.PhoneSet("700", Phone("700", "SIP/reception")),)))
    desk.log_in()
    desk.ask(c.Dial("1000", desk.request("700")))
    assert desk.take(Ring).resource == "SIP/reception"


def test_the_limits_of_the_pbx_refuse_a_dial() -> None:
    desk = Desk(Settings(max_calls=1, default_campaign="TESTCAMP"))
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    desk.talk("1000")
    desk.refused(c.Dial("1001", desk.request()), e.TooManyCalls)
    desk = Desk(Settings(calls_per_second=1, default_campaign="TESTCAMP"))
    desk.log_in("1000", "502")
    desk.log_in("1001", "503")
    desk.dial("1000")
    desk.refused(c.Dial("1001", desk.request()), e.CallsPerSecond)
    desk.now += 1
    desk.dial("1001")


def test_ids_that_are_used_up_refuse_the_dial_and_new_ones_are_used_in_order() -> None:
    desk = Desk()
    desk.log_in()
    desk.state.blocks["call"][0].last = 1000
    desk.shadow.blocks["call"][0].last = 1000
    ring = desk.talk()
    desk.hear(c.LegGone(ring.leg, 16))
    desk.ask(c.Dispose("1000", "A"))
    desk.refused(c.Dial("1000", desk.request()), e.IdsUsedUp)
    desk.hear(c.GrantIds("call", 5000, 5001))
    assert desk.ask(c.Dial("1000", desk.request())).done is False
    assert list(desk.state.calls) == [5000]


def test_the_right_to_dial_can_be_given_while_the_agent_is_logged_in(desk: Desk) -> None:
    desk.log_in("1003", "502")
    granted = User("1003", 1003, rights=frozenset({"agentcall_manual"}))
    desk.hear(c.ReferenceChanged((r.UserSet("1003", granted),)))
    desk.dial("1003")
