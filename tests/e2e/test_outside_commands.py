"""What an administrator does from the shell to a lead who is on a screen, and to what agents may dial."""

from __future__ import annotations

import json

import pytest_twisted
from twisted.internet.utils import getProcessOutputAndValue

from tests.e2e.centre import Centre

LEAD, NUMBER = "1017", "7275551317"
FORBIDDEN = "7275551288"


async def refusal(centre: Centre, *arguments: str) -> str:
    """Why a command is refused."""
    command = [*arguments[:2], "--config", centre.runtime["config"], *arguments[2:]]
    _, error, code = await getProcessOutputAndValue(centre.runtime["cli"], command, reactor=centre.reactor)
    assert code == 1, error.decode()
    return error.decode()


@pytest_twisted.ensureDeferred
async def test_the_lead_on_the_screen_is_changed_and_cannot_be_forgotten(centre: Centre) -> None:
    await centre.log_in()
    line = await centre.dial(NUMBER, preview="YES")
    assert line.startswith(f"SUCCESS: external_dial function set - {NUMBER}|1000|1|YES|YES|"), line
    assert (await centre.snapshot("1000"))["lead"]["id"] == int(LEAD)
    await centre.cli("lead", "change", LEAD, "--set", "city=Rome")
    assert (await centre.snapshot("1000"))["lead"]["city"] == "Rome"
    assert f"lead {LEAD} is in a call, on a screen or about to be dialled" in await refusal(
        centre, "lead", "delete", LEAD
    )
    made = (
        await centre.cli(
            "callback", "add", LEAD, "--campaign", "TESTCAMP", "--at", "2020-01-01 12:00:00", "--agent", "1000"
        )
    ).strip()
    [promised] = (await centre.snapshot("1000"))["callbacks"]
    assert (promised["id"], promised["lead_id"]) == (int(made), int(LEAD))
    await centre.cli("callback", "remove", made)
    assert (await centre.snapshot("1000"))["callbacks"] == []
    await centre.cli("lead", "change", LEAD, "--set", "city=")
    assert "city" not in json.loads(await centre.cli("lead", "show", LEAD))


@pytest_twisted.ensureDeferred
async def test_a_number_that_is_listed_is_refused_from_then_on(centre: Centre) -> None:
    await centre.log_in()
    await centre.cli("dnc", "add", "--campaign", "TESTCAMP", FORBIDDEN)
    assert (await centre.dial(FORBIDDEN)).startswith("ERROR: external_dial not sent - ")
    await centre.cli("dnc", "remove", "--campaign", "TESTCAMP", FORBIDDEN)
    assert (await centre.dial(FORBIDDEN)).startswith("SUCCESS")


@pytest_twisted.ensureDeferred
async def test_an_agent_works_in_the_campaign_that_is_named_for_him(centre: Centre) -> None:
    await centre.cli("session", "login", "1000", "--phone", "502", "--campaign", "TESTPREV")
    await centre.dial(NUMBER, preview="YES")
    refused = "ERROR: preview dial skipping not allowed on this campaign - 1000|TESTPREV|PREVIEW_ONLY"
    assert await centre.api("preview_dial_action", "SKIP") == refused
    refused = "ERROR: alt number dialing not allowed on this campaign - 1000|TESTPREV|N"
    assert await centre.api("preview_dial_action", "ALTDIAL") == refused
    assert (await centre.api("preview_dial_action", "DIALONLY")).startswith("SUCCESS")
    await centre.until_state("1000", "INCALL")
