"""The figures beside the targets."""

from collections.abc import Sequence

from benchmarks.reading import BARE_CASES, LIST, ONE, Figures

_TARGETS = {LIST: "≤ 1.8 ms, flat", ONE: "≤ 0.5 ms, flat", "status and author": "≤ 50 ms"}
_MULTIPLES = {LIST: "≤ 5 ×", ONE: "≤ 2 ×"}


def print_table(figures: Sequence[Figures]) -> None:
    """Prints server CPU per request, then what is said once per server."""
    print("Server CPU in milliseconds per request; a page has 100 books.\n")
    heads = [f"{one.database} {one.books:,}" for one in figures]
    print(_row("", *heads, "largest ÷ smallest", "target"))
    for name in figures[0].costs:
        print(
            _row(
                name, *[f"{one.costs[name].cpu:.2f}" for one in figures], _growth(figures, name), _TARGETS.get(name, "")
            )
        )
    for name in BARE_CASES:
        cells = [f"{one.multiples[name].times:.1f} × {one.multiples[name].bare:.2f}" for one in figures]
        print(_row(f"{name} ÷ bare", *cells, "", _MULTIPLES[name]))
    for name in BARE_CASES:
        print(_row(f"{name}, PostgreSQL ÷ SQLite", *_against_sqlite(figures, name), "", "≤ 1.5 ×"))
    print()
    print(_row("wall, list", *[f"{one.costs[LIST].wall:.2f} ms" for one in figures], "", ""))
    print(_row("resident after it all", *[f"{one.resident_mb:.0f} MB" for one in figures], "", "≤ 90 MB"))
    print(_row("ready after", *[f"{one.seconds_to_ready:.2f} s" for one in figures], "", "≤ 1 s with 100,000"))
    print(_row("loaded in bulk in", *[f"{one.seconds_to_load:.1f} s" for one in figures], "", ""))


def _growth(figures: Sequence[Figures], name: str) -> str:
    """The largest library's cost as a multiple of the smallest's, for every database."""
    databases = dict.fromkeys(one.database for one in figures)
    rows = [[one.costs[name].cpu for one in figures if one.database == database] for database in databases]
    return ", ".join(f"{row[-1] / row[0]:.2f} ×" for row in rows)


def _against_sqlite(figures: Sequence[Figures], name: str) -> list[str]:
    sqlite = {one.books: one.costs[name].cpu for one in figures if one.database == "sqlite"}
    return [
        f"{one.costs[name].cpu / sqlite[one.books]:.2f} ×" if one.database != "sqlite" and one.books in sqlite else ""
        for one in figures
    ]


def _row(name: str, *cells: str) -> str:
    return f"{name:<28}" + "".join(f"{cell:>20}" for cell in cells)
