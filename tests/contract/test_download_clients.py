"""Transmission and qBittorrent against a simulator, against recordings of the real ones, and in trouble."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import ClassVar

import pytest

from earshelf.adapters.http import HttpClient
from earshelf.adapters.qbittorrent import QBittorrent
from earshelf.adapters.transmission import Transmission
from earshelf.domain.errors import IntegrationKind
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.entrypoints.demo.transmission import TransmissionSimulator
from earshelf.ports.downloads import DownloadClient
from tests.contract.recordings import CASSETTES, PASSWORD, RECORDER, USERNAME, WRONG_PASSWORD, Conversation, playing
from tests.contract.scripted import neighbour_in
from tests.contract.suites.download_clients import FILES, SEEDED, DownloadClientSuite, Moment
from tests.contract.suites.troubles import Ask, Trouble, TroublesSuite

Client = Callable[[str], DownloadClient]


def configured(kind: str, url: str, *, password: str = PASSWORD, category: str = "audio books") -> Integration:
    """The row that an owner would have filled in."""
    return Integration(
        id=IntegrationId("dc_00000000000000000000000000"),
        role=IntegrationRole.DOWNLOAD_CLIENT,
        kind=kind,
        name="Seedbox",
        settings={"url": url, "username": USERNAME, "category": category},
        secrets={"password": password},
    )


class TestSimulatedTransmission(DownloadClientSuite):
    """The suite against the demo's simulator."""

    @pytest.fixture
    async def simulator(self, tmp_path: Path) -> AsyncIterator[TransmissionSimulator]:
        """A simulator that has the files of one torrent."""
        payloads = {SEEDED.info_hash: FILES}
        async with TransmissionSimulator(tmp_path, payloads, username=USERNAME, password=PASSWORD) as simulator:
            yield simulator

    @pytest.fixture
    def client(self, simulator: TransmissionSimulator, http: HttpClient) -> DownloadClient:
        """A client with the right password."""
        return Transmission(configured("transmission", simulator.url), http)

    @pytest.fixture
    def wrongly_keyed(self, simulator: TransmissionSimulator, http: HttpClient) -> DownloadClient:
        """A client with another."""
        return Transmission(configured("transmission", simulator.url, password=WRONG_PASSWORD), http)

    @pytest.fixture
    def moment(self) -> Moment:
        """The simulator moves on with every look."""
        return lambda: asyncio.sleep(0)

    async def test_the_files_lie_where_the_simulator_says(
        self, client: DownloadClient, tmp_path: Path, moment: Moment
    ) -> None:
        await self.test_a_finished_download_says_where_its_files_lie(client, moment)
        assert {path: (tmp_path / path).read_bytes() for path in FILES} == FILES

    async def test_the_category_becomes_a_label(self, client: DownloadClient, simulator: TransmissionSimulator) -> None:
        await client.add(SEEDED)
        assert simulator.labels(SEEDED.info_hash) == ["audio books"]


class RecordedSuite(DownloadClientSuite):
    """The suite against cassettes; ``python -m tests.contract.record`` makes them."""

    kind: ClassVar[str]
    adapter: ClassVar[type[Transmission | QBittorrent]]

    @pytest.fixture
    async def conversation(self, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Conversation]:
        """The cassette of this test, or the real program while it is recorded."""
        name = request.function.__name__
        recorder = request.config.stash.get(RECORDER, None)
        if recorder is not None:
            async with recorder.taping(self.kind, name, tmp_path) as conversation:
                yield conversation
        else:
            with playing(CASSETTES / self.kind / f"{name}.yaml") as conversation:
                yield conversation

    @pytest.fixture
    def client(self, conversation: Conversation, http: HttpClient) -> DownloadClient:
        """A client with the right password."""
        return self.adapter(configured(self.kind, conversation.url, password=conversation.password), http)

    @pytest.fixture
    def wrongly_keyed(self, conversation: Conversation, http: HttpClient) -> DownloadClient:
        """A client with another."""
        return self.adapter(configured(self.kind, conversation.url, password=WRONG_PASSWORD), http)

    @pytest.fixture
    def moment(self, conversation: Conversation) -> Moment:
        """A recording needs no time."""
        return lambda: asyncio.sleep(conversation.seconds_between_looks)


class TestRecordedTransmission(RecordedSuite):
    """Transmission as it was recorded."""

    kind = "transmission"
    adapter = Transmission


class TestRecordedQBittorrent(RecordedSuite):
    """qBittorrent as it was recorded."""

    kind = "qbittorrent"
    adapter = QBittorrent


class DownloadClientTroubles(TroublesSuite):
    """Every verb of a client, in every trouble."""

    kind = IntegrationKind.DOWNLOAD_CLIENT

    @pytest.fixture(params=["check", "items", "add", "remove"])
    def verb(self, request: pytest.FixtureRequest) -> Callable[[DownloadClient], Awaitable[object]]:
        """What the client is asked."""
        verbs: dict[str, Callable[[DownloadClient], Awaitable[object]]] = {
            "check": lambda client: client.check(),
            "items": lambda client: client.items([SEEDED.info_hash]),
            "add": lambda client: client.add(SEEDED),
            "remove": lambda client: client.remove(SEEDED.info_hash, delete_data=False),
        }
        return verbs[request.param]

    @pytest.fixture
    def secret(self) -> str:
        """The password that went along."""
        return PASSWORD


class TestTransmissionInTrouble(DownloadClientTroubles):
    """Transmission, or what answers in its place."""

    @pytest.fixture
    def ask(self, http: HttpClient, verb: Callable[[DownloadClient], Awaitable[object]]) -> Ask:
        """Asks a server in trouble."""

        async def ask(trouble: Trouble) -> object:
            async with neighbour_in(trouble) as url:
                return await verb(Transmission(configured("transmission", url), http, timeout=0.3))

        return ask


class TestQBittorrentInTrouble(DownloadClientTroubles):
    """qBittorrent, when nobody can sign in."""

    @pytest.fixture
    def ask(self, http: HttpClient, verb: Callable[[DownloadClient], Awaitable[object]]) -> Ask:
        """Asks a server in trouble."""

        async def ask(trouble: Trouble) -> object:
            async with neighbour_in(trouble) as url:
                return await verb(QBittorrent(configured("qbittorrent", url), http, timeout=0.3))

        return ask
