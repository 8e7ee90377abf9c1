"""Houses for the tests, one over each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.house import House, open_house


@pytest.fixture(params=["memory", "sqlite"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A house over a database of its own."""
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'library.db'}"
    async with open_house(url, tmp_path) as opened:
        yield opened
