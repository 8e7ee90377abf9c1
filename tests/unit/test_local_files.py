"""What only a real disk can do: links, other disks, permissions and power cuts."""

import asyncio
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from earshelf.adapters.files.local import LocalFiles
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.ids import ImportId
from earshelf.domain.import_errors import UnsafeSource
from earshelf.domain.imports import ImportMode
from earshelf.ports.files import StagedFile, StagingPlan

IMPORT = ImportId("im_AAAAAAAAAAAAAAAAAAAAAA")
MEMORY_DISK = Path("/dev/shm")
ODD_FILE = Path("/proc/version")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "downloads" / "book" / "a.mp3"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"sound")
    return path


@pytest.fixture
def on_another_disk(tmp_path: Path) -> Iterator[Path]:
    if not MEMORY_DISK.is_dir() or MEMORY_DISK.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has one disk only")
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK) as folder:
        path = Path(folder) / "a.mp3"
        path.write_bytes(b"sound")
        yield path


def plan(target: Path, source: Path, mode: ImportMode = ImportMode.COPY) -> StagingPlan:
    return StagingPlan(IMPORT, str(target), [StagedFile(str(source), "a.mp3")], mode)


async def imported(library: Path, source: Path, mode: ImportMode) -> Path:
    target = library / "Author" / "Title"
    files = LocalFiles()
    await files.stage(plan(target, source, mode), library=str(library))
    await files.publish(IMPORT, str(target))
    await files.settle(IMPORT, str(target))
    return target / "a.mp3"


def traits(path: Path) -> tuple[int, int, int]:
    """What a player or a torrent client would notice being changed."""
    facts = path.stat()
    return facts.st_mode, facts.st_mtime_ns, facts.st_uid


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if happened():
                return
            await asyncio.sleep(0.005)


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("mode", [ImportMode.HARDLINK, ImportMode.MOVE])
async def test_on_one_disk_a_link_takes_no_second_space(mode: ImportMode, library: Path, source: Path) -> None:
    before = traits(source)
    book = await imported(library, source, mode)
    assert book.samefile(source)
    assert traits(source) == before


async def test_a_copy_shares_nothing_with_its_source(library: Path, source: Path) -> None:
    before = traits(source)
    book = await imported(library, source, ImportMode.COPY)
    assert book.read_bytes() == b"sound"
    assert not book.samefile(source)
    assert traits(source) == before


@pytest.mark.parametrize("mode", [ImportMode.HARDLINK, ImportMode.MOVE])
async def test_what_lies_on_another_disk_is_copied(mode: ImportMode, library: Path, on_another_disk: Path) -> None:
    book = await imported(library, on_another_disk, mode)
    assert book.read_bytes() == b"sound"
    assert not book.samefile(on_another_disk)


@pytest.mark.skipif(not ODD_FILE.exists(), reason="needs a file whose size is never what it says")
@pytest.mark.parametrize("mode", [ImportMode.HARDLINK, ImportMode.COPY])
async def test_a_source_whose_size_changes_while_it_is_copied_is_refused(mode: ImportMode, library: Path) -> None:
    with pytest.raises(FilesUnavailable, match="changed while it was read"):
        await LocalFiles().stage(plan(library / "Title", ODD_FILE, mode), library=str(library))
    assert below(library) == []


@pytest.mark.parametrize("mode", list(ImportMode))
async def test_a_link_or_pipe_that_took_a_sources_place_is_refused(
    mode: ImportMode, library: Path, source: Path
) -> None:
    link, pipe = source.with_name("link.mp3"), source.with_name("pipe.mp3")
    link.symlink_to(source)
    os.mkfifo(pipe)
    for path in (link, pipe):
        with pytest.raises(FilesUnavailable, match="no regular file"):
            await LocalFiles().stage(plan(library / "Title", path, mode), library=str(library))
    assert below(library) == []


@pytest.mark.parametrize("leads_to", ["outside", "outside/deeper", "not there yet"])
async def test_an_author_folder_that_is_a_link_out_of_the_library_is_refused(
    leads_to: str, library: Path, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside" / "deeper").mkdir(parents=True)
    (library / "Author").symlink_to(tmp_path / leads_to)
    for target in (library / "Author" / "Title", library / "Author" / "Series" / "Title", library / "Author"):
        with pytest.raises(UnsafeSource, match="link"):
            await LocalFiles().stage(plan(target, source), library=str(library))
    assert below(tmp_path / "outside") == ["deeper"]
    assert not (tmp_path / "not there yet").exists()


async def test_an_author_folder_that_links_within_the_library_is_welcome(library: Path, source: Path) -> None:
    (library / "A" / "Author").mkdir(parents=True)
    (library / "Author").symlink_to("A/Author")
    await imported(library, source, ImportMode.COPY)
    assert (library / "A" / "Author" / "Title" / "a.mp3").read_bytes() == b"sound"


async def test_a_library_that_is_itself_a_link_works_like_any_other(
    library: Path, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "shelf").symlink_to(library)
    book = await imported(tmp_path / "shelf", source, ImportMode.HARDLINK)
    assert book.read_bytes() == b"sound"


async def test_what_a_link_leads_to_is_not_inside_the_library_by_that_name(
    library: Path, source: Path, tmp_path: Path
) -> None:
    (library / "Author" / "Title").mkdir(parents=True)
    (library / "Away").symlink_to(source.parent)
    (library / "Alias").symlink_to(library / "Author")
    (tmp_path / "shelf").symlink_to(library)
    inside = [library / "Author", tmp_path / "shelf" / "Author" / "Title"]
    outside = ["Away", "Away/book", "Alias", "Alias/Title"]
    files = LocalFiles()
    assert await files.is_inside(str(inside[0]), str(library))
    assert await files.is_inside(str(inside[1]), str(tmp_path / "shelf"))
    for path in outside:
        assert not await files.is_inside(str(library / path), str(library)), path


async def test_an_import_that_fails_leaves_no_empty_author_folder(library: Path, source: Path) -> None:
    gone = source.with_name("gone.mp3")
    with pytest.raises(FilesUnavailable):
        await LocalFiles().stage(plan(library / "Author" / "Series" / "Title", gone), library=str(library))
    assert below(library) == []


async def test_old_files_reached_through_a_link_are_not_deleted(library: Path, source: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "old.mp3").write_bytes(b"other")
    target = library / "Title"
    target.mkdir()
    (target / "disc").symlink_to(tmp_path / "elsewhere")
    files = LocalFiles()
    await files.stage(plan(target, source), library=str(library))
    await files.publish(IMPORT, str(target))
    await files.settle(IMPORT, str(target), replaced=["disc/old.mp3"])
    assert (tmp_path / "elsewhere" / "old.mp3").read_bytes() == b"other"
    assert below(library) == ["Title", "Title/a.mp3", "Title/disc"]


async def test_a_file_in_the_books_place_moves_into_its_folder(library: Path, source: Path) -> None:
    target = library / "a.mp3"
    target.write_bytes(b"mine")
    files = LocalFiles()
    await files.stage(plan(target, source), library=str(library))
    await files.publish(IMPORT, str(target))
    await files.settle(IMPORT, str(target))
    assert {(target / name).read_bytes() for name in below(target)} == {b"sound", b"mine"}


async def test_what_appears_in_a_books_place_halfway_is_neither_lost_nor_overwritten(
    library: Path, source: Path
) -> None:
    target = library / "Title"
    target.mkdir()
    (target / "old.mp3").write_bytes(b"old")
    files = LocalFiles()
    await files.stage(plan(target, source), library=str(library))
    previous = library / f".earshelf-{IMPORT}.previous"
    target.rename(previous)  # as far as a killed publish may have come
    target.mkdir()
    (target / "new.txt").write_bytes(b"newcomer")
    for refused in (files.publish, files.discard):
        with pytest.raises(FilesUnavailable, match="merge the two by hand"):
            await refused(IMPORT, str(target))
    assert (previous / "old.mp3").read_bytes() == b"old"
    assert (target / "new.txt").read_bytes() == b"newcomer"


async def test_settling_a_book_that_was_deleted_meanwhile_puts_the_old_one_back(library: Path, source: Path) -> None:
    target = library / "Title"
    target.mkdir()
    (target / "notes.txt").write_bytes(b"mine")
    files = LocalFiles()
    await files.stage(plan(target, source), library=str(library))
    await files.publish(IMPORT, str(target))
    target.rename(library.parent / "taken away")
    await files.settle(IMPORT, str(target))
    assert below(library) == ["Title", "Title/notes.txt"]


async def test_an_import_id_that_is_no_id_names_no_folder(library: Path) -> None:
    for key in ("", "../x", "a/b", "x" * 65):
        with pytest.raises(UnsafeSource):
            await LocalFiles().discard(ImportId(key), str(library / "Title"))


async def test_a_refusal_names_the_path_the_reason_and_the_remedy(library: Path, source: Path) -> None:
    (library / "Author").write_bytes(b"a file")
    with pytest.raises(FilesUnavailable, match=r"library/Author.*: .+; .+"):
        await LocalFiles().stage(plan(library / "Author" / "Title", source), library=str(library))
    with pytest.raises(FilesUnavailable, match=r"too long; shorten"):
        await LocalFiles().stage(plan(library / ("x" * 300) / "Title", source), library=str(library))


@contextmanager
def no_file_may_grow_beyond(size: int) -> Iterator[None]:
    """The nearest thing to a full disk that nobody needs privileges for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_takes_no_more_is_named_by_the_path_in_the_library(library: Path, source: Path) -> None:
    with source.open("wb") as file:
        file.truncate(3 << 20)
    with no_file_may_grow_beyond(1 << 20), pytest.raises(FilesUnavailable) as refusal:
        await LocalFiles().stage(plan(library / "Title", source), library=str(library))
    assert refusal.value.message.startswith(f"'{library}/")


async def test_a_link_that_cannot_be_made_is_named_by_its_place_in_the_library(library: Path, source: Path) -> None:
    staged = [StagedFile(str(source), "x" * 300)]
    with pytest.raises(FilesUnavailable, match="too long") as refusal:
        await LocalFiles().stage(
            StagingPlan(IMPORT, str(library / "Title"), staged, ImportMode.HARDLINK), library=str(library)
        )
    assert refusal.value.message.startswith(f"'{library}/")


async def test_a_cancelled_import_stops_copying(library: Path, tmp_path: Path) -> None:
    endless = tmp_path / "endless.mp3"
    with endless.open("wb") as file:
        file.truncate(1 << 40)
    staging = asyncio.create_task(LocalFiles().stage(plan(library / "Title", endless), library=str(library)))
    staged = library / f".earshelf-{IMPORT}.staging" / "a.mp3"
    await until(lambda: staged.exists() and staged.stat().st_size > 0)
    staging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await staging
    await until(lambda: below(library) == [])
