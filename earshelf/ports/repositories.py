"""What a unit of work reads and writes, one repository for each kind of record."""

from collections.abc import Sequence
from typing import Protocol

from earshelf.domain.access import Credential
from earshelf.domain.books import Author, Book, BookStatus, Narrator, Series
from earshelf.domain.downloads import Download
from earshelf.domain.events import Event
from earshelf.domain.ids import BookId, DownloadId, ImportId, IntegrationId
from earshelf.domain.imports import ImportJob
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.ports.events import LoggedEvent


class Books(Protocol):
    """The books of the library."""

    async def add(self, book: Book) -> None:
        """Inserts a new book at version 1; somebody credited twice in one role is kept once.

        :raises BookExists: another book has the same ASIN, whatever its case. The unit stays usable.
        :raises AlreadyExists: another book has the same id.
        :raises NotFound: it credits somebody whom ``People`` has not stored. The unit stays usable.
        """
        ...

    async def get(self, book_id: BookId) -> Book:
        """Returns the book with people, series and files in their stored order.

        :raises NotFound: no book has this id.
        """
        ...

    async def with_asin(self, asin: str) -> Book | None:
        """Returns the book that has this ASIN, compared without case, or None."""
        ...

    async def claiming(self, folder: str, *, besides: BookId) -> Book | None:
        """Returns another book whose folder is this one, lies in it or around it, or None.

        Folders are absolute, without a slash at the end, and compared by whole segments as they are spelled. Where
        several claim it, the first by folder, age and id.
        """
        ...

    async def count_within(self, folder: str) -> int:
        """Counts the books whose folder is this one or lies in it; spelled and compared as in :meth:`claiming`."""
        ...

    async def with_status(self, status: BookStatus, limit: int) -> list[Book]:
        """Returns books in that state, oldest first, ties by id."""
        ...

    async def save(self, book: Book) -> None:
        """Writes the book back and raises its version by one.

        :raises StaleWrite: the stored version is not the one that was read. The unit stays usable.
        :raises BookExists: the changed ASIN belongs to another book.
        :raises NotFound: the book, or somebody whom it credits, is not there.
        """
        ...

    async def remove(self, book_id: BookId) -> None:
        """Deletes the book; its downloads and history stay, without a book. An unknown id is no error.

        Its downloads count as written: whoever read them before meets ``StaleWrite``.
        """
        ...


class People(Protocol):
    """Authors, narrators and series: rows of their own, shared by books, never deleted with them."""

    async def ensure_author(self, author: Author) -> Author:
        """Returns the stored author with the same ``person_key``, inserting this one if there is none.

        A stored author without ASIN takes the new one's. Safe against somebody inserting the same name meanwhile.
        """
        ...

    async def ensure_narrator(self, narrator: Narrator) -> Narrator:
        """Returns the stored narrator with the same ``person_key``, inserting this one if there is none."""
        ...

    async def ensure_series(self, series: Series) -> Series:
        """Returns the stored series with the same ``person_key``, inserting this one if there is none."""
        ...


class Downloads(Protocol):
    """Grabs and what became of them.

    Where a release lies is a secret. One that does not open with the installation's key keeps nobody from reading the
    download: its release then has neither address nor guid, and saving it leaves what is stored as it is.
    """

    async def add(self, download: Download) -> None:
        """Inserts a new download at version 1.

        :raises AlreadyExists: the book has a download of the same release identity that has not failed. The unit stays
            usable.
        :raises NotFound: its book is gone.
        """
        ...

    async def get(self, download_id: DownloadId) -> Download:
        """Returns the download.

        :raises NotFound: no download has this id.
        """
        ...

    async def of_book(self, book_id: BookId) -> list[Download]:
        """Returns all downloads of a book, newest first, ties by id descending."""
        ...

    async def polled(self) -> list[Download]:
        """Returns those that a client is working on, oldest first."""
        ...

    async def ready_for_check(self) -> list[Download]:
        """Returns those that are complete at the client and that nobody has looked at, oldest first."""
        ...

    async def being_checked(self) -> list[Download]:
        """Returns those in stage checking, oldest first: at start-up a stop has cut them short."""
        ...

    async def reserved(self) -> list[Download]:
        """Returns those without a reference that have not failed: grabs that no client has confirmed, oldest first."""
        ...

    async def sharing(self, reference: str, *, client_id: IntegrationId, besides: DownloadId) -> list[Download]:
        """Returns the other downloads that still need what a client holds under this reference, oldest first.

        Those are the ones that are not over: of any book, of none, and grabs that the client has not confirmed, which
        stand under their info hash. References are compared without case, as info hashes are spelled either way.
        """
        ...

    async def save(self, download: Download) -> None:
        """Writes the download back and raises its version by one.

        :raises StaleWrite: the stored version is not the one that was read. The unit stays usable.
        :raises NotFound: the download is gone.
        """
        ...

    async def remove(self, download_id: DownloadId) -> None:
        """Deletes the row; an unknown id is no error."""
        ...


class ImportJobs(Protocol):
    """Imports under way and done."""

    async def add(self, job: ImportJob) -> None:
        """Inserts a new job at version 1.

        :raises AlreadyExists: the book has an open job. The unit stays usable.
        """
        ...

    async def get(self, import_id: ImportId) -> ImportJob:
        """Returns the job.

        :raises NotFound: no job has this id.
        """
        ...

    async def open(self) -> list[ImportJob]:
        """Returns all jobs with work left, oldest first, ties by id."""
        ...

    async def save(self, job: ImportJob) -> None:
        """Writes the job back and raises its version by one.

        :raises StaleWrite: the stored version is not the one that was read.
        :raises NotFound: the job is gone.
        """
        ...


class IntegrationRows(Protocol):
    """Configured neighbours, with their secrets in clear on this side of the port only.

    Secrets that do not open with the installation's key keep nobody from reading the row: it comes without them, as one
    with ``secrets_lost``, and saving it so leaves them as they are stored.
    """

    async def add(self, integration: Integration) -> None:
        """Inserts a new row at version 1."""
        ...

    async def get(self, integration_id: IntegrationId, role: IntegrationRole) -> Integration:
        """Returns the row.

        :raises NotFound: no row has this id in this role.
        """
        ...

    async def of_role(self, role: IntegrationRole, *, enabled_only: bool = False) -> list[Integration]:
        """Returns rows of a role by priority, then by age, then by id."""
        ...

    async def save(self, integration: Integration) -> None:
        """Writes the row back and raises its version by one.

        :raises StaleWrite: the stored version is not the one that was read.
        :raises NotFound: the row is gone.
        """
        ...

    async def remove(self, integration_id: IntegrationId, role: IntegrationRole) -> None:
        """Deletes the row; downloads and history that mention it stay.

        :raises NotFound: no row has this id in this role.
        """
        ...


class Credentials(Protocol):
    """The installation's own keys, encrypted at rest."""

    async def get(self, credential: Credential) -> str | None:
        """Returns the stored key, None before the first.

        :raises SecretUnreadable: it does not open with the installation's key; the unit stays usable.
        """
        ...

    async def put(self, credential: Credential, value: str) -> None:
        """Replaces the stored key."""
        ...


class EventLog(Protocol):
    """History and outbox in one. Saving an aggregate appends its events; nobody appends those by hand."""

    async def append(self, event: Event) -> None:
        """Appends a fact about something that this library does not keep; it is logged with the commit."""
        ...

    async def undispatched(self, limit: int) -> list[LoggedEvent]:
        """Returns events that were never handed to their handlers, oldest first."""
        ...

    async def mark_dispatched(self, numbers: Sequence[int]) -> None:
        """Remembers that these were handed over; unknown numbers are no error."""
        ...
