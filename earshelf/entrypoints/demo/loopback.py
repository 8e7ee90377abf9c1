"""Where every simulator lives: a small HTTP server that only this machine can reach."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from aiohttp import web


class Loopback:
    """Serves routes on 127.0.0.1 while it is open; port 0 takes any that is free. Every simulator is one."""

    def __init__(self, routes: Iterable[web.RouteDef], *, port: int = 0) -> None:
        self._routes = tuple(routes)
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        if self._runner is None:
            raise RuntimeError("the simulator is not open")
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(self._routes)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
