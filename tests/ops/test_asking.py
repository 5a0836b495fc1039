"""The commands that ask the running daemon: they find it, and nobody else gets its token."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

from tests.ops.daemon import AGENTD, Daemon, configure, environment_here, free_port


def asked(config: Path, *words: str, **environment: str) -> str:
    """What a command that succeeds prints."""
    command = [*AGENTD, *words, "--config", str(config)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**environment_here(), **environment}
    )
    assert done.returncode in {0, 1}, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_the_token_does_not_go_through_a_proxy(tmp_path: Path) -> None:
    config = configure(tmp_path, f"tcp:{free_port()}:interface=127.0.0.1")
    with (
        socket.create_server(("127.0.0.1", 0)) as proxy,
        Daemon([*AGENTD, "run", "--config", str(config)], tmp_path) as daemon,
    ):
        daemon.wait_for("READY=1")
        proxy.setblocking(False)
        named = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        told = asked(config, "session", "list", "--json", http_proxy=named, no_proxy="", NO_PROXY="")
        assert json.loads(told) == []
        try:
            proxy.accept()
        except BlockingIOError:
            return
        raise AssertionError("the proxy was asked")


def test_the_native_api_may_have_a_listener_of_its_own(tmp_path: Path) -> None:
    config = configure(tmp_path, f"tcp:{free_port()}:interface=127.0.0.1")
    config.write_text(f'{config.read_text()}\n[native]\nlisten = "tcp:{free_port()}:interface=127.0.0.1"\n')
    with Daemon([*AGENTD, "run", "--config", str(config)], tmp_path) as daemon:
        daemon.wait_for("READY=1")
        status = json.loads(asked(config, "status", "--json"))
        assert status["parts"]["journal"]["state"] == "up"
        assert json.loads(asked(config, "session", "list", "--json")) == []


def test_a_listener_that_cannot_be_asked_is_named(tmp_path: Path) -> None:
    config = configure(tmp_path, f"unix:{tmp_path}/http")
    with Daemon([*AGENTD, "run", "--config", str(config)], tmp_path) as daemon:
        daemon.wait_for("READY=1")
        command = [*AGENTD, "status", "--config", str(config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment_here())
        assert done.returncode == 1
        assert done.stderr == "agentd: the daemon's HTTP listener is not one that this command can ask (it needs TCP)\n"
