"""``earshelf previews``: preview thumbnails without a server."""

import argparse
import asyncio
import io
import signal
import sys
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

from earshelf.config.previews import PreviewContainer
from earshelf.domain.errors import FilesUnavailable
from earshelf.domain.exclusions import Exclusions
from earshelf.domain.preview_files import target_of
from earshelf.domain.previews import PreviewFormat, PreviewSettings
from earshelf.domain.usecases.previewing import PreviewWish
from earshelf.entrypoints.output import require_output
from earshelf.entrypoints.preview_options import settings_of
from earshelf.entrypoints.preview_reports import Telling, complain
from earshelf.entrypoints.video_arguments import on_one_line, shared_stems, videos_meant

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(container: PreviewContainer, options: argparse.Namespace) -> int:
    """Makes the previews; returns 0 if all that was asked for is there."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # names of files come in every script, and terminals do not
        sys.stdout.reconfigure(errors="backslashreplace")
    require_output()
    settings = settings_of(options, container.owner().thumbnails)
    found = videos_meant(options.videos)
    videos = _admitted(found.videos, container.exclusions())
    for stem, sharers in shared_stems(videos).items():
        named = ", ".join(f"'{video}'" for video in sharers)
        options.refuse(on_one_line(f"{named} would all have results called '{stem}'; use one --output for each"))
    for problem in found.problems:
        complain(problem)
    output = str(Path(options.output).absolute())
    wishes = [_wish(video, output, options.formats, settings) for video in videos]
    telling = Telling(len(wishes), as_json=options.json)
    work = _make(container, output, wishes, settings, telling, regenerate=options.regenerate)
    return asyncio.run(_until_told_to_stop(work)) or int(bool(found.problems))


def _admitted(videos: Sequence[str], exclusions: Exclusions) -> list[str]:
    """Leaves out what a rule of the settings excludes, and says how much that was."""
    for rule in exclusions.skipped:
        complain(f"the exclude rule '{rule.value}' is no pattern that can be used, and excludes nothing")
    ruled = [(video, exclusions.matching(video)) for video in videos]
    counts = Counter(rule for _, rule in ruled if rule)
    for rule, count in counts.items():
        complain(f"left out by the exclude rule '{rule.value}': {count} {'video' if count == 1 else 'videos'}")
    return [video for video, rule in ruled if rule is None]


def _wish(video: str, output: str, formats: Sequence[PreviewFormat], settings: PreviewSettings) -> PreviewWish:
    targets = {one: target_of(video, output, one, settings) for one in PreviewFormat}
    siblings = [target for one, target in targets.items() if one not in formats]
    return PreviewWish(video, [targets[one] for one in formats], siblings)


async def _make(
    container: PreviewContainer,
    output: str,
    wishes: Sequence[PreviewWish],
    settings: PreviewSettings,
    telling: Telling,
    *,
    regenerate: bool,
) -> int:
    previewing = container.previewing()
    has_failed = False
    async with container.opened():
        await previewing.sweep(output)
        # trouble with the cache is told where it matters, and is never a failure
        with suppress(FilesUnavailable):
            await previewing.sweep(container.cache_folder())
        making = previewing.make_all(wishes, settings, regenerate=regenerate, progress=telling.advance)
        with telling:
            async with aclosing(making) as reports:
                async for report in reports:
                    has_failed = has_failed or report.has_failed
                    telling.tell(report)
    return int(has_failed)


async def _until_told_to_stop(work: Coroutine[Any, Any, int]) -> int:
    """Works until it is done or a signal ends it, which leaves nothing half made; a second signal ends it at once."""
    loop, making, told = asyncio.get_running_loop(), asyncio.ensure_future(work), []

    def stop(number: int) -> None:
        told.append(number)
        making.cancel()
        for one in heard:
            loop.remove_signal_handler(one)
            # what Python does with SIGINT may come between the loop and its threads, and leave these for ever
            signal.signal(one, signal.SIG_DFL)

    # nohup, and shells for what runs behind, have some ignored
    heard = [one for one in _ENDINGS if signal.getsignal(one) is not signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, stop, number)
    try:
        return await making
    except asyncio.CancelledError:
        if not told:
            raise
        complain("Stopped; what was complete by then is in place")
        return 128 + told[0]
