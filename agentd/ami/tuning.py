"""Every number that a link has, with its unit. The defaults suit a call centre on the same host or network."""

from __future__ import annotations

from dataclasses import dataclass

from agentd.ami.wire import MAX_FRAME, MAX_HEADERS

__all__ = ["Tuning"]


@dataclass(frozen=True)
class Tuning:
    """Times in seconds, sizes in bytes, amounts in pieces."""

    action_timeout: float = 5.0
    """How long an answer may take, time in the queue included."""
    list_idle: float = 5.0
    """How long a list may pause between two items."""
    list_total: float = 30.0
    """How long a list may take."""
    window: int = 50
    """Actions sent and not yet answered."""
    waiting: int = 1000
    """Actions that wait for a place in the window; one more is refused with SwitchBusy."""

    max_frame: int = MAX_FRAME
    max_headers: int = MAX_HEADERS
    turn_budget: int = 500
    """Frames handled before other work gets its turn."""
    high_water: int = 5000
    """Waiting frames at which reading stops. Asterisk closes a session that does not read for ``writetimeout``."""
    low_water: int = 1000
    """Waiting frames at which reading goes on."""
    sync_events: int = 100_000
    """Events kept while the client synchronises; one more starts the link again."""

    connect_timeout: float = 5.0
    greeting_timeout: float = 5.0
    login_timeout: float = 10.0
    """Asterisk takes a second to refuse a wrong secret."""
    boot_timeout: float = 60.0
    """How long FullyBooted may take; it needs the read privilege ``system``."""
    sync_timeout: float = 30.0
    close_timeout: float = 2.0

    ping_interval: float = 10.0
    ping_deadline: float = 10.0
    """Silence after a Ping that ends the link. A synchronous action of another kind may hold the session this long."""

    retry_first: float = 0.1
    retry_factor: float = 1.7
    retry_longest: float = 10.0
    """The longest delay. A link that was live for as long as this is tried again at once, that is after the first."""
    retry_jitter: float = 0.3
    """Part of a delay by which it may be shorter or longer, so that many clients do not come back as one."""
    retry_refused: float = 60.0
    """After a wrong secret, which no haste will mend."""
