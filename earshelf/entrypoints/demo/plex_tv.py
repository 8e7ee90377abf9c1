"""A simulated plex.tv: PINs that a test approves or lets expire, users, and what their tokens open."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from aiohttp import web

from earshelf.entrypoints.demo.loopback import Loopback
from earshelf.entrypoints.demo.plex_bodies import Body, spelled

_FIRST_PIN = 1738204417
_NOT_FOUND = {"errors": [{"code": 1020, "message": "Code not found or expired", "status": 404}]}
_NO_CLIENT = {"errors": [{"code": 1000, "message": "X-Plex-Client-Identifier is missing", "status": 400}]}
_NO_HOME = {"errors": [{"code": 1044, "message": "User is not in a home", "status": 404}]}
_NO_USER = {"errors": [{"code": 1001, "message": "User could not be authenticated", "status": 401}]}


def a_user(username: str = "marta_k", user_id: int = 40217731) -> dict[str, Any]:
    """Returns a user as plex.tv describes one, fields left out that nobody reads."""
    return {
        "id": user_id,
        "uuid": f"9c1d22f0aa7e{user_id % 10_000:04d}",
        "username": username,
        "title": username,
        "email": f"{username}@example.net",
        "friendlyName": username.title(),
        "confirmed": True,
        "hasPassword": True,
        "restricted": False,
        "home": True,
        "scrobbleTypes": "10",
        "subscription": {"active": True, "status": "Active", "plan": "lifetime", "features": ["pass", "session_kick"]},
        "profile": {"autoSelectAudio": True, "defaultAudioLanguage": "de", "autoSelectSubtitle": 1},
        "entitlements": [],
        "roles": ["plexpass"],
        "services": [],
    }


class PlexTvSimulator(Loopback):
    """Knows ``users``, ``resources``, ``friends`` and ``homes`` by token.

    ``status`` makes every answer an error where it is set. ``polls`` counts the questions after each PIN, ``shown``
    lists the tokens of all requests in order.
    """

    def __init__(self, *, lifetime: float = 1800, port: int = 0) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.resources: dict[str, list[Mapping[str, Any]]] = {}
        self.friends: dict[str, list[Mapping[str, Any]]] = {}
        self.homes: dict[str, Mapping[str, Any]] = {}
        self.status: int | None = None
        self.body: bytes | None = None
        self.polls: dict[str, int] = {}
        self.shown: list[str] = []
        self.clients: set[str] = set()
        self._lifetime = lifetime
        self._pins: dict[str, dict[str, Any]] = {}
        self._numbers = count(_FIRST_PIN)
        super().__init__(
            [
                web.post("/api/v2/pins", self._begin),
                web.get("/api/v2/pins/{id}", self._ask),
                web.get("/api/v2/user", self._user),
                web.get("/api/v2/resources", self._list),
                web.get("/api/v2/friends", self._friends),
                web.get("/api/v2/home/users", self._home),
                web.delete("/api/v2/users/signout", self._sign_out),
            ],
            port=port,
        )

    def approve(self, pin_id: str | int, token: str = "tok-user-AAAA1111", **user: Any) -> str:  # noqa: S107 - a sample
        """Lets the owner approve a PIN, and returns the token that comes of it."""
        self.users.setdefault(token, a_user(**user))
        self._pins[str(pin_id)]["authToken"] = token
        return token

    def expire(self, pin_id: str | int) -> None:
        """Ends a PIN before its time."""
        del self._pins[str(pin_id)]

    def revoke(self, token: str) -> None:
        """Signs a token out, as its owner does after a change of password."""
        self.users.pop(token, None)

    async def _begin(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request):
            return obstacle
        client_id = request.headers.get("X-Plex-Client-Identifier")
        if not client_id:
            return spelled(request, "errors", _NO_CLIENT, status=400)
        number, now = next(self._numbers), datetime.now(UTC).replace(microsecond=0)
        pin = {
            "id": number,
            "code": f"q7v0m2kd9x4s1tnb6c8zr{number % 10_000:04d}",
            "product": request.headers.get("X-Plex-Product", ""),
            "trusted": False,
            "clientIdentifier": client_id,
            "expiresIn": int(self._lifetime),
            "createdAt": now.isoformat().replace("+00:00", "Z"),
            "expiresAt": (now + timedelta(seconds=self._lifetime)).isoformat().replace("+00:00", "Z"),
            "authToken": None,
            "newRegistration": None,
        }
        self._pins[str(number)] = pin
        return spelled(request, "pin", pin, status=201)

    async def _ask(self, request: web.Request) -> web.Response:
        pin_id = request.match_info["id"]
        self.polls[pin_id] = self.polls.get(pin_id, 0) + 1
        if obstacle := self._obstacle(request):
            return obstacle
        pin = self._pins.get(pin_id)
        if pin is None or pin["clientIdentifier"] != request.headers.get("X-Plex-Client-Identifier"):
            return spelled(request, "errors", _NOT_FOUND, status=404)
        return spelled(request, "pin", pin)

    async def _user(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request, takes_token=True):
            return obstacle
        token = request.headers["X-Plex-Token"]
        return spelled(request, "user", {**self.users[token], "authToken": token})

    async def _list(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request, takes_token=True):
            return obstacle
        body: Body = self.resources.get(request.headers["X-Plex-Token"], [])
        return spelled(request, "resources", body)

    async def _friends(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request, takes_token=True):
            return obstacle
        body: Body = self.friends.get(request.headers["X-Plex-Token"], [])
        return spelled(request, "friends", body)

    async def _home(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request, takes_token=True):
            return obstacle
        home = self.homes.get(request.headers["X-Plex-Token"])
        return spelled(request, "home", home) if home else spelled(request, "errors", _NO_HOME, status=404)

    async def _sign_out(self, request: web.Request) -> web.Response:
        if obstacle := self._obstacle(request, takes_token=True):
            return obstacle
        self.revoke(request.headers["X-Plex-Token"])
        return web.Response(status=204)

    def _obstacle(self, request: web.Request, *, takes_token: bool = False) -> web.Response | None:
        token = request.headers.get("X-Plex-Token", "")
        self.shown.append(token)
        self.clients.add(request.headers.get("X-Plex-Client-Identifier", ""))
        if self.status is not None or self.body is not None:
            return web.Response(status=self.status or 200, body=self.body or b"<html>Something went wrong</html>")
        if takes_token and token not in self.users:
            return spelled(request, "errors", _NO_USER, status=401)
        return None
