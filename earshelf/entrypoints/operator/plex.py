"""Signing in with Plex, the account that comes of it, and the servers that it may use."""

import logging
from datetime import timedelta
from typing import Any

from aiohttp import web

from earshelf.domain.accounts import (
    AccountProvider,
    SignIn,
    SignInOwner,
    SignInPurpose,
    SignInState,
    owner_of,
)
from earshelf.domain.attempts import Attempts
from earshelf.domain.companion_errors import NoLinkedAccount
from earshelf.domain.connections import Connection, Reach
from earshelf.domain.errors import Forbidden, NotFound, Unauthenticated
from earshelf.domain.usecases.admitting import ANOTHER_ACCOUNT, Admitting
from earshelf.domain.usecases.connecting import Connecting, Discovery
from earshelf.domain.usecases.linking import Linking
from earshelf.entrypoints.answers import answer, nothing
from earshelf.entrypoints.auth import OperatorDoor
from earshelf.entrypoints.callers import Caller
from earshelf.entrypoints.cookies import Cookies
from earshelf.entrypoints.operator.plex_routes import MASK
from earshelf.entrypoints.routing import Call
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)
COOKIE = "earshelf_sign_in"
_SECRET_BYTES = 32
_COOKIE_SECONDS = 3600
_MOST_ATTEMPTS, _WINDOW = 10, timedelta(minutes=15)


class Plex:
    """Answers the routes of the account."""

    def __init__(
        self,
        *,
        linking: Linking,
        connecting: Connecting,
        admitting: Admitting,
        door: OperatorDoor,
        cookies: Cookies,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._linking = linking
        self._connecting = connecting
        self._admitting = admitting
        self._door = door
        self._cookies = cookies
        self._clock = clock
        self._entropy = entropy
        self._begun = Attempts(most=_MOST_ATTEMPTS, window=_WINDOW)
        self._missed = Attempts(most=_MOST_ATTEMPTS, window=_WINDOW)

    async def begin(self, call: Call) -> web.Response:
        """Makes a PIN for the operator, or for a browser that wants in."""
        operator = await self._operator(call.caller, self._begun)
        if operator is not None:
            pin = await self._linking.begin(SignInPurpose.LINK, owner_of(SignInPurpose.LINK, operator))
            return answer({"id": int(pin.id), "code": pin.code, "auth_url": pin.page})
        self._begun.count(call.caller.address, self._clock.now())
        secret = self._entropy.secret_bytes(_SECRET_BYTES).hex()
        pin = await self._linking.begin(SignInPurpose.ENTER, owner_of(SignInPurpose.ENTER, secret))
        reply = answer({"id": int(pin.id), "code": pin.code, "auth_url": pin.page})
        self._cookies.set(reply, call.caller, COOKIE, secret, seconds=_COOKIE_SECONDS)
        return reply

    async def look(self, call: Call) -> web.Response:
        """Tells how a PIN stands, to whoever made it; the browser of one that opens the door is let in."""
        operator = await self._operator(call.caller, self._missed)
        try:
            sign_in = await self._linking.look(call.ids["id"], _owners(call.caller, operator))
        except NotFound:
            # misses of others at this address must not keep anybody from a PIN of his own
            if operator is None:
                self._missed.count(call.caller.address, self._clock.now())
            raise
        if sign_in.state is SignInState.REFUSED:
            raise Forbidden(ANOTHER_ACCOUNT)
        reply = answer(_STATES[sign_in.state])
        await self._let_in(sign_in, call.caller, reply)
        return reply

    async def discover(self, _: Call) -> web.Response:
        """Lists what the account may use."""
        return answer({"servers": [_discovery(each) for each in await self._connecting.discover()]})

    async def account(self, _: Call) -> web.Response:
        """Shows the account, without its token."""
        account = await self._linking.account()
        if account is None or account.holder is None:
            raise NoLinkedAccount(AccountProvider.PLEX.words)
        holder, state = account.holder, account.token_state
        return answer({"username": holder.username, "email": holder.email, "token_state": state.value})

    async def unlink(self, _: Call) -> web.Response:
        """Forgets the account."""
        if not await self._linking.unlink():
            raise NoLinkedAccount(AccountProvider.PLEX.words)
        return nothing()

    async def _let_in(self, sign_in: SignIn, caller: Caller, reply: web.Response) -> None:
        if sign_in.purpose is SignInPurpose.ENTER and sign_in.state is SignInState.APPROVED:
            admission = await self._admitting.with_sign_in(sign_in.id, former=caller.session)
            if admission is not None:
                _log.info("Somebody at %s signed in with the linked Plex account", caller.address)
                self._cookies.begin(reply, caller, admission)

    async def _operator(self, caller: Caller, attempts: Attempts) -> str | None:
        """Returns the token or the session's secret by which the operator calls, None of others.

        A wrong token counts as an attempt; a session that is over is none.
        """
        if not caller.token:
            return caller.session if await self._door.session(caller) else None
        if await self._door.has_token(caller):
            return caller.token
        attempts.count(caller.address, self._clock.now())
        raise Unauthenticated


_STATES: dict[SignInState, dict[str, Any]] = {
    SignInState.PENDING: {"authenticated": False, "auth_token": None, "status": "pending"},
    SignInState.APPROVED: {"authenticated": True, "auth_token": MASK, "status": "authorized"},
    SignInState.ENTERED: {"authenticated": True, "auth_token": MASK, "status": "authorized"},
    SignInState.EXPIRED: {"authenticated": False, "auth_token": None, "status": "expired"},
}


def _owners(caller: Caller, operator: str | None) -> dict[SignInPurpose, SignInOwner]:
    shown = {SignInPurpose.LINK: operator, SignInPurpose.ENTER: caller.cookie(COOKIE)}
    return {purpose: owner_of(purpose, secret) for purpose, secret in shown.items() if secret}


def _discovery(discovery: Discovery) -> dict[str, Any]:
    found = discovery.found
    best = next(iter(found.candidates), None)
    return {
        "name": found.name,
        "machine_id": found.machine_id,
        "host": best.address if best else None,
        "port": best.port if best else None,
        "ssl": best is not None and best.is_secure,
        "owned": found.is_owned,
        "owner": found.owner_name or None,
        "local": best is not None and best.reach is Reach.LOCAL,
        "presence": found.is_present,
        "version": found.version,
        "platform": found.platform,
        "server_id": discovery.configured,
        "connections": [_connection(each) for each in found.addresses],
    }


def _connection(connection: Connection) -> dict[str, Any]:
    return {
        "uri": connection.url,
        "protocol": "https" if connection.is_secure else "http",
        "address": connection.address,
        "port": connection.port,
        "local": connection.reach is Reach.LOCAL,
        "relay": connection.reach is Reach.RELAY,
        "ipv6": connection.is_ipv6,
    }
