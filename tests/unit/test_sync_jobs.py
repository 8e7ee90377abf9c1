"""Jobs, walks through listings, and what may be removed after a pass."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.errors import InvalidTransition
from earshelf.domain.ids import ServerId, SyncJobId
from earshelf.domain.media import LibraryType
from earshelf.domain.sync_jobs import MediaLibrary, Removal, SyncJob, SyncPhase, SyncStatus, Walk, reconcile, removal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_job() -> SyncJob:
    return SyncJob(SyncJobId("sj_1"), ServerId("sv_1"), NOON)


def running() -> SyncJob:
    job = a_job()
    job.begin(NOON)
    return job


def test_a_job_tells_how_fast_it_is_and_how_long_it_may_take() -> None:
    job = running()
    assert (job.rate(at(1)), job.seconds_left(at(1))) == (None, None)
    job.enter("Films", total=400)
    job.advance(100)
    assert (job.rate(at(10)), job.seconds_left(at(10))) == (10, 30)
    job.complete(at(40))
    assert (job.seconds_left(at(99)), job.current_library) == (0, None)


def test_a_job_tells_what_it_is_about_and_how_far_it_is_there() -> None:
    job = running()
    assert (job.phase, job.library_index, job.library_count) == (SyncPhase.CONNECT, 0, 0)
    job.proceed(SyncPhase.HISTORY, libraries=2)
    job.enter("Films", total=10)
    job.advance(12)
    assert (job.phase, job.library_index, job.library_count) == (SyncPhase.LISTING, 1, 2)
    assert (job.library_processed, job.library_total) == (12, 12)
    job.proceed(SyncPhase.CLEANUP)
    job.enter("Music", total=None)
    job.advance(3)
    assert (job.library_index, job.library_processed, job.library_total) == (2, 3, None)
    assert (job.items_processed, job.total_items) == (15, 15)
    job.fail("gone", at(1))
    assert job.phase is SyncPhase.LISTING


def test_a_job_that_saw_everything_is_about_nothing_any_more() -> None:
    job = running()
    job.complete(at(1))
    assert job.phase is None


def test_a_clock_that_was_put_back_tells_no_rate() -> None:
    job = running()
    job.advance(5)
    assert job.rate(at(-3600)) is None


def test_a_library_may_hold_more_than_it_said() -> None:
    job = running()
    job.enter("Films", total=0)
    job.advance(7)
    assert job.total_items == 7


@pytest.mark.parametrize("end", ["complete", "cancel", "fail"])
def test_what_is_over_stays_as_it_is(end: str) -> None:
    job = running()
    for wish in (end, "complete", "cancel", "fail"):
        arguments = ("why", NOON) if wish == "fail" else (NOON,)
        if job.is_over:
            with pytest.raises(InvalidTransition):
                getattr(job, wish)(*arguments)
        else:
            getattr(job, wish)(*arguments)
    with pytest.raises(InvalidTransition):
        job.begin(NOON)


def test_a_job_that_nobody_began_can_be_cancelled_and_nothing_else() -> None:
    job = a_job()
    with pytest.raises(InvalidTransition):
        job.complete(NOON)
    job.cancel(NOON)
    assert (job.status, job.finished_at) == (SyncStatus.CANCELLED, NOON)


@given(st.integers(0, 3000), st.lists(st.integers(1, 500), min_size=1), st.booleans())
def test_a_walk_asks_for_every_row_once_whatever_pages_come(total: int, caps: list[int], tells_total: bool) -> None:
    walk, taken, turn = Walk(500), 0, 0
    while not walk.is_over:
        assert walk.offset == taken
        cap = caps[turn % len(caps)] if tells_total else walk.size
        rows = min(walk.size, cap, total - taken)
        taken, turn = taken + rows, turn + 1
        walk.took(rows, total if tells_total else None)
    assert (taken, walk.saw_everything) == (total, True)


def test_an_empty_page_before_the_end_ends_the_walk_without_having_seen_everything() -> None:
    walk = Walk(500)
    walk.took(500, 2000)
    walk.took(0, None)
    assert (walk.is_over, walk.saw_everything) == (True, False)


def test_a_listing_that_gets_shorter_on_the_way_was_not_seen_whole() -> None:
    walk = Walk(500)
    walk.took(500, 1000)
    walk.took(490, 990)
    assert (walk.is_over, walk.saw_everything) == (True, False)


def test_a_listing_that_repeats_itself_is_over_and_was_not_seen_whole() -> None:
    walk = Walk(500)
    walk.took(500, 1000)
    walk.took(500, 1000)
    walk.repeats()
    assert (walk.is_over, walk.saw_everything) == (True, False)


def test_pages_shrink_by_half_down_to_fifty() -> None:
    walk = Walk.through(LibraryType.MOVIE)
    sizes = [walk.size]
    while walk.shrink():
        sizes.append(walk.size)
    assert sizes == [500, 250, 125, 62, 50]


keys = st.sets(st.integers(0, 400).map(str), max_size=300)


@given(keys, keys, st.one_of(st.none(), st.integers(0, 400)))
def test_nothing_goes_after_a_pass_that_did_not_see_everything(
    stored: set[str], seen: set[str], held: int | None
) -> None:
    assert removal(stored, seen, saw_everything=False, held_back=held) == Removal(held_back=held)


@given(keys, st.one_of(st.none(), st.integers(0, 400)))
def test_nothing_goes_where_nothing_was_seen(stored: set[str], held: int | None) -> None:
    assert removal(stored, [], saw_everything=True, held_back=held).keys == frozenset()


@given(keys, keys, st.one_of(st.none(), st.integers(0, 400)))
def test_only_what_is_stored_and_was_not_seen_may_go_and_many_only_when_held_back_before(
    stored: set[str], seen: set[str], held: int | None
) -> None:
    verdict = removal(stored, seen, saw_everything=True, held_back=held)
    missing = stored - seen
    assert verdict.keys in (frozenset(), frozenset(missing))
    if len(verdict.keys) > max(50, 0.3 * len(stored)):
        assert held is not None
        assert abs(len(missing) - held) <= 0.05 * held
    assert bool(verdict.held_back) is (bool(missing) and not verdict.keys)


def test_a_library_that_looked_empty_confirms_nothing_of_what_is_there_again() -> None:
    stored, there = [str(number) for number in range(1000)], [str(number) for number in range(10)]
    empty = removal(stored, [], saw_everything=True)
    first = removal(stored, there, saw_everything=True, held_back=empty.held_back)
    assert (empty.held_back, first) == (1000, Removal(held_back=990))
    assert len(removal(stored, there, saw_everything=True, held_back=first.held_back).keys) == 990


def test_a_few_go_at_once() -> None:
    verdict = removal(map(str, range(100)), map(str, range(50)), saw_everything=True)
    assert len(verdict.keys) == 50


FILMS = MediaLibrary(ServerId("sv_1"), "1", "Films", LibraryType.MOVIE, identity="u-1")


def test_what_is_new_is_wanted_and_what_is_known_stays_as_wanted_as_it_was() -> None:
    off = replace(FILMS, enabled=False, synced_at=NOON, held_back=3)
    new = replace(FILMS, key="2", identity="u-2")
    found = reconcile([off], [replace(FILMS, title="Movies"), new])
    assert found.libraries == (replace(off, title="Movies"), new)


def test_what_is_listed_no_more_is_kept_as_missing() -> None:
    assert reconcile([FILMS], []).libraries == (replace(FILMS, is_missing=True),)
    assert reconcile([replace(FILMS, is_missing=True)], [FILMS]).libraries == (FILMS,)


def test_a_library_is_found_again_under_another_key() -> None:
    off = replace(FILMS, enabled=False)
    found = reconcile([off], [replace(FILMS, key="9")])
    assert (found.rekeyed, found.libraries) == ((("1", "9"),), (replace(off, key="9"),))
