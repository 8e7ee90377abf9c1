"""The library as a whole: out of a database, into another, into a file and back."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from earshelf.domain.records import Record
from earshelf.ports.secrets import Cipher


class StorageArchive(Protocol):
    """Everything that one database holds.

    Secrets are in clear in the records, so that databases with different keys can be compared and copied; the cipher is
    the one that the database's secrets are, or shall be, encrypted with. Every method raises ``StorageUnavailable``
    where the database does not answer.
    """

    def dump(self, cipher: Cipher) -> AsyncGenerator[Record, None]:
        """Yields every record of one moment, in the order that :mod:`earshelf.domain.records` gives.

        Others may write meanwhile; it may take minutes. Close it (``contextlib.aclosing``) when leaving early.

        A secret that names another key is lost: credentials are left out, neighbours and downloads come without.

        :raises SecretUnreadable: a secret was altered.
        """
        ...

    async def load(self, records: AsyncIterable[Record], cipher: Cipher) -> None:
        """Fills an empty database, all or nothing, much faster than units of work do.

        Whoever a record names must have come before it. Nobody else can write meanwhile. No event is logged but those
        that are among the records.

        :raises Conflict: the database is not empty, or a record contradicts another.
        :raises Invalid: the database cannot hold a value.
        """
        ...

    async def is_empty(self) -> bool:
        """Whether there is no record at all."""
        ...

    async def key_ids(self) -> frozenset[str]:
        """Returns the ids of the keys that stored secrets name: more than one where a lost key was given up.

        Cheap whatever the size: it looks at all credentials and neighbours and at one download.
        """
        ...

    async def reseal(self, *, old: Cipher, new: Cipher) -> int:
        """Encrypts every secret of the old key anew in one transaction, and returns how many there are.

        :raises SecretUnreadable: one was altered; then none was changed.
        """
        ...


class Successor(Protocol):
    """An empty database beside the library's, made when it is asked for and thrown away unless it takes over."""

    @property
    def archive(self) -> StorageArchive:
        """What is put into it."""
        ...

    async def take_over(self) -> str | None:
        """Puts it into the place of the library's database in one step.

        Returns where the replaced one is kept, in words; None where there was none. Nobody may have the library open.
        """
        ...


class Succession(Protocol):
    """Where a library can be put together before it replaces the one that is there."""

    def prepared(self) -> AbstractAsyncContextManager[Successor]:
        """Makes an empty successor of this version's schema; what an earlier attempt left behind is cleared away."""
        ...


class BackupDraft(Protocol):
    """A backup that is being written; nobody sees it under its name before it is finished."""

    async def write(self, lines: Sequence[str]) -> None:
        """Appends records, a line each."""
        ...

    async def finish(self, manifest: Mapping[str, Any], settings: Mapping[str, Any], key: str) -> None:
        """Writes the rest and gives the file its name, in place of what had it."""
        ...


class Backup(Protocol):
    """A backup file whose parts are known to be there; what they say has not been judged."""

    @property
    def manifest(self) -> Any:
        """What it says of itself, plain JSON."""
        ...

    @property
    def settings(self) -> Any:
        """The owner's settings, plain JSON."""
        ...

    @property
    def key(self) -> str:
        """The text of the key file."""
        ...

    def lines(self) -> AsyncGenerator[str, None]:
        """Yields the records, a line each.

        :raises Invalid: the file is damaged, or a line has no end.
        """
        ...


class BackupFiles(Protocol):
    """Backups on disk, readable by their owner only."""

    def created(self, path: str) -> AbstractAsyncContextManager[BackupDraft]:
        """Begins a backup; one that is not finished leaves nothing.

        :raises FilesUnavailable: the disk refuses.
        """
        ...

    def opened(self, path: str) -> AbstractAsyncContextManager[Backup]:
        """Opens a backup for reading.

        :raises FilesUnavailable: the file is not there or cannot be read.
        :raises Invalid: it is no backup, is cut short, or holds what no backup holds.
        """
        ...
