"""Listings and details that a Plex server answers: large, so that the ordinary ones are decoded straight into types."""

import msgspec

from earshelf.adapters.http import Answer
from earshelf.adapters.plex.bodies import holds_nul, media_container
from earshelf.adapters.plex.mending import mended_page
from earshelf.adapters.plex.wire import Body, Page

_decoder = msgspec.json.Decoder(Body)


def item_page(answer: Answer) -> Page:
    """Returns the items of an answer, whatever their values' types and also where they came as XML.

    :raises UnexpectedPayload: there is no media container.
    """
    return _ordinary(answer.body) or mended_page(media_container(answer))


def _ordinary(body: bytes) -> Page | None:
    if holds_nul(body):
        return None
    try:
        return _decoder.decode(body).page
    except (ValueError, RecursionError):
        return None
