"""The contract of :class:`~earshelf.ports.indexers.ReleaseFetcher`.

Provide the fixtures ``fetcher``, ``torrent`` (the torrent as it should be read), ``torrent_url`` (where it lies, on a
private address), ``trusted`` (that address as ``host:port``) and ``page_url`` (a page on the same server).
"""

import pytest

from earshelf.domain.errors import ReleaseUnavailable
from earshelf.domain.releases import Protocol, Release
from earshelf.domain.torrents import Magnet, TorrentFile
from earshelf.ports.indexers import ReleaseFetcher, UsenetLink

INFO_HASH = "0123456789abcdef0123456789abcdef01234567"


def release(url: str, protocol: Protocol = Protocol.TORRENT) -> Release:
    """A release that lies at a URL."""
    return Release(download_url=url, title="The Lantern Keeper", protocol=protocol)


class ReleaseFetcherSuite:
    """What every fetcher promises."""

    async def test_a_torrent_is_fetched_and_read(
        self, fetcher: ReleaseFetcher, torrent: TorrentFile, torrent_url: str, trusted: str
    ) -> None:
        assert await fetcher.fetch(release(torrent_url), trusted_hosts={trusted}) == torrent

    async def test_a_magnet_link_needs_no_tracker(self, fetcher: ReleaseFetcher) -> None:
        uri = f"magnet:?xt=urn:btih:{INFO_HASH}&dn=Lantern"
        assert await fetcher.fetch(release(uri), trusted_hosts=()) == Magnet(uri, INFO_HASH, "Lantern")

    async def test_an_nzb_is_left_to_the_client(self, fetcher: ReleaseFetcher, torrent_url: str) -> None:
        wanted = release(torrent_url, Protocol.USENET)
        assert await fetcher.fetch(wanted, trusted_hosts=()) == UsenetLink(torrent_url)

    async def test_a_private_address_that_nobody_configured_is_never_contacted(
        self, fetcher: ReleaseFetcher, torrent_url: str
    ) -> None:
        with pytest.raises(ReleaseUnavailable, match="private"):
            await fetcher.fetch(release(torrent_url), trusted_hosts={"127.0.0.1:1"})

    async def test_a_page_is_no_torrent(self, fetcher: ReleaseFetcher, page_url: str, trusted: str) -> None:
        with pytest.raises(ReleaseUnavailable, match="page"):
            await fetcher.fetch(release(page_url), trusted_hosts={trusted})

    @pytest.mark.parametrize(
        "url",
        ["", "ftp://tracker.example/a", "magnet:?dn=nothing", "file:///etc/passwd", "http://", "javascript:alert(1)"],
    )
    @pytest.mark.parametrize("protocol", list(Protocol))
    async def test_other_links_are_refused(self, fetcher: ReleaseFetcher, url: str, protocol: Protocol) -> None:
        with pytest.raises(ReleaseUnavailable):
            await fetcher.fetch(release(url, protocol), trusted_hosts=())
