"""Which way to a page of items is the shortest, as SQL for either database.

A filter is a set of facets, which are few and know how many items each has, so that a total is never counted. A page
is found in an index first, and only its own rows are looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from earshelf.adapters.rows.lists import Statement, bounds
from earshelf.adapters.rows.media import FACET, LIST_COLUMNS
from earshelf.adapters.rows.values import Row, bounded
from earshelf.ports.media import MediaFilter, MediaSort
from earshelf.ports.queries import Window

# what may be sorted, or taken from many facets at once, within a fraction of a page's time
_FEW = 3000
_LAST_CHARACTER = "\U0010ffff"
_KEYS: Mapping[MediaSort, str] = {
    MediaSort.TITLE: "title_key",
    MediaSort.YEAR: "year",
    MediaSort.ADDED_AT: "added_at",
}
INDEXES: Mapping[MediaSort, str] = {
    MediaSort.TITLE: "media_in_facet_by_title",
    MediaSort.YEAR: "media_in_facet_by_year",
    MediaSort.ADDED_AT: "media_in_facet_by_age",
}

ONE_ITEM = """
SELECT media.*, media_facets.library_key, media_facets.type, media_facets.dynamic_range, media_facets.audio_profile,
    media_facets.resolution
FROM media JOIN media_facets ON media_facets.number = media.facet WHERE media.id = ?
"""
COPIES = """
SELECT copies.number, copies.id, copies.server_id, media_facets.library_key, media_facets.resolution, copies.file_size,
    servers.preferred, servers.enabled
FROM media AS one
JOIN media AS copies ON copies.number = one.number OR copies.dedupe_key = one.dedupe_key
JOIN media_facets ON media_facets.number = copies.facet
LEFT JOIN servers ON servers.id = copies.server_id
WHERE one.id = ? ORDER BY copies.number
"""
_COLUMNS = ", ".join(LIST_COLUMNS)
_BEGUN = "FROM media_words WHERE word >= ? AND word < ?"
# an item has a word once: only where several begin alike the same one has to be told from another
_ONE_WORD = f"""
SELECT CASE WHEN (SELECT min(word) {_BEGUN}) < (SELECT max(word) {_BEGUN})
    THEN (SELECT count(DISTINCT item) {_BEGUN}) ELSE (SELECT count(*) {_BEGUN}) END AS total
"""


class Way(Enum):
    """How the rows of a page are found."""

    WALK_ALL = "along the whole order"
    ONE_FACET = "along the order of one facet"
    MERGE = "from the beginning of every facet's order"
    SORT = "all that match, sorted"
    WALK = "along the whole order, passing over what does not match"
    WORDS = "by words, sorted"
    WALK_WORDS = "along the whole order, looking for words"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The facets that a filter admits, None for all, and how many items they have together."""

    facets: tuple[int, ...] | None
    items: int


@dataclass(frozen=True, slots=True)
class PageWish:
    """A page that is wished for, with what is known of its filter; ``matches`` is how many items the words find."""

    window: Window
    chosen: Chosen
    words: tuple[str, ...]
    sort: MediaSort
    ascending: bool
    matches: int = 0

    @property
    def way(self) -> Way:
        """The cheapest way."""
        facets = self.chosen.facets
        if self.words:
            return Way.WORDS if self.matches <= _FEW else Way.WALK_WORDS
        if facets is None:
            return Way.WALK_ALL
        if len(facets) == 1:
            return Way.ONE_FACET
        if self.chosen.items <= _FEW:
            return Way.SORT
        return Way.MERGE if self.depth * len(facets) <= _FEW else Way.WALK

    @property
    def key(self) -> str:
        """The column that orders."""
        return _KEYS[self.sort]

    @property
    def order(self) -> str:
        """The order, for columns that are not named by their table."""
        way = "ASC" if self.ascending else "DESC"
        return f"{self.key} {way}, number {way}"

    @property
    def depth(self) -> int:
        """How many rows are taken from the front of an order at most."""
        limit, offset = bounds(self.window)
        return limit + offset

    @property
    def nearer(self) -> "PageWish":
        """The same rows, counted from that end of the order which they are nearer to: they come the other way round."""
        total = self.matches if self.words else self.chosen.items
        behind = total - self.window.offset - self.window.limit
        if self.window.offset <= behind:
            return self
        rows = max(0, min(self.window.limit, total - self.window.offset))
        return replace(self, window=Window(rows, max(0, behind)), ascending=not self.ascending)

    def page(self, found: Statement) -> Statement:
        """Returns the statement for the rows whose numbers and order another one finds."""
        order = ", ".join(f"found.{part}" for part in self.order.split(", "))
        sql = (
            f"SELECT {_COLUMNS} FROM ({found.sql}) AS found JOIN media ON media.number = found.number "  # noqa: S608
            f"JOIN media_facets ON media_facets.number = media.facet ORDER BY {order}"
        )
        return Statement(sql, found.values)

    def matching(self) -> Statement:
        """Returns the statement for the numbers of a page found by words."""
        matches = self._matches() if self.way is Way.WORDS else self._spelled()
        sql = f"SELECT number, {self.key} FROM media WHERE {matches.sql} ORDER BY {self.order} LIMIT ? OFFSET ?"  # noqa: S608
        return Statement(sql, (*matches.values, *bounds(self.window)))

    def counted(self) -> Statement:
        """Returns the statement that counts what words find."""
        if self.chosen.facets is None and len(self.words) == 1:
            (word,) = self.words
            return Statement(_ONE_WORD, (word, word + _LAST_CHARACTER) * 4)
        if self.chosen.facets is None:
            found = self._found()
            return Statement(f"SELECT count(*) AS total FROM ({found.sql}) AS found", found.values)  # noqa: S608
        matches = self._matches()
        return Statement(f"SELECT count(*) AS total FROM media WHERE {matches.sql}", matches.values)  # noqa: S608

    def _found(self) -> Statement:
        each = "SELECT DISTINCT item FROM media_words WHERE word >= ? AND word < ?"
        values = tuple(edge for word in self.words for edge in (word, word + _LAST_CHARACTER))
        return Statement(" INTERSECT ".join([each] * len(self.words)), values)

    def _matches(self) -> Statement:
        found, among = self._found(), self._among()
        return Statement(f"number IN ({found.sql}){among.sql}", (*found.values, *among.values))

    def _spelled(self) -> Statement:
        """The same, told by the words of each row; they are letters and digits, so that none is a wildcard."""
        among = self._among()
        likes = " AND ".join(["(' ' || words) LIKE ?"] * len(self.words))
        return Statement(likes + among.sql, (*(f"% {word}%" for word in self.words), *among.values))

    def _among(self) -> Statement:
        facets = self.chosen.facets
        if facets is None:
            return Statement("", ())
        # the sum keeps a database from looking each facet up
        return Statement(f" AND facet + 0 IN ({', '.join('?' * len(facets))})", facets)


def facets_of(only: MediaFilter) -> Statement:
    """Returns the statement for the facets that a filter admits, with the numbers of their items."""
    wished = (
        *(only.server_id, only.library_key, only.type and only.type.value),
        *(only.dynamic_range, only.audio_profile, None if only.resolution is None else bounded(only.resolution)),
    )
    given = [(name, str(value)) for name, value in zip(FACET, wished, strict=True) if value is not None]
    where = "".join(f" AND {name} = ?" for name, _ in given)
    sql = f"SELECT number, items FROM media_facets WHERE items > 0{where} ORDER BY number"  # noqa: S608 - our own words
    return Statement(sql, tuple(value for _, value in given))


def chosen_from(rows: Sequence[Row], only: MediaFilter) -> Chosen:
    """Reads the facets that a filter admits."""
    items = sum(row["items"] for row in rows)
    is_open = MediaFilter(words=only.words) == only
    return Chosen(None if is_open else tuple(row["number"] for row in rows), items)
