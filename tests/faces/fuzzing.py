"""Schemathesis against a house: requests made from an OpenAPI document, answers held against the same document."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agentd.http.openapi import Document
from tests.faces.conformance import strict
from tests.faces.house import House

BASE = "http://localhost"

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

_OF_THE_CONNECTION = {"host", "content-length"}

OUTSIDE = {405, 414, 421, 431}
"""What the documents tell of in their introductions, since no operation answers it."""


def operations(document: Document) -> dict[str, Any]:
    """The operations of a document by their ids; answers may have nothing that is not described.

    (Who asks is let in, so that requests are not bad for the want of a token.)
    """
    content = {name: part for name, part in json.loads(document.json).items() if name != "security"}
    schema = schemathesis.openapi.from_dict(strict(content))
    found = [each.ok() for each in schema.get_all_operations()]
    return {each.definition.raw["operationId"]: each for each in found}


def fuzz(
    operation: Any,
    new_house: Callable[[], tuple[House, dict[str, str]]],
    *,
    examples: int,
    known: dict[str, str],
) -> int:
    """Send requests as the document describes them and as it does not; gives how many there were.

    ``new_house`` gives a house and the headers that let a client in; ``known`` what is there, which one in two requests
    has in its path.
    """
    sent = 0
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
    house, headers = new_house()

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: Any) -> None:
        nonlocal sent
        case = data.draw(st.one_of(modes))
        for name in case.path_parameters or ():
            if name in known and data.draw(st.booleans()):
                case.path_parameters[name] = known[name]
        request = requests.Request(**_plain(case.as_transport_kwargs(base_url=BASE))).prepare()
        response = _send(house, request, headers)
        if response.status_code not in OUTSIDE:
            case.validate_response(response, checks=CHECKS)
        sent += 1

    run()
    return sent


def _plain(kwargs: dict[str, Any]) -> dict[str, Any]:
    """What ``requests`` takes of it."""
    names = ("method", "url", "headers", "files", "data", "params", "auth", "cookies", "json")
    return {name: kwargs[name] for name in names if name in kwargs}


def _send(house: House, request: requests.PreparedRequest, headers: dict[str, str]) -> Response:
    body = request.body.encode() if isinstance(request.body, str) else request.body
    sent = {name: _text(value) for name, value in request.headers.items() if name.lower() not in _OF_THE_CONNECTION}
    answer = house.ask(request.path_url, str(request.method), body, {**sent, **headers})
    told = {name.lower(): answer.headers.get_all(name) or [] for name in answer.headers}
    return Response(answer.status, told, answer.body, request, 0.0, verify=True)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
