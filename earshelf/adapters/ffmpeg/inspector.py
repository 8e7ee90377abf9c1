"""The process that looks at one video for the program: a question on its input, an answer on its output, both JSON."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import av
from av.sidedata.sidedata import Type

from earshelf.adapters.ffmpeg.film import Film, Light
from earshelf.adapters.ffmpeg.inspecting import plain
from earshelf.adapters.libav import opening
from earshelf.adapters.libav.colours_of_frames import FULL_RANGE, StreamTags, source_matrix, source_range
from earshelf.adapters.libav.dynamic_range import DynamicRange, dynamic_range
from earshelf.adapters.libav.index import read_index
from earshelf.adapters.libav.lengths import slots_of
from earshelf.adapters.libav.pictures import PictureMaker
from earshelf.adapters.libav.shapes import turn_of
from earshelf.adapters.libav.side_data import attached
from earshelf.adapters.libav.stream_facts import stream_facts
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Accuracy, Fit, PreviewSettings, ToneCurve
from earshelf.domain.sampling import ROUNDING, plan

_LIGHTS = {
    DynamicRange.PQ: Light.PQ,
    DynamicRange.HLG: Light.HLG,
    DynamicRange.DOLBY: Light.DOLBY_VISION_5,
}
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 7: "smpte240m", 9: "bt2020"}
_MOST_TRIED = 200


def main() -> None:
    """Answers one question."""
    question = json.load(sys.stdin)
    answer: dict[str, Any]
    try:
        answer = {"film": plain(_described(question))}
    except VideoUnusable as problem:
        answer = {"unusable": str(problem)}
    json.dump(answer, sys.stdout)


def _described(question: dict[str, Any]) -> Film:
    said = question["settings"]
    choices = {"accuracy": Accuracy(said["accuracy"]), "tonemap": ToneCurve(said["tonemap"])}
    settings = PreviewSettings(**(said | choices))
    with opening.opened(question["video"]) as film:
        return _film(film, settings, frozenset(Fit(fit) for fit in question["fits"]))


def _film(film: opening.Film, settings: PreviewSettings, fits: frozenset[Fit]) -> Film:
    index = read_index(film, lambda: None)
    slots = slots_of(film, index, settings.interval)
    late = film.frame / 2 if settings.accuracy is Accuracy.FAST else min(film.frame / 2, ROUNDING)
    # what the container says of the colours is gone once a frame was decoded
    sizes, facts, tags = (
        PictureMaker(film.stream, settings, fits).sizes,
        stream_facts(film.stream),
        StreamTags.of(film.stream),
    )
    frame = _first_picture(film)
    tags.fill(frame)
    return Film(
        slots,
        sizes,
        turn=turn_of(facts.matrix),
        light=_LIGHTS.get(dynamic_range(frame, facts), Light.ORDINARY),
        matrix=_MATRICES.get(source_matrix(frame), "bt709"),
        is_full_range=source_range(frame) == FULL_RANGE,
        is_interlaced=bool(frame.interlaced_frame),
        has_mastering=_says_brightness(frame),
        keyframes_suffice=_suffice(index.times, slots, settings, film.frame / 2, late),
        stream=film.stream.index,
        late=late,
    )


def _suffice(keyframes: Sequence[float], slots: int, settings: PreviewSettings, half_frame: float, late: float) -> bool:
    """Says whether the keyframe before every slot may stand for it: the program's filters know no later ones."""
    return all(
        aim.at_keyframe and keyframes[work.keyframe] <= aim.slot * settings.interval + late
        for work in plan(keyframes, slots, settings.interval, settings.accuracy, half_frame)
        for aim in work.aims
    )


def _first_picture(film: opening.Film) -> av.VideoFrame:
    """Returns the first picture that can be decoded: only pictures tell how they are turned and coded."""
    film.container.seek(film.stream.start_time or 0, stream=film.stream)
    for number, packet in enumerate(film.container.demux(film.stream)):
        try:
            frames = packet.decode() if number < _MOST_TRIED else []
        except av.error.InvalidDataError:
            continue
        if frames:
            return frames[0]
        if number >= _MOST_TRIED:
            break
    raise VideoUnusable(f"{film.name} holds no picture that could be decoded")


def _says_brightness(frame: av.VideoFrame) -> bool:
    return any(attached(frame, kind) for kind in (Type.MASTERING_DISPLAY_METADATA, Type.CONTENT_LIGHT_LEVEL))


if __name__ == "__main__":
    main()
