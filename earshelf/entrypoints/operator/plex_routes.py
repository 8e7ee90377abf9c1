"""What the operator's API says of signing in with Plex, of the account, and of the servers that it may use."""

from marshmallow import Schema, fields, validate

from earshelf.domain.accounts import TokenState
from earshelf.entrypoints.auth import FOREIGN
from earshelf.entrypoints.callers import SESSION_COOKIE
from earshelf.entrypoints.operator.errors import CONFLICT, UPSTREAM, refusal
from earshelf.entrypoints.operator.schemas import Flag, count, nullable_text, one_of, text
from earshelf.entrypoints.routing import Answer, Route

MASK = "****"

flag = Flag(required=True)


class PlexPin(Schema):
    """A PIN that waits for its owner's approval."""

    id = count()
    code = text()
    auth_url = text(metadata={"description": "Where the owner approves it"})


class PlexPinState(Schema):
    """How a sign-in stands."""

    authenticated = flag
    auth_token = nullable_text(metadata={"description": f"`{MASK}` once approved: the token stays with the server"})
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
_FOREIGN = refusal("FORBIDDEN", FOREIGN, "A page of another origin sent it, with a session")
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
        {
            200: Answer("The PIN", PlexPin, _PIN_EXAMPLE),
            401: _WRONG_TOKEN,
            403: _FOREIGN,
            429: _TOO_MANY,
            502: _AWAY,
            504: _SILENT,
        },
        description="With the operator token, or a session, the account that approves the PIN is linked, in place of "
        "another one. Without them the PIN belongs to the browser by a cookie, and lets the linked account in only.",
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
                {"authenticated": True, "auth_token": MASK, "status": "authorized"},
            ),
            401: _WRONG_TOKEN,
            403: refusal("FORBIDDEN", "This Plex account is not the linked one", "Another account approved it"),
            429: _TOO_MANY,
        },
        description="For whoever made the PIN: to others there is none. The server asks Plex by itself. The browser "
        f"that made it without a credential gets the cookie `{SESSION_COOKIE}` with the first answer that says so.",
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
