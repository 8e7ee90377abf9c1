"""The book's way from wish to shelf."""

from collections.abc import Callable
from itertools import product

import pytest

from earshelf.domain.books import TRANSITIONS, Book, BookStatus, person_key, title_sort_key
from earshelf.domain.errors import InvalidTransition
from earshelf.domain.events import BookAdded, BookFilesChanged, BookImported, BookStatusChanged, ChangeReason
from earshelf.domain.ids import ImportId
from tests.contract.suites.makers import NOON, a_book, a_file, at

IMPORT = ImportId("im_1")
ALLOWED = {
    "wanted": "searching downloading importing imported",
    "searching": "wanted downloading",
    "downloading": "wanted importing missing failed imported",
    "importing": "imported downloading wanted failed",
    "imported": "missing importing wanted",
    "missing": "imported wanted downloading",
    "failed": "wanted downloading importing",
}
PAIRS = list(product(BookStatus, BookStatus))


@pytest.mark.parametrize(("start", "wished"), PAIRS, ids=str)
def test_a_book_moves_along_the_ways_of_its_lifecycle_and_no_other(start: BookStatus, wished: BookStatus) -> None:
    assert (wished in TRANSITIONS[start]) == (wished in ALLOWED[start].split())


VERBS: dict[BookStatus, Callable[[Book], None]] = {
    BookStatus.SEARCHING: lambda book: book.begin_search(at(1)),
    BookStatus.IMPORTING: lambda book: book.begin_import(at(1)),
    BookStatus.IMPORTED: lambda book: book.mark_imported("/library/a", [a_file()], import_id=IMPORT, now=at(1)),
    BookStatus.DOWNLOADING: lambda book: book.begin_download(at(1)),
}
VERB_PAIRS = [
    (start, wished)
    for start, wished in product(BookStatus, VERBS)
    if start is not wished and (start, wished) != (BookStatus.IMPORTED, BookStatus.DOWNLOADING)
]


@pytest.mark.parametrize(("start", "wished"), VERB_PAIRS, ids=str)
def test_every_verb_guards_the_lifecycle(start: BookStatus, wished: BookStatus) -> None:
    book = a_book(status=start)
    if wished in ALLOWED[start].split():
        VERBS[wished](book)
        assert (book.status, book.updated_at) == (wished, at(1))
        assert BookStatusChanged(book.id, start, wished) in book.drain_events()
    else:
        with pytest.raises(InvalidTransition) as refusal:
            VERBS[wished](book)
        assert (refusal.value.current, refusal.value.wished) == (start, wished)
        assert (book.status, book.updated_at, book.drain_events()) == (start, NOON, [])


@pytest.mark.parametrize("start", [one for one in BookStatus if one is not BookStatus.IMPORTED])
@pytest.mark.parametrize("wished", BookStatus)
def test_a_grab_that_came_to_nothing_reverts_only_along_the_lifecycle(start: BookStatus, wished: BookStatus) -> None:
    book = a_book(status=start)
    by_a_detour = (start, wished) == (BookStatus.IMPORTING, BookStatus.MISSING)
    if start is wished or wished in ALLOWED[start].split() or by_a_detour:
        book.revert(wished, at(1))
        assert book.status is wished
    else:
        with pytest.raises(InvalidTransition):
            book.revert(wished, at(1))


@pytest.mark.parametrize("wished", BookStatus)
def test_a_book_on_the_shelf_stays_there_when_a_grab_comes_to_nothing(wished: BookStatus) -> None:
    book = a_book(status=BookStatus.IMPORTED)
    book.revert(wished, at(1))
    assert (book.status, book.drain_events()) == (BookStatus.IMPORTED, [])


def test_moving_to_where_it_is_already_is_no_event() -> None:
    book = a_book(status=BookStatus.IMPORTING)
    book.begin_import(at(1))
    assert (book.updated_at, book.drain_events()) == (NOON, [])


def test_a_book_on_the_shelf_stays_there_while_its_replacement_is_fetched() -> None:
    book = a_book(status=BookStatus.IMPORTED)
    book.begin_download(at(1))
    assert book.status is BookStatus.IMPORTED


def test_ending_a_search_returns_the_book_to_the_wanted_list() -> None:
    book = a_book(status=BookStatus.SEARCHING)
    book.end_search(at(1))
    assert book.status is BookStatus.WANTED


@pytest.mark.parametrize("status", [one for one in BookStatus if one is not BookStatus.SEARCHING])
def test_ending_a_search_leaves_a_book_alone_that_went_on_meanwhile(status: BookStatus) -> None:
    book = a_book(status=status)
    book.end_search(at(1))
    assert (book.status, book.drain_events()) == (status, [])


@pytest.mark.parametrize("status", BookStatus)
def test_a_failed_grab_leads_back_to_the_state_before_except_a_search(status: BookStatus) -> None:
    expected = BookStatus.WANTED if status is BookStatus.SEARCHING else status
    assert a_book(status=status).status_before_grab is expected


def test_a_held_first_import_goes_back_to_the_download() -> None:
    book = a_book(status=BookStatus.IMPORTING)
    book.hold_import(at(1))
    assert book.status is BookStatus.DOWNLOADING


def test_a_held_replacement_leaves_the_book_on_the_shelf() -> None:
    book = a_book(status=BookStatus.IMPORTING, files=(a_file(),))
    book.hold_import(at(1))
    assert book.status is BookStatus.IMPORTED


@pytest.mark.parametrize("status", [one for one in BookStatus if one is not BookStatus.IMPORTING])
def test_holding_concerns_a_running_import_only(status: BookStatus) -> None:
    book = a_book(status=status)
    book.hold_import(at(1))
    assert book.status is status


def test_an_imported_book_knows_its_files_and_tells_that_they_changed() -> None:
    book = a_book(status=BookStatus.IMPORTING)
    book.mark_imported("/library/a", [a_file("1.mp3"), a_file("2.mp3")], import_id=IMPORT, now=at(1))
    assert (book.folder, [file.path for file in book.files]) == ("/library/a", ["1.mp3", "2.mp3"])
    assert book.drain_events() == [
        BookStatusChanged(book.id, "importing", "imported"),
        BookImported(book.id, IMPORT),
        BookFilesChanged(book.id, ChangeReason.IMPORT),
    ]


def test_importing_again_counts_as_a_change_of_the_book() -> None:
    book = a_book(status=BookStatus.IMPORTED)
    book.mark_imported("/library/b", [a_file()], import_id=IMPORT, now=at(1), reason=ChangeReason.ADOPT)
    assert (book.updated_at, book.folder) == (at(1), "/library/b")
    assert book.drain_events() == [BookImported(book.id, IMPORT), BookFilesChanged(book.id, ChangeReason.ADOPT)]


def test_events_are_handed_over_once() -> None:
    book = a_book()
    book.announce_added()
    assert book.drain_events() == [BookAdded(book.id)]
    assert book.drain_events() == []


def test_size_is_the_sum_of_the_files_and_unknown_without_any() -> None:
    assert a_book().size is None
    assert a_book(files=(a_file(size=2), a_file("2", size=3))).size == 5


def test_playing_time_is_the_files_else_the_providers_else_unknown() -> None:
    assert a_book().seconds is None
    assert a_book(runtime_minutes=2).seconds == 120
    assert a_book(runtime_minutes=2, files=(a_file(seconds=None),)).seconds == 120
    assert a_book(runtime_minutes=2, files=(a_file(seconds=50.0), a_file("2", seconds=20.5))).seconds == 70.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("J. R. R. Tolkien", "JRR Tolkien"),
        ("Émile Zola", "Emile  ZOLA"),
        ("O’Brien", "O'Brien"),
        ("Straße", "STRASSE"),
        ("Łukasz", "ŁUKASZ"),
        ("שָׁלוֹם", "שלום"),
        ("Ｋｅｎ", "Ken"),
    ],
)
def test_two_spellings_of_one_person_meet(one: str, other: str) -> None:
    assert person_key(one) == person_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Leckie", "Anne Leckie"),
        ("かがわ", "かかわ"),
        ("ガン", "カン"),
        ("राम", "रम"),
        ("!!!", "???"),
        ("村上春樹", "村上龍"),
    ],
)
def test_different_people_do_not_meet_in_any_script(one: str, other: str) -> None:
    assert person_key(one) != person_key(other)


def test_a_shelf_orders_titles_without_their_article_and_case() -> None:
    titles = ["the Zoo", "A Book", "an Ape", "Theory", "Apex"]
    assert sorted(titles, key=title_sort_key) == ["an Ape", "Apex", "A Book", "Theory", "the Zoo"]
