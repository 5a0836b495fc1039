"""``make install`` into a private Debian: what is there afterwards, and that the service runs from it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.daemon import PROJECT, Daemon, free_port, get
from tests.ops.root import as_root, private_root, root_command

SECRET = "/etc/agentd/ami-secret"
CONFIGURATION = "/etc/agentd/agentd.toml"


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A root into which agentd was installed, once for all tests of this page."""
    with private_root() as root:
        install(root)
        yield root


def install(root: Path) -> str:
    return as_root("make", "--no-print-directory", "-C", str(PROJECT), "install", f"DESTDIR={root}")


def inside(root: Path, *command: str) -> str:
    """Run a command in there, as its root."""
    return as_root("chroot", str(root), *command)


def facts(root: Path, path: str) -> str:
    """Whose a file is and who may do what: ``user:group mode``."""
    return inside(root, "stat", "--format=%U:%G %a", path).strip()


def exec_start(root: Path) -> list[str]:
    """The command of the installed unit."""
    text = (root / "etc/systemd/system/agentd.service").read_text()
    found = re.search(r"^ExecStart=(.+)$", text, re.MULTILINE)
    assert found is not None
    return found[1].split()


def test_everything_belongs_to_who_needs_it(root: Path) -> None:
    assert {path: facts(root, path) for path in ("/etc/agentd", CONFIGURATION, SECRET)} == {
        "/etc/agentd": "root:agentd 750",
        CONFIGURATION: "root:agentd 640",
        SECRET: "root:agentd 640",
    }
    assert facts(root, "/var/lib/agentd") == "agentd:agentd 750"
    assert facts(root, "/var/spool/agentd/recordings") == "root:agentd 2770"
    assert facts(root, "/opt/agentd/bin/agentd") == "root:root 755"
    assert inside(root, "getent", "passwd", "agentd").strip().endswith(":/var/lib/agentd:/usr/sbin/nologin")
    assert re.fullmatch(r"[0-9a-f]{48}", inside(root, "cat", SECRET))


def test_the_program_is_a_wheel_with_its_data(root: Path) -> None:
    share = root / "opt/agentd/share/agentd"
    for folder in ("etc", "sql", "systemd"):
        ours = {str(file.relative_to(PROJECT)) for file in (PROJECT / folder).rglob("*.*") if wanted(file)}
        theirs = {str(file.relative_to(share)) for file in (share / folder).rglob("*.*") if wanted(file)}
        assert theirs == ours
    packages = next((root / "opt/agentd/lib").glob("python3.*/site-packages"))
    assert not list(packages.glob("__editable__*"))
    assert (packages / "agentd/main.py").is_file()
    assert {file.name for file in (root / "etc/asterisk/agentd").iterdir()} == {
        file.name for file in (PROJECT / "etc/asterisk").iterdir()
    }
    assert list((root / "var/tmp").iterdir()) == []


def wanted(file: Path) -> bool:
    """Whether a file of the project belongs into the wheel: neither compiled, nor a script that makes the wheel."""
    return file.suffix not in (".pyc", ".sh") and file.is_file()


def test_the_units_are_sound_where_they_are(root: Path) -> None:
    units = root / "etc/systemd/system"
    assert {file.name for file in units.glob("agentd.*")} == {"agentd.service", "agentd.socket"}
    assert facts(root, "/etc/systemd/system/agentd.service") == "root:root 644"
    assert inside(root, exec_start(root)[0], "--version").startswith("agentd")
    assert inside(root, "agentd", "--version") == inside(root, exec_start(root)[0], "--version")


def test_installing_again_keeps_what_the_administrator_owns(root: Path) -> None:
    inside(root, "sh", "-c", f"echo '# mine' >>{CONFIGURATION}")
    before = inside(root, "cat", CONFIGURATION, SECRET)
    inside(root, "sh", "-c", "rm /opt/agentd/bin/agentd; echo broken >/etc/systemd/system/agentd.service")
    install(root)
    assert inside(root, "cat", CONFIGURATION, SECRET) == before
    assert facts(root, CONFIGURATION) == "root:agentd 640"
    assert exec_start(root)[0] == "/opt/agentd/bin/agentd"
    assert inside(root, "agentd", "--version").startswith("agentd")


def test_the_installed_service_runs_as_the_installed_user(root: Path, tmp_path: Path) -> None:
    inside(root, "agentd", "check")  # the file as it was installed
    http = f"127.0.0.1:{free_port()}"
    move_ports(root, http.partition(":")[2])
    inside(root, "agentd", "migrate")
    notify = root / "run/test/notify"
    as_root("install", "-d", "-o", str(os.getuid()), str(notify.parent))
    as_service = ["--userspec=agentd:agentd", str(root), "/usr/bin/env", "NOTIFY_SOCKET=/run/test/notify"]
    with Daemon(root_command("chroot", *as_service, *exec_start(root)), tmp_path, notify=notify) as daemon:
        daemon.wait_for("READY=1")
        assert get(f"http://{http}/healthz")[0] == 200
        parts = json.loads(get(f"http://{http}/readyz")[1])["parts"]
        assert {name: parts[name]["state"] for name in ("journal", "database")} == {"journal": "up", "database": "up"}
        number = inside(root, "cat", "/var/lib/agentd/agentd.pid").strip()
        user = inside(root, "id", "-u", "agentd").strip()
        assert f"\nUid:\t{user}\t{user}\t{user}\t{user}\n" in Path(f"/proc/{number}/status").read_text()
        assert daemon.stop() == 0
    for line in inside(root, "find", "/var/lib/agentd", "-printf", "%u %m %p\n").splitlines():
        owner, mode, name = line.split()
        assert (owner, mode[-1]) == ("agentd", "0"), name


def move_ports(root: Path, http: str) -> None:
    """Listen on other ports than the installed file has: on the machine of the tests those may be somebody's."""
    moved = {"8077": http, "4573": str(free_port())}
    changes = [f's/^# listen = "tcp:{old}:/listen = "tcp:{new}:/' for old, new in moved.items()]
    inside(root, "sed", "-i", *(f"--expression={change}" for change in changes), CONFIGURATION)
