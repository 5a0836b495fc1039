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
PLACES = {"EPOCH": r"\d{10}", "DATE": r"\d{4}-\d\d-\d\d", "TIME": r"\d\d:\d\d:\d\d"}


def pattern(line: str) -> str:
    """The line as a regular expression: the last word of a colon pair stands for itself, values for their shape."""
    shape = re.escape(line)
    for word, values in PLACES.items():
        shape = re.sub(rf"(?<![A-Z]){word}(?!:)(?![A-Z])", lambda _found, values=values: values, shape)
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
