"""What an administrator may say of users, phones, campaigns, in-groups and tokens, checked before it is kept.

What is let in here reaches dialplans, URLs, lines of answers and regular expressions that run on the reactor's thread.
All checks raise :class:`Unusable`.
"""

from __future__ import annotations

from agentd.engine.checks.calling import (
    RECORDING_FORMATS,
    check_campaign,
    check_list,
    check_pause_code,
    check_preset,
    check_status,
)
from agentd.engine.checks.lines import check_group_alias, check_ingroup
from agentd.engine.checks.people import (
    ROLES,
    SCOPES,
    check_password,
    check_phone,
    check_pin,
    check_token,
    check_user,
    check_user_group,
)
from agentd.engine.checks.rules import Unusable, check_dnc, check_keys, check_texts

__all__ = [
    "RECORDING_FORMATS",
    "ROLES",
    "SCOPES",
    "Unusable",
    "check_campaign",
    "check_dnc",
    "check_group_alias",
    "check_ingroup",
    "check_keys",
    "check_list",
    "check_password",
    "check_pause_code",
    "check_phone",
    "check_pin",
    "check_preset",
    "check_status",
    "check_texts",
    "check_token",
    "check_user",
    "check_user_group",
]
