"""The tables of what happened, made from the journal.

Their keys are the journal's, so that applying a record twice changes nothing. A stretch of time (an interval, a hold, a
recording's silence) that goes on has no end.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique

from agentd.storage.columns import Instant, Json
from agentd.storage.defining import LEG, LONG, NAME, TITLE, WORD, key, must, table

__all__ = [
    "agent_log",
    "api_log",
    "calls",
    "ingroup_log",
    "legs",
    "line_log",
    "offers",
    "park_log",
    "recording_mutes",
    "recordings",
    "sessions",
    "supervision_log",
    "supervision_modes",
    "third_log",
    "transfer_log",
    "treatment_log",
]

sessions = table(
    "sessions",
    key("id", BigInteger),
    must("daemon", NAME),
    must("user", NAME),
    must("phone", NAME),
    must("campaign", NAME),
    must("conference", WORD),
    must("source", NAME),
    must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    must("reason", NAME),
    must("ended_source", NAME),
    must("kind", WORD),
    Index("ix_sessions_user", "user", "started"),
    Index("ix_sessions_started", "started"),
)

# The call log: one row per call, also per call that Asterisk refused. ``held`` is how many seconds of it the customer
# spent on hold, parked or in the IVR, ``wait`` how many in lines (NULL: in none); ``leg`` is the customer's, ``origin``
# the call that this one continues (0: none), ``did`` the number that was called, ``treated`` why there was no agent.
# ``which`` of the lead's numbers was dialled, after a ``preview`` or not; ``code`` is another system's disposition.
calls = table(
    "calls",
    key("id", BigInteger),
    must("call_key", WORD),
    must("daemon", NAME),
    must("user", NAME),
    must("session_id", BigInteger),
    must("campaign", NAME),
    must("direction", String(10)),
    must("list_id", BigInteger),
    must("lead_id", BigInteger),
    must("phone_code", String(12)),
    must("phone_number", String(24)),
    must("source", NAME),
    must("vendor_id", NAME),
    must("started", Instant),
    Column("answered", Instant),
    Column("ended", Instant),
    Column("length", Double),
    Column("talk", Double),
    Column("cause", Integer),
    must("hung_up_by", WORD),
    must("reason", LONG),
    must("suggested_status", WORD),
    must("status", WORD),
    must("disposed_by", WORD),
    Column("disposed", Instant),
    must("leg", LEG),
    must("ingroup", NAME),
    must("wanted", NAME),
    must("origin", BigInteger),
    Column("held", Double),
    must("did", NAME),
    Column("wait", Double),
    must("treated", WORD),
    must("code", NAME),
    must("which", WORD),
    must("preview", Boolean),
    Index("ix_calls_call_key", "call_key"),
    Index("ix_calls_lead_id", "lead_id"),
    Index("ix_calls_user", "user", "started"),
    Index("ix_calls_started", "started"),
    Index("ix_calls_phone_number", "phone_number"),
    Index("ix_calls_origin", "origin"),
    Index("ix_calls_ingroup", "ingroup", "started"),
)

# One row per channel.
legs = table(
    "legs",
    key("daemon", NAME),
    key("id", LEG),
    must("role", String(10)),
    must("user", NAME),
    must("session_id", BigInteger),
    Column("call_id", BigInteger),
    must("started", Instant),
    Column("ended", Instant),
    Column("cause", Integer),
    Column("far_end", Boolean),
    Index("ix_legs_call_id", "call_id"),
    Index("ix_legs_session_id", "session_id"),
)

# One row per stretch that a customer was out of the agent's conference: ``place`` is held (music) or ivr.
park_log = table(
    "park_log",
    key("call_id", BigInteger),
    key("seq", BigInteger),
    must("user", NAME),
    must("place", WORD),
    must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    must("retrieved_by", WORD),
    Index("ix_park_log_user", "user", "started"),
    Index("ix_park_log_started", "started"),
)

# One row per third party of a call: a number, or (``consulted``) an agent of an in-group. It ends with the leg, or when
# the agent leaves (``hung_up_by`` is empty then).
third_log = table(
    "third_log",
    key("call_id", BigInteger),
    key("leg", LEG),
    must("user", NAME),
    must("phone_number", NAME),
    must("ingroup", NAME),
    must("consulted", NAME),
    must("asked", Instant),
    Column("answered", Instant),
    Column("ended", Instant),
    Column("cause", Integer),
    must("hung_up_by", WORD),
    Index("ix_third_log_user", "user", "asked"),
    Index("ix_third_log_asked", "asked"),
)

# One row per customer who went on without the agent.
transfer_log = table(
    "transfer_log",
    key("call_id", BigInteger),
    key("seq", BigInteger),
    must("user", NAME),
    must("how", WORD),
    must("target", TITLE),
    must("at", Instant),
    Index("ix_transfer_log_user", "user", "at"),
    Index("ix_transfer_log_at", "at"),
)

# One row per stay in a line: an in-group's, or (``ingroup`` empty) that of the blended agents of ``campaign``.
# ``consult``: it is an agent's question to another one. ``reason`` is how it ended.
line_log = table(
    "line_log",
    key("call_id", BigInteger),
    key("seq", BigInteger),
    must("leg", LEG),
    must("ingroup", NAME),
    must("campaign", NAME),
    must("wanted", NAME),
    must("priority", Integer),
    must("consult", Boolean),
    must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    must("reason", WORD),
    Index("ix_line_log_ingroup", "ingroup", "started"),
    Index("ix_line_log_started", "started"),
)

# One row per attempt to bring who waits to an agent. ``outcome``: delivered, missed (he did not come; ``cause`` says
# why), back (taken back, waits on), gone (who waited has gone).
offers = table(
    "offers",
    key("call_id", BigInteger),
    key("seq", BigInteger),
    must("user", NAME),
    must("ingroup", NAME),
    must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    must("outcome", WORD),
    Column("cause", Integer),
    Index("ix_offers_user", "user", "started"),
    Index("ix_offers_started", "started"),
)

# One row per caller for whom there was no agent: why (``reason``), what became of him (``how``), and where.
treatment_log = table(
    "treatment_log",
    key("call_id", BigInteger),
    key("seq", BigInteger),
    must("ingroup", NAME),
    must("campaign", NAME),
    must("reason", WORD),
    must("how", WORD),
    must("target", TITLE),
    must("at", Instant),
    Index("ix_treatment_log_at", "at"),
)

# One row per choice of in-groups in a session: that of the login, and each change.
ingroup_log = table(
    "ingroup_log",
    key("session_id", BigInteger),
    key("seq", BigInteger),
    must("user", NAME),
    must("ingroups", Json),
    must("blended", Boolean),
    must("at", Instant),
    Index("ix_ingroup_log_user", "user", "at"),
    Index("ix_ingroup_log_at", "at"),
)

# The recording log. ``failed`` says why there is no file; ``removed`` when the file was, for its age.
recordings = table(
    "recordings",
    key("id", BigInteger),
    must("daemon", NAME),
    must("user", NAME),
    must("session_id", BigInteger),
    must("call_id", BigInteger),
    must("lead_id", BigInteger),
    must("leg", LEG),
    must("phone_number", NAME),
    must("name", TITLE),
    must("file", TITLE),
    must("stage", WORD),
    must("asked_by", WORD),
    must("asked", Instant),
    Column("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    must("reason", WORD),
    must("failed", LONG),
    Column("removed", Instant),
    Index("ix_recordings_user", "user", "asked"),
    Index("ix_recordings_call_id", "call_id"),
    Index("ix_recordings_lead_id", "lead_id"),
    Index("ix_recordings_asked", "asked"),
)

# One row per stretch of a recording that is silent, so that it can be shown what was not recorded.
recording_mutes = table(
    "recording_mutes",
    key("recording_id", BigInteger),
    key("seq", BigInteger),
    must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
)

# One row per supervisor's phone on an agent's conference (``user`` is the agent); ``mode`` is what was asked for first.
supervision_log = table(
    "supervision_log",
    key("daemon", NAME),
    key("leg", LEG),
    must("user", NAME),
    must("session_id", BigInteger),
    must("phone", NAME),
    must("mode", WORD),
    must("asked_by", NAME),
    must("asked", Instant),
    Column("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    Column("cause", Integer),
    Index("ix_supervision_log_user", "user", "asked"),
    Index("ix_supervision_log_asked", "asked"),
)

# One row per stretch in which he listened, whispered or barged, and who asked for that.
supervision_modes = table(
    "supervision_modes",
    key("daemon", NAME),
    key("leg", LEG),
    key("seq", BigInteger),
    must("mode", WORD),
    must("asked_by", NAME),
    must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
)

# One row per interval of a session; an interval that goes on has no end.
agent_log = table(
    "agent_log",
    key("session_id", BigInteger),
    key("interval_number", Integer),
    must("user", NAME),
    must("state", String(10)),
    must("code", WORD),
    must("productive", Boolean),
    must("call_id", BigInteger),
    must("lead_id", BigInteger),
    must("started", Instant),
    Column("ended", Instant),
    Column("length", Double),
    Index("ix_agent_log_user", "user", "started"),
    Index("ix_agent_log_started", "started"),
)

# One row per answer line of the agent API, with its document's column names.
api_log = table(
    "api_log",
    Column("api_id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    must("user", NAME),
    must("api_date", Instant),
    must("api_script", String(10)),
    must("function", NAME),
    must("agent_user", NAME),
    must("value", LONG),
    must("result", String(10)),
    must("result_reason", LONG),
    must("source", NAME),
    must("data", Text),
    must("fields", Json),
    must("journal", String(32)),
    must("seq", BigInteger),
    Unique("journal", "seq"),
    Index("ix_api_log_api_date", "api_date"),
)
