"""ETag, If-Match and If-None-Match: a session's snapshot has one revision at a time."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import re
from typing import Any

from twisted.web.iweb import IRequest

from agentd.dialects.native.replies import Refused, Reply, problem

__all__ = ["etag", "is_known", "require_match"]

# Proxies that compress an answer make its tag a weak one (W/"…"); it names the same revision.
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def etag(snapshot: dict[str, Any]) -> str:
    """The snapshot's entity tag. The session's id is in it, since each session counts its revisions from the start."""
    return f'"{snapshot["session_id"]}-{snapshot["revision"]}"'


def is_known(request: IRequest, snapshot: dict[str, Any]) -> bool:
    """Whether the client has this snapshot already (If-None-Match)."""
    wanted = request.getHeader(b"If-None-Match")
    return wanted is not None and _matches(wanted, etag(snapshot))


def require_match(request: IRequest, snapshot: dict[str, Any] | None) -> None:
    """Refuse (412) when the client asks for another state than the present one (If-Match).

    Raises:
        Refused
    """
    wanted = request.getHeader(b"If-Match")
    if wanted is None or (snapshot is not None and _matches(wanted, etag(snapshot))):
        return
    raise Refused(_mismatch(snapshot))


def _mismatch(snapshot: dict[str, Any] | None) -> Reply:
    headers = {} if snapshot is None else {"ETag": etag(snapshot)}
    return problem(412, "revision_mismatch", "The session has changed since.", headers, session=snapshot)


def _matches(header: bytes, tag: str) -> bool:
    text = header.decode("latin-1").strip()
    return text == "*" or tag in _TAG.findall(text)
