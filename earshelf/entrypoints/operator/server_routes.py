"""Routes and documents of media servers."""

from collections.abc import Mapping
from typing import Any

from earshelf.domain.accounts import TokenState
from earshelf.domain.servers import AuthMethod
from earshelf.domain.setting_forms import MASK
from earshelf.domain.sync_schedules import SyncEvery
from earshelf.entrypoints.bodies import FILLED
from earshelf.entrypoints.operator.errors import CONFLICT, UPSTREAM, VALIDATION, refusal
from earshelf.entrypoints.operator.servers import CHANGE_BODY, KINDS, PARTS, TRIAL_BODY, ServerBody
from earshelf.entrypoints.paging import PagingQuery
from earshelf.entrypoints.routing import Answer, Document, Route

_TAG = "servers"
_STRING: Mapping[str, Any] = {"type": "string"}
_FLAG: Mapping[str, Any] = {"type": "boolean", "default": True}
_MAYBE: Mapping[str, Any] = {"type": ["string", "null"]}
_NAME: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": FILLED}
_ADDRESS: Mapping[str, Any] = {
    "type": "string",
    "description": "The base URL; one copied from a browser with its token in it is split. Empty where the account "
    "shall tell it",
}


def _closed(properties: Mapping[str, Any], *, required: list[str]) -> dict[str, Any]:
    document: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return {**document, "required": required} if required else document


_AUTH = _closed(
    {
        "method": {"enum": [method.value for method in AuthMethod], "default": AuthMethod.TOKEN.value},
        "token": {"type": ["string", "null"], "format": "password", "description": f"Reads as {MASK} once stored"},
    },
    required=[],
)
_SYNC = {
    **_closed(
        {
            "every": {"enum": [every.value for every in SyncEvery]},
            "at": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "default": "03:00"},
        },
        required=["every"],
    ),
    "description": "When its libraries are read by themselves, reckoned from a time of the day in the system's zone; "
    "every week on Mondays",
}
_BODY_PARTS: Mapping[str, Any] = {
    "id": _STRING,
    "type": {"enum": KINDS},
    "name": _NAME,
    "enabled": _FLAG,
    "url": _ADDRESS,
    "auth": _AUTH,
    "verify_ssl": {**_FLAG, "description": "Off admits any certificate, of this server alone"},
    "machine_id": {"type": ["string", "null"], "description": "Which of the account's servers is meant"},
    "sync": _SYNC,
    "preferred": {"type": "boolean", "description": "Its copies stand for those of other servers"},
}
_BODY = Document("ServerBody", _closed(_BODY_PARTS, required=["type", "name", "auth"]))
_CHANGE = Document("ServerChange", _closed(_BODY_PARTS, required=[]))
_TRIED_BODY = Document("ServerTrialBody", _closed(_BODY_PARTS, required=["type", "auth"]))
_STORED_PARTS: Mapping[str, Any] = {
    **_BODY_PARTS,
    "url": _STRING,
    "enabled": {"type": "boolean"},
    "verify_ssl": {"type": "boolean"},
    "machine_id": {**_MAYBE, "description": "What the server calls itself, wherever it moves"},
    "token_state": {"enum": [state.value for state in TokenState]},
    "version": _STRING,
    "platform": _STRING,
}
_STORED = Document(
    "Server",
    _closed(
        {
            **_STORED_PARTS,
            "notice": {
                "type": "string",
                "description": "What was found out while it was stored, or became of it since",
            },
        },
        required=list(_STORED_PARTS),
    ),
)
_LIST = Document(
    "ServerList",
    _closed(
        {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Server"}},
            "total": {"type": "integer", "minimum": 0},
        },
        required=["data", "total"],
    ),
)
_TRIAL_PARTS: Mapping[str, Any] = {
    "ok": {"type": "boolean"},
    "server_name": _MAYBE,
    "version": _MAYBE,
    "message": _STRING,
    "code": {
        "type": ["string", "null"],
        "description": "`AUTH`, `FORBIDDEN`, `NOT_PLEX`, `REFUSED`, `DNS`, `TIMEOUT`, `TLS_NAME`, `TLS_CHAIN`, "
        "`OTHER_MACHINE`, `HTTP_<status>` or `OTHER`; null where all went well or the draft itself is wrong",
    },
    "fields": {"type": "object", "additionalProperties": _STRING},
    "platform": _MAYBE,
    "machine_id": _MAYBE,
    "plex_pass": {"type": ["boolean", "null"]},
    "owner": _MAYBE,
    "latency_ms": {"type": ["integer", "null"], "minimum": 0},
}
_TRIAL = Document("ServerTrial", _closed(_TRIAL_PARTS, required=list(_TRIAL_PARTS)))

_EXAMPLE = {
    "type": "plex",
    "name": "Attic",
    "url": "http://192.168.1.100:32400",
    "auth": {"method": "token", "token": "xxxxxxxxxxxxxxxxxxxx"},
    "verify_ssl": True,
}
_STORED_EXAMPLE = {
    "id": "sv_5Tn8pW2eRk6yUb1iOq4MxA",
    **_EXAMPLE,
    "enabled": True,
    "auth": {"method": "token", "token": MASK},
    "token_state": "valid",
    "machine_id": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
    "sync": {"every": "daily", "at": "03:00"},
    "preferred": False,
    "version": "1.43.4",
    "platform": "Linux",
}
_TRIAL_EXAMPLE = {
    "ok": False,
    "server_name": None,
    "version": None,
    "message": "Attic: the access token was refused; sign in again or type in another one",
    "code": "AUTH",
    "fields": {"auth.token": "the access token was refused; sign in again or type in another one"},
    "platform": None,
    "machine_id": None,
    "plex_pass": None,
    "owner": None,
    "latency_ms": None,
}
_FOUND = Answer("The server", _STORED, _STORED_EXAMPLE)
_KNOWN = Answer("It was configured already, and is changed; `notice` says what is different", _STORED, _STORED_EXAMPLE)
_INVALID = refusal(
    VALIDATION,
    "Failed to connect to server: Attic: could not connect",
    "Something about the server is wrong, or it does not answer as described; `fields` says what",
    fields={"url": "could not connect (connection refused); check its address and that it is running"},
)
_CLASH = refusal(
    CONFLICT,
    "At this address answers 'Barn', which is configured already; change that one, or remove it",
    "No account is linked, the machine is configured already, or somebody else was faster",
)
_AWAY = refusal(UPSTREAM, "plex.tv: could not connect", "The account does not tell, or none of its addresses answers")
_SILENT = refusal("UPSTREAM_TIMEOUT", "plex.tv: did not answer within 15 s", "The account does not tell in time")
_TROUBLE = {400: _INVALID, 409: _CLASH, 502: _AWAY, 504: _SILENT}
_LOST = {
    409: refusal(
        CONFLICT,
        "No server of the linked account is 'a1b2c3d4e5f6…'; give 'Attic' its address by hand",
        "No account is linked, it does not know this machine, or the server was changed meanwhile",
    ),
    502: refusal(UPSTREAM, "Attic: none of its 3 addresses can be used from here", "The server was not found"),
    504: _SILENT,
}
_MOVED_EXAMPLE = {
    **_STORED_EXAMPLE,
    "url": "http://192.168.1.107:32400",
    "notice": "'Attic' did not answer at http://192.168.1.100:32400 any more; it was found at "
    "http://192.168.1.107:32400, and goes on there",
}
_TRIED = Answer("How it went; trouble is told here, too", _TRIAL, _TRIAL_EXAMPLE)

ROUTES = (
    Route(
        "GET",
        "/servers",
        "page",
        "List media servers",
        _TAG,
        {200: Answer("Oldest first", _LIST, {"data": [_STORED_EXAMPLE], "total": 1})},
        query=PagingQuery(),
    ),
    Route(
        "POST",
        "/servers",
        "add",
        "Add a media server",
        _TAG,
        {200: _KNOWN, 201: _FOUND, **_TROUBLE},
        description="Tried first, unless it is disabled: who it is without the token, then with it. With the method "
        "`account` the token, and the best address where none is given, come from the linked account.",
        body=ServerBody(exclude=("id",)),
        body_shape=Document(
            "NewServer", _closed({name: _BODY_PARTS[name] for name in PARTS}, required=["type", "name", "auth"])
        ),
        body_example=_EXAMPLE,
    ),
    Route(
        "POST",
        "/servers/test-connection",
        "try_draft",
        "Test a media server that is not stored",
        _TAG,
        {200: _TRIED},
        description="With `id`, a masked token stands for the one that is stored.",
        body=TRIAL_BODY,
        body_shape=_TRIED_BODY,
        body_example=_EXAMPLE,
    ),
    Route("GET", "/servers/{id}", "one", "Get a media server", _TAG, {200: _FOUND}),
    Route(
        "PUT",
        "/servers/{id}",
        "replace",
        "Replace a media server",
        _TAG,
        {200: _FOUND, **_TROUBLE},
        description="A masked token keeps what is stored. A changed address or token is tried first.",
        body=ServerBody(),
        body_shape=_BODY,
        body_example=_EXAMPLE,
    ),
    Route(
        "PATCH",
        "/servers/{id}",
        "change",
        "Change a media server",
        _TAG,
        {200: _FOUND, **_TROUBLE},
        description="Changes only what it names.",
        body=CHANGE_BODY,
        body_shape=_CHANGE,
        body_example={"enabled": False},
    ),
    Route(
        "DELETE",
        "/servers/{id}",
        "remove",
        "Remove a media server",
        _TAG,
        {204: Answer("It is gone")},
        description="What it played before films by its owner's own wish is put back first, if the server is there.",
    ),
    Route("POST", "/servers/{id}/test-connection", "try_stored", "Test a stored media server", _TAG, {200: _TRIED}),
    Route(
        "POST",
        "/servers/{id}/reconnect",
        "reconnect",
        "Look for a media server at its other addresses",
        _TAG,
        {200: Answer("Where it is now; `notice` says what is different", _STORED, _MOVED_EXAMPLE), **_LOST},
        description="The linked account names its addresses; the token is shown only where the very machine answers. "
        "This happens by itself where a server was away for five minutes, but to no relay, and from an encrypted "
        "address to no plain one.",
    ),
)
