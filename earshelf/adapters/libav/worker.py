"""The process that decodes: takes one video after the other from its input, and gives thumbnails on its output.

A decoder that is fed damaged films may crash; that takes down this process and costs one film.
"""

import gc
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import BinaryIO

import av

from earshelf.adapters.libav import messages
from earshelf.adapters.libav.messages import Kind, Request
from earshelf.adapters.libav.opening import opened
from earshelf.adapters.libav.pictures import PictureMaker
from earshelf.adapters.libav.sampler import Sampler
from earshelf.domain.errors import VideoUnusable
from earshelf.domain.previews import Fit
from earshelf.ports.previews import Outline

ADDRESS_SPACE = 6 << 30
SIGN_OF_LIFE_SECONDS = 5.0
# collecting more than this costs milliseconds a picture, all of them spent on modules
YOUNG = 1

Jpegs = dict[Fit, bytes]


class Worker:
    """Serves requests until its input ends."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self._said = 0.0

    def serve(self) -> None:
        """Takes one request after the other."""
        while raw := self._source.read(messages.PREFIX.size):
            _, head, _ = messages.prefix(raw)
            self._answer(messages.read_request(json.loads(self._source.read(head))))

    def _answer(self, request: Request) -> None:
        try:
            self._sample(request)
        except VideoUnusable as problem:
            self._send(messages.packed(Kind.UNUSABLE, str(problem)))
        except MemoryError:
            self._send(messages.packed(Kind.UNUSABLE, f"'{request.video}' needs more memory than a worker may have"))
        else:
            self._send(messages.packed(Kind.END))
        gc.collect()

    def _sample(self, request: Request) -> None:
        with opened(request.video) as film, ThreadPoolExecutor(1) as painter:
            sampler = Sampler(film, request.settings, request.threads, self._show_life)
            maker = PictureMaker(film.stream, request.settings, request.fits)
            # one more picture takes up to 25 MB, which decoders of whole groups of pictures do not leave
            ahead = 1 if sampler.is_easy else 0
            for slot, jpegs in _painted(sampler.pictures(), maker, painter, ahead):
                if slot == 0:
                    self._send(messages.outline_message(Outline(sampler.slots, maker.sizes)))
                self._send(messages.thumbnail_message(slot, jpegs))

    def _show_life(self) -> None:
        if time.monotonic() - self._said > SIGN_OF_LIFE_SECONDS:
            self._send(messages.packed(Kind.ALIVE))

    def _send(self, message: bytes) -> None:
        self._sink.write(message)
        self._sink.flush()
        self._said = time.monotonic()


def _painted(
    pictures: Iterator[tuple[int, av.VideoFrame | None]], maker: PictureMaker, painter: Executor, ahead: int
) -> Iterator[tuple[int, Jpegs]]:
    """Paints every picture, while so many more are decoded."""
    due: list[tuple[int, Future[Jpegs]]] = []
    painting: Future[Jpegs] = Future()
    for slot, frame in pictures:
        if frame is not None:
            painting = painter.submit(maker.make, frame)
        # libav's frames and what belongs to them refer to each other; one of them may hold 25 MB
        del frame
        gc.collect(YOUNG)
        due.append((slot, painting))
        if len(due) > ahead:
            before, painted = due.pop(0)
            yield before, painted.result()
    yield from ((slot, painted.result()) for slot, painted in due)


def main() -> None:
    """Works for the process that started it, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    # what libraries print must not come between the messages
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    gc.freeze()
    try:
        Worker(sys.stdin.buffer, sink).serve()
        sink.close()
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
