"""Everything that is served: a class of routes joins by its line in :data:`PARTS`."""

from __future__ import annotations

from klein import Klein

from agentd.dialects.native.activities import ActivityRoutes
from agentd.dialects.native.admin import AdminRoutes
from agentd.dialects.native.callbacks import CallbackRoutes
from agentd.dialects.native.calls import CallRoutes
from agentd.dialects.native.custom import CustomRoutes
from agentd.dialects.native.dnc import DncRoutes
from agentd.dialects.native.hand import HandRoutes
from agentd.dialects.native.leads import LeadRoutes
from agentd.dialects.native.lines import LineRoutes
from agentd.dialects.native.problems import phrase
from agentd.dialects.native.routing import Route, Routes, Tools
from agentd.dialects.native.sessions import SessionRoutes
from agentd.dialects.native.stream import EventRoutes
from agentd.dialects.native.taping import TapingRoutes
from agentd.http.kit import install_errors

__all__ = ["PARTS", "ROUTES", "VERBS", "mounted"]

PARTS: tuple[type[Routes], ...] = (
    SessionRoutes,
    CallRoutes,
    HandRoutes,
    TapingRoutes,
    LineRoutes,
    LeadRoutes,
    CallbackRoutes,
    DncRoutes,
    ActivityRoutes,
    CustomRoutes,
    AdminRoutes,
    EventRoutes,
)

ROUTES: tuple[Route, ...] = tuple(known for part in PARTS for known in part.routes())
"""All that there are."""

VERBS: tuple[str, ...] = tuple(known.verb for known in ROUTES if known.verb != "events")
"""What the metrics count by, in the face :data:`agentd.dialects.native.door.FACE`: a stream has an end of its own."""


def mounted(tools: Tools) -> Klein:
    """Give an app that serves them all."""
    app = Klein()
    app.url_map.merge_slashes = False  # a URL with two is no other one's, and nothing is redirected
    for part in PARTS:
        part(tools).mount(app)
    install_errors(app, phrase)
    return app
