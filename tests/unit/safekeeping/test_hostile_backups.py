"""Files that are no sound backup."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.domain.errors import (
    Invalid,
)
from earshelf.entrypoints.safekeeping import back_up, restore
from tests.unit.safekeeping.installations import OTHER_KEY


def rewritten(path: str, **parts: bytes | None) -> None:
    """Writes the zip anew with other parts; None leaves one out."""
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    content |= {name.replace("__", "/").replace("_", "."): part for name, part in parts.items() if part is not None}
    left_out = {name.replace("_", ".") for name, part in parts.items() if part is None}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in content.items():
            if name not in left_out:
                file.writestr(name, part)


def overwrite(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)


def cut(path: str) -> None:
    Path(path).write_bytes(Path(path).read_bytes()[:-300])


def flip(path: str) -> None:
    content = bytearray(Path(path).read_bytes())
    content[120] ^= 0xFF
    Path(path).write_bytes(content)


def records_with(path: str, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as file:
        text = file.read("records.jsonl").decode()
    rewritten(path, records_jsonl=change(text).encode())


def manifest_with(path: str, **changes: object) -> None:
    with zipfile.ZipFile(path) as file:
        manifest = json.loads(file.read("manifest.json"))
    rewritten(path, manifest_json=json.dumps(manifest | changes).encode())


def climb(path: str) -> None:
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../../escaped", "gotcha")


def twice(path: str) -> None:
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("secret.key", OTHER_KEY)


HOSTILE: dict[str, Callable[[str], None]] = {
    "no zip": lambda path: overwrite(path, b"nothing of the sort"),
    "empty": lambda path: overwrite(path, b""),
    "cut short": cut,
    "a bit flipped": flip,
    "a path that climbs": climb,
    "a part twice": twice,
    "a bomb": lambda path: rewritten(path, settings_json=b" " * (64 << 20)),
    "a bomb of records": lambda path: rewritten(path, records_jsonl=b"\n" * (64 << 20)),
    "a line without end": lambda path: rewritten(path, records_jsonl=os.urandom(17 << 20).hex().encode()),
    "no key": lambda path: rewritten(path, secret_key=None),
    "another key": lambda path: rewritten(path, secret_key=OTHER_KEY.encode()),
    "a key that is none": lambda path: rewritten(path, secret_key=b"hush"),
    "no manifest": lambda path: rewritten(path, manifest_json=b"[]"),
    "a manifest of wrong types": lambda path: manifest_with(path, tallies={"book": 1}),
    "a later format": lambda path: manifest_with(path, format=2),
    "deep JSON": lambda path: rewritten(path, manifest_json=b"[" * 100_000),
    "settings of wrong types": lambda path: rewritten(path, settings_json=b'{"search": {"interval_minutes": "x"}}'),
    "a record left out": lambda path: records_with(path, lambda text: text.split("\n", 1)[1]),
    "a record twice": lambda path: records_with(path, lambda text: text.split("\n", 1)[0] + "\n" + text),
    "a changed record": lambda path: records_with(path, lambda text: text.replace("The Whole", "The Hole")),
    "a record of wrong types": lambda path: records_with(path, lambda text: text.replace('"The Whole"', "17")),
    "a record of no kind": lambda path: records_with(path, lambda text: "spell {}\n" + text),
    "a line that is no record": lambda path: records_with(path, lambda text: "book\n" + text),
    "broken characters": lambda path: records_with(path, lambda text: text.replace("The Whole", "\\ud800")),
    "a secret moved": lambda path: records_with(path, lambda text: text.replace("credential!", "integration!")),
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "restore"])
async def test_a_backup_that_is_not_sound_is_refused_and_nothing_changes(
    sqlite: ProcessSettings, backup: str, spoil: Callable[[str], None], dry_run: bool
) -> None:
    await back_up(Container(settings=sqlite), backup)
    before = {each.name: each.read_bytes() for each in sqlite.config_dir.iterdir()}
    spoil(backup)
    with pytest.raises(Invalid) as refusal:
        await restore(Container(settings=sqlite), backup, dry_run=dry_run)
    assert "backup.zip" in refusal.value.message
    assert "\n" not in refusal.value.message
    after = {each.name: each.read_bytes() for each in sqlite.config_dir.iterdir() if each.suffix != ".lock"}
    assert after == before
    assert not list(sqlite.config_dir.parent.parent.glob("escaped"))
