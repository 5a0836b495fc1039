"""Parameters as PHP reads them, and nothing unusable passed on."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.web.resource import Resource

from agentd.http.kit import BadParameter, Params
from agentd.http.params import MAX_PARAMETERS, MAX_VALUE
from tests.http.memory import Memory, post

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
pairs = st.lists(st.tuples(text, text), max_size=20)


@given(query=pairs, form=pairs)
def test_the_query_wins_and_of_several_the_last(query, form):
    params = Params(urlencode(query).encode(), urlencode(form).encode())
    params.check()
    expected = dict(form) | dict(query)
    assert set(params) == set(expected)
    assert {name: params.get(name) for name in params} == expected


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_the_standard_library_reads_them_or_refused(query):
    params = Params(query)
    if params.bad is None:
        expected = parse_qsl(query.decode("utf-8"), keep_blank_values=True, separator="&")
        assert [(name, params.get(name)) for name in params] == list(dict(expected).items())
    else:
        with pytest.raises(BadParameter):
            params.check()
        assert params.bad.why in ("NUL", "not UTF-8", "too long")


@given(text)
def test_plus_and_percent_twenty_are_spaces(value):
    for quoted in (quote_plus(value), quote_plus(value).replace("+", "%20")):
        assert Params(f"a={quoted}".encode()).get("a") == value


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"a%00b", "NUL"),
        (b"\0", "NUL"),
        (b"%ff", "not UTF-8"),
        (b"caf\xe9", "not UTF-8"),
        (b"%ed%a0%80", "not UTF-8"),
        (b"a" * (MAX_VALUE + 1), "too long"),
        (b"%41" * (MAX_VALUE + 1), "too long"),
    ],
)
def test_an_unusable_value_is_named_and_hides_nothing_else(value, why):
    params = Params(b"user=6666&value=" + value + b"&agent_user=1000")
    assert (params.get("user"), params.get("agent_user")) == ("6666", "1000")
    with pytest.raises(BadParameter) as caught:
        params.get("value")
    assert (caught.value.name, caught.value.why) == ("value", why)
    with pytest.raises(BadParameter):
        params.check()
    assert "value" in params


def test_a_value_of_exactly_4_kib_is_good():
    assert Params(b"a=" + b"%41" * MAX_VALUE).get("a") == "A" * MAX_VALUE


def test_an_unusable_value_in_the_query_is_not_replaced_by_the_form():
    params = Params(b"a=%00", b"a=good")
    with pytest.raises(BadParameter):
        params.get("a")


@pytest.mark.parametrize("query", [b"%00=1", b"%ff=1", b"n" * 129 + b"=1"])
def test_an_unusable_name_is_refused_without_repeating_it(query):
    params = Params(query + b"&a=1")
    with pytest.raises(BadParameter) as caught:
        params.check()
    assert caught.value.name == ""
    assert params.get("a") == "1"


def test_too_many_are_refused():
    Params(b"&".join(b"a%d=1" % n for n in range(MAX_PARAMETERS))).check()
    with pytest.raises(BadParameter, match="too many"):
        Params(b"&" * 500_000).check()


def test_missing_empty_and_bare_names_differ_as_in_php():
    params = Params(b"empty=&bare&=nameless")
    assert (params.get("empty", "x"), params.get("bare", "x"), params.get("none", "x")) == ("", "", "x")
    assert "none" not in params


def test_a_params_object_shows_no_values():
    assert "s3cret" not in repr(Params(b"pass=s3cret"))


class Reader(Resource):
    isLeaf = True
    seen: list

    def render_GET(self, request):
        self.seen.append(Params.of(request))
        return b""

    render_POST = render_GET


@pytest.fixture
def reader():
    reader = Reader()
    reader.seen = []
    return reader


def test_a_form_is_read_from_the_body(reader):
    with Memory(reader) as memory:
        memory.ask(post("/?a=1", b"a=2&b=3", kind="application/x-www-form-urlencoded; charset=UTF-8"))
        memory.ask(post("/?a=1", b'{"b": 3}', kind="application/json"))
    form, other = reader.seen
    assert (form.get("a"), form.get("b")) == ("1", "3")
    assert "b" not in other
    assert list(other) == ["a"]
