"""The OpenAPI document of ``/healthz``, ``/readyz`` and ``/metrics``."""

from __future__ import annotations

from typing import Any

from agentd.http.health import State
from agentd.http.openapi import Document, about, tidy

__all__ = ["health_document"]

_ABOUT = "For whoever watches over the daemon. Nobody has to say who he is, but for the metrics from another machine."

_PARTS = {
    "type": "object",
    "required": ["status", "parts"],
    "properties": {
        "status": {"enum": ["ready", "degraded", "down"]},
        "parts": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["state", "detail"],
                "properties": {"state": {"enum": [*State]}, "detail": {"type": "string"}},
            },
        },
    },
}

_ALIVE = {"type": "object", "required": ["status"], "properties": {"status": {"const": "alive"}}}
_TEXT = {"type": "string"}


def health_document() -> Document:
    """Give the document."""
    ready = _answer("Commands can be taken; `degraded` where something else is not up.", "application/json", _PARTS)
    down = _answer("A part is down without which calls cannot be controlled.", "application/json", _PARTS)
    alive = _answer("The process answers.", "application/json", _ALIVE)
    metrics = _answer("The metrics.", "text/plain", _TEXT)
    stranger = _answer("A bearer token is needed.", "text/plain", _TEXT)
    content = {
        **about("agentd: health and metrics", _ABOUT),
        "paths": {
            "/healthz": {"get": _operation("healthz", "Whether the process is alive", {"200": alive})},
            "/readyz": {
                "get": _operation("readyz", "How each part is", {"200": ready, "503": down}),
            },
            "/metrics": {
                "get": {
                    **_operation("metrics", "Figures for Prometheus", {"200": metrics, "401": stranger}),
                    "security": [{}, {"bearer": []}],
                }
            },
        },
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    return Document("health", "Health and metrics", tidy(content))


def _answer(says: str, kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": says, "content": {kind: {"schema": schema}}}


def _operation(name: str, does: str, answers: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "summary": does, "security": [], "responses": answers}
