"""The rows about other formats: OpenTelemetry's requests in and out."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench import BT, Bench, target
from figures import Figure, Row, alternate, ratio_of
from measure import run
from yardsticks import bare_loop

_SHARE = 4
"""One trace in so many of the other files': a request's spans are longer."""


def import_to_loop(bench: Bench) -> Figure:
    """A first import of requests, over a bare loop that decodes them."""
    file = bench.requests(bench.traces // _SHARE)

    def load() -> float:
        with bench.new_store() as store:
            return bench.load(file, store).seconds

    return ratio_of(alternate(bench.runs, partial(bare_loop, file), load), at_most=6.0)


def export_to_loop(bench: Bench) -> Figure:
    """The spans of these requests as requests, over the same loop."""
    file = bench.requests(bench.traces // _SHARE)
    with bench.new_store() as store:
        bench.load(file, store)
        command = [*BT, "export", *target(store), "--to", "otlp", "-q"]
        return ratio_of(alternate(bench.runs, partial(bare_loop, file), lambda: run(command).seconds), at_most=4.0)


def protobuf_to_json(bench: Bench) -> Figure:
    """The import of the same spans, written by `bt`, in either encoding."""
    file = bench.requests(bench.traces // _SHARE)
    written = {form: _written(file, form) for form in ("otlp", "otlp-proto")}

    def load(form: str) -> float:
        with bench.new_store() as store:
            return bench.load(written[form], store).seconds

    return ratio_of(alternate(bench.runs, partial(load, "otlp"), partial(load, "otlp-proto")), at_most=1.0)


def _written(file: Path, form: str) -> Path:
    path = file.with_suffix(f".{form}")
    if not path.exists():
        run([*BT, "convert", str(file), "--to", form, "-o", str(path), "-q", "--force"])
    return path


def format_rows() -> list[Row]:
    """The rows of this subject."""
    loop = "a bare loop of `orjson.loads` over the same file, wall"
    return [
        Row("otlp", f"`bt import` of OTLP JSON into SQLite / {loop}", "≤ 6", import_to_loop),
        Row("otlp-out", f"`bt export --to otlp` of these spans / {loop}", "≤ 4", export_to_loop),
        Row("otlp-proto", "`bt import` of OTLP protobuf / of the same as JSON", "≤ 1", protobuf_to_json),
    ]
