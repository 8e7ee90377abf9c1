"""What SQLite's errors mean to the house: one table, used by every thread that talks to the database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earshelf.domain.errors import Conflict, EarshelfError, Invalid, StorageCorrupt, StorageUnavailable

_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "another program holds it; stop that program or wait for it",
    sqlite3.SQLITE_LOCKED: "another program holds it; stop that program or wait for it",
    sqlite3.SQLITE_FULL: "its disk is full; free some space",
    sqlite3.SQLITE_IOERR: "its disk fails; look at the system log",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that its folder exists and may be written to",
    sqlite3.SQLITE_READONLY: "it may not be written to; check the permissions of the file and its folder",
    sqlite3.SQLITE_PERM: "access is not permitted; check the permissions of the file and its folder",
    sqlite3.SQLITE_AUTH: "access is not permitted; check the permissions of the file and its folder",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
    sqlite3.SQLITE_PROTOCOL: "another program holds it; stop that program or wait for it",
    sqlite3.SQLITE_INTERRUPT: "the question was interrupted",
}
_CORRUPT = {
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a backup",
    sqlite3.SQLITE_NOTADB: "is no SQLite database; restore a backup or name another file",
    sqlite3.SQLITE_FORMAT: "is no SQLite database; restore a backup or name another file",
    sqlite3.SQLITE_ERROR: "does not have the tables of this version; its schema was changed by hand",
    sqlite3.SQLITE_SCHEMA: "does not have the tables of this version; its schema was changed by hand",
}


def meaning(error: Exception, path: Path) -> EarshelfError | None:
    """Returns what an error of the driver means; None for an error that is no driver's."""
    match error:
        case sqlite3.IntegrityError():
            return Conflict(f"The database '{path}' refused a row that contradicts another")
        case UnicodeEncodeError() | OverflowError():
            return Invalid("A text with broken characters or a number beyond 64 bits cannot be stored")
        case sqlite3.Error():
            return _by_code(error, path)
    return None


def _by_code(error: sqlite3.Error, path: Path) -> EarshelfError:
    code = getattr(error, "sqlite_errorcode", None)  # errors of the module itself have none
    primary = code & 0xFF if code is not None else None
    if primary in _CORRUPT:
        return StorageCorrupt(f"The database '{path}' {_CORRUPT[primary]}")
    if primary in _UNAVAILABLE:
        return StorageUnavailable(f"The database '{path}' does not answer: {_UNAVAILABLE[primary]}")
    return StorageUnavailable(f"The database '{path}' does not answer: {type(error).__name__}")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raises our own errors in place of the driver's."""
    try:
        yield
    except Exception as error:
        ours = meaning(error, path)
        if ours is None:
            raise
        raise ours from error
