"""A PostgreSQL that goes away under a serving house and comes back."""

from pathlib import Path
from urllib.parse import urlsplit

from tests.api.house import House, open_house
from tests.databases.holder import run
from tests.databases.postgres import PostgresServer

CHANGE = {"search": {"interval_minutes": 9}}


async def test_both_surfaces_answer_503_while_the_database_is_away_and_go_on_when_it_is_back(
    postgres_server: PostgresServer, postgres_dsn: str, tmp_path: Path
) -> None:
    name = urlsplit(postgres_dsn).path.strip("/")
    async with open_house(postgres_dsn, tmp_path) as house:
        book = await house.shelve()
        await run(
            postgres_server.dsn,
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        await refusing(house, book.id)
        await run(postgres_server.dsn, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert (await house.v1("GET", f"/books/{book.id}")).status == 200
        assert (await house.op("GET", "/settings")).status == 200
        assert (await house.op("POST", "/settings", CHANGE)).status == 200


async def refusing(house: House, book_id: str) -> None:
    public = {"error": {"code": "STORAGE_UNAVAILABLE", "message": "The database does not answer"}}
    for method, path in (("GET", "/books"), ("GET", f"/books/{book_id}"), ("POST", f"/books/{book_id}/search")):
        reply = await house.v1(method, path)
        assert (reply.status, reply.body) == (503, public)
    reads = [await house.op("GET", path) for path in ("/downloads", "/settings", f"/books/{book_id}")]
    for reply in (*reads, await house.op("POST", "/settings", CHANGE)):
        assert (reply.status, reply.code) == (503, "UNAVAILABLE")
    assert (await house.op("GET", "/health")).status == 200
