"""The running program: adapters open, loops turning, HTTP answered, and an orderly end."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from earshelf.config.container import Container
from earshelf.domain.access import Credential
from earshelf.domain.errors import ConfigurationError
from earshelf.entrypoints.accesslog import AccessLogger
from earshelf.entrypoints.app import create_app
from earshelf.entrypoints.loops import Charge

_log = logging.getLogger(__name__)
_DRAIN_SECONDS = 3.0
_SHUTDOWN_SECONDS = 2.0
# Docker kills after ten seconds; whatever runs then is cut short, which every activity survives
_LAST_RESORT_SECONDS = 8.5


@asynccontextmanager
async def running(container: Container) -> AsyncIterator[str]:
    """Runs everything and yields the base URL that answers; leaving ends it in order."""
    settings = container.settings()
    async with container.opened():
        await announce_credentials(container)
        runner = web.AppRunner(
            create_app(container),
            access_log_class=AccessLogger,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await runner.setup()
        try:
            charge = Charge(container)
            turning = asyncio.create_task(charge.take())
            try:
                await charge.until_safe()
                port = await _listen(runner, settings.host, settings.port)
                yield f"http://{_spelled(settings.host)}:{port}{settings.url_base}"
            finally:
                await _stop(turning, container)
        finally:
            await runner.cleanup()


async def serve(container: Container, *, on_ready: Callable[[str], None]) -> None:
    """Runs until SIGTERM or SIGINT; ``on_ready`` is told the base URL once requests are answered."""
    stop = stop_signal()
    async with running(container) as url:
        on_ready(url)
        await stop.wait()
        _log.info("Stopping")
        asyncio.get_running_loop().call_later(_LAST_RESORT_SECONDS, _cut_short)


def stop_signal() -> asyncio.Event:
    """Returns what SIGTERM and SIGINT set from now on, instead of ending the program at once."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def announce_credentials(container: Container) -> None:
    """Makes the credentials at first run; a generated operator token is told once, a fixed one never."""
    authenticating = container.authenticating()
    async with container.storage().unit() as unit:
        is_first_run = await unit.credentials.get(Credential.OPERATOR_TOKEN) is None
    await authenticating.current(Credential.API_KEY)
    token = await authenticating.current(Credential.OPERATOR_TOKEN)
    if is_first_run and not authenticating.is_fixed(Credential.OPERATOR_TOKEN):
        print_once(f"Operator token (shown once; `earshelf token` prints it again): {token}")


def print_once(line: str) -> None:
    """Writes past the log's redaction, which would mask exactly what the owner has to see."""
    os.write(2, f"{line}\n".encode())


async def _listen(runner: web.AppRunner, host: str, port: int) -> int:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as problem:
        raise ConfigurationError(f"Cannot listen on {host} port {port}: {problem.strerror}") from problem
    return int(runner.addresses[0][1])


async def _stop(turning: asyncio.Task[None], container: Container) -> None:
    refreshing = container.refreshing()
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await refreshing.flush()
    except TimeoutError:
        refreshing.drop()
    turning.cancel()
    await asyncio.gather(turning, return_exceptions=True)


def _cut_short() -> None:
    _log.warning("Something does not end; stopping without it")
    logging.shutdown()
    os._exit(0)


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host
