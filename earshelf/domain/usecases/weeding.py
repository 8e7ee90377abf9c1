"""Letting go of items that are kept for nobody any more."""

from datetime import timedelta

from earshelf.domain.errors import Conflict, NotFound
from earshelf.domain.ids import ServerId
from earshelf.ports.media import MediaStore
from earshelf.ports.storage import Storage
from earshelf.ports.system import Clock

KEPT = timedelta(days=7)
"""How long an item that its server lists no more may come back as the same."""


class Weeding:
    """Forgets removed items in time, and whole libraries when somebody asks for it."""

    def __init__(self, *, storage: Storage, store: MediaStore, clock: Clock) -> None:
        self._storage = storage
        self._store = store
        self._clock = clock

    async def weed(self) -> None:
        """Forgets items that were removed a week ago."""
        await self._store.removed.forget(self._clock.now() - KEPT)

    async def purge(self, server_id: ServerId, library_key: str) -> int:
        """Forgets all items of a library that its server lost, or that takes no part in syncs; returns how many.

        :raises NotFound: there is no such server, or it has no such library.
        :raises Conflict: the next sync would bring it all back, or one is under way.
        """
        async with self._storage.unit() as unit:
            server = await unit.servers.get(server_id)
        libraries = {library.key: library for library in await self._store.libraries.of_server(server_id)}
        if library_key not in libraries:
            raise NotFound("library", library_key)
        library = libraries[library_key]
        if library.enabled and not library.is_missing:
            raise Conflict(f"The library '{library.title}' takes part in syncs; switch it off first")
        if any(job.server_id == server_id for job in await self._store.jobs.open()):
            raise Conflict(f"A sync of the server '{server.name}' is under way; wait for its end or cancel it")
        return await self._store.removed.purge(server_id, library_key)
