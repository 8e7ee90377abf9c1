"""The pictures of one film, by as many runs of the program as it takes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from earshelf.adapters.ffmpeg.arguments import Plan, command
from earshelf.adapters.ffmpeg.devices import CPU, Device
from earshelf.adapters.ffmpeg.faults import Fault, fault_of, summary
from earshelf.adapters.ffmpeg.film import Film
from earshelf.adapters.ffmpeg.plans import Attempt, attempts, plain_note
from earshelf.adapters.ffmpeg.program import Abilities
from earshelf.adapters.ffmpeg.running import Run, running
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import PreviewSettings
from earshelf.ports.previews import Outline, Thumbnail

_FORGIVEN_SHARE = 50
_FORGIVEN = 2


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be made, of what, and with what."""

    program: Path
    abilities: Abilities
    device: Device
    video: str
    film: Film
    settings: PreviewSettings
    threads: int
    stall_seconds: float


class Filming:
    """A video being sampled; entering waits for its first picture, as only that shows which device can do it.

    A run that fails half way is taken up by the next plan, which leaves out what was already given.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._attempts: Iterator[Attempt] = iter(attempts(task.film, task.device, task.abilities))
        self._runs = AsyncExitStack()
        self._run: Run | None = None
        self._plan = Plan()
        self._taken = 0
        self._first: list[bytes] | None = None
        self._notes = [task.abilities.note] if task.abilities.note else []
        self.outline = Outline(task.film.slots, task.film.sizes, self._notes)

    async def __aenter__(self) -> Self:
        try:
            await self._begin(next(self._attempts))
            self._first = await self._take()
        except BaseException:
            await self._runs.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runs.aclose()

    async def __aiter__(self) -> AsyncIterator[Thumbnail]:
        pictures, self._first = self._first, None
        for slot in range(self.outline.slots):
            if slot:
                pictures = await self._take() or pictures
            yield self._thumbnail(slot, pictures or [])

    async def _take(self) -> list[bytes] | None:
        """Returns the next slot's pictures; None where the film ended so little early that its last one can stay."""
        while True:
            assert self._run is not None
            pictures = await self._run.take()
            if pictures is not None:
                self._taken += 1
                return pictures
            code = await self._run.ended()
            if code == 0 and self._taken and self.outline.slots - self._taken <= self._forgiven():
                return None
            await self._go_on(self._run.lines, code)

    def _forgiven(self) -> int:
        """Returns how many slots at the end may repeat the last picture: containers round their durations up."""
        slots = self.outline.slots
        return min(max(_FORGIVEN, slots // _FORGIVEN_SHARE), max(1, slots // 4))

    async def _go_on(self, lines: list[str], code: int) -> None:
        """Begins the next attempt that answers to how the last one ended."""
        fault = Fault.FILM if code == 0 else fault_of(lines, code)
        following = next((each for each in self._attempts if self._may_help(each, fault, code)), None)
        if following is None:
            raise VideoUnusable(f"'{self._task.video}': {self._complaint(lines, code)}")
        if following.plan.device == CPU != self._plan.device:
            self._notes.append(f"{self._plan.device.name} gave up ({summary(lines, code)}); the processor decodes")
        done, self._taken = self._taken, 0
        await self._begin(following)
        while self._taken < done and await self._take() is not None:
            pass

    def _may_help(self, attempt: Attempt, fault: Fault, code: int) -> bool:
        """Says whether another attempt answers to how the last one ended.

        A run that came to its end gave what there is, except that decoders leave out what merely counts as a keyframe.
        """
        if code:
            return fault in attempt.answers
        return self._plan.keyframes_only and not attempt.plan.keyframes_only

    def _complaint(self, lines: list[str], code: int) -> str:
        partial = f"partial: {self._taken} of {self.outline.slots} pictures"
        if code == 0:
            return f"{partial}, the video breaks off"
        return f"{partial}, {summary(lines, code)}" if self._taken else summary(lines, code)

    async def _begin(self, attempt: Attempt) -> None:
        task, self._plan = self._task, attempt.plan
        note = plain_note(task.film, self._plan)
        self._notes += [note] if note and note not in self._notes else []
        await self._runs.aclose()
        self._run = await self._runs.enter_async_context(
            running(
                task.program,
                lambda urls: command(self._plan, task.film, task.settings, task.video, urls, threads=task.threads),
                len(task.film.distinct_sizes),
                task.stall_seconds,
            )
        )

    def _thumbnail(self, slot: int, pictures: list[bytes]) -> Thumbnail:
        by_size = dict(zip(self._task.film.distinct_sizes, pictures, strict=True))
        return Thumbnail(slot, {fit: by_size[size] for fit, size in self.outline.sizes.items()})
