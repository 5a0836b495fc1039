"""The OpenAPI document of Crystal's agent commands, made from its table of actions."""

from __future__ import annotations

from typing import Any

from agentd.dialects.crystal.actions import ACTIONS
from agentd.dialects.crystal.answers import FORBIDDEN
from agentd.dialects.crystal.routes import BASE
from agentd.http.openapi import Document, about, tidy

__all__ = ["crystal_document"]

_ABOUT = """\
One command for each click: the answer is one line of text, `0: OK …` or another number and what was wrong, always
with the status 200. GET and POST (a urlencoded form) are alike.

A client outside the networks of the configuration says the `secure` code; whoever may not ask is told
`Failed:1:invalid or missing parameters`. A page of another site cannot ask at all.

"""

_PARAMETERS = {
    "action": "What is to be done.",
    "agid": "The agent.",
    "agext": "The extension of his phone, for `login`.",
    "secure": "The code that lets the client in.",
}

_EXAMPLE = {"action": "pause", "agid": "201", "secure": "4324221"}


def crystal_document() -> Document:
    """Give the document."""
    actions = "\n".join(f"* **{name}**: {action.__doc__}" for name, action in ACTIONS.items())
    paths = {
        f"/{BASE}/agent_command.php": {
            "get": _operation("get", {"parameters": [_parameter(*each) for each in _PARAMETERS.items()]}),
            "post": _operation("post", {"requestBody": _form()}),
        }
    }
    return Document(
        "crystal",
        "Crystal agent commands",
        tidy({**about("agentd: Crystal agent commands", _ABOUT + actions), "security": [], "paths": paths}),
    )


def _schema(name: str) -> dict[str, Any]:
    return {"type": "string"} | ({"enum": list(ACTIONS)} if name == "action" else {})


def _parameter(name: str, says: str) -> dict[str, Any]:
    told = {"name": name, "in": "query", "description": says, "schema": _schema(name)}
    return told | ({"required": True} if name == "action" else {"example": _EXAMPLE.get(name, "501")})


def _form() -> dict[str, Any]:
    properties = {name: {**_schema(name), "description": says} for name, says in _PARAMETERS.items()}
    schema = {"type": "object", "required": ["action"], "properties": properties}
    return {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": schema, "example": _EXAMPLE}},
    }


def _operation(name: str, takes: dict[str, Any]) -> dict[str, Any]:
    line = {"type": "string", "pattern": "^([0-9]+: |Failed:1:)[^\\n]*\\n$"}
    lines = {"done": {"value": "0: OK pause,201,501\n"}, "not let in": {"value": f"{FORBIDDEN}\n"}}
    answers = {
        "200": {"description": "What came of it.", "content": {"text/html": {"schema": line, "examples": lines}}},
        "403": {
            "description": "Another site's page asks.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
    }
    return {"operationId": f"agent_command_{name}", "summary": "Carry out a command", **takes, "responses": answers}
