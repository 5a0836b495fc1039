"""What every command has: the configuration, ways to print and to end, and the running daemon's ear."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from agentd.engine.config import Config, ConfigError, load
from agentd.engine.pidfile import holder

__all__ = [
    "DEFAULT_CONFIG",
    "config_option",
    "fail",
    "json_option",
    "load_config",
    "print_json",
    "replace_option",
    "show",
    "tell_daemon",
]

DEFAULT_CONFIG = "/etc/agentd/agentd.toml"

config_option = click.option(
    "--config",
    "config_path",
    default=DEFAULT_CONFIG,
    show_default=True,
    envvar="AGENTD_CONFIG",
    help="The configuration file.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
replace_option = click.option("--replace", is_flag=True, help="Put it in the place of the one that is there.")


def fail(message: str, code: int = 1) -> NoReturn:
    """End with this exit code and the reason."""
    click.echo(f"agentd: {message}", err=True)
    sys.exit(code)


def load_config(path: str, code: int = 1) -> Config:
    """Read the configuration, or end with this exit code and what is wrong with it."""
    try:
        return load(Path(path))
    except ConfigError as error:
        fail(str(error), code)


def print_json(data: Any) -> None:
    """Print data for programs."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def show(rows: list[dict[str, Any]], columns: tuple[str, ...], data: Any = None) -> None:
    """Print rows as a table, or the data instead as JSON."""
    if data is not None:
        print_json(data)
        return
    cells = [tuple(_cell(row.get(name)) for name in columns) for row in rows]
    widths = [max(len(line[n]) for line in (columns, *cells)) for n in range(len(columns))]
    for line in (columns, *cells):
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    """A value on one line; what could move a terminal's cursor is shown as a question mark."""
    if isinstance(value, list | tuple):
        text = " ".join(str(one) for one in value)
    elif isinstance(value, dict) and "kind" in value:  # a treatment, as it is said
        text = f"{value['kind']}:{value['to']}" if value["to"] else str(value["kind"])
    else:
        text = "" if value is None else str(value)
    return "".join(char if char.isprintable() else "?" for char in text)


def tell_daemon(config: Config, number: signal.Signals) -> bool:
    """Send the running daemon a signal; False when there is none, or it is not ours to tell."""
    pid = holder(config.pid_file)
    try:
        if pid is not None:
            os.kill(pid, number)
    except OSError:
        return False
    return pid is not None
