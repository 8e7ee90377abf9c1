"""What the library's and the downloads' files do, whatever disk they lie on.

A subclass gives four fixtures: ``files``, the adapter; ``library`` and ``downloads``, absolute paths of two empty
folders of these names beside each other; and ``disk``, which looks at the files behind the adapter's back.
"""

import pytest

from earshelf.domain.import_errors import UnsafeSource
from earshelf.ports.files import LibraryFiles

from .disk import Disk
from .publishing import PublishingContract, ReplacingContract


class SurveyContract:
    """What is found in a download."""

    async def test_audio_files_come_in_the_order_in_which_people_number_them(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        for name in ("CD2/track1.mp3", "CD10/track1.mp3", "CD2/track10.mp3", "CD2/track9.mp3"):
            disk.write(f"{downloads}/book/{name}", name.encode())
        found = await files.audio_below(f"{downloads}/book", library=library)
        assert found is not None
        assert [file.path for file in found] == [
            "CD2/track1.mp3",
            "CD2/track9.mp3",
            "CD2/track10.mp3",
            "CD10/track1.mp3",
        ]

    async def test_a_found_file_can_be_read_where_it_is_said_to_lie(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        disk.write(f"{downloads}/book/disc/a.m4b", b"12345")
        (found,) = await files.audio_below(f"{downloads}/book", library=library) or []
        assert (found.path, found.size, disk.read(found.absolute)) == ("disc/a.m4b", 5, b"12345")

    async def test_a_single_file_is_its_own_download(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        disk.write(f"{downloads}/book.m4b", b"12345")
        (found,) = await files.audio_below(f"{downloads}/book.m4b", library=library) or []
        assert (found.path, found.size, disk.read(found.absolute)) == ("book.m4b", 5, b"12345")

    async def test_nothing_at_the_source_is_not_the_same_as_nothing_to_hear(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        disk.write(f"{downloads}/book/cover.jpg", b"x")
        assert await files.audio_below(f"{downloads}/elsewhere", library=library) is None
        assert await files.audio_below(f"{downloads}/book/cover.jpg/deeper", library=library) is None
        assert await files.audio_below(f"{downloads}/book", library=library) == []
        assert await files.audio_below(f"{downloads}/book/cover.jpg", library=library) == []

    @pytest.mark.parametrize("ending", ["m4b", "mp3", "m4a", "mp4", "flac", "ogg", "opus", "wma", "aac", "wav", "MP3"])
    async def test_every_format_of_the_field_is_audio(
        self, ending: str, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        disk.write(f"{downloads}/book/a.{ending}", b"x")
        assert len(await files.audio_below(f"{downloads}/book", library=library) or []) == 1

    async def test_hidden_files_and_folders_are_left_out(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        for name in ("._a.mp3", ".parts/b.mp3", "c.mp3"):
            disk.write(f"{downloads}/book/{name}", b"x")
        found = await files.audio_below(f"{downloads}/book", library=library)
        assert [file.path for file in found or []] == ["c.mp3"]
        assert await files.audio_below(f"{downloads}/book/.parts", library=library) == []

    async def test_a_source_that_overlaps_with_the_library_is_refused(
        self, files: LibraryFiles, disk: Disk, library: str
    ) -> None:
        disk.write(f"{library}/Author/Title/a.mp3", b"x")
        around = library.rpartition("/")[0]
        for source in (library, f"{library}/", f"{library}/Author", f"{around}/x/../library", around, "/", "//"):
            with pytest.raises(UnsafeSource):
                await files.audio_below(source, library=library)

    async def test_a_neighbour_whose_name_begins_like_the_librarys_is_no_part_of_it(
        self, files: LibraryFiles, disk: Disk, library: str
    ) -> None:
        disk.write(f"{library}-new/a.mp3", b"x")
        assert len(await files.audio_below(f"{library}-new", library=library) or []) == 1

    async def test_without_a_library_to_protect_its_own_folders_can_be_read(
        self, files: LibraryFiles, disk: Disk, library: str
    ) -> None:
        disk.write(f"{library}/Author/Title/a.mp3", b"x")
        assert len(await files.audio_below(f"{library}/Author/Title", library="") or []) == 1

    @pytest.mark.parametrize("source", ["", "  ", "book", "./book", "C:\\book", "/downloads/\0"])
    async def test_what_is_no_absolute_path_is_refused(self, source: str, files: LibraryFiles, library: str) -> None:
        with pytest.raises(UnsafeSource):
            await files.audio_below(source, library=library)


class PlacesContract:
    """Simple questions about paths."""

    async def test_files_and_folders_are_told_apart(self, files: LibraryFiles, disk: Disk, downloads: str) -> None:
        disk.write(f"{downloads}/book/a.mp3", b"x")
        paths = [f"{downloads}/book", f"{downloads}/book/a.mp3", f"{downloads}/none", f"{downloads}/book/a.mp3/below"]
        assert [await files.is_folder(path) for path in paths] == [True, False, False, False]
        assert [await files.exists(path) for path in paths] == [True, True, False, False]

    async def test_an_empty_folder_holds_nothing_hidden_either(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        disk.write(f"{downloads}/.hidden", b"x")
        paths = [library, downloads, f"{library}/none", f"{downloads}/.hidden"]
        assert [await files.is_empty(path) for path in paths] == [True, False, False, False]

    async def test_what_lies_in_a_folder_is_told_by_whole_segments(
        self, files: LibraryFiles, disk: Disk, library: str
    ) -> None:
        disk.write(f"{library}/Author/Title/a.mp3", b"x")
        inside = [f"{library}/Author", f"{library}/Author/Title/", f"{library}//Author/./Title", f"{library}/none/x"]
        assert [await files.is_inside(path, library) for path in inside] == [True] * 4
        assert await files.is_inside(f"{library}/Author", f"{library}/")

    async def test_what_lies_elsewhere_or_climbs_is_in_no_folder(
        self, files: LibraryFiles, disk: Disk, library: str, downloads: str
    ) -> None:
        disk.write(f"{library}/Author/a.mp3", b"x")
        for path in (
            library,
            f"{library}/",
            f"{library}2/a",
            downloads,
            f"{library}/../downloads",
            f"{library}/Author/../Author",
            "/",
            "",
            "Author",
            f"{library}/\0",
        ):
            assert not await files.is_inside(path, library), path

    async def test_free_space_is_known_for_a_folder_that_does_not_exist_yet(
        self, files: LibraryFiles, library: str
    ) -> None:
        assert await files.free_bytes(f"{library}/Author/Title") > 0


class MovedSourcesContract:
    """Tidying up after a move."""

    async def test_moved_files_go_with_the_folders_that_held_nothing_else(
        self, files: LibraryFiles, disk: Disk, downloads: str
    ) -> None:
        for name in ("book/CD1/a.mp3", "book/CD2/b.mp3"):
            disk.write(f"{downloads}/{name}", b"x")
        moved = [f"{downloads}/book/CD1/a.mp3", f"{downloads}/book/CD2/b.mp3"]
        for _ in range(2):
            await files.remove_sources(moved, root=f"{downloads}/book")
            assert not await files.exists(f"{downloads}/book")
            assert await files.is_folder(downloads)

    async def test_a_folder_with_anything_else_in_it_stays(
        self, files: LibraryFiles, disk: Disk, downloads: str
    ) -> None:
        for name in ("book/CD1/a.mp3", "book/.partial"):
            disk.write(f"{downloads}/{name}", b"x")
        await files.remove_sources([f"{downloads}/book/CD1/a.mp3"], root=f"{downloads}/book")
        assert disk.below(downloads) == ["book/.partial"]
        assert not await files.exists(f"{downloads}/book/CD1")

    async def test_the_folder_around_a_single_file_stays_even_when_empty(
        self, files: LibraryFiles, disk: Disk, downloads: str
    ) -> None:
        disk.write(f"{downloads}/book.m4b", b"x")
        await files.remove_sources([f"{downloads}/book.m4b"], root=f"{downloads}/book.m4b")
        assert disk.below(downloads) == []
        assert await files.is_folder(downloads)

    async def test_a_file_outside_the_root_is_refused_before_anything_is_deleted(
        self, files: LibraryFiles, disk: Disk, downloads: str
    ) -> None:
        disk.write(f"{downloads}/book/a.mp3", b"x")
        disk.write(f"{downloads}/other.mp3", b"x")
        sources = [f"{downloads}/book/a.mp3", f"{downloads}/book/../other.mp3"]
        with pytest.raises(UnsafeSource):
            await files.remove_sources(sources, root=f"{downloads}/book")
        assert disk.below(downloads) == ["book/a.mp3", "other.mp3"]


class LibraryFilesContract(SurveyContract, PlacesContract, PublishingContract, ReplacingContract, MovedSourcesContract):
    """Everything that an adapter of ``LibraryFiles`` must do."""
