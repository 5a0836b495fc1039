"""The OpenAPI document of the agent API, made from its table of functions.

All functions are at one URL, which OpenAPI knows as one operation: so the functions are values of a parameter, and the
description tells what each reads. ``x-functions`` says the same for programs.
"""

from __future__ import annotations

from typing import Any

from agentd.dialects.agent_api.asked import PATHS
from agentd.dialects.agent_api.functions import FUNCTIONS, About, Function
from agentd.dialects.agent_api.samples import SAMPLES
from agentd.dialects.agent_api.words import Word
from agentd.http.openapi import Document, about, tidy
from agentd.http.params import MAX_VALUE

__all__ = ["agent_api_document"]

_EVERYWHERE: dict[str, str] = {
    "function": "What is to be done.",
    "source": "What asks: 2 to 20 letters and digits.",
    "user": "Who asks.",
    "pass": "His password.",
    "agent_user": "The agent whom it is about.",
    "alt_user": "The same by what the CRM calls him (custom field three), where `agent_user` is not given.",
    "value": "What the function takes first.",
    "format": "`debug`: the line comes within a page.",
    "close_window_link": "`1`: a link that closes the window comes after the line.",
    "language": "The language of that link: `en` or `es`.",
}
"""The parameters of all functions."""

_FUNCTIONS_OWN: dict[str, dict[str, str]] = {
    "recording": {"stage": "What ends the new file's name."},
}
"""What a function reads that its table leaves to the function itself."""

_WHOM = {
    About.EITHER: "an agent, whom `agent_user` or `alt_user` names",
    About.AGENT: "an agent, whom `agent_user` names",
    About.NOBODY: "nobody",
}

_ABOUT = """\
One URL, one function for each click: the answer is one line of text, `SUCCESS: …`, `ERROR: …` or `NOTICE: …`, always
with the status 200. `/agc/api.php` is the earlier document's URL, `/x5/api/agent.php` the later one's, which has some
more in its answers. GET and POST (a urlencoded form) are alike; where both name a parameter, the URL's wins.

One more function, `version`, takes nothing and needs nobody's password.

"""

_LINE = {
    "type": "string",
    "description": "One line (`webserver`: some), ended by a newline; what is asked for beside it comes after it.",
}


def agent_api_document() -> Document:
    """Give the document."""
    described = {name: _function(name, function) for name, function in FUNCTIONS.items()}
    told = "\n".join(_told(name, function) for name, function in described.items())
    paths = {
        f"/{path}": {
            "get": _operation(f"get_{number}", {"parameters": list(map(_parameter, _names().items()))}),
            "post": _operation(f"post_{number}", {"requestBody": _form()}),
        }
        for number, path in enumerate(PATHS, 1)
    }
    content = {
        **about("agentd: the agent API", _ABOUT + told),
        "security": [],
        "paths": paths,
        "x-functions": described,
    }
    return Document("agent-api", "Agent API", tidy(content))


def _names() -> dict[str, str]:
    """Every parameter, and what it is."""
    names = dict(_EVERYWHERE)
    readers: dict[str, list[str]] = {}
    for name, function in FUNCTIONS.items():
        for read in (*function.reads, *_FUNCTIONS_OWN.get(name, ())):
            if name not in readers.setdefault(read, []):
                readers[read].append(name)
    return names | {read: f"Read by {', '.join(f'`{name}`' for name in by)}." for read, by in readers.items()}


def _schema(name: str) -> dict[str, Any]:
    if name == "function":
        return {"type": "string", "enum": ["version", *FUNCTIONS]}
    shape: dict[str, Any] = {"type": "string", "maxLength": MAX_VALUE}
    return shape | ({"format": "password"} if name == "pass" else {})


def _parameter(known: tuple[str, str]) -> dict[str, Any]:
    name, says = known
    told = {"name": name, "in": "query", "description": says, "schema": _schema(name)}
    return told | ({"required": True} if name == "function" else {})


def _form() -> dict[str, Any]:
    properties = {name: {**_schema(name), "description": says} for name, says in _names().items()}
    schema = {"type": "object", "required": ["function"], "properties": properties}
    examples = {name: {"value": sample.request(name)} for name, sample in SAMPLES.items()}
    return {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": schema,
                "examples": {"version": {"value": {"function": "version"}}} | examples,
            }
        },
    }


def _operation(name: str, takes: dict[str, Any]) -> dict[str, Any]:
    lines = {name: {"value": f"{sample.line}\n"} for name, sample in SAMPLES.items()}
    answers = {
        "200": {"description": "What came of it.", "content": {"text/html": {"schema": _LINE, "examples": lines}}},
        "302": {
            "description": "`webphone_url` with the value LAUNCH: the browser is sent to the web phone.",
            "headers": {"Location": {"description": "Its address.", "schema": {"type": "string"}}},
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
    }
    return {"operationId": name, "summary": "Carry out a function", **takes, "responses": answers}


# --- what a function takes -----------------------------------------------------------------------------------


def _function(name: str, function: Function) -> dict[str, Any]:
    own = {read: {"description": says} for read, says in _FUNCTIONS_OWN.get(name, {}).items()}
    return {
        "summary": (function.perform.__doc__ or "").partition("\n")[0].rstrip("."),
        "about": _WHOM[function.about],
        "value": _word(function.value),
        "parameters": {read: _word(word) for read, word in function.reads.items()} | own,
    }


def _word(word: Word) -> dict[str, Any]:
    """A text that must match the whole pattern."""
    return {"pattern": word.pattern, "maxLength": word.longest}


def _told(name: str, function: dict[str, Any]) -> str:
    reads = ", ".join(f"`{read}`" for read in function["parameters"])
    ending = f" Also: {reads}." if reads else ""
    value = function["value"]["pattern"]
    return f"* **{name}** (about {function['about']}): {function['summary']}. `value`: `{value}`.{ending}"
