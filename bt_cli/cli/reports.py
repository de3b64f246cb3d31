"""What a run of import or convert came to: lines for people, one object for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from bt_cli.cli.findings import finding_dict, findings_lines
from bt_cli.cli.visible import visible
from bt_cli.errors import UsageError
from bt_cli.readers.forms import FORMS
from bt_cli.render.amounts import count, duration
from bt_cli.stores.base import Status

if TYPE_CHECKING:
    from bt_cli.pipeline.report import Counts, ImportReport, SourceReport


_TOLD = {
    "unparsed": "{} should be JSON and cannot be read (cut off?); kept in metadata.otel.",
    "nonstandard_id": "{} with ids that OpenTelemetry does not allow; kept as they are.",
    "truncated_by_source": "{} of which the program that wrote them had dropped something.",
    "coerced": "{} counted prompt tokens without the cached ones, which were added.",
}


def report_dict(report: ImportReport, schema: str, code: int, more: Mapping[str, object]) -> dict[str, object]:
    """The ``--json`` object; ``more`` has what the command knows (target, time unit)."""
    return {
        "schema": schema,
        "ok": code == 0,
        "exit_code": code,
        "input": {
            "records": report.records_in,
            "files": [_source_dict(one, report.told_apart) for one in report.sources],
        },
        "records": _by_status(report.records, report.told_apart),
        "traces": _by_status(report.traces, report.told_apart),
        "spans": _by_status(report.spans, report.told_apart),
        "problems": dict(report.problems),
        "findings": [finding_dict(one) for one in report.findings],
        "rejects": report.rejects or None,
        "orphans": report.orphans,
        "cycles": report.cycles,
        "relative_clocks": report.relative_clocks,
        "anonymous_repeats": report.anonymous_repeats,
        "stopped": report.stopped or None,
        "refused": report.refused,
        "format": formats(report) or None,
        "detected": [_form_dict(form, number) for form, number in _forms(report).items()],
        "dialects": dict(report.dialects),
        "no_home": [
            {"field": name, "count": number, "reason": reason}
            for name, reasons in sorted(report.losses.items())
            for reason, number in sorted(reasons.items())
        ],
        "skipped": dict(report.skipped),
        "elapsed_s": round(report.elapsed, 3),
        **more,
    }


def write_report(path: str, content: Mapping[str, object]) -> None:
    """Writes a report to a file. Raises UsageError where that can't be."""
    import orjson

    try:
        with open(path, "wb") as file:
            file.write(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    except OSError as error:
        hint = "name a file in a folder that is there"
        raise UsageError(f"--report {path} cannot be written: {error.strerror}", hint=hint, file=path) from error


def _forms(report: ImportReport) -> dict[str, int]:
    """How many records came as neither trees nor rows, by their form."""
    found: dict[str, int] = {}
    for source in report.sources:
        for form, number in source.forms.items():
            found[form] = found.get(form, 0) + number
    return found


def _form_dict(form: str, number: int) -> dict[str, object]:
    return {"form": form, "title": FORMS[form].title, "why": FORMS[form].why, "records": number}


def dialect_lines(report: ImportReport) -> Iterator[str]:
    """How OpenTelemetry's spans were understood, and what of them is kept apart; none where no new ones came."""
    if not (report.dialects or report.losses):
        return
    spoken = ", ".join(
        f"{name} {number:,}" for name, number in sorted(report.dialects.items(), key=lambda one: -one[1])
    )
    yield f"Dialects: {spoken or 'none'}."
    kept = sum(reasons.get("no_field", 0) for reasons in report.losses.values())
    if kept:
        told = count(kept, "attribute")
        yield f"{told} without a field of their own: kept in metadata.otel (--report FILE lists them)."


def formats(report: ImportReport) -> str:
    """What was found in the sources: trees, rows, both, other forms by their titles."""
    words = list(dict.fromkeys(word for one in report.sources for word in one.format.split(" and ") if word))
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def outcome(report: ImportReport) -> str:
    """``990 new, 2 changed, 3 rejected traces (8,415 spans) in 1.8 s``."""
    traces = f"{_words(report.traces, report.told_apart) or 'no'} trace{'' if report.traces.total == 1 else 's'}"
    return f"{traces} ({count(report.spans.accepted, 'span')}) in {duration(report.elapsed)}"


def source_line(report: ImportReport) -> str:
    """``Read 1,000 records (tree) from traces.jsonl.``"""
    found = formats(report)
    names = [visible(one.name) for one in report.sources]
    where = names[0] if len(names) == 1 else count(len(names), "file")
    return f"Read {count(report.records_in, 'record')}{f' ({found})' if found else ''} from {where}."


def problem_lines(report: ImportReport, kept: str, among: str = "input") -> Iterator[str]:
    """Everything that went wrong or looks odd, the findings first.

    ``kept`` is what became of the rest (stored); ``among`` is where the parents of spans were looked for.
    """
    yield from findings_lines(report.findings, report.problems)
    yield from (f"{visible(one.name)}: {one.failure}" for one in report.sources if one.failure)
    rejected = report.records.rejected
    if rejected and not report.refused:
        one = rejected == 1
        were = "The record was" if one else f"{rejected:,} records were"
        rejects = f" Rejects: {visible(report.rejects)}" if report.rejects else ""
        yield f"  {were} skipped. {report.records.accepted:,} of {count(report.records_in, 'record')} {kept}.{rejects}"
    if report.refused:
        yield "  --strict: nothing was written."
    if report.stopped == "max_errors":
        yield "Stopped: more records were rejected than --max-errors allows."
    yield from _oddities(report, among)
    if not report.records_in and not any(one.failure for one in report.sources):
        yield "No records: the input was empty."


def _oddities(report: ImportReport, among: str) -> Iterator[str]:
    for what, number in report.skipped.items():
        yield f"{count(number, 'request')} of {what}: passed over, as they hold no spans."
    for reason, told in _TOLD.items():
        if number := sum(reasons.get(reason, 0) for reasons in report.losses.values()):
            yield told.format(count(number, "attribute" if reason == "unparsed" else "span"))
    if report.orphans:
        yield f"{count(report.orphans, 'span')} with a parent that is not in the {among}; kept."
    if report.cycles:
        yield f"{count(report.cycles, 'span')} in or below a cycle of parents; kept."
    if report.relative_clocks:
        yield f"{count(report.relative_clocks, 'span')} with times outside 2000–2100: taken as durations only."
    if report.anonymous_repeats:
        yield (
            f"{count(report.anonymous_repeats, 'record')} without id or time were already stored; "
            "give them an id if they are new traces."
        )


def _words(counts: Counts, told_apart: bool) -> str:
    return ", ".join(f"{number:,} {status}" for status, number in _by_status(counts, told_apart).items() if number)


def _by_status(counts: Counts, told_apart: bool) -> dict[str, int]:
    """The counts by their names; of a store that can't tell, ``written`` is for the first three (rule 6.7)."""
    by_status = {status: getattr(counts, status) for status in get_args(Status)}
    if told_apart:
        return by_status
    return {"written": sum(by_status.pop(status) for status in ("new", "changed", "unchanged")), **by_status}


def _source_dict(source: SourceReport, told_apart: bool) -> dict[str, object]:
    return {
        "name": source.name,
        "format": source.format or None,
        "records": source.records,
        **_by_status(source.counts, told_apart),
        "failure": source.failure or None,
    }
