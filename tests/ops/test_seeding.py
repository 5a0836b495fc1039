"""A new site can dispose of calls at once; what an administrator makes of that stays."""

from __future__ import annotations

import json
from pathlib import Path

from tests.ops.test_commands import Office


def test_a_new_database_has_the_usual_statuses(tmp_path: Path) -> None:
    office = Office(tmp_path)
    known = {status["code"]: status for status in json.loads(office.do("disposition", "list", "--json"))}
    assert {"A", "B", "N", "NI", "SALE", "DNC", "CALLBK", "NEW", "DISPO", "DROP", "DC", "RAXFER"} <= set(known)
    assert (known["CALLBK"]["callback"], known["DISPO"]["selectable"]) == (True, False)
    office.do("disposition", "delete", "A")
    office.do("disposition", "change", "B", "--title", "Engaged")
    office.do("migrate")
    again = {status["code"]: status["title"] for status in json.loads(office.do("disposition", "list", "--json"))}
    assert again == {code: status["title"] for code, status in known.items() if code != "A"} | {"B": "Engaged"}
