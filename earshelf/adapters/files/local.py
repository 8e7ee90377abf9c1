"""Local and mounted disks behind the port."""

from collections.abc import Callable, Sequence
from threading import Event
from typing import TypeVar

from anyio import to_thread

from earshelf.adapters.files import publishing, survey
from earshelf.adapters.files.faults import disk_faults
from earshelf.adapters.files.places import Places
from earshelf.domain.ids import ImportId
from earshelf.ports.files import SourceFile, StagingPlan

T = TypeVar("T")


class LocalFiles:
    """Files as the operating system sees them; all work is done in threads."""

    async def audio_below(self, source: str, *, library: str) -> list[SourceFile] | None:
        """Surveys a download; :func:`earshelf.adapters.files.survey.audio_below` says what becomes of links."""
        return await _on_disk(source, lambda: survey.audio_below(source, library))

    async def is_folder(self, path: str) -> bool:
        """Whether the path is an existing folder, be it through a link."""
        return await _on_disk(path, lambda: survey.kind_of(path)) is survey.Kind.FOLDER

    async def is_empty(self, path: str) -> bool:
        """Whether the path is a folder without any entry, be it through a link."""
        return await _on_disk(path, lambda: survey.is_empty(path))

    async def is_inside(self, path: str, folder: str) -> bool:
        """Whether the path lies in the folder, and really there."""
        return await _on_disk(path, lambda: survey.is_inside(path, folder))

    async def exists(self, path: str) -> bool:
        """Whether anything lies at the path; a link to nothing is nothing."""
        return await _on_disk(path, lambda: survey.kind_of(path)) is not None

    async def free_bytes(self, path: str) -> int:
        """Returns what an ordinary user may still write to the path's disk."""
        return await _on_disk(path, lambda: survey.free_bytes(path))

    async def stage(self, plan: StagingPlan, *, library: str) -> None:
        """Puts the book together; when the caller is cancelled, the copying ends with its current megabyte."""
        halt = Event()
        try:
            await _on_disk(plan.target, lambda: publishing.stage(plan, library, halt), abandon=True)
        finally:
            halt.set()

    async def publish(self, plan_id: ImportId, target: str) -> None:
        """Renames the staged book into place; a call that was cut short may be repeated."""
        await _on_disk(target, lambda: publishing.publish(Places.around(target, plan_id)))

    async def is_published(self, plan_id: ImportId, target: str) -> bool:
        """Whether the target carries this import's mark."""
        return await _on_disk(target, lambda: Places.around(target, plan_id).is_published)

    async def settle(self, plan_id: ImportId, target: str, *, replaced: Sequence[str] = ()) -> None:
        """Clears the traces; a foreign file whose name the new book has too comes back with a number."""
        await _on_disk(target, lambda: publishing.settle(Places.around(target, plan_id), replaced))

    async def discard(self, plan_id: ImportId, target: str) -> None:
        """Drops the staged or published book, and puts back what was set aside."""
        await _on_disk(target, lambda: publishing.discard(Places.around(target, plan_id)))

    async def remove_sources(self, sources: Sequence[str], *, root: str) -> None:
        """Deletes moved sources and the folders that they leave empty."""
        await _on_disk(root, lambda: publishing.remove_sources(sources, root))


async def _on_disk(path: str, work: Callable[[], T], *, abandon: bool = False) -> T:
    def guarded() -> T:
        with disk_faults(path):
            return work()

    return await to_thread.run_sync(guarded, abandon_on_cancel=abandon)
