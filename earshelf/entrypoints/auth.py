"""The doors of the two surfaces: each has a credential of its own, and neither opens the other's."""

from collections.abc import Callable, Collection, Mapping

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from earshelf.domain.access import Credential
from earshelf.domain.errors import Unauthenticated
from earshelf.domain.usecases.authenticating import Authenticating

_BEARER = "bearer "


def presented_key(request: web.Request) -> str | None:
    """Returns the API key that a caller shows: the header wins, an empty one counts as absent."""
    if header := request.headers.get("X-Api-Key"):
        return header
    # a repeated parameter says nothing clear
    given = request.query.getall("apikey", []) if request.query_string else []
    return given[0] if len(given) == 1 else None


def presented_token(request: web.Request) -> str | None:
    """Returns the operator token that a caller shows."""
    if header := request.headers.get("X-Auth-Token"):
        return header
    authorization = request.headers.get("Authorization", "")
    return authorization[len(_BEARER) :].strip() if authorization.lower().startswith(_BEARER) else None


_PRESENTED: Mapping[Credential, Callable[[web.Request], str | None]] = {
    Credential.API_KEY: presented_key,
    Credential.OPERATOR_TOKEN: presented_token,
}


def guarding(credential: Credential, authenticating: Authenticating, *, opened: Collection[Handler]) -> Middleware:
    """Returns the middleware that lets in who shows the credential; ``opened`` handlers let everybody in.

    Paths that do not exist are behind the door too: only who may look learns what there is.
    """
    presented = _PRESENTED[credential]

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.match_info.handler not in opened:
            shown = presented(request)
            # credentials are ASCII, and only ASCII can be compared without looking at its bytes first
            if not shown or not shown.isascii() or not await authenticating.accepts(credential, shown):
                raise Unauthenticated
        return await handler(request)

    return guard
