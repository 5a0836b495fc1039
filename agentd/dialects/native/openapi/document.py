"""The OpenAPI document of the native API: every route with its parameters, bodies and answers.

Bodies are described by the structs that they are decoded into, routes by what is mounted, so that neither can drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import msgspec

from agentd.dialects.native.activities import ActivityRoutes
from agentd.dialects.native.admin import AdminRoutes
from agentd.dialects.native.bodies import Nothing
from agentd.dialects.native.callbacks import CallbackRoutes
from agentd.dialects.native.callers import ROLES, Role, Scope
from agentd.dialects.native.calls import CallRoutes
from agentd.dialects.native.custom import CustomRoutes
from agentd.dialects.native.dnc import DncRoutes
from agentd.dialects.native.hand import HandRoutes
from agentd.dialects.native.leads import LeadRoutes
from agentd.dialects.native.lines import LineRoutes
from agentd.dialects.native.mount import PARTS
from agentd.dialects.native.openapi.answers import ANSWERS, Good
from agentd.dialects.native.openapi.examples import EXAMPLES
from agentd.dialects.native.openapi.parameters import PATH, QUERY
from agentd.dialects.native.openapi.reasons import REASONS
from agentd.dialects.native.openapi.shapes import Problem
from agentd.dialects.native.routing import Route, Routes
from agentd.dialects.native.sessions import SessionRoutes
from agentd.dialects.native.stream import EventRoutes
from agentd.dialects.native.taping import TapingRoutes
from agentd.dialects.native.words import BASE
from agentd.http.openapi import Document, about, tidy

__all__ = ["native_document"]

_TAGS: dict[type[Routes], str] = {
    SessionRoutes: "sessions",
    CallRoutes: "calls",
    HandRoutes: "calls in hand",
    TapingRoutes: "recordings",
    LineRoutes: "in-groups and campaigns",
    LeadRoutes: "leads",
    CallbackRoutes: "callbacks",
    DncRoutes: "numbers not to call",
    ActivityRoutes: "activities",
    CustomRoutes: "custom fields",
    AdminRoutes: "administration",
    EventRoutes: "events",
}

_PROBLEMS = {
    400: "What was sent cannot be read, or is not as described.",
    401: "There is no bearer token, or none that is known.",
    403: "The token is not good for this.",
    404: "What the URL names is not there.",
    409: "It is not possible in the present state.",
    412: "It is not the version that the client has seen (If-Match).",
    413: "The body is longer than 1 MiB.",
    415: "The body is not JSON.",
    416: "There is no byte of that range.",
    422: "The request names what is not there, or asks for what is never allowed.",
    429: "Too often; Retry-After says how long to wait.",
    500: "A mistake of agentd's own; its log has the request's id, which X-Request-Id tells, too.",
    502: "Asterisk refused it.",
    503: "A part of the daemon, or the link to Asterisk, is not there, or has no room.",
    504: "Asterisk did not answer in time.",
}

_LOOKS = (400, 401, 403, 404, 429, 500, 503)
_ACTS = (*_LOOKS, 409, 412, 422)
_ASTERISK = (502, 504)
_BODY = (413, 415)
_OF_A_CALL = frozenset({Scope.SESSIONS, Scope.CALLS, Scope.SUPERVISE})

_PROBLEM_HEADERS = {
    401: ("WWW-Authenticate",),
    412: ("ETag",),
    416: ("Content-Range",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}

_HEADERS = {
    "Accept-Ranges": "`bytes`.",
    "Content-Disposition": "The name of the file.",
    "Content-Range": "Which part of how much this is.",
    "ETag": "The version of what is told.",
    "Idempotency-Replayed": "`true`: the answer is the one of the first request with this Idempotency-Key.",
    "Location": "Where it is.",
    "RateLimit-Limit": "How many requests the token has at once.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "In how many seconds all of them are back.",
    "Retry-After": "How many seconds to wait.",
    "WWW-Authenticate": "`Bearer`.",
}
_RATE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")

_REQUEST_HEADERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "once": (
        "Idempotency-Key",
        "The same key with the same request gets the same answer for 24 hours, and nothing is done twice.",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    ),
    "match": ("If-Match", "Only on the version with this ETag; else 412.", {"type": "string"}),
    "none_match": ("If-None-Match", "The ETag that the client has: 304 when that is still so.", {"type": "string"}),
    "range": ("Range", "Which bytes, such as `bytes=0-1023`.", {"type": "string"}),
    "last_event": ("Last-Event-ID", "The id of the last event that was seen.", {"type": "string"}),
}

_ABOUT = """\
Verbs that answer when the thing is done, errors that say why, and a stream of events.

* Every request carries `Authorization: Bearer TOKEN`. A token has a role and scopes; each operation names the scope
  that it takes.
* Errors are problem details (RFC 9457): `reason` is for programs and keeps its meaning, `detail` is for people.
* A field or a parameter that is not known is refused; a parameter with an empty value is as one that is not given. More
  fields may come in answers: ignore what you do not know.
* `Idempotency-Key` on everything that acts; `ETag`, `If-Match` and `If-None-Match` on what has versions; lists come in
  pages, and `next` is the cursor of the next one.
* What is not HTTP as it should be never reaches the API and is refused in plain text: 408, 413 (body over 1 MiB), 414
  (URL over 16 KiB), 421 (a `Host` that is not served here), 431. A method that a URL does not have is a 405, with
  `Allow`.
"""


def native_document() -> Document:
    """Give the document."""
    known = [(part, known) for part in PARTS for known in part.routes()]
    kinds, shapes = [each.demands.kind for _, each in known], [shape for shape in _shapes() if shape is not None]
    wanted = _once([*kinds, *shapes, Problem])
    schemas, components = msgspec.json.schema_components(wanted, ref_template="#/components/schemas/{name}")
    described = _Described(dict(zip(map(id, wanted), schemas, strict=True)))
    content = {
        **about("agentd: the native API", _ABOUT),
        "tags": [{"name": name} for name in dict.fromkeys(_tag(part, each) for part, each in known)],
        "security": [{"bearer": []}],
        "paths": described.paths(known),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": _roles()}},
            "parameters": {
                name: {"name": header, "in": "header", "description": says, "schema": schema}
                for name, (header, says, schema) in _REQUEST_HEADERS.items()
            },
            "headers": {
                name: {"description": says, "schema": {"type": "integer" if name in _RATE else "string"}}
                for name, says in _HEADERS.items()
            },
            "responses": {f"Problem{status}": described.problem(status) for status in _PROBLEMS},
            "schemas": {name: schema for name, schema in components.items() if name != Nothing.__name__},
        },
    }
    return Document("native", "Native API", tidy(content))


def _shapes() -> Iterator[Any]:
    for answers in ANSWERS.values():
        yield from chain.from_iterable(good.shapes for good in answers.values())


def _once(types: list[Any]) -> list[Any]:
    """The same without those that are there already (msgspec would name them apart)."""
    return list({id(each): each for each in types}.values())


def _tag(part: type[Routes], known: Route) -> str:
    """Under which heading a route is; of what is set up each kind has its own."""
    if part is not AdminRoutes:
        return _TAGS[part]
    named = [word for word in known.path.split("/") if word and not word.startswith("<") and word != "settings"]
    return f"{_TAGS[part]}: {' '.join(named)}"


def _roles() -> str:
    lines = [f"* `{role}`: {', '.join(sorted(scopes))}" for role, scopes in ROLES.items()]
    return f"The most that a role may do (an `{Role.AGENT}` in his own session alone):\n\n" + "\n".join(lines)


class _Described:
    """The parts of the document. ``schemas`` are those of the types, by their identity."""

    def __init__(self, schemas: dict[int, dict[str, Any]]) -> None:
        self._schemas = schemas

    def paths(self, known: list[tuple[type[Routes], Route]]) -> dict[str, Any]:
        """All of them, with the operations of each."""
        paths: dict[str, Any] = {}
        for part, each in known:
            path = BASE + each.path.replace("<", "{").replace(">", "}")
            paths.setdefault(path, {})[each.method.lower()] = self._operation(_tag(part, each), each)
        return paths

    def _operation(self, tag: str, known: Route) -> dict[str, Any]:
        demands = known.demands
        told = {
            "tags": [tag],
            "operationId": known.verb,
            "summary": known.does.partition("\n")[0].rstrip("."),
            "description": f"Scope: `{demands.scope.value}`.",
            "parameters": [*_in_path(known), *_in_query(known), *_in_headers(known)],
            "responses": self._answers(known),
        }
        if demands.kind is not Nothing:
            told["requestBody"] = self._body(known)
        return told

    def _body(self, known: Route) -> dict[str, Any]:
        verb = known.verb if known.verb in EXAMPLES else known.verb.replace("replace", "change", 1)
        content = {"schema": self._schemas[id(known.demands.kind)], "example": EXAMPLES[verb]}
        return {"required": True, "content": {"application/json": content}}

    def _answers(self, known: Route) -> dict[str, Any]:
        good = {str(status): self._good(known, each) for status, each in ANSWERS[known.verb].items()}
        bad = {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in _problems_of(known)}
        return good | bad

    def _good(self, known: Route, good: Good) -> dict[str, Any]:
        replayed = ("Idempotency-Replayed",) if known.demands.acts else ()
        answer: dict[str, Any] = {
            "description": good.says,
            "headers": _headers(*good.headers, *_RATE, *replayed),
        }
        if good.shapes:
            schemas = [self._schemas[id(shape)] for shape in good.shapes]
            answer["content"] = {kind: {"schema": _any(schemas)} for kind in good.media}
        elif good.media != ("application/json",):
            answer["content"] = {kind: {"schema": {"type": "string"}} for kind in good.media}
        return answer

    def problem(self, status: int) -> dict[str, Any]:
        """The answer with that status."""
        answer: dict[str, Any] = {"description": _PROBLEMS[status]}
        if status == 413:
            return answer | {"content": {"text/plain": {"schema": {"type": "string"}}}}
        answer["headers"] = _headers(*_PROBLEM_HEADERS.get(status, ()))
        own = {"properties": {"status": {"const": status}, "reason": {"enum": REASONS[status]}}}
        schema = {"allOf": [self._schemas[id(Problem)], own]}
        return answer | {"content": {"application/problem+json": {"schema": schema}}}


def _any(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _problems_of(known: Route) -> list[int]:
    demands = known.demands
    found = {*(_ACTS if demands.acts else _LOOKS)}
    if demands.acts and demands.scope in _OF_A_CALL:
        found.update(_ASTERISK)
    if demands.kind is not Nothing:
        found.update(_BODY)
    if known.verb == "recording_audio":
        found.update((409, 416))
    return sorted(found)


# --- what a request has --------------------------------------------------------------------------------------


def _in_path(known: Route) -> Iterator[dict[str, Any]]:
    for part in known.path.split("/"):
        if part.startswith("<"):
            says, schema, example = PATH[part[1:-1]]
            shown = {"description": says, "schema": schema, "example": example}
            yield {"name": part[1:-1], "in": "path", "required": True, **shown}


def _in_query(known: Route) -> Iterator[dict[str, Any]]:
    for name in known.demands.known:
        says, schema = QUERY[name]
        yield {"name": name, "in": "query", "description": says, "allowEmptyValue": True, "schema": schema}


def _in_headers(known: Route) -> list[dict[str, Any]]:
    if known.demands.acts:
        names = ["once", "match"]
    elif known.verb == "events":
        names = ["last_event"]
    elif known.verb == "recording_audio":
        names = ["range"]
    else:
        names = ["none_match"] if 304 in ANSWERS[known.verb] else []
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
