"""What an administrator changes: users, phones, tokens, campaigns, in-groups, statuses, leads, numbers not to call ...

Functions of a Connection, for one transaction; they need no reactor. Each gives the records that the World must be
told with ReferenceChanged once the transaction is committed; leads, lists, DNC numbers and callbacks are not reference
data and give none.
"""

from __future__ import annotations

from agentd.storage.management.campaigns import (
    delete_campaign,
    delete_pause_code,
    delete_status,
    put_campaign,
    put_pause_code,
    put_status,
    set_dial_level,
)
from agentd.storage.management.leads import Callback, delete_dnc, put_callback, put_dnc, put_lead, put_list, read_dnc
from agentd.storage.management.lines import delete_group_alias, delete_ingroup, put_group_alias, put_ingroup
from agentd.storage.management.people import (
    delete_phone,
    delete_token,
    delete_user,
    put_phone,
    put_token,
    put_user,
    set_agent_lines,
)
from agentd.storage.management.rows import Unfit

__all__ = [
    "Callback",
    "Unfit",
    "delete_campaign",
    "delete_dnc",
    "delete_group_alias",
    "delete_ingroup",
    "delete_pause_code",
    "delete_phone",
    "delete_status",
    "delete_token",
    "delete_user",
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
    "read_dnc",
    "set_agent_lines",
    "set_dial_level",
]
