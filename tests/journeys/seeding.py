"""A peer that has the files and dials the client under test; nobody else takes part."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.journeys.daemons import absent, claimed_port


@asynccontextmanager
async def seeding(torrent: bytes, folder: Path, *, peer_port: int) -> AsyncIterator[None]:
    """Seeds the torrent, whose files lie in ``folder``, to the client that listens on ``peer_port`` of loopback.

    The client may learn of the torrent later: it is dialled again until it takes the call.
    """
    library = _library()
    with claimed_port() as port:
        session = library.session(_settings(port))
        handle = session.add_torrent(_seed(library, torrent, folder))
        dialling = asyncio.create_task(_dial(handle, ("127.0.0.1", peer_port)))
        try:
            yield
        finally:
            dialling.cancel()
            with suppress(asyncio.CancelledError):
                await dialling
            session.remove_torrent(handle)


def _library() -> Any:
    try:
        return importlib.import_module("libtorrent")
    except ImportError:
        absent("libtorrent is not installed; run: pip install 'earshelf[test]'")


def _settings(port: int) -> dict[str, Any]:
    return {
        "listen_interfaces": f"127.0.0.1:{port}",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "allow_multiple_connections_per_ip": True,
        "min_reconnect_time": 1,
        "max_failcount": 10_000,
    }


def _seed(library: Any, torrent: bytes, folder: Path) -> Any:
    seed = library.add_torrent_params()
    seed.ti = library.torrent_info(library.bdecode(torrent))
    seed.save_path = str(folder)
    seed.flags |= library.torrent_flags.seed_mode
    seed.flags &= ~library.torrent_flags.auto_managed
    seed.flags &= ~library.torrent_flags.paused
    return seed


async def _dial(handle: Any, peer: tuple[str, int]) -> None:
    while True:
        if handle.status().num_peers == 0:
            handle.connect_peer(peer)
        await asyncio.sleep(0.2)
