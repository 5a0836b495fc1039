"""The SQL door in the agent API's words: agents as rows, and orders as functions of the API.

The columns and what is written into them are the original's ``vicidial_live_agents``: a value, or several with ``!``
(``---`` in ``external_transferconf``) between them. Who may write into the database is the database's to say, so no
user is asked for; the agent's own rights count.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from twisted.internet.defer import Deferred

from agentd.core.calls.finding import current_call, lead_on_screen
from agentd.core.commands import PreviewAction
from agentd.core.errors import AgentdError, NotLoggedIn
from agentd.core.model import CallState, Session, SessionKind, State
from agentd.dialects.agent_api.answers import Line, Refused, not_valid
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.errors import phrase
from agentd.dialects.agent_api.face import api_call
from agentd.dialects.agent_api.functions import FUNCTIONS
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.recordings import state_word
from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.engine.operations import Operations
from agentd.engine.sql_door import LiveAgent, SqlOrder
from agentd.http.kit import Client, Params

__all__ = ["SOURCE", "SqlOrders", "asked_of", "picture"]

SOURCE = "sql"
"""What the API log names as the source of an order."""

_DIRECTIONS = {"manual": "MANUAL", "auto": "AUTO", "inbound": "INBOUND"}


class SqlOrders:
    """What the SQL door needs of this face."""

    def __init__(self, operations: Operations, settings: AgentApiSettings | None = None) -> None:
        self._operations = operations
        self._here = Here(operations, settings or AgentApiSettings())

    def picture(self, session: Session) -> LiveAgent:
        """Give the row of a session."""
        return picture(self._operations.state, session, self._here.settings.pbx_address)

    def carry_out(self, order: SqlOrder) -> Deferred[None]:
        """Do what an order says; its line is in the API log then, with the source ``sql``."""
        return Deferred.fromCoroutine(self._carry_out(order))

    async def _carry_out(self, order: SqlOrder) -> None:
        started = self._operations.now
        asked = asked_of(order)
        try:
            line = await self._line(asked, order)
        except Refused as refused:
            line = refused.line
        except AgentdError as failed:
            line = phrase(asked, failed)
        self._operations.log_api_call(api_call(asked, line, self._operations.now - started))

    async def _line(self, asked: Asked, order: SqlOrder) -> Line:
        function = FUNCTIONS[asked.function]
        if not function.accepts(asked):
            return not_valid(asked)
        if self._operations.live_session(order.agent).id != order.session_id:
            raise NotLoggedIn(f"{order.agent} has logged in anew since")
        return await function.perform(asked, self._here)


# --- rows ----------------------------------------------------------------------------------------------------


def picture(state: State, session: Session, server: str) -> LiveAgent:
    """Give the row of a session. As in the original, a call that is over leaves its lead there, and no more."""
    call, lead = current_call(state, session), lead_on_screen(state, session)
    if call is not None and call.state is CallState.WRAPPING:
        call = None
    preview = session.preview.lead if session.preview is not None else None
    return LiveAgent(
        session_id=session.id,
        user=session.agent,
        server=server,
        conference=session.conference,
        phone=session.phone,
        status=state_word(session),
        campaign=session.campaign,
        since=session.since,
        lead_id=lead.id if lead is not None else 0,
        channel=call.leg if call is not None else "",
        call_key=call.key if call is not None else "",
        direction=_DIRECTIONS.get(call.direction, "") if call is not None else "",
        ingroups=" ".join(("", *session.ingroups, "-")),
        blended=session.blended,
        on_hook=session.kind is SessionKind.ON_HOOK,
        pause_code=session.code,
        preview_lead_id=preview.id if preview is not None else 0,
    )


# --- orders --------------------------------------------------------------------------------------------------

_Fields = dict[str, str]


def asked_of(order: SqlOrder) -> Asked:
    """Give the request of the agent API that an order stands for; whether it is a good one, the function says."""
    function, fields = _COLUMNS[order.column](order.value)
    given = {"function": function, "agent_user": order.agent, "source": SOURCE, **fields}
    return Asked.of(Params(urlencode(given).encode()), Client("", sure=False), "")


def _plain(function: str) -> Callable[[str], tuple[str, _Fields]]:
    """A column whose value is the function's."""
    return lambda value: (function, {"value": value})


def _pause(text: str) -> tuple[str, _Fields]:
    """``PAUSE!epoch``, ``RESUME!epoch``, or ``LOGOUT``; when it was written makes no difference."""
    value = text.partition("!")[0]
    return ("logout" if value == "LOGOUT" else "external_pause"), {"value": value}


def _status(text: str) -> tuple[str, _Fields]:
    """``A``, or ``CALLBK!date and time!USERONLY!comments!code``; comments may have a ``!`` in them."""
    value, due, kind, rest = _parts(text, "!", 4)
    comments, bar, code = rest.rpartition("!")
    named = {"callback_comments": comments, "qm_dispo_code": code} if bar else {"callback_comments": rest}
    return "external_status", {"value": value, "callback_datetime": due, "callback_type": kind, **named}


_DIAL = ("value", "phone_code", "search", "preview", "focus", "vendor_id", "", "dial_prefix", "group_alias", "", "")


def _dial(text: str) -> tuple[str, _Fields]:
    """``number!phone_code!search!preview!focus!vendor_id!epoch!dial_prefix!group_alias!!!lead_id!alt_dial``.

    What is left out is empty, the three switches NO. A preview's action is an order of its own.
    """
    parts = text.split("!")
    if parts[0] in set(PreviewAction):
        return "preview_dial_action", {"value": parts[0]}
    fields = {name: part for name, part in zip((*_DIAL, "lead_id", "alt_dial"), parts, strict=False) if name}
    return "external_dial", {**fields, **{name: fields.get(name) or "NO" for name in ("search", "preview", "focus")}}


def _recording(text: str) -> tuple[str, _Fields]:
    """``START`` with the end of the file's name behind it, if it is to have one, or ``STOP``."""
    if text.startswith("START"):
        return "recording", {"value": "START", "stage": text.removeprefix("START")}
    return "recording", {"value": text}


def _transfer(text: str) -> tuple[str, _Fields]:
    """``value---ingroup---number---consultative---dial_override``."""
    names = ("value", "ingroup_choices", "phone_number", "consultative", "dial_override")
    return "transfer_conference", dict(zip(names, _parts(text, "---", len(names)), strict=True))


def _parts(text: str, between: str, count: int) -> list[str]:
    """The parts of a text, the missing ones empty; the last one is the rest."""
    parts = text.split(between, count - 1)
    return parts + [""] * (count - len(parts))


_COLUMNS: dict[str, Callable[[str], tuple[str, _Fields]]] = {
    "external_pause": _pause,
    "external_pause_code": _plain("pause_code"),
    "external_recording": _recording,
    "external_dtmf": _plain("send_dtmf"),
    "external_park": _plain("park_call"),
    "external_transferconf": _transfer,
    "external_hangup": _plain("external_hangup"),
    "external_status": _status,
    "external_dial": _dial,
}
