"""How a server spells the paths of prerolls."""

import pytest

from earshelf.domain.errors import Invalid
from earshelf.domain.paths import PathMapping
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.prerolls import PrerollMode, Prerolls
from tests.unit.viewing import HOME

SHARE = PathMapping("/srv/prerolls", r"\\nas\films")
NOWHERE = PathMapping("/srv/prerolls/private", "")


def spelled(*paths: str, rows: tuple[PathMapping, ...] = (SHARE, NOWHERE)) -> tuple[str, ...]:
    return PrerollMappings(HOME, rows).on_server(Prerolls(paths, PrerollMode.RANDOM)).paths


def test_without_rows_every_path_is_the_servers_own() -> None:
    assert spelled(r"D:\a.mp4", "/b//c.mp4", rows=()) == (r"D:\a.mp4", "/b//c.mp4")


def test_the_order_and_the_mode_stay() -> None:
    prerolls = Prerolls(("/srv/prerolls/b.mp4", "/other/a.mp4"), PrerollMode.RANDOM)
    found = PrerollMappings(HOME, (SHARE,)).on_server(prerolls)
    assert found == Prerolls((r"\\nas\films\b.mp4", "/other/a.mp4"), PrerollMode.RANDOM)


def test_what_the_server_does_not_have_is_left_out() -> None:
    assert spelled("/srv/prerolls/private/a.mp4", "/srv/prerolls/b.mp4") == (r"\\nas\films\b.mp4",)
    assert spelled("/srv/prerolls/private/a.mp4") == ()


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (r"D:\Films", r"D:\Films\x\b.mp4"),
        ("D:/Films", "D:/Films/x/b.mp4"),
        ("D:\\", r"D:\x\b.mp4"),
        ("/f", "/f/x/b.mp4"),
    ],
)
def test_paths_are_spelled_with_the_slashes_of_the_target(target: str, path: str) -> None:
    assert spelled("/srv/prerolls/x/b.mp4", rows=(PathMapping("/srv/prerolls", target),)) == (path,)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (PathMapping(" ", "/a"), "rows.0.source"),
        (PathMapping("/a", "/b;c"), "rows.0.target"),
        (PathMapping("/a", "/b,c"), "rows.0.target"),
        (PathMapping("/a", "/b\n"), "rows.0.target"),
    ],
)
def test_a_row_that_would_break_the_text_is_refused_by_field(row: PathMapping, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        PrerollMappings(HOME, (row,))
    assert set(caught.value.fields) == {field}
