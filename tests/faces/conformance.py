"""Whether an answer is one that the OpenAPI document of its face tells of: status, headers, content type, body."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs

from agentd.dialects.native.openapi.document import native_document
from agentd.http.openapi import Document
from tests.http.memory import Answer

OUTSIDE = {405, 414, 421, 431}
"""Statuses that the document tells of in its introduction, since they are of no operation."""


def strict(content: Any) -> Any:
    """The same, with no member in any object of an answer that is not described: what clients may take as coming."""
    if isinstance(content, list):
        return [strict(each) for each in content]
    if not isinstance(content, dict):
        return content
    closed = {"additionalProperties": False} if content.get("type") == "object" and "properties" in content else {}
    return closed | {key: strict(each) for key, each in content.items()}


class Described:
    """A document, ready to be asked."""

    def __init__(self, document: Document) -> None:
        self.content: dict[str, Any] = json.loads(document.json)
        self._strict = strict(self.content)
        self._routes = [
            (re.compile("[^/]+".join(map(re.escape, re.split(r"\{\w+\}", path)))), operations)
            for path, operations in self.content["paths"].items()
        ]

    def operation(self, method: str, target: str) -> dict[str, Any] | None:
        """The operation that a request reaches."""
        path = target.partition("?")[0]
        found = [operations for pattern, operations in self._routes if pattern.fullmatch(path)]
        return next((each[method.lower()] for each in found if method.lower() in each), None)

    def check(self, method: str, target: str, answer: Answer) -> None:
        """Fail when the answer is not one of those that the operation may give."""
        operation = self.operation("GET" if method == "HEAD" else method, target)
        if operation is None:
            assert answer.status in {404, 405}, f"{method} {target} is not described: {answer.status}"
            return
        if answer.status in OUTSIDE:
            return
        name = operation["operationId"]
        told = operation["responses"].get(str(answer.status))
        assert told is not None, f"{name} may not answer {answer.status}: {answer.text[:500]}"
        self._check_answer(name, answer, self._resolved(told), bodiless=method == "HEAD")

    def _check_answer(self, name: str, answer: Answer, told: dict[str, Any], *, bodiless: bool) -> None:
        content = told.get("content")
        if content is None:
            assert answer.body == b"", f"{name} {answer.status} has a body: {answer.text[:500]}"
            return
        kind = answer.headers["Content-Type"].partition(";")[0]
        assert kind in content, f"{name} {answer.status} is not described as {kind}"
        if kind.endswith("json") and not bodiless:
            errors = list(self._validator(json.dumps(content[kind]["schema"])).iter_errors(json.loads(answer.body)))
            where = [f"{list(error.instance_path)}: {error.message[:300]}" for error in errors]
            assert not where, f"{name} {answer.status}: {where}"

    def _resolved(self, told: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in told:
            return told
        return self.content["components"]["responses"][told["$ref"].rpartition("/")[2]]

    @cache  # noqa: B019 - there are as many as documents
    def _validator(self, schema: str) -> Any:
        whole = {**strict(json.loads(schema)), "components": self._strict["components"]}
        return jsonschema_rs.Draft202012Validator(whole)


@cache
def native() -> Described:
    """The native API's."""
    return Described(native_document())
