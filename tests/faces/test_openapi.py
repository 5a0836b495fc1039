"""The OpenAPI documents say what there is, and nothing else; and they, and their page, are served to anybody."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from klein import Klein
from openapi_spec_validator import validate

import agentd.dialects.agent_api as agent_api
import agentd.dialects.crystal as crystal
import agentd.dialects.native as native_api
from agentd.dialects.agent_api.asked import PATHS
from agentd.dialects.agent_api.functions import FUNCTIONS
from agentd.dialects.agent_api.openapi import agent_api_document
from agentd.dialects.agent_api.samples import SAMPLES
from agentd.dialects.crystal.actions import ACTIONS
from agentd.dialects.crystal.openapi import crystal_document
from agentd.dialects.crystal.routes import BASE as CRYSTAL
from agentd.dialects.crystal.routes import Crystal
from agentd.dialects.native.bodies import Nothing
from agentd.dialects.native.mount import ROUTES
from agentd.dialects.native.openapi.answers import ANSWERS
from agentd.dialects.native.openapi.document import native_document
from agentd.dialects.native.openapi.examples import EXAMPLES
from agentd.dialects.native.openapi.reasons import OWN
from agentd.http.docs_page import POLICY, api_pages
from agentd.http.health_openapi import health_document
from agentd.http.mounting import mount
from agentd.http.openapi import Document, yaml_text
from tests.faces.agent_api import TRANSCRIPTS
from tests.faces.conformance import Described
from tests.faces.house import House
from tests.faces.native import BASE, Native
from tests.faces.transcripts import scenes

DOCUMENTS = [native_document(), agent_api_document(), crystal_document(), health_document()]
NATIVE, AGENT_API, CRYSTAL_API, HEALTH = (json.loads(each.json) for each in DOCUMENTS)
EACH = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
METHODS = {"get", "put", "post", "delete", "patch"}


def operations(content: dict[str, Any]) -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, known in content["paths"].items() for method in known}


def source_of(package: Any) -> str:
    return "".join(path.read_text() for path in Path(package.__file__).parent.glob("*.py"))


def served(app: Klein) -> set[tuple[str, str]]:
    """The routes of an app, as documents write them."""
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


# --- any document --------------------------------------------------------------------------------------------


@EACH
def test_it_is_a_document_as_the_specification_has_it(document: Document) -> None:
    validate(json.loads(document.json))


@EACH
def test_it_says_the_same_in_yaml(document: Document) -> None:
    assert yaml.load(document.yaml, Loader=yaml.CSafeLoader) == json.loads(document.json)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=30)
KEYS = TEXTS | st.sampled_from(["on", "No", "~", "null", "a b", "-", "a:", "#"])
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


@given(st.dictionaries(KEYS, JSONS, min_size=1))
def test_any_plain_data_is_the_same_in_yaml(content: dict[str, Any]) -> None:
    assert yaml.load(yaml_text(content), Loader=yaml.CSafeLoader) == content


@EACH
def test_it_names_every_operation_once(document: Document) -> None:
    names = [known["operationId"] for path in document.content["paths"].values() for known in path.values()]
    assert len(names) == len(set(names))
    assert all(set(path) <= METHODS for path in document.content["paths"].values())


@EACH
def test_its_patterns_and_words_are_not_pythons(document: Document) -> None:
    assert not re.search(r'"pattern":"[^"]*\\\\[AZ]', document.json)
    assert "``" not in document.json


# --- the native API ------------------------------------------------------------------------------------------


def test_the_native_document_has_every_route_and_no_other() -> None:
    app: Klein = Native().api._app
    assert operations(NATIVE) == {(method, BASE + path) for method, path in served(app)}


def test_it_has_a_good_answer_for_every_verb_and_no_other() -> None:
    assert {known.verb for known in ROUTES} == set(ANSWERS)


def test_its_examples_are_bodies_that_the_routes_take() -> None:
    taking = {known.verb: known.demands.kind for known in ROUTES if known.demands.kind is not Nothing}
    assert set(EXAMPLES) <= set(taking)
    for path in NATIVE["paths"].values():
        for operation in path.values():
            if "requestBody" in operation:
                example = operation["requestBody"]["content"]["application/json"]["example"]
                msgspec.convert(example, taking.pop(operation["operationId"]))
    assert taking == {}


def test_it_knows_the_reasons_that_are_the_faces_own() -> None:
    text = source_of(native_api)
    found = {(int(status), reason) for status, reason in re.findall(r'problem\(\s*(\d+),\s*"(\w+)"', text)}
    found |= {(409, reason) for reason in re.findall(r'[^.\w]_refuse\("(\w+)"', text)}
    routes = {(400, "bad_request"), (404, "not_found"), (405, "method_not_allowed"), (500, "internal_error")}
    named = {(status, reason) for status, reasons in OWN.items() for reason in reasons}
    assert named == found | routes


def less(schema: str, field: str) -> Described:
    """The native API's document without a field of a schema."""
    content = json.loads(DOCUMENTS[0].json)
    told = content["components"]["schemas"][schema]
    del told["properties"][field]
    told["required"].remove(field)
    return Described(Document("native", "", content))


def test_an_answer_that_is_not_described_would_be_noticed() -> None:
    native = Native()
    native.house.log_in()
    answer = native.ask("GET", "/sessions/1000")
    less("Preview", "focus").check("GET", f"{BASE}/sessions/1000", answer)
    with pytest.raises(AssertionError, match="misses"):
        less("Session", "misses").check("GET", f"{BASE}/sessions/1000", answer)
    with pytest.raises(AssertionError, match="extension"):
        less("PhoneOf", "extension").check("GET", f"{BASE}/sessions/1000", answer)
    with pytest.raises(AssertionError, match="may not answer 200"):
        less("Preview", "focus").check("DELETE", f"{BASE}/leads/1", answer)
    with pytest.raises(AssertionError, match="is not described"):
        less("Preview", "focus").check("GET", f"{BASE}/elsewhere", answer)


# --- the agent API -------------------------------------------------------------------------------------------


def test_the_agent_api_has_both_paths_by_both_methods() -> None:
    assert operations(AGENT_API) == {(method, f"/{path}") for path in PATHS for method in ("GET", "POST")}


def forms() -> list[dict[str, Any]]:
    """What each operation takes: parameters by name, and what each may be."""
    found: list[dict[str, Any]] = []
    for path in AGENT_API["paths"].values():
        found.append({each["name"]: each["schema"] for each in path["get"]["parameters"]})
        [form] = path["post"]["requestBody"]["content"].values()
        found.append(form["schema"]["properties"])
    return found


def test_it_has_every_function_with_its_parameters() -> None:
    assert set(AGENT_API["x-functions"]) == set(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        told = AGENT_API["x-functions"][name]
        assert told["summary"]
        assert told["value"] == {"pattern": function.value.pattern, "maxLength": function.value.longest}
        assert set(function.reads) <= set(told["parameters"])
        assert f"**{name}**" in AGENT_API["info"]["description"]
        for form in forms():
            assert name in form["function"]["enum"]
            assert set(told["parameters"]) <= set(form)


def test_it_has_every_parameter_that_any_function_reads() -> None:
    read = set(re.findall(r'(?:asked\.(?:get|yes)|_text)\((?:params, )?"(\w+)"', source_of(agent_api)))
    assert {"user", "alt_dial", "stage", "language"} <= read
    for form in forms():
        assert read <= set(form)
        known = {name for function in FUNCTIONS.values() for name in function.reads}
        assert set(form) == read | known


def golden_pairs() -> list[tuple[dict[str, str], str]]:
    """Every request of the transcripts with the line that follows it, as a pattern."""
    found: list[tuple[dict[str, str], str]] = []
    for scene in (each for name in TRANSCRIPTS for each in scenes(name)):
        for (mark, request), (next_mark, line) in zip(scene.lines, scene.lines[1:], strict=False):
            if (mark, next_mark) == (">", "<"):
                pattern = re.sub(r"\\{(?:now|new\\-lead)\\}", r"\\d+", re.escape(line))
                pattern = re.sub(r"\\{\\\|key\\}", r"(\\|[MVY]\\d{19})?", pattern)
                found.append((dict(parse_qsl(request.partition("?")[2], keep_blank_values=True)), pattern))
    return found


def test_its_samples_are_what_the_golden_transcripts_have() -> None:
    assert set(SAMPLES) == set(FUNCTIONS) - {"webserver"}
    pairs = golden_pairs()
    for name, sample in SAMPLES.items():
        asked = sample.request(name)
        lines = [line for request, line in pairs if request == asked]
        assert any(re.fullmatch(line, sample.line) for line in lines), (name, asked, lines)


# --- Crystal and the daemon ----------------------------------------------------------------------------------


def test_crystals_document_has_its_url_and_its_actions() -> None:
    app: Klein = Crystal.app
    assert operations(CRYSTAL_API) == {(method, f"/{CRYSTAL}{path}") for method, path in served(app)}
    [path] = CRYSTAL_API["paths"].values()
    parameters = {each["name"]: each["schema"] for each in path["get"]["parameters"]}
    [form] = path["post"]["requestBody"]["content"].values()
    assert parameters["action"]["enum"] == list(ACTIONS)
    assert set(parameters) == set(form["schema"]["properties"])
    assert set(parameters) == set(re.findall(r'_text\(params, "(\w+)"\)', source_of(crystal)))


# --- where they are ------------------------------------------------------------------------------------------


@pytest.fixture
def site(house: House) -> House:
    mount(house.root, api_pages(DOCUMENTS))
    return house


@EACH
def test_documents_are_served_to_anybody(site: House, document: Document) -> None:
    answer = site.ask(f"/openapi/{document.name}.json", peer="192.0.2.9")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert json.loads(answer.body) == json.loads(document.json)
    answer = site.ask(f"/openapi/{document.name}.yml", peer="192.0.2.9")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/yaml")
    assert answer.text == document.yaml


def test_the_index_names_them_all(site: House) -> None:
    index = json.loads(site.ask("/openapi/").body)["documents"]
    assert [each["name"] for each in index] == ["native", "agent-api", "crystal", "health"]
    for each in index:
        assert [site.ask(each[kind]).status for kind in ("json", "yaml")] == [200, 200]


def test_bare_names_lead_to_the_folders(site: House) -> None:
    answers = [site.ask(path) for path in ("/openapi", "/docs")]
    assert [(each.status, each.headers["Location"]) for each in answers] == [(302, "openapi/"), (302, "docs/")]


def test_what_is_not_there_is_not_found(site: House) -> None:
    paths = ("/openapi/other.json", "/docs/index.html", "/docs/../docs/x", "/docs/swagger-ui.css/x", "/docs/%2e%2e")
    assert [site.ask(path).status for path in paths] == [404] * len(paths)


def test_the_page_brings_all_that_it_needs_and_a_strict_policy(site: House) -> None:
    page = site.ask("/docs/")
    assert (page.status, page.headers["Content-Security-Policy"]) == (200, POLICY.decode())
    assert "unsafe-eval" not in POLICY.decode()
    needed = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert needed
    for name in needed:
        answer = site.ask(f"/docs/{name}")
        assert answer.status == 200
        assert answer.body
    assert all(f"../openapi/{each.name}.json" in site.ask("/docs/start.js").text for each in DOCUMENTS)


def test_browsers_keep_the_packages_files(site: House) -> None:
    first = site.ask("/docs/swagger-ui.css")
    again = site.ask("/docs/swagger-ui.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert len(first.body) > 10_000
