"""Patterns that the owner writes, searched without ever taking long."""

from collections.abc import Callable
from typing import Protocol


class PatternMatcher(Protocol):
    """Regular expressions whose search takes time in proportion to the text, whatever the pattern.

    Backreferences and lookaround cannot be had at that price and are refused. Letters are told apart by case unless the
    pattern says ``(?i)``; a dot stands for any character, a line break included; ``^`` and ``$`` are the text's ends.
    """

    def compiled(self, pattern: str) -> Callable[[str], bool]:
        """Returns a search: whether the pattern fits anywhere in a text, which may hold anything that a path can.

        The search may be used again and by several threads at once.

        :raises Invalid: the pattern is longer than 512 characters, is no pattern, asks for what is refused, or grows
            too large; the message says which, in words that follow the name of a field.
        """
        ...
