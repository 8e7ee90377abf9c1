"""The HTTP application: both surfaces mounted, nothing started."""

from collections.abc import Iterable
from typing import TypeAlias

from aiohttp import web

from earshelf.config.container import Container
from earshelf.entrypoints.auth import Door, KeyDoor, OperatorDoor, guarding
from earshelf.entrypoints.bodies import MOST_BYTES
from earshelf.entrypoints.callers import TOLD
from earshelf.entrypoints.cookies import Cookies
from earshelf.entrypoints.docs.handlers import Docs
from earshelf.entrypoints.errors import folding
from earshelf.entrypoints.operator import books as operator_books
from earshelf.entrypoints.operator import (
    connectors,
    curbs,
    download_clients,
    health,
    history,
    indexers,
    library_imports,
    media,
    paths,
    plex,
    plex_routes,
    preroll_routes,
    prerolls,
    removed_media,
    server_routes,
    sessions,
    streams,
    syncs,
    transcoding,
    viewers,
)
from earshelf.entrypoints.operator import downloads as operator_downloads
from earshelf.entrypoints.operator import settings as operator_settings
from earshelf.entrypoints.operator.integrations import Integrations
from earshelf.entrypoints.operator.servers import Servers
from earshelf.entrypoints.operator.surface import OPERATOR
from earshelf.entrypoints.routing import Route, Surface, bind, mount
from earshelf.entrypoints.v1 import books, downloads, metadata, people, releases, system
from earshelf.entrypoints.v1.surface import V1
from earshelf.ports.queries import PersonKind

Resource: TypeAlias = tuple[tuple[Route, ...], object]
_DOCS = "/docs"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def create_app(container: Container) -> web.Application:
    """Builds the application over a container's use cases; everything lies below the settings' ``url_base``."""
    base = container.settings().url_base
    root = web.Application(middlewares=[folding(OPERATOR.errors)], client_max_size=MOST_BYTES)
    root.on_response_prepare.append(_secure)
    telling = container.telling()

    async def end_live_answers(_: web.Application) -> None:
        telling.close()

    root.on_shutdown.append(end_live_answers)

    v1_docs = Docs(V1.name, url_base=base).app()
    v1_docs.middlewares.append(folding(V1.errors))
    root.add_subapp(base + V1.prefix + _DOCS, v1_docs)
    root.add_subapp(base + V1.prefix, _surface_app(V1, _v1_resources(container), KeyDoor(container.authenticating())))

    door = OperatorDoor(container.authenticating(), container.admitting())
    operator = _surface_app(OPERATOR, _operator_resources(container, door), door)
    operator.add_subapp(_DOCS, Docs(OPERATOR.name, url_base=base).app())
    root.add_subapp(base + OPERATOR.prefix, operator)
    return root


def _surface_app(surface: Surface, resources: Iterable[Resource], door: Door) -> web.Application:
    endpoints = [endpoint for routes, owner in resources for endpoint in bind(surface, routes, owner)]
    opened = frozenset(handler for route, handler in endpoints if route.is_open)
    app = web.Application(middlewares=[folding(surface.errors), guarding(door, opened=opened)])
    mount(app, endpoints)
    return app


def _v1_resources(container: Container) -> list[Resource]:
    queries = container.queries()
    settings = container.settings()
    cataloguing = container.cataloguing()
    return [
        (metadata.ROUTES, metadata.Metadata(cataloguing=cataloguing)),
        (books.ROUTES, books.Books(queries=queries, cataloguing=cataloguing)),
        (people.AUTHORS, people.Names(PersonKind.AUTHOR, queries=queries)),
        (people.NARRATORS, people.Names(PersonKind.NARRATOR, queries=queries)),
        (people.SERIES, people.Names(PersonKind.SERIES, queries=queries)),
        (downloads.ROUTES, downloads.Downloads(queries=queries)),
        (releases.ROUTES, releases.Releases(searching=container.searching(), grabbing=container.grabbing())),
        (system.ROUTES, system.System(commit=settings.commit, build_time=settings.build_time)),
    ]


def _operator_resources(container: Container, door: OperatorDoor) -> list[Resource]:
    queries = container.queries()
    configuring = container.configuring()
    diagnosing = container.diagnosing()
    return [
        (
            operator_books.ROUTES,
            operator_books.Books(storage=container.storage(), searching=container.searching()),
        ),
        (library_imports.ROUTES, library_imports.LibraryImports(cataloguing=container.cataloguing())),
        (
            operator_downloads.ROUTES,
            operator_downloads.Downloads(
                queries=queries, reviewing=container.reviewing(), grabbing=container.grabbing()
            ),
        ),
        (indexers.ROUTES, Integrations(indexers.DECLARATION, configuring=configuring)),
        (download_clients.ROUTES, Integrations(download_clients.DECLARATION, configuring=configuring)),
        (connectors.ROUTES, connectors.Connectors(configuring=configuring)),
        (operator_settings.ROUTES, operator_settings.SettingsResource(configuring=configuring)),
        *_entrances(container, door),
        (
            server_routes.ROUTES,
            Servers(connecting=container.connecting(), moving=container.moving(), airing=container.airing()),
        ),
        (syncs.ROUTES, syncs.Syncs(syncing=container.syncing(), clock=container.clock())),
        (media.ROUTES, media.Media(queries=container.media_queries())),
        (
            removed_media.ROUTES,
            removed_media.RemovedMedia(queries=container.media_queries(), weeding=container.weeding()),
        ),
        *_preroll_resources(container),
        (streams.ROUTES, streams.Streams(watching=container.watching(), telling=container.telling())),
        (viewers.ROUTES, viewers.Viewers(acquainting=container.acquainting())),
        (curbs.MAINTENANCE, curbs.MaintenanceResource(curbing=container.curbing())),
        (transcoding.ROUTES, transcoding.TranscodeManagerResource(curbing=container.curbing())),
        (curbs.BLACKOUTS, curbs.Blackouts(curbing=container.curbing())),
        (paths.ROUTES, paths.Paths(diagnosing=diagnosing)),
        (history.ROUTES, history.History(queries=queries)),
        (health.ROUTES, health.HealthChecks(diagnosing=diagnosing)),
    ]


def _entrances(container: Container, door: OperatorDoor) -> list[Resource]:
    settings, admitting, clock = container.settings(), container.admitting(), container.clock()
    cookies = Cookies(url_base=settings.url_base, https=settings.https)
    signing_in = plex.Plex(
        linking=container.linking(),
        connecting=container.connecting(),
        admitting=admitting,
        door=door,
        cookies=cookies,
        clock=clock,
        entropy=container.entropy(),
    )
    return [
        (sessions.ROUTES, sessions.Sessions(admitting=admitting, door=door, cookies=cookies, clock=clock)),
        (plex_routes.ROUTES, signing_in),
    ]


def _preroll_resources(container: Container) -> list[Resource]:
    programming = container.programming()
    return [
        (preroll_routes.PRESETS, prerolls.PrerollPresets(programming=programming)),
        (preroll_routes.SCHEDULES, prerolls.PrerollSchedules(programming=programming, zone=container.prerolls.zone())),
        (preroll_routes.SERVERS, prerolls.ServerPrerolls(airing=container.airing())),
    ]


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(request.get(TOLD, {}))
    secure(response)


def secure(response: web.StreamResponse) -> None:
    """Sets what every answer carries, unless its handler knows better."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "Earshelf"
