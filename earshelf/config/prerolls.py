"""Prerolls, wired: who keeps them on servers of each kind, the programme, and its airing."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from dependency_injector import containers, providers

from earshelf.adapters.plex.lines import PlexLines
from earshelf.config.process import installed_version
from earshelf.config.zone import local_zone
from earshelf.domain.servers import ServerKind
from earshelf.domain.usecases.airing import Airing
from earshelf.domain.usecases.programming import Programming
from earshelf.domain.usecases.reaching import Reaching
from earshelf.domain.usecases.tending import Tending
from earshelf.ports.prerolls import PrerollKeeper
from earshelf.ports.servers import ServerAccess

KEEPERS: Mapping[ServerKind, str] = {ServerKind.PLEX: "earshelf.adapters.plex.prerolls:PlexPrerolls"}


class ConfiguredKeepers:
    """Builds what keeps the prerolls of a server of some kind, importing its module when it is first needed."""

    def __init__(self, lines: PlexLines, version: str) -> None:
        self._lines = lines
        self._version = version

    def at(self, access: ServerAccess) -> PrerollKeeper:
        """The keeper of a server's prerolls."""
        module, _, name = KEEPERS[access.kind].partition(":")
        return cast(PrerollKeeper, getattr(import_module(module), name)(access, self._lines, version=self._version))


class PrerollContainer(containers.DeclarativeContainer):
    """The activities."""

    storage: providers.Dependency[Any] = providers.Dependency()
    settings_store: providers.Dependency[Any] = providers.Dependency()
    lines = providers.Dependency(instance_of=PlexLines)
    installation: providers.Dependency[Any] = providers.Dependency()
    probing: providers.Dependency[Any] = providers.Dependency()
    clock: providers.Dependency[Any] = providers.Dependency()
    entropy: providers.Dependency[Any] = providers.Dependency()

    zone = providers.Singleton(local_zone)
    keepers = providers.Singleton(ConfiguredKeepers, lines, providers.Callable(installed_version))
    reaching = providers.Singleton(Reaching, keepers=keepers, installation=installation, probing=probing)
    tending = providers.Singleton(Tending, storage=storage, reaching=reaching, clock=clock, zone=zone)
    airing = providers.Singleton(
        Airing,
        storage=storage,
        reaching=reaching,
        tending=tending,
        settings=settings_store,
        clock=clock,
        zone=zone,
    )
    programming = providers.Singleton(
        Programming, storage=storage, airing=airing, clock=clock, entropy=entropy, zone=zone
    )
