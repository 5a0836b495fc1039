"""The rules that the configuration sets for the core."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The rules that the configuration sets. Times are in seconds.

    After ``missed_calls`` deliveries in a row that he did not answer (0: never) an on-hook agent is paused; until then,
    and for a remote agent always, he is not offered a call for ``rest_after_miss`` seconds after each. An agent may
    dial by hand ``dials_per_minute`` times a minute, and an outside number is dialled by hand ``dials_per_number``
    times an hour at most (0: as often as wanted).
    """

    ring_time: int = 20
    confirm_time: float = 5.0
    logout_grace: float = 30.0
    nophone_logout: float = 600.0
    phone_grace: float = 30.0
    recall_phone: bool = True
    recall_tries: int = 3
    recall_interval: float = 10.0
    default_campaign: str = ""
    phone_code: str = "1"
    conference_first: int = 8600051
    conference_last: int = 8600899
    max_sessions: int = 140
    max_calls: int = 140
    calls_per_second: int = 20
    missed_calls: int = 3
    rest_after_miss: float = 5.0
    dials_per_minute: int = 30
    dials_per_number: int = 20
    extensions: str = "Local/{number}@agentd-extensions/n"
    outside: str = "Local/{number}@agentd-outside/n"
