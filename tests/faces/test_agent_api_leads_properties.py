"""Whatever is asked about leads, dials, promises and timers: one documented line, and an error changes nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentd.core.model import PreviewRule
from agentd.core.records import ApiCalled
from agentd.dialects.agent_api.asked import PATHS, Asked
from agentd.dialects.agent_api.lead_fields import FIELDS, given_fields, kept
from agentd.dialects.agent_api.statuses import callback_time
from agentd.dialects.agent_api.words import as_number, as_phone_code
from agentd.engine.clock import local_time
from agentd.engine.ports import Activity
from agentd.http.kit import Client, Params
from tests.faces.agent_api import GOOD, serve
from tests.faces.documented import FIELD, documented, mostly, nothing_unchecked, picture
from tests.faces.house import House
from tests.faces.people import campaign

EVERYWHERE = r"""
ERROR: FUNCTION not sent - [^|]+\|(1000|nodial)
"""
AGENT = "(1000|nodial)"
LOGGED_OFF = rf"""
ERROR: agent_user is not logged in - {FIELD}
ERROR: no user found - {FIELD}
"""
NOT_ALLOWED = "ERROR: agent_user is not allowed to place manual dial calls - nodial"
SWITCHES = r"(\|(YES|NO)){3}"
DIAL_STRING = r"\|[0-9]*\|[A-Z]*\|[0-9]*\|(MAIN|ALT|ADDR3|SEARCH)?"
WORDS = {
    "external_dial": rf"""{LOGGED_OFF}
ERROR: external_dial not valid - {FIELD}\|{FIELD}\|{FIELD}\|{FIELD}
{NOT_ALLOWED}
ERROR: group_alias is not valid - 1000\|{FIELD}
ERROR: caller_id_number from group_alias is not valid - 1000\|BADALIAS\|123
ERROR: vtiger callback activity does not exist in vtiger system - [0-9]*
ERROR: lead_id is not valid - 1000\|[0-9]+
ERROR: phone number is not valid - 1000\|\|[0-9]+\|(MAIN|ALT|ADDR3|SEARCH)?
ERROR: phone number lead_id search not found - 1000\|{FIELD}\|[0-9]+\|
ERROR: phone_number is already in this agents manual dial queue - 1000\|[+0-9]+
ERROR: preview dialing not allowed on this campaign - 1000\|TESTCAMP\|DISABLED
SUCCESS: external_dial function set - ([+*#0-9]+|MANUALNEXT)\|1000\|[+0-9]*{SWITCHES}\|{FIELD}\|[0-9]+{DIAL_STRING}
""",
    "preview_dial_action": rf"""{LOGGED_OFF}
ERROR: preview_dial_action not valid - {FIELD}\|{FIELD}\|{FIELD}\|{FIELD}
{NOT_ALLOWED}
ERROR: preview dialing not allowed on this campaign - {AGENT}\|TESTCAMP\|DISABLED
ERROR: preview dial skipping not allowed on this campaign - {AGENT}\|TESTCAMP\|PREVIEW_ONLY
ERROR: alt number dialing not allowed on this campaign - {AGENT}\|TESTCAMP\|N
SUCCESS: preview_dial_action function set - ([A-Z0-9]+)\|1000\|\1
""".replace(r"\1", r"[A-Z0-9]+"),
    "external_add_lead": rf"""{LOGGED_OFF}
ERROR: external_add_lead not valid - {FIELD}\|{FIELD}\|{FIELD}\|{FIELD}
ERROR: add_lead PHONE NUMBER IN DNC - 7275551290\|{AGENT}
ERROR: add_lead PHONE NUMBER IN CAMPAIGN DNC - 7275551291\|TESTCAMP\|{AGENT}
SUCCESS: lead added - [+*#0-9]+\|TESTCAMP\|101\|[0-9]+\|{AGENT}
""",
    "update_fields": rf"""
ERROR: agent_user is not logged in - {FIELD}
ERROR: update_fields not valid - {FIELD}
ERROR: user is not allowed to modify lead information - {AGENT}\|nochange
ERROR: agent_user does not have a lead on their screen - {AGENT}\|6666
ERROR: no fields have been defined - {AGENT}
SUCCESS: update_fields lead updated - 6666\|1000\|[0-9]+\|[a-z_0-9]+='[^|\r\n<>&']*'(,[a-z_0-9]+='[^|\r\n<>&']*')*
""",
    "set_timer_action": rf"""
ERROR: agent_user is not logged in - {FIELD}
ERROR: set_timer_action not valid - {FIELD}
ERROR: user is not allowed to modify campaign settings - {AGENT}\|nochange
SUCCESS: set_timer_action lead updated - 6666\|{AGENT}\|[A-Z0-9_]+\|{FIELD}\|[0-9]*
""",
    "st_login_log": rf"""
ERROR: st_login_log not valid - {FIELD}\|{FIELD}
ERROR: no user found - {FIELD}
SUCCESS: st_login_log user found - 1000
""",
    "st_get_agent_active_lead": rf"""
ERROR: st_get_agent_active_lead not valid - {FIELD}\|{FIELD}
ERROR: no user found - {FIELD}
ERROR: no active lead found - 1000
SUCCESS: st_get_agent_active_lead lead found - 1000\|{FIELD}\|[0-9]+\|{FIELD}\|{FIELD}\|{FIELD}\|{FIELD}
""",
    "external_status": rf"""{LOGGED_OFF}
ERROR: external_status not valid - {FIELD}\|{FIELD}
SUCCESS: external_status function set - [-_A-Za-z0-9]+(!!!![-._0-9A-Za-z]+)?\|{AGENT}
SUCCESS: external_status function set - CALLBK![-0-9]+ [:0-9]+!(USERONLY|ANYONE)!{FIELD}![-._0-9A-Za-z]*\|1000
""",
}

NUMBERS = ["7275551212", "7275551213", "(727) 555-1214", "7275551290", "7275551291", "505", "+17275551213"]
LEADS = ["123456", "402028", "402029", "402031", "1234567", ""]
TEXTS = ["", "Bob", "O'Brien & Sons", "Zürich", "a|b", "<script>alert(1)</script>", "100%", "Smith=NO", "x" * 50]
PERSONS = mostly(["1000"] * 6 + ["nodial", "4496"])
SWITCH = mostly(["YES", "NO"])
lead_fields = st.fixed_dictionaries(
    {},
    optional={
        "first_name": mostly(TEXTS),
        "address1": mostly(TEXTS),
        "comments": mostly(TEXTS),
        "alt_phone": mostly(NUMBERS),
        "phone_number": mostly(NUMBERS),
        "rank": mostly(["", "5", "-5"]),
        "vendor_lead_code": mostly(["", "V-1"]),
        "gender": mostly(["", "M"]),
    },
)
about_agents = st.fixed_dictionaries(
    {"agent_user": PERSONS}, optional={"alt_user": st.sampled_from(["876543", "", "", "", "999999"])}
)


def given_with(**more: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(more)


OWN: dict[str, st.SearchStrategy[dict[str, str]]] = {
    "external_dial": given_with(
        value=mostly([*NUMBERS, "", "MANUALNEXT", "MANUALNEXT", "994711", "99123"]),
        lead_id=mostly([*LEADS, *[""] * 6]),
        phone_code=mostly(["1", "", "44", "+1"]),
        search=SWITCH,
        preview=SWITCH,
        focus=SWITCH,
        vendor_id=mostly(["", "V-1"]),
        dial_prefix=mostly(["", "9", "88"]),
        group_alias=mostly([*[""] * 6, "DEFAULT", "TESTING", "BADALIAS"]),
        vtiger_callback=SWITCH,
        alt_dial=mostly(["", "", "MAIN", "ALT", "ADDR3", "SEARCH"]),
    ),
    "preview_dial_action": given_with(value=mostly(["SKIP", "DIALONLY", "ALTDIAL", "ADR3DIAL", "FINISH"])),
    "external_add_lead": st.tuples(
        lead_fields,
        given_with(
            value=mostly(NUMBERS),
            phone_code=mostly(["1", "44"]),
            dnc_check=mostly(["YES", "Y", "NO", ""]),
            campaign_dnc_check=mostly(["YES", "Y", "NO", ""]),
        ),
    ).map(lambda both: {**both[0], **both[1]}),
    "update_fields": st.tuples(lead_fields, given_with(user=st.sampled_from(["6666", "6666", "6666", "nochange"]))).map(
        lambda both: {**both[0], **both[1]}
    ),
    "set_timer_action": given_with(
        value=mostly(["NONE", "WEBFORM", "WEBFORM2", "D1_DIAL", "D5_DIAL", "MESSAGE_ONLY", "FOO"]),
        notes=mostly(TEXTS),
        rank=mostly(["", "0", "3", "15"]),
        user=st.sampled_from(["6666", "6666", "6666", "nochange"]),
    ),
    "st_login_log": given_with(value=mostly(["876543"]), vendor_id=mostly(["207"])),
    "st_get_agent_active_lead": given_with(value=mostly(["876543"]), vendor_id=mostly(["207"])),
    "external_status": given_with(
        value=mostly(["A", "SALE", "CALLBK", "CALLBK", "XXXX"]),
        callback_datetime=mostly(["2012-01-25 12:00:00", "2027-01-25+12:00:00", "2027-02-30 12:00:00", ""]),
        callback_type=mostly(["", "USERONLY", "ANYONE"]),
        callback_comments=mostly(TEXTS),
        qm_dispo_code=mostly(["", "1234"]),
    ),
}


@st.composite
def requests(draw: st.DrawFn) -> dict[str, str]:
    function = draw(st.sampled_from([*OWN, "external_dial", "preview_dial_action"]))
    return {**draw(about_agents), **draw(OWN[function]), "function": function}


EVENTS = ["customer leaves", "hang up", "hang up", "dispose", "dispose", "resume", "preview", "preview", "campaign"]
STEPS = st.one_of(requests(), requests(), requests(), st.sampled_from(EVENTS))


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["", "preview", "talk"]),
    st.lists(st.tuples(STEPS, st.sampled_from(PATHS), st.booleans(), st.integers(0, 9)), min_size=4, max_size=16),
)
def test_one_documented_line_and_no_change_on_an_error(first: str, asked: list[Any]) -> None:
    house = serving()
    happens(house, first)
    for what, path, by_form, seconds in asked:
        if isinstance(what, str):
            happens(house, what)
        else:
            check(house, path, what, by_form=by_form)
        house.advance(seconds)
    for effect in house.switch.asked:
        nothing_unchecked(effect)


def serving() -> House:
    """1000 is logged in where everything is allowed, and nodial, who may not dial."""
    house = House()
    serve(house)
    house.change_campaign(campaign(alternative_numbers=True))
    house.store.not_to_call |= {("", "7275551290"), ("TESTCAMP", "7275551291")}
    house.store.planned["4711"] = Activity("4711", "7275551217")
    house.log_in()
    house.log_in("nodial", "505")
    return house


def happens(house: House, what: str) -> None:
    operations, session = house.operations, house.session()
    if what == "customer leaves" and session.calls and house.call().leg in house.switch.channels:
        house.customer_leaves()
    elif what == "hang up" and session.calls:
        house.wait_for(operations.hang_up("1000"))
    elif what == "dispose" and session.calls:
        house.wait_for(operations.dispose("1000", "N"))
    elif what == "resume":
        house.wait_for(operations.resume("1000"))
    elif what == "preview" and not session.calls and session.preview is None:
        params = {**GOOD, "agent_user": "1000", "function": "external_dial", "lead_id": "123456"}
        house.get(f"/{PATHS[0]}", **params, search="NO", preview="YES", focus="NO")
    elif what == "talk":
        house.talk("", lead_id=123456)
    elif what == "campaign":
        before = house.state.campaigns["TESTCAMP"]
        rules = list(PreviewRule)
        rule = rules[(rules.index(before.preview) + 1) % len(rules)]
        house.change_campaign(
            replace(before, preview=rule, alternative_numbers=not before.alternative_numbers, refuse_dnc=True)
        )


def check(house: House, path: str, params: dict[str, str], *, by_form: bool) -> None:
    before, function, logged = picture(house), params["function"], len(house.records(ApiCalled))
    send = house.post if by_form else house.get
    line = send(f"/{path}", **{**GOOD, **params}).text.removesuffix("\n")
    assert documented(function, WORDS[function], EVERYWHERE).fullmatch(line), line
    assert len(house.records(ApiCalled)) == logged + 1
    if not line.startswith("SUCCESS"):
        assert picture(house) == before, line
    elif function == "update_fields":
        lead = house.store.lead_table[int(line.split("|")[2])]
        for name, text in given_fields(_asked(params)).items():
            found = getattr(lead, name, None) if name.startswith("phone_") else lead.fields.get(name, "")
            assert found == text
    elif function == "external_add_lead":
        assert house.store.lead_table[int(line.split("|")[3])].phone_number == line.split("|")[0].rpartition(" ")[2]


# --- single parameters ---------------------------------------------------------------------------------------


def _asked(params: dict[str, str]) -> Asked:
    query = "&".join(f"{name}={''.join(f'%{byte:02x}' for byte in text.encode())}" for name, text in params.items())
    return Asked.of(Params(query.encode()), Client("127.0.0.1", sure=True), f"/{PATHS[0]}")


@given(st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30)))  # noqa: DTZ001 - local, as the parameter is
def test_every_real_date_is_one(when: datetime) -> None:
    when = when.replace(microsecond=0)
    for text in (when.strftime("%Y-%m-%d %H:%M:%S"), when.strftime("%Y-%m-%d+%H:%M:%S")):
        at = callback_time(text)
        assert at == when.timestamp()
        assert local_time(at).utcoffset() is not None


@given(
    st.one_of(
        st.text(max_size=25),
        st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ +][0-9]{2}:[0-9]{2}:[0-9]{2}", fullmatch=True),
        st.from_regex(r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9]", fullmatch=True),
    )
)
def test_no_other_text_is_a_date(text: str) -> None:
    at = callback_time(text)
    try:
        real = datetime.strptime(text.replace("+", " "), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        real = None
    if real is None or len(text) != 19 or not text.isascii() or not 1970 <= real.year <= 2099:
        assert at is None
    else:
        assert at == real.timestamp()


@given(st.text(alphabet="0123456789+ ().-/*#xX٣ü\n", max_size=30))
def test_a_number_is_digits_or_nothing(text: str) -> None:
    assert re.fullmatch(r"|\+?[0-9]{1,24}|[*#0-9]{1,12}", as_number(text))
    assert re.fullmatch(r"[0-9]*", as_phone_code(text))
    assert as_number(as_number(text)) == as_number(text)


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=120))
def test_what_a_field_takes_is_kept_as_it_is_or_as_a_number(name: str, text: str) -> None:
    word = FIELDS[name]
    assert word.allows("")
    if not word.allows(text):
        assert kept("city", text) == text
    elif name in {"phone_number", "alt_phone"}:
        assert kept(name, text) == as_number(text)
    elif name == "phone_code":
        assert kept(name, text) == as_phone_code(text)
    else:
        assert kept(name, text) == text


@given(st.lists(st.sampled_from([*FIELDS, "mystate", "source", "cityx", "CITY"]), unique=True, max_size=12))
def test_only_exact_names_are_fields_and_in_their_order(names: list[str]) -> None:
    found = given_fields(_asked(dict.fromkeys(names, "1")))
    assert list(found) == [name for name in names if name in FIELDS]
