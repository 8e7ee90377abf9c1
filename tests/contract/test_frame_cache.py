"""The disk and the memory keep the promises of the cache of pictures."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from earshelf.adapters.frame_cache import DiskFrameCache
from earshelf.adapters.memory.previews import MemoryFrameCache, MemoryPreviewStore, Result
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.previews import Target
from tests.contract.suites.frame_cache import HOUR, ONE, TWO, Age, Caches, FrameCacheContract, Write, kept

CLAIMING = """
import asyncio, sys
from pathlib import Path
from earshelf.adapters.frame_cache import DiskFrameCache

async def hold():
    async with DiskFrameCache(Path(sys.argv[1])).claimed(sys.argv[2]):
        print("held", flush=True)
        sys.stdin.read()

asyncio.run(hold())
"""


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def claiming(config_dir: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", CLAIMING, str(config_dir), ONE]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


class TestMemoryFrameCache(FrameCacheContract):
    @pytest.fixture
    def store(self) -> MemoryPreviewStore:
        return MemoryPreviewStore()

    @pytest.fixture
    def aged(self) -> list[float]:
        return []

    @pytest.fixture
    def caches(self, store: MemoryPreviewStore, aged: list[float]) -> Caches:
        return lambda reuse: MemoryFrameCache(store, reuse, lambda: sum(aged))

    @pytest.fixture
    def write(self, store: MemoryPreviewStore) -> Write:
        async def write(target: Target, size: int) -> None:
            store.results[target] = Result([bytes(size)], None)

        return write

    @pytest.fixture
    def age(self, aged: list[float]) -> Age:
        return lambda _target, seconds: aged.append(seconds)


class TestDiskFrameCache(FrameCacheContract):
    @pytest.fixture
    def caches(self, tmp_path: Path) -> Caches:
        return lambda reuse: DiskFrameCache(tmp_path, reuse)

    @pytest.fixture
    def write(self) -> Write:
        async def write(target: Target, size: int) -> None:
            path = Path(target.path)
            path.write_bytes(b"")
            os.truncate(path, size)

        return write

    @pytest.fixture
    def age(self) -> Age:
        def age(target: Target, seconds: float) -> None:
            path = Path(target.path)
            if path.exists():
                earlier = path.stat().st_mtime - seconds
                os.utime(path, (earlier, earlier))

        return age

    async def test_what_was_kept_outlives_a_restart(self, caches: Caches, write: Write) -> None:
        target = await kept(caches(HOUR), ONE, write)
        assert await caches(HOUR).find(ONE) == target

    async def test_nothing_is_left_of_what_is_too_old(self, caches: Caches, write: Write, age: Age) -> None:
        cache = caches(HOUR)
        target = await kept(cache, ONE, write)
        journal = Path(f"{target.path}.meta")
        journal.touch()
        age(target, 3601)
        await cache.find(ONE)
        assert list(journal.parent.iterdir()) == []

    async def test_pictures_from_the_future_are_not_kept_for_ever(self, caches: Caches, write: Write, age: Age) -> None:
        cache = caches(HOUR)
        age(await kept(cache, ONE, write), -3700)
        assert await cache.find(ONE) is None

    async def test_foreign_files_are_left_alone(self, caches: Caches, write: Write, tmp_path: Path) -> None:
        cache = caches(HOUR)
        target = await kept(cache, ONE, write)
        foreign = Path(target.path).with_name("notes.txt")
        foreign.touch()
        os.utime(foreign, (0, 0))
        await kept(cache, TWO, write)
        assert foreign.exists()

    async def test_nobody_else_looks_into_the_folder(self, caches: Caches) -> None:
        place = Path((await caches(HOUR).place(ONE)).path)
        assert place.parent.stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("ending", ["it ends", "it is killed"])
    async def test_another_process_holds_a_key_until(self, caches: Caches, tmp_path: Path, ending: str) -> None:
        with claiming(tmp_path) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3), caches(HOUR).claimed(ONE):
                    raise AssertionError
            if ending == "it ends":
                other.stdin.close()
            else:
                other.kill()
            async with asyncio.timeout(5), caches(HOUR).claimed(ONE):
                pass

    async def test_a_key_that_nobody_holds_leaves_no_file(self, caches: Caches, tmp_path: Path) -> None:
        async with caches(HOUR).claimed(ONE):
            assert list(tmp_path.rglob("*.lock")) != []
        assert list(tmp_path.rglob("*.lock")) == []

    async def test_the_lock_of_a_killed_process_goes_with_the_next_pictures(
        self, caches: Caches, write: Write, tmp_path: Path
    ) -> None:
        with claiming(tmp_path) as other:
            assert other.stdout is not None
            other.stdout.readline()
            await kept(caches(HOUR), TWO, write)
            assert list(tmp_path.rglob("*.lock")) != []
            other.kill()
        await kept(caches(HOUR), TWO, write)
        assert list(tmp_path.rglob("*.lock")) == []

    async def test_who_is_cancelled_leaves_no_open_file(self, caches: Caches) -> None:
        cache = caches(HOUR)
        async with cache.claimed(ONE):
            before = open_files()
            for delay in range(20):
                waiting = asyncio.create_task(cache.claimed(ONE).__aenter__())
                for _ in range(delay):
                    await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.wait([waiting])
            assert open_files() == before

    async def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "cache").write_bytes(b"a file")
        cache = DiskFrameCache(tmp_path)
        for refused in (cache.place(ONE), cache.find(ONE), cache.claimed(ONE).__aenter__()):
            with pytest.raises(FilesUnavailable, match=f"{tmp_path}/cache.*: .+; .+"):
                await refused

    async def test_a_folder_that_nobody_may_write_to_is_named(self) -> None:
        # where not even the superuser makes a file
        cache = DiskFrameCache(Path("/sys/kernel"))
        for refused in (cache.place(ONE), cache.claimed(ONE).__aenter__()):
            with pytest.raises(FilesUnavailable, match=r"'/sys/kernel.*': .+; .+"):
                await refused
