"""Where this machine gets its own distribution's packages from, as apt's sources say (``sources.list(5)``).

Both forms are read: deb822 (``*.sources``) and one line (``sources.list``, ``*.list``). Nothing about a mirror is
known here beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Source", "choose", "parse_deb822", "parse_one_line", "read_sources"]

_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)$")


@dataclass(frozen=True)
class Source:
    """One place to get binary packages of one suite from."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""
    """The file with the keys that sign it, an absolute path; empty: apt's own trusted keys."""

    def line(self, suite: str, also: Iterable[str] = ()) -> str:
        """The one-line form for another suite of the same mirror, with the components in ``also`` added."""
        options = f"[signed-by={self.signed_by}] " if self.signed_by else ""
        components = dict.fromkeys((*self.components, *also))
        return f"deb {options}{self.uri} {suite} {' '.join(components)}"


def parse_one_line(text: str) -> Iterator[Source]:
    """The sources in the text of a ``sources.list``; comments, deb-src and lines that make no sense are left out."""
    for line in text.splitlines():
        found = _ONE_LINE.match(line.split("#", 1)[0].strip())
        if found is None:
            continue
        options = dict(part.split("=", 1) for part in (found["options"] or "").split() if "=" in part)
        yield Source(
            found["uri"], found["suite"], tuple(found["components"].split()), _key_file(options.get("signed-by", ""))
        )


def parse_deb822(text: str) -> Iterator[Source]:
    """The sources in the text of a ``.sources`` file; disabled stanzas and deb-src are left out."""
    for stanza in re.split(r"\n[ \t]*\n", text):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false"):
            continue
        components = tuple(fields.get("components", "").split())
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Source(uri, suite, components, _key_file(fields.get("signed-by", "")))


def _fields(stanza: str) -> dict[str, str]:
    """Field names in lower case; comments dropped, continuation lines joined."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in (" ", "\t"):
            fields[name] = f"{fields.get(name, '')} {line.strip()}".strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _key_file(signed_by: str) -> str:
    """The key file's path, or nothing if the key itself (or only a fingerprint) is given instead."""
    return signed_by if signed_by.startswith("/") and " " not in signed_by else ""


def read_sources(folder: Path = Path("/etc/apt")) -> list[Source]:
    """All sources of this machine. Files that can't be read are as if they were not there."""
    sources: list[Source] = []
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for file in files:
        parse = {".list": parse_one_line, ".sources": parse_deb822}.get(file.suffix)
        if parse is not None and file.is_file():
            sources.extend(parse(file.read_text(errors="replace")))
    return sources


def choose(sources: Iterable[Source], suites: Iterable[str]) -> Source | None:
    """The distribution's own source: the first whose suite is one of ``suites`` and that has ``main``."""
    wanted = tuple(suites)
    candidates = [source for source in sources if source.suite in wanted and "main" in source.components]
    return min(candidates, key=lambda source: wanted.index(source.suite), default=None)
