"""What a command does when nobody can take what it prints: one line on standard error, and a code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [("api-key",), ("token", "--regenerate"), ("check",), ("migrate",), ("openapi", "v1"), ("demo", "--once")]


def run(redirection: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command behind a shell's redirection of its output."""
    command = " ".join([sys.executable, "-m", "earshelf", *arguments, redirection])
    environment = {"PATH": os.environ["PATH"], "CONFIG_DIR": str(folder), "EARSHELF_LIBRARY_DIR": str(folder)}
    return subprocess.run(
        ["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk_is_one_line_and_a_failure(arguments: tuple[str, ...], tmp_path: Path) -> None:
    finished = run(">/dev/full", tmp_path, *arguments)
    assert finished.stderr == "earshelf: Standard output cannot be written: No space left on device\n"
    assert finished.returncode == 1


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_closed_output_is_one_line_and_a_failure(arguments: tuple[str, ...], tmp_path: Path) -> None:
    finished = run(">&-", tmp_path, *arguments)
    assert finished.stderr == "earshelf: Standard output is closed; nothing could be printed\n"
    assert finished.returncode == 1


def test_a_key_that_cannot_be_shown_is_not_replaced(tmp_path: Path) -> None:
    before = run("", tmp_path, "api-key").stdout
    run(">&-", tmp_path, "api-key", "--regenerate")
    assert run("", tmp_path, "api-key").stdout == before


def test_a_reader_that_leaves_early_is_no_failure(tmp_path: Path) -> None:
    finished = run("| :", tmp_path, "openapi", "v1")
    assert (finished.returncode, finished.stderr) == (0, "")
