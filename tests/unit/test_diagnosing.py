"""What is wrong with an installation, and the remedy."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from earshelf.adapters.files.local import LocalFiles
from earshelf.adapters.memory.settings import MemorySettings
from earshelf.domain.books import BookStatus
from earshelf.domain.errors import (
    ConfigurationError,
    FilesUnavailable,
    IntegrationKind,
    StorageUnavailable,
    Unreachable,
)
from earshelf.domain.events import BookFilesChanged, ChangeReason
from earshelf.domain.import_errors import LibraryEmpty
from earshelf.domain.settings import Settings
from earshelf.domain.usecases.diagnosing import Finding, Severity
from earshelf.ports.storage import UnitOfWork
from tests.contract.suites.makers import a_release
from tests.unit.house import House

OK, WARNING, ERROR = Severity.OK, Severity.WARNING, Severity.ERROR


def of(findings: Sequence[Finding], subject: str) -> Finding:
    (finding,) = [one for one in findings if one.subject == subject]
    return finding


class UnreadableSettings(MemorySettings):
    """A settings file that somebody broke."""

    async def load(self) -> Settings:
        raise ConfigurationError("settings.json is no JSON; mend or remove it")


class UnreadableFiles(LocalFiles):
    """A mount that went away."""

    async def is_folder(self, path: str) -> bool:
        raise FilesUnavailable(f"'{path}': input/output error")


class NoStorage:
    """A database that does not answer."""

    def unit(self) -> UnitOfWork:
        raise StorageUnavailable("The database does not answer")


async def flushed(house: House) -> None:
    """Flushes, letting the clock run for whoever waits for a second try."""
    task = asyncio.create_task(house.refreshing.flush())
    async with asyncio.timeout(10):
        while not task.done():
            await asyncio.sleep(0)
            house.clock.advance(0.1)
    await task


async def test_a_new_installation_says_what_to_do_first() -> None:
    findings = await House().diagnosing.findings()
    assert {(one.severity, one.subject) for one in findings} == {
        (OK, "storage"),
        (WARNING, "library"),
        (WARNING, "indexers"),
        (WARNING, "download clients"),
    }
    assert "library.path" in of(findings, "library").message


async def test_a_sound_installation_has_no_warnings(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    await house.indexer()
    await house.client()
    await house.connector()
    findings = await house.diagnosing.findings()
    assert {one.severity for one in findings} == {OK}
    assert {"indexer 'Shelf'", "download client 'seedbox'", "connector 'Plex'"} < {one.subject for one in findings}


async def test_nobody_is_contacted() -> None:
    house = House()
    await house.indexer()
    await house.client()
    await house.connector()
    await house.diagnosing.findings()
    assert house.neighbours.built == []


async def test_neighbours_that_are_all_disabled_are_as_good_as_none() -> None:
    house = House()
    await house.indexer(enabled=False)
    findings = await house.diagnosing.findings()
    assert of(findings, "indexers").severity is WARNING
    assert "indexer 'Shelf'" not in {one.subject for one in findings}


async def test_a_library_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path / "gone")})
    finding = of(await house.diagnosing.findings(), "library")
    assert (finding.severity, "create or mount it" in finding.message) == (ERROR, True)


async def test_a_bare_library_is_an_error_once_books_should_lie_in_it(tmp_path: Path) -> None:
    house = House()
    await house.change(library={"path": str(tmp_path)})
    assert of(await house.diagnosing.findings(), "library").severity is OK
    await house.shelve(folder=str(tmp_path / "A"))
    finding = of(await house.diagnosing.findings(), "library")
    assert finding == Finding(ERROR, "library", LibraryEmpty(str(tmp_path), 1).message)


async def test_a_library_that_cannot_be_looked_at_is_an_error() -> None:
    house = House(files=UnreadableFiles())
    await house.change(library={"path": "/library"})
    finding = of(await house.diagnosing.findings(), "library")
    assert (finding.severity, finding.message) == (ERROR, "'/library': input/output error")


async def test_settings_that_cannot_be_read_are_an_error() -> None:
    finding = of(await House(settings=UnreadableSettings()).diagnosing.findings(), "settings")
    assert (finding.severity, finding.message) == (ERROR, "settings.json is no JSON; mend or remove it")


async def test_a_database_that_does_not_answer_is_the_only_finding() -> None:
    findings = await House(storage=NoStorage()).diagnosing.findings()
    assert findings == [Finding(ERROR, "storage", "The database does not answer")]


@pytest.mark.parametrize("again", [False, True], ids=["in trouble", "answering again"])
async def test_the_last_trouble_with_each_neighbour_is_told(again: bool) -> None:
    house = House()
    indexer, client, connector = await house.indexer(), await house.client(), await house.connector()
    book = await house.shelve(status=BookStatus.WANTED)
    await house.grabbing.grab_release(a_release(), book_id=book.id)
    away = Unreachable(IntegrationKind.SERVER, "It", "connection refused")
    for trouble in [away, None] if again else [away]:
        indexer.trouble = client.trouble = connector.trouble = trouble
        await house.searching.candidates(book.id)
        await house.monitoring.look()
        await house.refreshing.note(BookFilesChanged(book.id, ChangeReason.IMPORT))
        await flushed(house)
    findings = await house.diagnosing.findings()
    for subject in ("indexer 'Shelf'", "download client 'seedbox'", "connector 'Plex'"):
        finding = of(findings, subject)
        assert (finding.severity, finding.message) == ((OK, "no trouble seen") if again else (WARNING, away.message))
