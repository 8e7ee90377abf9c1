"""Whom rules spare, and what viewers read."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.blackouts import Blackout, BlackoutAction
from earshelf.domain.errors import Invalid
from earshelf.domain.ids import BlackoutId
from earshelf.domain.maintenance import Maintenance, TranscodeCriteria, TranscodeRule
from earshelf.domain.schedules import OneTime
from earshelf.domain.stop_rules import (
    Audience,
    ExcludedViewer,
    excluded_viewers,
    placeholders,
    written_notice,
)
from earshelf.domain.streams import Conversion, FrameSize, Player, Stream, TrackDecision, Viewer
from tests.unit.viewing import CABIN, HOME, START, stream

TOM = Viewer("tom", "31337")


@pytest.mark.parametrize(
    ("excluded", "viewer", "spared"),
    [
        (ExcludedViewer("tom"), TOM, True),
        (ExcludedViewer("TOM"), TOM, True),
        (ExcludedViewer("tomas"), TOM, False),
        (ExcludedViewer("31337"), TOM, True),
        (ExcludedViewer("an old name", "31337"), TOM, True),
        (ExcludedViewer("tom", "4"), TOM, False),
        (ExcludedViewer("Straße", "4"), Viewer("STRASSE"), True),
        (ExcludedViewer(""), Viewer(""), False),
    ],
)
def test_a_viewer_is_excluded_by_id_else_by_name_in_any_case(
    excluded: ExcludedViewer, viewer: Viewer, spared: bool
) -> None:
    assert Audience((excluded,)).includes(stream("a", viewer=viewer)) is not spared


def test_typed_names_are_taken_without_blanks_and_once() -> None:
    assert excluded_viewers([" tom ", "", "tom", "anna"]) == (ExcludedViewer("tom"), ExcludedViewer("anna"))


def test_maintenance_spares_the_owner_unless_told_otherwise() -> None:
    owners = stream("a", viewer=Viewer("marta", "1", is_owner=True))
    assert not Maintenance().covers(owners)
    assert Maintenance(audience=Audience()).covers(owners)
    assert Maintenance().covers(stream("b"))


def test_a_rule_may_be_for_some_servers_only() -> None:
    audience = Audience(servers=(CABIN,))
    assert not audience.includes(stream("a", HOME))
    assert audience.includes(stream("a", CABIN))


VIDEO = Conversion(TrackDecision.CONVERTED, TrackDecision.KEPT)
AUDIO = Conversion(TrackDecision.KEPT, TrackDecision.CONVERTED)
REPACKED = Conversion(TrackDecision.KEPT, TrackDecision.KEPT)
BIG, SMALL = (FrameSize(1920, 800), FrameSize(3840, 1600)), (FrameSize(1920, 800),)


@pytest.mark.parametrize(
    ("criteria", "conversion", "sizes", "is_local", "matches"),
    [
        ("any_transcoding", AUDIO, SMALL, True, True),
        ("any_transcoding", REPACKED, SMALL, True, False),
        ("any_transcoding", None, SMALL, True, False),
        ("video_transcoding", VIDEO, SMALL, True, True),
        ("video_transcoding", AUDIO, SMALL, True, False),
        ("audio_transcoding", AUDIO, SMALL, True, True),
        ("audio_transcoding", VIDEO, SMALL, True, False),
        ("four_k_transcoding", AUDIO, BIG, True, True),
        ("four_k_transcoding", VIDEO, SMALL, True, False),
        ("four_k_transcoding", REPACKED, BIG, True, False),
        ("remote_transcoding", VIDEO, SMALL, False, True),
        ("remote_transcoding", VIDEO, SMALL, True, False),
        ("remote_transcoding", None, SMALL, False, False),
    ],
)
def test_a_stream_breaks_the_transcode_rule_by_what_is_done_to_it(
    criteria: str, conversion: Conversion | None, sizes: tuple[FrameSize, ...], is_local: bool, matches: bool
) -> None:
    watched = replace(stream("a", player=Player("p", is_local=is_local)), conversion=conversion, source_sizes=sizes)
    assert TranscodeRule(criteria=TranscodeCriteria(**{criteria: True})).covers(watched) is matches


def test_without_a_criterion_nothing_breaks_the_transcode_rule() -> None:
    assert not TranscodeRule(enabled=True).covers(replace(stream("a"), conversion=VIDEO))


def blackout(delay: int, name: str = "Night") -> Blackout:
    span = OneTime(START, START + timedelta(hours=1))
    return Blackout(BlackoutId("bo_1"), name, span, BlackoutAction.WARN_THEN_TERMINATE, delay=delay)


@pytest.mark.parametrize("seconds", [-1, 3601])
def test_delays_are_at_most_an_hour(seconds: int) -> None:
    for field, make in (
        ("grace_seconds", lambda: Maintenance(grace_seconds=seconds)),
        ("grace_for_new", lambda: Maintenance(grace_for_new=seconds)),
        ("delay", lambda: TranscodeRule(delay=seconds)),
        ("delay", lambda: blackout(seconds)),
    ):
        with pytest.raises(Invalid) as refusal:
            make()
        assert set(refusal.value.fields) == {field}


def test_a_blackout_has_a_name() -> None:
    with pytest.raises(Invalid) as refusal:
        blackout(30, name=" ")
    assert set(refusal.value.fields) == {"name"}


def test_a_blank_message_becomes_the_usual_one() -> None:
    assert Maintenance(message="  ").notice == "Server is in maintenance mode."
    assert Maintenance(message="Back soon").notice == "Back soon"


def watched() -> Stream:
    return replace(stream("a"), title="{user} & friends")


def test_placeholders_are_filled_once_and_other_braces_stay() -> None:
    values = placeholders(
        watched(), server_name="Attic", ends_at=START + timedelta(minutes=89, seconds=1), now=START,
        zone=ZoneInfo("Europe/Berlin"),
    )  # fmt: skip
    text = "{user}: {title} on {server} stops for {minutes} min until {until} {x} {0}"
    assert written_notice(text, values) == "tom: {user} & friends on Attic stops for 90 min until 14:29 {x} {0}"


def test_an_unknown_end_reads_as_such() -> None:
    values = placeholders(watched(), server_name="Attic", ends_at=None, now=START, zone=ZoneInfo("UTC"))
    assert written_notice("Back in {minutes} minutes, away until {until}", values) == (
        "Back in a few minutes, away until further notice"
    )


@given(st.text(), st.text(max_size=400))
def test_a_notice_is_one_line_of_at_most_250_characters(text: str, name: str) -> None:
    notice = written_notice(text + "{user}", {"user": name})
    assert len(notice) <= 250
    assert len(notice.splitlines()) <= 1


def test_a_long_notice_is_cut_with_a_sign_of_it() -> None:
    assert written_notice("a" * 250, {}) == "a" * 250
    assert written_notice("a" * 251, {}) == "a" * 249 + "…"
