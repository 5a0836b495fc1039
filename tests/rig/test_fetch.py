"""Fetching Asterisk: which suites are tried, what is said when it can't be had, and that half a root is never used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentd.sandbox import fetch
from agentd.sandbox.aptsources import Source
from agentd.sandbox.errors import AsteriskUnavailable

# Stands for mmdebstrap: notes its arguments, takes a look at what must fail, and makes the folder it was told to.
MMDEBSTRAP = """#!/bin/sh
echo "$*" >> "$NOTES/calls"
for last; do :; done
case " $* " in *" $FAILS "*) mkdir -p "$NOTES/junk"; echo "E: Unable to locate package asterisk"; exit 25;; esac
while [ $# -gt 2 ]; do shift; done
mkdir "$1" && touch "$1/whole"
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Debian on which every program that fetching runs is a script of ours. The folder with the notes."""
    programs = {
        "mmdebstrap": MMDEBSTRAP,
        "apt-get": '#!/bin/sh\necho "apt-get $*" >> "$NOTES/calls"\n',
        "apt-cache": "#!/bin/sh\necho '  Candidate: (none)'\n",
        "apt-config": '#!/bin/sh\n[ "$3" = Acquire::http::Proxy ] && echo "PROXY=\'http://proxy.example:3128/\'"\n',
    }
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTES", str(tmp_path))
    monkeypatch.setenv("FAILS", "none")
    source = Source("mirror+file:/etc/mirrors", "bookworm", ("main",), "/k.gpg")
    monkeypatch.setattr(fetch, "read_sources", lambda: [source])
    release = {"ID": "debian", "VERSION_CODENAME": "bookworm", "PRETTY_NAME": "A Debian"}
    monkeypatch.setattr(fetch.platform, "freedesktop_os_release", lambda: release)
    monkeypatch.setattr(fetch.os, "geteuid", lambda: 0)
    return tmp_path


def calls(machine: Path) -> list[str]:
    return (machine / "calls").read_text().splitlines()


def test_the_next_suite_is_tried_from_the_machines_own_mirror(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILS", "testing")
    said: list[str] = []
    fetch.fetch_asterisk(machine / "root", said.append)
    assert (machine / "root" / "whole").exists()
    runs = [call for call in calls(machine) if "--variant=extract" in call]
    assert [run.split()[-7] for run in runs] == ["testing", "unstable"]
    assert runs[1].endswith("deb [signed-by=/k.gpg] mirror+file:/etc/mirrors unstable main")
    assert '--aptopt=Acquire::http::Proxy "http://proxy.example:3128/"' in runs[1]
    assert "Acquire::https::Proxy" not in runs[1]
    assert said[0].startswith("Asterisk is not installed")


def test_the_distributions_own_package_comes_first(machine: Path) -> None:
    (machine / "bin" / "apt-cache").write_text("#!/bin/sh\necho '  Candidate: 1:22.5'\n")
    fetch.fetch_asterisk(machine / "root", print)
    assert " bookworm main" in calls(machine)[-1]


def test_a_failure_names_every_suite_and_leaves_nothing(machine: Path) -> None:
    (machine / "bin" / "mmdebstrap").write_text('#!/bin/sh\nmkdir "$7" "$7/half"; echo "E: no space left"; exit 25\n')
    with pytest.raises(AsteriskUnavailable, match=r"(?s)testing: E: no space left.*unstable: E: no space left"):
        fetch.fetch_asterisk(machine / "root", print)
    assert sorted(path.name for path in machine.iterdir()) == ["bin", "calls"]


def test_a_mirror_that_does_not_answer_is_named_before_anything_is_downloaded(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = machine / "bin" / "apt-helper"
    helper.write_text('#!/bin/sh\necho "E: Failed to fetch $2"; exit 100\n')
    helper.chmod(0o755)
    monkeypatch.setattr(fetch, "_APT_HELPER", str(helper))
    monkeypatch.setattr(fetch, "read_sources", lambda: [Source("http://gone.example/debian/", "bookworm", ("main",))])
    with pytest.raises(
        AsteriskUnavailable, match=r"does not answer: E: Failed to fetch http://gone\.example/debian/dists"
    ):
        fetch.fetch_asterisk(machine / "root", print)
    assert not [call for call in calls(machine) if "--variant" in call]


def test_without_root_and_sudo_the_message_says_what_to_do(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo = machine / "bin" / "sudo"
    sudo.write_text("#!/bin/sh\nexit 1\n")
    sudo.chmod(0o755)
    monkeypatch.setattr(fetch.os, "geteuid", lambda: 1000)
    with pytest.raises(AsteriskUnavailable, match="needs root or sudo"):
        fetch.fetch_asterisk(machine / "root", print)
    assert not (machine / "calls").exists()


def test_with_sudo_what_needs_root_runs_through_it(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo = machine / "bin" / "sudo"
    sudo.write_text('#!/bin/sh\n[ "$1" = --validate ] && exit 0\necho "sudo $1" >> "$NOTES/calls"\nexec "$@"\n')
    sudo.chmod(0o755)
    monkeypatch.setattr(fetch.os, "geteuid", lambda: 1000)
    fetch.fetch_asterisk(machine / "root", print)
    assert {call for call in calls(machine) if call.startswith("sudo")} == {
        "sudo apt-get",
        "sudo rm",
        "sudo mmdebstrap",
    }
    assert (machine / "root" / "whole").exists()


def test_a_machine_without_apt_sources_is_told_so(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "read_sources", list)
    with pytest.raises(AsteriskUnavailable, match="no package mirror of this distribution"):
        fetch.fetch_asterisk(machine / "root", print)


HOLDER = """
import sys
from pathlib import Path
from agentd.sandbox.fetch import locked

with locked(Path(sys.argv[1]), lambda text: print(text, flush=True)):
    print("mine", flush=True)
    sys.stdin.readline()
"""


def test_two_starts_take_turns(tmp_path: Path) -> None:
    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLDER, str(tmp_path / "lock")]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    with start() as first:
        assert first.stdout.readline() == "mine\n"
        with start() as second:
            assert "waiting" in second.stdout.readline()
            first.kill()  # the kernel lets go of a dead holder's lock
            assert second.stdout.readline() == "mine\n"
            second.communicate("\n")
