"""The rule against transcoding, from the owner's wish to the end of a stream, over memory."""

from dataclasses import replace

import pytest

from earshelf.domain.errors import Invalid
from earshelf.domain.streams import Conversion, FrameSize, Stream, TrackDecision, Viewer
from tests.contract.suites.media import an_item
from tests.unit.auditorium import Auditorium, replaced
from tests.unit.viewing import HOME, stream

SOUND_ONLY = Conversion(TrackDecision.KEPT, TrackDecision.CONVERTED)
PICTURE = Conversion(TrackDecision.CONVERTED, TrackDecision.KEPT)


def converted(key: str, conversion: Conversion = PICTURE, **values: object) -> Stream:
    return replace(stream(key), conversion=conversion, **values)  # type: ignore[arg-type]  # fields of a stream


@pytest.fixture
async def house() -> Auditorium:
    return await Auditorium().furnished()


async def test_a_converted_stream_ends_after_the_delay_and_its_viewer_reads_why(house: Auditorium) -> None:
    house.play(converted("a"), stream("b"))
    await house.forbid_transcoding("any_transcoding", message="{title} is converted, {user}")
    await house.after(29)
    assert house.ended() == []
    await house.after(1)
    assert [(one.session_id, one.reason) for one in house.at(HOME).endings] == [
        ("a", "Harbour Lights is converted, tom")
    ]


async def test_only_the_picture_may_be_meant(house: Auditorium) -> None:
    house.play(converted("sound", SOUND_ONLY), converted("picture"))
    await house.forbid_transcoding("video_transcoding", delay=0)
    assert house.ended() == ["picture"]


async def test_going_back_to_the_original_quality_gives_the_whole_delay_again(house: Auditorium) -> None:
    house.play(converted("a"))
    await house.forbid_transcoding("any_transcoding")
    house.at(HOME).playing = replaced(house.at(HOME).playing, "a", conversion=None)
    await house.after(29)
    house.at(HOME).playing = replaced(house.at(HOME).playing, "a", conversion=PICTURE)
    await house.after(1)
    await house.restarted().after(29)
    assert house.ended() == []
    await house.after(1)
    assert house.ended() == ["a"]


async def test_4k_is_what_is_stored_not_what_is_sent(house: Auditorium) -> None:
    small = (FrameSize(1920, 800),)
    await house.media.items.put([an_item("uhd", resolution="4k"), an_item("hd", resolution="1080")])
    for key, item in house.media.items.rows.copy().items():
        house.media.items.rows[HOME, key[1]] = replace(item, server_id=HOME)
    house.play(
        converted("stored as 4K", item_id="uhd", source_sizes=small),
        converted("told as 4K", item_id="new", source_sizes=(FrameSize(3840, 1600),)),
        converted("stored as less", item_id="hd", source_sizes=small),
        converted("never synced", item_id="new", source_sizes=small),
        replace(stream("as it is"), item_id="uhd", source_sizes=(FrameSize(3840, 1600),)),
    )
    await house.forbid_transcoding("four_k_transcoding", delay=0)
    assert house.ended() == ["stored as 4K", "told as 4K"]


async def test_who_is_excluded_by_id_stays_so_under_another_name(house: Auditorium) -> None:
    house.play(converted("a", viewer=Viewer("tom", "31337")), converted("b", viewer=Viewer("eve", "5")))
    await house.forbid_transcoding("any_transcoding", excluded_users=["31337"])
    house.at(HOME).playing = replaced(house.at(HOME).playing, "a", viewer=Viewer("thomas", "31337"))
    await house.after(30)
    assert house.ended() == ["b"]


async def test_a_rule_without_a_criterion_cannot_be_switched_on(house: Auditorium) -> None:
    with pytest.raises(Invalid) as caught:
        await house.curbing.change_transcode_rule({"enabled": True})
    assert [*caught.value.fields] == ["criteria"]
    assert not (await house.curbing.transcode_rule()).enabled
    await house.curbing.change_transcode_rule({"enabled": True, "criteria": {"remote_transcoding": True}})
    with pytest.raises(Invalid):
        await house.curbing.change_transcode_rule({"criteria": {"remote_transcoding": False}})


async def test_what_a_change_does_not_name_stays(house: Auditorium) -> None:
    await house.forbid_transcoding("any_transcoding", message="No", delay=7, excluded_users=["ada"])
    await house.curbing.change_transcode_rule({"criteria": {"audio_transcoding": True}, "enabled": False})
    rule = await house.curbing.transcode_rule()
    assert (rule.message, rule.delay, rule.criteria.any_transcoding, rule.criteria.audio_transcoding) == (
        "No",
        7,
        True,
        True,
    )
    assert [one.name for one in rule.audience.excluded] == ["ada"]


async def test_switching_it_off_spares_whoever_has_time_left(house: Auditorium) -> None:
    house.play(converted("a"))
    await house.forbid_transcoding("any_transcoding")
    await house.curbing.change_transcode_rule({"enabled": False})
    await house.after(30)
    await house.forbid_transcoding("any_transcoding")
    await house.after(29)
    assert house.ended() == []
