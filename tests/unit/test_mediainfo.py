"""What a video's picture and sound are, by what its server measured and how its file is named."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from earshelf.domain.dynamic_ranges import picture_facts
from earshelf.domain.loose_values import Loose
from earshelf.domain.media_payloads import AnyStream, AudioStream, VideoStream
from earshelf.domain.mediainfo import audio_profile, dynamic_range, media_facts, resolution_label
from earshelf.domain.sound_profiles import sound_facts
from tests.unit.media_cases import NAMES, SOUND_NAMES, STREAMS, TRACKS, Picture, Sound

PICTURES = STREAMS + NAMES
SOUNDS = TRACKS + SOUND_NAMES


@pytest.mark.parametrize("case", PICTURES, ids=lambda case: case.why)
def test_a_dynamic_range_follows_what_was_measured_then_titles_then_the_name(case: Picture) -> None:
    assert dynamic_range(case.stream, file_path=case.path) == case.expected


@pytest.mark.parametrize("case", SOUNDS, ids=lambda case: case.why)
def test_an_audio_profile_needs_evidence_that_agrees_with_the_codec(case: Sound) -> None:
    assert audio_profile(case.stream, part_audio_profile=case.part, file_path=case.path) == case.expected


@given(st.sampled_from([case for case in PICTURES if case.path]), st.text(max_size=30), st.sampled_from("/\\"))
@example(NAMES[0], "DV.2160p.HDR10+.SDR.avi", "/")
def test_a_folder_says_nothing_about_the_picture(case: Picture, folder: str, slash: str) -> None:
    assert dynamic_range(case.stream, file_path=f"{folder}{slash}{case.path}") == case.expected


@given(st.sampled_from([case for case in SOUNDS if case.path]), st.text(max_size=30), st.sampled_from("/\\"))
@example(SOUND_NAMES[0], "2021 TrueHD Atmos DTS-X", "\\")
def test_a_folder_says_nothing_about_the_sound(case: Sound, folder: str, slash: str) -> None:
    path = f"{folder}{slash}{case.path}"
    assert audio_profile(case.stream, part_audio_profile=case.part, file_path=path) == case.expected


def _recased(text: str, capitals: int) -> str:
    return "".join(sign.upper() if capitals >> place & 1 else sign.lower() for place, sign in enumerate(text))


@given(st.sampled_from(PICTURES), st.integers(min_value=0, max_value=2**60))
def test_letter_case_says_nothing_about_the_picture(case: Picture, capitals: int) -> None:
    path = case.path and _recased(case.path, capitals)
    assert dynamic_range(case.stream, file_path=path) == case.expected


@given(st.sampled_from(SOUNDS), st.integers(min_value=0, max_value=2**60))
def test_letter_case_says_nothing_about_the_sound(case: Sound, capitals: int) -> None:
    path = case.path and _recased(case.path, capitals)
    assert audio_profile(case.stream, part_audio_profile=case.part, file_path=path) == case.expected


@given(st.text(max_size=40))
@example("A.2021.ſdr.HDR10")
@example("A.2021.dovİ")
@example("A.2021.dovı")
def test_letter_case_says_nothing_in_any_script(name: str) -> None:
    spellings = {dynamic_range(None, file_path=f"{spelling}.mkv") for spelling in (name, name.upper(), name.lower())}
    assert len(spellings) == 1


def _respaced(path: str, blanks: str) -> str:
    stem, dot, extension = path.rpartition(".")
    return stem.replace(".", blanks) + dot + extension


@pytest.mark.parametrize("blank", [" ", "_"])
@pytest.mark.parametrize("case", [case for case in PICTURES if case.path], ids=lambda case: case.why)
def test_dots_blanks_and_underscores_are_alike_for_the_picture(case: Picture, blank: str) -> None:
    assert dynamic_range(case.stream, file_path=_respaced(case.path or "", blank)) == case.expected


@pytest.mark.parametrize("blank", [" ", "_"])
@pytest.mark.parametrize("case", [case for case in SOUNDS if case.path], ids=lambda case: case.why)
def test_dots_blanks_and_underscores_are_alike_for_the_sound(case: Sound, blank: str) -> None:
    path = _respaced(case.path or "", blank)
    assert audio_profile(case.stream, part_audio_profile=case.part, file_path=path) == case.expected


_LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6)


@given(_LETTERS, st.sampled_from(["dv", "hdr", "hlg", "pq", "sdr", "atmos", "truehd", "dts"]), _LETTERS)
@example("a", "dv", "ent")
@example("s", "pq", "x")
@example("c", "atmos", "is")
def test_letters_within_a_longer_word_say_nothing(before: str, token: str, behind: str) -> None:
    path = f"/m/Movie.2024.1080p.{before}{token}{behind}.mkv"
    assert (dynamic_range(None, file_path=path), audio_profile(None, file_path=path)) == ("SDR", None)


@given(st.sampled_from(["hdr", "hlg", "pq", "sdr", "atmos"]), _LETTERS)
@example("hdr", "ezka")
def test_the_beginning_of_a_longer_word_says_nothing(token: str, behind: str) -> None:
    path = f"/m/Movie.2024.1080p.{token}{behind}.mkv"
    assert (dynamic_range(None, file_path=path), audio_profile(None, file_path=path)) == ("SDR", None)


_LOOSE: st.SearchStrategy[Loose] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just("9" * 5000)
)


@given(st.dictionaries(st.sampled_from(sorted(AnyStream.__annotations__)), _LOOSE), st.text(max_size=60), _LOOSE)
def test_whatever_a_server_sends_gets_a_word_of_the_vocabulary(values: AnyStream, path: str, part: Loose) -> None:
    assert dynamic_range(values, file_path=path) in ("Dolby Vision", "HDR10+", "HDR10", "HLG", "HDR", "SDR")
    profile = audio_profile(values, part_audio_profile=part, file_path=path)
    assert profile in ("Dolby Atmos", "Dolby TrueHD", "DTS-HD MA", "DTS:X", None)
    facts = media_facts(
        {"width": part, "videoResolution": part}, {"file": path, "audioProfile": part, "Stream": [values]}
    )
    assert facts.resolution is None or facts.resolution == facts.resolution.lower()


@pytest.mark.parametrize(
    ("stream", "path", "formats", "dv_profile", "source"),
    [
        (
            {"DOVIPresent": True, "DOVIProfile": 8, "DOVIBLCompatID": 1, "colorTrc": "smpte2084"},
            None,
            ["Dolby Vision", "HDR10"],
            "8.1",
            "stream",
        ),
        (
            {"DOVIProfile": "8", "DOVIBLCompatID": "4", "colorTrc": "arib-std-b67"},
            None,
            ["Dolby Vision", "HLG"],
            "8.4",
            "stream",
        ),
        ({"DOVIProfile": 7, "DOVIBLCompatID": 6}, None, ["Dolby Vision", "HDR10"], "7", "stream"),
        ({"DOVIProfile": 10, "DOVIBLCompatID": 1}, None, ["Dolby Vision", "HDR10"], "10.1", "stream"),
        ({"DOVIProfile": 9, "DOVIBLCompatID": 2}, None, ["Dolby Vision"], "9.2", "stream"),
        ({"DOVIProfile": 8}, None, ["Dolby Vision"], "8", "stream"),
        ({"DOVIProfile": 5, "colorTrc": "smpte2084"}, "/m/A.2021.DV.HDR10.mkv", ["Dolby Vision"], "5", "stream"),
        ({"DOVIPresent": 1}, "/m/A.2021.DV.HDR10.mkv", ["Dolby Vision", "HDR10"], None, "stream"),
        (
            {"colorTrc": "smpte2084"},
            "/m/A.2021.DV.HDR10+.mkv",
            ["Dolby Vision", "HDR10+", "HDR10"],
            None,
            "filename",
        ),
        ({"displayTitle": "4K DoVi/HDR10 (HEVC Main 10)"}, None, ["Dolby Vision", "HDR10"], None, "title"),
        ({"displayTitle": "4K HDR10+ (HEVC Main 10)"}, None, ["HDR10+", "HDR10"], None, "title"),
        ({"HDR10PlusPresent": True}, None, ["HDR10+", "HDR10"], None, "stream"),
        ({"colorTrc": "smpte2084"}, None, ["HDR10"], None, "stream"),
        ({"colorTrc": "arib-std-b67"}, "/m/A.2021.HDR10+.mkv", ["HLG"], None, "stream"),
        ({"displayTitle": "4K (HEVC Main 10 HDR)"}, None, ["HDR"], None, "title"),
        ({"displayTitle": "4K (HEVC Main 10 HDR)"}, "/m/A.2021.HLG.mkv", ["HLG"], None, "filename"),
        ({"videoRangeType": "DOVIWithHDR10Plus"}, None, ["Dolby Vision", "HDR10+", "HDR10"], None, "stream"),
        ({"videoRangeType": "HDR10"}, None, ["HDR10"], None, "stream"),
        (None, "/m/A.2021.DV.HDR.mkv", ["Dolby Vision"], None, "filename"),
        (None, "/m/A.2021.SDR.mkv", [], None, "filename"),
        ({"bitDepth": 8}, "/m/A.2021.DV.mkv", [], None, "stream"),
        (None, "/m/A.2021.mkv", [], None, "default"),
    ],
)
def test_a_dynamic_range_comes_with_all_formats_and_its_source(
    stream: VideoStream | None, path: str | None, formats: list[str], dv_profile: str | None, source: str
) -> None:
    facts = picture_facts(stream, file_path=path)
    assert (list(facts.formats), facts.dv_profile, facts.source) == (formats, dv_profile, source)


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        ({"codec": "truehd"}, "Dolby TrueHD"),
        ({"codec": "eac3", "profile": "joc"}, "Dolby Atmos"),
        ({"codec": "eac3"}, "Dolby Digital Plus"),
        ({"codec": "ac3"}, "Dolby Digital"),
        ({"codec": "dca", "profile": "hra"}, "DTS-HD HRA"),
        ({"codec": "dca", "profile": "DTS-HD HRA"}, "DTS-HD HRA"),
        ({"codec": "dca", "profile": "es"}, "DTS-ES"),
        ({"codec": "dca", "profile": "96/24"}, "DTS 96/24"),
        ({"codec": "dca", "profile": "dts"}, "DTS"),
        ({"codec": "dca"}, "DTS"),
        ({"codec": "aac", "profile": "lc"}, "AAC"),
        ({"codec": "flac"}, "FLAC"),
        ({"codec": "pcm_s24le"}, "PCM"),
        ({"codec": "opus"}, "Opus"),
        ({"codec": "mp3"}, "MP3"),
        ({"codec": "wmav2"}, "WMAV2"),
        ({}, None),
    ],
)
def test_every_known_sound_has_a_name_for_people(track: AudioStream, expected: str | None) -> None:
    assert sound_facts([track]).format == expected


def _streams(*streams: AnyStream) -> list[AnyStream]:
    return [*streams]


def test_one_file_is_told_in_all_respects() -> None:
    streams = _streams(
        {
            "streamType": 1,
            "codec": "hevc",
            "bitDepth": 10,
            "width": 3840,
            "height": 1600,
            "colorTrc": "smpte2084",
            "DOVIPresent": True,
            "DOVIProfile": 8,
            "DOVIBLCompatID": 1,
            "displayTitle": "4K DoVi/HDR10 (HEVC Main 10)",
        },
        {"streamType": 2, "codec": "truehd", "default": True, "displayTitle": "English (TRUEHD 7.1 + Atmos)"},
        {"streamType": 2, "codec": "dca", "profile": "ma", "displayTitle": "Deutsch (DTS-HD MA 5.1)"},
        {"streamType": 3, "codec": "srt", "title": "DTS:X"},
    )
    facts = media_facts({"videoResolution": "4k"}, {"file": "/films/A.2021.DV.HEVC-GRP.mkv", "Stream": streams})
    assert facts.picture == picture_facts(streams[0])
    assert list(facts.picture.formats) == ["Dolby Vision", "HDR10"]
    assert (facts.picture.dv_profile, facts.resolution) == ("8.1", "4k")
    assert list(facts.sound.profiles) == ["Dolby Atmos", "DTS-HD MA"]


def test_what_a_transcoded_track_was_says_nothing_about_what_it_is() -> None:
    streams = _streams({"streamType": "2", "codec": "aac", "displayTitle": "English (DTS-HD MA 5.1)"})
    sound = media_facts({}, {"audioProfile": "ma", "Stream": streams}).sound
    assert (sound.profile, sound.format) == (None, "AAC")


def test_the_default_track_is_chosen_and_every_track_is_asked() -> None:
    streams = _streams(
        {"streamType": "2", "codec": "aac"},
        {"streamType": 2, "codec": "dca", "profile": "ma", "default": "1"},
        {"streamType": 2, "codec": "truehd"},
        {"streamType": 2, "codec": "dca", "profile": "ma"},
    )
    sound = media_facts({}, {"Stream": streams}).sound
    assert (sound.profile, sound.format, list(sound.profiles)) == (
        "DTS-HD MA",
        "DTS-HD MA",
        ["DTS-HD MA", "Dolby TrueHD"],
    )


def test_without_a_default_the_first_track_is_chosen() -> None:
    streams = _streams({"streamType": 2, "codec": "aac"}, {"streamType": 2, "codec": "truehd"})
    sound = media_facts({}, {"Stream": streams}).sound
    assert (sound.profile, sound.format, list(sound.profiles)) == (None, "AAC", ["Dolby TrueHD"])


def test_the_parts_profile_is_about_the_chosen_track_only() -> None:
    streams = _streams({"streamType": 2, "codec": "aac"}, {"streamType": 2, "codec": "dca"})
    assert media_facts({"audioProfile": "ma"}, {"Stream": streams}).sound.profiles == ()


def test_a_version_stands_in_for_streams_that_were_not_analysed() -> None:
    facts = media_facts({"videoCodec": "vp9", "audioCodec": "dca", "audioProfile": "ma"}, {"file": "/m/A.2021.DV.mkv"})
    assert facts.picture is not None
    assert (facts.picture.dynamic_range, facts.sound.profile) == ("SDR", "DTS-HD MA")


def test_music_has_no_dynamic_range() -> None:
    facts = media_facts({"audioCodec": "flac"}, {"file": "/m/HDR10 (2021).flac"}, music=True)
    assert (facts.picture, facts.sound.format, facts.resolution) == (None, "FLAC", None)


def test_an_item_without_media_is_ordinary() -> None:
    facts = media_facts(None, None)
    assert facts.picture is not None
    assert (facts.picture.dynamic_range, facts.picture.source, facts.sound.profile) == ("SDR", "default", None)


@pytest.mark.parametrize(
    ("width", "height", "reported", "expected"),
    [
        (3840, 1600, "4k", "4k"),
        (3000, None, None, "4k"),
        (2999, 2160, "4k", "1080"),
        (1920, 800, "1080", "1080"),
        ("1600", None, None, "1080"),
        (1599, None, None, "720"),
        (1000, 999, None, "720"),
        (999, None, None, "480"),
        (600, None, None, "480"),
        (599, 2160, None, "sd"),
        (None, 2000, None, "4k"),
        (0, 1999, None, "1080"),
        ("", "900", None, "1080"),
        (None, 899, None, "720"),
        (None, 600, None, "720"),
        (None, 300, None, "480"),
        (None, 299, None, "sd"),
        (None, None, "4K", "4k"),
        (None, None, 1080, "1080"),
        (None, None, "720p", "720"),
        (None, None, "sd", "sd"),
        (None, None, None, None),
    ],
)
def test_a_resolution_goes_by_width_then_height_then_the_servers_word(
    width: Loose, height: Loose, reported: Loose, expected: str | None
) -> None:
    assert resolution_label(width, height, reported) == expected


def test_the_size_of_the_stream_wins_over_that_of_its_version() -> None:
    streams = _streams({"streamType": 1, "width": 3840, "height": 1600})
    assert media_facts({"width": 1920, "videoResolution": "sd"}, {"Stream": streams}).resolution == "4k"
    assert media_facts({"width": 1920, "height": 800}, {"Stream": []}).resolution == "1080"
