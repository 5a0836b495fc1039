"""Addresses of web forms, with what is known of a call and its lead filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from agentd.core.model import FIELDS, Call, Lead

__all__ = ["call_values", "filled"]

_PLACE = re.compile(r"\{([a-z0-9_]+)\}")


def filled(template: str, values: Mapping[str, str]) -> str:
    """Give the address with a value, percent-encoded, for each ``{name}`` that is known; others stay as they are."""

    def value(place: re.Match[str]) -> str:
        known = values.get(place[1])
        return place[0] if known is None else quote(known, safe="", errors="replace")

    return _PLACE.sub(value, template)


def call_values(call: Call, lead: Lead, agent: str) -> dict[str, str]:
    """Give what a web form may be told of a call: all fields of its lead, empty where he has none, and the call's."""
    return {
        **{name: lead.fields.get(name, "") for name in FIELDS},
        "lead_id": str(lead.id),
        "list_id": str(lead.list_id),
        "status": lead.status,
        "phone_code": lead.phone_code,
        "phone_number": lead.phone_number,
        "user": agent,
        "campaign": call.campaign,
        "ingroup": call.ingroup,
        "call_id": str(call.id),
        "call_key": call.key,
        "direction": call.direction,
        "dialed_number": call.number,
        "did": call.did,
    }
