"""The owner's settings: typed groups with defaults and bounds, frozen.

Changes come as plain mappings, name only what they change, and are taken whole or not at all.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from earshelf.domain.errors import Invalid
from earshelf.domain.imports import ImportMode
from earshelf.domain.metadata import Region
from earshelf.domain.naming import DEFAULT_FILE_FORMAT, DEFAULT_FOLDER_FORMAT, TemplateKind
from earshelf.domain.preroll_settings import PrerollSettings
from earshelf.domain.preview_settings import FrameReuseSettings, ThumbnailSettings
from earshelf.domain.setting_values import accepted, amount, choice, number, plain, words


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
    interval_minutes: int = number(360, least=5, most=1440)
    priority: SearchPriority = choice(SearchPriority.ACCURACY)


@dataclass(frozen=True, slots=True)
class RssSettings:
    """The reading of indexer feeds."""

    enabled: bool = False
    interval_minutes: int = number(30, least=5, most=1440)


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """Which releases and editions are acceptable; zero switches a bound off."""

    reject_words: tuple[str, ...] = words("Virtual Voice", "Free Excerpt", "Sample", "Behind the Scenes", "Abridged")
    required_words: tuple[str, ...] = words()
    min_seeders: int = number(1, least=0, most=10_000)
    min_size_mb: float = amount(50, least=0, most=1_000_000)
    max_size_gb: float = amount(5, least=0, most=10_000)
    min_mb_per_hour: float = amount(0, least=0, most=10_000)
    protocol_preference: ProtocolPreference = choice(ProtocolPreference.NONE)
    languages: tuple[str, ...] = words("english")
    search_immediately: bool = False


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """How finished downloads come into the library and what becomes of them at the client."""

    mode: ImportMode = choice(ImportMode.HARDLINK, ImportMode.HARDLINK, ImportMode.COPY, ImportMode.MOVE)
    delete_after_import: bool = False
    min_seed_minutes: int = number(60, least=0, most=525_600)
    min_seed_ratio: float = amount(0, least=0, most=1_000)
    min_free_space_gb: float = amount(5, least=0, most=100_000)
    redownload_failed: bool = True


@dataclass(frozen=True, slots=True)
class MetadataSettings:
    """Which catalogue is asked, and which of its hits are shown."""

    region: Region = choice(Region.US)
    languages: tuple[str, ...] = words("english")
    min_duration_minutes: int = number(30, least=0, most=10_000)


@dataclass(frozen=True, slots=True)
class TaggingSettings:
    """What is written into and beside the audio files."""

    enabled: bool = False
    mode: TaggingMode = choice(TaggingMode.POPULATE_MISSING)
    embed_cover: bool = False
    write_opf: bool = False


@dataclass(frozen=True, slots=True)
class ProcessingSettings:
    """Merging and converting; the bit rate is in kbit/s."""

    output_format: OutputFormat = choice(OutputFormat.M4B)
    bitrate: int = number(128, least=32, most=512)
    concurrency: int = number(1, least=1, most=8)
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
    thumbnails: ThumbnailSettings = field(default=ThumbnailSettings(), metadata={"spread": True})
    frame_reuse: FrameReuseSettings = FrameReuseSettings()
    prerolls: PrerollSettings = PrerollSettings()

    def changed(self, changes: Mapping[str, Any]) -> "Settings":
        """Returns settings with the named values replaced, as ``{"group": {"name": value}}``.

        Names of a spread group stand beside the groups. ``plex_bif_frame_interval`` is understood where
        ``thumbnail_interval`` is not given.

        :raises Invalid: an unknown group or name, a wrong type, a value out of bounds; ``fields`` lists all of them.
        """
        problems: dict[str, str] = {}
        updated: dict[str, Any] = {}
        given = {_ALIASES[name]: value for name, value in changes.items() if name in _ALIASES}
        given |= {name: value for name, value in changes.items() if name not in _ALIASES}
        for name, value in given.items():
            if name in _SPREAD:
                group = _SPREAD[name]
                stands = updated.get(group, getattr(self, group))
                updated[group] = _changed_group(stands, {name: value}, "", problems)
            elif name not in _GROUPS:
                problems[name] = "is not a setting"
            elif not isinstance(value, Mapping):
                problems[name] = "must be an object"
            else:
                updated[name] = _changed_group(getattr(self, name), value, f"{name}.", problems)
        if problems:
            raise Invalid("Some settings cannot be taken", problems)
        return replace(self, **updated)

    def as_mapping(self) -> dict[str, Any]:
        """Spells every group with all its values as plain JSON types."""
        spelled: dict[str, Any] = {}
        for group in fields(self):
            values = _plain_group(getattr(self, group.name))
            spelled |= values if is_spread(group) else {group.name: values}
        return spelled


def is_spread(group: "Field[Any]") -> bool:
    """Whether the names of a group's values stand beside the other groups, not in an object of their own."""
    return bool(group.metadata.get("spread"))


_DEFAULTS = Settings()
_SPREAD = {
    one.name: group.name
    for group in fields(Settings)
    if is_spread(group)
    for one in fields(getattr(_DEFAULTS, group.name))
}
_ALIASES = {"plex_bif_frame_interval": "thumbnail_interval"}
_GROUPS = {group.name for group in fields(Settings)} - set(_SPREAD.values())


def _changed_group(group: Any, values: Mapping[str, Any], prefix: str, problems: dict[str, str]) -> Any:
    known = {one.name: one for one in fields(group)}
    updated: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            problems[f"{prefix}{name}"] = "is not a setting"
            continue
        try:
            updated[name] = accepted(known[name].default, known[name].metadata, value)
        except (ValueError, Invalid) as problem:
            problems.update(_told(f"{prefix}{name}", problem))
    return replace(group, **updated)


def _told(name: str, problem: ValueError | Invalid) -> dict[str, str]:
    parts = problem.fields if isinstance(problem, Invalid) else {}
    return {f"{name}.{part}": why for part, why in parts.items()} or {name: str(problem)}


def _plain_group(group: Any) -> dict[str, Any]:
    return {one.name: plain(getattr(group, one.name)) for one in fields(group)}
