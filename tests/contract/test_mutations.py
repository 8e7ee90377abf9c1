"""The suites notice when a storage is wrong: five broken ones fail, and the sound one passes the same run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract import broken

FAILED_TESTS = 1


def run_suites(breakage: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs the suites on a memory storage with one thing wrong, in an interpreter of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", broken.__file__]
    return subprocess.run(
        [*command, f"--basetemp={folder / 'inner'}"],
        env={**os.environ, "EARSHELF_BREAKAGE": breakage},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("breakage", "witness"),
    [
        ("rollback keeps", "test_leaving_without_commit_undoes_everything"),
        ("uncommitted work visible", "test_uncommitted_work_is_invisible"),
        ("version ignored", "test_a_stale_book_is_refused_and_the_unit_stays_usable"),
        ("duplicate ASIN accepted", "test_an_asin_belongs_to_one_book_whatever_its_case"),
        ("ties unsorted", "test_ties_go_by_id_in_the_wished_direction"),
    ],
)
def test_a_broken_storage_fails_the_suites(breakage: str, witness: str, tmp_path: Path) -> None:
    outcome = run_suites(breakage, tmp_path)
    assert outcome.returncode == FAILED_TESTS, outcome.stdout
    assert witness in outcome.stdout


def test_the_sound_storage_passes_the_same_run(tmp_path: Path) -> None:
    outcome = run_suites("none", tmp_path)
    assert outcome.returncode == 0, outcome.stdout
