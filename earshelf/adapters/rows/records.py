"""Whole tables as records and back: what dumping and loading have in common in both databases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from earshelf.adapters.rows.books import book_from, book_row, credit_rows, name_row
from earshelf.adapters.rows.downloads import download_from, download_row, import_from, import_row, readable_download
from earshelf.adapters.rows.events import event_row, logged_from
from earshelf.adapters.rows.integrations import (
    credential_from,
    credential_row,
    integration_from,
    integration_row,
    readable_integration,
)
from earshelf.adapters.rows.prerolls import FORMS, PrerollRecord, stored_preroll
from earshelf.adapters.rows.servers import (
    account_from,
    account_row,
    readable_account,
    readable_server,
    server_from,
    server_row,
)
from earshelf.adapters.rows.values import Row, moment, place
from earshelf.adapters.rows.watching import blackout_from, blackout_row, only_rule_from, stored_rule
from earshelf.domain.access import Credential
from earshelf.domain.accounts import Account
from earshelf.domain.blackouts import Blackout
from earshelf.domain.books import Author, Book, Narrator, Series
from earshelf.domain.downloads import Download
from earshelf.domain.errors import Conflict
from earshelf.domain.imports import ImportJob
from earshelf.domain.integrations import Integration
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.prerolls import PrerollPreset, PrerollSchedule
from earshelf.domain.records import Record, StoredCredential, StoredEvent
from earshelf.domain.servers import MediaServer
from earshelf.ports.queries import PersonKind
from earshelf.ports.secrets import Cipher

Batch: TypeAlias = dict[str, list[dict[str, Any]]]

ROWS_AT_ONCE = 1000

CREDITS_BETWEEN = """
SELECT credits.book_id, credits.kind, credits.name_id, names.name, names.asin
FROM credits JOIN names ON names.id = credits.name_id
WHERE credits.book_id BETWEEN ? AND ? ORDER BY credits.book_id, credits.kind, credits.place
"""
# counting each table once is cheaper than a trigger for every row
RECOUNT = (
    "DELETE FROM counts",
    "INSERT INTO counts SELECT 'book', '', count(*) FROM books",
    "INSERT INTO counts SELECT 'status', status, count(*) FROM books GROUP BY status",
    "INSERT INTO counts SELECT 'credit', name_id, count(*) FROM credits GROUP BY name_id",
    "INSERT INTO counts SELECT 'name', kind, count(*) FROM names GROUP BY kind",
    "INSERT INTO counts SELECT 'download', '', count(*) FROM downloads",
    "INSERT INTO counts SELECT 'event', '', count(*) FROM event_log",
)


@dataclass(frozen=True, slots=True)
class Source:
    """A table, the column that its records go by, and what comes before the first value of it."""

    table: str
    key: str
    before_first: str | int = ""

    @property
    def page(self) -> str:
        """The statement for what comes next: after a key, at most so many."""
        return f"SELECT * FROM {self.table} WHERE {self.key} > ? ORDER BY {self.key} LIMIT ?"  # noqa: S608 - our own

    @property
    def anything(self) -> str:
        """The statement for a look whether there is a row."""
        return f"SELECT 1 FROM {self.table} LIMIT 1"  # noqa: S608 - our own


# in this order everybody is there before somebody points at them
SOURCES = (
    Source("names", "id"),
    Source("books", "id"),
    Source("downloads", "id"),
    Source("imports", "id"),
    Source("integrations", "age", 0),
    Source("servers", "age", 0),
    Source("accounts", "id"),
    *(Source(table, "id") for table in FORMS),
    Source("maintenance", "id"),
    Source("transcode_rules", "id"),
    Source("blackouts", "age", 0),
    Source("credentials", "name"),
    Source("event_log", "number", 0),
)
FILLED = (
    "names",
    "books",
    "credits",
    "downloads",
    "imports",
    "integrations",
    "servers",
    "accounts",
    *FORMS,
    "maintenance",
    "transcode_rules",
    "blackouts",
    "credentials",
    "event_log",
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where a table keeps its secrets."""

    table: str
    key: str
    column: str

    @property
    def all(self) -> str:
        """The statement for rows of key and secret."""
        return f"SELECT {self.key}, {self.column} FROM {self.table}"  # noqa: S608 - our own

    def resealed(self, rows: Iterable[Sequence[Any]], *, old: Cipher, new: Cipher) -> list[tuple[str, str]]:
        """Returns the secrets under the new key, each with its row's key; those that were lost before stay so."""
        return [self._resealed(key, value, old, new) for key, value in rows if not _is_lost(value, old)]

    def _resealed(self, key: str, value: str, old: Cipher, new: Cipher) -> tuple[str, str]:
        context = place(self.table, self.column, key)
        return new.encrypt(old.decrypt(value, context=context), context=context), key


SEALED = (
    Sealed("credentials", "name", "value"),
    Sealed("integrations", "id", "secrets"),
    Sealed("servers", "id", "token"),
    Sealed("accounts", "id", "token"),
    Sealed("downloads", "id", "origin"),
)
# credentials, neighbours, servers and accounts are few; of a great many downloads one speaks for all
SPECIMENS = (
    "SELECT value FROM credentials UNION ALL SELECT secrets FROM integrations UNION ALL "
    "SELECT token FROM servers UNION ALL SELECT token FROM accounts UNION ALL "
    "SELECT origin FROM (SELECT origin FROM downloads LIMIT 1) AS newest"
)


def key_ids_of(values: Sequence[str]) -> frozenset[str]:
    """Returns which keys encrypted values name."""
    return frozenset(value.rpartition(":")[0].rpartition(":")[2] for value in values)


def records_from(table: str, rows: Sequence[Row], credited: Sequence[Row], cipher: Cipher) -> list[Record]:
    """Reads a page of a table; ``credited`` are the credits of a page of books."""
    match table:
        case "names":
            return [_name_from(row) for row in rows]
        case "books":
            return _books_from(rows, credited)
        case "downloads":
            return [_download_from(row, cipher) for row in rows]
        case "imports":
            return [import_from(row) for row in rows]
        case "integrations":
            return [_integration_from(row, cipher) for row in rows]
        case "servers":
            return [_server_from(row, cipher) for row in rows]
        case "accounts":
            return [_account_from(row, cipher) for row in rows]
        case table if table in FORMS:
            return [FORMS[table].read(row) for row in rows]
        case "maintenance" | "transcode_rules":
            return [only_rule_from(table, row) for row in rows]
        case "blackouts":
            return [blackout_from(row) for row in rows]
        case "credentials":
            return [_credential_from(row, cipher) for row in rows if not _is_lost(row["value"], cipher)]
    return [_event_from(row) for row in rows]


def _name_from(row: Row) -> Record:
    match PersonKind(row["kind"]):
        case PersonKind.AUTHOR:
            return Author(row["id"], row["name"], row["asin"])
        case PersonKind.NARRATOR:
            return Narrator(row["id"], row["name"])
        case PersonKind.SERIES:
            return Series(row["id"], row["name"])


def _books_from(rows: Sequence[Row], credited: Sequence[Row]) -> list[Record]:
    of_book: dict[str, list[Row]] = {row["id"]: [] for row in rows}
    for credit in credited:
        of_book[credit["book_id"]].append(credit)
    return [book_from(row, of_book[row["id"]]) for row in rows]


def _is_lost(value: str, cipher: Cipher) -> bool:
    """Whether a secret names another key: its owner has given it up, and the library goes on without it."""
    return key_ids_of([value]).isdisjoint({cipher.key_id, ""})


def _download_from(row: Row, cipher: Cipher) -> Download:
    return (readable_download if _is_lost(row["origin"], cipher) else download_from)(row, cipher)


def _integration_from(row: Row, cipher: Cipher) -> Integration:
    if _is_lost(row["secrets"], cipher):
        return replace(readable_integration(row, cipher), secrets_lost=False)
    return integration_from(row, cipher)


def _server_from(row: Row, cipher: Cipher) -> MediaServer:
    if _is_lost(row["token"], cipher):
        return replace(readable_server(row, cipher), secrets_lost=False)
    return server_from(row, cipher)


def _account_from(row: Row, cipher: Cipher) -> Account:
    if _is_lost(row["token"], cipher):
        return replace(readable_account(row, cipher), secrets_lost=False)
    return account_from(row, cipher)


def _credential_from(row: Row, cipher: Cipher) -> StoredCredential:
    credential = Credential(row["name"])
    return StoredCredential(credential, credential_from(row, credential, cipher))


def _event_from(row: Row) -> StoredEvent:
    logged = logged_from(row)
    return StoredEvent(logged.number, moment(row["at"]), logged.event, bool(row["dispatched"]))


class Loading:
    """Turns records into rows by table, in portions of ``ROWS_AT_ONCE`` records."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher
        self._batch: Batch = {table: [] for table in FILLED}
        self._waiting = 0
        self._age = 0
        self._server_age = 0
        self._blackout_age = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to write."""
        return self._waiting >= ROWS_AT_ONCE

    def add(self, record: Record) -> None:
        """Takes a record."""
        self._waiting += 1
        match record:
            case Book():
                self._batch["books"].append(book_row(record, record.version))
                self._batch["credits"] += credit_rows(record)
            case Author():
                self._batch["names"].append(name_row(PersonKind.AUTHOR, record.id, record.name, record.asin))
            case Narrator():
                self._batch["names"].append(name_row(PersonKind.NARRATOR, record.id, record.name))
            case Series():
                self._batch["names"].append(name_row(PersonKind.SERIES, record.id, record.name))
            case _:
                self._add_rarer(record)

    def _add_rarer(
        self,
        record: Download
        | ImportJob
        | Integration
        | MediaServer
        | Account
        | PrerollRecord
        | Maintenance
        | TranscodeRule
        | Blackout
        | StoredCredential
        | StoredEvent,
    ) -> None:
        match record:
            case Download():
                self._batch["downloads"].append(download_row(record, record.version, self._cipher))
            case ImportJob():
                self._batch["imports"].append(import_row(record, record.version))
            case Integration():
                self._age += 1
                row = integration_row(replace(record, secrets_lost=False), record.version, self._cipher)
                self._batch["integrations"].append({**row, "age": self._age})
            case MediaServer():
                self._server_age += 1
                row = server_row(replace(record, secrets_lost=False), record.version, self._cipher)
                self._batch["servers"].append({**row, "age": self._server_age})
            case Account():
                row = account_row(replace(record, secrets_lost=False), record.version, self._cipher)
                self._batch["accounts"].append(row)
            case PrerollPreset() | PrerollSchedule() | PrerollMappings() | ServerPreroll():
                table, row = stored_preroll(record)
                self._batch[table].append(row)
            case Maintenance() | TranscodeRule():
                table, row = stored_rule(record)
                self._batch[table].append(row)
            case Blackout():
                self._blackout_age += 1
                self._batch["blackouts"].append({**blackout_row(record), "age": self._blackout_age})
            case StoredCredential():
                self._batch["credentials"].append(credential_row(record.credential, record.value, self._cipher))
            case StoredEvent():
                row = event_row(record.event, record.at)
                self._batch["event_log"].append({**row, "number": record.number, "dispatched": record.dispatched})

    def taken(self) -> Mapping[str, list[dict[str, Any]]]:
        """Hands over the rows so far, tables in the order in which they point at each other."""
        batch, self._batch, self._waiting = self._batch, {table: [] for table in FILLED}, 0
        return {table: rows for table, rows in batch.items() if rows}


def refuse_filled(*, is_empty: bool) -> None:
    """Keeps a database that holds something as it is.

    :raises Conflict: it holds something.
    """
    if not is_empty:
        raise Conflict(
            "The database to fill is not empty; name a new one, or empty it if an earlier copy was cut short"
        )
