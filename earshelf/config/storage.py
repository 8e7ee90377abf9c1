"""Which database holds the library: chosen by URL, built without being opened."""

import logging
from importlib import import_module
from pathlib import Path
from typing import Any

from dependency_injector import containers, providers

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.leadership import SoleLeadership
from earshelf.adapters.memory.archive import MemorySuccession
from earshelf.adapters.memory.settings import MemorySettings
from earshelf.adapters.memory.storage import MemoryDatabase
from earshelf.adapters.settings_file import SettingsFile
from earshelf.adapters.sqlite.archive import SqliteArchive
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.leadership import SqliteLeadership
from earshelf.adapters.sqlite.queries import SqliteQueries
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.adapters.sqlite.succession import SqliteSuccession
from earshelf.config.process import ProcessSettings
from earshelf.domain.errors import ConfigurationError, Invalid, MissingExtra
from earshelf.domain.settings import LibrarySettings, Settings

_log = logging.getLogger(__name__)

_KINDS = {"memory": "memory", "sqlite": "sqlite", "postgresql": "postgres", "postgres": "postgres"}


def database_kind(settings: ProcessSettings) -> str:
    """Returns ``sqlite``, ``postgres`` or ``memory``.

    :raises ConfigurationError: the URL names a database that this version does not speak with.
    """
    kind = _KINDS.get(settings.database.partition("://")[0])
    if kind is None:
        raise ConfigurationError("EARSHELF_DATABASE_URL must start with sqlite:/// or postgresql://, or be memory://")
    return kind


def sqlite_path(settings: ProcessSettings) -> Path:
    """Returns the file of an ``sqlite:///path`` URL; an absolute path has four slashes or three and a drive."""
    path = settings.database.removeprefix("sqlite:///")
    if not path or path == settings.database:
        raise ConfigurationError("EARSHELF_DATABASE_URL must name a file: sqlite:////folder/earshelf.db")
    return Path(path)


def postgres_part(where: str, *arguments: Any, **options: Any) -> Any:
    """Builds a part of the PostgreSQL adapter, named as ``module:Class``; its driver is an extra.

    :raises MissingExtra: the driver is not installed.
    """
    module, _, name = where.partition(":")
    try:
        part = getattr(import_module(f"earshelf.adapters.postgres.{module}"), name)
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        raise MissingExtra("postgres", "A PostgreSQL database") from error
    return part(*arguments, **options)


def initial_settings(settings: ProcessSettings) -> Settings:
    """Returns what holds until the owner changes it; a value of the environment that cannot be is left out."""
    initial = Settings(library=LibrarySettings(path=settings.library_dir or ""))
    for name, text in settings.seeds.items():
        try:
            initial = initial.changed({name: _number_or_text(text)})
        except Invalid as problem:
            why = "; ".join(problem.fields.values())
            _log.warning("The environment's value for the setting %s is left out: it %s", name, why)
    return initial


def _number_or_text(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


class StorageContainer(containers.DeclarativeContainer):
    """Database, storage, queries and the settings that go with them."""

    settings = providers.Dependency(instance_of=ProcessSettings)
    key = providers.Dependency(instance_of=bytes)

    kind = providers.Callable(database_kind, settings)
    cipher = providers.Singleton(AesGcmCipher, key)
    initial = providers.Callable(initial_settings, settings)

    memory = providers.Singleton(MemoryDatabase)
    sqlite = providers.Singleton(SqliteDatabase, providers.Callable(sqlite_path, settings))

    postgres = providers.Singleton(
        postgres_part,
        "database:PostgresDatabase",
        settings.provided.database,
        connections=settings.provided.database_connections,
    )

    database = providers.Selector(kind, memory=memory, sqlite=sqlite, postgres=postgres)
    storage = providers.Selector(
        kind,
        memory=memory.provided.storage,
        sqlite=providers.Singleton(SqliteStorage, sqlite, cipher),
        postgres=providers.Singleton(postgres_part, "storage:PostgresStorage", postgres, cipher),
    )
    queries = providers.Selector(
        kind,
        memory=memory.provided.queries,
        sqlite=providers.Singleton(SqliteQueries, sqlite, cipher),
        postgres=providers.Singleton(postgres_part, "queries:PostgresQueries", postgres, cipher),
    )
    archive = providers.Selector(
        kind,
        memory=memory.provided.archive,
        sqlite=providers.Singleton(SqliteArchive, sqlite),
        postgres=providers.Singleton(postgres_part, "archive:PostgresArchive", postgres),
    )
    succession = providers.Selector(
        kind,
        memory=providers.Singleton(MemorySuccession),
        sqlite=providers.Singleton(SqliteSuccession, sqlite),
        postgres=providers.Singleton(postgres_part, "succession:PostgresSuccession", postgres),
    )
    settings_store = providers.Selector(
        kind,
        memory=providers.Singleton(MemorySettings, initial),
        sqlite=providers.Singleton(SettingsFile, settings.provided.config_dir, initial),
        postgres=providers.Singleton(postgres_part, "settings:PostgresSettings", postgres, initial),
    )
    leadership = providers.Selector(
        kind,
        memory=providers.Singleton(SoleLeadership),
        sqlite=providers.Singleton(SqliteLeadership, sqlite),
        postgres=providers.Singleton(postgres_part, "leadership:PostgresLeadership", postgres),
    )
