"""Signing in with Plex, the account that comes of it, and the servers that it may use."""

from datetime import timedelta
from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from earshelf.domain.access import Credential
from earshelf.domain.accounts import AccountProvider, SignInOwner, SignInPurpose, SignInState, TokenState, owner_of
from earshelf.domain.attempts import Attempts
from earshelf.domain.companion_errors import NoLinkedAccount
from earshelf.domain.connections import Connection, Reach
from earshelf.domain.errors import Forbidden, NotFound, Unauthenticated
from earshelf.domain.usecases.authenticating import Authenticating
from earshelf.domain.usecases.connecting import Connecting, Discovery
from earshelf.domain.usecases.linking import Linking
from earshelf.entrypoints.answers import answer, nothing
from earshelf.entrypoints.operator.errors import CONFLICT, UPSTREAM, refusal
from earshelf.entrypoints.operator.schemas import Flag, count, nullable_text, one_of, text
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.ports.system import Clock, Entropy

COOKIE = "earshelf_sign_in"
_MASK = "****"
_SECRET_BYTES = 32
_COOKIE_SECONDS = 3600
_MOST_ATTEMPTS, _WINDOW = 10, timedelta(minutes=15)

flag = Flag(required=True)


class PlexPin(Schema):
    """A PIN that waits for its owner's approval."""

    id = count()
    code = text()
    auth_url = text(metadata={"description": "Where the owner approves it"})


class PlexPinState(Schema):
    """How a sign-in stands."""

    authenticated = flag
    auth_token = nullable_text(metadata={"description": f"`{_MASK}` once approved: the token stays with the server"})
    status = text(validate=validate.OneOf(["pending", "authorized", "expired"]))


class PlexAccount(Schema):
    """The linked account."""

    username = text()
    email = text()
    token_state = one_of(TokenState)


class PlexConnection(Schema):
    """One address of a server."""

    uri = text()
    protocol = text(validate=validate.OneOf(["http", "https"]))
    address = text()
    port = count()
    local = flag
    relay = flag
    ipv6 = flag


class PlexDiscovery(Schema):
    """A server that the account may use; `host`, `port` and `ssl` are of its most promising address."""

    name = text()
    machine_id = text()
    host = nullable_text()
    port = count(allow_none=True)
    ssl = flag
    owned = flag
    owner = nullable_text(metadata={"description": "Whose it is where it is somebody else's"})
    local = flag
    presence = flag
    version = text()
    platform = text()
    server_id = nullable_text(metadata={"description": "The configured server that it is, if any"})
    connections = fields.List(fields.Nested(PlexConnection), required=True)


class PlexDiscoveries(Schema):
    """Every server that the account may use."""

    servers = fields.List(fields.Nested(PlexDiscovery), required=True)


_CONNECTION_EXAMPLE = {
    "uri": "http://192.168.1.100:32400", "protocol": "http", "address": "192.168.1.100", "port": 32400, "local": True,
    "relay": False, "ipv6": False,
}  # fmt: skip
_SERVER_EXAMPLE = {
    "name": "My Server", "machine_id": "abc123", "host": "192.168.1.100", "port": 32400, "ssl": False, "owned": True,
    "owner": None, "local": True, "presence": True, "version": "1.43.4", "platform": "Linux", "server_id": None,
    "connections": [_CONNECTION_EXAMPLE],
}  # fmt: skip
_ACCOUNT_EXAMPLE = {"username": "marta_k", "email": "marta@example.net", "token_state": "valid"}
_PIN_EXAMPLE = {"id": 12345, "code": "ABCD1234", "auth_url": "https://app.plex.tv/auth#?clientID=...&code=ABCD1234"}
_TOO_MANY = Answer(
    "Somebody without a credential asked too often",
    refusal("RATE_LIMITED", "Too many attempts; try again in 840 s").shape,
    {"error": "Too many attempts; try again in 840 s", "code": "RATE_LIMITED"},
    headers={"Retry-After": "Seconds to wait"},
)
_WRONG_TOKEN = refusal("UNAUTHORIZED", "Authentication required", "A token is shown, and it is wrong")
_AWAY = refusal(UPSTREAM, "plex.tv: could not connect", "Plex does not answer, or not usefully")
_SILENT = refusal("UPSTREAM_TIMEOUT", "plex.tv: did not answer within 15 s", "Plex does not answer in time")

_UNLINKED = refusal("NOT_FOUND", "No Plex account is linked; sign in with Plex first", "Nobody signed in")

ROUTES = (
    Route(
        "POST",
        "/plex/auth/pin",
        "begin",
        "Begin to sign in with Plex",
        "plex",
        {200: Answer("The PIN", PlexPin, _PIN_EXAMPLE), 401: _WRONG_TOKEN, 429: _TOO_MANY, 502: _AWAY, 504: _SILENT},
        description="With the operator token the account that approves the PIN is linked, in place of another one. "
        "Without it the PIN belongs to the browser by a cookie, and is good for the linked account only.",
        is_open=True,
    ),
    Route(
        "GET",
        "/plex/auth/pin/{id}",
        "look",
        "See whether a PIN was approved",
        "plex",
        {
            200: Answer(
                "How it stands",
                PlexPinState,
                {"authenticated": True, "auth_token": _MASK, "status": "authorized"},
            ),
            401: _WRONG_TOKEN,
            403: refusal("FORBIDDEN", "This Plex account is not the linked one", "Another account approved it"),
            429: _TOO_MANY,
        },
        description="For whoever made the PIN: to others there is none. The server asks Plex by itself.",
        is_open=True,
    ),
    Route(
        "GET",
        "/plex/servers",
        "discover",
        "List the servers of the linked account",
        "plex",
        {
            200: Answer("Own servers first", PlexDiscoveries, {"servers": [_SERVER_EXAMPLE]}),
            409: refusal(CONFLICT, "No Plex account is linked; sign in with Plex first", "Nobody signed in"),
            502: _AWAY,
            504: _SILENT,
        },
    ),
    Route(
        "GET",
        "/plex/account",
        "account",
        "Get the linked account",
        "plex",
        {200: Answer("The account", PlexAccount, _ACCOUNT_EXAMPLE), 404: _UNLINKED},
        description="Asks Plex whether its token still works; `unreachable` says nothing against it.",
    ),
    Route(
        "DELETE",
        "/plex/account",
        "unlink",
        "Unlink the account",
        "plex",
        {204: Answer("It is gone; the servers stay"), 404: _UNLINKED},
    ),
)  # fmt: skip


class Plex:
    """Answers the routes of the account."""

    def __init__(
        self,
        *,
        linking: Linking,
        connecting: Connecting,
        authenticating: Authenticating,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._linking = linking
        self._connecting = connecting
        self._authenticating = authenticating
        self._clock = clock
        self._entropy = entropy
        self._begun = Attempts(most=_MOST_ATTEMPTS, window=_WINDOW)
        self._missed = Attempts(most=_MOST_ATTEMPTS, window=_WINDOW)

    async def begin(self, call: Call) -> web.Response:
        """Makes a PIN for the operator, or for a browser that wants in."""
        token = await self._operator(call, self._begun)
        if token is not None:
            pin = await self._linking.begin(SignInPurpose.LINK, owner_of(SignInPurpose.LINK, token))
            return answer({"id": int(pin.id), "code": pin.code, "auth_url": pin.page})
        self._begun.count(call.caller.address, self._clock.now())
        secret = self._entropy.secret_bytes(_SECRET_BYTES).hex()
        pin = await self._linking.begin(SignInPurpose.ENTER, owner_of(SignInPurpose.ENTER, secret))
        reply = answer({"id": int(pin.id), "code": pin.code, "auth_url": pin.page})
        reply.set_cookie(COOKIE, secret, max_age=_COOKIE_SECONDS, httponly=True, samesite="Lax", path="/")
        return reply

    async def look(self, call: Call) -> web.Response:
        """Tells how a PIN stands, to whoever made it."""
        token = await self._operator(call, self._missed)
        address, now = call.caller.address, self._clock.now()
        if token is None:
            self._missed.require(address, now)
        try:
            sign_in = await self._linking.look(call.ids["id"], _owners(call, token))
        except NotFound:
            if token is None:
                self._missed.count(address, now)
            raise
        if sign_in.state is SignInState.REFUSED:
            raise Forbidden("This Plex account is not the linked one; the operator can link it with the operator token")
        return answer(_STATES[sign_in.state])

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

    async def _operator(self, call: Call, attempts: Attempts) -> str | None:
        """Returns the operator token that is shown, None without one; a wrong one counts as an attempt."""
        shown = call.caller.token
        if not shown:
            return None
        if shown.isascii() and await self._authenticating.accepts(Credential.OPERATOR_TOKEN, shown):
            return shown
        attempts.count(call.caller.address, self._clock.now())
        raise Unauthenticated


_STATES: dict[SignInState, dict[str, Any]] = {
    SignInState.PENDING: {"authenticated": False, "auth_token": None, "status": "pending"},
    SignInState.APPROVED: {"authenticated": True, "auth_token": _MASK, "status": "authorized"},
    SignInState.EXPIRED: {"authenticated": False, "auth_token": None, "status": "expired"},
}


def _owners(call: Call, token: str | None) -> dict[SignInPurpose, SignInOwner]:
    shown = {SignInPurpose.LINK: token, SignInPurpose.ENTER: call.caller.cookie(COOKIE)}
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
        "connections": [_connection(each) for each in found.candidates],
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
