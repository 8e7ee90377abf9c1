"""Results in the making: all are fed from one pass, and each one's trouble is its own."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Self

from earshelf.domain.errors import EarshelfError
from earshelf.domain.previews import Journal, PreviewSettings, Target, VideoIdentity
from earshelf.ports.previews import Outline, PreviewStore, PreviewWriter, Thumbnail


class Draft:
    """One result in the making; ``problem`` says why it will not be one."""

    def __init__(self, target: Target, opening: AbstractAsyncContextManager[PreviewWriter]) -> None:
        self.target = target
        self.problem: str | None = None
        self._opening = opening
        self._stack = AsyncExitStack()
        self._writer: PreviewWriter | None = None

    async def begin(self) -> None:
        """Takes its place on the disk."""
        try:
            self._writer = await self._stack.enter_async_context(self._opening)
        except EarshelfError as problem:
            self.problem = problem.message

    async def add(self, thumbnail: Thumbnail) -> None:
        """Adds the next slot."""
        if self._writer is not None:
            try:
                await self._writer.add(thumbnail)
            except EarshelfError as problem:
                await self._give_up(problem)

    async def publish(self, journal: Journal) -> None:
        """Puts it in place of what was there."""
        if self._writer is not None:
            try:
                await self._writer.publish(journal)
            except EarshelfError as problem:
                await self._give_up(problem)

    async def end(self) -> None:
        """Leaves nothing of it but what was published."""
        await self._stack.aclose()

    async def _give_up(self, problem: EarshelfError) -> None:
        self.problem, self._writer = problem.message, None
        await self._stack.aclose()


class Drafts:
    """The results of one pass: ``wished`` ones, and perhaps one ``aside`` that is nobody's wish."""

    def __init__(
        self,
        store: PreviewStore,
        outline: Outline,
        settings: PreviewSettings,
        *,
        wished: Sequence[Target],
        aside: Target | None,
    ) -> None:
        self.outline = outline
        self._settings = settings
        self.wished = [Draft(target, store.writing(target, outline, settings)) for target in wished]
        self.aside = Draft(aside, store.writing(aside, outline, settings)) if aside else None
        self._all = [*self.wished, *([self.aside] if self.aside else [])]
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with self._stack as stack:
            for draft in self._all:
                stack.push_async_callback(draft.end)
                await draft.begin()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def are_hopeless(self) -> bool:
        """Whether no wished result can come of this any more."""
        return all(draft.problem is not None for draft in self.wished)

    async def add(self, thumbnail: Thumbnail) -> None:
        """Adds the next slot to every one."""
        for draft in self._all:
            await draft.add(thumbnail)

    async def publish(self, video: VideoIdentity, engine: str) -> None:
        """Publishes every one that has all its pictures."""
        for draft in self._all:
            journal = Journal(video, draft.target.format, self._settings, self.outline.slots, engine)
            await draft.publish(journal)
