"""What every cache of pictures must do.

Fixtures: ``caches`` makes a :class:`~earshelf.ports.previews.FrameCache` over the same kept pictures each time, as a
restart would; ``write`` puts a number of bytes at a target; ``age`` lets a number of seconds pass for a target.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from earshelf.domain.preview_settings import FrameReuseSettings
from earshelf.domain.previews import Target
from earshelf.ports.previews import FrameCache

Caches = Callable[[FrameReuseSettings], FrameCache]
Write = Callable[[Target, int], Awaitable[None]]
Age = Callable[[Target, float], None]

ONE, TWO, THREE = (digit * 64 for digit in "abc")
ALIKE = "a" * 63 + "b"
HOUR = FrameReuseSettings()
SMALL = FrameReuseSettings(max_cache_disk_mb=64)
OFF = FrameReuseSettings(enabled=False, ttl_minutes=600)
THIRTY_MEBIBYTES = 30 << 20


async def kept(cache: FrameCache, key: str, write: Write, size: int = 100) -> Target:
    """Keeps pictures."""
    target = await cache.place(key)
    await write(target, size)
    await cache.keep(key)
    return target


class FrameCacheContract:
    """What was kept is found for a while."""

    async def test_what_was_never_kept_is_not_found(self, caches: Caches) -> None:
        assert await caches(HOUR).find(ONE) is None

    async def test_what_was_kept_is_found_where_it_was_placed(self, caches: Caches, write: Write) -> None:
        cache = caches(HOUR)
        target = await kept(cache, ONE, write)
        assert await cache.find(ONE) == target
        assert await cache.find(TWO) is None

    async def test_every_key_has_a_place_of_its_own(self, caches: Caches) -> None:
        cache = caches(HOUR)
        assert len({(await cache.place(key)).path for key in (ONE, TWO, ALIKE)}) == 3

    @pytest.mark.parametrize(("reuse", "seconds"), [(HOUR, 3600), (OFF, 600), (FrameReuseSettings(ttl_minutes=1), 60)])
    async def test_pictures_are_kept_for_their_time_only(
        self, caches: Caches, write: Write, age: Age, reuse: FrameReuseSettings, seconds: int
    ) -> None:
        cache = caches(reuse)
        target = await kept(cache, ONE, write)
        age(target, seconds - 20)
        assert await cache.find(ONE) == target
        age(target, 21)
        assert await cache.find(ONE) is None
        assert await cache.find(ONE) is None

    async def test_the_oldest_make_room_first(self, caches: Caches, write: Write, age: Age) -> None:
        cache = caches(SMALL)
        for key in (TWO, ONE):
            age(await kept(cache, key, write, THIRTY_MEBIBYTES), 10)
        await kept(cache, THREE, write, THIRTY_MEBIBYTES)
        assert [await cache.find(key) is not None for key in (TWO, ONE, THREE)] == [False, True, True]

    async def test_what_is_kept_again_is_new_again(self, caches: Caches, write: Write, age: Age) -> None:
        cache = caches(SMALL)
        for key in (ONE, TWO):
            age(await kept(cache, key, write, THIRTY_MEBIBYTES), 10)
        await kept(cache, ONE, write, THIRTY_MEBIBYTES)
        await kept(cache, THREE, write, THIRTY_MEBIBYTES)
        assert [await cache.find(key) is not None for key in (ONE, TWO, THREE)] == [True, False, True]

    async def test_the_newest_stays_even_if_it_is_larger_than_the_share(self, caches: Caches, write: Write) -> None:
        cache = caches(SMALL)
        await kept(cache, ONE, write)
        await kept(cache, TWO, write, 3 * THIRTY_MEBIBYTES)
        assert [await cache.find(key) is not None for key in (ONE, TWO)] == [False, True]

    async def test_what_is_too_old_makes_room_though_nobody_asks_for_it(
        self, caches: Caches, write: Write, age: Age
    ) -> None:
        cache = caches(HOUR)
        target = await kept(cache, ONE, write)
        age(target, 3700)
        await kept(cache, TWO, write)
        age(target, -3700)
        assert await cache.find(ONE) is None

    async def test_one_caller_after_the_other_works_on_a_key(self, caches: Caches) -> None:
        cache = caches(HOUR)
        log: list[str] = []

        async def work(name: str) -> None:
            async with cache.claimed(ONE):
                log.append(name)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                log.append(name)

        await asyncio.gather(*(work(name) for name in "xyz"))
        assert [log[place] == log[place + 1] for place in (0, 2, 4)] == [True] * 3

    @pytest.mark.parametrize("other", [TWO, ALIKE])
    async def test_other_keys_do_not_wait(self, caches: Caches, other: str) -> None:
        cache = caches(HOUR)
        async with cache.claimed(ONE), asyncio.timeout(5), cache.claimed(other):
            pass

    async def test_who_is_cancelled_while_waiting_holds_nobody_up(self, caches: Caches) -> None:
        cache = caches(HOUR)
        async with cache.claimed(ONE):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01), cache.claimed(ONE):
                    raise AssertionError
        async with asyncio.timeout(5), cache.claimed(ONE):
            pass

    async def test_trouble_at_work_frees_the_key(self, caches: Caches) -> None:
        cache = caches(HOUR)
        with pytest.raises(LookupError):
            async with cache.claimed(ONE):
                raise LookupError
        async with asyncio.timeout(5), cache.claimed(ONE):
            pass
