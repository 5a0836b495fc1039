"""The desk at which the core is tested."""

from __future__ import annotations

import pytest

from tests.core.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """Nobody is logged in, the link to Asterisk is live. Every command is checked as Desk says."""
    return Desk()
