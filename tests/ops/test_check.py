"""``agentd check`` says what the start would, and starts nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.ops.daemon import AGENTD, environment_here


def check(file: Path) -> tuple[int, str]:
    """The exit code of ``agentd check`` and what it said."""
    done = subprocess.run(
        [*AGENTD, "check", "--config", str(file)],
        env=environment_here(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def written(folder: Path, text: str) -> Path:
    file = folder / "agentd.toml"
    file.write_text(f'[daemon]\nstate_dir = "{folder}/state"\n{text}')
    return file


def test_a_good_file_is_good_and_nothing_is_made(tmp_path: Path) -> None:
    file = written(tmp_path, '[ami]\nsecret = "s3cret"\n')
    assert check(file) == (0, f"{file}: good")
    assert [path.name for path in tmp_path.iterdir()] == ["agentd.toml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[http]\nlistn = 1\n", "agentd: {file}: http.listn: there is no such key"),
        ('[pbx]\nmax_calls = "70"\n', "agentd: {file}: pbx.max_calls: expected `int`, got `str`"),
        ('[ami]\nsecret_file = "/nowhere/s"\n', "agentd: ami.secret_file: /nowhere/s cannot be read: No such file"),
        ('[crystal]\nsecure_file = "/nowhere/s"\n', "agentd: crystal.secure_file: /nowhere/s cannot be read"),
        ('[database]\nurl = "nonsense"\n', "agentd: database.url: this is no URL of a database"),
    ],
)
def test_a_mistake_ends_the_check_with_its_key(tmp_path: Path, text: str, said: str) -> None:
    file = written(tmp_path, text)
    code, words = check(file)
    assert words.startswith(said.format(file=file))
    assert code != 0
    assert "Traceback" not in words


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, words = check(tmp_path / "none.toml")
    assert (code != 0, words) == (True, f"agentd: {tmp_path}/none.toml cannot be read: No such file or directory")
