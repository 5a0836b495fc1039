"""The agent API's golden transcripts, on both of its paths."""

from __future__ import annotations

import pytest

from agentd.dialects.agent_api.asked import PATHS
from tests.faces.agent_api import TRANSCRIPTS, serve
from tests.faces.house import House
from tests.faces.transcripts import Scene, play, scenes

SCENES = [scene for name in TRANSCRIPTS for scene in scenes(name)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene(house: House, scene: Scene, path: str) -> None:
    serve(house)
    play(house, scene, lambda target: target.replace("/agc/api.php", f"/{path}"))
