"""What values a setting takes: how a group declares them, and how what comes from outside is held against that."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from earshelf.domain.errors import Invalid, TemplateInvalid
from earshelf.domain.exclusions import ExcludeRule, exclude_rules
from earshelf.domain.naming import NamingTemplate, TemplateKind
from earshelf.domain.paths import is_whole_disk
from earshelf.domain.prerolls import read_prerolls


def number(default: int, *, least: int, most: int) -> Any:
    """Declares a whole number within bounds."""
    return field(default=default, metadata={"least": least, "most": most, "whole": True})


def amount(default: float, *, least: float, most: float) -> Any:
    """Declares a number within bounds that may have a fraction."""
    return field(default=default, metadata={"least": least, "most": most, "whole": False})


def choice(default: StrEnum, *allowed: StrEnum, folded: bool = False) -> Any:
    """Declares one of some words, all of the default's kind where none are named; ``folded``: in any case."""
    return field(default=default, metadata={"choices": allowed or tuple(type(default)), "folded": folded})


def words(*default: str) -> Any:
    """Declares a list of words."""
    return field(default=default, metadata={"words": True})


def rules() -> Any:
    """Declares a list of exclude rules, empty by default."""
    return field(default=(), metadata={"rules": True})


def accepted(default: Any, metadata: Mapping[str, Any], value: Any) -> Any:
    """Reads a value as its setting wants it; a setting that declares nothing is a flag or text, like its default.

    :raises ValueError: it is of another type, or out of bounds, in words that follow the setting's name.
    :raises Invalid: it is a list of the wrong kind, or part of it is; ``fields`` says which part.
    """
    if isinstance(default, bool):
        return _flag(value)
    if "choices" in metadata:
        return _chosen(value, metadata)
    if "words" in metadata:
        return _word_list(value)
    if "rules" in metadata:
        return exclude_rules(value)
    if "least" in metadata:
        return _bounded(value, whole=metadata["whole"], least=metadata["least"], most=metadata["most"])
    return _text(value, metadata)


def plain(value: Any) -> Any:
    """Spells a setting's value as plain JSON types."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, ExcludeRule):
        return {"value": value.value, "type": value.type.value}
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _chosen(value: Any, metadata: Mapping[str, Any]) -> StrEnum:
    choices: tuple[StrEnum, ...] = metadata["choices"]
    wished = value.strip().lower() if metadata["folded"] and isinstance(value, str) else value
    for one in choices:
        if isinstance(wished, str) and wished == one:
            return one
    raise ValueError(f"must be one of {', '.join(choices)}")


def _word_list(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise ValueError("must be a list of words")
    return tuple(dict.fromkeys(word.strip() for word in value if word.strip()))


def _bounded(value: Any, *, whole: bool, least: float, most: float) -> Any:
    # JSON knows one kind of numbers: 5.0 is whole
    allowed = isinstance(value, int) or (isinstance(value, float) and (not whole or value.is_integer()))
    if isinstance(value, bool) or not allowed:
        raise ValueError("must be a whole number" if whole else "must be a number")
    if not least <= value <= most:
        raise ValueError(f"must be between {least:g} and {most:g}")
    return int(value) if whole else value


def _text(value: Any, metadata: Mapping[str, Any]) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("must be text")
    text = value.strip()
    if "template" in metadata:
        _require_a_template(text, metadata["template"])
    if metadata.get("folder") and text:
        _require_a_folders_path(text)
    return _prerolls(text) if "prerolls" in metadata else text


def _prerolls(text: str) -> str:
    try:
        return read_prerolls(text).value
    except Invalid as problem:
        raise ValueError("; ".join(problem.fields.values())) from None


def _require_a_template(text: str, kind: TemplateKind) -> None:
    try:
        NamingTemplate.parse(text, kind)
    except TemplateInvalid as problem:
        raise ValueError(problem.message) from None


def _require_a_folders_path(text: str) -> None:
    if not PurePath(text).is_absolute():
        raise ValueError("must be an absolute path")
    # whatever is downloaded would lie inside such a library
    if is_whole_disk(text):
        raise ValueError("must be a folder of its own, not a whole disk")
