"""Runs schemathesis against both surfaces of the real program: ``python -m tests.fuzzing.schemathesis_run [surface]``.

The program has a library, neighbours and downloads, all simulated on loopback, and runs inside fences: what a generator
makes up is never contacted and never written to. The seed is fixed, so that a finding can be found again.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from earshelf.config.silence import silent_mp3
from earshelf.entrypoints.demo.transmission import TransmissionSimulator
from tests.fuzzing import guarded, hooks
from tests.journeys.clients import payload
from tests.journeys.daemons import Daemon
from tests.journeys.house import API_KEY, TOKEN, House, house

RELEASE = "Imogen Ashdown - The Lantern Keeper (Unabridged)"
_SURFACES = {"v1": ("/api/v1", f"X-Api-Key: {API_KEY}"), "operator": ("/api", f"X-Auth-Token: {TOKEN}")}
_CONFIG = Path(__file__).with_name("schemathesis.toml")
_ROOT = Path(__file__).parents[2]
# reserved for documentation: nobody is there, and the fences must say so before anybody is asked
_FOREIGN = "http://192.0.2.1:8096"
_FAILED_DOWNLOADS = 30
_SEED = 20260622
_LIMIT_SECONDS = 180
_LOG_TAIL = 6_000
_USER, _PASSWORD = "librarian", "open sesame"


async def main(names: list[str]) -> int:
    """Runs the named surfaces, both where none is named; returns how many of them had findings."""
    findings = 0
    for name in names or list(_SURFACES):
        with tempfile.TemporaryDirectory(prefix="earshelf-fuzzing-") as folder:
            findings += not await _holds(name, Path(folder).resolve())
    return findings


async def _holds(name: str, folder: Path) -> bool:
    async with furnished(folder) as built:
        code = await _schemathesis(name, built)
        ended = built.process is None or built.process.returncode is not None
        if code or ended:
            _tell(f"--- {name}: schemathesis ended with {code}; the program's last words:\n{built.log[-_LOG_TAIL:]}")
        return not code and not ended


@asynccontextmanager
async def furnished(folder: Path) -> AsyncIterator[House]:
    """Starts the program and gives it books, neighbours and a download."""
    book, downloads = payload(RELEASE), folder / "downloads"
    downloads.mkdir()
    simulator = TransmissionSimulator(downloads, {RELEASE: book.files}, username=_USER, password=_PASSWORD)
    options = {"EARSHELF_PROVIDER_GAP_MS": "0", "PYTHONPATH": str(_ROOT), "LOG_LEVEL": "INFO"}
    async with simulator, house(folder, {RELEASE: book}, module=guarded.__name__, **options) as built:
        await built.configure(Daemon(simulator.url, _USER, _PASSWORD, 0, downloads, "3.00", 0), "transmission")
        await _require_fences(built)
        await _adopt(built, "Swordheart", position=None)
        await _adopt(built, "The Salt Road", position=1.5)
        book_id, download_id = await built.grabbed()
        for _ in range(_FAILED_DOWNLOADS):
            await built.operator("POST", f"/downloads/{download_id}/cancel")
            download_id = (await built.operator("POST", f"/downloads/{download_id}/retry"))["id"]

        async def is_imported() -> bool:
            return await built.status_of(book_id) == "imported"

        await built.until(is_imported, "the book is imported")
        yield built


async def _adopt(built: House, title: str, *, position: float | None) -> None:
    path = built.library / "Imogen Ashdown" / title
    path.mkdir(parents=True, exist_ok=True)
    (path / f"{title}.mp3").write_bytes(silent_mp3(2.0, title=title, artist="Imogen Ashdown", album=title))
    metadata = {"title": title, "authors": ["Imogen Ashdown"], "narrators": ["Piers Holloway", "Ada Quill"]}
    series = {} if position is None else {"series": {"name": "Saltmarsh Stories", "position": position}}
    item = {"path": str(path), "mode": "adopt", "metadata": metadata | series}
    await built.operator("POST", "/library/imports", status=202, json={"items": [item]})


async def _require_fences(built: House) -> None:
    settings = {"server_url": _FOREIGN, "api_key": "a key", "library_id": "1"}
    draft = {"name": "Far away", "type": "audiobookshelf", "settings": settings}
    trial = await built.operator("POST", "/connectors/test", json=draft)
    if trial["success"] or f"{guarded.REFUSAL} '192.0.2.1'" not in built.log:
        raise RuntimeError(f"the fences let {_FOREIGN} through: {trial}\n{built.log}")


async def _known(built: House) -> dict[str, str]:
    downloads = await built.operator("GET", "/downloads")
    return {hooks.LIBRARY: str(built.library), hooks.DOWNLOADS: " ".join(row["id"] for row in downloads["data"])}


async def _schemathesis(name: str, built: House) -> int:
    prefix, credential = _SURFACES[name]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIG), "--no-color", "run"),
        *("--header", credential, "--url", built.url, f"{built.url}{prefix}/docs/json"),
        *("--seed", str(_SEED), "--phases", "examples,coverage,fuzzing,stateful"),
        cwd=_ROOT,
        env={**os.environ, **await _known(built), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            return await process.wait()
    except TimeoutError:
        _tell(f"--- {name}: not through after {_LIMIT_SECONDS} s")
        return 1
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
