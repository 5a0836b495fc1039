"""A house for every face test."""

from __future__ import annotations

import pytest

from tests.faces.house import House


@pytest.fixture
def house() -> House:
    """A fresh house: nobody is logged in, the link to Asterisk is up."""
    return House()
