"""Records the cassettes of the download clients anew: ``python -m tests.contract.record``.

Needs transmission-daemon, qbittorrent-nox and libtorrent. The tests that play cassettes run once against the real
daemons, each started for one test alone on loopback; only if all of them pass are the cassettes replaced.
"""

import json
import platform
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.recordings import CASSETTES, FOLDER, PASSWORD, RECORDER, URL, USERNAME, Conversation, recording
from tests.contract.suites.download_clients import FILES, SEEDED
from tests.journeys.daemons import Daemon, qbittorrent, transmission
from tests.journeys.seeding import seeding

COMMAND = "python -m tests.contract.record"
_DAEMONS: dict[str, Callable[..., AbstractAsyncContextManager[Daemon]]] = {
    "transmission": transmission,
    "qbittorrent": qbittorrent,
}
# this module had to import the suite before the tests could
_OPTIONS = ("-k", "Recorded", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
_TESTS = Path(__file__).with_name("test_download_clients.py")


class Recorder:
    """Stands in for the player while the cassettes are made; finished ones wait in ``staging``."""

    def __init__(self, staging: Path) -> None:
        self._staging = staging
        self.versions: dict[str, str] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Makes the recorder known to the tests."""
        config.stash[RECORDER] = self

    @asynccontextmanager
    async def taping(self, product: str, name: str, folder: Path) -> AsyncIterator[Conversation]:
        """Runs the daemon and a peer that has the book, and records what is said."""
        _write_files(folder / "seed")
        password = secrets.token_urlsafe(18)
        async with (
            _DAEMONS[product](folder, username=USERNAME, password=password) as daemon,
            seeding(SEEDED.data, folder / "seed", peer_port=daemon.peer_port),
        ):
            self.versions[product] = daemon.version
            replacements = {password: PASSWORD, daemon.url: URL, str(folder): FOLDER}
            with recording(self._staging / product / f"{name}.yaml", replacements):
                yield Conversation(daemon.url, USERNAME, password, seconds_between_looks=1)


def _write_files(folder: Path) -> None:
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _replace(staging: Path, product: str, version: str) -> None:
    provenance = {
        "product": product,
        "version": version,
        "recorded_on": datetime.now(UTC).date().isoformat(),
        "system": platform.system(),
        "command": COMMAND,
    }
    (staging / product / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(CASSETTES / product, ignore_errors=True)
    shutil.copytree(staging / product, CASSETTES / product)


def main() -> int:
    """Records everything, and replaces the cassettes if that went well."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder) / "cassettes")
        result = pytest.main([str(_TESTS), *_OPTIONS, f"--basetemp={folder}/tests"], plugins=[recorder])
        if result != pytest.ExitCode.OK or set(recorder.versions) != set(_DAEMONS):
            return 1
        for product, version in recorder.versions.items():
            _replace(Path(folder) / "cassettes", product, version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
