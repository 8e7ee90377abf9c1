"""Which files get no previews: rules on their local paths, by folder or by pattern."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from unicodedata import normalize

from earshelf.domain.errors import Invalid
from earshelf.domain.paths import is_at_or_below

LONGEST_PATTERN = 512
"""The most characters of a pattern."""
LONGEST_PATH = 4096
"""The most characters of a path."""
MOST_RULES = 200
"""How many rules there may be."""


class ExcludeType(StrEnum):
    """How a rule's value is meant: a file or folder, or a pattern that is searched in the whole path."""

    PATH = "path"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class ExcludeRule:
    """One rule; ``type`` says how ``value`` is meant."""

    value: str
    type: ExcludeType = ExcludeType.PATH


def exclude_rules(value: Any) -> tuple[ExcludeRule, ...]:
    """Reads a list of rules: objects with ``value`` and ``type``, or plain texts, which are paths.

    A type that is not known is a path. Blank rules are dropped.

    :raises Invalid: no list, or one of its rules is neither text nor an object with a text as value, too long, or holds
        a NUL; ``fields`` names the rules by their number from 0. Patterns are not tried here.
    """
    if not isinstance(value, list | tuple) or len(value) > MOST_RULES:
        raise Invalid(f"must be a list of at most {MOST_RULES} rules")
    problems: dict[str, str] = {}
    rules: list[ExcludeRule] = []
    for number, row in enumerate(value):
        try:
            rules.append(_rule(row))
        except ValueError as problem:
            problems[str(number)] = str(problem)
    if problems:
        raise Invalid("some rules cannot be taken", problems)
    return tuple(dict.fromkeys(rule for rule in rules if rule.value))


def pattern_problems(value: Iterable[Any], compiled: Callable[[str], object]) -> dict[str, str]:
    """Tries the patterns of a list that :func:`exclude_rules` takes; says what is wrong, by number and field."""
    problems: dict[str, str] = {}
    for number, row in enumerate(value):
        for rule in exclude_rules([row]):
            if rule.type is not ExcludeType.REGEX:
                continue
            try:
                compiled(normalize("NFC", rule.value))
            except Invalid as problem:
                problems[f"{number}.value"] = problem.message
    return problems


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Rules made ready for many paths; ``skipped`` are those whose patterns cannot be used, which exclude nothing."""

    folders: tuple[ExcludeRule, ...]
    patterns: tuple[tuple[ExcludeRule, Callable[[str], bool]], ...]
    skipped: tuple[ExcludeRule, ...] = ()

    @classmethod
    def of(cls, rules: Iterable[ExcludeRule], compiled: Callable[[str], Callable[[str], bool]]) -> Self:
        """Makes rules ready; ``compiled`` turns a pattern into a search, and raises ``Invalid`` where it cannot."""
        folders: list[ExcludeRule] = []
        patterns: list[tuple[ExcludeRule, Callable[[str], bool]]] = []
        skipped: list[ExcludeRule] = []
        for rule in rules:
            if rule.type is ExcludeType.PATH:
                folders.append(rule)
                continue
            try:
                patterns.append((rule, compiled(normalize("NFC", rule.value))))
            except Invalid:
                skipped.append(rule)
        return cls(tuple(folders), tuple(patterns), tuple(skipped))

    def matching(self, path: str) -> ExcludeRule | None:
        """Returns the rule that excludes a local path, folders before patterns; None where it is not excluded."""
        for folder in self.folders:
            if is_at_or_below(path, folder.value):
                return folder
        composed = normalize("NFC", path)
        return next((rule for rule, found_in in self.patterns if found_in(composed)), None)


def _rule(row: Any) -> ExcludeRule:
    text = row.get("value") if isinstance(row, Mapping) else row
    if not isinstance(text, str) or "\0" in text:
        raise ValueError("must be a path, or an object with value and type")
    kind = row.get("type") if isinstance(row, Mapping) else ExcludeType.PATH
    if kind == ExcludeType.REGEX:
        # blanks are part of a pattern
        return ExcludeRule(_within(text, LONGEST_PATTERN) if text.strip() else "", ExcludeType.REGEX)
    return ExcludeRule(_within(text.strip(), LONGEST_PATH))


def _within(text: str, most: int) -> str:
    if len(text) > most:
        raise ValueError(f"must have at most {most} characters")
    return text
