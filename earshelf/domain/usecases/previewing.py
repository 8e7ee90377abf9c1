"""Making preview thumbnails: every wished result of a video from one pass over its pictures."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from earshelf.domain.errors import EarshelfError, FilesUnavailable, VideoUnusable
from earshelf.domain.previews import (
    FIT_OF,
    Fit,
    Freshness,
    Journal,
    PreviewFormat,
    PreviewReport,
    PreviewSettings,
    Provenance,
    Target,
    TargetOutcome,
    TargetReport,
    VideoIdentity,
    cache_key,
    freshness,
)
from earshelf.domain.usecases.drafting import Draft, Drafts
from earshelf.domain.usecases.keeping import Keeping
from earshelf.ports.guards import PathGuard
from earshelf.ports.previews import Disks, FrameCache, FrameSource, PreviewStore, Sampling

Progress = Callable[[str, int, int], None]
"""Hears of a video how many of how many pictures are made."""


def _unheard(video: str, done: int, total: int) -> None:
    """Tells nobody."""


_Opening = AbstractAsyncContextManager[Sampling]


@dataclass(frozen=True, slots=True)
class PreviewWish:
    """What is wanted of one video; ``siblings`` are results of other formats that may be there to be converted."""

    video: str
    targets: Sequence[Target]
    siblings: Sequence[Target] = ()


@dataclass(slots=True)
class _Job:
    """One video's way through the house."""

    wish: PreviewWish
    settings: PreviewSettings
    identity: VideoIdentity
    regenerate: bool
    progress: Progress
    fresh: dict[Target, Journal] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[Target]:
        return [target for target in self.wish.targets if target not in self.fresh]


class Previewing:
    """Makes previews: leaves alone what is fresh, converts, takes from the cache, and decodes what is left once.

    ``workers`` is how many videos are worked on at a time; a rotating disk is read for one of them only. ``engine``
    names this version in the journals; ``guard`` says which videos may be read, all without one.
    """

    def __init__(
        self,
        *,
        source: FrameSource,
        store: PreviewStore,
        disks: Disks,
        guard: PathGuard | None = None,
        cache: FrameCache | None = None,
        workers: int = 1,
        engine: str = "",
    ) -> None:
        self._guard = guard
        self._source = source
        self._store = store
        self._disks = disks
        self._cache = cache
        self._workers = workers
        self._engine = engine
        self._places = asyncio.Semaphore(workers)
        self._heads: dict[str, asyncio.Semaphore] = {}

    async def sweep(self, folder: str) -> list[str]:
        """Removes what killed runs left half made below a folder of results, and returns the paths.

        :raises FilesUnavailable: the folder cannot be looked into.
        """
        return await self._store.sweep(folder)

    async def make(
        self,
        video: str,
        targets: Sequence[Target],
        settings: PreviewSettings,
        *,
        siblings: Sequence[Target] = (),
        regenerate: bool = False,
        progress: Progress = _unheard,
    ) -> PreviewReport:
        """Makes what is missing of one video's results.

        A result that nothing is known about is made anew. With ``regenerate`` everything is decoded and made anew.
        A target that fails does not stop the others; what stood in its place stays. Where the video fails, or is
        replaced while it is read, nothing is published. Cancelling leaves nothing half made.
        """
        wish = PreviewWish(video, targets, siblings)
        try:
            identity = await self._identity(video)
        except EarshelfError as problem:
            return _refusal(wish, problem.message)
        job = _Job(wish, settings, identity, regenerate, progress)
        keeping = Keeping(self._cache, cache_key(identity, settings), job.notes)
        async with keeping.claimed():
            if not regenerate:
                await self._look(job)
            return await self._fulfil(job, keeping)

    async def make_all(
        self,
        wishes: Sequence[PreviewWish],
        settings: PreviewSettings,
        *,
        regenerate: bool = False,
        progress: Progress = _unheard,
    ) -> AsyncGenerator[PreviewReport, None]:
        """Makes what is missing of many videos' results, and gives each video's report as it ends.

        Leaving early cancels what still goes on.
        """
        lanes: dict[asyncio.Task[PreviewReport], Iterator[PreviewWish]] = {}

        def start_next(lane: Iterator[PreviewWish]) -> None:
            for wish in lane:
                one = self.make(
                    wish.video,
                    wish.targets,
                    settings,
                    siblings=wish.siblings,
                    regenerate=regenerate,
                    progress=progress,
                )
                lanes[asyncio.create_task(one)] = lane
                return

        try:
            for lane in await self._lanes(wishes):
                start_next(lane)
            while lanes:
                done, _ = await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    start_next(lanes.pop(task))
                    yield task.result()
        finally:
            for task in lanes:
                task.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def _lanes(self, wishes: Sequence[PreviewWish]) -> list[Iterator[PreviewWish]]:
        """Orders videos so that none waits for a disk while another disk has nothing to do."""
        rotating: dict[str, list[PreviewWish]] = {}
        free: list[PreviewWish] = []
        for wish in wishes:
            disk = await self._disks.holding(wish.video)
            (rotating.setdefault(disk.identifier, []) if disk.is_rotational else free).append(wish)
        return [iter(free)] * self._workers + [iter(lane) for lane in rotating.values()]

    async def _look(self, job: _Job) -> None:
        """Finds which results, wished or beside them, are fresh."""
        for target in (*job.wish.targets, *job.wish.siblings):
            try:
                journal = await self._store.journal(target)
            except FilesUnavailable:
                # making it will say so, if it is still so then
                continue
            if journal is not None and freshness(journal, job.identity, job.settings) is Freshness.FRESH:
                job.fresh[target] = journal

    async def _fulfil(self, job: _Job, keeping: Keeping) -> PreviewReport:
        if not job.missing:
            return _report(job, next((journal.pictures for journal in job.fresh.values()), 0))
        kept = None if job.regenerate else await keeping.find()
        why = ""
        for provenance, opening in self._ways(job, kept):
            place = await keeping.place() if provenance is Provenance.EXTRACTED else None
            try:
                drafts = await self._pass(job, opening, place)
            except EarshelfError as problem:
                why = problem.message
                continue
            if drafts.aside is not None and not drafts.are_hopeless:
                await keeping.keep(drafts.aside)
            return _report(job, drafts.outline.slots, drafts.wished, provenance)
        return _refusal(job.wish, why, job)

    def _ways(self, job: _Job, kept: Target | None) -> Iterator[tuple[Provenance, _Opening]]:
        """Gives the ways to the pictures, the best first; a way that turns out closed is followed by the next."""
        fits = frozenset(FIT_OF[target.format] for target in job.missing)
        # sheets come last of what is there: taking their tiles apart compresses them once more
        for target in (one for one in job.fresh if one.format is not PreviewFormat.JELLYFIN):
            yield Provenance.CONVERTED, self._reading(target, fits)
        if kept is not None:
            yield Provenance.CACHE_HIT, self._reading(kept, fits)
        for target in (one for one in job.fresh if one.format is PreviewFormat.JELLYFIN):
            yield Provenance.CONVERTED, self._reading(target, fits)
        yield Provenance.EXTRACTED, self._sampling(job, fits)

    @asynccontextmanager
    async def _reading(self, target: Target, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        async with self._places, self._store.reading(target, fits) as sampling:
            yield sampling

    @asynccontextmanager
    async def _sampling(self, job: _Job, fits: frozenset[Fit]) -> AsyncIterator[Sampling]:
        disk = await self._disks.holding(job.wish.video)
        # the cache keeps pictures of this fit; where both agree in size it costs nothing
        wanted = fits | {Fit.BOX} if self._cache is not None else fits
        async with AsyncExitStack() as stack:
            if disk.is_rotational:
                await stack.enter_async_context(self._heads.setdefault(disk.identifier, asyncio.Semaphore(1)))
            await stack.enter_async_context(self._places)
            yield await stack.enter_async_context(self._source.sample(job.wish.video, job.settings, wanted))

    async def _pass(self, job: _Job, opening: _Opening, place: Target | None) -> Drafts:
        """Lets all drafts have every picture, and publishes those that came through."""
        async with opening as sampling:
            outline = sampling.outline
            job.notes += [note for note in outline.notes if note not in job.notes]
            async with Drafts(self._store, outline, job.settings, wished=job.missing, aside=place) as drafts:
                if not drafts.are_hopeless:
                    await self._fill(job, sampling, drafts)
                if not drafts.are_hopeless:
                    await self._require_unchanged(job)
                    await drafts.publish(job.identity, self._engine)
                return drafts

    async def _fill(self, job: _Job, sampling: Sampling, drafts: Drafts) -> None:
        count, slots = 0, drafts.outline.slots
        async for thumbnail in sampling:
            await drafts.add(thumbnail)
            if drafts.are_hopeless:
                return
            count += 1
            job.progress(job.wish.video, count, slots)
        if count != slots:
            raise VideoUnusable(f"'{job.wish.video}' gave {count} of {slots} pictures")

    async def _identity(self, video: str) -> VideoIdentity:
        if self._guard is not None:
            await self._guard.resolve(video)
        return await self._store.identity(video)

    async def _require_unchanged(self, job: _Job) -> None:
        # guarded again: a link may have been put in its way meanwhile
        if await self._identity(job.wish.video) != job.identity:
            raise VideoUnusable(f"'{job.wish.video}' was replaced while it was read; try again once it is complete")


def _report(job: _Job, slots: int, drafts: Sequence[Draft] = (), provenance: Provenance | None = None) -> PreviewReport:
    outcomes = {draft.target: _outcome(draft) for draft in drafts}
    rows = [outcomes.get(target, _skipped(target)) for target in job.wish.targets]
    is_made = any(row.outcome is TargetOutcome.PUBLISHED for row in rows)
    return PreviewReport(job.wish.video, rows, slots, provenance if is_made else None, notes=tuple(job.notes))


def _outcome(draft: Draft) -> TargetReport:
    if draft.problem is None:
        return TargetReport(draft.target, TargetOutcome.PUBLISHED)
    return TargetReport(draft.target, TargetOutcome.FAILED, draft.problem)


def _skipped(target: Target) -> TargetReport:
    return TargetReport(target, TargetOutcome.SKIPPED_OUTPUT_EXISTS)


def _refusal(wish: PreviewWish, why: str, job: _Job | None = None) -> PreviewReport:
    """Tells that a video gives nothing; results that were fresh before stay what they are."""
    fresh = job.fresh if job else {}
    rows = [
        _skipped(target) if target in fresh else TargetReport(target, TargetOutcome.FAILED, why)
        for target in wish.targets
    ]
    return PreviewReport(wish.video, rows, reason=why, notes=tuple(job.notes) if job else ())
