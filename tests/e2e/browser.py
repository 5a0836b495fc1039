"""Chromium, of the system's own package, as somebody sits before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class Seen:
    """What a page has done besides what it shows: the hosts that it asked, and what it complained of."""

    def __init__(self, page: Page) -> None:
        self.hosts: set[str | None] = set()
        self.complaints: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme not in {"data", "blob"}:
            self.hosts.add(urlsplit(url).hostname)


@contextmanager
def chromium(folder: Path) -> Iterator[tuple[Page, Seen]]:
    """A page of a new Chromium, whose profile is in that (new) folder. It ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            str(folder), executable_path=CHROMIUM, headless=True, args=_FLAGS, timeout=30_000
        )
        try:
            page = browser.pages[0]
            page.set_default_timeout(30_000)
            yield page, Seen(page)
        finally:
            browser.close()
