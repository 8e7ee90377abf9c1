"""What is tried, in which order, and after which failure."""

from dataclasses import replace

import pytest

from earshelf.adapters.ffmpeg.arguments import Plan
from earshelf.adapters.ffmpeg.chains import Tones
from earshelf.adapters.ffmpeg.devices import CPU, Device
from earshelf.adapters.ffmpeg.faults import Fault
from earshelf.adapters.ffmpeg.film import Film
from earshelf.adapters.ffmpeg.plans import attempts, plain_note
from earshelf.adapters.ffmpeg.program import Abilities
from tests.unit.ffmpeg.films import AMD, APPLE, DOLBY, EVERYTHING, INTEL, NVIDIA, PQ, SMALL


def tried(film: Film, device: Device, abilities: Abilities = EVERYTHING) -> list[Plan]:
    return [attempt.plan for attempt in attempts(film, device, abilities)]


def test_a_processor_that_fails_has_nothing_to_fall_back_on() -> None:
    assert tried(SMALL, CPU) == [Plan(CPU)]


@pytest.mark.parametrize("device", [NVIDIA, INTEL, AMD, APPLE])
def test_the_processor_takes_over_from_every_gpu(device: Device) -> None:
    assert tried(SMALL, device) == [Plan(device), Plan(CPU)]


def test_a_gpu_is_not_blamed_for_a_damaged_film() -> None:
    _, second = attempts(SMALL, NVIDIA, EVERYTHING)
    assert Fault.HARDWARE in second.answers
    assert Fault.FILM not in second.answers


def test_a_pass_over_the_keyframes_is_followed_by_a_whole_one() -> None:
    keyed = replace(SMALL, keyframes_suffice=True)
    assert tried(keyed, NVIDIA) == [Plan(NVIDIA, keyframes_only=True), Plan(CPU, keyframes_only=True), Plan(CPU)]


@pytest.mark.parametrize(
    ("device", "first", "second"),
    [
        (NVIDIA, Plan(NVIDIA, Tones.LIBPLACEBO), Plan(NVIDIA)),
        (INTEL, Plan(INTEL, Tones.OPENCL), Plan(CPU, Tones.LIBPLACEBO)),
        (AMD, Plan(AMD, Tones.LIBPLACEBO), Plan(CPU, Tones.LIBPLACEBO)),
        (APPLE, Plan(APPLE), Plan(CPU)),
    ],
)
def test_dolby_vision_5_takes_the_best_way_of_the_device(device: Device, first: Plan, second: Plan) -> None:
    assert tried(DOLBY, device)[:2] == [first, second]


def test_without_vulkan_nothing_goes_through_libplacebo() -> None:
    bare = replace(EVERYTHING, accelerations=frozenset({"cuda"}))
    assert tried(DOLBY, NVIDIA, bare) == [Plan(NVIDIA), Plan(CPU)]


def test_a_program_without_zscale_shows_the_film_as_it_is_and_says_so() -> None:
    bare = replace(EVERYTHING, filters=frozenset({"tonemap"}))
    assert tried(PQ, CPU, bare) == [Plan(CPU)]
    assert "high dynamic range" in (plain_note(PQ, Plan(CPU)) or "")


def test_colours_that_can_not_be_folded_are_left_as_they_are() -> None:
    whole, plain = attempts(PQ, CPU, EVERYTHING)
    assert whole.plan == Plan(CPU, Tones.CURVE)
    assert (plain.plan, plain.answers) == (Plan(CPU), frozenset({Fault.TONES}))


def test_nothing_has_to_be_said_of_ordinary_films() -> None:
    assert plain_note(SMALL, Plan(CPU)) is None
    assert plain_note(PQ, Plan(CPU, Tones.CURVE)) is None
