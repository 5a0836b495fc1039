"""What an administrator changes: users, phones, tokens, campaigns, in-groups, statuses, leads, numbers not to call ...

Functions of a Connection, for one transaction; they need no reactor. ``carry_out`` makes a checked change with its row
of the audit log. The ``put_…`` and ``delete_…`` functions, for imports and the demo, check little and log nothing. All
give the records that the World must be told with ReferenceChanged once the transaction is committed; leads, DNC numbers
and callbacks are not reference data and give none.
"""

from __future__ import annotations

from agentd.storage.management.audit import find_audit, log_act
from agentd.storage.management.campaigns import (
    delete_campaign,
    delete_pause_code,
    delete_status,
    put_campaign,
    put_pause_code,
    put_status,
    set_dial_level,
)
from agentd.storage.management.changing import carry_out, empty_list
from agentd.storage.management.leads import Callback, delete_dnc, put_callback, put_dnc, put_lead, put_list, read_dnc
from agentd.storage.management.lines import delete_group_alias, delete_ingroup, put_group_alias, put_ingroup
from agentd.storage.management.people import (
    delete_phone,
    delete_token,
    delete_user,
    delete_user_group,
    put_phone,
    put_token,
    put_user,
    put_user_group,
    set_agent_lines,
    set_custom,
)
from agentd.storage.management.rows import Unfit
from agentd.storage.management.things import find_things, read_thing

__all__ = [
    "Callback",
    "Unfit",
    "carry_out",
    "delete_campaign",
    "delete_dnc",
    "delete_group_alias",
    "delete_ingroup",
    "delete_pause_code",
    "delete_phone",
    "delete_status",
    "delete_token",
    "delete_user",
    "delete_user_group",
    "empty_list",
    "find_audit",
    "find_things",
    "log_act",
    "put_callback",
    "put_campaign",
    "put_dnc",
    "put_group_alias",
    "put_ingroup",
    "put_lead",
    "put_list",
    "put_pause_code",
    "put_phone",
    "put_status",
    "put_token",
    "put_user",
    "put_user_group",
    "read_dnc",
    "read_thing",
    "set_agent_lines",
    "set_custom",
    "set_dial_level",
]
