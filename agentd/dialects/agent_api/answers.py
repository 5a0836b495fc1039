"""The lines that the agent API answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agentd.dialects.agent_api.asked import Asked
from agentd.http.kit import echo as clean

__all__ = [
    "Line",
    "Refused",
    "alone",
    "bare",
    "clean",
    "error",
    "no_permission",
    "not_valid",
    "notice",
    "success",
    "told",
    "unknown_function",
    "wrong_password",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One answer line, and what the API log keeps of it.

    ``value`` is the value as it was carried out, where that is not what the request gave. ``alone``: nothing that the
    request wants beside the line comes with it. ``location``: the client is sent there.
    """

    text: str
    result: str = ""
    reason: str = ""
    data: str = ""
    value: str | None = None
    alone: bool = False
    location: str = ""


class Refused(Exception):
    """The dialect itself refuses the request, with this line."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.text)
        self.line = line


# --- making lines --------------------------------------------------------------------------------------------


def _line(result: str, reason: str, fields: tuple[str, ...], data: str = "", value: str | None = None) -> Line:
    reason = clean(reason)
    return Line(f"{result}: {reason} - {'|'.join(map(clean, fields))}", result, reason, data, value)


def success(reason: str, *fields: str, data: str = "", value: str | None = None) -> Line:
    """Done."""
    return _line("SUCCESS", reason, fields, data, value)


def told(reason: str, *fields: str) -> Line:
    """Done, and the API log has the fields, too."""
    line = success(reason, *fields)
    return replace(line, data=line.text.partition(" - ")[2])


def notice(reason: str, *fields: str) -> Line:
    """Told, with nothing done."""
    return _line("NOTICE", reason, fields)


def error(reason: str, *fields: str) -> Line:
    """Not done."""
    return _line("ERROR", reason, fields)


def bare(reason: str) -> Line:
    """An error without fields."""
    return Line(f"ERROR: {reason}", "ERROR", reason, alone=True)


def alone(line: Line) -> Line:
    """The line, with nothing beside it: the originals stop at once there."""
    return replace(line, alone=True)


def wrong_password(user: str, verdict: str, *, password_good: bool = False) -> Line:
    """Who is not let in, and which of the two tests he failed. The password's own field stays empty."""
    data = f"{clean(user)}||{int(password_good)}|0|{verdict}|"
    reason = "Invalid Username/Password"
    return Line(f"ERROR: {reason}: |{data}", "ERROR", reason, data, alone=True)


def unknown_function(asked: Asked) -> Line:
    """There is no such function."""
    return error("unknown function", asked.function)


def no_permission(asked: Asked, group: str) -> Line:
    """The user may use other functions, not this one."""
    reason = "auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION"
    value = () if asked.function == "webserver" else (asked.value,)
    return alone(error(reason, *value, asked.user, asked.function, group))


def not_valid(asked: Asked) -> Line:
    """What the function was given makes no sense; which fields say so is the function's own."""
    fields = _NOT_VALID.get(asked.function, _value_agent)
    line = error(f"{asked.function} not valid", *fields(asked))
    return alone(line) if asked.function == "external_add_lead" else line


def _value_agent(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.agent


def _agent_value(asked: Asked) -> tuple[str, ...]:
    return asked.agent, asked.value


def _agent(asked: Asked) -> tuple[str, ...]:
    return (asked.agent,)


def _dial_fields(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.get("phone_code"), asked.get("search"), asked.agent


def _new_lead(asked: Asked) -> tuple[str, ...]:
    return asked.value or asked.get("phone_number"), asked.get("phone_code"), asked.agent, asked.alt_user


def _value_choices(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.get("ingroup_choices")


def _value_agent_stage(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.agent, asked.get("stage")


def _value_vendor(asked: Asked) -> tuple[str, ...]:
    return asked.value, asked.get("vendor_id")


_NOT_VALID: dict[str, Callable[[Asked], tuple[str, ...]]] = {
    "call_agent": _agent_value,
    "change_ingroups": _value_choices,
    "external_add_lead": _new_lead,
    "external_dial": _dial_fields,
    "pause_code": _agent_value,
    "preview_dial_action": _dial_fields,
    "ra_call_control": _value_agent_stage,
    "set_timer_action": _agent,
    "st_get_agent_active_lead": _value_vendor,
    "st_login_log": _value_vendor,
    "update_fields": _agent,
    "webphone_url": _agent_value,
}
