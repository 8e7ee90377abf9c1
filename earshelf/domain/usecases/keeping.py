"""Keeping a video's pictures for another time, which no result ever depends on."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.previews import Target
from earshelf.domain.usecases.drafting import Draft
from earshelf.ports.previews import FrameCache


class Keeping:
    """One video's place in the cache; where the cache gives trouble, a note says so and it counts as absent."""

    def __init__(self, cache: FrameCache | None, key: str, notes: list[str]) -> None:
        self._cache = cache
        self._key = key
        self._notes = notes

    @asynccontextmanager
    async def claimed(self) -> AsyncIterator[None]:
        """Waits for whoever makes the same pictures."""
        async with AsyncExitStack() as stack:
            if self._cache is not None:
                try:
                    await stack.enter_async_context(self._cache.claimed(self._key))
                except FilesUnavailable as problem:
                    self._do_without(problem.message)
            yield

    async def find(self) -> Target | None:
        """Returns where the pictures lie, if they were kept."""
        if self._cache is None:
            return None
        try:
            return await self._cache.find(self._key)
        except FilesUnavailable as problem:
            self._do_without(problem.message)
            return None

    async def place(self) -> Target | None:
        """Returns where the pictures are to be written, if they can be kept."""
        if self._cache is None:
            return None
        try:
            return await self._cache.place(self._key)
        except FilesUnavailable as problem:
            self._do_without(problem.message)
            return None

    async def keep(self, draft: Draft) -> None:
        """Takes what was written there into account."""
        if draft.problem is not None:
            self._do_without(draft.problem)
        elif self._cache is not None:
            try:
                await self._cache.keep(self._key)
            except FilesUnavailable as problem:
                self._do_without(problem.message)

    def _do_without(self, why: str) -> None:
        self._cache = None
        self._notes.append(f"The pictures are not kept for another time: {why}")
