"""A simulated Torznab indexer with torrents of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

from earshelf.entrypoints.demo.loopback import Loopback

_NAMESPACE = "http://torznab.com/schemas/2015/feed"


@dataclass(frozen=True, slots=True)
class DemoRelease:
    """A torrent on offer; ``size`` counts the bytes that it stands for."""

    title: str
    torrent: bytes
    size: int
    info_hash: str
    seeders: int = 4
    grabs: int = 12
    language: str = "English"
    is_freeleech: bool = False


class IndexerSimulator(Loopback):
    """Answers ``caps``, ``search`` and downloads to whoever has ``credential`` as API key.

    ``searches`` and ``downloads`` record what was asked for.
    """

    def __init__(
        self,
        releases: Sequence[DemoRelease] = (),
        *,
        credential: str = "demo-indexer-key",
        title: str = "Saltmarsh Tracker",
        port: int = 0,
    ) -> None:
        self.releases = list(releases)
        self.credential = credential
        self.title = title
        self.searches: list[str] = []
        self.downloads: list[str] = []
        super().__init__(
            [web.get("/api", self._api), web.get(r"/download/{number:\d+}.torrent", self._download)], port=port
        )

    async def _api(self, request: web.Request) -> web.Response:
        if request.query.get("apikey") != self.credential:
            return _xml(_error(100, "Incorrect user credentials"))
        match request.query.get("t"):
            case "caps":
                return _xml(self._abilities())
            case "search":
                return _xml(self._feed(request.query.get("q", "")))
            case _:
                return _xml(_error(202, "No such function"))

    async def _download(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if request.query.get("apikey") != self.credential:
            return web.Response(status=401, text="Unauthorized")
        if number >= len(self.releases):
            return web.Response(status=404, text="Not found")
        self.downloads.append(self.releases[number].title)
        return web.Response(body=self.releases[number].torrent, content_type="application/x-bittorrent")

    def _abilities(self) -> Element:
        caps = Element("caps")
        SubElement(caps, "server", {"title": self.title, "version": "1.3"})
        SubElement(caps, "limits", {"max": "100", "default": "100"})
        searching = SubElement(caps, "searching")
        SubElement(searching, "search", {"available": "yes", "supportedParams": "q"})
        categories = SubElement(caps, "categories")
        audio = SubElement(categories, "category", {"id": "3000", "name": "Audio"})
        SubElement(audio, "subcat", {"id": "3030", "name": "Audiobook"})
        return caps

    def _feed(self, query: str) -> Element:
        self.searches.append(query)
        words = query.casefold().split()
        rss = Element("rss", {"version": "2.0"})
        channel = SubElement(rss, "channel")
        SubElement(channel, "title").text = self.title
        for number, release in enumerate(self.releases):
            if all(word in release.title.casefold() for word in words):
                self._item(channel, number, release)
        return rss

    def _item(self, channel: Element, number: int, release: DemoRelease) -> None:
        link = f"{self.url}/download/{number}.torrent?apikey={self.credential}"
        item = SubElement(channel, "item")
        SubElement(item, "title").text = release.title
        SubElement(item, "guid").text = f"saltmarsh-{number}"
        SubElement(item, "link").text = link
        SubElement(item, "pubDate").text = "Tue, 09 Mar 2021 08:00:00 +0000"
        SubElement(item, "enclosure", {"url": link, "length": str(release.size), "type": "application/x-bittorrent"})
        attributes = {
            "size": release.size,
            "seeders": release.seeders,
            "grabs": release.grabs,
            "language": release.language,
            "infohash": release.info_hash,
            "downloadvolumefactor": 0 if release.is_freeleech else 1,
        }
        for name, value in attributes.items():
            SubElement(item, f"{{{_NAMESPACE}}}attr", {"name": name, "value": str(value)})


def _error(code: int, description: str) -> Element:
    return Element("error", {"code": str(code), "description": description})


def _xml(document: Element) -> web.Response:
    body = tostring(document, encoding="utf-8", xml_declaration=True)
    return web.Response(body=body, content_type="application/xml")
