"""Which items that came are ones that went."""

from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.ids import MediaId
from earshelf.domain.reunions import Trace, reunions


def trace(name: str, guid: str | None = None, path: str | None = None, *numbers: int) -> Trace:
    return Trace(MediaId(name), name, guid, path, *numbers)


def matched(lost: list[Trace], found: list[Trace]) -> dict[str, str]:
    return {one: other.id for one, other in reunions(lost, found).items()}


def test_the_same_guid_is_the_same_item_wherever_its_file_lies_now() -> None:
    assert matched([trace("old", "g", "/a")], [trace("other", "h", "/b"), trace("new", "g", "/c")]) == {"old": "new"}


def test_the_same_file_is_the_same_item_whatever_it_was_matched_as() -> None:
    assert matched([trace("old", "g", "/a")], [trace("new", "h", "/a")]) == {"old": "new"}


def test_two_cuts_of_one_film_find_their_own_files() -> None:
    lost = [trace("old-1", "g", "/1"), trace("old-2", "g", "/2")]
    found = [trace("new-2", "g", "/2"), trace("new-1", "g", "/1")]
    assert matched(lost, found) == {"old-1": "new-1", "old-2": "new-2"}


def test_episodes_that_share_a_file_are_told_apart_by_their_numbers() -> None:
    lost = [trace("old-1", None, "/1-2", 1, 1), trace("old-2", None, "/1-2", 1, 2)]
    found = [trace("new-2", None, "/1-2", 1, 2), trace("new-3", None, "/1-2", 1, 3)]
    assert matched(lost, found) == {"old-2": "new-2"}


def test_nothing_in_common_and_guids_that_are_made_up_match_nobody() -> None:
    lost = [trace("old-1"), trace("old-2", "local://7", "/a")]
    assert matched(lost, [trace("new-1"), trace("new-2", "local://7", "/b")]) == {}


def test_what_is_missing_itself_is_nobodys_return() -> None:
    lost = [trace("old-1", "g"), trace("old-2", "g")]
    assert matched(lost, [lost[1]]) == {}


traces = st.builds(
    trace,
    st.uuids().map(str),
    st.sampled_from([None, "g", "h", "local://1"]),
    st.sampled_from([None, "/a", "/b"]),
    st.integers(1, 2),
    st.integers(1, 2),
)


@given(st.lists(traces), st.lists(traces))
def test_nobody_takes_two_places_and_every_pair_has_something_in_common(lost: list[Trace], found: list[Trace]) -> None:
    pairs = reunions(lost, found)
    assert len({other.id for other in pairs.values()}) == len(pairs)
    known = {one.id: one for one in lost}
    for lost_id, other in pairs.items():
        one = known[lost_id]
        assert one.guid == other.guid or one[3:] == other[3:]
