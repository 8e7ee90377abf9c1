"""RE2 keeps the promises of patterns."""

import subprocess
import sys

import pytest

from earshelf.adapters.patterns import Re2Patterns
from earshelf.ports.patterns import PatternMatcher
from tests.contract.suites.patterns import PatternMatcherContract


class TestRe2Patterns(PatternMatcherContract):
    @pytest.fixture
    def patterns(self) -> PatternMatcher:
        return Re2Patterns()


def test_the_engine_is_loaded_with_the_first_pattern_and_not_before() -> None:
    program = (
        "import sys; from earshelf.adapters.patterns import Re2Patterns; patterns = Re2Patterns(); "
        "print('re2' in sys.modules); patterns.compiled('a'); print('re2' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.split() == ["False", "True"]
