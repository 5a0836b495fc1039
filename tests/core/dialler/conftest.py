"""The floor on which the dialler is tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.core.desk import SETTINGS
from tests.core.dialler.floor import DIALS, Floor

Opened = Callable[..., Floor]


@pytest.fixture
def floor() -> Opened:
    """Make a floor whose campaign has twenty leads in its hopper."""

    def opened(leads: int = 20, settings: Any = SETTINGS, **campaign: Any) -> Floor:
        made = Floor(settings=settings, campaign=replace(DIALS, **campaign))
        made.fill(leads)
        return made

    return opened
