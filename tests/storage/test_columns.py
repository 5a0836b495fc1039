"""Values mean the same on both databases."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, literal, select

from agentd.storage.columns import Instant, Seconds

BEGAN = datetime(2026, 11, 20, 23, 59, 59)  # noqa: DTZ001 - as the database keeps it: UTC, without saying so


def seconds(engine: Engine, began: datetime, micros: int) -> float:
    ended = began + timedelta(microseconds=micros)
    with engine.connect() as connection:
        return float(connection.execute(select(Seconds(literal(ended, Instant), literal(began, Instant)))).scalar_one())


@pytest.mark.parametrize(("micros", "length"), [(0, 0.0), (499, 0.0), (500, 0.001), (979_500, 0.98), (980_000, 0.98)])
def test_a_length_is_rounded_to_the_nearest_millisecond(engine: Engine, micros: int, length: float) -> None:
    for offset in (0, 500, 999_500):
        assert seconds(engine, BEGAN + timedelta(microseconds=offset), micros) == length


def test_a_length_is_exact(engine: Engine) -> None:
    chance = random.Random(1)
    for _ in range(300):
        micros, offset = chance.randrange(86_400_000_000), chance.randrange(1_000_000)
        assert seconds(engine, BEGAN + timedelta(microseconds=offset), micros) == (micros + 500) // 1000 / 1000
