"""The contract of :class:`~earshelf.ports.downloads.DownloadClient`, for clients that take torrents.

Provide the fixtures ``client`` (configured well, and without any job), ``wrongly_keyed`` (the same with a wrong
password) and ``moment`` (waits as long as makes sense between two looks). The client must be able to finish
:data:`SEEDED`, whose files are :data:`FILES`, and must not find anybody who has :data:`LONELY`.
"""

from collections.abc import Awaitable, Callable
from random import Random

import pytest

from earshelf.domain.downloads import ClientStatus
from earshelf.domain.errors import CredentialsRejected, IntegrationKind, Refused
from earshelf.domain.torrents import Magnet, TorrentFile, make_torrent, read_magnet, read_torrent
from earshelf.ports.downloads import DownloadClient, DownloadItem

Moment = Callable[[], Awaitable[None]]

_ANNOUNCE = "http://127.0.0.1:1/announce"
_NAME = "Dora Example - The Söhne of Čapek [Unabridged]"
_LOOKS = 90
_UNKNOWN = "0123456789abcdef0123456789abcdef01234567"
_PARTS = [
    ("Part 01.mp3", Random(1).randbytes(100_000)),
    ("Disc 2/Part 02 – end.mp3", Random(2).randbytes(70_001)),
]

FILES = {f"{_NAME}/{path}": content for path, content in _PARTS}
SEEDED = read_torrent(make_torrent(_NAME, _PARTS, _ANNOUNCE, piece_length=32 * 1024))
LONELY = read_torrent(make_torrent("Nobody Has This.m4b", [("Nobody Has This.m4b", b"x" * 40_000)], _ANNOUNCE))
GARBAGE = TorrentFile(b"<html>You are not signed in</html>", "f" * 40, "A page", 34)


def as_magnet(torrent: TorrentFile) -> Magnet:
    """The same release as a magnet link that knows neither name nor trackers."""
    return read_magnet(f"magnet:?xt=urn:btih:{torrent.info_hash}")


async def looked_at(
    client: DownloadClient, reference: str, moment: Moment, *, until: Callable[[DownloadItem], bool]
) -> DownloadItem:
    """Looks at a job until it is as wished; every look on the way must be sound."""
    for _ in range(_LOOKS):
        item = (await client.items([reference])).get(reference)
        if item is not None:
            assert item.reference == reference
            assert 0 <= item.progress <= 1
            if until(item):
                return item
        await moment()
    pytest.fail(f"{reference} did not come that far within {_LOOKS} looks")


def _is_there(_: DownloadItem) -> bool:
    return True


def _is_complete(item: DownloadItem) -> bool:
    return item.status is ClientStatus.COMPLETED


class DownloadClientSuite:
    """What every torrent client promises."""

    async def test_a_torrent_file_goes_by_its_info_hash(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(SEEDED)
        assert reference == SEEDED.info_hash
        await looked_at(client, reference, moment, until=_is_there)

    async def test_a_magnet_link_goes_by_its_info_hash(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(as_magnet(SEEDED))
        assert reference == SEEDED.info_hash
        await looked_at(client, reference, moment, until=_is_there)

    async def test_what_the_client_has_already_is_adopted(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(LONELY)
        await looked_at(client, reference, moment, until=_is_there)
        assert await client.add(LONELY) == reference
        assert await client.add(as_magnet(LONELY)) == reference

    async def test_a_finished_download_says_where_its_files_lie(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(SEEDED)
        item = await looked_at(client, reference, moment, until=_is_complete)
        assert item.name == SEEDED.name
        assert item.progress == 1
        assert item.error is None
        assert item.output_path is not None
        assert item.output_path.endswith(f"/{SEEDED.name}")
        assert item.seconds_seeded is not None
        assert item.ratio is not None

    async def test_a_torrent_that_nobody_has_is_never_complete(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(LONELY)
        for _ in range(3):
            item = await looked_at(client, reference, moment, until=_is_there)
            assert item.status in {ClientStatus.QUEUED, ClientStatus.DOWNLOADING}
            assert item.progress < 1
            await moment()

    async def test_a_magnet_link_without_metadata_is_never_complete(
        self, client: DownloadClient, moment: Moment
    ) -> None:
        reference = await client.add(as_magnet(LONELY))
        for _ in range(3):
            item = await looked_at(client, reference, moment, until=_is_there)
            assert item.status in {ClientStatus.QUEUED, ClientStatus.DOWNLOADING}
            assert item.progress == 0
            assert item.output_path is None
            await moment()

    async def test_unknown_and_blank_references_are_absent(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(LONELY)
        await looked_at(client, reference, moment, until=_is_there)
        assert set(await client.items([_UNKNOWN, reference, "", " \t"])) == {reference}
        assert await client.items(["", " "]) == {}

    async def test_an_empty_wish_has_an_empty_answer(self, client: DownloadClient) -> None:
        assert await client.items([]) == {}

    async def test_the_answer_goes_by_the_reference_asked_for(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(LONELY)
        await looked_at(client, reference, moment, until=_is_there)
        assert set(await client.items([reference.upper(), reference])) == {reference.upper(), reference}

    async def test_a_removed_job_is_gone(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(LONELY)
        await looked_at(client, reference, moment, until=_is_there)
        await client.remove(reference, delete_data=True)
        assert await client.items([reference]) == {}

    async def test_the_removal_of_an_unknown_job_is_no_error(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(LONELY)
        await looked_at(client, reference, moment, until=_is_there)
        await client.remove(_UNKNOWN, delete_data=True)
        assert set(await client.items([reference])) == {reference}

    async def test_a_blank_reference_removes_nothing(self, client: DownloadClient, moment: Moment) -> None:
        reference = await client.add(LONELY)
        await looked_at(client, reference, moment, until=_is_there)
        await client.remove("", delete_data=True)
        await client.remove("  ", delete_data=True)
        assert set(await client.items([reference])) == {reference}

    async def test_what_is_no_torrent_is_refused(self, client: DownloadClient) -> None:
        with pytest.raises(Refused) as caught:
            await client.add(GARBAGE)
        assert caught.value.kind is IntegrationKind.DOWNLOAD_CLIENT

    async def test_a_check_gives_the_version(self, client: DownloadClient) -> None:
        assert (await client.check())[0].isdigit()

    async def test_a_wrong_password_is_told_as_one(self, wrongly_keyed: DownloadClient) -> None:
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.check()
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.add(SEEDED)
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.items([SEEDED.info_hash])
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.remove(SEEDED.info_hash, delete_data=False)
