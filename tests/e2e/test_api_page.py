"""The page at /docs in a browser: each face can be read and tried there, and nothing comes from any other host."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest_twisted
from playwright.sync_api import Page
from twisted.internet.threads import deferToThread

from tests.e2e.browser import chromium
from tests.e2e.centre import AGC, CRYSTAL, Centre

TITLES = {
    "Native API": "agentd: the native API",
    "Agent API": "agentd: the agent API",
    "Crystal agent commands": "agentd: Crystal agent commands",
    "Health and metrics": "agentd: health and metrics",
}
DOCUMENTS = list(TITLES)


def choose(page: Page, document: str) -> None:
    """Have the page show that document."""
    page.select_option(".topbar select", label=document)
    page.wait_for_selector(f".info .title:has-text('{TITLES[document]}')")


def log_in(page: Page, token: str) -> None:
    """Give the page a bearer token."""
    page.click(".auth-wrapper button.authorize")
    page.fill("input[aria-label='auth-bearer-value']", token)
    page.click(".auth-btn-wrapper button.authorize")
    page.click(".auth-btn-wrapper button.btn-done")


def try_out(page: Page, method: str, path: str, given: Mapping[str, str]) -> tuple[str, str]:
    """Carry an operation out; gives the status and the body that came."""
    block = page.locator(f".opblock-{method}", has=page.locator(f"[data-path='{path}']")).first
    block.locator(".opblock-summary-control").click()
    for name, value in given.items():
        row = block.locator(f"tr[data-param-name='{name}']")
        row.locator("select, input").first.wait_for()
        if row.locator("select").count():
            row.locator("select").first.select_option(value)
        else:
            row.locator("input").first.fill(value)
    block.locator("button.execute").click()
    live = block.locator(".live-responses-table tr.response")
    live.wait_for()
    return live.locator(".response-col_status").inner_text(), live.locator(".highlight-code code").first.inner_text()


def visit(base: str, token: str, folder: Path) -> tuple[list[tuple[str, str]], list[str], set[str | None], list[str]]:
    """Try one operation of each document; gives the answers, the documents' names, the hosts and the complaints."""
    answers: list[tuple[str, str]] = []
    with chromium(folder) as (page, seen):
        page.goto(f"{base}/docs")
        page.wait_for_selector(".opblock")
        offered = page.locator(".topbar select option").all_inner_texts()
        log_in(page, token)
        answers.append(try_out(page, "get", "/api/v1/sessions/{agent}", {"agent": "1000"}))
        choose(page, DOCUMENTS[1])
        asked = {"source": "test", "user": "6666", "pass": "1234", "function": "external_pause"}
        answers.append(try_out(page, "get", AGC, {**asked, "agent_user": "1000", "value": "PAUSE"}))
        choose(page, DOCUMENTS[2])
        answers.append(try_out(page, "get", CRYSTAL, {"action": "mission", "agid": "1000"}))
        choose(page, DOCUMENTS[3])
        answers.append(try_out(page, "get", "/readyz", {}))
        return answers, offered, seen.hosts, seen.complaints


@pytest_twisted.ensureDeferred
async def test_each_face_can_be_tried_on_the_page(centre: Centre, tmp_path: Path) -> None:
    await centre.log_in()
    token = centre.runtime["token"]
    answers, offered, hosts, complaints = await deferToThread(visit, centre.demo.http, token, tmp_path / "chromium")
    assert offered == DOCUMENTS
    (native, session), (agent_api, line), (crystal, command), (health, parts) = answers
    assert [native, agent_api, crystal, health] == ["200"] * 4
    assert '"agent": "1000"' in session
    assert line.startswith("SUCCESS: external_pause function set - PAUSE|")
    assert command.strip() == "0: OK mission,1000,502"
    assert '"status": "ready"' in parts
    assert hosts == {"127.0.0.1"}
    assert complaints == []
