"""The words that a search finds items by."""

from collections.abc import Mapping

from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.many_rows import execute_rows


def put_words(database: Database, before: Mapping[int, str], after: Mapping[int, str]) -> None:
    """Writes the words of items that changed, by their numbers; none are an empty text."""
    changed = {number: words for number, words in after.items() if before.get(number) != words}
    gone = [(word, number) for number in changed for word in before.get(number, "").split()]
    # one by one: a list of pairs would make it look through all words there are
    database.conn.executemany("DELETE FROM media_words WHERE word = ? AND item = ?", gone)
    come = [(word, number) for number, words in changed.items() for word in words.split()]
    execute_rows(database, "INSERT OR IGNORE INTO media_words (word, item) VALUES %s", come)
