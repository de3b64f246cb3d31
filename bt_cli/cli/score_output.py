"""What a scoring run prints: its table as data, or as talk where stdout has other data; and what it says beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bt_cli.cli.drawing import print_table, report_look, talk_look
from bt_cli.cli.visible import visible
from bt_cli.render.amounts import count

if TYPE_CHECKING:
    from bt_cli.cli.console import Console
    from bt_cli.cli.scoring import Ended
    from bt_cli.spans.score_run import ScoreRun


def print_run(console: Console, ended: Ended, source: Mapping[str, object], markdown: bool = False) -> None:
    """Prints a run as data, in the form that is asked for or fits where it goes; in a pipe a line a scorer."""
    run = ended.run
    if console.json:
        from bt_cli.render.score_json import run_dict

        console.emit_json(run_dict(run, ended.code, source))
    elif markdown:
        console.emit_text(markdown_of(console, run))
        _say_verdict(console, run)
    elif console.out_is_terminal:
        from bt_cli.render.score_text import run_text

        console.emit_text(run_text(run, report_look(console)))
    else:
        from bt_cli.render.score_json import scorer_table

        print_table(console, *scorer_table(run, report_look(console).clean))
        _say_failures(console, run)
        _say_verdict(console, run)


def say_run(console: Console, run: ScoreRun) -> None:
    """Tells of a run on stderr; with ``--quiet`` only what is not as it should be."""
    if console.talks:
        from bt_cli.render.score_text import run_text

        console.note(run_text(run, talk_look(console)).rstrip("\n"))
        return
    _say_failures(console, run)
    _say_verdict(console, run)


def err_json(console: Console, ended: Ended, source: Mapping[str, object]) -> None:
    """With ``--json``, the run as the last line of stderr, where stdout has other data."""
    if console.json:
        from bt_cli.render.score_json import run_dict

        console.err_json(run_dict(ended.run, ended.code, source))


def say_more(console: Console, ended: Ended, kept: str) -> None:
    """What must be known beside the numbers; ``kept`` says what became of the traces (stored, written)."""
    run = ended.run
    for name, number in run.replaced.items():
        console.warn(
            f"{count(number, 'trace')} had a score {visible(name)} of their own; it was replaced. "
            f"Name yours with --score ALIAS={visible(name)}"
        )
    if run.refused:
        console.warn(f"{count(run.refused, 'trace')} could not be given scores: ids of theirs are in another trace.")
    if run.timeless:
        console.warn(f"{count(run.timeless, 'trace')} without a time left out: no filter by time matches.")
    if run.truncated:
        console.warn("Cut at --limit: there is more.")
    if not run.cases and not run.stopped:
        console.warn("No cases: nothing was scored.")
    if ended.stopped is not None:
        console.error(ended.stopped)
    elif run.stopped:
        rest = "run the same command again to go on" if kept == "stored" else "the rest was not read"
        console.warn(f"Interrupted. What was scored is {kept}; {rest}.")


def write_markdown_of(console: Console, run: ScoreRun, path: str | None) -> None:
    """Writes the run as Markdown where a file is named."""
    if path:
        from bt_cli.cli.score_files import write_markdown

        write_markdown(path, markdown_of(console, run), console)


def markdown_of(console: Console, run: ScoreRun) -> str:
    """The run as Markdown."""
    from bt_cli.render.score_markdown import run_markdown

    return run_markdown(run, report_look(console, markdown=True))


def _say_failures(console: Console, run: ScoreRun) -> None:
    """Why cases failed, which no table of numbers says."""
    for one in run.scorers:
        if one.errors:
            kind, number = next(iter(one.why_failed.items()))
            most = f"{visible(kind)} ({number:,})" if number < one.errors else visible(kind)
            console.warn(f"{visible(one.name)}: {count(one.errors, 'error')}: {most}")


def _say_verdict(console: Console, run: ScoreRun) -> None:
    from bt_cli.render.score_text import verdict_text

    text = verdict_text(run, talk_look(console)).rstrip("\n")
    if text and run.verdict.state == "passed":
        console.note(text)
    elif text:
        console.warn(text)
