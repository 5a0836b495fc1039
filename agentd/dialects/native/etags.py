"""ETag, If-Match and If-None-Match: of a session's snapshot, and of what the database has."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredLock
from twisted.web.iweb import IRequest

from agentd.dialects.native.replies import Refused, Reply, problem, reply
from agentd.http.kit import json_text

__all__ = ["Versions", "content_etag", "etag", "has_tag", "is_known", "require_match", "told", "wanted_tags"]

Row = TypeVar("Row")

# Proxies that compress an answer make its tag a weak one (W/"…"); it names the same revision.
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def etag(snapshot: dict[str, Any]) -> str:
    """The snapshot's entity tag. The session's id is in it, since each session counts its revisions from the start."""
    return f'"{snapshot["session_id"]}-{snapshot["revision"]}"'


def is_known(request: IRequest, snapshot: dict[str, Any]) -> bool:
    """Whether the client has this snapshot already (If-None-Match)."""
    return has_tag(request, etag(snapshot))


def has_tag(request: IRequest, tag: str) -> bool:
    """Whether the client has what is tagged so already (If-None-Match)."""
    wanted = request.getHeader(b"If-None-Match")
    return wanted is not None and _matches(wanted, tag)


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


def wanted_tags(request: IRequest) -> frozenset[str] | None:
    """The tags, without their quotes, of which one must be the present one (If-Match); None where any will do."""
    header = request.getHeader(b"If-Match")
    if header is None or header.strip() == b"*":
        return None
    return frozenset(tag[1:-1] for tag in _TAG.findall(header.decode("latin-1")))


# --- what the database has -----------------------------------------------------------------------------------


def content_etag(content: Any) -> str:
    """The entity tag of something that has no revision: the same for the same content."""
    return f'"{sha256(json_text(content).encode("utf-8")).hexdigest()[:32]}"'


def told(request: IRequest, content: Any, status: int = 200, **headers: str) -> Reply:
    """An answer that is its content, with its tag; 304 when the client has it already (If-None-Match)."""
    tag = content_etag(content)
    if request.method in {b"GET", b"HEAD"} and has_tag(request, tag):
        return Reply(304, headers={"ETag": tag})
    return reply(status, content, ETag=tag, **headers)


class Versions:
    """Changes of one kind of thing, on the version that the client has seen (If-Match).

    Those of one thing follow one another, so that of two with the same tag one finds it changed.
    """

    def __init__(self) -> None:
        self._locks: defaultdict[object, DeferredLock] = defaultdict(DeferredLock)

    def change(
        self,
        request: IRequest,
        key: object,
        find: Callable[[], Deferred[Row]],
        tell: Callable[[Row], Any],
        do: Callable[[Row], Deferred[Reply]],
    ) -> Deferred[Reply]:
        """Find a thing, then change it with ``do``; ``tell`` gives its content. Fails with Refused (412)."""

        def found(row: Row) -> Deferred[Reply]:
            _require_content(request, tell(row))
            return do(row)

        lock = self._locks[key]
        done: Deferred[Reply] = lock.run(lambda: find().addCallback(found))
        return done.addBoth(partial(self._leave, key, lock))

    def _leave(self, key: object, lock: DeferredLock, result: Any) -> Any:
        if not lock.locked and self._locks.get(key) is lock:
            del self._locks[key]
        return result


def _require_content(request: IRequest, content: Any) -> None:
    wanted = request.getHeader(b"If-Match")
    tag = content_etag(content)
    if wanted is not None and not _matches(wanted, tag):
        headers = {"ETag": tag}
        raise Refused(problem(412, "changed_meanwhile", "It has changed since.", headers, present=content))
