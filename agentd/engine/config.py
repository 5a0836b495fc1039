"""The configuration: one TOML file, parsed once into frozen typed objects.

docs/configuration.md tells every key; a test holds the two together.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from agentd.core.settings import Settings

__all__ = ["Config", "ConfigError", "default_limit", "load"]


_Count = Annotated[int, Meta(ge=0)]
_AtLeastOne = Annotated[int, Meta(ge=1)]
_Seconds = Annotated[float, Meta(ge=0)]
_RingTime = Annotated[int, Meta(ge=1, le=120)]
_DtmfConnections = Annotated[int, Meta(ge=4, le=8)]
_SegmentBytes = Annotated[int, Meta(ge=1 << 20)]

_ENDPOINT = re.compile(r"[A-Za-z0-9]+:.+")
_DAEMON_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")  # it is a column of the database
_CONTEXT = re.compile(r"[A-Za-z0-9_-]+")  # a name in Asterisk's dialplan
_FOLDER = re.compile(r"(/[A-Za-z0-9._-]+)+")  # Asterisk would take a comma for the end of a file's name


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file and the key."""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class DaemonSection(_Section, frozen=True):
    """Who this daemon is, and where it keeps what it must not lose."""

    name: str = "agentd"
    state_dir: str = "/var/lib/agentd"
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warn", "error"] = "info"


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
    max_connections: _AtLeastOne = 1000
    access_log: bool = True


class AmiSection(_Section, frozen=True):
    """How to reach Asterisk's manager. ``login`` is ``md5`` or ``plain``; ``dtmf_connections`` are for digits alone."""

    endpoint: str = "tcp:127.0.0.1:5038"
    username: str = "agentd"
    secret: str = ""
    secret_file: str = ""
    login: Literal["md5", "plain"] = "md5"
    dtmf_connections: _DtmfConnections = 4


class FastAgiSection(_Section, frozen=True):
    """Where dialplans ask, and from which networks."""

    enabled: bool = True
    listen: str = "tcp:4573:interface=127.0.0.1"
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1")
    max_sessions: _AtLeastOne = 500


class DatabaseSection(_Section, frozen=True):
    """An SQLAlchemy URL; empty means SQLite in the state folder."""

    url: str = ""
    password_file: str = ""


class JournalSection(_Section, frozen=True):
    """The journal's folder (empty: in the state folder) and the size of its segments in bytes."""

    dir: str = ""
    segment_bytes: _SegmentBytes = 67_108_864
    keep_days: Annotated[float, Meta(ge=0)] = 7


class PbxSection(_Section, frozen=True):
    """What the PBX can carry, and where its conferences are. A limit of 0 means 70 for each core."""

    address: str = "127.0.0.1"
    conference_first: _AtLeastOne = 8600051
    conference_last: _AtLeastOne = 8600899
    max_sessions: _Count = 0
    max_calls: _Count = 0
    calls_per_second: _AtLeastOne = 20
    context: str = "agentd-conf"
    extensions: str = "Local/{number}@agentd-extensions/n"
    outside: str = "Local/{number}@agentd-outside/n"


class RecordingsSection(_Section, frozen=True):
    """The folder into which Asterisk records, and after how many days files are removed (0: never)."""

    folder: str = "/var/spool/agentd/recordings"
    keep_days: Annotated[float, Meta(ge=0)] = 0


class SessionsSection(_Section, frozen=True):
    """The times that sessions live by, in seconds."""

    ring_time: _RingTime = 20
    logout_grace: _Seconds = 30
    nophone_logout: _Seconds = 600
    phone_grace: _Seconds = 30
    recall_phone: bool = True
    recall_tries: _Count = 3
    recall_interval: _Seconds = 10
    missed_calls: _Count = 3
    rest_after_miss: _Seconds = 5


class LimitsSection(_Section, frozen=True):
    """How often agents dial by hand in a minute, and a number is dialled by them in an hour; 0: as often as wanted."""

    dials_per_minute: _Count = 30
    dials_per_number: _Count = 20


class SqlDoorSection(_Section, frozen=True):
    """Whether agents at work are rows of a table that takes orders, and the seconds between two looks at it."""

    enabled: bool = False
    poll: Annotated[float, Meta(ge=0.05)] = 0.25


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
    recordings: RecordingsSection = RecordingsSection()
    sessions: SessionsSection = SessionsSection()
    limits: LimitsSection = LimitsSection()
    sql_door: SqlDoorSection = SqlDoorSection()
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
    def local_file(self) -> Path:
        """Where the running daemon leaves its URL and a token for the command line on this host, as JSON."""
        return self.state_dir / "local.json"

    @property
    def database_url(self) -> str:
        """The database's URL, with its password when that is in a file of its own."""
        from sqlalchemy import make_url  # noqa: PLC0415 - only where a database is used
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

        try:
            url = make_url(self.database.url or f"sqlite:///{self.state_dir / 'agentd.db'}")
        except ArgumentError as error:  # its text would show a password
            raise ConfigError("database.url: this is no URL of a database") from error
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

    @property
    def crystal_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks, besides this host, that need no Crystal secret."""
        return tuple(ip_network(network) for network in self.crystal.no_secret)

    @property
    def recordings_dir(self) -> Path:
        """The folder of recordings."""
        return Path(self.recordings.folder)

    @property
    def extensions_context(self) -> str:
        """The dialplan context of the PBX's own extensions."""
        return _context_of(self.pbx.extensions)

    @property
    def outside_context(self) -> str:
        """The dialplan context of what is reached without an agent."""
        return _context_of(self.pbx.outside)

    def check_secrets(self) -> None:
        """Read everything that stands in files of its own, as the start does.

        Raises:
            ConfigError: a file cannot be read or is empty; the text names the key.
        """
        _ = self.ami_secret, self.crystal_secrets, self.database_url

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
            phone_code=self.defaults.phone_code,
            conference_first=self.pbx.conference_first,
            conference_last=self.pbx.conference_last,
            max_sessions=self.pbx.max_sessions or default_limit(),
            max_calls=self.pbx.max_calls or default_limit(),
            calls_per_second=self.pbx.calls_per_second,
            extensions=self.pbx.extensions,
            outside=self.pbx.outside,
            missed_calls=self.sessions.missed_calls,
            rest_after_miss=self.sessions.rest_after_miss,
            dials_per_minute=self.limits.dials_per_minute,
            dials_per_number=self.limits.dials_per_number,
        )


def _context_of(resource: str) -> str:
    found = re.search(r"@([A-Za-z0-9_-]+)", resource)
    return found[1] if found else ""


def default_limit() -> int:
    """What this machine's cores can carry: a talking agent needs about one per cent of a core."""
    return 70 * (os.cpu_count() or 1)


def _secret_from(key: str, path: str) -> str:
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{key}: {path} cannot be read: {why}") from error
    if not secret:
        raise ConfigError(f"{key}: {path} is empty")
    return secret


def load(path: Path) -> Config:
    """Read and check a configuration file; the files that it names for secrets are read when they are asked for.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown key or a wrong value; the text says where.
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
        raise ConfigError(f"{path}: {_explained(error)}") from error
    for problem in _problems(config):
        raise ConfigError(f"{path}: {problem}")
    return config


def _explained(error: msgspec.ValidationError) -> str:
    """The key first, as it is written: ``http.listen: expected `str`, got `int```."""
    text, _, place = str(error).partition(" - at `$")
    key = place.strip(".`")
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", text)
    if unknown:
        return f"{key}.{unknown[1]}: there is no such key".lstrip(".")
    return f"{key}: {text[:1].lower()}{text[1:]}"


def _problems(config: Config) -> Iterator[str]:
    """What the types alone do not say, each with its key."""
    if not _DAEMON_NAME.fullmatch(config.daemon.name):
        yield "daemon.name: expected 1 to 40 letters, digits, _ or -"
    if not config.state_dir.is_absolute():
        yield "daemon.state_dir: expected an absolute path"
    if config.pbx.conference_last < config.pbx.conference_first:
        yield "pbx.conference_last: it is below pbx.conference_first"
    for key, value in (("extensions", config.pbx.extensions), ("outside", config.pbx.outside)):
        if "{number}" not in value:
            yield f"pbx.{key}: {{number}} is missing"
    if not _CONTEXT.fullmatch(config.pbx.context):
        yield "pbx.context: expected a name of letters, digits, _ or -"
    if not _FOLDER.fullmatch(config.recordings.folder):
        yield "recordings.folder: expected an absolute path of letters, digits, and any of . _ - /"
    if config.ami.secret and config.ami.secret_file:
        yield "ami.secret: leave it out where ami.secret_file is given"
    yield from _bad_endpoints(config)
    yield from _bad_networks("http.trusted_proxies", [name for name in config.http.trusted_proxies if name != "unix"])
    yield from _bad_networks("fastagi.allow", config.fastagi.allow)
    yield from _bad_networks("crystal.no_secret", config.crystal.no_secret)


def _bad_endpoints(config: Config) -> Iterator[str]:
    needed = {"http.listen": config.http.listen, "ami.endpoint": config.ami.endpoint}
    needed["fastagi.listen"] = config.fastagi.listen
    faces = {"agent_api": config.agent_api, "crystal": config.crystal, "native": config.native}
    own = {f"{name}.listen": face.listen for name, face in faces.items() if face.listen}
    for key, endpoint in {**needed, **own}.items():
        if not _ENDPOINT.fullmatch(endpoint):
            yield f'{key}: expected an endpoint such as "tcp:8077:interface=127.0.0.1", got "{endpoint}"'


def _bad_networks(key: str, networks: Iterable[str]) -> Iterator[str]:
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            yield f"{key}: {error}"
