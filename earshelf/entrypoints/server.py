"""The running program: adapters open, loops turning, HTTP answered, and an orderly end."""

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from earshelf.config.container import Container
from earshelf.config.logging import never_log
from earshelf.domain.access import Credential
from earshelf.domain.errors import ConfigurationError
from earshelf.entrypoints.accesslog import AccessLogger
from earshelf.entrypoints.app import create_app
from earshelf.entrypoints.listening import Runner
from earshelf.entrypoints.loops import Charge

_log = logging.getLogger(__name__)
_DRAIN_SECONDS = 3.0
# a page of a list makes hundreds of objects and a sync holds tens of thousands, none of them in a cycle
_COLLECTOR_PACE = (50_000, 10, 10)
_SHUTDOWN_SECONDS = 2.0
# Docker kills after ten seconds; whatever runs then is cut short, which every activity survives
_LAST_RESORT_SECONDS = 8.5


@asynccontextmanager
async def running(container: Container) -> AsyncIterator[str]:
    """Runs everything and yields the base URL that answers; leaving ends it in order.

    Nothing is touched before it is sure that nobody else serves these records.

    :raises ConfigurationError: another process serves them, or the address is taken.
    :raises SecretUnreadable: the key is not the one that the records' secrets need.
    """
    settings = container.settings()
    async with container.leadership().presence(), container.opened():
        await container.safekeeping().require_key()
        await announce_credentials(container)
        runner = Runner(
            create_app(container),
            access_log_class=AccessLogger,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await runner.setup()
        try:
            address = _bound(settings.host, settings.port)
            charge = Charge(container)
            turning = asyncio.create_task(charge.take())
            try:
                await charge.until_safe()
                await web.SockSite(runner, address).start()
                yield f"http://{_spelled(settings.host)}:{address.getsockname()[1]}{settings.url_base}"
            finally:
                await _stop(turning, container)
        finally:
            await runner.cleanup()


async def serve(container: Container, *, on_ready: Callable[[str], None]) -> None:
    """Runs until SIGTERM or SIGINT; ``on_ready`` is told the base URL once requests are answered."""
    stop = stop_signal()
    serving = asyncio.create_task(_serve_until(stop, container, on_ready))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        _log.info("Stopping")
        asyncio.get_running_loop().call_later(_LAST_RESORT_SECONDS, _cut_short)
    stopping.cancel()
    await serving


async def _serve_until(stop: asyncio.Event, container: Container, on_ready: Callable[[str], None]) -> None:
    async with running(container) as url:
        _spare_collector()
        on_ready(url)
        await stop.wait()


def stop_signal() -> asyncio.Event:
    """Returns what SIGTERM and SIGINT set from now on, instead of ending the program at once."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def announce_credentials(container: Container) -> None:
    """Makes the credentials at first run; a generated operator token is told once, a fixed one never.

    :raises SecretUnreadable: they do not open with this installation's key.
    """
    authenticating = container.authenticating()
    is_first_run = not await authenticating.is_made(Credential.OPERATOR_TOKEN)
    key = await authenticating.current(Credential.API_KEY)
    token = await authenticating.current(Credential.OPERATOR_TOKEN)
    never_log(key, token)
    if is_first_run:
        print_once(f"Operator token (shown once; `earshelf token` prints it again): {token}")


def print_once(line: str) -> None:
    """Writes past the log's redaction, which would mask exactly what the owner has to see."""
    os.write(2, f"{line}\n".encode())


def _bound(host: str, port: int) -> socket.socket:
    """Takes the address before anything else is done; it answers only once it is listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as problem:
        listener.close()
        why = os.strerror(problem.errno) if problem.errno and problem.errno > 0 else problem.strerror
        raise ConfigurationError(f"Cannot listen on {host} port {port}: {why}") from problem
    return listener


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


def _spare_collector() -> None:
    """Keeps the collector of cycles from looking again and again through what lives as long as the server."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR_PACE)


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host
