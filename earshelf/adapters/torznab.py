"""Indexers that speak Torznab or Newznab, among them everything behind Prowlarr and Jackett."""

from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from earshelf.adapters.feeds import FeedError, FeedSource, NoFeed, parse_name, parse_offers, read_xml
from earshelf.adapters.http import Answer, HttpClient
from earshelf.domain.errors import IntegrationKind, Refused
from earshelf.domain.integrations import Integration
from earshelf.domain.releases import Protocol
from earshelf.ports.indexers import Offer

_TIMEOUT = 30.0
_MAX_BYTES = 8 * 1024 * 1024
_MOST_OFFERS = 100
# an error document says more than the status that came with it
_PASSING = frozenset(range(400, 600)) - {429}
_ParsedT = TypeVar("_ParsedT")


class Torznab:
    """A Torznab indexer as the owner configured it."""

    protocol: ClassVar[Protocol] = Protocol.TORRENT

    def __init__(self, integration: Integration, http: HttpClient, *, timeout: float = _TIMEOUT) -> None:
        self._integration = integration
        self._key = integration.secrets.get("api_key", "")
        self._source = FeedSource(integration.settings["url"], self.protocol, integration.id)
        self._neighbour = http.neighbour(
            kind=IntegrationKind.INDEXER,
            name=integration.name,
            base_url=integration.settings["url"],
            headers={"Accept": "application/rss+xml, application/xml, text/xml"},
            timeout=timeout,
            max_bytes=_MAX_BYTES,
            secrets=(self._key,),
        )

    async def search(self, query: str) -> list[Offer]:
        """Searches the configured categories by free text."""
        answer = await self._ask({"t": "search", "q": query, "limit": str(_MOST_OFFERS)})
        return self._parsed(answer, lambda body: parse_offers(body, self._source))

    async def check(self) -> str:
        """Asks for the abilities, and for one offer, because many indexers tell their abilities to anybody."""
        name = self._parsed(await self._ask({"t": "caps"}), parse_name)
        try:
            self._parsed(await self._ask({"t": "search", "limit": "1"}), read_xml)
        except Refused as refusal:
            # a search for nothing in particular is not allowed everywhere
            if refusal.status is not None and refusal.status >= 500:
                raise
        return name or self._integration.name

    async def _ask(self, function: Mapping[str, str]) -> Answer:
        categories = ",".join(str(number) for number in self._integration.settings.get("categories", ()))
        about_offers = {"cat": categories, "extended": "1"} if function["t"] == "search" else {}
        params = {**function, **about_offers, "apikey": self._key}
        given = {name: value for name, value in params.items() if value or name == "q"}
        return await self._neighbour.request("GET", "", params=given, passing=_PASSING)

    def _parsed(self, answer: Answer, parse: Callable[[bytes], _ParsedT]) -> _ParsedT:
        try:
            parsed = parse(answer.body)
        except FeedError as error:
            told = f"{error.description} (code {error.code})"
            if error.is_about_credentials:
                raise self._neighbour.rejected(f"{told}; check the API key") from None
            raise self._neighbour.refused(told, answer.status) from None
        except NoFeed:
            self._neighbour.require_success(answer)
            raise self._neighbour.unexpected("did not answer with a feed; check its address") from None
        self._neighbour.require_success(answer)
        return parsed


class Newznab(Torznab):
    """A Newznab indexer, the same conversation about usenet."""

    protocol = Protocol.USENET
