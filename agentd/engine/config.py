"""The configuration: one TOML file, parsed once into frozen typed objects.

docs/configuration.md tells every key; a test holds the two together.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from agentd.core.turn import Settings

__all__ = ["Config", "ConfigError", "default_limit", "load"]


class ConfigError(Exception):
    """The configuration cannot be used; the text names the key."""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class DaemonSection(_Section, frozen=True):
    """Who this daemon is, and where it keeps what it must not lose."""

    name: str = "agentd"
    state_dir: str = "/var/lib/agentd"
    log_format: str = "text"
    log_level: str = "info"


class FaceSection(_Section, frozen=True):
    """One HTTP face: off, on the common listener, or on one of its own."""

    enabled: bool = True
    listen: str = ""


class CrystalSection(FaceSection, frozen=True):
    """The Crystal face. ``secure`` are the shared secrets; ``no_secret`` the networks that need none."""

    secure: tuple[str, ...] = ()
    secure_file: str = ""
    no_secret: tuple[str, ...] = ()


class HttpSection(_Section, frozen=True):
    """The common HTTP listener and what it believes."""

    listen: str = "tcp:8077:interface=127.0.0.1"
    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    max_connections: int = 1000
    access_log: bool = True


class AmiSection(_Section, frozen=True):
    """How to reach Asterisk's manager. ``login`` is ``md5`` or ``plain``."""

    endpoint: str = "tcp:127.0.0.1:5038"
    username: str = "agentd"
    secret: str = ""
    secret_file: str = ""
    login: str = "md5"


class FastAgiSection(_Section, frozen=True):
    """Where dialplans ask, and from which networks."""

    enabled: bool = True
    listen: str = "tcp:4573:interface=127.0.0.1"
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1")
    max_sessions: int = 500


class DatabaseSection(_Section, frozen=True):
    """An SQLAlchemy URL; empty means SQLite in the state folder."""

    url: str = ""
    password_file: str = ""


class JournalSection(_Section, frozen=True):
    """The journal's folder (empty: in the state folder) and the size of its segments in bytes."""

    dir: str = ""
    segment_bytes: int = 67_108_864
    keep_days: float = 7


class PbxSection(_Section, frozen=True):
    """What the PBX can carry, and where its conferences are. A limit of 0 means 70 for each core."""

    address: str = "127.0.0.1"
    conference_first: int = 8600051
    conference_last: int = 8600899
    max_sessions: int = 0
    max_calls: int = 0
    calls_per_second: int = 20
    context: str = "agentd-conf"
    extensions: str = "Local/{number}@agentd-extensions/n"


class SessionsSection(_Section, frozen=True):
    """The times that sessions live by, in seconds."""

    ring_time: int = 20
    logout_grace: float = 30
    nophone_logout: float = 600
    phone_grace: float = 30
    recall_phone: bool = True
    recall_tries: int = 3
    recall_interval: float = 10


class DefaultsSection(_Section, frozen=True):
    """What is taken when neither the request nor the agent says."""

    campaign: str = ""
    phone_code: str = "1"


class Config(_Section, frozen=True):
    """Everything."""

    daemon: DaemonSection = DaemonSection()
    http: HttpSection = HttpSection()
    agent_api: FaceSection = FaceSection()
    crystal: CrystalSection = CrystalSection()
    native: FaceSection = FaceSection()
    ami: AmiSection = AmiSection()
    fastagi: FastAgiSection = FastAgiSection()
    database: DatabaseSection = DatabaseSection()
    journal: JournalSection = JournalSection()
    pbx: PbxSection = PbxSection()
    sessions: SessionsSection = SessionsSection()
    defaults: DefaultsSection = DefaultsSection()

    @property
    def state_dir(self) -> Path:
        """The folder that is the daemon's own."""
        return Path(self.daemon.state_dir)

    @property
    def journal_dir(self) -> Path:
        """The journal's folder."""
        return Path(self.journal.dir) if self.journal.dir else self.state_dir / "journal"

    @property
    def pid_file(self) -> Path:
        """Where the running daemon's process id stands."""
        return self.state_dir / "agentd.pid"

    @property
    def local_token_file(self) -> Path:
        """Where the running daemon leaves a token for the command line on this host."""
        return self.state_dir / "local-token"

    @property
    def database_url(self) -> str:
        """The database's URL, with its password when that is in a file of its own."""
        from sqlalchemy import make_url  # noqa: PLC0415 - only where a database is used

        url = make_url(self.database.url or f"sqlite:///{self.state_dir / 'agentd.db'}")
        if self.database.password_file:
            url = url.set(password=_secret_from("database.password_file", self.database.password_file))
        return url.render_as_string(hide_password=False)

    @property
    def ami_secret(self) -> str:
        """The manager's secret."""
        if self.ami.secret_file:
            return _secret_from("ami.secret_file", self.ami.secret_file)
        return self.ami.secret

    @property
    def crystal_secrets(self) -> tuple[str, ...]:
        """The Crystal face's secrets, those of the file (one a line) included."""
        if not self.crystal.secure_file:
            return self.crystal.secure
        lines = _secret_from("crystal.secure_file", self.crystal.secure_file).splitlines()
        return (*self.crystal.secure, *(line.strip() for line in lines if line.strip()))

    def settings(self) -> Settings:
        """Give the rules that the core goes by."""
        return Settings(
            ring_time=self.sessions.ring_time,
            logout_grace=self.sessions.logout_grace,
            nophone_logout=self.sessions.nophone_logout,
            phone_grace=self.sessions.phone_grace,
            recall_phone=self.sessions.recall_phone,
            recall_tries=self.sessions.recall_tries,
            recall_interval=self.sessions.recall_interval,
            default_campaign=self.defaults.campaign,
            conference_first=self.pbx.conference_first,
            conference_last=self.pbx.conference_last,
            max_sessions=self.pbx.max_sessions or default_limit(),
            max_calls=self.pbx.max_calls or default_limit(),
            calls_per_second=self.pbx.calls_per_second,
            extensions=self.pbx.extensions,
        )


def default_limit() -> int:
    """What this machine's cores can carry: a talking agent needs about one per cent of a core."""
    return 70 * (os.cpu_count() or 1)


def _secret_from(key: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{key}: {path} cannot be read: {error.strerror}") from error


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown key or a wrong type; the text says where.
    """
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        config = msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
    _check(path, config)
    return config


def _check(path: Path, config: Config) -> None:
    checks = {
        "daemon.log_format must be text or json": config.daemon.log_format in {"text", "json"},
        "daemon.log_level must be debug, info, warn or error": config.daemon.log_level
        in {"debug", "info", "warn", "error"},
        "daemon.name must not be empty": bool(config.daemon.name),
        "ami.login must be md5 or plain": config.ami.login in {"md5", "plain"},
        "pbx.conference_last must not be below pbx.conference_first": config.pbx.conference_first
        <= config.pbx.conference_last,
        "pbx.extensions must contain {number}": "{number}" in config.pbx.extensions,
        "journal.segment_bytes must be at least 1048576": config.journal.segment_bytes >= 1 << 20,
        "sessions.ring_time must be between 1 and 120": 1 <= config.sessions.ring_time <= 120,
    }
    for message, holds in checks.items():
        if not holds:
            raise ConfigError(f"{path}: {message}")
