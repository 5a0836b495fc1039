"""How Python names become header names: ``caller_id_num`` is ``CallerIDNum``, and ``async_`` is ``Async``."""

from __future__ import annotations

from functools import cache

__all__ = ["header_name"]

_SPELLED = {
    "bridge_id": "BridgeId",
    "cause_txt": "Cause-txt",
    "channel_id": "ChannelId",
    "cid_calling_pres": "CID-CallingPres",
    "other_channel_id": "OtherChannelId",
}
_WORDS = {"id": "ID", "dnid": "DNID", "uri": "URI", "aor": "AOR"}


@cache
def header_name(field: str) -> str:
    """Asterisk's spelling of a field's header. Its own look-up ignores case; ours is quicker with the right one."""
    return _SPELLED.get(field) or "".join(_WORDS.get(word, word.capitalize()) for word in field.split("_"))
