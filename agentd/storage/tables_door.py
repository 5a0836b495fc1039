"""The table of the SQL door: agents at work, under the column names that VICIdial's ``vicidial_live_agents`` has.

Columns that agentd has nothing true to say in are left out. Two views with the documents' names show all but
``daemon``; two others show the API log (see the schema's history).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String, Text

from agentd.storage.columns import Instant
from agentd.storage.defining import LEG, LONG, NAME, TITLE, WORD, key, must, table

__all__ = ["ORDERS", "live_agents"]

# One row per session, whose id is its key. The columns ``external_*`` are others' to write: see ORDERS.
live_agents = table(
    "live_agents",
    key("live_agent_id", BigInteger),
    must("daemon", NAME),
    must("user", NAME),
    must("server_ip", TITLE),
    must("conf_exten", WORD),
    must("extension", NAME),
    must("status", String(10)),
    must("lead_id", BigInteger),
    must("campaign_id", NAME),
    must("uniqueid", LEG),
    must("callerid", WORD),
    must("comments", WORD),
    must("closer_campaigns", Text),
    must("outbound_autodial", String(1)),
    must("on_hook_agent", String(1)),
    must("pause_code", WORD),
    must("preview_lead_id", BigInteger),
    must("last_state_change", Instant),
    must("last_update_time", Instant),
    must("external_hangup", String(1)),
    must("external_status", LONG),
    must("external_pause", WORD),
    must("external_pause_code", WORD),
    must("external_dial", LONG),
    must("external_dtmf", TITLE),
    must("external_park", NAME),
    must("external_recording", WORD),
    must("external_transferconf", LONG),
    Index("ix_live_agents_user", "user"),
    Index("ix_live_agents_daemon", "daemon"),
)

ORDERS: dict[str, str] = {
    "external_pause": "",
    "external_pause_code": "",
    "external_recording": "",
    "external_dtmf": "",
    "external_park": "",
    "external_transferconf": "",
    "external_hangup": "0",
    "external_status": "",
    "external_dial": "",
}
"""What the columns that take orders have while there is none; an empty text is none in any of them.

Orders that one statement has given are carried out in this order: what ends a call, then its status, then the next.
"""
