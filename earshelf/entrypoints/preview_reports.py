"""What ``earshelf previews`` says: a line or an object per video, complaints, and a bar for who watches."""

import json
import sys
from contextlib import suppress
from typing import Any, Self

from earshelf.domain.previews import PreviewReport, TargetOutcome
from earshelf.entrypoints.output import say
from earshelf.entrypoints.progress import ProgressBar
from earshelf.entrypoints.video_arguments import on_one_line


def complain(text: str) -> None:
    """Prints one line on standard error, if anybody listens there."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"earshelf: {on_one_line(text)}\n")
            sys.stderr.flush()


class Telling:
    """Tells of ``videos`` videos as each ends."""

    def __init__(self, videos: int, *, as_json: bool) -> None:
        self._bar = ProgressBar(videos)
        self._as_json = as_json
        self._is_heard = True
        self._noted: set[str] = set()

    def advance(self, video: str, done: int, total: int) -> None:
        """Moves the bar on."""
        self._bar.advance(video, done / total)

    def tell(self, report: PreviewReport) -> None:
        """Tells what became of a video."""
        self._bar.finish(report.video)
        self._bar.clear()
        for problem in _problems(report):
            complain(problem)
        for note in report.notes:
            if note not in self._noted:
                self._noted.add(note)
                complain(f"note: {note}")
        if self._as_json:
            self._say(json.dumps(_spelled(report)))
        elif not report.has_failed:
            self._say(_sentence(report))
        self._bar.draw()

    def __enter__(self) -> Self:
        self._bar.draw()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.clear()

    def _say(self, line: str) -> None:
        if self._is_heard:
            try:
                say(line)
            except BrokenPipeError:
                # whoever listened has heard enough; the previews are wanted all the same
                self._is_heard = False


def _problems(report: PreviewReport) -> list[str]:
    if report.reason is not None:
        return [_about(report.video, report.reason)]
    failed = [row for row in report.targets if row.outcome is TargetOutcome.FAILED]
    return [_about(report.video, f"no previews for {row.target.format}: {row.reason}") for row in failed]


def _about(video: str, why: str) -> str:
    return why if video in why else f"'{video}': {why}"


def _sentence(report: PreviewReport) -> str:
    made = [row.target.format for row in report.targets if row.outcome is TargetOutcome.PUBLISHED]
    there = [row.target.format for row in report.targets if row.outcome is TargetOutcome.SKIPPED_OUTPUT_EXISTS]
    parts = [f"{verb} for {', '.join(formats)}" for verb, formats in (("made", made), ("still good", there)) if formats]
    pictures = "1 picture" if report.slots == 1 else f"{report.slots} pictures"
    return on_one_line(f"{report.video}: {pictures}, {'; '.join(parts)}")


def _spelled(report: PreviewReport) -> dict[str, Any]:
    targets = [
        {"format": row.target.format, "path": row.target.path, "outcome": row.outcome, "reason": row.reason}
        for row in report.targets
    ]
    return {
        "video": report.video,
        "failed": report.has_failed,
        "slots": report.slots,
        "provenance": report.provenance,
        "reason": report.reason,
        "notes": list(report.notes),
        "targets": targets,
    }
