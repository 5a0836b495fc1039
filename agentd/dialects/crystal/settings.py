"""What the configuration says of this face."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentd.http.kit import Networks

__all__ = ["CrystalSettings"]


@dataclass(frozen=True, slots=True)
class CrystalSettings:
    """Who may send agent commands besides this machine itself.

    ``secure``: whoever knows one of these codes. ``no_secret``: networks whose word is enough.
    """

    secure: tuple[str, ...] = field(default=(), repr=False)
    no_secret: Networks = ()
