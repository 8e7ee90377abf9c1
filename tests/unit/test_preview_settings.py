"""What the owner decides about previews: names that stand alone, their bounds, and what a run makes of them."""

from typing import Any

import pytest

from earshelf.domain.errors import Invalid
from earshelf.domain.previews import Accuracy, PreviewSettings, ToneCurve
from earshelf.domain.settings import Settings


def changed(**changes: Any) -> dict[str, Any]:
    return Settings().changed(changes).as_mapping()


def problems(**changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        Settings().changed(changes)
    return dict(refusal.value.fields)


@pytest.mark.parametrize(("name", "least", "most"), [("thumbnail_interval", 1, 60), ("thumbnail_quality", 1, 10)])
def test_numbers_are_taken_up_to_their_bounds_and_refused_beyond(name: str, least: int, most: int) -> None:
    assert [changed(**{name: value})[name] for value in (least, most, float(most))] == [least, most, most]
    for value in (least - 1, most + 1, 9999):
        assert problems(**{name: value}) == {name: f"must be between {least} and {most}"}
    for wrong in (2.5, "2", True, None, [2]):
        assert list(problems(**{name: wrong})) == [name]


def test_accuracy_is_one_of_two_words() -> None:
    assert changed(thumbnail_accuracy="exact")["thumbnail_accuracy"] == "exact"
    for wrong in ("Exact", "slow", None, 1):
        assert problems(thumbnail_accuracy=wrong) == {"thumbnail_accuracy": "must be one of fast, exact"}


@pytest.mark.parametrize("curve", [*ToneCurve, "HABLE", " Reinhard "])
def test_a_tone_curve_is_kept_in_lower_case(curve: str) -> None:
    assert changed(tonemap_algorithm=curve)["tonemap_algorithm"] == curve.strip().lower()


@pytest.mark.parametrize("curve", ["bt2390", "", None, 1, ["hable"]])
def test_an_unknown_tone_curve_is_refused(curve: Any) -> None:
    assert list(problems(tonemap_algorithm=curve)) == ["tonemap_algorithm"]


def test_frame_reuse_is_an_object() -> None:
    assert problems(frame_reuse=True) == {"frame_reuse": "must be an object"}
    assert changed(frame_reuse={"ttl_minutes": 5})["frame_reuse"] == {
        "enabled": True,
        "ttl_minutes": 5,
        "max_cache_disk_mb": 2048,
    }


def test_exclude_rules_are_shown_as_objects_whatever_form_they_came_in() -> None:
    rules = ["/a", {"value": " /b ", "type": "glob"}, {"value": r"\.iso$", "type": "regex"}, "  ", "/a"]
    assert changed(exclude_paths=rules)["exclude_paths"] == [
        {"value": "/a", "type": "path"},
        {"value": "/b", "type": "path"},
        {"value": r"\.iso$", "type": "regex"},
    ]


def test_exclude_rules_that_are_none_are_named_by_their_number() -> None:
    long = {"value": "x" * 513, "type": "regex"}
    found = problems(exclude_paths=["/a", 5, {"type": "regex"}, "/b\0", long, "/" * 4097])
    assert list(found) == [f"exclude_paths.{number}" for number in (1, 2, 3, 4, 5)]
    assert found["exclude_paths.4"] == "must have at most 512 characters"
    assert problems(exclude_paths="/a") == {"exclude_paths": "must be a list of at most 200 rules"}
    assert list(problems(exclude_paths=["/a"] * 201)) == ["exclude_paths"]


def test_several_names_that_stand_alone_may_change_together() -> None:
    settings = Settings().changed({"thumbnail_interval": 2, "rss": {"enabled": True}, "thumbnail_quality": 9})
    assert (settings.thumbnails.thumbnail_interval, settings.thumbnails.thumbnail_quality) == (2, 9)
    assert settings.rss.enabled


def test_all_problems_are_told_and_nothing_is_taken() -> None:
    assert set(problems(thumbnail_interval=0, thumbnail_quality=1, frame_reuse={"ttl_minutes": 0, "x": 1})) == {
        "thumbnail_interval",
        "frame_reuse.ttl_minutes",
        "frame_reuse.x",
    }


def test_what_stands_alone_has_no_group_to_be_named_by() -> None:
    assert problems(thumbnails={"thumbnail_interval": 2}) == {"thumbnails": "is not a setting"}
    assert "thumbnails" not in Settings().as_mapping()


def test_a_run_works_by_the_settings_and_its_own_width() -> None:
    settings = Settings().changed(
        {
            "thumbnail_interval": 10,
            "thumbnail_quality": 2,
            "thumbnail_accuracy": "exact",
            "tonemap_algorithm": "clip",
        }
    )
    expected = PreviewSettings(interval=10, width=640, quality=2, accuracy=Accuracy.EXACT, tonemap=ToneCurve.CLIP)
    assert settings.thumbnails.for_width(640) == expected


def test_without_changes_a_run_has_the_defaults_of_previews() -> None:
    assert Settings().thumbnails.for_width() == PreviewSettings()
