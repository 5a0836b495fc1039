"""docs/examples.md is true: every URL, in the page's order, gives the page's line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest_twisted

from tests.e2e.centre import AGC, CRYSTAL, X5, Centre

PAGE = (Path(__file__).parents[2] / "docs" / "examples.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = [tuple(pair.strip().split("\n")) for block in BLOCKS for pair in block.strip().split("\n\n")]
HOST = "http://127.0.0.1:8077"
PLACES = {
    "X.Y.Z": r"[-.\d]+",
    "YYMMDD-HHMM": r"\d{6}-\d{4}",
    "YYYY-MM-DD HH:MM:SS": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "EPOCH": r"\d{10}",
}
"""What the page writes where the answer has a value of the moment."""


def pattern(line: str) -> str:
    """A line of the page as a regular expression."""
    shape = re.escape(line)
    for place, values in PLACES.items():
        # EPOCH with a colon is the label, not the value.
        shape = re.sub(f"{re.escape(re.escape(place))}(?!:)", lambda _found, values=values: values, shape)
    return shape


@pytest_twisted.ensureDeferred
async def test_every_url_of_the_page_gives_its_line(centre: Centre) -> None:
    for url, line in EXAMPLES:
        answer = await centre.web.ask("GET", url.removeprefix(HOST))
        assert answer.code == 200, url
        assert re.fullmatch(pattern(line) + "\n", answer.text), (url, line, answer.text)


def test_the_page_has_the_documents_urls() -> None:
    asked = {url.removeprefix(HOST) for url, _ in EXAMPLES}
    for action in ("logoff", "mission", "pause", "online"):
        assert f"{CRYSTAL}?action={action}&agid=201" in asked
    assert f"{CRYSTAL}?action=login&agid=201&agext=501" in asked
    for path, user in ((AGC, "6666"), (X5, "101")):
        for function, value in {
            "external_pause": ("PAUSE", "RESUME"),
            "external_hangup": ("1",),
            "external_status": ("A",),
            "external_dial": ("7275551212&phone_code=1&search=YES&preview=NO&focus=YES",),
            "call_agent": ("CALL",),
            "logout": ("LOGOUT",),
        }.items():
            for one in value:
                who = f"source=test&user={user}&pass=1234&agent_user=1000"
                assert f"{path}?{who}&function={function}&value={one}" in asked
