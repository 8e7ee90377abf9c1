"""Films with damaged bytes: whatever a head or an index claims, a film is served or refused, soon and within bounds."""

import random
from pathlib import Path

import pytest

from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import PreviewSettings
from tests.unit.libav.sampled import numbers
from tests.videos.clocks import Clock, written

ROUNDS = 150
HOSTILE = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0", b"\xff\xff\xff\xfe")
HEAD = 2500


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Puts hostile numbers, bits and holes into a film, most of them into its head and its tail, where indexes lie."""
    raw = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        at = chance.choice([chance.randrange(min(HEAD, len(raw))), chance.randrange(len(raw)), len(raw) - 600])
        match chance.randrange(3):
            case 0:
                raw[at : at + 4] = chance.choice(HOSTILE)
            case 1:
                raw[at] ^= 1 << chance.randrange(8)
            case _:
                del raw[at : at + chance.randint(1, 9)]
    return bytes(raw)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts", "avi"])
async def test_damage_leads_to_pictures_or_to_a_reason(source: LibavFrameSource, tmp_path: Path, ending: str) -> None:
    whole = written(tmp_path / f"clock.{ending}", Clock(2, gop=12)).read_bytes()
    chance = random.Random(f"damage {ending}")
    for number in range(ROUNDS):
        film = tmp_path / f"{number}.{ending}"
        film.write_bytes(damaged(whole, chance))
        outcome = await given(source, film, 1)
        assert isinstance(outcome, list) or str(film) in outcome
        assert outcome
        assert "the decoder" not in outcome


@pytest.mark.parametrize("claimed", [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x10\0\0\0"])
@pytest.mark.parametrize("table", [b"stts", b"stss", b"stsz", b"stco", b"stsc", b"ctts", b"elst"])
async def test_tables_of_huge_counts_are_bounded(
    source: LibavFrameSource, films: Path, tmp_path: Path, table: bytes, claimed: bytes
) -> None:
    raw = bytearray((films / "clock.mp4").read_bytes())
    at = raw.index(table) + (12 if table == b"stsz" else 8)
    raw[at : at + 4] = claimed
    (tmp_path / "film.mp4").write_bytes(raw)
    outcome = await given(source, tmp_path / "film.mp4", 2)
    assert isinstance(outcome, str) or len(outcome) == 3
    assert "the decoder" not in outcome


async def given(source: LibavFrameSource, film: Path, interval: int) -> list[int] | str:
    """Returns a film's pictures, or why there are none."""
    try:
        return await numbers(source, film, PreviewSettings(interval=interval))
    except VideoUnusable as refused:
        return str(refused)
