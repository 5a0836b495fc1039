"""A private root of this machine's distribution, with its Python and nothing of ours, to install into."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentd.sandbox import fetch
from agentd.sandbox.aptsources import choose, read_sources
from agentd.sandbox.rootfs import cache_folder

PACKAGES = "python3,python3-venv"


def root_command(*command: str) -> list[str]:
    """A command to be run as root: by sudo, for who is not."""
    sudo = [] if os.geteuid() == 0 else ["/usr/bin/sudo", "-n"]
    return [*sudo, "/usr/bin/env", f"PATH={os.environ['PATH']}:/usr/sbin:/sbin", *command]


def as_root(*command: str) -> str:
    """Run a command as root; its output."""
    whole = root_command(*command)
    done = subprocess.run(whole, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)} gave {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def private_root() -> Iterator[Path]:
    """A fresh copy of the root, removed at the end; what it is copied from stays in the cache.

    It is beside the cache and not in /tmp, which may be small, or mounted so that no device works in it.
    """
    base = _base()
    for folder in base.parent.glob("install-test-*"):  # of a run that was killed
        if not Path("/proc", folder.name.rpartition("-")[2]).exists():
            as_root("rm", "-rf", "--one-file-system", str(folder))
    folder = base.with_name(f"install-test-{os.getpid()}")
    folder.mkdir(mode=0o755)
    try:
        as_root("cp", "--archive", "--reflink=auto", str(base), str(folder / "root"))
        yield folder / "root"
    finally:
        as_root("rm", "-rf", "--one-file-system", str(folder))


def _base() -> Path:
    codename = platform.freedesktop_os_release()["VERSION_CODENAME"]
    source = choose(read_sources(), (codename,))
    assert source is not None, f"apt's sources name no mirror of {codename}"
    base = cache_folder() / f"install-root-{codename}"
    base.parent.mkdir(parents=True, exist_ok=True)
    with fetch.locked(base.with_suffix(".lock"), print):
        if not base.exists():
            partial = base.with_suffix(".partial")
            as_root("rm", "-rf", "--one-file-system", str(partial))
            options = ["--variant=minbase", f"--include={PACKAGES}", '--aptopt=Acquire::Check-Valid-Until "false"']
            as_root("mmdebstrap", *options, codename, str(partial), source.line(codename))
            as_root("mv", str(partial), str(base))
    return base
