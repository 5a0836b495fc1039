"""The project as a newcomer finds it: links lead somewhere, commands exist, scripts are whole."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", ".hypothesis", "build", "dist", "demo", "__pycache__"}
"""Folders that tools and demos make."""

LINES_AT_MOST = 450

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
MENTION = re.compile(r"(?<![\w/.-])((?:docs|bench|tests)/[\w/-]+\.(?:md|py|sh))\b")
HOSTS = re.compile(r"https?://(?!127\.|0\.0\.0\.0|localhost\b)(?:[\w-]+\.)+(?!example\b)[a-z]{2,}\b(?!\.example)")
"""A URL of a real host: everything here is on this machine, or on one that is made up (RFC 2606)."""
SOMEBODYS = re.compile(r"(?<![\w.$}~-])/(?:home|root|work|Users)/[A-Za-z0-9]")
UNFINISHED = re.compile(r"\bTO" r"DO\b|\bFIX" r"ME\b|\bXX" r"X\b|NotImplemented" r"Error")


def files() -> Iterator[Path]:
    """Every file of the project."""
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith((".egg-info", "_cache"))]
        for name in names:
            if not name.endswith((".pyc", ".bin", ".wav", ".gz")):
                yield Path(folder, name)


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that is a text, by its path in the project."""
    for file in files():
        try:
            yield file.relative_to(PROJECT), file.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def pages() -> list[Path]:
    return [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").glob("*.md"))]


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", page.read_text("utf-8"))):
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        if "://" in target:
            continue
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


def test_every_page_and_file_that_is_named_exists() -> None:
    named = {(str(path), name) for path, text in texts() for name in MENTION.findall(text)}
    assert named
    assert [place for place in sorted(named) if not (PROJECT / place[1]).exists()] == []


def test_every_make_target_that_a_page_names_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {
        name for page in pages() for name in re.findall(r"(?:`|^|sudo )make ([a-z-]+)", page.read_text(), re.MULTILINE)
    }
    assert {"demo", "test", "install"} <= named <= targets


def test_the_project_names_no_mirror_and_no_folder_of_somebodys() -> None:
    found = [
        f"{path}: {match[0]}"
        for path, text in texts()
        for pattern in (HOSTS, SOMEBODYS)
        for match in pattern.finditer(text)
    ]
    assert found == []


def test_nothing_is_left_unfinished() -> None:
    assert [str(path) for path, text in texts() if UNFINISHED.search(text)] == []


def test_no_module_is_too_long_to_be_read() -> None:
    modules = [(path, text) for path, text in texts() if path.suffix == ".py" and path.parts[0] in ("agentd", "agi")]
    assert modules
    long = {str(path): text.count("\n") for path, text in modules if text.count("\n") > LINES_AT_MOST}
    assert long == {}


def test_scripts_are_whole_and_the_gate_can_be_run() -> None:
    scripts = [file for file in files() if file.suffix == ".sh" or file == PROJECT / ".ci/run"]
    assert len(scripts) >= 4
    for script in scripts:
        done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), script
    assert os.access(PROJECT / ".ci/run", os.X_OK)
