"""A PostgreSQL of its own for the benchmarks: the one that the test extra brings."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.databases.postgres import PostgresServer

_STOP_SECONDS = 60


@asynccontextmanager
async def a_database() -> AsyncIterator[str]:
    """Starts a server and yields the URL of an empty database."""
    command = [sys.executable, "-m", "tests.databases.holder"]
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else goes on meanwhile
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            async with PostgresServer(**json.loads(holder.stdout.readline())).fresh_database(empty=True) as dsn:
                yield dsn
        finally:
            holder.stdin.close()
            holder.wait(_STOP_SECONDS)
