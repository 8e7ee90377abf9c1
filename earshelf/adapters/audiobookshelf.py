"""Audiobookshelf as a connector: one scan of one library for every batch."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from earshelf.adapters.http import Answer, HttpClient
from earshelf.domain.errors import IntegrationKind, TargetMissing
from earshelf.domain.integrations import Integration
from earshelf.domain.refreshes import LibraryChange
from earshelf.ports.connectors import RefreshReport, Target

_TIMEOUT = 15.0


class Audiobookshelf:
    """An Audiobookshelf server as the owner configured it."""

    def __init__(self, integration: Integration, http: HttpClient, *, timeout: float = _TIMEOUT) -> None:
        key = integration.secrets.get("api_key", "")
        self._library_id = str(integration.settings.get("library_id", ""))
        self._neighbour = http.neighbour(
            kind=IntegrationKind.CONNECTOR,
            name=integration.name,
            base_url=integration.settings["server_url"],
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=timeout,
            secrets=(key,),
        )

    async def targets(self) -> list[Target]:
        """Lists the libraries."""
        answer = await self._neighbour.request("GET", "/api/libraries")
        return parse_libraries(answer)

    async def check(self) -> None:
        """Lists the libraries and looks for the configured one."""
        libraries = await self.targets()
        if all(library.id != self._library_id for library in libraries):
            there = ", ".join(f"{library.name} ({library.id})" for library in libraries) or "none"
            raise self._missing(f"the configured library was not found on the server; it has: {there}")

    async def refresh(self, changes: Sequence[LibraryChange]) -> RefreshReport:
        """Asks for a scan, which the server answers at once and goes on with by itself."""
        if not changes:
            return RefreshReport()
        path = f"/api/libraries/{quote(self._library_id, safe='')}/scan"
        answer = await self._neighbour.request("POST", path, json={}, passing={404})
        if answer.status == 404:
            raise self._missing("the library was not found; choose another one in the connector's settings")
        if answer.is_page:
            raise self._neighbour.unexpected("answered a scan with a page; check its address")
        return RefreshReport(whole_library=True)

    def _missing(self, reason: str) -> TargetMissing:
        return TargetMissing(IntegrationKind.CONNECTOR, self._neighbour.name, reason, 404)


def parse_libraries(answer: Answer) -> list[Target]:
    """Reads the list of libraries; one without a name goes by its id."""
    libraries = answer.mapping().get("libraries")
    if not isinstance(libraries, list):
        raise answer.neighbour.unexpected("answered without a list of libraries; check its address")
    return [_target(library) for library in libraries if isinstance(library, dict) and library.get("id")]


def _target(library: Mapping[str, Any]) -> Target:
    return Target(id=str(library["id"]), name=str(library.get("name") or library["id"]))
