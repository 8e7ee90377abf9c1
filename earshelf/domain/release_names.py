"""What a release's name says about the book in it.

Uploaders follow no standard. The name is stripped layer by layer, from what programs have added down to what the
uploader wrote, and what is left is read by the first shape that fits.
"""

import re
from dataclasses import dataclass

_MAX_LENGTH = 500
_FORMATS = "m4b|mp3|m4a|flac|aac|ogg|opus|wma|wav"

_BARE_HASH = re.compile(r"[0-9a-fA-F]{32,}")
_QUOTED = re.compile(r'"([^"]+ - [^"]+)"')
_ARTEFACTS = re.compile(
    r"""
    \.(?:part\d+|vol\d+\+\d+)\b
    | \.(?:rar|nzb|par2|sfv|nfo|zip|7z|torrent|r\d\d)(?=$|[\s"]|\.)
    | (?<=\s)\(?\[?\d{1,3}\ of\ \d{1,3}\]?\)?(?=[\s.]|$)
    | (?<=\s)D\d{1,2}-\d{1,2}(?=\s|$)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PREFIXES = re.compile(r"^(?:[\s-]*(?:[(\[]\d{1,4}/\d{1,4}[)\]]|(?:re|req):|\byenc\b)[\s-]*)+", re.IGNORECASE)
_MEASURE = r"\b\d+(?:[.,]\d+)?\s?(?:[kmg]i?b|kbps|kbit/s|kb/s)(?!\w)|\b\d{2,3}k(?!\w)|\byenc\b|\(\d{1,4}/\d{1,4}\)"
_MEASURES = re.compile(rf"\((?:{_MEASURE})\)|\[(?:{_MEASURE})\]|{_MEASURE}", re.IGNORECASE)
_NARRATED = re.compile(
    r"""
    [-,(\[]*\s*
    \b(?P<both>written\ and\ )?(?:narrated|read)\ by:?\s+
    (?P<who>[^()\[\]{}|]+?)
    \s*(?:[)\]]|(?=\s-\s|[(\[{}|]|\s(?:un)?abridged\b|\s(?:19|20)\d\d\b|$))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_EDITION = re.compile(r"[(\[]?\b(?P<un>un)?abridged\b[)\]]?", re.IGNORECASE)
_FORMAT = re.compile(rf"(?<![A-Za-z0-9])({_FORMATS})(?![A-Za-z0-9])", re.IGNORECASE)
_SCENE = re.compile(r"[-\s]+audiobook(?P<tags>(?:-[a-z0-9]+)+)\s*$", re.IGNORECASE)
_BRACKETED_YEAR = re.compile(r"[(\[{]((?:18|19|20)\d\d)(?:-\d\d-\d\d)?[)\]}]")
# Only where a year is no title: "George Orwell - 1984" and "2001 A Space Odyssey" have none.
_BARE_YEAR = re.compile(r"(?<=\s-\s)((?:19|20)\d\d)\s-\s|(?<=[^\s-]\s)((?:19|20[0-3])\d)\s*$")
_NOISE_GROUP = re.compile(
    rf"[(\[{{]\s*(?:(?:{_FORMATS}|audio\s?books?|retail|audible|complete|audio|cbr|vbr|chapters|english|eng|en)"
    r"[\s,/+-]*)*[)\]}]",
    re.IGNORECASE,
)
_NOISE_WORD = re.compile(rf"(?:(?:^|\s)(?:audio\s?books?|{_FORMATS}|retail)(?=\s|$))", re.IGNORECASE)
_DASHES = re.compile(r"\s*[–—]\s*|\s+-{1,2}\s+|\s+-{1,2}$|^-{1,2}\s+")

_NUMBER = r"(?P<position>\d{1,3}(?:\.\d{1,2})?)"
_OF_SERIES = re.compile(
    rf"(?P<author>.+?)['’]s (?P<series>.+?),? (?:book|vol\.?|volume|#) ?{_NUMBER} - (?P<title>.+)", re.IGNORECASE
)
_SERIES_BETWEEN = re.compile(
    r"(?P<author>.{3,}?) - [\[(]?(?P<series>.*?[^\s,\d\[(#]),? (?:book |vol\.? |volume )?"
    rf"#?{_NUMBER}[\])]? - (?P<title>.+)",
    re.IGNORECASE,
)
_AUTHOR_FIRST = re.compile(r"(?P<author>.{3,}?) - (?P<title>.+)")
_TIGHT_DASH = re.compile(r"(?P<author>[A-Z][\w.']*(?: [A-Z][\w.']*){1,3})-(?P<title>[A-Z0-9].*)")
_AUTHOR_LAST = re.compile(r"(?P<title>.+) by (?P<author>[A-Z][\w.'’-]*(?:,? (?:and |& )?[A-Z][\w.'’-]*){1,6})")
_SHAPES = (_OF_SERIES, _SERIES_BETWEEN, _AUTHOR_FIRST, _TIGHT_DASH, _AUTHOR_LAST)


@dataclass(frozen=True, slots=True)
class ReleaseName:
    """A release's name taken apart; ``raw`` is the name as it came, and what it does not say is None.

    ``title`` is blank only where ``raw`` is. ``format`` is a lower-case extension such as ``m4b``.
    """

    raw: str
    title: str
    author: str | None = None
    narrator: str | None = None
    series: str | None = None
    position: float | None = None
    year: int | None = None
    unabridged: bool | None = None
    format: str | None = None


def parse_release_name(name: str) -> ReleaseName:
    """Reads any name; the first 500 characters count. A bare hash says nothing and is its own title."""
    text = name.strip()[:_MAX_LENGTH]
    if _BARE_HASH.fullmatch(text):
        return ReleaseName(raw=name, title=text)
    text = _spaced(_unwrapped(text))
    narrated = _NARRATED.search(text)
    narrator = _tidy(narrated["who"]) if narrated else None
    text = _NARRATED.sub(" ", text, count=1)
    edition, kind = _EDITION.search(text), _FORMAT.search(text)
    text, year = _without_year(_without_noise(_EDITION.sub(" ", text)).strip())
    rest = _tidy(_without_noise(text))
    found = next((match for match in (shape.fullmatch(rest) for shape in _SHAPES) if match), None)
    parts = found.groupdict() if found else {"title": rest}
    written_by = narrator if narrated and narrated["both"] else None
    return ReleaseName(
        raw=name,
        title=_tidy(parts["title"]) or rest or name.strip(),
        author=_tidy(parts.get("author") or "") or written_by,
        narrator=narrator or None,
        series=_tidy(parts.get("series") or "") or None,
        position=float(parts["position"]) if parts.get("position") else None,
        year=year,
        unabridged=None if edition is None else edition["un"] is not None,
        format=kind[1].lower() if kind else None,
    )


def _unwrapped(text: str) -> str:
    """Takes off what posting programs put around a name."""
    if quoted := _QUOTED.search(text):
        text = quoted[1]
    text = _ARTEFACTS.sub(" ", _PREFIXES.sub("", text))
    return _MEASURES.sub(" ", text)


def _spaced(text: str) -> str:
    """Dots and underscores as blanks where they stand for them, and dashes with a blank on either side."""
    text = text.strip().replace("_", " ")
    if text.count(".") >= 3 and text.count(" ") <= 1:
        text = text.replace(".", " ")
    return _DASHES.sub(" - ", text)


def _without_year(text: str) -> tuple[str, int | None]:
    if scene := _SCENE.search(text):
        year = re.search(r"-((?:19|20)\d\d)(?=-|$)", scene["tags"])
        return text[: scene.start()], int(year[1]) if year else None
    if found := _BRACKETED_YEAR.search(text):
        return f"{text[: found.start()]} {text[found.end() :]}", int(found[1])
    if found := _BARE_YEAR.search(text):
        return text[: found.start()] + text[found.end() :], int(found[1] or found[2])
    return text, None


def _without_noise(text: str) -> str:
    before = None
    while before != text:
        before = text
        text = _NOISE_WORD.sub(" ", _NOISE_GROUP.sub(" ", text))
    return text


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" -,;:|/").strip()
