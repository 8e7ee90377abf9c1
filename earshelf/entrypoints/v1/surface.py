"""The public API as a whole."""

from earshelf.domain.access import Credential
from earshelf.entrypoints.routing import Surface
from earshelf.entrypoints.v1 import books, downloads, metadata, people, releases, system
from earshelf.entrypoints.v1.errors import V1_ERRORS, common_answers

V1 = Surface(
    name="v1",
    prefix="/api/v1",
    title="Earshelf API",
    description="Search providers, add books by ASIN, list the library, and queue downloads. Lists are objects with "
    "`data` and `total`; identifiers are opaque; unknown parameters and fields are refused with 400.",
    credential=Credential.API_KEY,
    security_schemes={
        "apiKeyHeader": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        "apiKeyQuery": {"type": "apiKey", "in": "query", "name": "apikey"},
    },
    errors=V1_ERRORS,
    common=common_answers,
    routes=(
        *metadata.ROUTES,
        *books.ROUTES,
        *people.AUTHORS,
        *people.NARRATORS,
        *people.SERIES,
        *downloads.ROUTES,
        *releases.ROUTES,
        *system.ROUTES,
    ),
    ignored_query=frozenset({"apikey"}),
)
