"""Journals: what they keep, and what they never vouch for."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.preview_files import journal_path
from earshelf.domain.previews import PreviewFormat, Target
from tests.unit.preview_disk.making import FORMATS, got, journal_of, put, shades, target_in

JELLYFIN = PreviewFormat.JELLYFIN


def main_file(target: Target) -> Path:
    return Path(target.path, "0.jpg") if target.format is JELLYFIN else Path(target.path)


async def is_trusted(target: Target) -> bool:
    """Whether the store vouches for a result; it must be of one mind about it."""
    journal = await DiskPreviewStore().journal(target)
    if journal is None:
        with pytest.raises(FilesUnavailable):
            await got(target)
    else:
        assert len(await got(target)) == journal.pictures
    return journal is not None


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_by_one(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def replace_by_text(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def replace_by_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize("one", FORMATS)
@pytest.mark.parametrize(
    "harm",
    [remove, cut, cut_by_one, empty, replace_by_text, replace_by_folder, replace_by_pipe, replace_by_loop],
)
async def test_a_journal_beside_an_unsound_result_vouches_for_nothing(
    tmp_path: Path, one: PreviewFormat, harm: Callable[[Path], None]
) -> None:
    target = target_in(tmp_path, one)
    await put(target, shades(5))
    assert await is_trusted(target)
    harm(main_file(target))
    assert not await is_trusted(target)


@pytest.mark.parametrize("one", FORMATS)
@pytest.mark.parametrize("harm", [remove, cut, empty, replace_by_text, replace_by_folder, replace_by_pipe])
async def test_a_result_without_a_sound_journal_is_unknown(
    tmp_path: Path, one: PreviewFormat, harm: Callable[[Path], None]
) -> None:
    target = target_in(tmp_path, one)
    await put(target, shades(5))
    harm(Path(journal_path(target)))
    assert not await is_trusted(target)


@pytest.mark.parametrize("one", FORMATS)
async def test_a_journal_does_not_vouch_for_what_another_program_put_there(tmp_path: Path, one: PreviewFormat) -> None:
    target, other = target_in(tmp_path, one), target_in(tmp_path, one, "other")
    await put(target, shades(5))
    await put(other, [shade + 3 for shade in shades(5)])
    assert main_file(target).stat().st_size != main_file(other).stat().st_size
    main_file(other).replace(main_file(target))
    assert not await is_trusted(target)


async def test_a_sheet_too_many_or_too_few_is_unsound(tmp_path: Path) -> None:
    target = target_in(tmp_path, JELLYFIN)
    await put(target, shades(150))
    extra = Path(target.path, "2.jpg")
    extra.touch()
    assert not await is_trusted(target)
    extra.unlink()
    assert await is_trusted(target)
    Path(target.path, "1.jpg").unlink()
    assert not await is_trusted(target)


async def test_a_journal_of_another_format_is_none(tmp_path: Path) -> None:
    plex, emby = (target_in(tmp_path, one) for one in (PreviewFormat.PLEX, PreviewFormat.EMBY))
    await put(plex, shades(2))
    for ending in ("", ".meta"):
        Path(emby.path + ending).write_bytes(Path(plex.path + ending).read_bytes())
    assert not await is_trusted(emby)


WRONG: dict[str, Any] = {
    "schema": [None, 0, 2, "1", 1.0, True],
    "source_path": [None, 5, [], {}],
    "source_size": [None, "1000", 1e300, True, float("nan"), float("inf")],
    "source_inode": [None, -1.5, []],
    "format": [None, "roku", 5, [], {}],
    "settings": [None, [], "x", {}, {"interval": 5}],
    "pictures": [None, 0, -1, 10**18, 10**4000, "5", 5.0, True],
    "engine": [None, 5, []],
    "result_size": [None, 0, -1, 10**30, "1"],
}
WRONG_SETTINGS: dict[str, Any] = {
    "interval": [None, 0, -1, 61, 7.0, "7", True, 10**400],
    "width": [None, 15, 1921, [], 16.0],
    "accuracy": [None, "rough", 5, []],
    "tonemap": [None, "loud", {}],
    "colour": ["red", 5],
}


@pytest.mark.parametrize("one", FORMATS)
@pytest.mark.parametrize("name", [*WRONG, *WRONG_SETTINGS])
async def test_hostile_values_vouch_for_nothing(tmp_path: Path, one: PreviewFormat, name: str) -> None:
    target = target_in(tmp_path, one)
    await put(target, shades(5))
    journal = Path(journal_path(target))
    document = json.loads(journal.read_bytes())
    part = document if name in WRONG else document["settings"]
    for value in (WRONG | WRONG_SETTINGS)[name]:
        part[name] = value
        journal.write_text(json.dumps(document))
        assert not await is_trusted(target), value


@pytest.mark.parametrize(("name", "value"), [("pictures", 6), ("interval", 8)])
async def test_a_bif_file_itself_contradicts_its_journal(tmp_path: Path, name: str, value: int) -> None:
    target = target_in(tmp_path, PreviewFormat.PLEX)
    await put(target, shades(5))
    journal = Path(journal_path(target))
    document = json.loads(journal.read_bytes())
    (document if name == "pictures" else document["settings"])[name] = value
    journal.write_text(json.dumps(document))
    assert not await is_trusted(target)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000,
        b'{"schema":' * 100_000,
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"schema": 1}',
        b'{"schema":1,"source_path":"/f.mkv","source_mtime":1,"source_size":2,"publisher":"plex"}',
        b'{"pictures": ' + b"9" * 50_000 + b"}",
    ],
    ids=lambda content: repr(content[:12]),
)
async def test_what_is_no_journal_of_ours_is_none(tmp_path: Path, content: bytes) -> None:
    target = target_in(tmp_path, PreviewFormat.PLEX)
    await put(target, shades(5))
    Path(journal_path(target)).write_bytes(content)
    assert not await is_trusted(target)


async def test_a_name_that_is_not_utf8_comes_back(tmp_path: Path) -> None:
    target = target_in(tmp_path, PreviewFormat.EMBY, os.fsdecode(b"caf\xe9"))
    video = replace(journal_of(target, 1).video, path=os.fsdecode(b"/films/caf\xe9.mkv"))
    await put(target, [1])
    journal = Path(journal_path(target))
    document = json.loads(journal.read_bytes()) | {"source_path": video.path}
    journal.write_text(json.dumps(document))
    assert await DiskPreviewStore().journal(target) == replace(journal_of(target, 1), video=video)
