"""What the documents say in words only: valid requests speak of folders, templates and identifiers that there are.

Only requests that are meant to be valid are touched, so whatever is refused of them afterwards is a finding.
"""

import os
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import schemathesis

from earshelf.config.silence import silent_mp3
from earshelf.domain.setting_forms import MASK
from earshelf.entrypoints.demo.providers import DemoBook

LIBRARY = "EARSHELF_FUZZED_LIBRARY"
DOWNLOADS = "EARSHELF_FUZZED_DOWNLOADS"
_TEMPLATES = {"folder_format": "{author}/{title}", "file_format": "{title}"}
_numbers = count(1)
# again and again: what one request forgets is not there for a later one, which is an answer as well
_downloads = cycle(os.environ.get(DOWNLOADS, "").split())


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Makes a valid request true to this house."""
    meta, path = case.meta, case.path_parameters or {}
    if meta is None or meta.generation.mode.is_negative:
        return
    # a chain of requests knows its own downloads
    if "download_id" in path and meta.phase.name.value != "stateful":
        case.path_parameters = {**path, "download_id": next(_downloads)}
    if isinstance(case.body, dict):
        case.body = _true(case.body, path)


def _true(body: dict[str, Any], path: dict[str, Any]) -> dict[str, Any]:
    told = dict(body)
    if "id" in told and "id" in path:
        told["id"] = unquote(str(path["id"])).strip()
    repairs = (
        ("library", _library),
        ("settings", _unmasked),
        ("items", _folders),
        ("exclude_paths", _usable_patterns),
    )
    for name, repair in repairs:
        if told.get(name):
            told[name] = repair(told[name])
    return told


def _library(group: dict[str, Any]) -> dict[str, Any]:
    there = {"path": os.environ[LIBRARY], **_TEMPLATES}
    return {name: there.get(name, value) for name, value in group.items()}


def _unmasked(settings: dict[str, Any]) -> dict[str, Any]:
    """A mask keeps what is stored, and a generator cannot know where something is."""
    return {name: "a secret" if value == MASK else value for name, value in settings.items()}


def _usable_patterns(rules: list[Any]) -> list[Any]:
    return [{"value": r"\.iso$", "type": "regex"} if _is_pattern(rule) else rule for rule in rules]


def _is_pattern(rule: Any) -> bool:
    return isinstance(rule, dict) and rule.get("type") == "regex"


def _folders(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_described_once({**item, "path": str(_folder_of_a_book())}) for item in items]


def _described_once(item: dict[str, Any]) -> dict[str, Any]:
    if "metadata" in item:
        return {name: value for name, value in item.items() if name != "asin"}
    return {**item, "asin": DemoBook().asin}


def _folder_of_a_book() -> Path:
    folder = Path(os.environ[LIBRARY]) / "Found" / str(next(_numbers))
    folder.mkdir(parents=True)
    (folder / "book.mp3").write_bytes(silent_mp3(1.0, title="Found", artist="Nobody", album="Found"))
    return folder
