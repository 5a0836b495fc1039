"""docs/administration.md names every field of every kind, every filter and every action."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentd.engine.kinds import KINDS, Action

PAGE = (Path(__file__).parents[2] / "docs" / "administration.md").read_text()


@pytest.mark.parametrize("name", KINDS)
def test_everything_that_may_be_said_is_there(name: str) -> None:
    kind = KINDS[name]
    fields = (*kind.said, kind.key, *(secret.field for secret in kind.secrets), *kind.filters)
    assert [field for field in fields if f"`{field}`" not in PAGE and f'"{field}"' not in PAGE] == []
    assert f"`{name}`" in PAGE


def test_every_action_is_there() -> None:
    assert all(f"`{action}`" in PAGE for action in (*Action, "empty"))
