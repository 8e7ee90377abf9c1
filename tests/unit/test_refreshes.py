"""A burst of changes becomes one batch, and a batch the paths that a server knows."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.events import ChangeReason
from earshelf.domain.ids import BookId
from earshelf.domain.paths import PathMapping
from earshelf.domain.refreshes import LibraryChange, PendingBatch, resolve_paths
from tests.contract.suites.makers import NOON


def change(number: int = 1, path: str | None = None, reason: ChangeReason = ChangeReason.IMPORT) -> LibraryChange:
    return LibraryChange(BookId(f"bk_{number}"), "A Book", f"/library/{number}" if path is None else path, reason)


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_an_empty_batch_is_never_due() -> None:
    assert PendingBatch().due_at() is None


def test_a_batch_is_due_after_two_quiet_seconds() -> None:
    batch = PendingBatch()
    batch.add(change(1), NOON)
    batch.add(change(2), NOON + after(1.5))
    assert batch.due_at() == NOON + after(3.5)


def test_a_batch_that_never_gets_quiet_is_due_thirty_seconds_after_its_first_change() -> None:
    batch = PendingBatch()
    for second in range(30):
        batch.add(change(second), NOON + after(second))
    assert batch.due_at() == NOON + after(30)


def test_the_five_hundredth_change_makes_a_batch_due_at_once() -> None:
    batch = PendingBatch()
    for number in range(499):
        batch.add(change(number), NOON)
    assert batch.due_at() == NOON + after(2)
    batch.add(change(499), NOON + after(1))
    assert batch.due_at() == NOON + after(1)


def test_the_same_folder_of_a_book_waits_once_but_keeps_the_batch_waiting() -> None:
    batch = PendingBatch()
    batch.add(change(1), NOON)
    batch.add(change(1, reason=ChangeReason.METADATA), NOON + after(1))
    assert batch.changes == [change(1)]
    assert batch.due_at() == NOON + after(3)


def test_a_book_that_moved_waits_with_both_folders() -> None:
    batch = PendingBatch()
    batch.add(change(1, "/library/old"), NOON)
    batch.add(change(1, "/library/new"), NOON)
    assert [one.path for one in batch.changes] == ["/library/old", "/library/new"]


def test_what_was_taken_waits_no_more_and_the_next_change_starts_anew() -> None:
    batch = PendingBatch()
    batch.add(change(1), NOON)
    assert batch.take() == (change(1),)
    assert (batch.take(), batch.due_at()) == ((), None)
    batch.add(change(2), NOON + after(100))
    assert batch.due_at() == NOON + after(102)


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 10)), min_size=1, max_size=50))
def test_a_change_waits_at_least_for_quiet_and_never_longer_than_allowed(steps: list[tuple[int, float]]) -> None:
    batch, now = PendingBatch(), NOON
    for number, pause in steps:
        now += after(pause)
        batch.add(change(number), now)
    due = batch.due_at()
    assert due is not None
    assert due == min(now + after(2), NOON + after(steps[0][1]) + after(30))
    assert len(batch.changes) == len({number for number, _ in steps})


MAPPINGS = [PathMapping("/library", "/data"), PathMapping("/library/kids", "/kids"), PathMapping("/void", " ")]


def test_every_change_is_told_by_the_servers_spelling_of_its_folder() -> None:
    resolved = resolve_paths([change(path="/library/A/T"), change(path="/library/kids/B")], MAPPINGS)
    assert (resolved.paths, resolved.passthrough, resolved.skipped) == (("/data/A/T", "/kids/B"), 0, 0)


def test_repetitions_are_told_once_in_first_seen_order() -> None:
    paths = ["/library/b", "/library/a", "/library/b"]
    assert resolve_paths([change(path=path) for path in paths], MAPPINGS).paths == ("/data/b", "/data/a")


def test_a_path_without_a_mapping_passes_through_and_is_counted() -> None:
    resolved = resolve_paths([change(path="/elsewhere/a"), change(path="/librarybooks/b")], MAPPINGS)
    assert (resolved.paths, resolved.passthrough) == (("/elsewhere/a", "/librarybooks/b"), 2)


@pytest.mark.parametrize("path", ["", "   ", "/void/a"])
def test_a_change_without_a_usable_path_is_skipped_and_counted(path: str) -> None:
    resolved = resolve_paths([change(path=path), change(path="/library/a")], MAPPINGS)
    assert (resolved.paths, resolved.passthrough, resolved.skipped) == (("/data/a",), 0, 1)
