"""Find an Asterisk to run, or fetch one without installing it.

In this order: the one that is installed; the one in the cache; else the distribution's own package, Debian testing's or
unstable's, unpacked into a folder of the cache. Unpacked means: no maintainer script runs, no service starts, /etc is
not touched. Its programs run by the dynamic loader that came with them, so that neither a chroot nor matching system
libraries are needed, and paths inside Asterisk are paths outside.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agentd.sandbox import fetch
from agentd.sandbox.errors import AsteriskUnavailable

__all__ = ["AsteriskFiles", "cache_folder", "files_in", "find_asterisk", "installed_files"]

_LOADERS = ("usr/lib/*/ld-linux*.so.*", "lib/*/ld-linux*.so.*", "usr/lib*/ld-linux*.so.*", "lib*/ld-linux*.so.*")
_DIRECTORY = re.compile(r"^\s*(ast\w+dir)\s*=>?\s*([^;\s]+)", re.MULTILINE)


@dataclass(frozen=True)
class AsteriskFiles:
    """The parts of an Asterisk that a private instance uses; nothing in them is written to."""

    program: Path
    modules: Path
    data: Path
    """The folder with ``documentation`` (without it modules refuse to load) and ``sounds``."""
    loader: Path | None = None
    """The dynamic loader to run the program with, None for an installed program."""
    libraries: tuple[Path, ...] = ()

    def launcher(self) -> str:
        """A shell script that becomes Asterisk with the script's arguments.

        Asterisk restarts itself by running its own ``argv[0]`` again (``core restart now``; seen in 22.10.1), hence
        the loader is told to pass the script's name on.
        """
        if self.loader is None:
            return f'#!/bin/sh\nexec {_quote(self.program)} "$@"\n'
        libraries = shlex.quote(":".join(map(str, self.libraries)))
        return (
            "#!/bin/sh\n"
            f"exec {_quote(self.loader)} --inhibit-cache --library-path {libraries} \\\n"
            f'    --argv0 "$0" {_quote(self.program)} "$@"\n'
        )

    def sounds(self) -> Path | None:
        """The folder with English prompts, None if there are none."""
        folders = [self.data / "sounds" / "en", *sorted((self.data / "sounds").glob("en_*"))]
        return next((folder for folder in folders if folder.is_dir()), None)


def _quote(path: Path) -> str:
    return shlex.quote(str(path))


def cache_folder() -> Path:
    """Where downloads are kept between demos: ``$AGENTD_CACHE``, else ``~/.cache/agentd``."""
    named = os.environ.get("AGENTD_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "agentd"


def find_asterisk(say: Callable[[str], None] = print, cache: Path | None = None) -> AsteriskFiles:
    """An Asterisk that can be started; fetched into the cache if need be, which ``say`` announces. Blocks meanwhile.

    Raises AsteriskUnavailable with what to do: no root or sudo, no mirror, no package, a broken download.
    """
    installed = installed_files()
    if installed is not None:
        return installed
    folder = cache or cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / "asterisk-root"
    with fetch.locked(folder / "asterisk-root.lock", say):
        if not root.exists():
            fetch.fetch_asterisk(root, say)
    return files_in(root)


def installed_files(base: Path = Path("/")) -> AsteriskFiles | None:
    """The Asterisk installed on this machine (or below ``base``), from a package or from source; None if there is none.

    Raises AsteriskUnavailable if parts of it can't be found.
    """
    places = [str(base / part) for part in ("usr/sbin", "usr/local/sbin", "usr/bin", "usr/local/bin")]
    program = shutil.which("asterisk", path=os.pathsep.join(places))
    if program is None:
        return None
    settings = base / "etc/asterisk/asterisk.conf"
    named = dict(_DIRECTORY.findall(settings.read_text(errors="replace"))) if os.access(settings, os.R_OK) else {}
    patterns = ("usr/lib*/asterisk/modules", "usr/lib/*/asterisk/modules", "usr/local/lib/asterisk/modules")
    modules = _first(_candidates(base, named.get("astmoddir"), patterns))
    data = _first(
        folder
        for folder in _candidates(base, named.get("astdatadir"), ("usr/share/asterisk", "var/lib/asterisk"))
        if (folder / "documentation").is_dir()
    )
    if modules is None or data is None:
        raise AsteriskUnavailable(f"{program} is installed, but its modules or its documentation folder were not found")
    return AsteriskFiles(Path(program), modules, data)


def _candidates(base: Path, named: str | None, patterns: Iterable[str]) -> Iterator[Path]:
    if named:
        yield Path(named)
    for pattern in patterns:
        yield from sorted(base.glob(pattern))


def _first(folders: Iterator[Path]) -> Path | None:
    return next((folder for folder in folders if folder.is_dir()), None)


def files_in(root: Path) -> AsteriskFiles:
    """The Asterisk in an unpacked root. Raises AsteriskUnavailable if the root is not whole."""
    program = root / "usr/sbin/asterisk"
    modules = next(iter(sorted(root.glob("usr/lib/*/asterisk/modules"))), None)
    loader = next((file for pattern in _LOADERS for file in sorted(root.glob(pattern)) if _inside(file, root)), None)
    if modules is None or loader is None or not program.is_file():
        raise AsteriskUnavailable(f"{root} holds no whole Asterisk: remove that folder and start again")
    triplet = modules.parent.parent.name
    folders = [root / part for part in (f"usr/lib/{triplet}", f"lib/{triplet}", "usr/lib", "lib")]
    libraries = tuple(folder for folder in folders if folder.is_dir())
    return AsteriskFiles(program, modules, root / "usr/share/asterisk", loader, libraries)


def _inside(file: Path, root: Path) -> bool:
    """Whether a link leads to a file of the root itself (an absolute one would lead to the machine's own)."""
    return file.is_file() and file.resolve().is_relative_to(root.resolve())
