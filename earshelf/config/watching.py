"""Live streams, wired: who lists them, the rules that end them, and whoever listens for changes."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from dependency_injector import containers, providers

from earshelf.adapters.plex.lines import PlexLines
from earshelf.config.process import installed_version
from earshelf.config.zone import local_zone
from earshelf.domain.servers import MediaServer, ServerKind
from earshelf.domain.usecases.acquainting import Acquainting
from earshelf.domain.usecases.attending import Attending
from earshelf.domain.usecases.curbing import Curbing
from earshelf.domain.usecases.polling import Polling
from earshelf.domain.usecases.stopping import Stopping
from earshelf.domain.usecases.telling import Telling
from earshelf.domain.usecases.watching import Watching
from earshelf.ports.streams import StreamSource

SOURCES: Mapping[ServerKind, str] = {ServerKind.PLEX: "earshelf.adapters.plex.streams:PlexStreams"}


class ConfiguredSources:
    """Builds what lists the streams of a server of some kind, importing its module when it is first needed."""

    def __init__(self, lines: PlexLines, version: str) -> None:
        self._lines = lines
        self._version = version

    def of(self, server: MediaServer, client_id: str) -> StreamSource:
        """The source of a server's streams."""
        module, _, name = SOURCES[server.kind].partition(":")
        source = getattr(import_module(module), name)(server, client_id, self._lines, version=self._version)
        return cast(StreamSource, source)


def everybody(*listeners: Callable[[], None]) -> Callable[[], None]:
    """Returns what tells all of them."""

    def tell() -> None:
        for listener in listeners:
            listener()

    return tell


class WatchingContainer(containers.DeclarativeContainer):
    """The activities."""

    storage: providers.Dependency[Any] = providers.Dependency()
    media: providers.Dependency[Any] = providers.Dependency()
    lines = providers.Dependency(instance_of=PlexLines)
    accounts: providers.Dependency[Any] = providers.Dependency()
    installation: providers.Dependency[Any] = providers.Dependency()
    probing: providers.Dependency[Any] = providers.Dependency()
    following: providers.Dependency[Any] = providers.Dependency()
    clock: providers.Dependency[Any] = providers.Dependency()
    entropy: providers.Dependency[Any] = providers.Dependency()

    zone = providers.Singleton(local_zone)
    sources = providers.Singleton(ConfiguredSources, lines, providers.Callable(installed_version))
    polling = providers.Singleton(
        Polling, storage=storage, media=media, sources=sources, installation=installation, probing=probing, clock=clock
    )
    stopping = providers.Singleton(Stopping, storage=storage, polling=polling, clock=clock, zone=zone)
    watching = providers.Singleton(
        Watching, storage=storage, polling=polling, stopping=stopping, clock=clock, zone=zone
    )
    acquainting = providers.Singleton(Acquainting, storage=storage, accounts=accounts, polling=polling)
    telling = providers.Singleton(Telling, watching=watching, clock=clock)
    note_change = providers.Singleton(everybody, watching.provided.note_change, telling.provided.note_change)
    curbing = providers.Singleton(
        Curbing, storage=storage, clock=clock, entropy=entropy, zone=zone, on_change=note_change
    )
    attending = providers.Singleton(
        Attending,
        polling=polling,
        clock=clock,
        on_streams=note_change,
        on_items=following.provided.changed,
    )
