"""What every matcher of the owner's patterns does; a subclass gives the fixture ``patterns``.

The hostile patterns below would keep a matcher that backtracks busy for longer than the universe has been there.
"""

from time import perf_counter

import pytest

from earshelf.domain.errors import Invalid
from earshelf.ports.patterns import PatternMatcher

_LONG = "/media/" + "a" * 4000 + "!"


class PatternMatcherContract:
    """Patterns search, and never take long."""

    @pytest.mark.parametrize(
        ("pattern", "text", "fits"),
        [
            (r"\.iso$", "/mnt/a.iso", True),
            (r".*\.iso$", "/mnt/a.iso", True),
            (r"\.iso$", "/mnt/a.iso.mkv", False),
            (r"^/mnt/", "/mnt/a", True),
            (r"^/mnt/", "/x/mnt/a", False),
            ("tv", "/mnt/tv/a", True),
            ("TV", "/mnt/tv/a", False),
            ("(?i)TV", "/mnt/tv/a", True),
            (r"S\d{2}E\d+", "/mnt/S01E100.mkv", True),
            (r"\bsample\b", "/mnt/a-sample.mkv", True),
            ("[Éé]t.$", "/mnt/été", True),
            (r"\p{Greek}", "/mnt/Ω", True),
            ("^/mnt/.$", "/mnt/\N{PARTY POPPER}", True),
            ("a.b", "/mnt/a\nb", True),
            ("b$", "b\na", False),
            ("^a", "b\na", False),
            ("", "", True),
            (" ", "/mnt/a b", True),
            ("x|y", "/mnt/y", True),
            ("a*", "", True),
        ],
    )
    def test_a_pattern_is_searched_in_the_whole_text(
        self, patterns: PatternMatcher, pattern: str, text: str, fits: bool
    ) -> None:
        assert patterns.compiled(pattern)(text) is fits

    @pytest.mark.parametrize("text", ["/mnt/\udcff.iso", f"/mnt/{chr(0xD800)}.iso", "/mnt/\0.iso", "/mnt/\n.iso"])
    def test_a_text_may_hold_whatever_a_path_can(self, patterns: PatternMatcher, text: str) -> None:
        assert patterns.compiled(r"\.iso$")(text)
        assert not patterns.compiled(r"\.mkv$")(text)

    def test_a_search_may_be_used_again(self, patterns: PatternMatcher) -> None:
        search = patterns.compiled("a")
        assert [search(text) for text in ("a", "b", "a")] == [True, False, True]

    @pytest.mark.parametrize(
        ("pattern", "reason"),
        [
            (r"(a)\1", "backreferences cannot be used"),
            (r"(?P<x>a)(?P=x)", "backreferences cannot be used"),
            ("(?=a)b", "lookaround and backreferences cannot be used"),
            ("(?!a)b", "lookaround and backreferences cannot be used"),
            ("(?<=a)b", "lookaround and backreferences cannot be used"),
            ("(?<!a)b", "lookaround and backreferences cannot be used"),
            ("(", "missing )"),
            ("a)", "unexpected )"),
            ("[a", "missing ]"),
            ("[z-a]", "z-a"),
            ("*a", "no argument"),
            ("a{1001}", "smaller numbers of repetitions"),
            ("(((a{30}){30}){30})", "smaller numbers of repetitions"),
            (r"\pL{1,900}", "smaller numbers of repetitions"),
            ("\\", "trailing"),
            ("\ud800", "half a character"),
            ("x" * 513, "at most 512 characters"),
        ],
    )
    def test_what_cannot_be_used_is_refused_with_the_reason(
        self, patterns: PatternMatcher, pattern: str, reason: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(Invalid) as refusal:
            patterns.compiled(pattern)
        assert reason in refusal.value.message
        assert capfd.readouterr() == ("", "")

    def test_the_longest_pattern_is_taken(self, patterns: PatternMatcher) -> None:
        assert patterns.compiled("x" * 512)("x" * 512)

    @pytest.mark.parametrize(
        "pattern",
        [
            "(a+)+$",
            "(a|aa)+$",
            "^/media/(a|a?)+$",
            "(.*)*x",
            "(x+x+)+y",
            "((a{1,10}){1,10}){1,9}$",
            "a?" * 200 + "a" * 100 + "$",
            ".*" * 250 + "q",
            "(?:.{0,500}){2}Q",
            "(.{1,30}){1,30}Q",
            "(?i)(é|É|ß){1,300}Q",
        ],
    )
    def test_hostile_patterns_finish_at_once(self, patterns: PatternMatcher, pattern: str) -> None:
        began = perf_counter()
        assert not patterns.compiled(pattern)(_LONG)
        assert perf_counter() - began < 3
