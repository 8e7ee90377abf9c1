"""``python -m benchmarks``: prints what reading costs, at several library sizes and on both databases."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.reading import Figures, measure
from benchmarks.table import print_table
from earshelf.config.process import ProcessSettings


def main() -> int:
    """Parses the command line and runs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--books", default="1000,100000", help="library sizes, by comma; up to 1000000 is sensible")
    parser.add_argument("--databases", default="sqlite", help="sqlite, postgres or both by comma")
    parser.add_argument("--requests", type=int, default=300, help="requests per case, after a third as many to warm up")
    options = parser.parse_args()
    sizes = [int(size) for size in options.books.split(",")]
    asyncio.run(_run(options.databases.split(","), sizes, options.requests))
    return 0


async def _run(databases: list[str], sizes: list[int], requests: int) -> None:
    with tempfile.TemporaryDirectory(prefix="earshelf-bench-") as folder:
        figures: list[Figures] = []
        for database in databases:
            for size in sizes:
                print(f"measuring {database} with {size:,} books …", file=sys.stderr)
                place = Path(folder) / f"{database}-{size}"
                place.mkdir()
                figures.append(await _measured(database, place, size, requests))
                print(f"  loaded in {figures[-1].seconds_to_load:.1f} s", file=sys.stderr)
        print_table(figures)


async def _measured(database: str, place: Path, size: int, requests: int) -> Figures:
    if database == "sqlite":
        return await measure(ProcessSettings(config_dir=place), database, size, requests)
    # only this one needs the server that the test extra brings
    from benchmarks.postgres import a_database  # noqa: PLC0415

    async with a_database() as url:
        return await measure(ProcessSettings(config_dir=place, database_url=url), database, size, requests)


if __name__ == "__main__":
    sys.exit(main())
