"""Patterns by RE2, which never backtracks."""

from collections.abc import Callable
from typing import Any

from earshelf.domain.errors import Invalid
from earshelf.domain.exclusions import LONGEST_PATTERN

# of one pattern, in bytes; a pattern that needs more is refused, a search that would goes the slower way
_MOST_MEMORY = 1 << 20
_REFUSED = {
    "invalid perl operator": "lookaround and backreferences cannot be used",
    "invalid escape sequence": "backreferences cannot be used, and every escape must be one of RE2's",
    "pattern too large": "use smaller numbers of repetitions",
    "invalid repetition size": "use smaller numbers of repetitions",
}


class Re2Patterns:
    """Compiles with google-re2, which is imported when the first pattern comes."""

    def compiled(self, pattern: str) -> Callable[[str], bool]:
        """Compiles a pattern; what is not UTF-8 in a path fits none of a pattern's characters."""
        if len(pattern) > LONGEST_PATTERN:
            raise Invalid(f"must have at most {LONGEST_PATTERN} characters")
        expression = _compiled(pattern)
        return lambda text: expression.search(text.encode(errors="surrogatepass")) is not None


def _compiled(pattern: str) -> Any:
    import re2  # noqa: PLC0415 - only who has patterns pays for it

    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    options.max_mem = _MOST_MEMORY
    try:
        return re2.compile(pattern.encode(), options)
    except UnicodeEncodeError:
        raise Invalid("is no pattern: it holds half a character") from None
    except re2.error as problem:
        raise Invalid(f"is no pattern that can be used: {_reason(problem)}") from problem


def _reason(problem: Exception) -> str:
    said = problem.args[0] if problem.args else b""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    advice = next((advice for start, advice in _REFUSED.items() if text.startswith(start)), None)
    return f"{text}; {advice}" if advice else text
