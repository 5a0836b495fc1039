"""What the agent API's property tests share: odd values, the lines that there are, and what anybody would notice."""

from __future__ import annotations

import copy
import re
from typing import Any

from hypothesis import strategies as st

from agentd.core.effects import Ring, RingToWait, SendDigits, SendOut, StartRecording
from tests.faces.house import House

FIELD = r"[^|\r\n<>&]*"
_EVERYWHERE = rf"""
ERROR: agent_user is not logged in - {FIELD}
ERROR: no user found - {FIELD}
ERROR: FUNCTION not valid - {FIELD}\|{FIELD}
ERROR: FUNCTION not sent - [^|]+\|1000
"""
_RESOURCE = re.compile(r"PJSIP/[0-9]{3}|PJSIP/\+?[0-9]{7,16}@carrier|Local/[0-9*#]{1,6}@agentd-(extensions|outside)/n")
_ODD = st.one_of(
    st.sampled_from(["", "QQ", "|", "a\r\nb", "<b>", "YES|NO", "${EXTEN}", "../x", "7275551212&Local/911", "ü"]),
    st.text(max_size=30),
)


def documented(function: str, words: str, everywhere: str = _EVERYWHERE) -> re.Pattern[str]:
    """Every line that the function may answer with, and no other."""
    lines = (everywhere.replace("FUNCTION", function) + words).strip().split("\n")
    return re.compile("|".join(f"(?:{line})" for line in lines if line))


def mostly(known: list[str]) -> st.SearchStrategy[str]:
    """One of these, and sometimes anything."""
    return st.integers(0, 19).flatmap(lambda n: _ODD if n == 19 else st.sampled_from(known))


def picture(house: House) -> Any:
    """All that an agent, a customer or a supervisor would notice."""
    state = copy.deepcopy(house.state)
    for session in state.sessions.values():
        session.revision = 0
    things = state.sessions, state.calls, state.legs, state.waiting, state.recordings, state.users
    outside = copy.deepcopy((house.store.lead_table, house.store.callback_table, house.store.not_to_call))
    return things, state.callbacks, outside, {channel.leg: channel.place for channel in house.switch.channels.values()}


def nothing_unchecked(effect: Any) -> None:
    """What goes to Asterisk has passed an allow-list."""
    if isinstance(effect, Ring | RingToWait | SendOut):
        assert _RESOURCE.fullmatch(effect.resource), effect
        assert re.fullmatch(r"[0-9A-Za-z_-]*", effect.caller_id), effect
    elif isinstance(effect, SendDigits):
        assert re.fullmatch(r"[0-9A-D*#,]+", effect.digits), effect
    elif isinstance(effect, StartRecording):
        assert re.fullmatch(r"[-_0-9A-Za-z]+\.wav", effect.file), effect
