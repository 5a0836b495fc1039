"""Whatever is asked about in-groups and remote agents' calls: one documented line, and an error changes nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentd.core.model import CallState, DialMethod
from agentd.dialects.agent_api.asked import PATHS
from agentd.dialects.agent_api.recordings import state_word
from tests.faces.agent_api import GOOD, serve
from tests.faces.documented import FIELD, documented, mostly, nothing_unchecked, picture
from tests.faces.house import House
from tests.faces.people import campaign

INGROUPS = ["SALESLINE", "TEST_IN", "TEST_IN2", "TEST_IN3", "TEST_IN4", "OLD_IN"]
AGENTS = ["1000", "1000", "1001", "1028", "4496"]
KEY = "Y0315201639000402027"
EVERYWHERE = r"""
ERROR: FUNCTION not sent - [^|]+\|(1000|1001|1028)
"""
WORDS = {
    "change_ingroups": rf"""
ERROR: change_ingroups not valid - {FIELD}\|{FIELD}
ERROR: agent_user is not logged in - {FIELD}
ERROR: campaign does not allow inbound calls - (1000|1001|1028)
ERROR: user is not allowed to change agent in-groups - nochange\|TESTCAMP\|(1000|1001|1028)
ERROR: campaign dial_method does not allow outbound autodial - (1000|1001|1028)\|TESTCAMP
ERROR: ingroup does not exist - [-_0-9A-Za-z]+\|{FIELD}
ERROR: ingroup_choices are required for ADD and REMOVE values - (ADD|REMOVE)\|[- +]*
SUCCESS: change_ingroups function set - (YES|NO)\|( [A-Z0-9_]+)* -\|(1000|1001|1028)
""",
    "ra_call_control": rf"""
ERROR: ra_call_control not valid - {FIELD}\|{FIELD}\|{FIELD}
ERROR: user not logged in - {FIELD}
ERROR: no active call found - [-_0-9A-Za-z]+
ERROR: phone_number is not valid - {FIELD}
ERROR: ingroup is not valid - {FIELD}
ERROR: stage is not valid - {FIELD}
SUCCESS: ra_call_control transferred - 1028\|Y[0-9]{{19}}\|[A-Z0-9_+]+
SUCCESS: ra_call_control hungup - 1028\|Y[0-9]{{19}}\|HANGUP
""",
}

choices = st.one_of(
    st.lists(st.sampled_from(INGROUPS), max_size=4).map(lambda names: " ".join(["", *names, "-"])),
    mostly(["", " -", "TEST_IN", " FAKE_IN -", "SALESLINE TEST_IN"]),
)
changes = st.fixed_dictionaries(
    {
        "function": st.just("change_ingroups"),
        "value": mostly(["CHANGE", "ADD", "REMOVE"]),
        "blended": mostly(["YES", "NO"]),
        "agent_user": mostly(AGENTS),
    },
    optional={
        "ingroup_choices": choices,
        "set_as_default": mostly(["YES", "NO", ""]),
        "user": st.sampled_from(["6666", "6666", "nochange"]),
        "alt_user": st.sampled_from(["876543", "999999"]),
    },
)
controls = st.fixed_dictionaries(
    {
        "function": st.just("ra_call_control"),
        "value": mostly(["his"] * 8 + ["another's", KEY]),
        "stage": mostly(["HANGUP", "EXTENSIONTRANSFER", "INGROUPTRANSFER"] * 3 + ["XYZ"]),
        "agent_user": mostly(["1028"] * 8 + ["1000", "4496"]),
    },
    optional={
        "ingroup_choices": mostly(["SALESLINE", "TEST_IN3", "DEFAULTINGROUP", "AGENTDIRECT", "TESTINGROUP", ""]),
        "phone_number": mostly(["7275551213", "8500", "1001", "9", "7275551200", "+17275551213"]),
        "status": mostly(["SALE", "RAXFER", "B", "", "XXXX", "CALLBK"]),
        "alt_user": st.sampled_from(["876543", "999999"]),
    },
)
CALLERS = ["SALESLINE", "TEST_IN"]
EVENTS = [*CALLERS * 3, "customer leaves", "agent leaves", "ready", "dispose", "database", "link", "campaign"]
STEPS = st.one_of(changes, controls, controls, st.sampled_from(EVENTS))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(STEPS, st.sampled_from(PATHS), st.booleans(), st.integers(0, 20)), min_size=4, max_size=14))
def test_one_documented_line_and_no_change_on_an_error(asked: list[Any]) -> None:
    house = serving()
    for what, path, by_form, seconds in asked:
        if isinstance(what, str):
            happens(house, what)
        else:
            check(house, path, with_key(house, what), by_form=by_form)
        house.advance(seconds + 0.5)
        nobody_is_left_alone(house)
    for effect in house.switch.asked:
        nothing_unchecked(effect)


def serving() -> House:
    """The remote agent 1028 talks with a caller; 1000 and 1001 are logged in, 1001 for calls of two in-groups."""
    house = House()
    serve(house)
    house.log_in()
    house.log_in("1001", "505")
    house.log_in("1028", "")
    house.take("1028")
    house.advance(0.5)
    return house


def happens(house: House, what: str) -> None:
    operations, remote, state = house.operations, house.session("1028"), house.state
    if what in CALLERS and state.link_up:
        house.call_in(what)
    elif what == "customer leaves" and remote.calls:
        house.switch.hang_up(house.call("1028").leg)
    elif what == "agent leaves" and remote.calls:
        house.switch.hang_up(house.call("1028").agent_leg)
    elif what == "ready":
        house.wait_for(operations.resume("1001"))
    elif what == "dispose" and house.session("1001").calls:
        house.wait_for(operations.dispose("1001", "A"))
    elif what == "database":
        house.store.away = not house.store.away
    elif what == "link":
        (house.link_down if state.link_up else house.link_up)()
    elif what == "campaign":
        before = state.campaigns["TESTCAMP"]
        method = DialMethod.MANUAL if before.dial_method is DialMethod.RATIO else DialMethod.RATIO
        house.change_campaign(campaign(dial_method=method, inbound=not before.inbound))


def with_key(house: House, params: dict[str, str]) -> dict[str, str]:
    """The request with the key of a call: the remote agent's newest one, or one that he has not."""
    keys = {"another's": KEY}
    for call in house.state.calls.values():
        his = call.agent == "1028" and call.state is CallState.CONNECTED
        keys["his" if his else "another's"] = call.key
    return {**params, "value": keys.get(params["value"], KEY if params["value"] == "his" else params["value"])}


def check(house: House, path: str, params: dict[str, str], *, by_form: bool) -> None:
    before, function = picture(house), params["function"]
    send = house.post if by_form else house.get
    line = send(f"/{path}", **{**GOOD, **params}).text.removesuffix("\n")
    assert documented(function, WORDS[function], EVERYWHERE).fullmatch(line), line
    if not line.startswith("SUCCESS"):
        assert picture(house) == before, line
    elif function == "change_ingroups":
        session = house.session(params["agent_user"])
        assert line.split("|")[1] == " ".join(("", *session.ingroups, "-"))
        assert session.blended is (params["blended"] == "YES")
        assert (state_word(session) == "CLOSER") is (session.state == "READY" and not session.blended)
    else:
        assert params["value"] not in {house.state.calls[number].key for number in house.session("1028").calls}


def nobody_is_left_alone(house: House) -> None:
    """A remote agent is with the customer of each of his calls, and on the line for nothing else; nobody is lost."""
    state, channels = house.state, house.switch.channels
    if not state.link_up:
        return
    calls = [state.calls[number] for number in house.session("1028").calls]
    for call in calls:
        assert channels[call.leg].place == channels[call.agent_leg].place
    his = {call.agent_leg for call in calls} | {waiting.ringing for waiting in state.waiting.values()}
    assert {leg for leg, channel in channels.items() if "7275551299" in channel.resource} <= his
    assert set(state.waiting) <= set(channels)
