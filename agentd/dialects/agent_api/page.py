"""How a line is put before the client: as it is, with the link that closes the window, in a page, or as a redirect."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import re
from html import escape

from agentd.dialects.agent_api.answers import Line
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.http import kit
from agentd.http.request import Request

__all__ = ["page"]

_POSITIVE = re.compile(r"\s*\+?(?:0*[1-9]|0*[.]0*[1-9])")
_CLOSE = {"es": "Cerrar esta ventana"}
_LINK_POLICY = b"default-src 'none'; script-src 'unsafe-inline'"


def page(request: Request, line: Line, asked: Asked, settings: AgentApiSettings) -> bytes:
    """Set the status and the headers of an answer, and give its body."""
    if line.location:
        request.setHeader(b"Location", line.location.encode("ascii"))
        return kit.plain(request, line.text, 302, kit.HTML)
    link = ""
    if not line.alone and _POSITIVE.match(asked.get("close_window_link")):
        # The link is a script by its nature; nothing that is echoed beside it can be markup.
        request.setHeader(b"Content-Security-Policy", _LINK_POLICY)
        words = _CLOSE.get(asked.get("language"), "Close This Window")
        link = f"\n\n<a href=\"javascript:window.opener='x';window.close();\">{words}</a>"
    if asked.get("format") != "debug":
        return kit.plain(request, line.text + link, kind=kit.HTML)
    return kit.plain(request, _debug(request, line, asked, settings, link), kind=kit.HTML)


def _debug(request: Request, line: Line, asked: Asked, settings: AgentApiSettings, link: str) -> str:
    """The line within a page, as the originals do it for people; of what went on inside it says how long it took."""
    seconds = max(0.0, request.site.clock.monotonic() - request.since)
    return "\n".join(
        (
            "<!DOCTYPE html>",
            "<html>",
            "<head>",
            f"<!-- VERSION: {escape(settings.version)}     BUILD: {escape(settings.build)} -->",
            f"<title>Agent API: {escape(asked.function)}</title>",
            "</head>",
            "<body>",
            escape(line.text) + link,
            f"<!-- script runtime: {seconds:.6f} seconds -->",
            "</body>",
            "</html>",
        )
    )
