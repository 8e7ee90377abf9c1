"""The words that a search finds items by."""

from collections.abc import Mapping

from earshelf.adapters.postgres.session import Step

_OLD_WORDS = """
DELETE FROM media_words USING unnest($1::text[], $2::bigint[]) AS gone (word, item)
WHERE media_words.word = gone.word AND media_words.item = gone.item
"""
_NEW_WORDS = (
    "INSERT INTO media_words (word, item) SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT DO NOTHING"
)


async def put_words(step: Step, before: Mapping[int, str], after: Mapping[int, str]) -> None:
    """Writes the words of items that changed, by their numbers; none are an empty text."""
    changed = {number: words for number, words in after.items() if before.get(number) != words}
    gone = [(word, number) for number in changed for word in before.get(number, "").split()]
    come = [(word, number) for number, words in changed.items() for word in words.split()]
    for sql, pairs in ((_OLD_WORDS, gone), (_NEW_WORDS, come)):
        if pairs:
            await step.rows(sql, [word for word, _ in pairs], [number for _, number in pairs])
