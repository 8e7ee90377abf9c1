"""The bar for people who watch."""

import pytest

from earshelf.entrypoints.progress import ProgressBar, bar


@pytest.mark.parametrize("columns", [0, 1, 10, 40, 80, 300])
@pytest.mark.parametrize(("finished", "parts"), [(0, 0.0), (3, 0.5), (12, 0.0), (12, 0.9)])
def test_the_bar_never_fills_the_line(columns: int, finished: int, parts: float) -> None:
    assert len(bar(finished, parts, 12, columns)) <= max(0, columns - 1)


def test_the_bar_tells_share_and_count() -> None:
    assert bar(1, 0.5, 3, 80) == f"[{'#' * 20}{'.' * 20}]  50 %  1 of 3 videos"


def test_nothing_is_drawn_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    progress = ProgressBar(2)
    progress.advance("film.mkv", 0.5)
    progress.draw()
    progress.clear()
    assert capfd.readouterr() == ("", "")
