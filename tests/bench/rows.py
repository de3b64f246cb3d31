"""The rows of the table: what each one measures, and what it must reach."""

from __future__ import annotations

from functools import partial
from statistics import median

from bench import Bench, count_spans
from figures import MEMORY_LIMIT_MB, Figure, Row, alternate, ratio_of
from formats import format_rows
from looking import looking_rows
from measure import first_byte, run
from over_http import http_rows
from scoring import scoring_rows
from tracing import tracing_rows
from yardsticks import bare_loop, documented_script, typer_import

SCRIPT_TRACES = 2000
SCRIPT_RATIO = 25
SHORT_RUNS = 5
MEMORY_SPREAD = 1.1


def import_to_loop(bench: Bench, *, unknown_key: bool, at_most: float) -> Figure:
    """A first import, over a bare loop that decodes the same file."""
    file = bench.file(bench.traces, unknown_key=unknown_key)

    def load() -> float:
        with bench.new_store() as store:
            return bench.load(file, store).seconds

    return ratio_of(alternate(bench.runs, partial(bare_loop, file), load), at_most=at_most)


def import_to_script(bench: Bench) -> Figure:
    """Spans per second of an import and of the documented script, each over its whole process."""
    file = bench.file(SCRIPT_TRACES)
    spans = count_spans(file)

    def load() -> float:
        with bench.new_store() as store:
            return spans / bench.load(file, store).seconds

    rounds = alternate(bench.runs, lambda: spans / documented_script(file, spans), load)
    ratio = median(ours / theirs for theirs, ours in rounds)
    theirs, ours = (median(column) for column in zip(*rounds, strict=True))
    shown = f"{ratio:.1f} ({ours:,.0f} / {theirs:,.0f} spans/s)"
    return Figure(shown, ratio >= SCRIPT_RATIO, {"ratio": ratio, "rounds": rounds})


def second_to_first_import(bench: Bench) -> Figure:
    """The same file twice into one store."""
    file = bench.file(bench.traces)
    rounds = []
    for _ in range(bench.runs):
        with bench.new_store() as store:
            rounds.append((bench.load(file, store).seconds, bench.load(file, store).seconds))
    return ratio_of(rounds, at_most=0.3)


def convert_to_loop(bench: Bench) -> Figure:
    """The conversion alone, over a bare loop."""
    file = bench.file(bench.traces)
    rounds = alternate(bench.runs, partial(bare_loop, file), lambda: bench.convert(file).seconds)
    return ratio_of(rounds, at_most=4.0)


def export_to_loop(bench: Bench) -> Figure:
    """All rows of a store, over a bare loop that decodes the file they came from."""
    file, store = bench.file(bench.traces), bench.full_store
    rounds = alternate(bench.runs, partial(bare_loop, file), lambda: bench.export(store).seconds)
    return ratio_of(rounds, at_most=2.0)


def peak_memory(bench: Bench, *, small: float, large: float) -> Figure:
    """Import, convert and export, each with its child processes, at two sizes of the file."""
    low, high = (_peaks(bench, round(bench.traces * factor)) for factor in (small, large))
    pairs = {name: (low[name], high[name]) for name in low}
    shown = ", ".join(f"{name} {a:.0f} / {b:.0f}" for name, (a, b) in pairs.items())
    return Figure(f"{shown} MB", all(map(_steady, pairs.values())), {"mb": pairs})


def _peaks(bench: Bench, traces: int) -> dict[str, float]:
    file = bench.file(traces)
    with bench.new_store() as store:
        return {
            "import": bench.load(file, store, watch_memory=True).peak_mb,
            "convert": bench.convert(file, watch_memory=True).peak_mb,
            "export": bench.export(store, watch_memory=True).peak_mb,
        }


def _steady(pair: tuple[float, float]) -> bool:
    return max(pair) <= MEMORY_LIMIT_MB and max(pair) <= min(pair) * MEMORY_SPREAD


def start_up(bench: Bench) -> Figure:
    """One record into a store that does not exist yet."""
    file = bench.file(1)

    def load() -> float:
        with bench.new_store() as store:
            return bench.load(file, store).seconds

    typer_import(), load()  # the first run of each may still compile modules
    return ratio_of(alternate(bench.runs * SHORT_RUNS, typer_import, load), at_most=1.6)


def first_byte_of_export(bench: Bench) -> Figure:
    """How soon a full export begins, over an export of one row."""
    command = bench.export_command(bench.full_store)

    def one_row() -> float:
        return run([*command, "--limit", "1"]).seconds

    rounds = alternate(bench.runs * SHORT_RUNS, one_row, partial(first_byte, command))
    return ratio_of(rounds, at_most=1.5)


def memory_row(small: float, large: float) -> Row:
    """The row of peak memory at two multiples of the file."""
    what = f"peak memory, at {small:g}× and at {large:g}× the file"
    measured = partial(peak_memory, small=small, large=large)
    return Row("memory", what, "≤ 150 MB, equal within 10 %", measured)


def all_rows(*, memory_10x: bool) -> list[Row]:
    """The whole table; with ten times the file only where there is time for it."""
    known = partial(import_to_loop, unknown_key=False, at_most=5.0)
    unknown = partial(import_to_loop, unknown_key=True, at_most=7.0)
    loop = "`bt import` into SQLite / a bare loop of `orjson.loads` over the same file, wall"
    script = (
        "spans per second: `bt import` / Braintrust's documented script with the `braintrust` "
        "package against a null server on loopback, 2,000 traces"
    )
    again = "`bt import` of the same file again / the first import"
    one = "`bt import` of one record / `python -c 'import typer'`"
    first = "first byte of `bt export` / all of `bt export --limit 1`"
    return [
        Row("import", loop, "≤ 5.0", known),
        Row("unknown", "the same with an unknown key on every node", "≤ 7.0", unknown),
        Row("script", script, f"≥ {SCRIPT_RATIO}", import_to_script),
        Row("again", again, "≤ 0.3", second_to_first_import),
        Row("convert", "`bt convert` to `/dev/null` / that loop", "≤ 4.0", convert_to_loop),
        Row("export", "`bt export` rows to `/dev/null` / that loop", "≤ 2.0", export_to_loop),
        memory_row(1, 10) if memory_10x else memory_row(0.25, 1),
        Row("start", one, "≤ 1.6", start_up),
        Row("first-byte", first, "≤ 1.5", first_byte_of_export),
        *looking_rows(),
        *scoring_rows(memory_10x=memory_10x),
        *http_rows(),
        *format_rows(),
        *tracing_rows(),
    ]
