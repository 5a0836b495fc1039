"""Where the telephone in an agent's browser is."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from agentd.core.errors import PhoneUnknown
from agentd.core.model import Session, State

__all__ = ["may_be_opened", "webphone_url"]

_OF_A_URL = "%/:?#[]@!$&'()*+,;=~"


def webphone_url(state: State, session: Session) -> str:
    """Give the URL of a session's web phone, empty where its phone has none.

    What the administrator wrote is filled in with the session's ``{extension}``, ``{agent}``, ``{campaign}`` and
    ``{conference}``; there is no blank, control character or markup in it.

    Raises:
        PhoneUnknown: the agent has no phone of this PBX.
    """
    phone = state.phones.get(session.phone)
    if phone is None:
        raise PhoneUnknown(f"{session.agent} has no phone of this PBX")
    url = phone.webphone_url.strip()
    for name, value in (
        ("extension", session.phone),
        ("agent", session.agent),
        ("campaign", session.campaign),
        ("conference", session.conference),
    ):
        url = url.replace(f"{{{name}}}", quote(value, safe=""))
    return quote(url, safe=_OF_A_URL)


def may_be_opened(url: str) -> bool:
    """Whether a browser may be sent there: over HTTP, to some host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
