"""What ``earshelf previews`` understands; the settings that hold where an option is not given are named with it."""

import argparse
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from earshelf.config.decoders import BUILT_IN, DECODERS
from earshelf.domain.preview_settings import ThumbnailSettings
from earshelf.domain.previews import (
    BEST_QUALITY,
    LEAST_INTERVAL,
    LEAST_WIDTH,
    MOST_INTERVAL,
    MOST_WIDTH,
    WORST_QUALITY,
    Accuracy,
    PreviewFormat,
    PreviewSettings,
    ToneCurve,
)

_MOST_WORKERS = 32
_NODES = {"nvidia": r"\d{1,3}", "intel": r"/dev/dri/\w+", "amd": r"/dev/dri/\w+"}


def describe(parser: argparse.ArgumentParser) -> None:
    """Adds what the command understands."""
    parser.add_argument("videos", metavar="VIDEO", nargs="+", type=_named, help="a video, or a folder of videos")
    parser.add_argument("--output", metavar="DIR", required=True, type=_named, help="where the results go")
    parser.add_argument(
        "--format",
        dest="formats",
        type=_formats,
        default=[PreviewFormat.PLEX],
        metavar=",".join(PreviewFormat),
        help="for which servers, with commas between them (default: plex)",
    )
    _describe_pictures(parser)
    parser.add_argument(
        "--workers", metavar="N", type=_whole(1, _MOST_WORKERS), default=_processors(), help="videos at a time"
    )
    parser.add_argument(
        "--decoder",
        metavar="NAME",
        type=_decoder,
        default=BUILT_IN,
        help=f"{', '.join(DECODERS)}; a GPU may be told by its number or render node, as nvidia:1 (%(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per video")
    parser.add_argument("--regenerate", action="store_true", help="make everything anew, whatever is there")
    parser.set_defaults(refuse=parser.error)


def _describe_pictures(parser: argparse.ArgumentParser) -> None:
    """Adds what settings decide too: such an option has no value of its own."""
    for name, metavar, least, most, what in (
        ("interval", "S", LEAST_INTERVAL, MOST_INTERVAL, "seconds from picture to picture (thumbnail_interval)"),
        ("width", "PX", LEAST_WIDTH, MOST_WIDTH, f"pixels of a picture's width ({PreviewSettings().width})"),
        ("quality", "Q", BEST_QUALITY, WORST_QUALITY, "1 is best, 10 smallest (thumbnail_quality)"),
    ):
        parser.add_argument(f"--{name}", metavar=metavar, type=_whole(least, most), help=what)
    parser.add_argument(
        "--accuracy",
        choices=[str(one) for one in Accuracy],
        help="fast takes a picture that is quick to have, less than half an interval away (thumbnail_accuracy)",
    )
    parser.add_argument(
        "--tonemap",
        choices=[str(one) for one in ToneCurve],
        help="how films with high dynamic range are made darker (tonemap_algorithm)",
    )


def settings_of(options: argparse.Namespace, owner: ThumbnailSettings) -> PreviewSettings:
    """Returns what the options say of every picture, and the owner's settings where an option is not given."""
    named = {one.name: getattr(options, one.name) for one in fields(PreviewSettings)}
    read: Mapping[str, Callable[[Any], Any]] = {"accuracy": Accuracy, "tonemap": ToneCurve}
    given = {name: read.get(name, int)(value) for name, value in named.items() if value is not None}
    return replace(owner.for_width(), **given)


def _named(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _formats(text: str) -> list[PreviewFormat]:
    words = list(dict.fromkeys(word.strip() for word in text.split(",")))
    known = {str(one): one for one in PreviewFormat}
    if unknown := [word for word in words if word not in known]:
        raise argparse.ArgumentTypeError(f"'{unknown[0]}' is none of {', '.join(known)}")
    return [known[word] for word in words]


def _decoder(text: str) -> str:
    name, colon, node = text.partition(":")
    if name not in DECODERS:
        raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(DECODERS)}")
    form = _NODES.get(name)
    if colon and (form is None or not re.fullmatch(form, node)):
        raise argparse.ArgumentTypeError(f"'{text}' names no GPU; write nvidia:1, intel:/dev/dri/renderD128 or amd:…")
    return text


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, not '{text}'")
        return int(text)

    return read


def _processors() -> int:
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
