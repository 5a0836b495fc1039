"""What the demo leaves for whoever wants to look: runtime.json, and commands that work with it."""

from __future__ import annotations

import json
import shlex
import stat

import pytest_twisted
from twisted.internet.utils import getProcessOutput

from tests.e2e.centre import Centre


@pytest_twisted.ensureDeferred
async def test_runtime_json_tells_where_everything_is(centre: Centre) -> None:
    file = centre.demo.runtime
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    facts = centre.runtime
    assert {"http", "ami", "asterisk_cli", "database", "recordings", "daemon_pid_file", "token", "cli"} <= set(facts)
    with open(facts["daemon_pid_file"], encoding="ascii") as pid:
        assert int(pid.read()) == centre.demo.pid
    assert facts["ami"]["user"] != "agentd"
    assert facts["ami"]["secret"] != centre.rig.secrets["agentd"]
    await centre.log_in()
    command = [*shlex.split(facts["asterisk_cli"]), "confbridge list"]
    out = await getProcessOutput(command[0], command[1:], reactor=centre.reactor)
    assert b"8600051" in out


@pytest_twisted.ensureDeferred
async def test_the_commands_see_and_end_sessions(centre: Centre) -> None:
    assert json.loads(await centre.cli("status", "--json"))["status"] == "ready"
    await centre.log_in()
    [listed] = json.loads(await centre.cli("session", "list", "--json"))
    assert listed == await centre.snapshot("1000")
    assert json.loads(await centre.cli("session", "show", "1000")) == listed
    await centre.cli("session", "logout", "1000")
    assert await centre.snapshot("1000") is None
    assert await centre.observer.channels() == []
