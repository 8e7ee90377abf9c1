"""The public API's shapes, closed: they load what comes in, and document and check what goes out."""

from functools import partial
from typing import Any

from marshmallow import Schema, fields, pre_load, validate

from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import ClientStatus, DownloadStatus, PipelineStage
from earshelf.domain.metadata import MAX_ASIN_LENGTH
from earshelf.domain.releases import Protocol
from earshelf.entrypoints.bodies import FILLED
from earshelf.entrypoints.paging import PagingQuery
from earshelf.ports.queries import BookSort

_text = partial(fields.String, required=True)
_nullable_text = partial(fields.String, required=True, allow_none=True)
_date = partial(fields.String, required=True, metadata={"format": "date-time"})
_one_of = partial(fields.Enum, by_value=fields.String, required=True)
_LONGEST_QUERY = 500
# blanks are trimmed before anything is checked


def list_of(item: type[Schema]) -> type[Schema]:
    """Returns the schema of a list answer."""
    return Schema.from_dict(
        {
            "data": fields.List(fields.Nested(item), required=True),
            "total": fields.Integer(
                required=True,
                strict=True,
                validate=validate.Range(min=0),
                metadata={"description": "All matching rows, not only these"},
            ),
        },
        name=f"{item.__name__}List",
    )


def _without_blanks(values: Any, name: str) -> Any:
    text = values.get(name)
    return {**values, name: text.strip()} if isinstance(text, str) else values


class ErrorDetail(Schema):
    """What went wrong, for programs and for people."""

    code = _text(metadata={"description": "Stable and machine-readable"})
    message = _text()


class ErrorEnvelope(Schema):
    """Every error."""

    error = fields.Nested(ErrorDetail, required=True)


class ConflictEnvelope(ErrorEnvelope):
    """An error with the id of the book that is in the way."""

    existingId = _text()  # noqa: N815 - a name of the wire


class Named(Schema):
    """An author, narrator or series."""

    id = _text()
    name = _text()


class BookSeries(Schema):
    """A book's place in its series."""

    name = _text()
    position = fields.Float(required=True, allow_none=True)


class BookDto(Schema):
    """A book of the library."""

    class Meta:
        title = "Book"

    id = _text(metadata={"description": "Opaque, begins with bk_"})
    title = _text()
    authors = fields.List(fields.Nested(Named), required=True, metadata={"description": "Primary first"})
    narrators = fields.List(fields.Nested(Named), required=True, metadata={"description": "Primary first"})
    series = fields.Nested(BookSeries, required=True, allow_none=True)
    status = _one_of(BookStatus)


class LinkedBook(Schema):
    """The book of a download."""

    id = _text()


class DownloadDto(Schema):
    """A download, seen from its client and from the library."""

    id = _text(metadata={"description": "Opaque, begins with dl_"})
    title = _text(metadata={"description": "The release's title"})
    status = _one_of(DownloadStatus, metadata={"description": "Both axes below folded into one word"})
    clientStatus = _one_of(ClientStatus)  # noqa: N815 - a name of the wire
    pipelineStage = _one_of(PipelineStage)  # noqa: N815 - a name of the wire
    book = fields.Nested(LinkedBook, required=True, allow_none=True)
    protocol = _one_of(Protocol)
    progress = fields.Float(required=True, validate=validate.Range(min=0, max=100))
    addedAt = _date()  # noqa: N815 - a name of the wire
    completedAt = _date(allow_none=True)  # noqa: N815 - a name of the wire
    errorMessage = _nullable_text()  # noqa: N815 - a name of the wire


class ReleaseDto(Schema):
    """An offer of an indexer."""

    releaseId = _text(metadata={"description": "Signed; pass it to grab as it is"})  # noqa: N815 - a name of the wire
    title = _text()
    author = _nullable_text()
    narrator = _nullable_text()
    protocol = _one_of(Protocol)
    size = fields.Integer(required=True, allow_none=True, strict=True, metadata={"description": "Bytes"})
    seeders = fields.Integer(required=True, allow_none=True, strict=True, metadata={"description": "Torrents only"})
    indexer = _text(metadata={"description": "The owner's name for it"})
    isFreeleech = fields.Boolean(required=True)  # noqa: N815 - a name of the wire
    matchScore = fields.Float(  # noqa: N815 - a name of the wire
        required=True, allow_none=True, validate=validate.Range(min=0, max=1)
    )


class CatalogueAuthor(Schema):
    """An author as the metadata provider knows them."""

    name = _text()
    asin = fields.String()


class CatalogueNarrator(Schema):
    """A narrator as the metadata provider knows them."""

    name = _text()


class CatalogueSeries(Schema):
    """A place in a series as the metadata provider knows it."""

    name = _text()
    position = fields.Float()


class OwnedDto(Schema):
    """The book of the library that has the ASIN of a search result."""

    bookId = _text()  # noqa: N815 - a name of the wire
    status = _one_of(BookStatus)


class CatalogueHitDto(Schema):
    """A search result; what the provider does not say is left out."""

    asin = fields.String()
    title = _text()
    authors = fields.List(fields.Nested(CatalogueAuthor), required=True)
    narrators = fields.List(fields.Nested(CatalogueNarrator), required=True)
    series = fields.Nested(CatalogueSeries)
    cover = fields.String(metadata={"description": "URL of the cover image"})
    publishedDate = fields.String()  # noqa: N815 - a name of the wire
    library = fields.Nested(OwnedDto, metadata={"description": "Present only where the library has this ASIN"})


class SystemDto(Schema):
    """Version and build of the running server."""

    version = _text()
    commit = _text()
    buildTime = _text()  # noqa: N815 - a name of the wire
    nodeVersion = _text(metadata={"description": "The language runtime"})  # noqa: N815 - a name of the wire
    os = _text()


class BooksQuery(PagingQuery):
    """What a list of books can be narrowed and ordered by."""

    status = fields.Enum(BookStatus, by_value=fields.String, metadata={"description": "Exactly this status"})
    author = fields.String(metadata={"description": "Whole name, in any case; empty is no filter"})
    series = fields.String(metadata={"description": "Whole name, in any case; empty is no filter"})
    narrator = fields.String(metadata={"description": "Whole name, in any case; empty is no filter"})
    sortField = fields.Enum(  # noqa: N815 - a name of the wire
        BookSort,
        by_value=fields.String,
        load_default=BookSort.CREATED_AT,
        metadata={"description": "What to sort by; a series' books are always in its own order"},
    )
    sortDirection = fields.String(  # noqa: N815 - a name of the wire
        validate=validate.OneOf(["asc", "desc"]),
        load_default="desc",
        metadata={"description": "Which way to sort, whatever the field"},
    )


class MetadataQuery(Schema):
    """What to search for."""

    q = fields.String(
        required=True,
        validate=validate.Length(min=1, max=_LONGEST_QUERY),
        metadata={
            "pattern": FILLED,
            "description": "Words of title, author or narrator; blanks around are trimmed",
        },
    )

    @pre_load
    def _trim(self, values: Any, **_: Any) -> Any:
        return _without_blanks(values, "q")


class NewBook(Schema):
    """A book to add; everything else comes from the metadata provider."""

    asin = fields.String(
        required=True,
        validate=validate.Length(min=1, max=MAX_ASIN_LENGTH),
        metadata={"pattern": FILLED, "description": "In any case; blanks around are trimmed"},
    )

    @pre_load
    def _trim(self, values: Any, **_: Any) -> Any:
        return _without_blanks(values, "asin")


class GrabOrder(Schema):
    """The release to download."""

    releaseId = fields.String(  # noqa: N815 - a name of the wire
        required=True, validate=validate.Length(min=1), metadata={"description": "As a search result spells it"}
    )
