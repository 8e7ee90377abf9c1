"""What a reader of audio files does; a subclass gives the fixtures ``reader``, ``folder`` and ``silence``."""

from collections.abc import Callable
from pathlib import Path

import pytest

from earshelf.ports.files import AudioFacts, AudioReader


class AudioReaderContract:
    """``folder`` is an empty folder; ``silence`` makes a playable mp3 of so many seconds."""

    async def test_the_playing_time_of_an_mp3_is_known_to_a_tenth_of_a_second(
        self, reader: AudioReader, folder: Path, silence: Callable[[float], bytes]
    ) -> None:
        path = folder / "book.mp3"
        path.write_bytes(silence(7.5))
        facts = await reader.facts(str(path))
        assert facts.format == "mp3"
        assert facts.seconds == pytest.approx(7.5, abs=0.1)

    @pytest.mark.parametrize("name", ["book.mp3", "book.m4b", "book.flac", "book.ogg", "book.wma", "book.wav"])
    @pytest.mark.parametrize("content", [b"", b"not audio at all" * 100, b"\0" * 5000, b"\xff" * 5000])
    async def test_garbage_has_the_format_of_its_name_and_no_playing_time(
        self, name: str, content: bytes, reader: AudioReader, folder: Path
    ) -> None:
        path = folder / name
        path.write_bytes(content)
        assert await reader.facts(str(path)) == AudioFacts(seconds=None, format=name.rpartition(".")[2])

    async def test_what_is_not_there_or_is_a_folder_has_no_playing_time(
        self, reader: AudioReader, folder: Path
    ) -> None:
        (folder / "folder.mp3").mkdir()
        for name in ("gone.mp3", "folder.mp3"):
            assert await reader.facts(str(folder / name)) == AudioFacts(seconds=None, format="mp3")

    async def test_a_name_without_an_extension_has_no_format(self, reader: AudioReader, folder: Path) -> None:
        (folder / "book").write_bytes(b"")
        assert await reader.facts(str(folder / "book")) == AudioFacts(seconds=None, format="")

    async def test_an_extension_in_capitals_is_the_same_format(self, reader: AudioReader, folder: Path) -> None:
        assert (await reader.facts(str(folder / "gone.M4B"))).format == "m4b"
