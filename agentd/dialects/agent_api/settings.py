"""What the configuration says of this face."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentd import __version__
from agentd.http.policy import Policy

__all__ = ["AgentApiSettings"]


@dataclass(frozen=True, slots=True)
class AgentApiSettings:
    """``active``: whether the API does anything but tell its version. ``version`` and ``build`` are what it tells.

    A build is a date and a time of day, as the originals write it: YYMMDD-HHMM. ``pbx_address`` is the server that the
    lines of ``recording`` name. ``policy`` is what the HTTP server allows, for ``webserver``. Of an address without a
    good password the API log has ``stranger_rows`` at once and ``stranger_rate`` more a second.
    """

    active: bool = True
    version: str = f"{__version__}-1"
    build: str = "261120-0900"
    pbx_address: str = "127.0.0.1"
    policy: Policy = field(default_factory=Policy)
    stranger_rows: int = 60
    stranger_rate: float = 1.0
