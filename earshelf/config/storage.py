"""Which database holds the library: chosen by URL, built without being opened."""

from pathlib import Path
from urllib.parse import urlsplit

from dependency_injector import containers, providers

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.memory.settings import MemorySettings
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.settings_file import SettingsFile
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.queries import SqliteQueries
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.config.process import ProcessSettings
from earshelf.domain.errors import ConfigurationError
from earshelf.domain.settings import LibrarySettings, Settings


def database_kind(settings: ProcessSettings) -> str:
    """Returns ``sqlite`` or ``memory``.

    :raises ConfigurationError: the URL names a database that this version does not speak with.
    """
    scheme = urlsplit(settings.database).scheme
    if scheme not in {"sqlite", "memory"}:
        raise ConfigurationError("EARSHELF_DATABASE_URL must start with sqlite:/// or be memory://")
    return scheme


def sqlite_path(settings: ProcessSettings) -> Path:
    """Returns the file of an ``sqlite:///path`` URL; an absolute path has four slashes or three and a drive."""
    path = settings.database.removeprefix("sqlite:///")
    if not path or path == settings.database:
        raise ConfigurationError("EARSHELF_DATABASE_URL must name a file: sqlite:////folder/earshelf.db")
    return Path(path)


def initial_settings(settings: ProcessSettings) -> Settings:
    """Returns what holds until the owner changes it."""
    return Settings(library=LibrarySettings(path=settings.library_dir or ""))


class StorageContainer(containers.DeclarativeContainer):
    """Database, storage, queries and the settings that go with them."""

    settings = providers.Dependency(instance_of=ProcessSettings)
    key = providers.Dependency(instance_of=bytes)

    kind = providers.Callable(database_kind, settings)
    cipher = providers.Singleton(AesGcmCipher, key)
    initial = providers.Callable(initial_settings, settings)

    memory = providers.Singleton(MemoryDatabase)
    sqlite = providers.Singleton(SqliteDatabase, providers.Callable(sqlite_path, settings))

    database = providers.Selector(kind, memory=memory, sqlite=sqlite)
    storage = providers.Selector(
        kind,
        memory=memory.provided.storage,
        sqlite=providers.Singleton(SqliteStorage, sqlite, cipher),
    )
    queries = providers.Selector(
        kind,
        memory=memory.provided.queries,
        sqlite=providers.Singleton(SqliteQueries, sqlite, cipher),
    )
    settings_store = providers.Selector(
        kind,
        memory=providers.Singleton(MemorySettings, initial),
        sqlite=providers.Singleton(SettingsFile, settings.provided.config_dir, initial),
    )
