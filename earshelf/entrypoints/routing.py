"""Routes as data: one record serves the router and the OpenAPI document."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler
from marshmallow import Schema

from earshelf.domain.access import Credential
from earshelf.domain.errors import Invalid, NotFound
from earshelf.entrypoints.bodies import read_body
from earshelf.entrypoints.callers import Caller
from earshelf.entrypoints.errors import ErrorTable
from earshelf.entrypoints.paging import read_query

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON Schema written by hand, for what marshmallow cannot say; the name is its place in the document."""

    name: str
    schema: Mapping[str, Any]


Shape: TypeAlias = type[Schema] | Document


@dataclass(frozen=True, slots=True)
class Answer:
    """One documented answer of a route; without a shape it has no body."""

    description: str
    shape: Shape | None = None
    example: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path below a surface's prefix.

    ``handler`` names a method of the object that the route is bound to. ``query`` and ``body`` load what a caller
    sends; ``body_shape`` documents the body where its schema alone does not say enough.
    """

    method: str
    path: str
    handler: str
    summary: str
    tag: str
    answers: Mapping[int, Answer]
    description: str = ""
    query: Schema | None = None
    body: Schema | None = None
    body_shape: Shape | None = None
    body_example: Any = None
    is_open: bool = False

    @property
    def takes_body(self) -> bool:
        """Whether a body is read at all."""
        return self.method in _WITH_BODY


@dataclass(frozen=True, slots=True)
class Surface:
    """One of the two HTTP surfaces: its routes, its credential, its errors, and what its document says of them.

    ``ignored_query`` are parameters that no route calls unknown. ``common`` are the answers that any route of the
    surface may give besides its own.
    """

    name: str
    prefix: str
    title: str
    description: str
    credential: Credential
    security_schemes: Mapping[str, Mapping[str, Any]]
    errors: ErrorTable
    common: Callable[[Route], Mapping[int, Answer]]
    routes: tuple[Route, ...]
    ignored_query: frozenset[str] = frozenset()


_NOBODY = Caller()


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller sent, read and checked: identifiers from the path, query parameters, body."""

    ids: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    caller: Caller = _NOBODY


Handle: TypeAlias = Callable[[Call], Awaitable[web.StreamResponse]]


def bind(surface: Surface, routes: Iterable[Route], owner: object) -> list[tuple[Route, Handler]]:
    """Makes an aiohttp handler of every route and the owner's method that it names."""
    return [(route, _endpoint(surface, route, getattr(owner, route.handler))) for route in routes]


def mount(app: web.Application, endpoints: Iterable[tuple[Route, Handler]]) -> None:
    """Adds the routes to an application; whatever answers GET answers HEAD too."""
    mounted = list(endpoints)
    paths = {route.path for route, _ in mounted}
    for route, endpoint in mounted:
        path = _exclusive(route.path, paths)
        if route.method == "GET":
            app.router.add_get(path, endpoint)
        else:
            app.router.add_route(route.method, path, endpoint)


def _exclusive(path: str, paths: Collection[str]) -> str:
    """Keeps an identifier at the end of a path from being a word that stands there in another path."""
    parent, _, last = path.rpartition("/")
    beside = sorted(other.rpartition("/")[2] for other in paths if other.rpartition("/")[0] == parent)
    words = "|".join(re.escape(word) for word in beside if not word.startswith("{"))
    return rf"{parent}/{{{last[1:-1]}:(?!(?:{words})\Z)[^{{}}/]+}}" if words and last.startswith("{") else path


def _endpoint(surface: Surface, route: Route, handle: Handle) -> Handler:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        ids = {name: _identifier(name, text) for name, text in request.match_info.items()}
        query = read_query(request, route.query, ignored=surface.ignored_query)
        body = await read_body(request, route.body) if route.takes_body else {}
        return await handle(Call(ids, query, body, Caller(request)))

    return endpoint


def _identifier(name: str, text: str) -> str:
    identifier = text.strip()
    if not identifier:
        raise Invalid(f"{name}: must not be blank", {name: "must not be blank"})
    if not identifier.isprintable():
        raise NotFound(name, ascii(identifier))
    return identifier
