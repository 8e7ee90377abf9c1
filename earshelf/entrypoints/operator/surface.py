"""The operator's API as a whole."""

from earshelf.domain.access import Credential
from earshelf.entrypoints.callers import SESSION_COOKIE
from earshelf.entrypoints.operator import (
    books,
    connectors,
    curbs,
    download_clients,
    downloads,
    health,
    history,
    indexers,
    library_imports,
    media,
    paths,
    plex_routes,
    preroll_routes,
    removed_media,
    server_routes,
    sessions,
    settings,
    streams,
    syncs,
    transcoding,
    viewers,
)
from earshelf.entrypoints.operator.errors import OPERATOR_ERRORS, common_answers
from earshelf.entrypoints.routing import Surface

OPERATOR = Surface(
    name="operator",
    prefix="/api",
    title="Earshelf operator API",
    description="Configuration, review, and what the public API leaves out. Not versioned: it may change with any "
    "release. Stored secrets read as `********`, and writing the mask back keeps what is stored.",
    credential=Credential.OPERATOR_TOKEN,
    security_schemes={
        "tokenHeader": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
    },
    errors=OPERATOR_ERRORS,
    common=common_answers,
    routes=(
        *books.ROUTES,
        *library_imports.ROUTES,
        *downloads.ROUTES,
        *indexers.ROUTES,
        *download_clients.ROUTES,
        *connectors.ROUTES,
        *settings.ROUTES,
        *sessions.ROUTES,
        *plex_routes.ROUTES,
        *server_routes.ROUTES,
        *syncs.ROUTES,
        *media.ROUTES,
        *removed_media.ROUTES,
        *preroll_routes.ROUTES,
        *streams.ROUTES,
        *viewers.ROUTES,
        *curbs.ROUTES,
        *transcoding.ROUTES,
        *paths.ROUTES,
        *history.ROUTES,
        *health.ROUTES,
    ),
)
