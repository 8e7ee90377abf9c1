"""What ``earshelf previews`` refuses before it begins: one line that names the option and the remedy, and code 2."""

from pathlib import Path

import pytest

from earshelf.entrypoints.cli import main


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--interval", "0"], "--interval: must be a whole number from 1 to 60, not '0'"),
        (["--interval", "2.5"], "--interval: must be a whole number from 1 to 60, not '2.5'"),
        (["--width", "99999999999999999999"], "--width: must be a whole number from 16 to 1920"),
        (["--quality", "11"], "--quality: must be a whole number from 1 to 10, not '11'"),
        (["--workers", "-1"], "--workers: must be a whole number from 1 to 32, not '-1'"),
        (["--format", "plex,roku"], "--format: 'roku' is none of plex, emby, jellyfin"),
        (["--format", ""], "--format: '' is none of plex, emby, jellyfin"),
        (["--accuracy", "some"], "--accuracy: invalid choice: 'some'"),
        (["--tonemap", "bright"], "--tonemap: invalid choice: 'bright'"),
        (["--decoder", "voodoo"], "--decoder: 'voodoo' is none of built-in, ffmpeg, nvidia, intel, amd, apple"),
        (["--decoder", "nvidia:/dev/x"], "--decoder: 'nvidia:/dev/x' names no GPU"),
        (["--decoder", "built-in:1"], "--decoder: 'built-in:1' names no GPU"),
        (["--decoder", "intel:"], "--decoder: 'intel:' names no GPU"),
        (["--output", ""], "--output: must not be empty"),
        ([""], "VIDEO: must not be empty"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["previews", "--output", str(tmp_path / "output"), *words, str(tmp_path / "film.mkv")])
    out, err = capsys.readouterr()
    assert (ended.value.code, out, len(err.splitlines())) == (2, "", 1)
    assert told in err
    assert list(tmp_path.iterdir()) == []
