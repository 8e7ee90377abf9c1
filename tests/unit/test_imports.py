"""The steps of an import."""

from collections.abc import Callable
from itertools import product

import pytest

from earshelf.domain.errors import InvalidTransition
from earshelf.domain.events import ImportFailed
from earshelf.domain.imports import ImportJob, ImportState
from tests.contract.suites.makers import a_book, a_job, at

BOOK = a_book()
WAYS = {
    "pending": "staging recorded failed",
    "staging": "recorded pending failed",
    "recorded": "done",
    "done": "",
    "failed": "",
}
VERBS: dict[ImportState, Callable[[ImportJob], None]] = {
    ImportState.STAGING: lambda job: job.begin_staging("/library/a"),
    ImportState.RECORDED: lambda job: job.record("/library/a", at(1)),
    ImportState.DONE: lambda job: job.close(),
    ImportState.FAILED: lambda job: job.fail("No audio", at(1)),
}


@pytest.mark.parametrize(("start", "wished"), list(product(ImportState, VERBS)), ids=str)
def test_an_import_goes_its_steps_in_order(start: ImportState, wished: ImportState) -> None:
    job = a_job(BOOK, state=start)
    if wished in WAYS[start].split():
        VERBS[wished](job)
        assert job.state is wished
    else:
        with pytest.raises(InvalidTransition):
            VERBS[wished](job)
        assert (job.state, job.target, job.finished_at, job.drain_events()) == (start, None, None, [])


@pytest.mark.parametrize("state", ImportState)
def test_work_is_left_until_an_import_is_done_or_failed(state: ImportState) -> None:
    assert a_job(BOOK, state=state).is_open == (state in {"pending", "staging", "recorded"})


@pytest.mark.parametrize("state", ImportState)
def test_only_unpublished_staging_goes_back_in_line(state: ImportState) -> None:
    job = a_job(BOOK, state=state)
    job.restart()
    assert job.state is (ImportState.PENDING if state is ImportState.STAGING else state)


def test_the_target_and_what_it_replaces_are_written_down_before_anything_moves() -> None:
    job = a_job(BOOK)
    job.begin_staging("/library/a", replaced=("old.mp3",))
    assert (job.target, job.replaced) == ("/library/a", ("old.mp3",))


def test_a_failed_import_says_when_and_why() -> None:
    job = a_job(BOOK)
    job.fail("No audio", at(1))
    assert (job.error_message, job.finished_at) == ("No audio", at(1))
    assert job.drain_events() == [ImportFailed(BOOK.id, job.id, "No audio")]
