"""Sample rows for the suites: complete, and different where a test says so."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from earshelf.domain.accounts import Account, AccountProvider, Holder, SignIn, SignInPurpose, owner_of
from earshelf.domain.blackouts import Blackout, BlackoutAction
from earshelf.domain.books import Author, Book, BookFile, BookStatus, Narrator, Series, SeriesEntry
from earshelf.domain.browser_sessions import BrowserSession
from earshelf.domain.downloads import Download
from earshelf.domain.ids import (
    AuthorId,
    BlackoutId,
    BookId,
    DownloadId,
    IdPrefix,
    ImportId,
    IntegrationId,
    NarratorId,
    PrerollPresetId,
    PrerollScheduleId,
    SeriesId,
    ServerId,
    opaque_id,
)
from earshelf.domain.imports import ImportJob, ImportMode
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.prerolls import PrerollPreset, Prerolls, PrerollSchedule, PresetEntry
from earshelf.domain.releases import Protocol, Release
from earshelf.domain.schedules import OneTime
from earshelf.domain.servers import AuthMethod, MediaServer, ServerKind
from earshelf.ports.storage import Storage, UnitOfWork

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

_numbers = count(1)


def new_id(prefix: IdPrefix) -> str:
    """Returns an identifier that no other row of this run has."""
    return opaque_id(prefix, next(_numbers).to_bytes(16, "big"))


def at(minutes: float) -> datetime:
    """Returns a moment so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def an_author(name: str = "Ursula Vernon", asin: str | None = None) -> Author:
    """Returns an author with an id of their own."""
    return Author(AuthorId(new_id(IdPrefix.AUTHOR)), name, asin)


def a_narrator(name: str = "Khaya Fraites") -> Narrator:
    """Returns a narrator with an id of their own."""
    return Narrator(NarratorId(new_id(IdPrefix.NARRATOR)), name)


def a_series(name: str = "Saint of Steel") -> Series:
    """Returns a series with an id of its own."""
    return Series(SeriesId(new_id(IdPrefix.SERIES)), name)


def a_file(path: str = "book.m4b", size: int = 1000, seconds: float | None = 100.0, format: str = "m4b") -> BookFile:  # noqa: A002 - the field's name
    """Returns one audio file."""
    return BookFile(path, size, seconds, format)


def a_book(title: str = "Paladin's Grace", **values: Any) -> Book:
    """Returns a wanted book; anything may be said differently."""
    values = {"id": BookId(new_id(IdPrefix.BOOK)), "created_at": NOON, "updated_at": NOON, **values}
    return Book(title=title, **values)


def a_release(title: str = "Paladin's Grace [m4b]", **values: Any) -> Release:
    """Returns an offer that nothing but its guid tells apart from another."""
    number = next(_numbers)
    values = {
        "download_url": f"https://indexer.example/dl/{number}?passkey=hush",
        "protocol": Protocol.TORRENT,
        "guid": f"guid-{number}",
        "indexer_id": IntegrationId("ix_one"),
        **values,
    }
    return Release(title=title, **values)


def a_download(book: Book | None = None, **values: Any) -> Download:
    """Returns a reserved grab for the book."""
    values = {
        "id": DownloadId(new_id(IdPrefix.DOWNLOAD)),
        "book_id": book.id if book else None,
        "release": values.pop("release", None) or a_release(),
        "added_at": NOON,
        "book_status_at_grab": BookStatus.WANTED,
        **values,
    }
    return Download(**values)


def a_job(book: Book, **values: Any) -> ImportJob:
    """Returns a pending import of the book."""
    values = {
        "id": ImportId(new_id(IdPrefix.IMPORT)),
        "book_id": book.id,
        "source": "/downloads/book",
        "mode": ImportMode.COPY,
        "created_at": NOON,
        **values,
    }
    return ImportJob(**values)


def an_indexer(name: str = "Shelf", **values: Any) -> Integration:
    """Returns a configured indexer with a secret."""
    values = {
        "id": IntegrationId(new_id(IdPrefix.INDEXER)),
        "role": IntegrationRole.INDEXER,
        "kind": "torznab",
        "settings": {"url": "http://indexer.example/api", "categories": (3030, 3040)},
        "secrets": {"api_key": "sesame"},
        **values,
    }
    return Integration(name=name, **values)


async def credit(unit: UnitOfWork, book: Book, *, authors: str = "", narrators: str = "", series: str = "") -> Book:
    """Credits the book to people by comma-separated names, and to a series as ``name`` or ``name #2.5``."""
    book.authors = tuple([await unit.people.ensure_author(an_author(name)) for name in _split(authors)])
    book.narrators = tuple([await unit.people.ensure_narrator(a_narrator(name)) for name in _split(narrators)])
    if series:
        name, _, position = series.partition(" #")
        stored = await unit.people.ensure_series(a_series(name))
        book.series = SeriesEntry(stored, float(position) if position else None)
    return book


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


async def shelve(storage: Storage, *books: Book, authors: str = "", narrators: str = "", series: str = "") -> None:
    """Adds books and commits, all with the same credits."""
    async with storage.unit() as unit:
        for book in books:
            await unit.books.add(await credit(unit, book, authors=authors, narrators=narrators, series=series))
        await unit.commit(NOON)


def a_server(name: str = "Attic", **values: Any) -> MediaServer:
    """Returns a media server with an id of its own."""
    values = {"url": "http://192.168.10.4:32400", "method": AuthMethod.TOKEN, "token": "tok-srv", **values}
    return MediaServer(id=ServerId(new_id(IdPrefix.SERVER)), kind=ServerKind.PLEX, name=name, **values)


def an_account(**values: Any) -> Account:
    """Returns an account that somebody linked."""
    account = Account(AccountProvider.PLEX, "5f0c4f1e-77aa-4f0e-9b0e-1d6b2c9a0001", **values)
    account.link(Holder("40217731", "marta_k", "marta@example.net"), "tok-user", at(0))
    return account


def a_sign_in(number: str = "1738204417", minutes: float = 30, secret: str = "mine") -> SignIn:
    """Returns a sign-in that waits for its approval until so many minutes after noon."""
    return SignIn(number, owner_of(SignInPurpose.LINK, secret), SignInPurpose.LINK, at(minutes))


def a_session(number: str = "1", **values: Any) -> BrowserSession:
    """Returns a session that began at noon with the operator's token."""
    return BrowserSession(**{"id": number, "bond": "b0" * 32, "begun_at": at(0), "seen_at": at(0), **values})


def a_preset(
    name: str = "Winter", entries: tuple[PresetEntry, ...] = (PresetEntry("Snow", "/snow.mp4"),), **values: Any
) -> PrerollPreset:
    """Returns a preset with an id of its own."""
    values = {"created_at": at(0), "updated_at": at(0), **values}
    return PrerollPreset(PrerollPresetId(new_id(IdPrefix.PREROLL_PRESET)), name, entries, **values)


def a_schedule(name: str = "Premiere", *paths: str, **values: Any) -> PrerollSchedule:
    """Returns a schedule with an id of its own, from noon to an hour after it."""
    values = {"span": OneTime(at(0), at(60)), "updated_at": at(0), **values}
    prerolls = values.pop("prerolls", Prerolls(paths or ("/premiere.mp4",)))
    return PrerollSchedule(PrerollScheduleId(new_id(IdPrefix.PREROLL_SCHEDULE)), name, prerolls, **values)


def a_blackout(name: str = "Night", **values: Any) -> Blackout:
    """Returns a blackout of an hour from noon on that ends every stream."""
    values = {"span": OneTime(at(0), at(60)), "action": BlackoutAction.TERMINATE_IMMEDIATE, **values}
    return Blackout(BlackoutId(new_id(IdPrefix.BLACKOUT)), name, **values)
