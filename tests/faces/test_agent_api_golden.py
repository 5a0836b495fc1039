"""The agent API's golden transcripts, on both of its paths."""

from __future__ import annotations

import pytest

from agentd.dialects.agent_api.face import AgentApi
from agentd.dialects.agent_api.routes import PATHS, pages
from tests.faces.house import House
from tests.faces.transcripts import Scene, play, scenes


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scene", scenes("agent_api.txt"), ids=lambda scene: scene.name)
def test_scene(house: House, scene: Scene, path: str) -> None:
    for at, resource in pages(AgentApi(house.operations, house.access)).items():
        house.mount(at, resource)
    play(house, scene, lambda target: target.replace("/agc/api.php", f"/{path}"))
