"""Memory, SQLite and PostgreSQL keep the same promises."""

from tests.contract.suites.storage import EventsContract, TransactionContract
from tests.contract.suites.storage_books import AsinContract, BooksContract, FoldersContract, PeopleContract
from tests.contract.suites.storage_downloads import DownloadsContract, ImportsContract
from tests.contract.suites.storage_integrations import IntegrationsContract
from tests.contract.suites.storage_prerolls import (
    PrerollPresetsContract,
    PrerollSchedulesContract,
    ServerPrerollsContract,
)
from tests.contract.suites.storage_servers import AccountsContract, ServersContract, SignInsContract
from tests.contract.suites.storage_sessions import BrowserSessionsContract
from tests.contract.suites.storage_watching import BlackoutsContract, WatchContract


class TestTransactions(TransactionContract):
    pass


class TestBooks(BooksContract):
    pass


class TestFolders(FoldersContract):
    pass


class TestAsins(AsinContract):
    pass


class TestPeople(PeopleContract):
    pass


class TestDownloads(DownloadsContract):
    pass


class TestImports(ImportsContract):
    pass


class TestIntegrations(IntegrationsContract):
    pass


class TestServers(ServersContract):
    pass


class TestAccounts(AccountsContract):
    pass


class TestSignIns(SignInsContract):
    pass


class TestBrowserSessions(BrowserSessionsContract):
    pass


class TestPrerollPresets(PrerollPresetsContract):
    pass


class TestPrerollSchedules(PrerollSchedulesContract):
    pass


class TestBlackouts(BlackoutsContract):
    pass


class TestWatch(WatchContract):
    pass


class TestServerPrerolls(ServerPrerollsContract):
    pass


class TestEvents(EventsContract):
    pass
