"""What can go wrong with the sandbox; each message says what to do."""

from __future__ import annotations

__all__ = ["AsteriskGone", "AsteriskUnavailable", "FolderInUse", "SandboxError", "StartFailed"]


class SandboxError(Exception):
    """Base of everything that the sandbox raises on purpose."""


class AsteriskUnavailable(SandboxError):
    """There is no Asterisk on this machine and none could be fetched."""


class FolderInUse(SandboxError):
    """Another sandbox runs in the folder."""


class StartFailed(SandboxError):
    """An Asterisk did not come up; the message ends with what it said."""


class AsteriskGone(SandboxError):
    """A private Asterisk does not run, or ended while it was asked something."""
