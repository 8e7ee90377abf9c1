"""Accounts at plex.tv: PINs, whose token it is, and which servers it opens."""

from collections.abc import Collection, Mapping
from urllib.parse import quote, urlencode

from earshelf.adapters.http import Answer
from earshelf.adapters.plex.introduction import introduction
from earshelf.adapters.plex.lines import Line, PlexLines
from earshelf.adapters.plex.parsing import parse_holder, parse_pin, parse_pin_life, parse_servers, parse_token
from earshelf.adapters.plex.payloads import payload
from earshelf.adapters.plex.viewer_parsing import parse_friends, parse_home
from earshelf.domain.accounts import Holder, Pin
from earshelf.domain.connections import DiscoveredServer
from earshelf.domain.errors import NotFound
from earshelf.domain.servers import ServerKind
from earshelf.domain.viewers import KnownViewer
from earshelf.ports.servers import ServerAccess
from earshelf.ports.system import Clock

_HOST = "https://plex.tv"
_PAGE = "https://app.plex.tv/auth#?"
_TIMEOUT = 15.0
_RESOURCES = {"includeHttps": "1", "includeRelay": "1", "includeIPv6": "1"}
_UNAUTHORIZED, _FORBIDDEN, _GONE = 401, 403, 404
_CLOSED = frozenset({_UNAUTHORIZED, _FORBIDDEN})


class PlexAccounts:
    """The account service of Plex."""

    def __init__(
        self, lines: PlexLines, clock: Clock, *, version: str, base_url: str | None = None, timeout: float = _TIMEOUT
    ) -> None:
        self._lines = lines
        self._clock = clock
        self._version = version
        self._base_url = base_url or _HOST
        self._timeout = timeout

    async def begin(self, client_id: str) -> Pin:
        """Makes a strong PIN: too long to be typed by hand, approved on a page of Plex's."""
        line = self._line(client_id, insists=True)
        answer = await line.request("POST", "/api/v2/pins", params={"strong": "true"}, passing=_CLOSED)
        body = payload(_let_in(answer))
        made = parse_pin(body)
        if made is None:
            raise line.host.unexpected("answered without a PIN")
        pin_id, code = made
        return Pin(pin_id, code, self._page(client_id, code), self._clock.now() + parse_pin_life(body))

    async def token_for(self, pin_id: str, client_id: str) -> str | None:
        """Looks whether a PIN was approved."""
        # PINs are asked after every few seconds anyway
        line = self._line(client_id, insists=True)
        answer = await line.request("GET", f"/api/v2/pins/{quote(pin_id, safe='')}", passing={_GONE, *_CLOSED})
        if answer.status == _GONE:
            raise NotFound("PIN", pin_id)
        return parse_token(payload(_let_in(answer)))

    async def holder(self, token: str, client_id: str) -> Holder:
        """Asks whose token it is; only 401 says anything against the token."""
        answer = await self._asked("GET", "/api/v2/user", token, client_id)
        holder = parse_holder(payload(answer))
        if holder is None:
            raise answer.neighbour.unexpected("answered without a user")
        return holder

    async def servers(self, token: str, client_id: str) -> list[DiscoveredServer]:
        """Lists what the account may use, keeping servers only."""
        answer = await self._asked("GET", "/api/v2/resources", token, client_id, params=_RESOURCES)
        found = parse_servers(payload(answer))
        if found is None:
            raise answer.neighbour.unexpected("answered without a list of servers")
        return found

    async def viewers(self, token: str, client_id: str) -> list[KnownViewer]:
        """Lists friends and the home; who has no home has nobody in it."""
        friends = await self._asked("GET", "/api/v2/friends", token, client_id)
        home = await self._asked("GET", "/api/v2/home/users", token, client_id, passing={_GONE})
        known = parse_friends(payload(friends))
        at_home = [] if home.status == _GONE else parse_home(payload(home))
        if known is None or at_home is None:
            raise friends.neighbour.unexpected("answered without a list of friends")
        return [*known, *at_home]

    async def sign_out(self, token: str, client_id: str) -> None:
        """Takes this installation off the list of authorised devices."""
        line = self._line(client_id, token, insists=True)
        await line.request("DELETE", "/api/v2/users/signout", passing={_UNAUTHORIZED, _GONE})

    async def _asked(
        self,
        method: str,
        path: str,
        token: str,
        client_id: str,
        *,
        params: Mapping[str, str] | None = None,
        passing: Collection[int] = (),
    ) -> Answer:
        line = self._line(client_id, token)
        host = line.host
        answer = await line.request(method, path, params=params, passing={_UNAUTHORIZED, _FORBIDDEN, *passing})
        if answer.status == _UNAUTHORIZED:
            raise host.rejected("the token was revoked; sign in with Plex again")
        if answer.status == _FORBIDDEN:
            raise host.refused("refused the request (HTTP 403)", _FORBIDDEN)
        return answer

    def _line(self, client_id: str, token: str = "", *, insists: bool = False) -> Line:
        access = ServerAccess(ServerKind.PLEX, "plex.tv", self._base_url, client_id, token, insists=insists)
        return self._lines.line(access, version=self._version, timeout=self._timeout)

    def _page(self, client_id: str, code: str) -> str:
        told = introduction(client_id, self._version)
        return _PAGE + urlencode(
            {
                "clientID": client_id,
                "code": code,
                "context[device][product]": told["X-Plex-Product"],
                "context[device][version]": told["X-Plex-Version"],
                "context[device][platform]": told["X-Plex-Platform"],
                "context[device][device]": told["X-Plex-Device"],
                "context[device][deviceName]": told["X-Plex-Device-Name"],
            }
        )


def _let_in(answer: Answer) -> Answer:
    # PINs are asked for without a token, so that none can be wrong
    if answer.status in _CLOSED:
        raise answer.neighbour.refused(f"takes no sign-in from here (HTTP {answer.status})", answer.status)
    return answer
