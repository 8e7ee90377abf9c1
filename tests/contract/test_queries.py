"""Memory, SQLite and PostgreSQL answer alike."""

from tests.contract.suites.queries import BookFilterContract, BookOrderContract, BookRowContract
from tests.contract.suites.queries_activity import (
    DownloadListContract,
    HistoryContract,
    IsolationContract,
    NamesContract,
    OwnedContract,
)


class TestBookOrder(BookOrderContract):
    pass


class TestBookFilters(BookFilterContract):
    pass


class TestBookRows(BookRowContract):
    pass


class TestIsolation(IsolationContract):
    pass


class TestOwned(OwnedContract):
    pass


class TestNames(NamesContract):
    pass


class TestDownloadLists(DownloadListContract):
    pass


class TestHistory(HistoryContract):
    pass
