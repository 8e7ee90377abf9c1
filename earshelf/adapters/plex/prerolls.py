"""The preroll preference of a Plex server."""

from collections.abc import Mapping
from typing import Any

from earshelf.adapters.http import Answer
from earshelf.adapters.plex.lines import PlexLines
from earshelf.adapters.plex.loose import a_list
from earshelf.adapters.plex.payloads import container
from earshelf.domain.prerolls import PrerollMode
from earshelf.ports.servers import ServerAccess

_PREFERENCE = "CinemaTrailersPrerollID"
_ALL, _ONE = "/:/prefs", "/:/prefs/get"
_TIMEOUT = 10.0
_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 400, 401, 403, 404
_UNKNOWN = "knows no prerolls; update Plex Media Server, and use the address of the server itself"
_REFUSALS = {_FORBIDDEN: "only the server's owner may change its prerolls; use their token", _NOT_FOUND: _UNKNOWN}
_UNDERSTOOD = frozenset([_BAD_REQUEST, _UNAUTHORIZED, *_REFUSALS])


class PlexPrerolls:
    """One server's preference, with the token that it takes."""

    modes = frozenset(PrerollMode)

    def __init__(self, access: ServerAccess, lines: PlexLines, *, version: str, timeout: float = _TIMEOUT) -> None:
        self._line = lines.line(access, version=version, timeout=timeout)
        self._host = self._line.host

    async def read(self) -> str:
        """Asks for the one preference, and for all of them where the server does not give out single ones."""
        answer = await self._asked("GET", _ONE, {"id": _PREFERENCE}, passing=_NOT_FOUND)
        found = None if answer.status == _NOT_FOUND else _preference(container(answer))
        if found is None:
            found = _preference(container(await self._asked("GET", _ALL)))
        if found is None:
            raise self._host.refused(_UNKNOWN, _NOT_FOUND)
        value = found.get("value", "")
        if not isinstance(value, str):
            raise self._host.unexpected("answered with a preroll that is no text")
        return value

    async def write(self, value: str) -> None:
        """Puts the preference; what comes back is empty, and its type says nothing."""
        answer = await self._asked("PUT", _ALL, {_PREFERENCE: value}, passing=_BAD_REQUEST)
        if answer.status == _BAD_REQUEST:
            raise self._host.refused("does not take this preroll (HTTP 400); use fewer or other paths", _BAD_REQUEST)
        if answer.is_page:
            raise self._host.unexpected("answered with a page; it may still be starting")

    async def _asked(
        self, method: str, path: str, params: Mapping[str, str] | None = None, *, passing: int | None = None
    ) -> Answer:
        answer = await self._line.request(method, path, params=params, passing=_UNDERSTOOD)
        if answer.status == passing:
            return answer
        if answer.status == _UNAUTHORIZED:
            raise self._host.rejected("the access token was refused; sign in again or type in another one")
        if answer.status in _REFUSALS:
            raise self._host.refused(_REFUSALS[answer.status], answer.status)
        self._host.require_success(answer)
        return answer


def _preference(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((each for each in a_list(found, "Setting") if each.get("id") == _PREFERENCE), None)
