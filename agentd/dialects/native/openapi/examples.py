"""A body for each route that takes one, such as the demo can carry out."""

from __future__ import annotations

from typing import Any

__all__ = ["EXAMPLES"]

_MUTE = {"muted": True}
_PLAN = {"number": "7275551213", "phone_code": "1", "account": "42", "subject": "Renewal"}
_LEAD = {"first_name": "Ada", "city": "Regina"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "log_in": {"agent": "1000", "phone": "502", "campaign": "TESTCAMP"},
    "change_state": {"state": "paused", "code": "LUNCH"},
    "change_ingroups": {"ingroups": ["SALESLINE"]},
    "monitor": {"phone": "510", "mode": "listen"},
    "dial": {"number": "7275551212"},
    "act_on_preview": {"action": "dial"},
    "dispose": {"status": "A"},
    "set_timer": {"kind": "message_only", "seconds": 30, "message": "Ask for the order"},
    "park": {"where": "music"},
    "call_third_party": {"number": "7275551213"},
    "transfer": {"kind": "blind", "number": "7275551213"},
    "connect": {"other": 1001},
    "send_dtmf": {"digits": "1234#"},
    "start_recording": {"stage": "ORDER"},
    "mute_recordings": _MUTE,
    "mute_recording": _MUTE,
    "change_campaign": {"auto_dial_level": 1.5},
    "add_lead": {"phone_number": "7275551215", "campaign": "TESTCAMP", **_LEAD},
    "change_lead": _LEAD,
    "change_lead_on_screen": _LEAD,
    "add_callback": {"lead_id": 123456, "campaign": "TESTCAMP", "due": "2030-01-02T15:00:00+01:00", "agent": "1000"},
    "change_callback": {"comments": "After lunch"},
    "add_activity": {"id": "4711", **_PLAN},
    "put_activity": _PLAN,
    "set_custom": {"value": "876543"},
    # what is set up
    "create_user": {"name": "2001", "password": "s3cret", "campaign": "TESTCAMP", "rights": ["agentcall_manual"]},
    "change_user": {"full_name": "Ada Lovelace"},
    "create_user_group": {"name": "OFFICE", "addresses": ["10.1.0.0/16"]},
    "change_user_group": {"title": "The office"},
    "create_phone": {"extension": "599", "dial": "PJSIP/599"},
    "change_phone": {"dial": "PJSIP/599"},
    "create_campaign": {"name": "SPRING", "title": "Spring"},
    "change_campaign_settings": {"wrapup": 30},
    "create_status": {"code": "SOLD", "title": "Sold", "sale": True},
    "change_status": {"title": "Sold"},
    "create_campaign_status": {"code": "SOLD", "title": "Sold", "sale": True},
    "change_campaign_status": {"title": "Sold"},
    "create_pause_code": {"code": "COFFEE", "title": "Coffee"},
    "change_pause_code": {"productive": False},
    "create_preset": {"code": "D1", "number": "8500"},
    "change_preset": {"number": "8500"},
    "create_ingroup": {"name": "SUPPORT", "title": "Support"},
    "change_ingroup_settings": {"priority": 5},
    "create_group_alias": {"name": "OFFICE", "caller_id": "7275551200"},
    "change_group_alias": {"caller_id": "7275551200"},
    "create_lead_list": {"id": 202, "title": "Spring", "campaign": "TESTCAMP"},
    "change_lead_list": {"active": False},
    "create_token": {"name": "crm", "role": "integration"},
    "change_token": {"name": "crm"},
}
"""By the route's verb; what replaces a thing takes what changes it."""
