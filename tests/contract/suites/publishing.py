"""The way of a book onto the shelf, and what becomes of the one that was there before."""

import pytest

from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.import_errors import UnsafeSource
from earshelf.domain.imports import ImportMode
from earshelf.ports.files import LibraryFiles, StagedFile, StagingPlan

from .disk import FIRST, MODES, SECOND, Disk, book, written


class PublishingContract:
    """The way of a book onto the shelf."""

    @pytest.mark.parametrize("mode", MODES)
    async def test_a_book_appears_only_when_it_is_published(
        self, mode: ImportMode, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = f"{library}/Author/Title"
        await files.stage(book(target, written(disk, downloads, b"one", b"two"), mode=mode), library=library)
        assert not await files.exists(target)
        assert not await files.is_published(FIRST, target)
        hidden = [path for path in disk.below(library) if any(part.startswith(".") for part in path.split("/"))]
        assert hidden == disk.below(library)
        await files.publish(FIRST, target)
        assert await files.is_published(FIRST, target)
        assert [disk.read(f"{target}/{name}") for name in ("1.mp3", "2.mp3")] == [b"one", b"two"]

    @pytest.mark.parametrize("mode", MODES)
    async def test_a_settled_book_leaves_no_traces_and_its_sources_as_they_were(
        self, mode: ImportMode, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = f"{library}/Author/Title"
        sources = written(disk, downloads, b"one", b"two")
        await files.stage(book(target, sources, mode=mode), library=library)
        await files.publish(FIRST, target)
        for _ in range(2):
            await files.settle(FIRST, target)
            assert disk.below(library) == ["Author/Title/1.mp3", "Author/Title/2.mp3"]
        assert not await files.is_published(FIRST, target)
        assert [disk.read(path) for path in sources] == [b"one", b"two"]

    async def test_staging_again_starts_afresh(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = f"{library}/Title"
        sources = written(disk, downloads, b"one", b"two")
        await files.stage(book(target, sources), library=library)
        await files.stage(book(target, sources[1:]), library=library)
        await files.publish(FIRST, target)
        await files.settle(FIRST, target)
        assert [(path, disk.read(f"{library}/{path}")) for path in disk.below(library)] == [("Title/1.mp3", b"two")]

    async def test_publishing_again_changes_nothing(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = f"{library}/Title"
        await files.stage(book(target, written(disk, downloads, b"one")), library=library)
        await files.publish(FIRST, target)
        await files.publish(FIRST, target)
        assert await files.is_published(FIRST, target)
        assert disk.read(f"{target}/1.mp3") == b"one"

    async def test_what_was_never_staged_cannot_be_published(
        self, files: LibraryFiles, disk: Disk, library: str
    ) -> None:
        disk.write(f"{library}/Title/old.mp3", b"old")
        with pytest.raises(FilesUnavailable):
            await files.publish(FIRST, f"{library}/Title")
        assert disk.below(library) == ["Title/old.mp3"]

    async def test_only_the_import_that_put_a_book_there_has_published_it(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = f"{library}/Title"
        await files.stage(book(target, written(disk, downloads, b"one")), library=library)
        await files.publish(FIRST, target)
        assert not await files.is_published(SECOND, target)
        assert not await files.is_published(FIRST, f"{library}/Other")

    @pytest.mark.parametrize("place", ["", "/", "/..", "/../escape", "/A/../../escape", "-beside/Title"])
    async def test_a_target_outside_the_library_is_refused(
        self, place: str, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        sources = written(disk, downloads, b"one")
        with pytest.raises(UnsafeSource):
            await files.stage(book(library + place, sources), library=library)
        assert disk.below(library.rpartition("/")[0]) == ["downloads/source 1.mp3"]

    @pytest.mark.parametrize("name", ["", ".", "..", "../escape.mp3", "/etc/escape.mp3", "sub/a.mp3", "a\0.mp3"])
    async def test_a_file_name_that_leaves_the_books_folder_is_refused(
        self, name: str, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        (source,) = written(disk, downloads, b"one")
        plan = StagingPlan(FIRST, f"{library}/Title", [StagedFile(source, name)], ImportMode.COPY)
        with pytest.raises(UnsafeSource):
            await files.stage(plan, library=library)
        assert disk.below(library) == []

    @pytest.mark.parametrize("mode", MODES)
    async def test_a_source_that_is_gone_leaves_nothing_half_done(
        self, mode: ImportMode, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        sources = [*written(disk, downloads, b"one"), f"{downloads}/gone.mp3"]
        with pytest.raises(FilesUnavailable, match=r"gone\.mp3"):
            await files.stage(book(f"{library}/A/Title", sources, mode=mode), library=library)
        assert disk.below(library) == []
        with pytest.raises(FilesUnavailable):
            await files.publish(FIRST, f"{library}/A/Title")

    @pytest.mark.parametrize("mode", MODES)
    async def test_two_files_of_one_name_are_refused_instead_of_one_being_lost(
        self, mode: ImportMode, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        staged = [StagedFile(source, "same.mp3") for source in written(disk, downloads, b"one", b"two")]
        with pytest.raises(FilesUnavailable):
            await files.stage(StagingPlan(FIRST, f"{library}/Title", staged, mode), library=library)


class ReplacingContract:
    """What becomes of the folder that was there before."""

    async def _replace(self, files: LibraryFiles, disk: Disk, library: str, downloads: str) -> str:
        target = f"{library}/Author/Title"
        for name in ("1.mp3", "old.mp3", "disc/2.mp3", "disc/notes.txt", "cover.jpg", "mine/extra.pdf"):
            disk.write(f"{target}/{name}", b"old " + name.encode())
        await files.stage(book(target, written(disk, downloads, b"new")), library=library)
        await files.publish(FIRST, target)
        return target

    async def test_a_book_of_two_imports_is_never_seen(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = await self._replace(files, disk, library, downloads)
        assert [path for path in disk.below(target) if not path.startswith(".")] == ["1.mp3"]
        assert disk.read(f"{target}/1.mp3") == b"new"

    async def test_settling_deletes_our_old_files_and_brings_back_foreign_ones(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = await self._replace(files, disk, library, downloads)
        for _ in range(2):
            await files.settle(FIRST, target, replaced=["1.mp3", "old.mp3", "disc/2.mp3", "long gone.mp3"])
            assert disk.below(library) == [
                f"Author/Title/{name}" for name in ("1.mp3", "cover.jpg", "disc/notes.txt", "mine/extra.pdf")
            ]
        assert disk.read(f"{target}/1.mp3") == b"new"
        assert disk.read(f"{target}/cover.jpg") == b"old cover.jpg"

    async def test_a_foreign_file_with_the_name_of_a_new_one_is_kept_beside_it(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = await self._replace(files, disk, library, downloads)
        await files.settle(FIRST, target, replaced=["old.mp3"])
        kept = {disk.read(f"{target}/{path}") for path in disk.below(target)}
        assert {b"new", b"old 1.mp3"} <= kept
        assert disk.read(f"{target}/1.mp3") == b"new"

    async def test_names_that_leave_the_old_folder_delete_nothing(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        disk.write(f"{library}/Author/Other/a.mp3", b"other")
        target = await self._replace(files, disk, library, downloads)
        outside = f"{library}/Author/Other/a.mp3"
        await files.settle(FIRST, target, replaced=["../Other/a.mp3", outside, "", ".", "..", "disc"])
        assert disk.read(outside) == b"other"
        assert disk.read(f"{target}/disc/notes.txt") == b"old disc/notes.txt"

    async def test_discarding_puts_the_old_book_back_whole(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = await self._replace(files, disk, library, downloads)
        for _ in range(2):
            await files.discard(FIRST, target)
            assert disk.below(target) == [
                "1.mp3", "cover.jpg", "disc/2.mp3", "disc/notes.txt", "mine/extra.pdf", "old.mp3",
            ]  # fmt: skip
            assert disk.read(f"{target}/1.mp3") == b"old 1.mp3"
        assert disk.below(library) == [f"Author/Title/{path}" for path in disk.below(target)]

    async def test_discarding_a_staged_book_leaves_the_present_one_alone(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        disk.write(f"{library}/Title/old.mp3", b"old")
        await files.stage(book(f"{library}/Title", written(disk, downloads, b"new")), library=library)
        await files.discard(FIRST, f"{library}/Title")
        assert disk.below(library) == ["Title/old.mp3"]

    async def test_discarding_what_never_was_is_no_error(self, files: LibraryFiles, disk: Disk, library: str) -> None:
        await files.discard(FIRST, f"{library}/Author/Title")
        assert disk.below(library) == []

    async def test_a_file_that_somebody_added_to_a_discarded_book_is_kept(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = f"{library}/Title"
        await files.stage(book(target, written(disk, downloads, b"new")), library=library)
        await files.publish(FIRST, target)
        disk.write(f"{target}/notes.txt", b"mine")
        await files.discard(FIRST, target)
        assert disk.below(library) == ["Title/notes.txt"]

    async def test_a_later_import_replaces_one_that_was_never_settled(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        target = f"{library}/Title"
        sources = written(disk, downloads, b"one", b"two")
        await files.stage(book(target, sources), library=library)
        await files.publish(FIRST, target)
        await files.stage(book(target, sources[1:], import_id=SECOND), library=library)
        await files.publish(SECOND, target)
        assert not await files.is_published(FIRST, target)
        await files.settle(SECOND, target, replaced=["1.mp3", "2.mp3"])
        assert [(path, disk.read(f"{library}/{path}")) for path in disk.below(library)] == [("Title/1.mp3", b"two")]
