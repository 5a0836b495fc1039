"""Run a program that dies with its parent: ``python tether.py PARENT PROGRAM ARGUMENT...``.

The kernel's parent-death signal (Linux ``prctl(2)``, PR_SET_PDEATHSIG) outlives ``exec``, so that a private Asterisk
ends when the demo or the tests are killed with -9, and ``core restart now`` keeps it tied. It gets a session of its own
(``setsid(2)``), so that Ctrl-C at the terminal reaches the parent alone, which ends things in its own order.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

__all__ = ["main", "tethered"]

_PR_SET_PDEATHSIG = 1


def tethered(command: list[str]) -> list[str]:
    """The command that runs ``command``, whose first part is a path, so that it dies with this process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main(arguments: list[str]) -> None:
    """Tie this process to the process with the id ``arguments[0]``, then become ``arguments[1:]``.

    Exits at once if that parent is gone already. Raises OSError if the kernel refuses or the program is not there.
    """
    parent, *command = arguments
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != int(parent):  # it died before the signal was asked for
        sys.exit(1)
    os.setsid()
    os.execv(command[0], command)  # noqa: S606 - becoming the program is the point


if __name__ == "__main__":
    main(sys.argv[1:])
