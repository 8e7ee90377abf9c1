"""The figures beside the targets."""

from collections.abc import Mapping, Sequence

from benchmarks.processes import Cost
from benchmarks.reading import BARE_CASES, LIST, ONE, Figures

_TARGETS = {LIST: "≤ 1.8 ms, ≤ 5 × bare", ONE: "≤ 0.5 ms, ≤ 2 × bare", "status and author": "≤ 50 ms"}


def print_table(figures: Sequence[Figures], bare: Mapping[str, Cost]) -> None:
    """Prints server CPU per request, then what is said once per server."""
    print("Server CPU in milliseconds per request; a page has 100 books.\n")
    heads = [f"{one.database} {one.books:,}" for one in figures]
    print(_row("", *heads, "largest ÷ smallest", "target"))
    for name in figures[0].costs:
        cells = [f"{one.costs[name].cpu:.2f}" for one in figures]
        first = [one for one in figures if one.database == figures[0].database]
        growth = first[-1].costs[name].cpu / first[0].costs[name].cpu
        print(_row(name, *cells, f"{growth:.2f} ×", _TARGETS.get(name, "")))
    for name in BARE_CASES:
        cells = [f"{one.costs[name].cpu / bare[name].cpu:.1f} ×" for one in figures]
        print(_row(f"{name} ÷ bare ({bare[name].cpu:.2f} ms)", *cells, "", ""))
    print()
    print(_row("wall, list", *[f"{one.costs[LIST].wall:.2f} ms" for one in figures], "", ""))
    print(_row("resident after it all", *[f"{one.resident_mb:.0f} MB" for one in figures], "", "≤ 90 MB"))
    print(_row("ready after", *[f"{one.seconds_to_ready:.2f} s" for one in figures], "", "≤ 1 s with 100,000"))
    print(_row("loaded in bulk in", *[f"{one.seconds_to_load:.1f} s" for one in figures], "", ""))


def _row(name: str, *cells: str) -> str:
    return f"{name:<28}" + "".join(f"{cell:>20}" for cell in cells)
