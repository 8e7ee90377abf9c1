"""How to talk to a Plex server: its token, its JSON, and what it says while it is still starting."""

from collections.abc import Collection, Mapping
from typing import Any

from earshelf.adapters.http import Answer, HttpClient
from earshelf.adapters.plex.payloads import container
from earshelf.domain.errors import IntegrationKind, UnexpectedPayload

_TIMEOUT = 15.0


class PlexClient:
    """One server, with the token that it takes."""

    def __init__(
        self,
        http: HttpClient,
        *,
        kind: IntegrationKind,
        name: str,
        base_url: str,
        token: str,
        verify_ssl: bool = True,
        timeout: float = _TIMEOUT,
    ) -> None:
        self._neighbour = http.neighbour(
            kind=kind,
            name=name,
            base_url=base_url,
            headers={"X-Plex-Token": token, "Accept": "application/json"},
            timeout=timeout,
            secrets=(token,),
            verify_ssl=verify_ssl,
        )

    async def send(
        self,
        path: str,
        *,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        passing: Collection[int] = (),
    ) -> Answer:
        """Sends a request whose answer has no content of interest.

        :raises UnexpectedPayload: a page came; Plex answers 200 with HTML while it is still starting.
        """
        answer = await self._neighbour.request(method, path, params=params, passing=passing)
        if answer.status < 300 and answer.is_page:
            raise self.unexpected("answered with a page; it may still be starting")
        return answer

    async def container(self, path: str, *, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Returns the ``MediaContainer`` of an answer.

        :raises UnexpectedPayload: there is none.
        """
        return container(await self.send(path, params=params))

    def unexpected(self, reason: str) -> UnexpectedPayload:
        """An error that says why an answer of this server cannot be used."""
        return self._neighbour.unexpected(reason)
