"""Reading what metadata providers send: JSON whose types nobody guarantees, and descriptions in somebody's HTML."""

import html
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from earshelf.domain.metadata import PersonName
from earshelf.domain.wording import language_name

_ALLOWED_TAGS = frozenset({"p", "br", "b", "strong", "i", "em", "ul", "ol", "li"})
_LONGEST_DESCRIPTION = 100_000
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,4})?", re.ASCII)
_ASIN = re.compile(r"[A-Z0-9]{1,64}", re.ASCII)


def is_plausible_asin(asin: str) -> bool:
    """Whether a provider could have such a product at all; anything else is not worth a request."""
    return _ASIN.fullmatch(asin) is not None


def text(fields: Mapping[str, Any], *names: str) -> str | None:
    """Returns the first of the fields that holds text worth showing."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and (clean := _printable(value)):
            return clean
    return None


def whole_number(fields: Mapping[str, Any], name: str) -> int | None:
    """Returns a positive whole number; zero stands for unknown with every provider."""
    value = fields.get(name)
    return value if type(value) is int and 0 < value < 10_000_000 else None


def objects(fields: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Yields the objects of a list; anything else in it, or in its place, is passed over."""
    value = fields.get(name)
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))


def people(fields: Mapping[str, Any], name: str) -> tuple[PersonName, ...]:
    """Returns authors or narrators in their order, each name once."""
    found: dict[str, PersonName] = {}
    for entry in objects(fields, name):
        if person := text(entry, "name"):
            found.setdefault(person.casefold(), PersonName(person, text(entry, "asin")))
    return tuple(found.values())


def position(value: Any) -> float | None:
    """Returns the first number in a place in a series, such as ``1-2`` or ``Book 1.5``."""
    number = _NUMBER.search(value) if isinstance(value, str) else None
    if number is not None:
        return float(number.group())
    return float(value) if type(value) in (int, float) and 0 <= value < 1_000_000 else None


def language(fields: Mapping[str, Any]) -> str | None:
    """Returns the language in lower case English."""
    spelled = text(fields, "language")
    return language_name(spelled) if spelled else None


def web_address(value: str | None) -> str | None:
    """Returns an http(s) URL that is fit to show a picture from, else None."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return value if usable and not re.search(r"\s", value) else None


def description(fields: Mapping[str, Any], *names: str) -> str | None:
    """Returns the first description, reduced to paragraphs, lists and emphasis without attributes."""
    found = text(fields, *names)
    return reduced(found) if found else None


def reduced(markup: str) -> str | None:
    """Keeps the harmless tags of a piece of HTML, balanced and bare, and escapes everything else."""
    reducer = _Reducer()
    reducer.feed(markup[:_LONGEST_DESCRIPTION])
    reducer.close()
    return reducer.result() or None


class _Reducer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._hidden: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in self.CDATA_CONTENT_ELEMENTS:
            self._hidden = tag
        elif tag in _ALLOWED_TAGS:
            self._parts.append(f"<{tag}>")
            if tag != "br":
                self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "br":
            self._parts.append("<br>")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = None
        while tag in self._open:
            closed = self._open.pop()
            self._parts.append(f"</{closed}>")
            if closed == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._hidden is None:
            self._parts.append(html.escape(_storable(data), quote=False))

    def result(self) -> str:
        return "".join([*self._parts, *(f"</{tag}>" for tag in reversed(self._open))]).strip()


def _printable(value: str) -> str:
    return _storable(value).strip()


def _storable(value: str) -> str:
    # a NUL or half a surrogate pair is refused by one database or the other
    return value.replace("\0", "").encode("utf-8", "replace").decode()
