"""Fetch Asterisk and what it needs from the distribution's mirror, by ``mmdebstrap --variant=extract``.

The variant downloads and unpacks, nothing else: no package is configured, so that neither mounts nor a chroot are
needed (mmdebstrap 1.3 of Debian 12 and later).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from agentd.sandbox.aptsources import Source, choose, read_sources
from agentd.sandbox.errors import AsteriskUnavailable

__all__ = ["fetch_asterisk", "locked"]

Say = Callable[[str], None]

_APT_HELPER = "/usr/lib/apt/apt-helper"
_ROLLING = ("testing", "unstable", "sid", "stable")


@contextlib.contextmanager
def locked(file: Path, say: Say) -> Iterator[None]:
    """Hold a lock file, waiting for whoever else holds it; the kernel drops it when the holder dies."""
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is fetching Asterisk; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fetch_asterisk(root: Path, say: Say) -> None:
    """Make ``root`` a folder with Asterisk and its libraries, all or nothing.

    Raises AsteriskUnavailable: not root and no sudo, no usable apt source, mirror not reachable, no package.
    """
    privilege = _privilege()
    release = platform.freedesktop_os_release()
    source = _source(release)
    say("Asterisk is not installed: fetching it into the cache, once (about 60 MB) ...")
    _apt_update(privilege)
    _need_mmdebstrap(privilege, say)
    failures = []
    for suite in _suites(release):
        refusal = _check_mirror(source, suite) or _unpack(privilege, source, suite, root, release)
        if refusal is None:
            say(f"Asterisk of {suite} is in {root}")
            return
        failures.append(f"{suite}: {refusal}")
    raise AsteriskUnavailable("no Asterisk could be fetched from " + source.uri + "\n  " + "\n  ".join(failures))


def _privilege() -> list[str]:
    """What stands in front of a command that needs root: nothing for root, else sudo."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _run(["sudo", "--validate"], interactive=True).returncode == 0:
        return ["sudo"]
    raise AsteriskUnavailable(
        "Asterisk is not installed, and fetching it needs root or sudo: install the package asterisk, "
        "or start this again as root or as a user who may use sudo"
    )


def _source(release: dict[str, str]) -> Source:
    codename = release.get("VERSION_CODENAME", "")
    source = choose(read_sources(), (codename, *_ROLLING)) if shutil.which("apt-get") else None
    if source is None:
        raise AsteriskUnavailable(
            "Asterisk is not installed, and /etc/apt names no package mirror of this distribution "
            f"({release.get('PRETTY_NAME', 'unknown')}): install Asterisk 18, 20 or 22 by hand"
        )
    return source


def _suites(release: dict[str, str]) -> list[str]:
    """Where to look, best first. Only Debian's own mirror has Debian's testing and unstable."""
    codename = release.get("VERSION_CODENAME", "")
    if release.get("ID") != "debian":
        return [codename]
    policy = _run(["apt-cache", "policy", "asterisk"]).stdout
    own = [codename] if "Candidate:" in policy and "Candidate: (none)" not in policy and codename else []
    return [*own, "testing", "unstable"]


def _apt_update(privilege: list[str]) -> None:
    """Refresh the package lists. One broken source of many must not stop us: the mirror itself is checked later."""
    _run([*privilege, "apt-get", "update", "--quiet"])


def _need_mmdebstrap(privilege: list[str], say: Say) -> None:
    if shutil.which("mmdebstrap"):
        return
    say("Installing mmdebstrap ...")
    done = _run([*privilege, "apt-get", "install", "--yes", "--no-install-recommends", "mmdebstrap"])
    if done.returncode:
        raise AsteriskUnavailable(f"mmdebstrap could not be installed:\n{_tail(done)}")


def _check_mirror(source: Source, suite: str) -> str | None:
    """Why the mirror can't give this suite, None if it can. apt's own helper asks, so apt's proxy settings hold."""
    if not source.uri.startswith(("http:", "https:")) or not os.access(_APT_HELPER, os.X_OK):
        return None
    with tempfile.TemporaryDirectory() as folder:
        address = f"{source.uri.rstrip('/')}/dists/{suite}/InRelease"
        done = _run([_APT_HELPER, "download-file", address, f"{folder}/InRelease"])
    return f"the mirror does not answer: {_tail(done)}" if done.returncode else None


def _unpack(privilege: list[str], source: Source, suite: str, root: Path, release: dict[str, str]) -> str | None:
    """Unpack one suite's Asterisk; None when ``root`` is there, else the reason. Half a root never has that name."""
    partial = root.with_name(f"{root.name}.partial")
    _run([*privilege, "rm", "-rf", "--one-file-system", str(partial)])
    also = ("universe",) if release.get("ID") == "ubuntu" else ()
    options = [
        "--variant=extract",
        "--include=asterisk",
        '--aptopt=Apt::Install-Recommends "false"',
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *(f'--aptopt=Acquire::{scheme}::Proxy "{proxy}"' for scheme, proxy in _proxies()),
    ]
    done = _run([*privilege, "mmdebstrap", *options, suite, str(partial), source.line(suite, also)])
    if done.returncode:
        _run([*privilege, "rm", "-rf", "--one-file-system", str(partial)])
        return _tail(done)
    partial.rename(root)
    return None


def _proxies() -> Iterator[tuple[str, str]]:
    """This machine's proxies for apt, which mmdebstrap's own apt does not read."""
    for scheme in ("http", "https"):
        line = _run(["apt-config", "shell", "PROXY", f"Acquire::{scheme}::Proxy"]).stdout.strip()
        proxy = line.removeprefix("PROXY=").strip("'\"")
        if proxy and '"' not in proxy:
            yield scheme, proxy


def _run(command: list[str], *, interactive: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, with untranslated messages; a program that is not there counts as failed."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    stdin, stderr = (None, None) if interactive else (subprocess.DEVNULL, subprocess.STDOUT)
    try:
        return subprocess.run(
            command, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False
        )
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, stdout=str(error))


def _tail(done: subprocess.CompletedProcess[str]) -> str:
    """The last words of a program that failed."""
    return " | ".join(done.stdout.strip().splitlines()[-4:])
