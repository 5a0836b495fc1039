"""The queries of docs/database.md, and what they find."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from agentd.storage.columns import moment
from tests.storage.helpers import NOW
from tests.storage.rows import bring_in
from tests.storage.test_lines import EVERYTHING

PAGE = Path(__file__).parents[2] / "docs/database.md"


def reports() -> list[str]:
    """The queries that the page gives, for the day of these tests."""
    blocks = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    statements = [statement for block in blocks for statement in block.split(";\n") if statement.strip()]
    first, second = moment(NOW).date(), moment(NOW + 86400).date()
    return [one.replace("2026-11-19", str(first)).replace("2026-11-20", str(second)) for one in statements]


def test_the_reports_of_the_page_work_on_both_databases(engine: Engine) -> None:
    bring_in(engine, EVERYTHING)
    found = {}
    with engine.connect() as connection:
        for statement in reports():
            table = re.findall(r"FROM (\w+)", statement)[0]
            found[table] = connection.execute(text(statement)).all()
    assert {"park_log", "supervision_log", "line_log"} <= set(found)
    figures = {row.ingroup: tuple(float(value) for value in row[1:]) for row in found["line_log"]}
    assert figures == {"SALESLINE": (4, 1, 1, 2, pytest.approx(11.9375)), "TEST_IN": (1, 0, 0, 0, pytest.approx(10.5))}
