"""Memory storages with one thing wrong, under the suites that must notice. Run by ``test_mutations``.

``EARSHELF_BREAKAGE`` names the breakage, ``none`` is the storage as it is shipped.
"""

import os

import pytest

from earshelf.adapters.memory.archive import MemoryArchive
from earshelf.adapters.memory.books import MemoryBooks
from earshelf.adapters.memory.queries import MemoryQueries
from earshelf.adapters.memory.storage import MemoryDatabase, MemoryStorage, MemoryUnit
from earshelf.adapters.memory.tables import MemoryTables, Session, Tables
from earshelf.domain.books import Book
from tests.contract.conftest import Shelf
from tests.contract.suites.queries import BookFilterContract, BookOrderContract, BookRowContract
from tests.contract.suites.queries_activity import HistoryContract, IsolationContract
from tests.contract.suites.storage import EventsContract, TransactionContract
from tests.contract.suites.storage_books import AsinContract, BooksContract, PeopleContract
from tests.contract.suites.storage_downloads import DownloadsContract


class KeepingSession(Session):
    def undo(self) -> None:
        self.shared.committed = self.working


class IndiscreetSession(Session):
    before = Tables()

    def working_copy(self) -> Tables:
        self.before = self.shared.committed.copy()
        return self.shared.committed

    def undo(self) -> None:
        self.shared.committed = self.before


class CarelessSession(Session):
    def check_version(self, kind: str, identifier: str, *, stored: int, read: int) -> None:
        pass


class LenientBooks(MemoryBooks):
    def refuse_taken_asin(self, book: Book, tables: Tables) -> None:
        pass


class UntidyQueries(MemoryQueries):
    def tied(self, books: list[Book], *, ascending: bool) -> list[Book]:
        return books


class BrokenStorage(MemoryStorage):
    def __init__(self, tables: MemoryTables, session_type: type[Session], books_type: type[MemoryBooks]) -> None:
        super().__init__(tables)
        self._session_type = session_type
        self._books_type = books_type

    def unit(self) -> MemoryUnit:
        session = self._session_type(self._tables)
        unit = MemoryUnit(session)
        unit.books = self._books_type(session)
        return unit


BREAKAGES: dict[str, tuple[type[Session], type[MemoryBooks], type[MemoryQueries]]] = {
    "none": (Session, MemoryBooks, MemoryQueries),
    "rollback keeps": (KeepingSession, MemoryBooks, MemoryQueries),
    "uncommitted work visible": (IndiscreetSession, MemoryBooks, MemoryQueries),
    "version ignored": (CarelessSession, MemoryBooks, MemoryQueries),
    "duplicate ASIN accepted": (Session, LenientBooks, MemoryQueries),
    "ties unsorted": (Session, MemoryBooks, UntidyQueries),
}


@pytest.fixture
def shelf() -> Shelf:
    session_type, books_type, queries_type = BREAKAGES[os.environ["EARSHELF_BREAKAGE"]]
    tables = MemoryDatabase().tables
    return Shelf(BrokenStorage(tables, session_type, books_type), queries_type(tables), MemoryArchive(tables))


class TestTransactions(TransactionContract):
    pass


class TestBooks(BooksContract):
    pass


class TestAsins(AsinContract):
    pass


class TestPeople(PeopleContract):
    pass


class TestDownloads(DownloadsContract):
    pass


class TestEvents(EventsContract):
    pass


class TestBookOrder(BookOrderContract):
    pass


class TestBookFilters(BookFilterContract):
    pass


class TestBookRows(BookRowContract):
    pass


class TestIsolation(IsolationContract):
    pass


class TestHistory(HistoryContract):
    pass
