"""The parameters of the native API's URLs: what each name means, whatever the route."""

from __future__ import annotations

from typing import Any

from agentd.core.model import SessionState
from agentd.dialects.native.callers import Role
from agentd.dialects.native.custom import FIELDS
from agentd.dialects.native.words import MOST, PAGE
from agentd.engine.events import NAMES

__all__ = ["PATH", "QUERY"]

_TEXT: dict[str, Any] = {"type": "string"}
_ID = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
_TIME = {"type": "number", "minimum": 0, "maximum": 10**11}
_FLAG = {"type": "boolean"}

PATH: dict[str, tuple[str, dict[str, Any], Any]] = {
    "agent": ("The agent's name.", _TEXT, "1000"),
    "call": ("The call's id, or `current`.", _TEXT, "current"),
    "callback": ("The callback's id.", _TEXT, "1"),
    "campaign": ("The campaign's name.", _TEXT, "TESTCAMP"),
    "code": ("The code.", _TEXT, "SALE"),
    "digest": ("The SHA-256 digest of the token's text, in hexadecimal digits.", _TEXT, "0" * 64),
    "extension": ("The phone's extension.", _TEXT, "502"),
    "field": ("Which custom field.", {"type": "string", "enum": list(FIELDS)}, "three"),
    "id": ("The id.", _TEXT, "101"),
    "lead": ("The lead's id.", _TEXT, "123456"),
    "name": ("The name.", _TEXT, "TESTCAMP"),
    "number": ("The phone number.", _TEXT, "7275551290"),
    "phone": ("The supervisor's phone.", _TEXT, "510"),
    "recording": ("The recording's id.", _TEXT, "1"),
    "user": ("The user's name.", _TEXT, "1000"),
}
"""By name: what it is, its schema, an example."""

QUERY: dict[str, tuple[str, dict[str, Any]]] = {
    "active": ("Only those that are, or are not, active.", _FLAG),
    "agent": ("Only this agent's.", _TEXT),
    "at_once": ("Whether a call that is under way is ended.", _FLAG),
    "both": ("Whether the customer's leg ends, too.", _FLAG),
    "call_id": ("Only this call's.", _ID),
    "campaign": ("Only this campaign's.", _TEXT),
    "cursor": ("Where to go on: `next` of the page before.", _TEXT),
    "due_before": ("Only those that are due before that time, in seconds since 1970.", _TIME),
    "group": ("Only those of this user group.", _TEXT),
    "kind": ("Only those of this kind.", _TEXT),
    "last_event_id": ("The id of the last event that was seen, where the header Last-Event-ID cannot be sent.", _TEXT),
    "lead_id": ("Only this lead's.", _ID),
    "limit": ("The most that a page may have.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}),
    "list_id": ("Only those of this list.", _ID),
    "name": ("Only those of this name.", _TEXT),
    "number": ("Only those with this phone number.", _TEXT),
    "role": ("Only those of this role.", _TEXT | {"examples": [*Role]}),
    "selectable": ("Only those that an agent may, or may not, choose.", _FLAG),
    "since": ("Only those since that time, in seconds since 1970.", _TIME),
    "state": ("Only those in this state.", {"type": "string", "enum": [*SessionState]}),
    "status": ("The status: of those that are wanted, or for the call.", _TEXT),
    "system": ("Only the system's list.", _FLAG),
    "types": ("Only these types or groups of events, with commas between them.", _TEXT | {"examples": [min(NAMES)]}),
    "until": ("Only those before that time, in seconds since 1970.", _TIME),
    "user": ("Only those of this user.", _TEXT),
    "vendor_lead_code": ("Only those with this code.", _TEXT),
    "waiting": ("Only those that are not kept yet, or only those that are over.", _FLAG),
    "who": ("Only the changes that this one made.", _TEXT),
    "with_leads": ("Whether the leads of the list go, too.", _FLAG),
}
"""By name: what it is, and its schema."""
