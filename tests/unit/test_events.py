"""Facts: frozen, and all of them known to the log."""

from dataclasses import FrozenInstanceError

import pytest

from earshelf.domain import events
from earshelf.domain.events import EVENT_TYPES, BookAdded, BookStatusChanged, ChangeReason, Event
from earshelf.domain.ids import BookId


def test_every_event_is_in_the_list_that_the_log_reads_by() -> None:
    defined = {one for one in vars(events).values() if isinstance(one, type) and issubclass(one, Event)}
    assert set(EVENT_TYPES) == defined - {Event}
    assert len({one.__name__ for one in EVENT_TYPES}) == len(EVENT_TYPES)


def test_a_fact_cannot_be_changed_afterwards() -> None:
    fact = BookAdded(BookId("bk_1"))
    with pytest.raises(FrozenInstanceError):
        fact.book_id = None  # type: ignore[misc]  # the very thing that must fail


def test_the_same_fact_told_twice_is_equal() -> None:
    told = [BookStatusChanged(BookId("bk_1"), "wanted", "searching") for _ in range(2)]
    assert told[0] == told[1]
    assert told[0] != BookStatusChanged(BookId("bk_2"), "wanted", "searching")


def test_every_trigger_of_a_refresh_has_a_reason() -> None:
    assert set(ChangeReason) == {"import", "adopt", "metadata", "merge", "convert", "rename", "restored"}
