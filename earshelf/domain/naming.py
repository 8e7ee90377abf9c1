"""Folder and file names of books, by the owner's templates.

A template mixes text with tokens: ``{title}``, ``{seriesPosition:00}`` pads a number with zeros, ``{series? - }`` and
``{Book ?seriesPosition}`` add text only where the token has a value, and all of it combines:
``{Book ?seriesPosition:00? - }``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, assert_never

from earshelf.domain.errors import TemplateInvalid
from earshelf.domain.filenames import (
    MAX_NAME_BYTES,
    UNKNOWN,
    distinct_names,
    extension,
    plain_text,
    safe_name,
    stem,
)
from earshelf.domain.filing import last_first, without_article

DEFAULT_FOLDER_FORMAT = "{author}/{title}"
DEFAULT_FILE_FORMAT = "{author} - {title}"
FOLDER_TOKENS = (
    "author",
    "authorLastFirst",
    "title",
    "titleSort",
    "series",
    "seriesPosition",
    "year",
    "narrator",
    "narratorLastFirst",
    "edition",
)
FILE_TOKENS = (*FOLDER_TOKENS, "trackNumber", "trackTotal", "partName")

_MAX_FORMAT_LENGTH = 500
_MAX_EDITION_BYTES = 80
_UNKNOWN_AUTHOR = "Unknown Author"
_TOKEN = re.compile(r"\{([^{}]*)\}")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
_NAME_AND_PADDING = re.compile(r"(\w+)(?::(0+))?")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_WORD_START = re.compile(r"(?<![\w'’])\w")


class TemplateKind(StrEnum):
    """What a template names; the value is the setting that holds it."""

    FOLDER = "folder_format"
    FILE = "file_format"

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that such a template may use."""
        return FOLDER_TOKENS if self is TemplateKind.FOLDER else FILE_TOKENS


class WordSeparator(StrEnum):
    """What stands between the words of a token's value."""

    SPACE = "space"
    PERIOD = "period"
    UNDERSCORE = "underscore"
    DASH = "dash"


class LetterCase(StrEnum):
    """How a token's value is capitalised; ``DEFAULT`` leaves it alone."""

    DEFAULT = "default"
    LOWER = "lower"
    UPPER = "upper"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class NamingStyle:
    """How values are spelled; text that stands in the template itself is never touched."""

    separator: WordSeparator = WordSeparator.SPACE
    case: LetterCase = LetterCase.DEFAULT


@dataclass(frozen=True, slots=True)
class NamingFacts:
    """What is known of a book when its files are named; ``published`` is a date as the provider wrote it."""

    title: str
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    series: str | None = None
    position: float | None = None
    published: str | None = None
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    name: str
    width: int = 0
    prefix: str = ""
    suffix: str = ""

    def render(self, values: Mapping[str, str], style: NamingStyle) -> str:
        value = _styled(_padded(values.get(self.name, ""), self.width), style)
        return f"{self.prefix}{value}{self.suffix}" if value else ""


@dataclass(frozen=True, slots=True)
class NamingTemplate:
    """A template that was found sound; made by :meth:`parse`."""

    text: str
    _pieces: tuple[str | _Token, ...]

    @classmethod
    def parse(cls, text: str, kind: TemplateKind) -> Self:
        """Reads a template; slashes part folders, and a file template has none and leaves out the extension.

        :raises TemplateInvalid: a token is unknown, a brace has no partner, the title is missing, the text is longer
            than 500 characters, a file template holds a slash, or a folder template starts with one or has a segment
            of dots such as ``..``. ``fields`` has the name of ``kind``.
        """
        if len(text) > _MAX_FORMAT_LENGTH:
            raise _invalid(kind, f"A format has at most {_MAX_FORMAT_LENGTH} characters")
        slashed = text.replace("\\", "/")
        if kind is TemplateKind.FILE and "/" in slashed:
            raise _invalid(kind, "A file format names one file; put folders into the folder format")
        if kind is TemplateKind.FOLDER:
            _refuse_to_climb(slashed)
        return cls(text, _parsed(slashed, kind))

    @property
    def tokens(self) -> frozenset[str]:
        """The names of all tokens used."""
        return frozenset(piece.name for piece in self._pieces if isinstance(piece, _Token))

    def render(self, values: Mapping[str, str], style: NamingStyle) -> str:
        """Fills in the values, which must be free of slashes; brackets that end up empty are taken out."""
        text = "".join(each if isinstance(each, str) else each.render(values, style) for each in self._pieces)
        return _without_empty_brackets(text)


_PLAIN = NamingStyle()


def folder_segments(template: NamingTemplate, facts: NamingFacts, style: NamingStyle = _PLAIN) -> tuple[str, ...]:
    """The folders of a book below the library, outermost first; at least one, each a safe name.

    Folders that come out blank are left out. A book with an edition gets it appended in brackets unless the template
    places it.
    """
    rendered = template.render(_values(facts), style).split("/")
    segments = [each for each in rendered if each.strip()] or [UNKNOWN]
    edition = plain_text(facts.edition or "")
    if not edition or "edition" in template.tokens:
        return tuple(safe_name(each) for each in segments)
    ending = f" ({safe_name(edition, limit=_MAX_EDITION_BYTES)})"
    last = safe_name(segments[-1], limit=MAX_NAME_BYTES - len(ending.encode())) + ending
    return (*(safe_name(each) for each in segments[:-1]), last)


def file_names(
    template: NamingTemplate,
    facts: NamingFacts,
    sources: Sequence[str],
    style: NamingStyle = _PLAIN,
) -> list[str]:
    """One file name per source, in the same order; sources come in the order in which they are heard.

    Extensions stay, in lower case. No two names are alike, not even on a file system that ignores case. Only a
    book of several files has track and part tokens.
    """
    values = _values(facts)
    stems = [template.render(values | _track_values(number, sources), style) for number in range(1, len(sources) + 1)]
    return distinct_names(stems, [extension(source) for source in sources])


def _values(facts: NamingFacts) -> dict[str, str]:
    author, narrator = _first(facts.authors), _first(facts.narrators)
    return {
        "author": _visible(plain_text(author), _UNKNOWN_AUTHOR),
        "authorLastFirst": _visible(plain_text(last_first(author)), _UNKNOWN_AUTHOR),
        "title": _visible(plain_text(facts.title), UNKNOWN),
        "titleSort": _visible(without_article(plain_text(facts.title)), UNKNOWN),
        "series": plain_text(facts.series or ""),
        "seriesPosition": _position(facts.position),
        "year": _year(facts.published or ""),
        "narrator": plain_text(narrator),
        "narratorLastFirst": plain_text(last_first(narrator)),
        "edition": plain_text(facts.edition or ""),
    }


def _track_values(number: int, sources: Sequence[str]) -> dict[str, str]:
    if len(sources) < 2:
        return {}
    part = plain_text(stem(sources[number - 1]))
    return {"trackNumber": str(number), "trackTotal": str(len(sources)), "partName": part}


def _first(names: Sequence[str]) -> str:
    return next((name for name in names if name.strip()), "")


def _visible(value: str, otherwise: str) -> str:
    """An author or a title that vanished from its place would put the book into a folder that is not its own."""
    return value if value.strip("()[]. ") else otherwise


def _position(position: float | None) -> str:
    if position is None or position - position != 0:  # infinity and NaN number no book
        return ""
    return str(int(position)) if position == int(position) else repr(position)


def _year(published: str) -> str:
    found = re.search(r"[0-9]{4}", published)
    return found.group() if found else ""


def _padded(value: str, width: int) -> str:
    if not width or not _NUMBER.fullmatch(value):
        return value
    whole, point, fraction = value.partition(".")
    return whole.zfill(width) + point + fraction


def _styled(value: str, style: NamingStyle) -> str:
    joined = {
        WordSeparator.SPACE: " ",
        WordSeparator.PERIOD: ".",
        WordSeparator.UNDERSCORE: "_",
        WordSeparator.DASH: "-",
    }[style.separator].join(value.split())
    match style.case:
        case LetterCase.DEFAULT:
            return joined
        case LetterCase.LOWER:
            return joined.lower()
        case LetterCase.UPPER:
            return joined.upper()
        case LetterCase.TITLE:
            return _WORD_START.sub(lambda found: found.group().upper(), joined)
        case _:
            assert_never(style.case)


def _without_empty_brackets(text: str) -> str:
    before = None
    while text != before:
        before, text = text, _EMPTY_BRACKETS.sub("", text)
    return text


def _parsed(text: str, kind: TemplateKind) -> tuple[str | _Token, ...]:
    parts = enumerate(_TOKEN.split(text))
    pieces = [_token(part, kind) if index % 2 else _literal(part, kind) for index, part in parts]
    if not any(isinstance(piece, _Token) and piece.name in ("title", "titleSort") for piece in pieces):
        raise _invalid(kind, "A format needs {title} or {titleSort}")
    return tuple(pieces)


def _refuse_to_climb(slashed: str) -> None:
    first, *rest = (each.strip() for each in slashed.split("/"))
    if rest and not first:
        raise _invalid(TemplateKind.FOLDER, "A folder format lies inside the library; leave out the slash in front")
    if not {".", ".."}.isdisjoint((first, *rest)):
        raise _invalid(TemplateKind.FOLDER, "A folder format lies inside the library; leave out '.' and '..'")


def _literal(text: str, kind: TemplateKind) -> str:
    if "{" in text or "}" in text:
        raise _invalid(kind, "A brace has no partner; tokens are written like {title}")
    return text


def _token(inner: str, kind: TemplateKind) -> _Token:
    """Reads ``prefix?name:00?suffix``; with one question mark, what comes first is the name if it can be."""
    head, *rest = inner.split("?")
    if not rest or _named(head, kind):
        prefix, core, suffix = "", head, "?".join(rest)
    else:
        prefix, core, suffix = head, rest[0], "?".join(rest[1:])
    found = _named(core, kind)
    if found is None:
        raise _invalid(kind, f"'{{{inner}}}' holds no known token; there are {', '.join(kind.tokens)}")
    return _Token(found[1], len(found[2] or ""), prefix, suffix)


def _named(text: str, kind: TemplateKind) -> re.Match[str] | None:
    found = _NAME_AND_PADDING.fullmatch(text)
    return found if found is not None and found[1] in kind.tokens else None


def _invalid(kind: TemplateKind, message: str) -> TemplateInvalid:
    return TemplateInvalid(message, {kind.value: message})
