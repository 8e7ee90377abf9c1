"""The Plex companion, wired: the account, and clients of media servers by their kind."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from dependency_injector import containers, providers

from earshelf.adapters.http import HttpClient
from earshelf.adapters.plex.account import PlexAccounts
from earshelf.adapters.plex.lines import PlexLines
from earshelf.config.process import ProcessSettings, installed_version
from earshelf.domain.servers import ServerKind
from earshelf.domain.usecases.connecting import Connecting
from earshelf.domain.usecases.discovering import Discovering
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.linking import Linking
from earshelf.domain.usecases.moving import Moving
from earshelf.domain.usecases.probing import Probing
from earshelf.ports.servers import MediaServerClient, ServerAccess

SERVERS: Mapping[ServerKind, str] = {ServerKind.PLEX: "earshelf.adapters.plex.server:PlexServer"}


class ConfiguredServers:
    """Builds the client that a server's kind asks for, importing its module when it is first needed."""

    def __init__(self, lines: PlexLines, version: str) -> None:
        self._lines = lines
        self._version = version

    def at(self, access: ServerAccess) -> MediaServerClient:
        """The client of a server."""
        module, _, name = SERVERS[access.kind].partition(":")
        client = getattr(import_module(module), name)(access, self._lines, version=self._version)
        return cast(MediaServerClient, client)


class CompanionContainer(containers.DeclarativeContainer):
    """Accounts, servers, and what is done with them."""

    settings = providers.Dependency(instance_of=ProcessSettings)
    storage: providers.Dependency[Any] = providers.Dependency()
    media: providers.Dependency[Any] = providers.Dependency()
    http = providers.Dependency(instance_of=HttpClient)
    clock: providers.Dependency[Any] = providers.Dependency()
    entropy: providers.Dependency[Any] = providers.Dependency()

    version = providers.Callable(installed_version)
    lines = providers.Singleton(PlexLines, http, clock)
    accounts = providers.Singleton(PlexAccounts, lines, clock, version=version, base_url=settings.provided.plex_tv_url)
    clients = providers.Singleton(ConfiguredServers, lines, version)
    installation = providers.Singleton(Installation, storage=storage, clock=clock, entropy=entropy)
    probing = providers.Singleton(Probing, clients=clients, installation=installation, clock=clock)
    discovering = providers.Singleton(Discovering, accounts=accounts, installation=installation)
    moving = providers.Singleton(Moving, storage=storage, discovering=discovering, probing=probing, clock=clock)
    connecting = providers.Singleton(
        Connecting,
        storage=storage,
        discovering=discovering,
        probing=probing,
        media=media,
        clock=clock,
        entropy=entropy,
    )
    linking = providers.Singleton(
        Linking,
        storage=storage,
        accounts=accounts,
        installation=installation,
        connecting=connecting,
        clock=clock,
    )
