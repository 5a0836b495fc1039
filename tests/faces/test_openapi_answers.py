"""Whatever is asked as the documents describe it, or against that, the answer is one that they tell of.

Schemathesis makes the requests; in its house an agent talks with a customer. (Event streams have tests of their own.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from agentd.dialects.agent_api.openapi import agent_api_document
from agentd.dialects.crystal.openapi import crystal_document
from agentd.dialects.crystal.routes import Crystal
from agentd.dialects.native.openapi.document import native_document
from agentd.http.health import Health, MetricsPage, PartState, Readiness, State
from agentd.http.health_openapi import health_document
from agentd.http.openapi import Document
from tests.faces import agent_api
from tests.faces.fuzzing import fuzz, operations
from tests.faces.house import House
from tests.faces.native import Native
from tests.faces.setup_tables import SetupTables

EXAMPLES = 8
"""Requests for each operation; let them be some hundreds by hand now and then."""

KNOWN = {
    "agent": "1000",
    "call": "current",
    "campaign": "TESTCAMP",
    "code": "SALE",
    "extension": "502",
    "field": "three",
    "id": "101",
    "lead": "123456",
    "name": "SALESLINE",
    "number": "7275551290",
    "phone": "510",
    "user": "1000",
}
"""What is there."""


def at_work(house: House) -> House:
    """An agent talks with the customer of a lead, another one is paused."""
    house.log_in()
    house.talk(lead_id=123456)
    house.log_in("1001", "503")
    return house


def native_house(folder: str) -> tuple[House, dict[str, str]]:
    native = Native(role="admin")
    if folder.startswith("administration"):
        SetupTables(native.house)
    return at_work(native.house), {"Authorization": f"Bearer {native.plain}"}


def agent_api_house(_folder: str) -> tuple[House, dict[str, str]]:
    house = at_work(House())
    agent_api.serve(house)
    return house, {}


def crystal_house(_folder: str) -> tuple[House, dict[str, str]]:
    house = at_work(House())
    for path, resource in Crystal(house.operations).pages().items():
        house.mount(path, resource)
    return house, {}


class AllUp:
    """A daemon whose parts are well."""

    def parts(self) -> dict[str, PartState]:
        return {"journal": PartState(State.UP), "database": PartState(State.DEGRADED, "3 records behind")}


def health_house(_folder: str) -> tuple[House, dict[str, str]]:
    house = House()
    house.mount("healthz", Health())
    house.mount("readyz", Readiness(AllUp()))
    house.mount("metrics", MetricsPage(CollectorRegistry(), lambda _token: True))
    return house, {}


NewHouse = Callable[[str], tuple[House, dict[str, str]]]

FACES: list[tuple[Document, NewHouse]] = [
    (native_document(), native_house),
    (agent_api_document(), agent_api_house),
    (crystal_document(), crystal_house),
    (health_document(), health_house),
]

CASES = [
    pytest.param(operation, new_house, id=f"{document.name}-{name}")
    for document, new_house in FACES
    for name, operation in operations(document).items()
    if name != "events"
]


@pytest.mark.parametrize(("operation", "new_house"), CASES)
def test_every_answer_is_described(operation: Any, new_house: NewHouse) -> None:
    folder = (operation.definition.raw.get("tags") or [""])[0]
    assert fuzz(operation, lambda: new_house(folder), examples=EXAMPLES, known=KNOWN) >= 1
