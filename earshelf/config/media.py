"""Libraries of media servers, wired: who reads them, where they are kept, what is done with them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from dependency_injector import containers, providers

from earshelf.adapters.memory.media import MemoryMediaQueries, MemoryMediaStore
from earshelf.adapters.plex.lines import PlexLines
from earshelf.adapters.sqlite.media import SqliteMediaStore
from earshelf.adapters.sqlite.media_queries import SqliteMediaQueries
from earshelf.config.process import installed_version
from earshelf.config.storage import postgres_part
from earshelf.config.zone import local_zone
from earshelf.domain.servers import ServerKind
from earshelf.domain.usecases.following import Following
from earshelf.domain.usecases.scheduling import Scheduling
from earshelf.domain.usecases.syncing import Syncing
from earshelf.domain.usecases.weeding import Weeding
from earshelf.ports.libraries import LibraryReader
from earshelf.ports.servers import ServerAccess

READERS: Mapping[ServerKind, str] = {ServerKind.PLEX: "earshelf.adapters.plex.library:PlexLibrary"}


class ConfiguredReaders:
    """Builds what reads the libraries of a server of some kind, importing its module when it is first needed."""

    def __init__(self, lines: PlexLines, version: str) -> None:
        self._lines = lines
        self._version = version

    def reader(self, access: ServerAccess) -> LibraryReader:
        """The reader of a server's libraries."""
        module, _, name = READERS[access.kind].partition(":")
        return cast(LibraryReader, getattr(import_module(module), name)(access, self._lines, version=self._version))


class MediaShelfContainer(containers.DeclarativeContainer):
    """Where libraries are kept, and their lists."""

    kind = providers.Dependency(instance_of=str)
    database: providers.Dependency[Any] = providers.Dependency()

    memory = providers.Singleton(MemoryMediaStore)
    store = providers.Selector(
        kind,
        memory=memory,
        sqlite=providers.Singleton(SqliteMediaStore, database),
        postgres=providers.Singleton(postgres_part, "media:PostgresMediaStore", database),
    )
    queries = providers.Selector(
        kind,
        memory=providers.Singleton(MemoryMediaQueries, memory, database.provided.tables),
        sqlite=providers.Singleton(SqliteMediaQueries, database),
        postgres=providers.Singleton(postgres_part, "media_queries:PostgresMediaQueries", database),
    )


class MediaContainer(containers.DeclarativeContainer):
    """The activities."""

    store: providers.Dependency[Any] = providers.Dependency()
    storage: providers.Dependency[Any] = providers.Dependency()
    lines = providers.Dependency(instance_of=PlexLines)
    installation: providers.Dependency[Any] = providers.Dependency()
    probing: providers.Dependency[Any] = providers.Dependency()
    clock: providers.Dependency[Any] = providers.Dependency()
    entropy: providers.Dependency[Any] = providers.Dependency()

    readers = providers.Singleton(ConfiguredReaders, lines, providers.Callable(installed_version))
    syncing = providers.Singleton(
        Syncing,
        storage=storage,
        store=store,
        readers=readers,
        installation=installation,
        probing=probing,
        clock=clock,
        entropy=entropy,
    )
    following = providers.Singleton(
        Following, storage=storage, store=store, syncing=syncing, clock=clock, entropy=entropy
    )
    scheduling = providers.Singleton(
        Scheduling, storage=storage, store=store, syncing=syncing, clock=clock, zone=providers.Singleton(local_zone)
    )
    weeding = providers.Singleton(Weeding, storage=storage, store=store, clock=clock)
