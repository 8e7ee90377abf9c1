"""What the wheel carries."""

import pkgutil
from importlib import import_module
from importlib.metadata import files, metadata
from importlib.resources import files as resources
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def carried() -> set[str]:
    return {str(path) for path in files("earshelf") or ()}


def test_the_package_is_the_installed_one() -> None:
    assert "site-packages" in Path(import_module("earshelf").__file__ or "").parts


def test_types_travel_along(carried: set[str]) -> None:
    assert "earshelf/py.typed" in carried


@pytest.mark.parametrize("name", ["index.html", "start.js"])
def test_the_pages_of_the_documentation_travel_along(name: str) -> None:
    assert (resources("earshelf.entrypoints.docs") / name).read_text(encoding="utf-8").strip()


def test_migrations_are_numbered_without_a_gap() -> None:
    folder = resources("earshelf.adapters.sqlite") / "migrations"
    numbers = sorted(int(script.name[:4]) for script in folder.iterdir() if script.name.endswith(".sql"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_every_suite_imports_without_the_checkout() -> None:
    room = import_module("earshelf.contracts")
    names = [module.name for module in pkgutil.iter_modules(room.__path__)]
    assert {"storage", "queries", "settings", "secrets", "connectors", "troubles"} <= set(names)
    for name in names:
        assert import_module(f"earshelf.contracts.{name}").__doc__


def test_nothing_but_the_package_is_installed(carried: set[str]) -> None:
    rooms = {Path(path).parts[0] for path in carried if not path.startswith("..")}
    assert {room for room in rooms if not room.endswith(".dist-info")} == {"earshelf"}
    assert not any("tests" in Path(path).parts for path in carried)


def test_the_licence_and_the_readme_are_told() -> None:
    told = metadata("earshelf")
    assert told["License-Expression"] == "MIT"
    assert any("licenses/LICENSE" in str(path) for path in files("earshelf") or ())
    assert "# Earshelf" in str(told.json["description"])
