"""A backup as one zip file: the records as lines of JSON, the settings, the key, and a manifest.

Nothing in a file that is read is believed: names, sizes and methods are checked before a byte is unpacked, nothing is
ever unpacked to disk, and no line may be endless.
"""

import asyncio
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from earshelf.domain.errors import FilesUnavailable, Invalid

RECORDS, SETTINGS, KEY, MANIFEST = "records.jsonl", "settings.json", "secret.key", "manifest.json"

_SMALL = {SETTINGS: 1 << 20, KEY: 1 << 12, MANIFEST: 1 << 20}
_LONGEST_LINE = 1 << 24
_LINES_AT_ONCE = 500
# JSON of real libraries shrinks to a tenth; more than this is made to burst a disk
_MOST_TIMES_ITS_SIZE = 200
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError)


class ZipDraft:
    """A zip file under another name than its own."""

    def __init__(self, file: zipfile.ZipFile, raw: IO[bytes]) -> None:
        self.is_finished = False
        self._file = file
        self._raw = raw
        self._records = file.open(RECORDS, "w", force_zip64=True)

    async def write(self, lines: Sequence[str]) -> None:
        await asyncio.to_thread(self._write, lines)

    async def finish(self, manifest: Mapping[str, Any], settings: Mapping[str, Any], key: str) -> None:
        texts = {SETTINGS: _document(settings), KEY: key, MANIFEST: _document(manifest)}
        await asyncio.to_thread(self._finish, texts)
        self.is_finished = True

    def close(self) -> None:
        """Ends the file, whole or not."""
        self._records.close()
        self._file.close()

    def _write(self, lines: Sequence[str]) -> None:
        self._records.write("".join(f"{line}\n" for line in lines).encode())

    def _finish(self, texts: Mapping[str, str]) -> None:
        self._records.close()
        for name, text in texts.items():
            self._file.writestr(name, text)
        self._file.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())


class ZipBackup:
    """A zip file that has the parts of a backup and no others."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        with _unbroken():
            self._read()

    def _read(self) -> None:
        file = self._file
        _refuse_strange(file)
        texts = {name: _small_text(file, name) for name in _SMALL}
        self.key = texts[KEY].strip()
        self.manifest: Any = _parsed(MANIFEST, texts[MANIFEST])
        self.settings: Any = _parsed(SETTINGS, texts[SETTINGS])

    async def lines(self) -> AsyncGenerator[str, None]:
        portions = _portions(self._file)
        try:
            while portion := await asyncio.to_thread(_next, portions):
                for line in portion:
                    yield line
        finally:
            portions.close()


class BackupZips:
    """Backups in zip files of mode 0600."""

    @asynccontextmanager
    async def created(self, path: str) -> AsyncIterator[ZipDraft]:
        place = Path(path)
        with _disk(place):
            _refuse_other_than_files(place)
            hidden = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
            try:
                descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
                with os.fdopen(descriptor, "w+b") as raw:
                    draft = ZipDraft(zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED), raw)
                    try:
                        yield draft
                    finally:
                        draft.close()
                if draft.is_finished:
                    hidden.replace(place)
                    _sync_folder(place.parent)
            finally:
                hidden.unlink(missing_ok=True)

    @asynccontextmanager
    async def opened(self, path: str) -> AsyncIterator[ZipBackup]:
        place = Path(path)
        with _sound(place):
            with _disk(place), _unbroken():
                file = await asyncio.to_thread(zipfile.ZipFile, place)
            with file:
                yield await asyncio.to_thread(ZipBackup, file)


def _refuse_other_than_files(place: Path) -> None:
    # a device would not be written to but replaced
    if not place.name or (place.exists() and not place.is_file()):
        raise FilesUnavailable(f"'{place}' is no file; name one, such as earshelf.zip")


def _refuse_strange(file: zipfile.ZipFile) -> None:
    entries = {entry.filename: entry for entry in file.infolist()}
    if len(entries) != len(file.infolist()) or entries.keys() != {RECORDS, *_SMALL}:
        raise Invalid("it does not hold exactly the parts of a backup")
    for entry in entries.values():
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            raise Invalid(f"its part {entry.filename} is packed in a way that no backup is")
        if entry.file_size > _MOST_TIMES_ITS_SIZE * (entry.compress_size + 1024):
            raise Invalid(f"its part {entry.filename} unpacks to more than a backup can hold")


def _small_text(file: zipfile.ZipFile, name: str) -> str:
    with file.open(name) as part:
        content = part.read(_SMALL[name] + 1)
    if len(content) > _SMALL[name]:
        raise Invalid(f"its part {name} is too large")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Invalid(f"its part {name} is no text") from None


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(f"its part {name} is not JSON") from None


def _portions(file: zipfile.ZipFile) -> Generator[list[str], None, None]:
    with file.open(RECORDS) as part, TextIOWrapper(part, encoding="utf-8", newline="\n") as text:
        portion = []
        while line := text.readline(_LONGEST_LINE):
            if not line.endswith("\n"):
                raise Invalid("a line of its records has no end")
            portion.append(line[:-1])
            if len(portion) == _LINES_AT_ONCE:
                yield portion
                portion = []
        if portion:
            yield portion


def _next(portions: Iterator[list[str]]) -> list[str] | None:
    with _unbroken():
        return next(portions, None)


def _document(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FilesUnavailable(f"'{place}' cannot be used: {error.strerror or 'the disk refused'}") from error


@contextmanager
def _sound(place: Path) -> Iterator[None]:
    """Names the file in whatever is wrong with it."""
    try:
        yield
    except Invalid as problem:
        raise Invalid(f"'{place}' is no usable backup: {problem.message}") from None


@contextmanager
def _unbroken() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise Invalid("it is damaged or cut short") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
