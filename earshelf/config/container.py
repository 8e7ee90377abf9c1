"""The whole house, wired. Providers build and never open; ``opened()`` opens adapters and closes them again.

container = Container(settings=ProcessSettings(database_url="memory://"))
async with container.opened():
    book = await container.cataloguing().add_by_asin("B08G9PRS1K")
"""

import secrets
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta

from dependency_injector import containers, providers

from earshelf.adapters.audible import Audible
from earshelf.adapters.audio import MutagenReader
from earshelf.adapters.audnexus import Audnexus
from earshelf.adapters.backup_file import BackupZips
from earshelf.adapters.files.guards import FolderGuard
from earshelf.adapters.files.local import LocalFiles
from earshelf.adapters.http import HttpClient
from earshelf.adapters.keyring import FileKeyring, SettledKey
from earshelf.adapters.outbox import Dispatcher, PublishingStorage
from earshelf.adapters.patterns import Re2Patterns
from earshelf.adapters.system import SystemClock, SystemEntropy
from earshelf.adapters.throttle import ProviderGate
from earshelf.adapters.trackers import Trackers
from earshelf.config.companion import CompanionContainer
from earshelf.config.integrations import ConfiguredNeighbours
from earshelf.config.media import MediaContainer, MediaShelfContainer
from earshelf.config.opening import open_all
from earshelf.config.prerolls import PrerollContainer
from earshelf.config.process import ProcessSettings, installed_version
from earshelf.config.storage import StorageContainer, database_kind
from earshelf.config.watching import WatchingContainer
from earshelf.domain.access import Credential
from earshelf.domain.browser_sessions import SessionSeal
from earshelf.domain.releases import ReleaseSigner
from earshelf.domain.usecases.admitting import Admitting
from earshelf.domain.usecases.authenticating import Authenticating
from earshelf.domain.usecases.cataloguing import Cataloguing
from earshelf.domain.usecases.configuring import Configuring
from earshelf.domain.usecases.diagnosing import Diagnosing
from earshelf.domain.usecases.grabbing import Grabbing
from earshelf.domain.usecases.importing import Importing
from earshelf.domain.usecases.monitoring import Monitoring
from earshelf.domain.usecases.refreshing import Refreshing
from earshelf.domain.usecases.reviewing import Reviewing
from earshelf.domain.usecases.safekeeping import Safekeeping
from earshelf.domain.usecases.searching import Searching
from earshelf.domain.usecases.shelving import Shelving

_KEY_BYTES = 32


def installation_key(settings: ProcessSettings, keyring: FileKeyring) -> bytes:
    """Returns the key that encrypts secrets and signs tokens; a library in memory gets one that dies with it."""
    if database_kind(settings) == "memory" and settings.secret_key is None:
        return secrets.token_bytes(_KEY_BYTES)
    return keyring.key()


def fixed_credentials(settings: ProcessSettings) -> Mapping[Credential, str]:
    """Returns the credentials that the environment sets."""
    given = {Credential.API_KEY: settings.api_key, Credential.OPERATOR_TOKEN: settings.operator_token}
    return {credential: value for credential, value in given.items() if value}


def session_seal(settings: ProcessSettings) -> SessionSeal:
    """Returns what names sessions: under another session key, those of before are unknown."""
    return SessionSeal((settings.session_key or "").encode(errors="surrogateescape"))


def provider_gap(settings: ProcessSettings) -> timedelta:
    """Returns the least time between two requests to one provider."""
    return timedelta(milliseconds=settings.provider_gap_ms)


class Container(containers.DeclarativeContainer):
    """Every use case, by its activity's name."""

    settings = providers.Dependency(instance_of=ProcessSettings)
    keyring = providers.Singleton(
        FileKeyring,
        settings.provided.config_dir,
        settings.provided.secret_key,
        settings.provided.secret_key_next,
    )
    key = providers.Singleton(installation_key, settings, keyring)
    stored = providers.Container(StorageContainer, settings=settings, key=key)

    clock = providers.Singleton(SystemClock)
    entropy = providers.Singleton(SystemEntropy)
    http = providers.Singleton(HttpClient)
    files = providers.Singleton(LocalFiles)
    audio = providers.Singleton(MutagenReader)
    patterns = providers.Singleton(Re2Patterns)
    media_guard = providers.Singleton(FolderGuard, settings.provided.media_root, "MEDIA_ROOT")
    plex_data_guard = providers.Singleton(FolderGuard, settings.provided.plex_data_root, "PLEX_DATA_ROOT")
    signer = providers.Singleton(ReleaseSigner, key)
    neighbours = providers.Singleton(ConfiguredNeighbours, http)
    fetcher = providers.Singleton(Trackers, http)

    settings_store = stored.settings_store
    queries = stored.queries
    leadership = stored.leadership
    dispatcher = providers.Singleton(Dispatcher, stored.storage, clock)
    storage = providers.Singleton(PublishingStorage, stored.storage, dispatcher)
    archive = stored.archive
    settled_key = providers.Selector(
        stored.kind,
        memory=providers.Factory(nullcontext),
        sqlite=providers.Factory(SettledKey, keyring, stored.archive),
        postgres=providers.Factory(SettledKey, keyring, stored.archive),
    )
    opened = providers.Factory(open_all, stored.database, settled_key, http)

    _gap = providers.Callable(provider_gap, settings)
    catalogue = providers.Singleton(
        Audible,
        http,
        providers.Factory(ProviderGate, "Audible", clock=clock, gap=_gap),
        base_url=settings.provided.audible_url,
    )
    enrichment = providers.Singleton(
        Audnexus,
        http,
        providers.Factory(ProviderGate, "Audnexus", clock=clock, gap=_gap),
        base_url=settings.provided.audnexus_url,
    )

    authenticating = providers.Singleton(
        Authenticating,
        storage=storage,
        clock=clock,
        entropy=entropy,
        fixed=providers.Callable(fixed_credentials, settings),
    )
    admitting = providers.Singleton(
        Admitting,
        storage=storage,
        authenticating=authenticating,
        seal=providers.Callable(session_seal, settings),
        clock=clock,
        entropy=entropy,
    )
    configuring = providers.Singleton(
        Configuring,
        storage=storage,
        neighbours=neighbours,
        settings=settings_store,
        files=files,
        patterns=patterns,
        clock=clock,
        entropy=entropy,
    )
    media_shelf = providers.Container(MediaShelfContainer, kind=stored.kind, database=stored.database)
    media_store = media_shelf.store
    media_queries = media_shelf.queries
    companion = providers.Container(
        CompanionContainer,
        settings=settings,
        storage=storage,
        media=media_store,
        http=http,
        clock=clock,
        entropy=entropy,
    )
    accounts = companion.accounts
    server_clients = companion.clients
    connecting = companion.connecting
    linking = companion.linking
    moving = companion.moving
    media = providers.Container(
        MediaContainer,
        store=media_store,
        storage=storage,
        lines=companion.lines,
        installation=companion.installation,
        probing=companion.probing,
        clock=clock,
        entropy=entropy,
    )
    syncing = media.syncing
    following = media.following
    scheduling = media.scheduling
    weeding = media.weeding
    streams = providers.Container(
        WatchingContainer,
        storage=storage,
        media=media_store,
        lines=companion.lines,
        accounts=companion.accounts,
        installation=companion.installation,
        probing=companion.probing,
        following=following,
        clock=clock,
        entropy=entropy,
    )
    watching = streams.watching
    telling = streams.telling
    acquainting = streams.acquainting
    curbing = streams.curbing
    attending = streams.attending
    prerolls = providers.Container(
        PrerollContainer,
        storage=storage,
        settings_store=settings_store,
        lines=companion.lines,
        installation=companion.installation,
        probing=companion.probing,
        clock=clock,
        entropy=entropy,
    )
    airing = prerolls.airing
    programming = prerolls.programming

    grabbing = providers.Singleton(
        Grabbing,
        storage=storage,
        neighbours=neighbours,
        fetcher=fetcher,
        signer=signer,
        clock=clock,
        entropy=entropy,
    )
    searching = providers.Singleton(
        Searching,
        storage=storage,
        neighbours=neighbours,
        settings=settings_store,
        grabbing=grabbing,
        signer=signer,
        clock=clock,
    )
    shelving = providers.Singleton(Shelving, storage=storage, files=files, settings=settings_store)
    importing = providers.Singleton(
        Importing,
        storage=storage,
        shelving=shelving,
        files=files,
        audio=audio,
        settings=settings_store,
        clock=clock,
        entropy=entropy,
    )
    reviewing = providers.Singleton(
        Reviewing,
        storage=storage,
        importing=importing,
        files=files,
        settings=settings_store,
        clock=clock,
        entropy=entropy,
    )
    cataloguing = providers.Singleton(
        Cataloguing,
        storage=storage,
        queries=queries,
        catalogue=catalogue,
        enrichment=enrichment,
        settings=settings_store,
        clock=clock,
        entropy=entropy,
        importing=importing,
    )
    monitoring = providers.Singleton(Monitoring, storage=storage, neighbours=neighbours, clock=clock)
    refreshing = providers.Singleton(Refreshing, storage=storage, neighbours=neighbours, clock=clock)
    safekeeping = providers.Singleton(
        Safekeeping,
        archive=archive,
        succession=stored.succession,
        leadership=leadership,
        keyring=keyring,
        settings=settings_store,
        backups=providers.Factory(BackupZips),
        clock=clock,
        version=providers.Callable(installed_version),
    )
    diagnosing = providers.Singleton(
        Diagnosing,
        storage=storage,
        settings=settings_store,
        files=files,
        searching=searching,
        monitoring=monitoring,
        refreshing=refreshing,
        authenticating=authenticating,
    )
