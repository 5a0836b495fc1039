"""The desk at which the core is tested."""

from __future__ import annotations

import pytest

from tests.core.desk import Desk
from tests.core.steps import CUSTOMER


@pytest.fixture
def desk() -> Desk:
    """Nobody is logged in, the link to Asterisk is live. Every command is checked as Desk says."""
    return Desk()


@pytest.fixture
def talking(desk: Desk) -> Desk:
    """Agent 1000 talks with a customer."""
    desk.log_in()
    assert desk.talk().leg == CUSTOMER
    return desk
