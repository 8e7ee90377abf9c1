"""Real download clients, each private to one test: own folder, own ports, loopback only, gone afterwards."""

import asyncio
import fcntl
import hashlib
import json
import os
import random
import shutil
import socket
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import aiohttp
import pytest

# below what the kernel hands out by itself: polling a closed port in that range may connect to itself and keep it
_PORTS = range(20_000, 32_000)
_START_LIMIT = 20.0
_STOP_LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running client. ``url`` is what an owner would type; ``download_dir`` is where finished files lie."""

    url: str
    username: str
    password: str
    peer_port: int
    download_dir: Path
    version: str
    pid: int


def required(program: str, *, package: str | None = None) -> str:
    """Finds a program, or skips the test and says what to install; where CI is true, its absence is a failure."""
    found = shutil.which(program)
    if found is None:
        absent(f"{program} is not installed; run: apt-get install {package or program}")
    return found


def absent(what: str) -> NoReturn:
    """Skips visibly for want of something to install; fails instead where the variable CI is true."""
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@contextmanager
def claimed_port() -> Iterator[int]:
    """Yields a free port of loopback that no other test process claims at the same time."""
    claims = Path(tempfile.gettempdir()) / f"earshelf-test-ports-{os.getuid()}"
    claims.mkdir(exist_ok=True)
    for port in random.sample(_PORTS, len(_PORTS)):
        with (claims / str(port)).open("w") as claim:
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if _is_free(port):
                yield port
                return
    pytest.fail("no free port below 32000")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


@asynccontextmanager
async def transmission(
    folder: Path, *, username: str = "librarian", password: str = "open sésame: 7"
) -> AsyncIterator[Daemon]:
    """Runs transmission-daemon with a private configuration below ``folder``."""
    program = required("transmission-daemon")
    home, downloads = _folders(folder, "transmission")
    with claimed_port() as port, claimed_port() as peer_port:
        settings = _transmission_settings(port, peer_port, downloads, username, password)
        (home / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        command = (program, "--foreground", "--config-dir", str(home))
        async with _running(command, home) as process:
            url = f"http://127.0.0.1:{port}"
            await _until_answered(process, home, f"{url}/transmission/rpc", {401, 409})
            version = (await _output(program, "--version")).split()[1]
            yield Daemon(url, username, password, peer_port, downloads, version, process.pid)


def _transmission_settings(
    port: int, peer_port: int, downloads: Path, username: str, password: str
) -> Mapping[str, Any]:
    return {
        "rpc-enabled": True,
        "rpc-bind-address": "127.0.0.1",
        "rpc-port": port,
        "rpc-authentication-required": True,
        "rpc-username": username,
        "rpc-password": password,
        "bind-address-ipv4": "127.0.0.1",
        "bind-address-ipv6": "::1",
        "peer-port": peer_port,
        "peer-port-random-on-start": False,
        "port-forwarding-enabled": False,
        "dht-enabled": False,
        "lpd-enabled": False,
        "pex-enabled": False,
        "utp-enabled": False,
        "blocklist-enabled": False,
        "incomplete-dir-enabled": False,
        "download-dir": str(downloads),
        "watch-dir-enabled": False,
        "script-torrent-done-enabled": False,
    }


@asynccontextmanager
async def qbittorrent(
    folder: Path, *, username: str = "librarian", password: str = "open sésame: 7"
) -> AsyncIterator[Daemon]:
    """Runs qbittorrent-nox with a private profile below ``folder``."""
    program = required("qbittorrent-nox")
    home, downloads = _folders(folder, "qbittorrent")
    configuration = home / "qBittorrent" / "config" / "qBittorrent.conf"
    configuration.parent.mkdir(parents=True)
    with claimed_port() as port, claimed_port() as peer_port:
        text = _qbittorrent_settings(port, peer_port, downloads, username, password)
        configuration.write_text(text, encoding="utf-8")
        async with _running((program, f"--profile={home}"), home) as process:
            url = f"http://127.0.0.1:{port}"
            await _until_answered(process, home, f"{url}/api/v2/app/version", {200, 403})
            version = await _output(program, "--version")
            yield Daemon(url, username, password, peer_port, downloads, version.rpartition("v")[2], process.pid)


def _qbittorrent_settings(port: int, peer_port: int, downloads: Path, username: str, password: str) -> str:
    salt = b"sixteen bytes 00"
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 100_000, 64)
    secret = f"@ByteArray({b64encode(salt).decode()}:{b64encode(digest).decode()})"
    return f"""[LegalNotice]
Accepted=true
[BitTorrent]
Session\\DefaultSavePath={downloads}
Session\\Port={peer_port}
Session\\InterfaceAddress=127.0.0.1
Session\\BTProtocol=TCP
Session\\DHTEnabled=false
Session\\LSDEnabled=false
Session\\PeXEnabled=false
[Network]
PortForwardingEnabled=false
[Preferences]
WebUI\\Address=127.0.0.1
WebUI\\Port={port}
WebUI\\UseUPnP=false
WebUI\\Username={username}
WebUI\\Password_PBKDF2="{secret}"
"""


def _folders(folder: Path, name: str) -> tuple[Path, Path]:
    home, downloads = folder / name, folder / f"{name}-downloads"
    home.mkdir()
    downloads.mkdir()
    return home, downloads


@asynccontextmanager
async def _running(command: tuple[str, ...], home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    # a test process that is killed cannot clean up: the kernel then stops its daemon
    guard = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home)}
    with (home / "output.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *guard,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
        )
    try:
        yield process
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_LIMIT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _until_answered(process: asyncio.subprocess.Process, home: Path, url: str, statuses: Collection[int]) -> None:
    """Asks until the daemon answers as it should; gives up when it ends or takes too long."""
    log = home / "output.log"
    try:
        async with asyncio.timeout(_START_LIMIT), aiohttp.ClientSession() as session:
            while process.returncode is None:
                with suppress(aiohttp.ClientConnectionError):
                    async with session.get(url) as answer:
                        if answer.status in statuses:
                            return
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"{url} did not answer within {_START_LIMIT} s:\n{log.read_text()[-2000:]}")
    pytest.fail(f"the daemon ended with {process.returncode}:\n{log.read_text()[-2000:]}")


async def _output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return output.decode().strip()
