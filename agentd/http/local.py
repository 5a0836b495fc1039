"""A client of the daemon on this host, for commands. It blocks, and never goes through a proxy.

The token is for that daemon alone, whatever http_proxy says.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

__all__ = ["LocalClient", "LocalError"]

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class LocalError(Exception):
    """The daemon does not answer, or refuses: then ``status`` is HTTP's, and ``body`` what it said."""

    def __init__(self, message: str, status: int = 0, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class LocalClient:
    """The daemon at a URL, asked with a bearer token. ``seconds`` is how long it may be silent."""

    url: str
    token: str
    seconds: float = 40.0  # a login takes as long as a phone rings

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Give what the daemon answers; one that is "accepted, and done later" has ``later`` set.

        Raises:
            LocalError
        """
        with self._answer(method, path, body) as answer:
            found = json.loads(answer.read() or b"null")
            return found if answer.status != 202 else {**found, "later": True}

    @contextmanager
    def events(self, query: str = "") -> Iterator[Iterator[dict[str, Any]]]:
        """Follow the native API's event stream: what becomes true from here on, the snapshot first.

        Raises:
            LocalError: also when nothing was heard for ``seconds``.
        """
        with self._answer("GET", f"/api/v1/events{query}") as answer:
            yield self._read(answer)

    def _read(self, answer: Any) -> Iterator[dict[str, Any]]:
        try:
            for line in answer:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))
        except (OSError, HTTPException) as error:
            raise LocalError(f"the daemon at {self.url} was not heard any more: {error}") from error

    @contextmanager
    def _answer(self, method: str, path: str, body: Any = None) -> Iterator[Any]:
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}"}
        if sent is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, sent, headers, method=method)  # noqa: S310 - our own listener
        try:
            answer = _DIRECT.open(request, timeout=self.seconds)
        except urllib.error.HTTPError as error:
            raise _refusal(error.code, error.read()) from error
        except (OSError, HTTPException) as error:
            raise LocalError(f"the daemon does not answer at {self.url}: {error}") from error
        with answer:
            yield answer


def _refusal(status: int, body: bytes) -> LocalError:
    try:
        detail = str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"the daemon answered {status}"
    return LocalError(detail, status, body)
