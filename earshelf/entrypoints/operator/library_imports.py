"""Taking books into the library that lie on disk already."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from earshelf.domain.metadata import MAX_ASIN_LENGTH, MetadataRecord, PersonName, SeriesMention
from earshelf.domain.usecases.cataloguing import Cataloguing
from earshelf.entrypoints.answers import answer
from earshelf.entrypoints.bodies import FILLED
from earshelf.entrypoints.operator.errors import CONFLICT, UPSTREAM, VALIDATION, refusal
from earshelf.entrypoints.operator.schemas import text
from earshelf.entrypoints.routing import Answer, Call, Route

_words = validate.Regexp(rf"\s*{FILLED}", error="Must not be blank.")
_asin = (validate.Length(max=MAX_ASIN_LENGTH), _words)


class SeriesGiven(Schema):
    """A series and the book's place in it."""

    name = fields.String(required=True, validate=_words)
    position = fields.Float(allow_none=True, load_default=None, validate=validate.Range(min=0))


class BookMetadata(Schema):
    """What the owner says of a book that no provider knows."""

    title = fields.String(required=True, validate=_words)
    authors = fields.List(fields.String(validate=_words), required=True, validate=validate.Length(min=1))
    narrators = fields.List(fields.String(validate=_words), load_default=list)
    subtitle = fields.String(allow_none=True, load_default=None)
    series = fields.Nested(SeriesGiven, allow_none=True, load_default=None)
    description = fields.String(allow_none=True, load_default=None)
    asin = fields.String(allow_none=True, load_default=None, validate=_asin)


class ImportItem(Schema):
    """One folder and the book that it holds, by ASIN or by metadata."""

    path = fields.String(required=True, validate=_words, metadata={"description": "A folder inside the library"})
    mode = fields.String(
        required=True,
        validate=validate.OneOf(["adopt"]),
        metadata={"description": "adopt: registers the folder and leaves every file where it is"},
    )
    asin = fields.String(validate=_asin, metadata={"description": "Where metadata is not given"})
    metadata = fields.Nested(BookMetadata, metadata={"description": "Where asin is not given"})

    @validates_schema
    def _require_one_description(self, values: Mapping[str, Any], **_: Any) -> None:
        if ("asin" in values) == ("metadata" in values):
            raise ValidationError("Give either asin or metadata.", "asin")


class ImportOrder(Schema):
    """What to take into the library."""

    items = fields.List(fields.Nested(ImportItem), required=True, validate=validate.Length(equal=1))


class JobStarted(Schema):
    """The job that was started."""

    job_id = text()


ROUTES = (
    Route(
        "POST",
        "/library/imports",
        "start",
        "Take a book into the library",
        "library",
        {
            202: Answer("The book is taken in", JobStarted, {"job_id": "im_6Bv3nM9kJh2gFd5sAq8WeA"}),
            400: refusal(
                VALIDATION,
                "'/library/A/T' holds no audio file",
                "The request is wrong, or the folder: not there, outside the library, without audio; or the provider "
                "does not know the ASIN",
            ),
            409: refusal(CONFLICT, "A book with this ASIN already exists", "The library has the book, or no folder"),
            429: replace(
                refusal("RATE_LIMITED", "Audible: rate limited, try again in 30 s", "The provider is throttling"),
                headers={"Retry-After": "Whole seconds to wait"},
            ),
            502: refusal(UPSTREAM, "Audible: no connection", "The metadata provider is away or broken"),
            504: refusal("UPSTREAM_TIMEOUT", "Audible: did not answer within 15 s", "The provider did not answer"),
        },
        description="One folder at a time.",
        body=ImportOrder(),
        body_example={"items": [{"path": "/library/Andy Weir/Artemis", "mode": "adopt", "asin": "B072C6LV41"}]},
    ),
)


class LibraryImports:
    """Answers the routes of imports by hand."""

    def __init__(self, *, cataloguing: Cataloguing) -> None:
        self._cataloguing = cataloguing

    async def start(self, call: Call) -> web.Response:
        """Adopts a folder."""
        item = call.body["items"][0]
        record = _record(item["metadata"]) if "metadata" in item else None
        job_id = await self._cataloguing.adopt(item["path"], asin=item.get("asin"), record=record)
        return answer({"job_id": job_id}, 202)


def _record(given: Mapping[str, Any]) -> MetadataRecord:
    series = given["series"]
    return MetadataRecord(
        title=given["title"].strip(),
        asin=given["asin"],
        subtitle=given["subtitle"],
        authors=tuple(PersonName(name.strip()) for name in given["authors"]),
        narrators=tuple(PersonName(name.strip()) for name in given["narrators"]),
        series=(SeriesMention(series["name"].strip(), series["position"]),) if series else (),
        description=given["description"],
    )
