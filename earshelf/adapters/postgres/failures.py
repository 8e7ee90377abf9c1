"""What PostgreSQL's errors mean to the house: one table, used by everything that talks to the database.

Messages name host, port and database, never the user, the password or the whole URL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urlsplit

from asyncpg import exceptions as pg

from earshelf.domain.errors import (
    ConfigurationError,
    Conflict,
    EarshelfError,
    Invalid,
    StorageCorrupt,
    StorageUnavailable,
)

_UNAVAILABLE: tuple[tuple[type[Exception], str], ...] = (
    (pg.TooManyConnectionsError, "it has no connection left; raise its max_connections or run fewer processes"),
    (pg.CannotConnectNowError, "it is starting or stopping; it will be tried again"),
    (pg.AdminShutdownError, "it closed the connection; it will be tried again"),
    (pg.CrashShutdownError, "it crashed; look at its log"),
    (pg.IdleInTransactionSessionTimeoutError, "a unit of work stood still for too long; nothing was written"),
    (pg.LockNotAvailableError, "another process holds a lock for too long; stop that process or wait for it"),
    (pg.QueryCanceledError, "the question took too long"),
    (pg.TransactionRollbackError, "another transaction was in the way; nothing was written, try again"),
    (pg.ReadOnlySQLTransactionError, "it only reads; name the primary server in EARSHELF_DATABASE_URL"),
    (pg.DiskFullError, "its disk is full; free some space"),
    (pg.OutOfMemoryError, "it has not enough memory"),
    (pg.InFailedSQLTransactionError, "it gave up the transaction; nothing was written, try again"),
    (pg.InterfaceError, "the connection is gone; it will be tried again"),
    (pg.PostgresConnectionError, "the connection broke; it will be tried again"),
    (pg.InternalClientError, "the connection broke in the middle of an answer; it will be tried again"),
    (TimeoutError, "no answer in time; look whether it is overloaded"),
    (ConnectionRefusedError, "nobody listens there; start it or correct EARSHELF_DATABASE_URL"),
    (FileNotFoundError, "its socket is not there; start it or correct EARSHELF_DATABASE_URL"),
    (OSError, "it cannot be reached; check the network and EARSHELF_DATABASE_URL"),
)
_MALFORMED = (
    "cannot be used: EARSHELF_DATABASE_URL is malformed; write postgresql://USER:PASSWORD@HOST:PORT/NAME, with signs "
    "such as / # ? in the password percent-encoded"
)
_MISCONFIGURED: tuple[tuple[type[Exception], str], ...] = (
    (pg.InvalidAuthorizationSpecificationError, "refuses the user or the password of EARSHELF_DATABASE_URL"),
    (pg.InvalidCatalogNameError, "has no such database; create it or correct EARSHELF_DATABASE_URL"),
    (pg.InsufficientPrivilegeError, "does not permit this to the user of EARSHELF_DATABASE_URL; make it the owner"),
    (pg.ClientConfigurationError, _MALFORMED),
)
_CORRUPT: tuple[tuple[type[Exception], str], ...] = (
    (pg.DataCorruptedError, "is damaged; restore a backup"),
    (pg.IndexCorruptedError, "is damaged; restore a backup"),
    (pg.SyntaxOrAccessError, "does not have the tables of this version; its schema was changed by hand"),
)
_UNREADABLE = "an unreadable address"
_UNSTORABLE = "A text with broken characters, a text that is too long, or a number beyond 64 bits cannot be stored"


def meaning(error: Exception, place: str) -> EarshelfError | None:
    """Returns what an error of the driver means; None for an error that is no driver's."""
    if isinstance(error, pg.IntegrityConstraintViolationError):
        return Conflict(f"PostgreSQL at '{place}' refused a row that contradicts another")
    if _is_about_a_value(error):
        return Invalid(_UNSTORABLE)
    if why := _found(error, _MISCONFIGURED):
        return ConfigurationError(f"PostgreSQL at '{place}' {why}")
    if why := _found(error, _CORRUPT):
        return StorageCorrupt(f"The database at '{place}' {why}")
    if why := _found(error, _UNAVAILABLE):
        return StorageUnavailable(f"PostgreSQL at '{place}' does not answer: {why}")
    if isinstance(error, pg.PostgresError):
        return StorageUnavailable(f"PostgreSQL at '{place}' does not answer: {type(error).__name__}")
    return None


def _is_about_a_value(error: Exception) -> bool:
    if isinstance(error, pg.InterfaceError):
        # what the driver itself cannot spell
        return isinstance(error, ValueError) and not isinstance(error, pg.ClientConfigurationError)
    return isinstance(error, pg.DataError | pg.ProgramLimitExceededError | UnicodeEncodeError)


def _found(error: Exception, table: tuple[tuple[type[Exception], str], ...]) -> str | None:
    return next((why for kind, why in table if isinstance(error, kind)), None)


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Raises our own errors in place of the driver's."""
    try:
        yield
    except Exception as error:
        ours = meaning(error, place)
        if ours is None:
            raise
        # the driver quotes a malformed URL with its password
        raise ours from (None if isinstance(ours, ConfigurationError) else error)


@contextmanager
def reading_address(place: str) -> Iterator[None]:
    """Where the driver reads the URL, and quotes what it cannot read."""
    try:
        yield
    except (ValueError, OverflowError):
        raise ConfigurationError(f"PostgreSQL at '{place}' {_MALFORMED}") from None


def place_of(dsn: str) -> str:
    """Says where a database URL leads, without user and password."""
    try:
        parts = urlsplit(dsn)
    except ValueError:
        return _UNREADABLE
    # a sign in the password that ought to be encoded has cut the address short: the rest is user and password
    if "@" in dsn and "@" not in parts.netloc:
        return _UNREADABLE
    host = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", ["localhost"])[0]
    name = unquote(parts.path.strip("/"))
    return f"{host}/{name}" if name else host
