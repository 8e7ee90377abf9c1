"""Our sampler on an address, as a program: the worker's own code without the process around it.

Prints one JSON object with seconds and processor seconds, from the opening to the last picture.
"""

import argparse
import json
import time
from pathlib import Path

from earshelf.adapters.libav.opening import opened_address
from earshelf.adapters.libav.pictures import PictureMaker
from earshelf.adapters.libav.sampler import Sampler
from earshelf.domain.previews import Fit, PreviewSettings


def main() -> None:
    """Samples one video at an address."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.previews.direct")
    parser.add_argument("address")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--interval", type=int, default=5)
    options = parser.parse_args()
    options.out.mkdir(parents=True)
    begun, used = time.perf_counter(), time.process_time()
    _sample(options.address, PreviewSettings(interval=options.interval), options.out)
    print(json.dumps({"wall": time.perf_counter() - begun, "cpu": time.process_time() - used}))


def _sample(address: str, settings: PreviewSettings, folder: Path) -> None:
    with opened_address(address) as film:
        sampler = Sampler(film, settings, 1, lambda: None)
        maker = PictureMaker(film.stream, settings, frozenset({Fit.BOX}))
        picture = b""
        for slot, frame in sampler.pictures():
            picture = maker.make(frame)[Fit.BOX] if frame else picture
            (folder / f"{slot:06}.jpg").write_bytes(picture)


if __name__ == "__main__":
    main()
