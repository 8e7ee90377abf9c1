"""The owner's settings: typed groups with defaults and bounds, frozen.

Changes come as plain mappings, name only what they change, and are taken whole or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from earshelf.domain.errors import Invalid, TemplateInvalid
from earshelf.domain.imports import ImportMode
from earshelf.domain.metadata import Region
from earshelf.domain.naming import (
    DEFAULT_FILE_FORMAT,
    DEFAULT_FOLDER_FORMAT,
    NamingTemplate,
    TemplateKind,
)
from earshelf.domain.paths import is_whole_disk


class SearchPriority(StrEnum):
    """What ranks first among equally fitting releases: the right recording, or the better sound."""

    ACCURACY = "accuracy"
    QUALITY = "quality"


class ProtocolPreference(StrEnum):
    """Which kind of release wins a tie."""

    NONE = "none"
    TORRENT = "torrent"
    USENET = "usenet"


class TaggingMode(StrEnum):
    """Whether tags that are there already are kept."""

    POPULATE_MISSING = "populate_missing"
    OVERWRITE = "overwrite"


class OutputFormat(StrEnum):
    """What merging and converting produce."""

    M4B = "m4b"
    MP3 = "mp3"


def _number(default: int, *, least: int, most: int) -> Any:
    return field(default=default, metadata={"least": least, "most": most, "whole": True})


def _amount(default: float, *, least: float, most: float) -> Any:
    return field(default=default, metadata={"least": least, "most": most, "whole": False})


def _choice(default: StrEnum, *allowed: StrEnum) -> Any:
    return field(default=default, metadata={"choices": allowed or tuple(type(default))})


def _words(*default: str) -> Any:
    return field(default=default, metadata={"words": True})


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """Where books lie and what their folders and files are called; an empty path means: not set yet."""

    path: str = field(default="", metadata={"folder": True})
    folder_format: str = field(default=DEFAULT_FOLDER_FORMAT, metadata={"template": TemplateKind.FOLDER})
    file_format: str = field(default=DEFAULT_FILE_FORMAT, metadata={"template": TemplateKind.FILE})


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """The scheduled search for wanted books."""

    enabled: bool = True
    interval_minutes: int = _number(360, least=5, most=1440)
    priority: SearchPriority = _choice(SearchPriority.ACCURACY)


@dataclass(frozen=True, slots=True)
class RssSettings:
    """The reading of indexer feeds."""

    enabled: bool = False
    interval_minutes: int = _number(30, least=5, most=1440)


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """Which releases and editions are acceptable; zero switches a bound off."""

    reject_words: tuple[str, ...] = _words("Virtual Voice", "Free Excerpt", "Sample", "Behind the Scenes", "Abridged")
    required_words: tuple[str, ...] = _words()
    min_seeders: int = _number(1, least=0, most=10_000)
    min_size_mb: float = _amount(50, least=0, most=1_000_000)
    max_size_gb: float = _amount(5, least=0, most=10_000)
    min_mb_per_hour: float = _amount(0, least=0, most=10_000)
    protocol_preference: ProtocolPreference = _choice(ProtocolPreference.NONE)
    languages: tuple[str, ...] = _words("english")
    search_immediately: bool = False


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """How finished downloads come into the library and what becomes of them at the client."""

    mode: ImportMode = _choice(ImportMode.HARDLINK, ImportMode.HARDLINK, ImportMode.COPY, ImportMode.MOVE)
    delete_after_import: bool = False
    min_seed_minutes: int = _number(60, least=0, most=525_600)
    min_seed_ratio: float = _amount(0, least=0, most=1_000)
    min_free_space_gb: float = _amount(5, least=0, most=100_000)
    redownload_failed: bool = True


@dataclass(frozen=True, slots=True)
class MetadataSettings:
    """Which catalogue is asked, and which of its hits are shown."""

    region: Region = _choice(Region.US)
    languages: tuple[str, ...] = _words("english")
    min_duration_minutes: int = _number(30, least=0, most=10_000)


@dataclass(frozen=True, slots=True)
class TaggingSettings:
    """What is written into and beside the audio files."""

    enabled: bool = False
    mode: TaggingMode = _choice(TaggingMode.POPULATE_MISSING)
    embed_cover: bool = False
    write_opf: bool = False


@dataclass(frozen=True, slots=True)
class ProcessingSettings:
    """Merging and converting; the bit rate is in kbit/s."""

    output_format: OutputFormat = _choice(OutputFormat.M4B)
    bitrate: int = _number(128, least=32, most=512)
    concurrency: int = _number(1, least=1, most=8)
    auto_merge: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Every group."""

    library: LibrarySettings = LibrarySettings()
    search: SearchSettings = SearchSettings()
    rss: RssSettings = RssSettings()
    quality: QualitySettings = QualitySettings()
    imports: ImportSettings = ImportSettings()
    metadata: MetadataSettings = MetadataSettings()
    tagging: TaggingSettings = TaggingSettings()
    processing: ProcessingSettings = ProcessingSettings()

    def changed(self, changes: Mapping[str, Any]) -> "Settings":
        """Returns settings with the named values replaced, as ``{"group": {"name": value}}``.

        :raises Invalid: an unknown group or name, a wrong type, a value out of bounds; ``fields`` lists all of them.
        """
        problems: dict[str, str] = {}
        groups = {group.name for group in fields(self)}
        updated: dict[str, Any] = {}
        for name, values in changes.items():
            if name not in groups:
                problems[name] = "is not a setting"
            elif not isinstance(values, Mapping):
                problems[name] = "must be an object"
            else:
                updated[name] = _changed_group(getattr(self, name), values, name, problems)
        if problems:
            raise Invalid("Some settings cannot be taken", problems)
        return replace(self, **updated)

    def as_mapping(self) -> dict[str, dict[str, Any]]:
        """Spells every group with all its values as plain JSON types."""
        return {group.name: _plain_group(getattr(self, group.name)) for group in fields(self)}


def _changed_group(group: Any, values: Mapping[str, Any], prefix: str, problems: dict[str, str]) -> Any:
    known = {one.name: one for one in fields(group)}
    updated: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            problems[f"{prefix}.{name}"] = "is not a setting"
            continue
        try:
            updated[name] = _accepted(known[name].default, known[name].metadata, value)
        except (ValueError, TemplateInvalid) as problem:
            problems[f"{prefix}.{name}"] = str(problem)
    return replace(group, **updated)


def _accepted(default: Any, metadata: Mapping[str, Any], value: Any) -> Any:
    if isinstance(default, bool):
        return _flag(value)
    if "choices" in metadata:
        return _chosen(value, metadata["choices"])
    if "words" in metadata:
        return _word_list(value)
    if "least" in metadata:
        return _bounded(value, whole=metadata["whole"], least=metadata["least"], most=metadata["most"])
    return _text(value, metadata)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _chosen(value: Any, choices: tuple[StrEnum, ...]) -> StrEnum:
    for choice in choices:
        if isinstance(value, str) and value == choice:
            return choice
    raise ValueError(f"must be one of {', '.join(choices)}")


def _word_list(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise ValueError("must be a list of words")
    return tuple(dict.fromkeys(word.strip() for word in value if word.strip()))


def _bounded(value: Any, *, whole: bool, least: float, most: float) -> Any:
    # JSON knows one kind of numbers: 5.0 is whole
    allowed = isinstance(value, int) or (isinstance(value, float) and (not whole or value.is_integer()))
    if isinstance(value, bool) or not allowed:
        raise ValueError("must be a whole number" if whole else "must be a number")
    if not least <= value <= most:
        raise ValueError(f"must be between {least:g} and {most:g}")
    return int(value) if whole else value


def _text(value: Any, metadata: Mapping[str, Any]) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("must be text")
    text = value.strip()
    if "template" in metadata:
        NamingTemplate.parse(text, metadata["template"])
    if metadata.get("folder") and text:
        _require_a_folders_path(text)
    return text


def _require_a_folders_path(text: str) -> None:
    if not PurePath(text).is_absolute():
        raise ValueError("must be an absolute path")
    # whatever is downloaded would lie inside such a library
    if is_whole_disk(text):
        raise ValueError("must be a folder of its own, not a whole disk")


def _plain_group(group: Any) -> dict[str, Any]:
    return {one.name: _plain(getattr(group, one.name)) for one in fields(group)}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value
