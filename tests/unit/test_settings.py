"""The owner's settings: defaults, bounds, and changes taken whole or not at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.errors import Invalid
from earshelf.domain.settings import Settings

DEFAULTS: dict[str, dict[str, Any]] = {
    "library": {"path": "", "folder_format": "{author}/{title}", "file_format": "{author} - {title}"},
    "search": {"enabled": True, "interval_minutes": 360, "priority": "accuracy"},
    "rss": {"enabled": False, "interval_minutes": 30},
    "quality": {
        "reject_words": ["Virtual Voice", "Free Excerpt", "Sample", "Behind the Scenes", "Abridged"],
        "required_words": [],
        "min_seeders": 1,
        "min_size_mb": 50,
        "max_size_gb": 5,
        "min_mb_per_hour": 0,
        "protocol_preference": "none",
        "languages": ["english"],
        "search_immediately": False,
    },
    "imports": {
        "mode": "hardlink",
        "delete_after_import": False,
        "min_seed_minutes": 60,
        "min_seed_ratio": 0,
        "min_free_space_gb": 5,
        "redownload_failed": True,
    },
    "metadata": {"region": "us", "languages": ["english"], "min_duration_minutes": 30},
    "tagging": {"enabled": False, "mode": "populate_missing", "embed_cover": False, "write_opf": False},
    "processing": {"output_format": "m4b", "bitrate": 128, "concurrency": 1, "auto_merge": False},
    "frame_reuse": {"enabled": True, "ttl_minutes": 60, "max_cache_disk_mb": 2048},
    "prerolls": {"default": "", "on_drift": "respect"},
}
# these stand beside the groups
ALONE: dict[str, Any] = {
    "thumbnail_interval": 5,
    "thumbnail_quality": 4,
    "thumbnail_accuracy": "fast",
    "tonemap_algorithm": "hable",
    "exclude_paths": [],
}

# least and most that are taken; what lies beyond is refused
BOUNDS = [
    ("search", "interval_minutes", 5, 1440),
    ("rss", "interval_minutes", 5, 1440),
    ("quality", "min_seeders", 0, 10_000),
    ("quality", "min_size_mb", 0, 1_000_000),
    ("quality", "max_size_gb", 0, 10_000),
    ("quality", "min_mb_per_hour", 0, 10_000),
    ("imports", "min_seed_minutes", 0, 525_600),
    ("imports", "min_seed_ratio", 0, 1_000),
    ("imports", "min_free_space_gb", 0, 100_000),
    ("metadata", "min_duration_minutes", 0, 10_000),
    ("processing", "bitrate", 32, 512),
    ("processing", "concurrency", 1, 8),
    ("frame_reuse", "ttl_minutes", 1, 525_600),
    ("frame_reuse", "max_cache_disk_mb", 64, 100_000_000),
]
FRACTIONS = [
    ("quality", "min_size_mb"),
    ("quality", "max_size_gb"),
    ("quality", "min_mb_per_hour"),
    ("imports", "min_seed_ratio"),
    ("imports", "min_free_space_gb"),
]
WHOLE = [(group, name) for group, name, *_ in BOUNDS if (group, name) not in FRACTIONS]
CHOICES = {
    ("search", "priority"): ["accuracy", "quality"],
    ("prerolls", "on_drift"): ["respect", "enforce"],
    ("quality", "protocol_preference"): ["none", "torrent", "usenet"],
    ("imports", "mode"): ["hardlink", "copy", "move"],
    ("metadata", "region"): ["us", "ca", "uk", "au", "fr", "de", "jp", "it", "in", "es"],
    ("tagging", "mode"): ["populate_missing", "overwrite"],
    ("processing", "output_format"): ["m4b", "mp3"],
}
NAMES = [(group, name) for group, values in DEFAULTS.items() for name in values]


def changed(group: str, name: str, value: Any) -> Any:
    return Settings().changed({group: {name: value}}).as_mapping()[group][name]


def problems(changes: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        Settings().changed(changes)
    return dict(refusal.value.fields)


def test_every_setting_has_its_default() -> None:
    assert Settings().as_mapping() == DEFAULTS | ALONE


def test_what_is_shown_can_be_written_back() -> None:
    assert Settings().changed(DEFAULTS | ALONE) == Settings()


@pytest.mark.parametrize(("group", "name", "least", "most"), BOUNDS)
def test_numbers_are_taken_up_to_their_bounds(group: str, name: str, least: int, most: int) -> None:
    assert (changed(group, name, least), changed(group, name, most)) == (least, most)


@pytest.mark.parametrize(("group", "name", "least", "most"), BOUNDS)
def test_numbers_out_of_bounds_are_refused(group: str, name: str, least: int, most: int) -> None:
    for value in (least - 1, most + 1, 10**30):
        assert problems({group: {name: value}}) == {f"{group}.{name}": f"must be between {least:g} and {most:g}"}


@pytest.mark.parametrize(("group", "name"), FRACTIONS)
def test_amounts_may_have_fractions(group: str, name: str) -> None:
    assert changed(group, name, 1.5) == 1.5


@pytest.mark.parametrize(("group", "name"), FRACTIONS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1])
def test_what_is_no_amount_is_refused(group: str, name: str, value: float) -> None:
    assert list(problems({group: {name: value}})) == [f"{group}.{name}"]


@pytest.mark.parametrize(("group", "name"), WHOLE)
def test_counts_are_whole(group: str, name: str) -> None:
    assert problems({group: {name: 40.5}}) == {f"{group}.{name}": "must be a whole number"}


@pytest.mark.parametrize(("group", "name"), WHOLE)
def test_a_whole_count_may_be_spelled_with_a_point(group: str, name: str) -> None:
    most = next(bound for *setting, _, bound in BOUNDS if setting == [group, name])
    assert repr(changed(group, name, float(most))) == str(most)


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_a_choice_is_one_of_its_words(group: str, name: str) -> None:
    words = CHOICES[group, name]
    assert [changed(group, name, word) for word in words] == words
    assert problems({group: {name: "other"}}) == {f"{group}.{name}": f"must be one of {', '.join(words)}"}


@pytest.mark.parametrize(("group", "name"), NAMES)
@pytest.mark.parametrize(
    "value", [None, {}, object(), b"x", [5], 10**400], ids=["null", "object", "python", "bytes", "numbers", "huge"]
)
def test_a_value_of_the_wrong_type_is_refused_and_named(group: str, name: str, value: Any) -> None:
    assert list(problems({group: {name: value}})) == [f"{group}.{name}"]


@pytest.mark.parametrize(("group", "name"), [one for one in NAMES if isinstance(DEFAULTS[one[0]][one[1]], int)])
def test_flags_are_no_numbers_and_numbers_no_flags(group: str, name: str) -> None:
    value: Any = 1 if isinstance(DEFAULTS[group][name], bool) else True
    assert list(problems({group: {name: value}})) == [f"{group}.{name}"]


def test_unknown_groups_and_names_are_refused() -> None:
    assert problems({"moon": {}, "search": {"speed": 1}, "rss": 5}) == {
        "moon": "is not a setting",
        "search.speed": "is not a setting",
        "rss": "must be an object",
    }


def test_all_problems_are_told_at_once_and_nothing_is_taken() -> None:
    before = Settings()
    with pytest.raises(Invalid) as refusal:
        before.changed({"search": {"enabled": False, "interval_minutes": 1}, "imports": {"mode": "burn"}})
    assert set(refusal.value.fields) == {"search.interval_minutes", "imports.mode"}
    assert before == Settings()


def test_only_what_is_named_changes() -> None:
    after = Settings().changed({"quality": {"min_seeders": 3}}).as_mapping()
    assert after == {**DEFAULTS, **ALONE, "quality": {**DEFAULTS["quality"], "min_seeders": 3}}


@pytest.mark.parametrize(
    ("given", "interval"),
    [
        ({"plex_bif_frame_interval": 7}, 7),
        ({"plex_bif_frame_interval": 7, "thumbnail_interval": 3}, 3),
        ({"thumbnail_interval": 3, "plex_bif_frame_interval": 7}, 3),
    ],
)
def test_the_name_that_other_generators_give_the_interval_is_understood(given: dict[str, Any], interval: int) -> None:
    assert Settings().changed(given).thumbnails.thumbnail_interval == interval


def test_word_lists_lose_blanks_and_repetitions() -> None:
    assert changed("quality", "required_words", [" m4b ", "", "m4b", "  ", "unabridged"]) == ["m4b", "unabridged"]


def test_word_lists_may_be_emptied() -> None:
    assert changed("quality", "reject_words", []) == []


@pytest.mark.parametrize("path", ["/books", "  /books  "])
def test_the_library_is_an_absolute_path(path: str) -> None:
    assert changed("library", "path", path) == "/books"


@pytest.mark.parametrize("path", ["books", "./books", "~/books", "/boo\0ks"])
def test_a_library_path_that_is_not_absolute_is_refused(path: str) -> None:
    assert list(problems({"library": {"path": path}})) == ["library.path"]


@pytest.mark.parametrize("path", ["/", "//", "/.", "/books/..", "C:\\"])
def test_a_whole_disk_is_no_library(path: str) -> None:
    assert list(problems({"library": {"path": path}})) == ["library.path"]


def test_the_library_path_may_be_taken_back() -> None:
    settings = Settings().changed({"library": {"path": "/books"}}).changed({"library": {"path": ""}})
    assert settings == Settings()


@pytest.mark.parametrize("name", ["folder_format", "file_format"])
@pytest.mark.parametrize("template", ["", "{author}", "{nonsense} {title}"])
def test_a_naming_template_that_cannot_work_is_refused(name: str, template: str) -> None:
    assert list(problems({"library": {name: template}})) == [f"library.{name}"]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "quality": st.fixed_dictionaries(
                {}, optional={"min_size_mb": st.floats(0, 1e6), "languages": st.lists(st.text(max_size=5))}
            ),
            "imports": st.fixed_dictionaries(
                {}, optional={"mode": st.sampled_from(["copy", "move"]), "redownload_failed": st.booleans()}
            ),
            "search": st.fixed_dictionaries({}, optional={"interval_minutes": st.integers(5, 1440)}),
            "thumbnail_interval": st.integers(1, 60),
            "tonemap_algorithm": st.sampled_from(["hable", "Clip", "LINEAR"]),
            "exclude_paths": st.lists(
                st.one_of(
                    st.text(st.characters(exclude_characters="\0")),
                    st.fixed_dictionaries(
                        {"value": st.text(st.characters(exclude_characters="\0"))},
                        optional={"type": st.sampled_from(["path", "regex", "glob"])},
                    ),
                )
            ),
        },
    )
)
def test_any_settings_survive_being_shown_and_written_back(changes: dict[str, Any]) -> None:
    settings = Settings().changed(changes)
    assert Settings().changed(settings.as_mapping()) == settings


def test_the_default_preroll_is_spelled_as_servers_keep_it() -> None:
    assert Settings().changed({"prerolls": {"default": " /a.mp4 ; /b.mp4;"}}).prerolls.default == "/a.mp4;/b.mp4"
    with pytest.raises(Invalid) as refusal:
        Settings().changed({"prerolls": {"default": "/a.mp4;/b.mp4,/c.mp4"}})
    assert set(refusal.value.fields) == {"prerolls.default"}
