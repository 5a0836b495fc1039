"""Values mean the same on both databases."""

from __future__ import annotations

import itertools
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


def test_the_lengths_of_intervals_add_up(engine: Engine) -> None:
    cuts = [0, 499, 1_499, 980_000, 980_500, 3_206_499]
    parts = [seconds(engine, BEGAN + timedelta(microseconds=a), b - a) for a, b in itertools.pairwise(cuts)]
    assert sum(parts) == pytest.approx(seconds(engine, BEGAN, cuts[-1]), abs=1e-9)


def test_a_length_is_exact(engine: Engine) -> None:
    chance = random.Random(1)
    for _ in range(300):
        micros, offset = chance.randrange(86_400_000_000), chance.randrange(1_000_000)
        assert seconds(engine, BEGAN + timedelta(microseconds=offset), micros) == micros / 1_000_000
