"""Plex as a media server: who it is, and what it says of itself to whoever has its token."""

from collections.abc import Collection
from urllib.parse import urlsplit

from earshelf.adapters.http import Answer, Neighbour
from earshelf.adapters.plex.lines import Line, PlexLines
from earshelf.adapters.plex.parsing import parse_description, parse_identity
from earshelf.adapters.plex.payloads import container
from earshelf.domain.errors import Obstacle, Unreachable
from earshelf.domain.servers import ServerDescription, ServerIdentity
from earshelf.ports.servers import ServerAbility, ServerAccess

_TIMEOUT = 10.0
_PROBE_TIMEOUT = 5.0
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_OWN_NAMES = ".plex.direct"
# whoever looks who is there looks again before long
_MOST_REPEATS = 1


class PlexServer:
    """One Plex server."""

    abilities = frozenset({ServerAbility.TELLS_IDENTITY})

    def __init__(
        self, access: ServerAccess, lines: PlexLines, *, version: str, timeout: float = _TIMEOUT,
        probe_timeout: float = _PROBE_TIMEOUT,
    ) -> None:  # fmt: skip
        self._access = access
        self._lines = lines
        self._version = version
        self._timeout = timeout
        self._probe_timeout = probe_timeout

    async def identity(self) -> ServerIdentity:
        """Asks the one question that Plex answers to anybody."""
        line = self._line(self._probe_timeout, shows_token=False)
        found = parse_identity(container(await self._asked(line, "/identity")))
        if found is None:
            raise line.host.unexpected("did not say which server it is; check its address")
        return found

    async def describe(self) -> ServerDescription:
        """Asks for the root, which takes the token."""
        line = self._line(self._timeout)
        host = line.host
        answer = await self._asked(line, "/", passing={_UNAUTHORIZED, _FORBIDDEN})
        if answer.status == _UNAUTHORIZED:
            raise host.rejected("the access token was refused; sign in again or type in another one")
        if answer.status == _FORBIDDEN:
            raise host.refused("the token is known, but the server wants its owner's", _FORBIDDEN)
        found = parse_description(container(answer))
        if found is None:
            raise host.unexpected("did not say which server it is; check its address")
        return found

    async def _asked(self, line: Line, path: str, passing: Collection[int] = ()) -> Answer:
        try:
            return await line.request("GET", path, passing=passing)
        except Unreachable as problem:
            trouble = self._explained(line.host, problem)
        # outside of the except block, as in the HTTP client: tracebacks print causes
        raise trouble

    def _explained(self, host: Neighbour, problem: Unreachable) -> Unreachable:
        has_own_name = (urlsplit(self._access.url).hostname or "").endswith(_OWN_NAMES)
        match problem.obstacle:
            case Obstacle.CERTIFICATE_NAME:
                why = (
                    f"its certificate is for *{_OWN_NAMES} or another name: use the {_OWN_NAMES[1:]} address, or turn "
                    "verification off for this server"
                )
            case Obstacle.NAME_UNKNOWN if has_own_name:
                why = (
                    f"its host name is not known here; some routers drop answers about {_OWN_NAMES[1:]} names: allow "
                    "them there, or use its number"
                )
            case _:
                return problem
        return host.unreachable(why, problem.obstacle)

    def _line(self, timeout: float, *, shows_token: bool = True) -> Line:
        return self._lines.line(
            self._access,
            version=self._version,
            timeout=timeout,
            shows_token=shows_token,
            most_repeats=_MOST_REPEATS,
        )
