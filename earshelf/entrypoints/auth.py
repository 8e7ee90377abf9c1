"""The doors of the two surfaces: each has a credential of its own, and neither opens the other's."""

from collections.abc import Collection
from functools import partial
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from earshelf.domain.access import Credential
from earshelf.domain.browser_sessions import BrowserSession
from earshelf.domain.errors import Forbidden, Unauthenticated
from earshelf.domain.usecases.admitting import Admitting
from earshelf.domain.usecases.authenticating import Authenticating
from earshelf.entrypoints.callers import Caller
from earshelf.entrypoints.live import LiveAnswer

FOREIGN = (
    "This request comes from a page of another origin, where a session does not count; "
    "send it from Earshelf's own address, or show the operator token in X-Auth-Token"
)


class Door(Protocol):
    """Lets people in, or not."""

    async def admits(self, caller: Caller) -> bool:
        """Whether the caller shows what opens it."""
        ...


class KeyDoor:
    """Opens with the API key."""

    def __init__(self, authenticating: Authenticating) -> None:
        self._authenticating = authenticating

    async def admits(self, caller: Caller) -> bool:
        """Whether the caller shows the key."""
        return await _is_shown(self._authenticating, Credential.API_KEY, caller.key)


class OperatorDoor:
    """Opens with the operator's token, or with a browser's session where no token is shown."""

    def __init__(self, authenticating: Authenticating, admitting: Admitting) -> None:
        self._authenticating = authenticating
        self._admitting = admitting

    async def admits(self, caller: Caller) -> bool:
        """Whether the caller shows token or session.

        :raises Forbidden: a page of another origin makes the browser call.
        """
        return await self.has_token(caller) if caller.token else await self.session(caller) is not None

    async def has_token(self, caller: Caller) -> bool:
        """Whether the caller shows the right token."""
        return await _is_shown(self._authenticating, Credential.OPERATOR_TOKEN, caller.token)

    async def session(self, caller: Caller) -> BrowserSession | None:
        """Returns the session that the caller's browser has; who shows a token is not asked for one.

        :raises Forbidden: a page of another origin makes the browser call.
        """
        secret = None if caller.token else caller.session
        session = await self._admitting.recognise(secret) if secret else None
        if session is not None and caller.is_foreign:
            raise Forbidden(FOREIGN)
        return session


async def _is_shown(authenticating: Authenticating, credential: Credential, shown: str | None) -> bool:
    # credentials are ASCII, and only ASCII can be compared without looking at its bytes first
    return bool(shown and shown.isascii() and await authenticating.accepts(credential, shown))


def guarding(door: Door, *, opened: Collection[Handler]) -> Middleware:
    """Returns the middleware that lets in whom the door admits; ``opened`` handlers let everybody in.

    Paths that do not exist are behind the door too: only who may look learns what there is. An answer that goes on
    does so as long as the door would admit its caller.
    """

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.match_info.handler in opened:
            return await handler(request)
        caller = Caller(request)
        if not await door.admits(caller):
            raise Unauthenticated
        reply = await handler(request)
        if isinstance(reply, LiveAnswer):
            reply.is_welcome = partial(door.admits, caller)
        return reply

    return guard
