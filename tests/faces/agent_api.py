"""What the agent API's tests share: a good request, and how to send it."""

from __future__ import annotations

from agentd.core.records import ApiCalled
from agentd.dialects.agent_api.asked import PATHS
from agentd.dialects.agent_api.face import AgentApi
from agentd.dialects.agent_api.routes import pages
from agentd.dialects.agent_api.settings import AgentApiSettings
from tests.faces.house import House

AGC, X5 = (f"/{path}" for path in PATHS)
TRANSCRIPTS = (
    "agent_api.txt",
    "agent_api_in_hand.txt",
    "agent_api_incoming.txt",
    "agent_api_dialling.txt",
    "agent_api_leads.txt",
    "agent_api_more.txt",
)
GOOD = {"source": "test", "user": "6666", "pass": "1234"}
DIAL = {"function": "external_dial", "phone_code": "1", "search": "NO", "preview": "NO", "focus": "NO"}


def serve(house: House, settings: AgentApiSettings | None = None) -> None:
    """Put the agent API into a house."""
    for path, resource in pages(AgentApi(house.operations, house.access, settings)).items():
        house.mount(path, resource)


def ask(house: House, peer: str = "127.0.0.1", **params: str) -> str:
    """Send a good request but for these parameters; gives the line."""
    return house.get(AGC, peer, **{**GOOD, "agent_user": "1000", **params}).text.rstrip("\n")


def target(**params: str) -> str:
    """The URL of such a request."""
    given = {**GOOD, "agent_user": "1000", **params}
    return AGC + "?" + "&".join(f"{name}={value}" for name, value in given.items())


def rows(house: House) -> list[tuple[str, ...]]:
    """What the API log shows, without the run details."""
    return [
        (row.user, row.function, row.agent_user, row.value, row.result, row.result_reason, row.source, row.data)
        for row in house.records(ApiCalled)
    ]
