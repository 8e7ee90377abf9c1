"""The built wheel, tried from outside of the checkout.

``.ci/run`` copies this folder out of it, with README.md and docs/ into the copy, and runs it with the wheel's Python.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

Finished = subprocess.CompletedProcess[str]
Run = Callable[..., Finished]

_HERE = Path(__file__).parent
_FENCED = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PATIENCE_SECONDS = 60


def pytest_configure() -> None:
    if find_spec("earshelf.contracts") is None or not (_HERE / "docs").is_dir():
        raise pytest.UsageError("These tests need the built wheel and a copy of docs/ beside them; .ci/run has both")


@pytest.fixture(scope="session")
def readme() -> str:
    return (_HERE / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def examples() -> Callable[[str], list[str]]:
    """Returns the Python blocks of a document, in order."""

    def of(document: str) -> list[str]:
        return _FENCED.findall((_HERE / document).read_text(encoding="utf-8"))

    return of


@pytest.fixture
def bare_environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing is configured but a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TMPDIR"}}
    return {**kept, "HOME": str(tmp_path), "CONFIG_DIR": str(tmp_path / "config"), "PYTHONWARNINGS": "error"}


@pytest.fixture
def python(tmp_path: Path, bare_environment: dict[str, str]) -> Run:
    """Runs this environment's Python in an empty folder until it ends."""

    def run(*arguments: str, **variables: str) -> Finished:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**bare_environment, **variables},
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )

    return run


@pytest.fixture
def earshelf(tmp_path: Path, bare_environment: dict[str, str]) -> Run:
    """Runs the installed command until it ends."""

    def run(*arguments: str, **variables: str) -> Finished:
        return subprocess.run(
            [str(Path(sys.executable).with_name("earshelf")), *arguments],
            cwd=tmp_path,
            env={**bare_environment, **variables},
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )

    return run
