"""Rules about files that get no previews."""

from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.adapters.patterns import Re2Patterns
from earshelf.domain.errors import Invalid
from earshelf.domain.exclusions import ExcludeRule, ExcludeType, Exclusions, exclude_rules, pattern_problems

REGEX = ExcludeType.REGEX


def excluded(path: str, *rules: Any) -> bool:
    return Exclusions.of(exclude_rules(rules), Re2Patterns().compiled).matching(path) is not None


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("/a", ExcludeRule("/a")),
        (" /a ", ExcludeRule("/a")),
        ({"value": "/a", "type": "path"}, ExcludeRule("/a")),
        ({"value": "/a"}, ExcludeRule("/a")),
        ({"value": "/a", "type": "glob"}, ExcludeRule("/a")),
        ({"value": "/a", "type": None}, ExcludeRule("/a")),
        ({"value": "/a", "type": "REGEX"}, ExcludeRule("/a")),
        ({"value": r"\.iso$", "type": "regex"}, ExcludeRule(r"\.iso$", REGEX)),
        ({"value": " x ", "type": "regex"}, ExcludeRule(" x ", REGEX)),
        ({"value": "/a", "type": "path", "note": "old"}, ExcludeRule("/a")),
    ],
)
def test_a_rule_is_an_object_or_the_text_of_a_path(row: Any, rule: ExcludeRule) -> None:
    assert exclude_rules([row]) == (rule,)


@pytest.mark.parametrize("row", ["", "  ", {"value": ""}, {"value": " ", "type": "regex"}])
def test_blank_rules_are_dropped(row: Any) -> None:
    assert exclude_rules([row, "/a"]) == (ExcludeRule("/a"),)


@pytest.mark.parametrize("row", [5, None, ["/a"], {}, {"type": "regex"}, {"value": 5}, "/a\0"])
def test_what_is_no_rule_is_refused_by_its_number(row: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        exclude_rules(["/a", row])
    assert list(refusal.value.fields) == ["1"]


@pytest.mark.parametrize(
    ("path", "rule", "is_excluded"),
    [
        ("/mnt/archive/a.mkv", "/mnt/archive", True),
        ("/mnt/archive/a.mkv", "/mnt/archive/", True),
        ("/mnt/archive", "/mnt/archive", True),
        ("/mnt/archive/a.mkv", "/mnt/archive/a.mkv", True),
        ("/mnt/archive2/a.mkv", "/mnt/archive", False),
        ("/mnt/Archive/a.mkv", "/mnt/archive", False),
        ("/x/mnt/archive/a.mkv", "/mnt/archive", False),
        ("/mnt//archive/./a.mkv", "/mnt/archive", True),
        ("/mnt/archive/../a.mkv", "/mnt/archive", False),
        ("/mnt/a.mkv", "/", True),
        ("/mnt/a.iso", {"value": r".*\.iso$", "type": "regex"}, True),
        ("/mnt/a.iso/b.mkv", {"value": r".*\.iso$", "type": "regex"}, False),
        ("/mnt/a.iso", {"value": r".*\.iso$", "type": "path"}, False),
        (normalize("NFD", "/mnt/é/a"), normalize("NFC", "/mnt/é"), True),
        (normalize("NFD", "/mnt/é/a"), {"value": normalize("NFC", "/é/"), "type": "regex"}, True),
        (normalize("NFC", "/mnt/é/a"), {"value": normalize("NFD", "/é/"), "type": "regex"}, True),
        ("", "/", False),
    ],
)
def test_a_file_is_excluded_by_its_folder_or_by_a_pattern(path: str, rule: Any, is_excluded: bool) -> None:
    assert excluded(path, rule) is is_excluded


def test_the_rule_that_excludes_is_told() -> None:
    rules = exclude_rules([{"value": "iso", "type": "regex"}, "/mnt"])
    exclusions = Exclusions.of(rules, Re2Patterns().compiled)
    assert exclusions.matching("/x/iso") == rules[0]
    assert exclusions.matching("/mnt/iso") == rules[1]
    assert exclusions.matching("/x/mkv") is None


def test_a_pattern_that_cannot_be_used_excludes_nothing_and_is_told() -> None:
    rules = exclude_rules([{"value": "(", "type": "regex"}, {"value": "a", "type": "regex"}])
    exclusions = Exclusions.of(rules, Re2Patterns().compiled)
    assert exclusions.skipped == (rules[0],)
    assert exclusions.matching("/(") is None
    assert exclusions.matching("/a") == rules[1]


def test_patterns_are_tried_by_their_place_in_the_list() -> None:
    rules = ["", "(", {"value": "(", "type": "regex"}, {"value": "a", "type": "regex"}]
    assert list(pattern_problems(rules, Re2Patterns().compiled)) == ["2.value"]


def test_a_pattern_is_compiled_once_for_many_paths() -> None:
    compiled: list[str] = []

    def counting(pattern: str) -> Any:
        compiled.append(pattern)
        return Re2Patterns().compiled(pattern)

    exclusions = Exclusions.of([ExcludeRule("a", REGEX)], counting)
    assert [exclusions.matching(f"/{n}") for n in range(9)] == [None] * 9
    assert compiled == ["a"]


@given(st.text(), st.lists(st.text(st.characters(exclude_characters="\0"), max_size=20)))
def test_any_rules_judge_any_path(path: str, values: list[str]) -> None:
    rules = exclude_rules([*values, *({"value": value, "type": "regex"} for value in values)])
    exclusions = Exclusions.of(rules, Re2Patterns().compiled)
    assert exclusions.matching(path) in (None, *rules)
    assert len(exclusions.folders) + len(exclusions.patterns) + len(exclusions.skipped) == len(rules)
