"""Whoever is on duty in the demo: logged in and ready, whatever he was doing at its end."""

from __future__ import annotations

from typing import Any

import treq

from agentd.sandbox.errors import SandboxError

__all__ = ["begin_duty"]

_LOGIN_SECONDS = 30.0


async def begin_duty(reactor: Any, http: str, token: str, agent: str, phone: str) -> None:
    """Have an agent of the daemon at this URL logged in on a phone, and ready.

    Raises:
        SandboxError: the daemon refuses; the text has its reason.
    """
    await _ask(reactor, "DELETE", f"{http}/api/v1/sessions/{agent}?at_once=true", token, good=(200, 404))
    body = {"agent": agent, "phone": phone, "ready": True}
    await _ask(reactor, "POST", f"{http}/api/v1/sessions", token, body, good=(201,))


async def _ask(reactor: Any, method: str, url: str, token: str, body: Any = None, *, good: tuple[int, ...]) -> None:
    headers: dict[bytes | str, bytes | str] = {"Authorization": f"Bearer {token}"}
    answer = await treq.request(
        method,
        url,
        headers=headers,
        **({} if body is None else {"json": body}),
        timeout=_LOGIN_SECONDS,
        reactor=reactor,
        persistent=False,
    )
    text = await treq.text_content(answer)
    if answer.code not in good:
        raise SandboxError(f"{method} {url}: {answer.code} {text}")
