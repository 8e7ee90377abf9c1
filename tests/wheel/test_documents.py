"""What the documents show is what the wheel does."""

import re
import subprocess
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

_GUIDE = "docs/writing-an-adapter.md"
Finished = subprocess.CompletedProcess[str]
Examples = Callable[[str], list[str]]
Run = Callable[..., Finished]
_HERE = Path(__file__).parent
_SETTINGS_ARE_KEPT = """
import asyncio

asyncio.run(container.configuring().change_settings({"quality": {"min_seeders": 7}}))
"""


def _command() -> list[str]:
    """The words of the command that the guide tells to run."""
    (line,) = re.findall(r"`(pytest [^`]+\.py)`", (_HERE / _GUIDE).read_text(encoding="utf-8"))
    return str(line).split()


def test_the_example_adapter_passes_its_suite_and_takes_its_place(
    examples: Examples, tmp_path: Path, python: Run
) -> None:
    adapter, wiring = examples(_GUIDE)
    (tmp_path / _command()[-1]).write_text(adapter, encoding="utf-8")
    tried = python("-m", *_command())
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "8 passed" in tried.stdout
    (tmp_path / "wiring.py").write_text(wiring + _SETTINGS_ARE_KEPT, encoding="utf-8")
    wired = python("wiring.py")
    assert wired.returncode == 0, wired.stderr
    assert b'"min_seeders": 7' in (tmp_path / "settings.db").read_bytes()


def test_the_example_adapter_can_be_taken_in_at_a_look(examples: Examples) -> None:
    assert len(examples(_GUIDE)[0].splitlines()) <= 60


def test_an_adapter_that_breaks_a_promise_fails_the_suite(examples: Examples, tmp_path: Path, python: Run) -> None:
    adapter = examples(_GUIDE)[0]
    broken = adapter.replace("INSERT OR REPLACE", "INSERT OR IGNORE")
    assert broken != adapter
    (tmp_path / _command()[-1]).write_text(broken, encoding="utf-8")
    tried = python("-m", *_command())
    assert tried.returncode == 1
    assert "test_saving_replaces_what_was_stored" in tried.stdout


def test_the_blocks_on_embedding_run_as_they_stand(examples: Examples, tmp_path: Path, python: Run) -> None:
    blocks = examples("docs/embedding.md")
    assert blocks
    (tmp_path / "embedding.py").write_text("\n".join(blocks), encoding="utf-8")
    ran = python("embedding.py")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "['Feed']\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["embedding.py"]


def test_the_readme_names_commands_that_exist(readme: str, earshelf: Run) -> None:
    named = set(re.findall(r"(?:`|bin/)earshelf ([a-z][a-z-]*)", readme))
    assert {"serve", "demo", "check"} <= named
    for command in sorted(named):
        assert earshelf(command, "--help").returncode == 0


@pytest.mark.parametrize("document", ["README.md", "docs/architecture.md", "docs/embedding.md", _GUIDE])
def test_a_document_names_documents_and_modules_that_exist(document: str) -> None:
    text = (_HERE / document).read_text(encoding="utf-8")
    named = set(re.findall(r"`(docs/[\w-]+\.md)`", text))
    assert [name for name in sorted(named) if not (_HERE / name).is_file()] == []
    rooms = "adapters|config|contracts|domain|entrypoints|ports"
    modules = {found.removeprefix("earshelf.") for found in re.findall(rf"`((?:earshelf\.)?(?:{rooms})[\w.]*)`", text)}
    modules |= {found.replace("/", ".") for found in re.findall(rf"`(?:earshelf/)?((?:{rooms})/[\w/]+)\.py`", text)}
    assert [name for name in sorted(modules) if not _exists(f"earshelf.{name}")] == []


def _exists(name: str) -> bool:
    """Whether there is such a module, or something of that name in one."""
    module, _, inside = name.rpartition(".")
    holder = import_module(module)
    is_module = hasattr(holder, "__path__") and find_spec(name) is not None
    return is_module or hasattr(holder, inside)
