"""The headers of every answer, errors included, and whole answers for requests that reach no resource."""

from __future__ import annotations

from http import HTTPStatus

from twisted.web.http_headers import Headers

__all__ = ["REASONS", "SECURITY", "SERVER", "head", "refusal"]

SERVER = b"agentd"

SECURITY: tuple[tuple[bytes, bytes], ...] = (
    (b"X-Content-Type-Options", b"nosniff"),
    (b"Referrer-Policy", b"no-referrer"),
    (b"Cache-Control", b"no-store"),
    (b"Content-Security-Policy", b"default-src 'none'"),
)
"""What every answer carries unless it says something else under the same name (spelt as Twisted does)."""

_SECURITY_LINES = tuple((name, b"%s: %s\r\n" % (name, value)) for name, value in SECURITY)

_OURS = frozenset((b"Server", b"X-Request-Id"))

REASONS: dict[int, bytes] = {
    **{status.value: status.phrase.encode("ascii") for status in HTTPStatus},
    421: b"Misdirected Request",
}


def head(version: bytes, code: bytes, reason: bytes, headers: Headers, request_id: bytes) -> bytes:
    """The status line and headers of an answer, what every answer has included.

    In one piece, and without going through ``Headers`` again for what is always the same: this is a fifth of
    the cost of a small answer otherwise.
    """
    parts = [b"%s %s %s\r\nServer: %s\r\nX-Request-Id: %s\r\n" % (version, code, reason, SERVER, request_id)]
    given = set()
    for name, values in headers.getAllRawHeaders():
        given.add(name)
        if name not in _OURS:
            parts += [b"%s: %s\r\n" % (name, value) for value in values]
    parts += [line for name, line in _SECURITY_LINES if name not in given]
    parts.append(b"\r\n")
    return b"".join(parts)


def refusal(
    status: int,
    text: str,
    request_id: bytes,
    date: bytes,
    *more: tuple[bytes, bytes],
    bodiless: bool = False,
) -> bytes:
    """The bytes of an answer that ends the connection: status line, headers, one line of plain text.

    ``bodiless`` leaves the text out, as the answer to a HEAD request must.
    """
    body = text.encode("utf-8") + b"\n"
    headers = (
        (b"Server", SERVER),
        (b"Date", date),
        (b"X-Request-Id", request_id),
        *SECURITY,
        (b"Content-Type", b"text/plain; charset=utf-8"),
        (b"Content-Length", b"%d" % len(body)),
        (b"Connection", b"close"),
        *more,
    )
    lines = b"".join(b"%s: %s\r\n" % header for header in headers)
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (status, REASONS[status], lines, b"" if bodiless else body)
