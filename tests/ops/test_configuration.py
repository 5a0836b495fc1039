"""The configuration: the page, the file that is installed and the classes say the same, and mistakes are named."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agentd.engine.config import Config, ConfigError, load

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs/configuration.md"
INSTALLED = PROJECT / "etc/agentd.toml"

_ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \| (`[^|]+`) \| (.+) \|$", re.MULTILINE)
_COMMENTED = re.compile(r"^# (?=\w+ = )", re.MULTILINE)


def defaults() -> dict[str, Any]:
    """Every key of the classes with its default, as ``section.key``."""
    sections = json.loads(msgspec.json.encode(Config()))
    return {f"{section}.{key}": value for section, keys in sections.items() for key, value in keys.items()}


def documented() -> Iterator[tuple[str, Any]]:
    """Every key of the page with the default that it gives."""
    sections = re.split(r"^## (?=\[)", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    for section in sections:
        heading, _, text = section.partition("\n")
        rows = _ROW.findall(text.partition("\n# ")[0])
        for name in re.findall(r"\[(\w+)\]", heading):
            for keys, values, _meaning in rows:
                names, given = re.findall(r"`(\w+)`", keys), re.findall(r"`([^`]+)`", values)
                for n, key in enumerate(names):
                    yield f"{name}.{key}", json.loads(given[n if len(given) > 1 else 0])


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    """What is said about a configuration; the file's name, with which every refusal begins, is cut off."""
    path = written(folder / "agentd.toml", text)
    with pytest.raises(ConfigError) as refused:
        load(path)
    said = str(refused.value)
    assert said.startswith(f"{path}: ")
    return said.removeprefix(f"{path}: ")


def test_the_page_has_every_key_once_with_its_default() -> None:
    rows = list(documented())
    assert len(rows) == len(dict(rows))
    assert dict(rows) == defaults()


def test_the_installed_file_is_the_defaults_and_the_secret_that_the_installation_makes() -> None:
    installed = load(INSTALLED)
    secret_file = "/etc/agentd/ami-secret"
    assert installed == msgspec.structs.replace(
        Config(), ami=msgspec.structs.replace(Config().ami, secret_file=secret_file)
    )
    assert secret_file in (PROJECT / "etc/install.sh").read_text("utf-8")


def test_the_installed_file_shows_every_key_with_its_default() -> None:
    shown = tomllib.loads(_COMMENTED.sub("", INSTALLED.read_text("utf-8")))
    flat = {f"{section}.{key}": value for section, keys in shown.items() for key, value in keys.items()}
    assert flat == defaults() | {"ami.secret_file": "/etc/agentd/ami-secret"}


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert load(written(tmp_path / "agentd.toml", "")) == Config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[http]\nlistn = 1", "http.listn: there is no such key"),
        ("[htttp]\n", "htttp: there is no such key"),
        ("speed = 1", "speed: there is no such key"),
        ('[pbx]\nmax_calls = "70"', "pbx.max_calls: expected `int`, got `str`"),
        ("http = 8077", "http: expected `object`, got `int`"),
        ("[http]\nhosts = [1]", "http.hosts[0]: expected `str`, got `int`"),
        ("[sessions]\nring_time = 0", "sessions.ring_time: expected `int` >= 1"),
        ("[sessions]\nring_time = 121", "sessions.ring_time: expected `int` <= 120"),
        ("[sessions]\nlogout_grace = -0.5", "sessions.logout_grace: expected `float` >= 0.0"),
        ("[journal]\nsegment_bytes = 4096", "journal.segment_bytes: expected `int` >= 1048576"),
        ('[daemon]\nlog_format = "xml"', "daemon.log_format: invalid enum value 'xml'"),
        ('[daemon]\nlog_level = "loud"', "daemon.log_level: invalid enum value 'loud'"),
        ('[daemon]\nname = "two words"', "daemon.name: expected 1 to 40 letters, digits, _ or -"),
        ('[daemon]\nstate_dir = "state"', "daemon.state_dir: expected an absolute path"),
        ('[ami]\nlogin = "sha1"', "ami.login: invalid enum value 'sha1'"),
        ('[ami]\nsecret = "a"\nsecret_file = "/b"', "ami.secret: leave it out where ami.secret_file is given"),
        ("[ami]\ndtmf_connections = 3", "ami.dtmf_connections: expected `int` >= 4"),
        ("[ami]\ndtmf_connections = 9", "ami.dtmf_connections: expected `int` <= 8"),
        ('[recordings]\nfolder = "spool"', "recordings.folder: expected an absolute path of letters, digits"),
        ('[recordings]\nfolder = "/a,b"', "recordings.folder: expected an absolute path of letters, digits"),
        ("[recordings]\nkeep_days = -1", "recordings.keep_days: expected `float` >= 0.0"),
        ("[pbx]\nconference_last = 8600050", "pbx.conference_last: it is below pbx.conference_first"),
        ('[pbx]\nextensions = "Local/1@x"', "pbx.extensions: {number} is missing"),
        ('[pbx]\ncontext = "a,b"', "pbx.context: expected a name of letters, digits, _ or -"),
        ('[crystal]\nlisten = "8078"', 'crystal.listen: expected an endpoint such as "tcp:8077:interface=127.0.0.1"'),
        ('[http]\nlisten = ""', 'http.listen: expected an endpoint such as "tcp:8077:interface=127.0.0.1"'),
        ('[fastagi]\nallow = ["10.0.0.1/8"]', "fastagi.allow: 10.0.0.1/8 has host bits set"),
        ('[crystal]\nno_secret = ["office"]', "crystal.no_secret: 'office' does not appear to be"),
        ('[http]\ntrusted_proxies = ["unix", "x"]', "http.trusted_proxies: 'x' does not appear to be"),
        ("[http", "Expected ']' at the end of a table declaration"),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, text: str, said: str) -> None:
    assert refusal(tmp_path, text).startswith(said)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"/none\.toml cannot be read: No such file or directory$"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("section", "key"), [("ami", "secret_file"), ("crystal", "secure_file"), ("database", "password_file")]
)
def test_a_secret_in_a_file_is_read_and_a_bad_file_is_named(tmp_path: Path, section: str, key: str) -> None:
    file = tmp_path / "secret"
    given = f'[{section}]\n{key} = "{file}"\n'
    if section == "database":
        given += 'url = "mysql+pymysql://agentd@db/agentd"\n'
    config = load(written(tmp_path / "agentd.toml", given))
    for content, why in ((None, "cannot be read: No such file or directory"), ("\n", "is empty")):
        if content is not None:
            file.write_text(content)
        with pytest.raises(ConfigError) as refused:
            config.check_secrets()
        assert str(refused.value) == f"{section}.{key}: {file} {why}"
    file.write_bytes(b"\xff\n")
    with pytest.raises(ConfigError, match=rf"^{section}\.{key}: .* cannot be read: it is not UTF-8$"):
        config.check_secrets()
    file.write_text(" s3cret \n")
    config.check_secrets()
    found = {
        "ami": config.ami_secret,
        "crystal": ",".join(config.crystal_secrets),
        "database": config.database_url.partition("agentd:")[2].partition("@")[0],
    }
    assert found[section] == "s3cret"


def test_a_url_that_is_none_is_named_without_what_it_says(tmp_path: Path) -> None:
    config = load(written(tmp_path / "agentd.toml", '[database]\nurl = "mysql//agentd:hush@db"\n'))
    with pytest.raises(ConfigError) as refused:
        config.check_secrets()
    assert str(refused.value).startswith("database.url: ")
    assert "hush" not in str(refused.value)


def test_a_folder_of_ones_own_and_the_files_in_it(tmp_path: Path) -> None:
    config = load(written(tmp_path / "agentd.toml", '[daemon]\nstate_dir = "/srv/agentd"\n[journal]\ndir = "/fast"\n'))
    assert config.database_url == "sqlite:////srv/agentd/agentd.db"
    assert config.pid_file == Path("/srv/agentd/agentd.pid")
    assert config.journal_dir == Path("/fast")
    assert load(written(tmp_path / "agentd.toml", "")).journal_dir == Path("/var/lib/agentd/journal")
