"""Whatever is asked about a call in hand: one line of the documents, and an error has changed nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentd.core.model import RecordingRule
from agentd.core.records import CampaignSet
from agentd.dialects.agent_api.asked import PATHS
from tests.faces.agent_api import GOOD, serve
from tests.faces.documented import FIELD, documented, mostly, nothing_unchecked, picture
from tests.faces.house import House
from tests.faces.people import campaign

PLACE = r"127\.0\.0\.1\|8600051\|(PAUSED|CLOSER|QUEUE|MQUEUE|INCALL)"
WORDS = {
    "park_call": r"""
ERROR: agent_user does not have a lead on their screen - 1000
SUCCESS: park_call function set - (PARK|GRAB)(_IVR)?_CUSTOMER\|1000
""",
    "send_dtmf": r"""
SUCCESS: send_dtmf function set - [0-9A-DPSQ*#]+\|1000
""",
    "transfer_conference": rf"""
ERROR: value is not valid - {FIELD}\|6666
ERROR: ingroup is not valid - {FIELD}
ERROR: agent_user does not have a live call - 1000
ERROR: agent_user is not allowed to place manual dial calls - 1000
ERROR: caller_id_number from group_alias is not valid - 1000\|BADALIAS\|123
ERROR: group_alias is not valid - 1000\|{FIELD}
SUCCESS: transfer_conference function set - [A-Z0-9_]+\|{FIELD}\|{FIELD}\|(YES|NO)\|1000(\|M[0-9]{{19}}|\|Y[0-9]{{19}})?
""",
    "recording": rf"""
ERROR: stop recording error - 1000\|\|\|\|\|{PLACE}
SUCCESS: recording function sent - 1000\|(START[-_0-9A-Za-z]{{0,14}}|STOP)\|\|\|\|{PLACE}
NOTICE: not recording - 1000\|\|\|\|\|{PLACE}
NOTICE: recording active - 1000\|[0-9]+\|[-_0-9A-Za-z]+\|127\.0\.0\.1\|[-0-9]{{10}} [:0-9]{{8}}\|{PLACE}
""",
}

VALUES = {
    "park_call": ["PARK_CUSTOMER", "GRAB_CUSTOMER", "PARK_IVR_CUSTOMER", "GRAB_IVR_CUSTOMER"],
    "send_dtmf": ["QQQQ1234SQQQQQ6654P", "1", "*#", "QQ", "abcd"],
    "transfer_conference": [
        "HANGUP_XFER",
        "HANGUP_BOTH",
        "BLIND_TRANSFER",
        "LEAVE_VM",
        "LOCAL_CLOSER",
        "DIAL_WITH_CUSTOMER",
        "PARK_CUSTOMER_DIAL",
        "LEAVE_3WAY_CALL",
        "XYZFUNCTION",
    ],
    "recording": ["START", "STOP", "STATUS"],
}
NUMBERS = ["", "8500", "8501", "505", "523", "1001", "7275551213", "(727) 555-1212", "7275551200", "+17275551213"]


def requests(function: str) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(
        {
            "function": st.just(function),
            "value": mostly(VALUES[function]),
            "phone_number": mostly(NUMBERS),
            "ingroup_choices": mostly(["", "SALESLINE", "TEST_IN3", "DEFAULTINGROUP", "AGENTDIRECT", "OLD_IN"]),
        },
        optional={
            "consultative": mostly(["YES", "NO"]),
            "dial_override": mostly(["YES", "NO"]),
            "group_alias": mostly(["", "", "DEFAULT", "BADALIAS"]),
            "stage": mostly(["_MIDCALL", "_longer_than_fourteen"]),
            "agent_user": mostly(["1000"]),
            "alt_user": st.sampled_from(["876543", "876543", "", "", "999999"]),
        },
    )


EVENTS = ["dial", "customer leaves", "third leaves", "other is ready", "other is away", "dispose", "dispose"]
STEPS = st.one_of(
    *(st.tuples(st.just(function), requests(function)) for function in VALUES),
    st.tuples(st.just("event"), st.sampled_from(EVENTS)),
)
RULES = st.sampled_from(RecordingRule)


@settings(max_examples=80, deadline=None)
@given(
    RULES,
    st.lists(st.tuples(STEPS, st.sampled_from(PATHS), st.booleans(), st.integers(0, 40)), min_size=4, max_size=14),
)
def test_one_documented_line_and_no_change_on_an_error(rule: RecordingRule, asked: list[Any]) -> None:
    house = serving(rule)
    for (kind, what), path, by_form, seconds in asked:
        if kind == "event":
            happens(house, what)
        else:
            check(house, kind, path, what, by_form=by_form)
        house.advance(seconds + 0.5)
    for effect in house.switch.asked:
        nothing_unchecked(effect)


def serving(rule: RecordingRule) -> House:
    """1000 talks with a customer, 1001 is logged in."""
    house = House()
    serve(house)
    house.change(CampaignSet("TESTCAMP", replace(campaign(), recording=rule)))
    house.log_in()
    house.log_in("1001", "505")
    house.talk()
    house.advance(0.5)
    return house


def happens(house: House, what: str) -> None:
    operations, session = house.operations, house.session()
    if what == "dial" and not session.calls:
        house.dial()
    elif what == "customer leaves" and session.calls and house.call().leg in house.switch.channels:
        house.customer_leaves()
    elif what == "third leaves" and session.calls and house.call().third in house.switch.channels:
        house.switch.hang_up(house.call().third)
    elif what == "other is ready":
        house.wait_for(operations.resume("1001"))
    elif what == "other is away":
        house.wait_for(operations.pause("1001"))
    elif what == "dispose" and session.calls:
        house.wait_for(operations.dispose("1000", "A"))


def check(house: House, function: str, path: str, params: dict[str, str], *, by_form: bool) -> None:
    before = picture(house)
    send = house.post if by_form else house.get
    answer = send(f"/{path}", **{**GOOD, "agent_user": "1000", **params})
    line = answer.text.removesuffix("\n")
    assert documented(function, WORDS[function]).fullmatch(line), line
    if not line.startswith("SUCCESS"):
        assert picture(house) == before, line
    elif function == "transfer_conference":
        assert line.count("|") == (5 if path == PATHS[1] else 4)
