"""What the errors of PostgreSQL become."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from earshelf.adapters.postgres.database import PostgresDatabase
from earshelf.adapters.postgres.failures import meaning, place_of, translated
from earshelf.domain.errors import (
    ConfigurationError,
    Conflict,
    EarshelfError,
    Invalid,
    StorageCorrupt,
    StorageUnavailable,
)

PLACE = "db.example/library"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (asyncpg.UniqueViolationError, Conflict),
        (asyncpg.ForeignKeyViolationError, Conflict),
        (asyncpg.CharacterNotInRepertoireError, Invalid),
        (asyncpg.NumericValueOutOfRangeError, Invalid),
        (asyncpg.ProgramLimitExceededError, Invalid),
        (asyncpg.InvalidPasswordError, ConfigurationError),
        (asyncpg.InvalidAuthorizationSpecificationError, ConfigurationError),
        (asyncpg.InvalidCatalogNameError, ConfigurationError),
        (asyncpg.InsufficientPrivilegeError, ConfigurationError),
        (asyncpg.ClientConfigurationError, ConfigurationError),
        (asyncpg.UndefinedTableError, StorageCorrupt),
        (asyncpg.UndefinedColumnError, StorageCorrupt),
        (asyncpg.DataCorruptedError, StorageCorrupt),
        (asyncpg.IndexCorruptedError, StorageCorrupt),
        (asyncpg.TooManyConnectionsError, StorageUnavailable),
        (asyncpg.CannotConnectNowError, StorageUnavailable),
        (asyncpg.AdminShutdownError, StorageUnavailable),
        (asyncpg.CrashShutdownError, StorageUnavailable),
        (asyncpg.IdleInTransactionSessionTimeoutError, StorageUnavailable),
        (asyncpg.LockNotAvailableError, StorageUnavailable),
        (asyncpg.QueryCanceledError, StorageUnavailable),
        (asyncpg.DeadlockDetectedError, StorageUnavailable),
        (asyncpg.SerializationError, StorageUnavailable),
        (asyncpg.ReadOnlySQLTransactionError, StorageUnavailable),
        (asyncpg.DiskFullError, StorageUnavailable),
        (asyncpg.OutOfMemoryError, StorageUnavailable),
        (asyncpg.InFailedSQLTransactionError, StorageUnavailable),
        (asyncpg.InterfaceError, StorageUnavailable),
        (asyncpg.ConnectionDoesNotExistError, StorageUnavailable),
        (asyncpg.InternalClientError, StorageUnavailable),
        (asyncpg.PostgresIOError, StorageUnavailable),
        (TimeoutError, StorageUnavailable),
        (ConnectionRefusedError, StorageUnavailable),
        (ConnectionResetError, StorageUnavailable),
        (FileNotFoundError, StorageUnavailable),
    ],
)
def test_each_error_of_the_driver_has_one_meaning(kind: type[Exception], expected: type[EarshelfError]) -> None:
    ours = meaning(kind("password=hush"), PLACE)
    assert type(ours) is expected
    assert expected is Invalid or PLACE in ours.message
    assert "hush" not in ours.message


def test_errors_that_are_not_the_drivers_stay_what_they_are() -> None:
    assert meaning(KeyError("x"), PLACE) is None
    with pytest.raises(KeyError), translated(PLACE):
        raise KeyError("x")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://me:hush@db.example:5433/library", "db.example:5433/library"),
        ("postgres://me:h%40sh@db.example/my%20books", "db.example/my books"),
        ("postgresql://one:1,two:2/library", "one:1,two:2/library"),
        ("postgresql://me:hush@/library?host=/run/postgresql", "/run/postgresql/library"),
        ("postgresql:///library", "localhost/library"),
        ("postgresql://me:hush@[::1/library", "an unreadable address"),
    ],
)
def test_a_place_is_named_without_user_and_password(url: str, place: str) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("url", "kind", "why"),
    [
        ("postgresql://me:hush@127.0.0.1:1/books", StorageUnavailable, "nobody listens there"),
        ("postgresql://me:hush@/books?host=/nowhere", StorageUnavailable, "socket is not there"),
        ("postgresql://me:hush@127.0.0.1:port/books", ConfigurationError, "malformed"),
        ("postgresql://me:hush@127.0.0.1:99999/books", ConfigurationError, "malformed"),
        ("postgresql://me:hush/hush@127.0.0.1:1/books", ConfigurationError, "percent-encoded"),
        ("postgresql://me:hush#hush@127.0.0.1:1/books", ConfigurationError, "percent-encoded"),
        ("postgresql://me:hush?hush@127.0.0.1:1/books", ConfigurationError, "percent-encoded"),
        ("postgresql://me:hush@[::1/books", ConfigurationError, "malformed"),
        ("postgresql://me:hush@127.0.0.1:1/books?sslmode=perhaps", ConfigurationError, "malformed"),
    ],
)
async def test_a_server_that_cannot_be_opened_is_told_with_the_remedy_and_without_the_password(
    url: str, kind: type[EarshelfError], why: str
) -> None:
    with pytest.raises(kind, match=why) as refusal:
        await PostgresDatabase(url).__aenter__()
    assert "EARSHELF_DATABASE_URL" in refusal.value.message
    assert "hush" not in str(refusal.value)


def test_without_the_driver_every_command_names_the_extra_and_makes_nothing(tmp_path: Path) -> None:
    program = "import sys; sys.modules['asyncpg'] = None; from earshelf.entrypoints.cli import main; sys.exit(main())"
    environment = {"CONFIG_DIR": str(tmp_path / "config"), "EARSHELF_DATABASE_URL": "postgresql://me:hush@db/books"}
    for command in ("serve", "check", "rotate-key"):
        ended = subprocess.run(
            [sys.executable, "-c", program, command],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        told = "earshelf: A PostgreSQL database needs an extra: pip install 'earshelf[postgres]'\n"
        assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", told)
    assert list(tmp_path.iterdir()) == []
