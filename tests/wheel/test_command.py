"""The installed command: what it prints, and with which code it ends."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Finished = subprocess.CompletedProcess[str]
Run = Callable[..., Finished]
COMMANDS = ("serve", "demo", "migrate", "check", "api-key", "token", "openapi")


def one_line(finished: Finished) -> str:
    """The error as told: one line on standard error, nothing on standard output, no traceback."""
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert line.startswith("earshelf")
    return line


def test_help_names_every_command(earshelf: Run) -> None:
    helped = earshelf("--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    for command in COMMANDS:
        assert f"\n    {command} " in helped.stdout


def test_the_module_is_the_command(earshelf: Run, python: Run) -> None:
    module = python("-m", "earshelf", "--help")
    assert (module.returncode, module.stdout) == (0, earshelf("--help").stdout)
    assert python("-m", "earshelf", "nonsense").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("serve", "--port"),
        ("serve", "--port", "99999"),
        ("serve", "--port", "eighty"),
        ("demo", "--twice"),
        ("openapi",),
        ("openapi", "v2"),
        ("openapi", "v1", "--format", "toml"),
    ],
)
def test_wrong_usage_is_one_line_and_two(arguments: tuple[str, ...], earshelf: Run) -> None:
    finished = earshelf(*arguments)
    assert "--help" in one_line(finished)
    assert finished.returncode == 2


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WEB_PORT", "eighty"),
        ("WEB_PORT", "65536"),
        ("URL_BASE", "no-slash"),
        ("EARSHELF_DATABASE_URL", "oracle://x"),
        ("EARSHELF_SECRET_KEY", "short"),
        ("EARSHELF_AUDIBLE_URL", "ftp://x"),
        ("EARSHELF_MONITOR_SECONDS", "never"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_variable_that_cannot_work_is_named_and_one(variable: str, value: str, earshelf: Run) -> None:
    finished = earshelf("serve", **{variable: value})
    assert variable in one_line(finished)
    assert finished.returncode == 1


def test_a_port_in_use_is_told_as_one(earshelf: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        finished = earshelf("serve", "--port", port, WEB_AUTH_TOKEN="a-token-of-ones-own")
    assert port in one_line(finished)
    assert finished.returncode == 1


def test_a_configuration_folder_that_is_a_file_is_told_as_one(earshelf: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    finished = earshelf("api-key", "--config-dir", str(tmp_path / "taken"))
    assert "taken" in one_line(finished)
    assert finished.returncode == 1


def test_keys_stay_the_same_until_they_are_replaced(earshelf: Run) -> None:
    first, again = earshelf("api-key"), earshelf("api-key")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == again.stdout
    assert len(first.stdout.split()) == 1
    assert earshelf("api-key", "--regenerate").stdout != first.stdout


def test_a_database_is_brought_to_this_version(earshelf: Run, tmp_path: Path) -> None:
    assert earshelf("migrate").returncode == 0
    assert (tmp_path / "config" / "earshelf.db").is_file()


def test_check_ends_with_one_while_something_is_wrong(earshelf: Run, tmp_path: Path) -> None:
    finished = earshelf("check", EARSHELF_LIBRARY_DIR=str(tmp_path / "gone"))
    assert finished.returncode == 1
    assert f"error   library: '{tmp_path / 'gone'}' does not exist" in finished.stdout
    (tmp_path / "gone").mkdir()
    assert earshelf("check", EARSHELF_LIBRARY_DIR=str(tmp_path / "gone")).returncode == 0


@pytest.mark.parametrize("surface", ["v1", "operator"])
def test_documents_need_neither_folder_nor_network(surface: str, earshelf: Run, tmp_path: Path) -> None:
    finished = earshelf("openapi", surface)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert '"openapi": "3.1' in finished.stdout
    assert not (tmp_path / "config").exists()
