"""Crystal's golden transcripts."""

from __future__ import annotations

import pytest

from agentd.dialects.crystal.routes import Crystal
from tests.faces.house import House
from tests.faces.transcripts import Scene, play, scenes


@pytest.mark.parametrize("scene", scenes("crystal.txt"), ids=lambda scene: scene.name)
def test_scene(house: House, scene: Scene) -> None:
    for at, resource in Crystal(house.operations).pages().items():
        house.mount(at, resource)
    play(house, scene)
