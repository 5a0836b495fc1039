"""Whatever is said of what is set up is kept as it was said, or refused with its field."""

from __future__ import annotations

from typing import Any, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from agentd.core.model import Treatment
from agentd.dialects.native.admin_sites import SITES, Site
from agentd.dialects.native.door import Limits
from agentd.engine.checks import Unusable
from agentd.engine.checks.rules import require_web_address
from tests.faces.native import Native, body
from tests.faces.setup_tables import SetupTables

THERE = {
    "user": "/users/1000",
    "phone": "/phones/502",
    "campaign": "/campaigns/TESTCAMP/settings",
    "status": "/statuses/A",
    "pause_code": "/campaigns/TESTCAMP/pause-codes/LUNCH",
    "ingroup": "/ingroups/SALESLINE/settings",
    "group_alias": "/group-aliases/TESTING",
    "lead_list": "/lists/101",
}
"""What there is of some kinds, by the names of their sites."""

KNOWN = [site for site in SITES if site.name in THERE]

WORDS = st.sampled_from(
    ["", "SALESLINE", "TESTCAMP", "101", "PJSIP/502", "NEW", "http://x/{a}", "mon-fri 9-17", "x" * 300]
)
TEXTS = st.one_of(WORDS, st.text(max_size=30))
NUMBERS = st.one_of(st.integers(-3, 400), st.sampled_from([2**31, 2**63, -(2**63), 10**30]))
PLAIN = st.one_of(st.none(), st.booleans(), NUMBERS, st.floats(allow_nan=False, allow_infinity=False), TEXTS)
TREATMENTS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["wait", "hangup", "message", "ingroup", "x"]), "to": TEXTS}
)
ANYTHING = st.one_of(
    PLAIN, TREATMENTS, st.lists(PLAIN, max_size=4), st.dictionaries(TEXTS, st.one_of(TEXTS, NUMBERS), max_size=3)
)


def fitting(hint: Any) -> st.SearchStrategy[Any]:
    """Values of the right type, mostly."""
    right = {
        str: TEXTS,
        bool: st.booleans(),
        int: NUMBERS,
        float: st.floats(allow_nan=False, allow_infinity=False),
        Treatment: TREATMENTS,
        tuple[str, ...]: st.lists(TEXTS, max_size=4),
        frozenset[str]: st.lists(TEXTS, max_size=4),
        tuple[int, ...]: st.lists(NUMBERS, max_size=4),
        dict[str, str]: st.dictionaries(TEXTS, TEXTS, max_size=3),
        dict[str, int]: st.dictionaries(TEXTS, NUMBERS, max_size=3),
    }
    return st.one_of(right.get(hint, ANYTHING), right.get(hint, ANYTHING), ANYTHING)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Site, dict[str, Any]]:
    """A site, and what is said of a few fields of what is there."""
    site = draw(st.sampled_from(KNOWN))
    hints = get_type_hints(site.kind.cls)
    names = draw(st.lists(st.sampled_from(site.kind.said), min_size=1, max_size=3, unique=True))
    return site, {name: draw(fitting(hints[name])) for name in names}


def test_what_is_said_is_kept_or_refused() -> None:
    native = Native(role="admin", limits=Limits(rate=1e6, burst=10**6))
    SetupTables(native.house)
    statuses: list[int] = []

    @settings(max_examples=300, deadline=None)
    @given(changes())
    def say(said: tuple[Site, dict[str, Any]]) -> None:
        site, values = said
        where = THERE[site.name]
        before = body(native.ask("GET", where))
        answer = native.ask("PATCH", where, values)
        after = body(native.ask("GET", where))
        statuses.append(answer.status)
        if answer.status == 200:
            assert body(answer) == after
            assert {name: _plain(name, after[name]) for name in values} == {
                name: _plain(name, value) for name, value in values.items()
            }
        else:
            assert answer.status in {400, 422}, answer.text
            field = body(answer)["field"].removeprefix("$.").partition(".")[0].partition("[")[0]
            assert field in {*values, *UNSAID}
            assert after == before

    say()
    assert {200, 400, 422} == set(statuses)


UNSAID = ("timezone", "outside_number", "on_hook")
"""Fields that what is said of others may make unusable."""


def _plain(name: str, value: Any) -> Any:
    """Rights are a set."""
    return sorted(set(value)) if name == "rights" else value


@given(st.text(alphabet='htps:/x.{}ab_ \n"<>@%?#é', max_size=40).map(lambda rest: f"https://{rest}"))
def test_an_address_that_is_let_in_leads_to_one_host(address: str) -> None:
    try:
        require_web_address("webform", address)
    except Unusable:
        return
    host = address.removeprefix("https://").partition("/")[0].partition("?")[0].partition("#")[0]
    assert host
    assert not set(host) & set('{}@%<>" \né')
    assert not set(address) & set('" \n<>')
    filled = address.replace("{ab}", "").replace("{a}", "").replace("{b}", "")
    assert filled.count("{") == filled.count("}")
