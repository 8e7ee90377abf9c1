"""Disks that refuse, names that are hard, links, and people who change their mind."""

import asyncio
import resource
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from earshelf.adapters.preview_store.exchanging import exchanged
from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.preview_files import journal_path
from earshelf.domain.previews import PreviewFormat, Target
from earshelf.ports.previews import Outline
from tests.unit.preview_disk.making import (
    FORMATS,
    OUTLINE_SIZES,
    SETTINGS,
    below,
    got,
    journal_of,
    painted,
    put,
    shades,
    target_in,
    thumbnail,
)

PLEX, EMBY, JELLYFIN = FORMATS
# where not even the superuser makes a file
READ_ONLY = Path("/sys/kernel")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def no_file_may_grow_beyond(size: int) -> Iterator[None]:
    """The nearest thing to a full disk that nobody needs privileges for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("one", FORMATS)
@pytest.mark.parametrize("was_there", [False, True])
async def test_a_full_disk_leaves_what_was_there(tmp_path: Path, one: PreviewFormat, was_there: bool) -> None:
    target = target_in(tmp_path, one)
    if was_there:
        await put(target, [1])
    before = below(tmp_path)
    with no_file_may_grow_beyond(3000), pytest.raises(FilesUnavailable, match="File too large") as refusal:
        await put(target, shades(400))
    assert refusal.value.message.startswith(f"'{target.path}")
    assert below(tmp_path) == before


async def test_a_journal_that_finds_no_room_publishes_nothing(tmp_path: Path) -> None:
    target = target_in(tmp_path, PLEX)
    journal = await put(target, [1])
    before = below(tmp_path)
    async with DiskPreviewStore().writing(target, Outline(1, OUTLINE_SIZES), SETTINGS) as writer:
        await writer.add(thumbnail(0, b"\xff\xd8\xff\xd9"))
        with no_file_may_grow_beyond(100), pytest.raises(FilesUnavailable):
            await writer.publish(journal)
    assert below(tmp_path) == before


@pytest.mark.parametrize("one", FORMATS)
@pytest.mark.parametrize("level", [1, 2, 3])
async def test_a_file_in_the_way_is_named_and_nothing_is_made(tmp_path: Path, one: PreviewFormat, level: int) -> None:
    target = target_in(tmp_path / "out", one, "a/b/film")
    in_the_way = [*reversed(Path(target.path).parents)][-level]
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_bytes(b"mine")
    before = below(tmp_path)
    with pytest.raises(FilesUnavailable, match="in the way") as refusal:
        await put(target, [1])
    assert refusal.value.message.startswith(f"'{in_the_way}' ")
    assert below(tmp_path) == before


@pytest.mark.parametrize("one", FORMATS)
async def test_a_folder_that_nobody_may_write_to_is_named(one: PreviewFormat) -> None:
    with pytest.raises(FilesUnavailable, match=r"'/sys/.+': .+; .+"):
        await put(target_in(READ_ONLY, one), [1])


@pytest.mark.parametrize("one", FORMATS)
@pytest.mark.parametrize("journal", [False, True])
async def test_what_has_a_results_name_but_not_its_kind_stays(
    tmp_path: Path, one: PreviewFormat, journal: bool
) -> None:
    target = target_in(tmp_path, one)
    place = Path(journal_path(target) if journal and one is not JELLYFIN else target.path)
    if one is JELLYFIN:
        place.parent.mkdir(parents=True)
        place.write_bytes(b"mine")
    else:
        (place / "mine").mkdir(parents=True)
    before = below(tmp_path)
    with pytest.raises(FilesUnavailable, match="in the way"):
        await put(target, [1])
    assert below(tmp_path) == before


@pytest.mark.parametrize("one", FORMATS)
async def test_a_link_in_place_of_a_result_is_replaced_and_not_followed(tmp_path: Path, one: PreviewFormat) -> None:
    target, other = target_in(tmp_path, one), tmp_path / "precious"
    if one is JELLYFIN:
        other.mkdir()
        (other / "0.jpg").write_bytes(b"mine")
    else:
        other.write_bytes(b"mine")
        Path(journal_path(target)).parent.mkdir(parents=True, exist_ok=True)
        Path(journal_path(target)).symlink_to(other)
    Path(target.path).parent.mkdir(parents=True, exist_ok=True)
    Path(target.path).symlink_to(other)
    before = below(other) or other.read_bytes()
    await put(target, [1, 2])
    assert (below(other) or other.read_bytes()) == before
    assert not Path(target.path).is_symlink()
    assert len(await got(target)) == 2


async def test_sheets_are_not_put_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "film.trickplay").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FilesUnavailable, match="is a link"):
        await put(target_in(tmp_path, JELLYFIN), [1])
    assert below(tmp_path / "elsewhere") == {}


@pytest.mark.parametrize("character", ["x", "é", "第", "🎬"])
async def test_names_as_long_as_the_disk_has_them(tmp_path: Path, character: str) -> None:
    name = character * (250 // len(character.encode()))
    for one in (PLEX, JELLYFIN):
        target = Target(one, f"{tmp_path}/{one.value}/{name[: 240 // len(character.encode())]}/{name}"[:-1])
        await put(target, [1, 2])
        assert len(await got(target)) == 2
        await put(target, [1, 2, 3])
        assert len(await got(target)) == 3
    assert not [path for path in below(tmp_path) if "/." in path]


@pytest.mark.parametrize("one", FORMATS)
async def test_names_that_are_longer_are_refused_before_any_work(tmp_path: Path, one: PreviewFormat) -> None:
    for target in (Target(one, f"{tmp_path}/a/{'é' * 128}/film"), Target(one, f"{tmp_path}/a/b/{'é' * 128}")):
        with pytest.raises(FilesUnavailable, match="too long"):
            async with DiskPreviewStore().writing(target, Outline(1, OUTLINE_SIZES), SETTINGS) as writer:
                await writer.publish(journal_of(target, 1))
    assert below(tmp_path) == {}


async def test_a_name_too_long_for_its_journal_is_refused_before_any_work(tmp_path: Path) -> None:
    target = Target(EMBY, f"{tmp_path}/new/{'x' * 251}")
    with pytest.raises(FilesUnavailable, match="too long"):
        await DiskPreviewStore().writing(target, Outline(1, OUTLINE_SIZES), SETTINGS).__aenter__()
    assert below(tmp_path) == {}


@pytest.mark.parametrize("one", FORMATS)
@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
async def test_what_no_disk_can_hold_is_refused(tmp_path: Path, one: PreviewFormat, name: str) -> None:
    target = target_in(tmp_path, one, name)
    assert await DiskPreviewStore().journal(target) is None
    for refused in (put(target, [1]), got(target)):
        with pytest.raises(FilesUnavailable, match="correct the name"):
            await refused


async def leave(target: Target) -> None:
    async with DiskPreviewStore().writing(target, Outline(200, OUTLINE_SIZES), SETTINGS) as writer:
        for slot, tone in enumerate(shades(150)):
            await writer.add(thumbnail(slot, painted(tone)))


@pytest.mark.parametrize("one", FORMATS)
async def test_leaving_without_publishing_leaves_not_even_new_folders(tmp_path: Path, one: PreviewFormat) -> None:
    await leave(target_in(tmp_path / "new" / "newer", one))
    assert below(tmp_path) == {}
    (tmp_path / "empty before").mkdir()
    await leave(target_in(tmp_path / "empty before", one))
    assert below(tmp_path) == {"empty before": None}


@pytest.mark.parametrize("one", FORMATS)
async def test_being_cancelled_at_any_moment_leaves_nothing_open_and_nothing_half_made(
    tmp_path: Path, one: PreviewFormat
) -> None:
    target = target_in(tmp_path / "new", one)
    before = open_files()
    outcomes = set()
    for moment in range(0, 400, 3):
        making = asyncio.create_task(put(target, shades(3)))
        for _ in range(moment):
            await asyncio.sleep(0)
            if making.done():
                break
        making.cancel()
        with suppress(asyncio.CancelledError):
            await making
        journal = await DiskPreviewStore().journal(target)
        outcomes.add(journal is not None)
        if journal is None:
            assert below(tmp_path) == {}
        else:
            assert len(await got(target)) == 3
            break
    assert outcomes >= {False}
    assert not [path for path in below(tmp_path) if "earshelf" in path]
    # the loop keeps none of its own open
    assert open_files() <= before


@pytest.mark.parametrize("one", FORMATS)
async def test_being_cancelled_twice_still_leaves_nothing(tmp_path: Path, one: PreviewFormat) -> None:
    making = asyncio.create_task(leave(target_in(tmp_path / "new", one)))
    while not below(tmp_path):  # noqa: ASYNC110 - a folder tells nobody
        await asyncio.sleep(0)
    for _ in range(5):
        making.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await making
    assert below(tmp_path) == {}


@pytest.mark.parametrize("one", FORMATS)
async def test_many_writers_of_one_result_leave_one_whole_result(tmp_path: Path, one: PreviewFormat) -> None:
    target = target_in(tmp_path, one)
    results = await asyncio.gather(*(put(target, shades(count)) for count in range(1, 9)), return_exceptions=True)
    assert [result for result in results if isinstance(result, BaseException)] == []
    journal = await DiskPreviewStore().journal(target)
    if journal is not None:
        assert len(await got(target)) == journal.pictures
    assert not [path for path in below(tmp_path) if "earshelf" in path]


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["folders", "files"])
def test_two_things_swap_their_names_in_one_step_or_not_at_all(tmp_path: Path, make: Callable[[Path], None]) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    make(one)
    make(other)
    numbers = one.stat().st_ino, other.stat().st_ino
    swapped = exchanged(one, other)
    assert (one.stat().st_ino, other.stat().st_ino) == (numbers[::-1] if swapped else numbers)
    with pytest.raises(FileNotFoundError):
        exchanged(one, tmp_path / "nothing")


async def test_several_results_are_made_side_by_side(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        writers = {
            one: await stack.enter_async_context(
                DiskPreviewStore().writing(target_in(tmp_path, one), Outline(2, OUTLINE_SIZES), SETTINGS)
            )
            for one in FORMATS
        }
        for slot in range(2):
            for writer in writers.values():
                await writer.add(thumbnail(slot, painted(slot)))
        for one, writer in writers.items():
            await writer.publish(journal_of(target_in(tmp_path, one), 2))
    assert [len(await got(target_in(tmp_path, one))) for one in FORMATS] == [2, 2, 2]
