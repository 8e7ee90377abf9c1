"""The installed command: what it prints, and with which code it ends."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Finished = subprocess.CompletedProcess[str]
Run = Callable[..., Finished]
COMMANDS = (
    *("serve", "demo", "migrate", "check", "api-key", "token", "openapi"),
    *("backup", "restore", "rotate-key", "copy-database"),
)


def one_line(finished: Finished) -> str:
    """The error as told: one line on standard error, nothing on standard output, no traceback."""
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert line.startswith("earshelf")
    return line


def test_help_names_every_command(earshelf: Run) -> None:
    helped = earshelf("--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    listed = [line.split()[0] for line in helped.stdout.splitlines() if line.startswith("    ") and line[4:5] != " "]
    assert set(COMMANDS) <= set(listed)


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
        ("backup",),
        ("restore", "one.zip", "two.zip"),
        ("copy-database", "sqlite:///one.db"),
        ("rotate-key", "now"),
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


def test_a_backup_comes_back_and_is_refused_once_it_is_spoiled(earshelf: Run, tmp_path: Path) -> None:
    key = earshelf("api-key").stdout
    assert earshelf("backup", "shelf.zip").returncode == 0
    earshelf("api-key", "--regenerate")
    assert earshelf("restore", "shelf.zip", "--dry-run").returncode == 0
    assert earshelf("api-key").stdout != key
    assert earshelf("restore", "shelf.zip").returncode == 0
    assert earshelf("api-key").stdout == key
    (tmp_path / "shelf.zip").write_bytes(b"spoiled")
    finished = earshelf("restore", "shelf.zip")
    assert "shelf.zip" in one_line(finished)
    assert finished.returncode == 1


def test_a_new_key_keeps_the_credentials(earshelf: Run, tmp_path: Path) -> None:
    key, file = earshelf("api-key").stdout, tmp_path / "config" / "secret.key"
    before = file.read_text()
    assert earshelf("rotate-key").returncode == 0
    assert file.read_text() != before
    assert earshelf("api-key").stdout == key


def test_a_copied_database_holds_the_same(earshelf: Run, tmp_path: Path) -> None:
    key, copy = earshelf("api-key").stdout, f"sqlite:///{tmp_path / 'copy.db'}"
    assert earshelf("copy-database", f"sqlite:///{tmp_path / 'config' / 'earshelf.db'}", copy).returncode == 0
    assert earshelf("api-key", EARSHELF_DATABASE_URL=copy).stdout == key
    finished = earshelf("copy-database", copy, "postgresql://me:hush@127.0.0.1:1/shelf")
    assert "hush" not in one_line(finished)
    assert finished.returncode == 1


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
