"""Whatever is sent, the agent API gives one well-formed line, and nothing unchecked reaches Asterisk."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes, urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from agentd.core.effects import Ring
from agentd.core.records import ApiCalled
from agentd.dialects.agent_api.face import AgentApi
from agentd.dialects.agent_api.functions import FUNCTIONS
from agentd.dialects.agent_api.routes import PATHS, pages
from tests.faces.documented import mostly
from tests.faces.house import House

LINE = re.compile(
    r"(SUCCESS|ERROR|NOTICE): [^|\r\n<>&]+( - |: \|)[^\r\n<>&]*\n|VERSION: [^\r\n<>&]+\n"
    r"|Webserver Data:\n([a-z_. ]+: [^\r\n<>&]*\n){18}"
)
ALLOWED = re.compile(r"PJSIP/[0-9x]{3,7}|PJSIP/\+?[0-9]{7,40}@carrier|Local/[0-9*#]{1,6}@agentd-extensions/n")

NASTY = [
    "\r\n",
    "\n\nAction: Originate",
    "%00",
    "|",
    "<script>",
    "&",
    "../",
    "'",
    '"',
    "\\",
    ";",
    "${EXTEN}",
    "@",
    ",",
    "\u2028",
    "ü",
]
numbers = st.one_of(
    st.sampled_from(
        ["7275551212", "7275551200", "7275551201", "505", "8500", "911", "*98", "+17275551212", "(727) 555-1212"]
    ),
    st.from_regex(r"[0-9+*#() ./-]{0,20}", fullmatch=True),
    st.builds(
        lambda a, nasty, b: a + nasty + b,
        st.sampled_from(["", "7275551212", "1"]),
        st.sampled_from(NASTY),
        st.sampled_from(["", "1"]),
    ),
)
words = st.one_of(
    st.sampled_from(["PAUSE", "RESUME", "1", "A", "SALE", "CALLBK", "LOGOUT", "CALL", "BREAK", "YES", "NO", ""]),
    numbers,
    st.text(max_size=20),
)
agents = st.one_of(st.sampled_from(["1000", "1000", "1000", "1001", "4496", ""]), st.text(max_size=12))
yes_no = st.one_of(st.sampled_from(["YES", "NO"]), words)
more = st.fixed_dictionaries(
    {},
    optional={
        "phone_code": st.one_of(st.sampled_from(["1", "44", ""]), words),
        "search": yes_no,
        "preview": yes_no,
        "focus": yes_no,
        "lead_id": st.one_of(st.sampled_from(["123456", "402028", "402029", "1234567"]), words),
        "dial_prefix": words,
        "vendor_id": words,
        "alt_dial": st.one_of(st.sampled_from(["MAIN", "ALT", "ADDR3", "SEARCH"]), words),
        "group_alias": st.one_of(st.sampled_from(["DEFAULT", "BADALIAS"]), words),
        "vtiger_callback": yes_no,
        "rank": words,
        "notes": st.text(max_size=300),
        "city": st.text(max_size=60),
        "alt_phone": numbers,
        "alt_user": st.one_of(st.sampled_from(["876543", "999999"]), words),
        "callback_datetime": words,
        "callback_comments": st.text(max_size=300),
        "qm_dispo_code": words,
        "close_window_link": st.just("0"),
        "language": words,
    },
)
functions = mostly(sorted(FUNCTIONS))
dial_basics = {"phone_code": "1", "search": "NO", "preview": "NO", "focus": "NO"}


def serving() -> House:
    house = House()
    for path, resource in pages(AgentApi(house.operations, house.access)).items():
        house.mount(path, resource)
    house.log_in()
    return house


requests = st.tuples(st.sampled_from(PATHS), functions, agents, words, more, st.booleans(), st.floats(0, 40))


@settings(max_examples=60, deadline=None)
@given(st.lists(requests, min_size=1, max_size=12))
def test_one_line_for_everything_and_nothing_unchecked_to_asterisk(asked):
    house = serving()
    for path, function, agent, value, others, by_form, pause in asked:
        before, answered = len(house.switch.asked), len(house.records(ApiCalled))
        params = {"source": "test", "user": "6666", "pass": "1234", "function": function, "agent_user": agent}
        params |= {"value": value, **(dial_basics if function == "external_dial" else {}), **others}
        answer = house.post(f"/{path}", **params) if by_form else house.get(f"/{path}", **params)
        assert answer.status == 200
        assert LINE.fullmatch(answer.text), answer.text
        assert len(house.records(ApiCalled)) == answered + 1
        if " not valid - " in answer.text or not answer.text.startswith("SUCCESS"):
            fresh = [effect for effect in house.switch.asked[before:] if isinstance(effect, Ring)]
            assert not [ring for ring in fresh if ring.role == "customer"]
        house.advance(pause)
    for effect in house.switch.asked:
        if isinstance(effect, Ring):
            assert ALLOWED.fullmatch(effect.resource), effect.resource
            assert re.fullmatch(r"[0-9A-Za-z_-]*", effect.caller_id)


noise = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda raw: b"value=" + quote_from_bytes(raw, safe="").encode(), st.binary(max_size=40)),
    st.builds(lambda text: b"value=7275551212" + quote_from_bytes(text.encode()).encode(), st.sampled_from(NASTY)),
)


@settings(max_examples=150, deadline=None)
@given(noise, st.booleans())
def test_any_bytes_are_a_request(sent, by_form):
    house = serving()
    good = {"source": "test", "user": "6666", "pass": "1234", "agent_user": "1000", "function": "external_dial"}
    query = urlencode({**good, **dial_basics})
    if by_form:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = house.ask(f"/{PATHS[0]}?{query}", "POST", sent, form)
    else:
        answer = house.ask(f"/{PATHS[0]}?{query}&{quote_from_bytes(sent, safe='=&%+')}")
    assert answer.status == 200
    assert LINE.fullmatch(answer.text.split("\n\n")[0].rstrip("\n") + "\n"), answer.text
    for resource in house.switch.rung():
        assert ALLOWED.fullmatch(resource), resource
