"""``bt import --score``: what was imported is scored then, in the same store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bt_cli.cli.score_flags import ScoreFlags
from bt_cli.cli.score_output import say_more, say_run, write_markdown_of
from bt_cli.cli.scoring import Ended, Scoring, scoring
from bt_cli.errors import UsageError
from bt_cli.pipeline.touched import Touched

if TYPE_CHECKING:
    from bt_cli.cli.session import Session
    from bt_cli.cli.signals import StopFlag
    from bt_cli.pipeline.options import ImportOptions
    from bt_cli.pipeline.report import ImportReport
    from bt_cli.stores.base import Store


class ImportScoring:
    """The scoring that follows an import, once that has been given ``touched`` to note its traces in."""

    def __init__(self, session: Session, flags: ScoreFlags, scoring: Scoring, touched: Touched) -> None:
        self.touched = touched
        self._session = session
        self._flags = flags
        self._scoring = scoring
        self._ended: Ended | None = None

    def run(self, store: Store, report: ImportReport, options: ImportOptions, stop: StopFlag) -> None:
        """Scores what an import has stored; nothing, where that was refused or cut short by a signal."""
        from bt_cli.pipeline.score import score_imported

        if report.refused or stop():
            return
        run, session = self._scoring, self._session
        with session.meter() as meter:
            came = score_imported(store, session.container, self.touched, run.plan, run.seen, run.shown(meter), stop)
        self._ended = run.finish(
            came,
            str(session.container),
            stop.exit_code,
            report.exit_code(options),
            unread=report.missing(options),
        )

    @property
    def exit_code(self) -> int:
        """What scoring came to; 0 where there was none."""
        return self._ended.code if self._ended else 0

    def tell(self) -> None:
        """Says what came of it, and writes Markdown where that is asked for."""
        console = self._session.console
        if self._ended is None:
            console.warn("Nothing was scored.")
            return
        say_run(console, self._ended.run)
        say_more(console, self._ended, "stored")
        write_markdown_of(console, self._ended.run, self._flags.markdown)

    def report_dict(self) -> dict[str, Any] | None:
        """The scoring as a part of the import's ``--json`` object."""
        from bt_cli.render.score_json import run_dict

        if self._ended is None:
            return None
        source = {"store": self._session.settings.store, "container": self._session.container.ref}
        return run_dict(self._ended.run, self._ended.code, source)


def checked_flags(session: Session, options: ImportOptions) -> ScoreFlags:
    """The options of scoring on the command line of an import. Raises UsageError for what does not go together."""
    flags = ScoreFlags(**session.scoring)
    flags.check()
    if options.input.follow:
        raise UsageError(
            "--follow never ends, and scoring follows the import",
            hint="import with --follow, and run bt score --window 1h from time to time",
        )
    if flags.markdown == "":
        raise UsageError("--markdown needs a file here", hint="--markdown FILE")
    flags.check_files(options.input.paths or ("-",), options.rejects, session.settings.path)
    return flags


@contextmanager
def import_scoring(session: Session, options: ImportOptions, stop: StopFlag) -> Iterator[ImportScoring | None]:
    """The scoring that is asked for, checked before anything is read; None for a dry run, which rehearses none."""
    flags = checked_flags(session, options)
    if options.dry_run:
        session.console.note("Dry run: scoring is not rehearsed.")
        yield None
        return
    with scoring(session, flags, stop) as run, Touched() as touched:
        yield ImportScoring(session, flags, run, touched)
