"""Asterisk's manager interface (AMI) for Twisted.

Bytes to frames without I/O (:mod:`~agentd.ami.wire`), frames to typed messages (:mod:`~agentd.ami.messages`,
:mod:`~agentd.ami.events`, :mod:`~agentd.ami.items`), typed actions to bytes (:mod:`~agentd.ami.actions`,
:mod:`~agentd.ami.encoder`), one connection (:mod:`~agentd.ami.protocol`), and a client that comes back by itself
(:mod:`~agentd.ami.client`).

This package knows Asterisk and nothing of agentd; it imports nothing else of it.
"""

from agentd.ami import actions, events, items
from agentd.ami.client import AMIClient
from agentd.ami.counters import Counters
from agentd.ami.errors import (
    ActionError,
    ActionFailed,
    ActionTimeout,
    AMIError,
    AuthenticationFailed,
    FrameTooLong,
    LinkDown,
    LinkLost,
    LinkTimeout,
    ListIncomplete,
    MessageTooLong,
    NotAnAsterisk,
    SwitchBusy,
    UnsafeHeader,
)
from agentd.ami.link import LinkState
from agentd.ami.lists import ListResult
from agentd.ami.messages import Event, Headers, Response
from agentd.ami.protocol import AMIProtocol
from agentd.ami.tuning import Tuning

__all__ = [
    "AMIClient",
    "AMIError",
    "AMIProtocol",
    "ActionError",
    "ActionFailed",
    "ActionTimeout",
    "AuthenticationFailed",
    "Counters",
    "Event",
    "FrameTooLong",
    "Headers",
    "LinkDown",
    "LinkLost",
    "LinkState",
    "LinkTimeout",
    "ListIncomplete",
    "ListResult",
    "MessageTooLong",
    "NotAnAsterisk",
    "Response",
    "SwitchBusy",
    "Tuning",
    "UnsafeHeader",
    "actions",
    "events",
    "items",
]
