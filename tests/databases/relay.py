"""A way to a PostgreSQL that can be held up, as a server that hangs or a network that swallows everything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit, urlunsplit

_DEFAULT_PORT = 5432
_PORTION = 1 << 16


class Relay:
    """Passes on what either side says while ``open`` is set; ``dsn`` leads through it."""

    def __init__(self, dsn: str) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.dsn = dsn
        self._target = urlsplit(dsn)
        self._passing: set[asyncio.Task[None]] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Takes a caller and connects it with the server."""
        theirs, ours = await self._connected()
        for source, sink in ((reader, ours), (theirs, writer)):
            task = asyncio.create_task(self._pass_on(source, sink))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def close(self) -> None:
        """Lets go of everybody."""
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = self._target.port or _DEFAULT_PORT
        if self._target.hostname:
            return await asyncio.open_connection(self._target.hostname, port)
        (folder,) = parse_qs(self._target.query)["host"]
        return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while said := await source.read(_PORTION):
                    await self.open.wait()
                    sink.write(said)
                    await sink.drain()
        finally:
            sink.close()


@asynccontextmanager
async def relayed(dsn: str) -> AsyncIterator[Relay]:
    """Opens a way to the server that a URL names."""
    relay = Relay(dsn)
    parts = urlsplit(dsn)
    async with await asyncio.start_server(relay.answer, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        user = parts.netloc.rpartition("@")[0]
        relay.dsn = urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{port}", query="sslmode=disable"))
        try:
            yield relay
        finally:
            await relay.close()
