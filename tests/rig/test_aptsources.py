"""Reading apt's sources, in both forms."""

from __future__ import annotations

from pathlib import Path

from agentd.sandbox.aptsources import Source, choose, parse_deb822, parse_one_line, read_sources

DEB822 = """\
Types: deb deb-src
# an older one
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
  contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb-src
URIs: http://mirror.example/sources
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://mirror.example/off
Suites: bookworm
Components: main
"""


def test_deb822() -> None:
    key = "/usr/share/keyrings/archive.gpg"
    assert list(parse_deb822(DEB822)) == [
        Source("http://mirror.example/debian", "bookworm", ("main", "contrib"), key),
        Source("http://mirror.example/debian", "bookworm-updates", ("main", "contrib"), key),
    ]


def test_deb822_with_the_key_in_the_file_leaves_it_to_apt() -> None:
    text = "Types: deb\nURIs: http://m/\nSuites: noble\nComponents: main\nSigned-By:\n -----BEGIN PGP\n .\n abc\n"
    assert [source.signed_by for source in parse_deb822(text)] == [""]


def test_one_line() -> None:
    text = """\
# deb http://mirror.example/old bookworm main
deb-src http://mirror.example/ubuntu noble main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/ubuntu noble main universe # why
deb http://mirror.example/ubuntu noble-updates main
nonsense
"""
    assert list(parse_one_line(text)) == [
        Source("http://mirror.example/ubuntu", "noble", ("main", "universe"), "/k.gpg"),
        Source("http://mirror.example/ubuntu", "noble-updates", ("main",)),
    ]


def test_the_distributions_own_source_is_chosen_not_a_vendors() -> None:
    vendor = Source("http://vendor.example", "bookworm", ("stable",))
    updates = Source("http://mirror.example/debian", "bookworm-updates", ("main",))
    rolling = Source("http://mirror.example/debian", "testing", ("main",))
    own = Source("http://mirror.example/debian", "bookworm", ("main",))
    assert choose([vendor, updates, rolling, own], ("bookworm", "testing")) == own
    assert choose([vendor, updates, rolling], ("bookworm", "testing")) == rolling
    assert choose([vendor, updates], ("bookworm", "testing")) is None


def test_a_line_for_another_suite() -> None:
    source = Source("http://m/debian", "bookworm", ("main",), "/k.gpg")
    assert (
        source.line("testing", ("universe", "main")) == "deb [signed-by=/k.gpg] http://m/debian testing main universe"
    )
    assert Source("http://m", "x", ("main",)).line("y") == "deb http://m y main"


def test_all_files_of_the_machine_are_read(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://a one main\n")
    (parts / "b.list").write_text("deb http://b two main\n")
    (parts / "c.sources").write_text("Types: deb\nURIs: http://c\nSuites: three\nComponents: main\n")
    (parts / "d.save").write_text("deb http://d four main\n")
    assert [source.suite for source in read_sources(tmp_path)] == ["one", "two", "three"]
    assert read_sources(tmp_path / "nothing") == []
