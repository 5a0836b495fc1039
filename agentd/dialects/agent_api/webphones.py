"""The function ``webphone_url``: where the agent's telephone in a browser is."""

from __future__ import annotations

from agentd.dialects.agent_api.answers import Line, Refused, error
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.engine.webphones import may_be_opened, webphone_url

__all__ = ["WEBPHONE", "tell_webphone"]

WEBPHONE = ("DISPLAY", "LAUNCH")
"""The values of ``webphone_url``."""


async def tell_webphone(asked: Asked, here: Here) -> Line:
    """Tell the URL, or send the client there."""
    url = webphone_url(here.operations.state, here.operations.live_session(asked.agent))
    if not url:
        raise Refused(error("webphone_url error - webphone url is empty", asked.agent))
    if asked.value == "DISPLAY":
        return Line(url, "NOTICE", "webphone_url displayed")
    if not may_be_opened(url):
        raise Refused(error("webphone_url not sent", "a browser is sent to http and https only", asked.agent))
    return Line(url, "NOTICE", "webphone_url launched", location=url)
