"""Working on the daemon's files as root, without leaving any there that the daemon cannot write."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

__all__ = ["become_owner"]


def become_owner(folder: Path) -> None:
    """Become the user who owns the folder, for good; does nothing for who is not root, or where there is no folder.

    Otherwise ``sudo agentd user add`` before the first start would make a database that is root's, and the daemon,
    which runs as a user of its own, could not open it.

    Raises:
        OSError: the process is root in name only, and may not change.
    """
    if os.geteuid() != 0 or not folder.exists():
        return
    owner = folder.stat()
    if owner.st_uid == 0:
        return
    try:
        name = pwd.getpwuid(owner.st_uid).pw_name
    except KeyError:  # a number without a name, as in a container
        os.setgroups([owner.st_gid])
    else:
        os.initgroups(name, owner.st_gid)
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
